"""Runs programs as of a release, each in a fork of one process that has imported TensorFlow once.

    python tests/program_server.py

answers requests as `forked_programs.serve` says; they name a "release" too, and an answer has
"installed" and "legacy_calls". With `"trace": true` the run is traced, as by
`tff-compat run --trace`, into `folder/trace.json`.
"""

from __future__ import annotations

import dataclasses
import json
import runpy
from pathlib import Path
from typing import Any

import forked_programs
import tensorflow
import tensorflow_federated
import tff_compat
from tff_compat import catalog, deprecation, modern
from tff_compat.adapters import registry
from tff_compat.tracing import importing, recorder


def _run(request: forked_programs.Request) -> None:
    release, program, folder = request["release"], request["program"], Path(request["folder"])
    # The default context of the parent waits for a thread that only the parent has.
    modern.symbol("tff.backends.native.set_sync_local_cpp_execution_context")()
    try:
        tff_compat.activate(release)
        if request.get("trace", False):
            recorder.start(catalog.load().resolve(release))
            importing.install()
            importing.run_script(program)
        else:
            runpy.run_path(program, run_name="__main__")
    finally:
        recorder.write(folder / "trace.json")
        calls = [dataclasses.asdict(call) for call in deprecation.calls()]
        (folder / "calls.json").write_text(json.dumps(calls), encoding="utf-8")


def _answer(request: forked_programs.Request) -> dict[str, Any]:
    calls = Path(request["folder"], "calls.json")
    return {
        "installed": str(tff_compat.installed()),
        "legacy_calls": json.loads(calls.read_text("utf-8")) if calls.exists() else None,
    }


def main() -> None:
    registry.load_all()
    assert tensorflow.__version__ and tensorflow_federated.__version__
    forked_programs.serve(_run, _answer)


if __name__ == "__main__":
    main()
