"""TFF's own worker, a program in its package: where it is and how it runs. Imports no TFF."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tff_compat import installation
from tff_compat.catalog import PRIMARY

_PLACE = Path("data") / "worker_binary"

# Ends the worker with the process that started it, also where that one is killed. TFF ends it by
# the signal that programs in the background of a shell script ignore.
_START = """
import ctypes, os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
SET_PARENT_DEATH_SIGNAL, TERMINATE = 1, 15
ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, TERMINATE)
if os.getppid() == int(sys.argv[1]):
    os.execv(sys.argv[2], sys.argv[2:])
"""

_FIND = (
    "import importlib.util; "
    f"print(importlib.util.find_spec({installation.ROOT!r}).submodule_search_locations[0])"
)


class WorkerError(RuntimeError):
    """The worker cannot be started, or ended by itself; the text says why."""


def binary(python: str | None = None) -> Path:
    """The worker's program in the TFF of an interpreter, by default of this one.

    Raises:
      WorkerError: Its TFF comes without one.
    """
    if python is None or python == sys.executable:
        spec = importlib.util.find_spec(installation.ROOT)
        folders = list(spec.submodule_search_locations or ()) if spec is not None else []
    else:
        found = subprocess.run([python, "-c", _FIND], stdout=subprocess.PIPE, check=True, text=True)
        folders = [found.stdout.strip()]
    for folder in folders:
        if (Path(folder) / _PLACE).is_file():
            return Path(folder) / _PLACE
    raise WorkerError(
        f"The TensorFlow Federated of {python or sys.executable} comes without a worker "
        f"({_PLACE}); that of {PRIMARY} has one."
    )


def command(program: Path, port: int, *, max_concurrent_computation_calls: int = -1) -> list[str]:
    """The command line of a worker, which listens on every network interface."""
    return [
        os.fspath(program),
        f"--port={port}",
        f"--max_concurrent_computation_calls={max_concurrent_computation_calls}",
    ]


def check_port(port: int) -> None:
    """Checks that a worker can listen on a port, on every interface. It would only log that.

    Raises:
      WorkerError: It cannot.
    """
    try:
        # As the worker does: of IPv6 and IPv4, and where IPv6 is off, of IPv4.
        dual = socket.has_dualstack_ipv6()
        family = socket.AF_INET6 if dual else socket.AF_INET
        socket.create_server(("", port), family=family, dualstack_ipv6=dual).close()
    except (OSError, OverflowError) as error:
        raise WorkerError(f"Port {port} cannot be listened on: {error}") from None


def ended_with_this_process(words: Sequence[str]) -> list[str]:
    """The command line of a program that ends with this process, also where that one is killed.

    Linux alone knows that, and takes the thread that starts the program for the process.
    """
    if sys.platform != "linux" or not sys.executable:
        return list(words)
    return [sys.executable, "-I", "-S", "-c", _START, str(os.getpid()), *words]


@contextlib.contextmanager
def running(port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A worker on `port` of every interface, which ends with the context and with this process.

    Raises:
      WorkerError: It cannot be started.
    """
    check_port(port)
    process = subprocess.Popen(ended_with_this_process(command(binary(), port)))
    try:
        yield process
    finally:
        process.terminate()
        process.wait()
