"""Starts a program as a process of its own, and ends what it leaves behind.

The runtime of TensorFlow Federated is a child process that stays when Python exits, and keeps the
program's output open: without care, `program | cat` never ends.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_PR_GET_CHILD_SUBREAPER = 37
_LINUX = sys.platform == "linux"

_FORWARDED = tuple(
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")
    if hasattr(signal, name)
)

GRACE = 10.0
"""Seconds that a program has to end after SIGTERM or SIGHUP, before it is killed."""

_GRACE_FOR_CHILDREN = 1.0


def run(command: Sequence[str], environment: Mapping[str, str], stdin: Path | None = None) -> int:
    """Runs a command to its end, and ends the processes that it leaves behind.

    The command has our standard input, output and error; interrupts that we get are sent to it.

    Args:
      command: The program and its arguments.
      environment: All of its environment variables.
      stdin: A file in the place of our standard input.

    Returns:
      Its exit status; 128 + n where signal n ended it.

    Raises:
      OSError: The program cannot be started.
    """
    with ended_descendants() as sessions, contextlib.ExitStack() as files:
        # A session of its own: its processes can be told from ours, and Ctrl-C reaches it once.
        process = subprocess.Popen(
            command,
            stdin=None if stdin is None else files.enter_context(stdin.open("rb")),
            env=dict(environment),
            start_new_session=True,
        )
        sessions.append(process.pid)
        with forwarded_signals(lambda number: signal_session(process.pid, number)):
            _wait(process)
    status = process.wait()
    return 128 - status if status < 0 else status


def signal_session(leader: int, number: int) -> None:
    """Sends a signal to the processes of a session; harmless when there are none left."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)


def _wait(process: subprocess.Popen[bytes]) -> None:
    """Waits for the end of a process, where possible without freeing its number."""
    if hasattr(os, "waitid"):
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    else:
        process.wait()


@contextlib.contextmanager
def forwarded_signals(send: Callable[[int], None]) -> Iterator[list[int]]:
    """Hands signals that end a program on to `send`; gives the list of those received.

    After SIGTERM or SIGHUP a program that is still there is killed when `GRACE` has passed.
    """
    received: list[int] = []
    timers: list[threading.Timer] = []

    def handle(number: int, frame: object) -> None:
        received.append(number)
        send(number)
        if number not in (signal.SIGINT, signal.SIGQUIT) and not timers:
            timer = threading.Timer(GRACE, send, (signal.SIGKILL,))
            timer.daemon = True
            timers.append(timer)
            timer.start()

    before = {}
    for number in _FORWARDED:
        # What we were told to ignore (nohup), the program ignores as well.
        if signal.getsignal(number) is not signal.SIG_IGN:
            before[number] = signal.signal(number, handle)
    try:
        yield received
    finally:
        for timer in timers:
            timer.cancel()
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def ended_descendants() -> Iterator[list[int]]:
    """A block whose end ends all processes started in it; yields the list for session leaders.

    On Linux this reaches every descendant, also one that left its session; elsewhere the processes
    of the sessions named.
    """
    sessions: list[int] = []
    ours = {pid for pid, (parent, _) in _processes().items() if parent == os.getpid()}
    with _adopting_orphans():
        try:
            yield sessions
        finally:
            with _undisturbed():
                _end(sessions, ours)


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Ignores Ctrl-C, where that can be done: pressed again, it must not leave anything behind."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _end(sessions: Sequence[int], ours: set[int]) -> None:
    if not _LINUX:
        for leader in sessions:
            signal_session(leader, signal.SIGKILL)
        return
    start = time.monotonic()
    while left := _descendants(sessions, ours):
        elapsed = time.monotonic() - start
        if elapsed > GRACE:
            numbers = ", ".join(str(pid) for pid in sorted(left))
            print(f"tff-compat: could not end the processes {numbers}", file=sys.stderr)
            return
        for pid in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                gentle = elapsed < _GRACE_FOR_CHILDREN
                os.kill(pid, signal.SIGTERM if gentle else signal.SIGKILL)
        time.sleep(0.02)


def _descendants(sessions: Sequence[int], ours: set[int]) -> set[int]:
    """The living processes under us, but for `ours` and what is under them."""
    table = _processes()
    found = {pid for pid, (_, session) in table.items() if session in sessions}
    new = {pid for pid, (parent, _) in table.items() if parent == os.getpid() and pid not in ours}
    while new:
        found |= new
        new = {pid for pid, (parent, _) in table.items() if parent in new} - found
    for pid in found - set(sessions):
        # An orphan that we adopted stays as a zombie until it is waited for.
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
    return {pid for pid in found if pid in table and _alive(pid)}


def end_children_at_exit(name: str) -> None:
    """Ends, when this process ends, its children of that name; on Linux only.

    The name is that of the executable, of which Linux keeps the first 15 characters.
    """

    def end() -> None:
        for pid, (parent, _) in _processes().items():
            if parent == own and os.getpid() == own and _name(pid) == name[:15]:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)

    # A fork inherits what is to be done at exit, and not the children.
    own = os.getpid()
    atexit.register(end)


def end_marked(variable: str, value: str) -> None:
    """Ends the processes that were started with an environment variable; on Linux only."""
    marked = f"{variable}={value}".encode()
    for pid in _processes():
        # Those of other users cannot be read, and are not ours.
        with contextlib.suppress(OSError):
            if marked in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
                os.kill(pid, signal.SIGKILL)


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text("utf-8", "replace").strip()
    except OSError:
        return ""


def _processes() -> dict[int, tuple[int, int]]:
    """Parent and session of each process that is not a zombie; empty where there is no /proc."""
    table = {}
    if _LINUX:
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                fields = _stat(int(folder.name))
                if fields is not None:
                    table[int(folder.name)] = (int(fields[1]), int(fields[3]))
    return table


def _alive(pid: int) -> bool:
    return _stat(pid) is not None


def _stat(pid: int) -> list[str] | None:
    """State, parent, group, session … of a process; None where it is gone or a zombie."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return None
    # The name, in parentheses, may hold blanks and parentheses itself.
    fields = text.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else fields


def ending_with_parent() -> Callable[[], None] | None:
    """For `preexec_fn`: the process is killed when this one ends, however; on Linux only."""
    if not _LINUX:
        return None
    # Before the fork: in the child only what needs no lock is safe.
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def end_with_parent() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return end_with_parent


@contextlib.contextmanager
def _adopting_orphans() -> Iterator[None]:
    """Makes us the parent of descendants whose own parent ends, so that we can find them."""
    if not _LINUX:
        yield
        return
    libc = ctypes.CDLL(None, use_errno=True)
    before = ctypes.c_int()
    libc.prctl(_PR_GET_CHILD_SUBREAPER, ctypes.byref(before), 0, 0, 0)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        libc.prctl(_PR_SET_CHILD_SUBREAPER, before.value, 0, 0, 0)
