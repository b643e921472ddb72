"""The error that a command ends with when it cannot do what was asked."""

from __future__ import annotations


class CommandError(Exception):
    """The command cannot be carried out; the text says why and what to do."""
