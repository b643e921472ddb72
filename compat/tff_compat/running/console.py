"""What a run tells its user, on standard error: the program's output stays its own."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Callable, Iterator
from typing import TextIO

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")

_quiet = False


def be_quiet() -> None:
    """From here on only problems are told, no notices and no progress."""
    global _quiet
    _quiet = True


def is_quiet() -> bool:
    """Whether only problems are told."""
    return _quiet


def say(text: str) -> None:
    """Writes one message: a problem, or what was asked for."""
    print(f"tff-compat: {text}", file=sys.stderr, flush=True)


def notice(text: str) -> None:
    """Writes one message, unless the user wants to have it quiet."""
    if not _quiet:
        say(text)


def write_coloured(text: str, stream: TextIO) -> None:
    """Writes text that may have colour codes in it; without them where no terminal shows them."""
    if not stream.isatty() or "NO_COLOR" in os.environ:
        text = _COLOURS.sub("", text)
    stream.write(text)
    stream.flush()


@contextlib.contextmanager
def working(title: str) -> Iterator[Callable[[str], None]]:
    """Shows that something takes long, from its first line of progress on; gives their sink."""
    if _quiet:
        yield lambda line: None
        return
    import rich.console
    import rich.text

    # In a notebook too these are lines of text: each display of rich's would be an output of its,
    # and a kernel asks for colours in its environment, which rich takes for a terminal.
    console = rich.console.Console(
        stderr=True, force_jupyter=False, force_terminal=sys.stderr.isatty()
    )
    status = console.status(title)
    started = False

    def progress(line: str) -> None:
        nonlocal started
        if not started:
            status.start()
            started = True
        console.print(rich.text.Text(line, style="dim"))

    try:
        yield progress
    finally:
        status.stop()
