"""The commands of `tff-compat`, one module each; none imports TensorFlow or is slow to import."""

from __future__ import annotations

from tff_compat.commands.errors import CommandError

__all__ = ["CommandError"]
