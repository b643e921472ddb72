"""Runs programs as of a release, each in a fork of one process that has imported TensorFlow once.

    python tests/program_server.py

reads one request a line, `{"release", "program", "folder", "seconds"}`, and answers each with a
line, `{"status", "installed", "legacy_calls"}`. With `"trace": true` the run is traced, as by
`tff-compat run --trace`, into `folder/trace.json`. What the program prints is in `folder/out` and
`folder/err`. A fork saves the ten seconds that importing TensorFlow and TFF takes; nothing of
TensorFlow has run before it, so that the fork's runtime is its own.
"""

from __future__ import annotations

import dataclasses
import json
import os
import runpy
import signal
import sys
import time
import traceback
from pathlib import Path

import tensorflow
import tensorflow_federated
import tff_compat
from tff_compat import catalog, deprecation, modern
from tff_compat.adapters import registry
from tff_compat.tracing import importing, recorder


def _run(release: str, program: str, folder: Path, trace: bool) -> None:
    """Runs a program in this process, which ends with it."""
    os.setsid()
    # Jobs in the background ignore it, and workers inherit that, for whose end TFF then waits.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.chdir(folder)
    sys.argv = [program]
    sys.path.insert(0, os.path.dirname(program))
    # The default context of the parent waits for a thread that only the parent has.
    modern.symbol("tff.backends.native.set_sync_local_cpp_execution_context")()
    status = 1
    try:
        tff_compat.activate(release)
        if trace:
            recorder.start(catalog.load().resolve(release))
            importing.install()
            importing.run_script(program)
        else:
            runpy.run_path(program, run_name="__main__")
        status = 0
    except BaseException:
        traceback.print_exc()
    recorder.write(folder / "trace.json")
    calls = [dataclasses.asdict(call) for call in deprecation.calls()]
    (folder / "calls.json").write_text(json.dumps(calls), encoding="utf-8")
    sys.stdout.flush()
    sys.stderr.flush()
    # Not sys.exit: what runs at the exit of the parent is not the program's.
    os._exit(status)


def _answer(request: dict) -> dict:
    folder = Path(request["folder"])
    child = os.fork()
    if child == 0:
        _run(request["release"], request["program"], folder, request.get("trace", False))
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
    calls = folder / "calls.json"
    return {
        "status": status,
        "installed": str(tff_compat.installed()),
        "legacy_calls": json.loads(calls.read_text("utf-8")) if calls.exists() else None,
    }


def main() -> None:
    registry.load_all()
    assert tensorflow.__version__ and tensorflow_federated.__version__
    for line in sys.stdin:
        print(json.dumps(_answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
