"""`%tff_local`, the mark of a cell that is to run in the kernel that Jupyter started."""

from __future__ import annotations

import re

_MARK = re.compile(r"(\s*)%%?tff_local\b[ \t]*")


def runs_here(code: str) -> bool:
    """Whether a cell begins with the mark."""
    return _MARK.match(code) is not None


def without_mark(lines: list[str]) -> list[str]:
    """The lines of a cell without the mark; as many as before, so that their numbers stay."""
    code = "".join(lines)
    return _MARK.sub(r"\1", code, count=1).splitlines(True) if runs_here(code) else lines
