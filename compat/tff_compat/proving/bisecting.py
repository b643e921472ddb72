"""Finds the edits that change what a program gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

_T = TypeVar("_T")


def culprits(
    edits: Sequence[_T], holds_without: Callable[[Sequence[_T]], bool], most: int
) -> list[_T] | None:
    """The edits that have to be taken back, found by halving.

    Where it does not hold without all edits, as where the program cannot run without some of them,
    each half is tried, then each quarter, until one is found without which it holds.

    Args:
      edits: The edits that can be taken back; the result does not hold with all of them.
      holds_without: Says whether it holds without some of them. Each call is a run of the program.
      most: How often it may be called.

    Returns:
      Edits without which it holds, as few as halving finds; None where it never held.
    """
    left = most

    def holds(part: Sequence[_T]) -> bool:
        nonlocal left
        left -= 1
        return holds_without(part)

    pending = [list(edits)] if edits else []
    while pending and left > 0:
        part = pending.pop(0)
        if holds(part):
            break
        if len(part) > 1:
            middle = len(part) // 2
            pending += [part[:middle], part[middle:]]
    else:
        return None
    size = len(part)
    while size > 1:
        size = (size + 1) // 2
        start = 0
        while start < len(part) and left > 0:
            rest = part[:start] + part[start + size :]
            if rest and holds(rest):
                part = rest
            else:
                start += size
    return part
