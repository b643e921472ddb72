"""The rest of the cell in which `%tff_as_of` stands, where cells run elsewhere from there on."""

from __future__ import annotations

import re
from typing import Any

_MAGIC = re.compile(r"^%?tff_as_of\b.*\n?", re.MULTILINE)


class _Moved(Exception):
    """Ends a cell here: what was left of it has run in the inner kernel."""


def of(code: str) -> str:
    """What follows the magic in a cell, at the lines where it stands; "" where it is nested."""
    found = _MAGIC.search(code)
    if found is None or not code[found.end() :].strip():
        return ""
    # What has run keeps its place as comments: IPython takes empty lines at the top away.
    before = code[: found.end()].splitlines(True)
    return "".join(f"# {line}" for line in before) + code[found.end() :]


def end_cell(shell: Any, reply: dict[str, Any]) -> None:
    """Ends the cell that a shell is running, as its rest has ended in the inner kernel.

    Args:
      shell: The shell of the outer kernel.
      reply: The content of the inner kernel's reply, which has shown the error if there was one.
    """
    failed = reply["status"] != "ok"
    moved = type(reply.get("ename", "Moved"), (_Moved,), {})(reply.get("evalue", ""))
    before = shell.custom_exceptions, shell.CustomTB

    def after(result: Any) -> None:
        shell.events.unregister("post_run_cell", after)
        shell.custom_exceptions, shell.CustomTB = before
        if not failed and result.error_in_exec is moved:
            result.error_in_exec = None

    # IPython has no other way to leave a cell in silence than an exception that shows nothing.
    shell.set_custom_exc((_Moved,), lambda *args, **kwargs: None)
    shell.events.register("post_run_cell", after)
    raise moved
