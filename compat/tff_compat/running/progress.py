"""Shows on a terminal which cell of a notebook runs, and how long each took."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Iterator

from tff_compat.running import console

_SECOND = 1.0
_CLEARED = "\r\x1b[K"


class Progress:
    """A last line on the terminal that says where a notebook is; elsewhere nothing."""

    def __init__(self, cells: int) -> None:
        self._cells = cells
        self._shown = False
        self._lock = threading.Lock()
        self._active = sys.stderr.isatty() and not console.is_quiet()

    @contextlib.contextmanager
    def cell(self, number: int) -> Iterator[None]:
        """Counts the seconds of a cell while it runs, and tells them when it has ended."""
        if not self._active:
            yield
            return
        start = time.monotonic()
        ended = threading.Event()

        def count() -> None:
            while True:
                self._show(f"cell {number} of {self._cells}, {time.monotonic() - start:.0f} s")
                if ended.wait(_SECOND):
                    return

        # The loop that runs the cells may be busy with what they print.
        thread = threading.Thread(target=count, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
            self.clear()
            console.notice(f"cell {number} of {self._cells}: {time.monotonic() - start:.1f} s")

    def clear(self) -> None:
        """Takes the line away, before something else is written."""
        with self._lock:
            if self._shown:
                sys.stderr.write(_CLEARED)
                sys.stderr.flush()
                self._shown = False

    def _show(self, text: str) -> None:
        with self._lock:
            sys.stderr.write(f"{_CLEARED}tff-compat: {text}")
            sys.stderr.flush()
            self._shown = True
