"""Finds the edits that change what a program gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

_T = TypeVar("_T")


def culprits(edits: Sequence[_T], holds_without: Callable[[Sequence[_T]], bool]) -> list[_T] | None:
    """The edits that have to be taken back, found by halving.

    Args:
      edits: All edits; the result does not hold with all of them.
      holds_without: Says whether it holds without some of them.

    Returns:
      Edits without which it holds, as few as halving finds; None where no part of them is enough.
    """
    remaining = list(edits)
    if not remaining or not holds_without(remaining):
        return _by_one(edits, holds_without)
    while len(remaining) > 1:
        middle = len(remaining) // 2
        halves = remaining[:middle], remaining[middle:]
        smaller = next((half for half in halves if holds_without(half)), None)
        if smaller is None:
            return remaining
        remaining = smaller
    return remaining


def _by_one(edits: Sequence[_T], holds_without: Callable[[Sequence[_T]], bool]) -> list[_T] | None:
    """Where the program does not run without all of them, each part is tried alone."""
    pending = [list(edits)]
    while pending:
        part = pending.pop(0)
        if len(part) < len(edits) and holds_without(part):
            return culprits(part, holds_without) if len(part) > 1 else part
        if len(part) > 1:
            middle = len(part) // 2
            pending += [part[:middle], part[middle:]]
    return None
