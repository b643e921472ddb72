"""Writes stubs of a release's public API, in which what is legacy says what to write instead."""

from __future__ import annotations

from tff_compat.stubs.package import FOLDER, package

__all__ = ["FOLDER", "package"]
