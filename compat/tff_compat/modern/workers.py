"""TFF's own worker, a process since 0.33: that it starts and ends in whatever program it serves.

The runtimes of before ran in the program's own process, and did not mind its streams and signals.
"""

from __future__ import annotations

import functools
import io
import signal
import sys
import threading
from typing import Any

from tff_compat.modern.substitutes import Substitute

_STARTERS = (
    "core.backends.native.execution_contexts",
    "core.backends.test.cpp_execution_contexts",
    "core.impl.executor_stacks.executor_factory",
)
"""The modules that start a worker, in all releases."""


class _System(Substitute):
    """The module `sys` with those streams only that a process can write to.

    TFF hands them to the worker, which fails where the program or a test has put an `io.StringIO`
    in their place.
    """

    @property
    def stdout(self) -> Any:
        return _file(sys.stdout)

    @property
    def stderr(self) -> Any:
        return _file(sys.stderr)


def _file(stream: Any) -> Any:
    """The stream if it is a file, else None, with which a process inherits that of this one."""
    try:
        stream.fileno()
    except (AttributeError, io.UnsupportedOperation):
        return None
    return stream


def _ignore(number: int, frame: Any) -> None:
    """Ignores a signal, as `signal.SIG_IGN` does, which a started process would inherit."""


@functools.cache
def prepare() -> None:
    """Lets TFF start and end its workers.

    It ends them by SIGINT and waits until they have. A program that a shell script runs in the
    background ignores SIGINT, and so would its workers, and TFF would wait for ever.
    """
    _System(sys).put(_STARTERS)
    # No other thread may set what a signal does.
    in_main_thread = threading.current_thread() is threading.main_thread()
    if in_main_thread and signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, _ignore)
