"""What a run tells its user, on standard error: the program's output stays its own."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator


def say(text: str) -> None:
    """Writes one message."""
    print(f"tff-compat: {text}", file=sys.stderr, flush=True)


@contextlib.contextmanager
def working(title: str) -> Iterator[Callable[[str], None]]:
    """Shows that something takes long, from its first line of progress on; gives their sink."""
    import rich.console
    import rich.text

    console = rich.console.Console(stderr=True)
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
