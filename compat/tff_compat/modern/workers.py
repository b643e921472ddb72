"""TFF's own worker, a process since 0.33: that it starts and ends in whatever program it serves.

The runtimes of before ran in the program's own process: they did not mind its streams and signals,
could not fail to start, and ended with it.
"""

from __future__ import annotations

import atexit
import functools
import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any

from tff_compat import installation, lasting_thread, worker
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


class _Subprocess(Substitute):
    """The module `subprocess`, whose `Popen` starts a worker."""

    @property
    def Popen(self) -> type[subprocess.Popen[bytes]]:  # noqa: N802 - its name there
        return _Worker


class _Time(Substitute):
    """The module `time`, whose `sleep` waits for a worker, but not for one that has ended.

    TFF waits until the worker answers, and does not look whether it can.
    """

    def sleep(self, seconds: float) -> None:
        """Waits.

        Raises:
          WorkerError: The worker that this thread started last has ended by itself.
        """
        started: _Worker | None = getattr(_last, "started", None)
        if started is not None and started.has_ended():
            raise worker.WorkerError(started.what_it_said())
        time.sleep(seconds)


_last = threading.local()
"""What each thread has started last."""


class _Worker(subprocess.Popen):  # type: ignore[type-arg]
    """A worker, which ends with this process.

    Raises:
      TypeError, ValueError: A flag has a value that the worker does not take.
      OSError: It cannot be started.
    """

    def __init__(self, args: Sequence[str], **options: Any):
        self._words = [_checked(each) for each in args]
        words = worker.ended_with_this_process(self._words)
        lasting_thread.call(functools.partial(super().__init__, words, **options))
        _last.started = self

    def has_ended(self) -> bool:
        """Whether it has ended. It can still be waited for, and sent signals, as TFF does both."""
        if not hasattr(os, "waitid"):
            return self.poll() is not None
        options = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return self.returncode is not None or os.waitid(os.P_PID, self.pid, options) is not None

    def what_it_said(self) -> str:
        """Why it ended: it is started again, and this time its output is read."""
        try:
            done = subprocess.run(
                self._words,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                timeout=_SECONDS_TO_FAIL_AGAIN,
                errors="replace",
                text=True,
            )
            said = f" with exit code {done.returncode}. It said:\n{done.stdout.strip()}"
        except subprocess.TimeoutExpired:
            said = "; started again, it did not."
        return (
            "The worker of TensorFlow Federated ended before it was ready"
            f"{said}\nIt was started by: {' '.join(self._words)}"
        )


_SECONDS_TO_FAIL_AGAIN = 10.0


def _checked(word: str) -> str:
    """A flag as the worker takes it: its flags of numbers are whole ones.

    Python programs also give numbers such as 24.0, which come from a division.

    Raises:
      TypeError: The value is no number.
      ValueError: It is no whole one.
    """
    name, _, value = word.partition("=")
    if name not in _NUMBERS:
        return word
    try:
        number = float(value)
    except ValueError:
        raise TypeError(f"`{name[2:]}` is a number, found {value}.") from None
    if not number.is_integer():
        raise ValueError(f"`{name[2:]}` is a whole number, found {value}.")
    return f"{name}={int(number)}"


_NUMBERS = ("--port", "--max_concurrent_computation_calls")


def _ignore(number: int, frame: Any) -> None:
    """Ignores a signal, as `signal.SIG_IGN` does, which a started process would inherit."""


def prepare() -> None:
    """Lets TFF start and end its workers.

    It ends them by SIGINT and waits until they have. A program that a shell script runs in the
    background ignores SIGINT, and so would its workers, and TFF would wait for ever.
    """
    _System(sys).put(_STARTERS)
    _Subprocess(subprocess).put(_STARTERS)
    _Time(time).put(_STARTERS)
    # No other thread may set what a signal does.
    in_main_thread = threading.current_thread() is threading.main_thread()
    if in_main_thread and signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, _ignore)
    _let_go_at_exit()


@functools.cache
def _let_go_at_exit() -> None:
    atexit.register(_let_go)


def _let_go() -> None:
    """Ends TFF's own runtime with the program, while the modules that it needs for that are there.

    What keeps it alive longer, such as the traceback of an error that somebody holds, makes it end
    among modules that are emptied already, and Python tell that of a worker's `Popen`.
    """
    place = f"{installation.ROOT}.python.core.impl.context_stack"
    stacks = sys.modules.get(f"{place}.context_stack_impl")
    errors = sys.modules.get(f"{place}.runtime_error_context")
    if stacks is not None and errors is not None:
        stacks.context_stack.set_default_context(errors.create_runtime_error_context())


def restore() -> None:
    """Lets the program ignore SIGINT again, where it did."""
    if threading.current_thread() is threading.main_thread():
        if signal.getsignal(signal.SIGINT) is _ignore:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
