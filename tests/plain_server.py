"""Runs programs on plain TFF, each in a fork of one process that has imported it once.

    python tools/plain_server.py

reads one request a line, `{"program", "folder", "seconds"}`, and answers each with a line,
`{"status"}`; what the program prints is in `folder/out` and `folder/err`. tff-compat is not
imported, and cannot be.
"""

from __future__ import annotations

import importlib.abc
import json
import os
import runpy
import signal
import sys
import time
import traceback
from pathlib import Path

import tensorflow
import tensorflow_federated as tff


class _Without(importlib.abc.MetaPathFinder):
    """Makes sure that no program finds tff-compat."""

    def find_spec(self, fullname, path=None, target=None):
        if fullname.partition(".")[0] == "tff_compat":
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        return None


def _run(program: str, folder: Path) -> None:
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.chdir(folder)
    sys.argv = [program]
    sys.path.insert(0, os.path.dirname(program))
    # The default context of the parent waits for a thread that only the parent has.
    tff.backends.native.set_sync_local_cpp_execution_context()
    status = 1
    try:
        runpy.run_path(program, run_name="__main__")
        status = 0
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _answer(request: dict) -> dict:
    child = os.fork()
    if child == 0:
        _run(request["program"], Path(request["folder"]))
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
    return {"status": status}


def main() -> None:
    assert tensorflow.__version__ and "tff_compat" not in sys.modules
    sys.meta_path.insert(0, _Without())
    for line in sys.stdin:
        print(json.dumps(_answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
