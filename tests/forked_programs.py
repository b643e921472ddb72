"""Runs programs one after the other, each in a fork of this process; lines of JSON ask for them."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

Request = dict[str, Any]


def serve(
    run: Callable[[Request], None],
    answer: Callable[[Request], dict[str, Any]] = lambda request: {},
) -> None:
    """Answers each line of standard input, `{"program", "folder", "seconds", …}`, with a line.

    What the program prints is in `folder/out` and `folder/err`. A fork saves the ten seconds that
    importing TensorFlow and TFF takes; nothing of TensorFlow may have run before it, so that the
    fork's runtime is its own.

    Args:
      run: Runs the program of a request in a process that ends with it.
      answer: What to answer besides `{"status"}`, which is None where it ran too long.
    """
    for line in sys.stdin:
        request = json.loads(line)
        status = _status(request, run)
        print(json.dumps({"status": status, **answer(request)}), flush=True)


def _status(request: Request, run: Callable[[Request], None]) -> int | None:
    child = os.fork()
    if child == 0:
        _run(request, run)
    give_up = time.monotonic() + request["seconds"]
    status = None
    while status is None and time.monotonic() < give_up:
        done, ended = os.waitpid(child, os.WNOHANG)
        if done:
            status = os.waitstatus_to_exitcode(ended)
        else:
            time.sleep(0.05)
    try:
        # Its runtime's own processes too, which outlive it.
        os.killpg(child, signal.SIGKILL)
    except ProcessLookupError:
        pass
    if status is None:
        os.waitpid(child, 0)
    return status


def _run(request: Request, run: Callable[[Request], None]) -> None:
    """Runs a program in this process, which ends with it."""
    os.setsid()
    # Jobs in the background ignore it, and workers inherit that, for whose end TFF then waits.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    folder, program = Path(request["folder"]), request["program"]
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.chdir(folder)
    sys.argv = [program]
    sys.path.insert(0, os.path.dirname(program))
    status = 1
    try:
        run(request)
        status = 0
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    # Not sys.exit: what runs at the exit of the parent is not the program's.
    os._exit(status)
