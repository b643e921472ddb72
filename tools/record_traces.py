"""Runs the programs of `tests/programs` traced, and writes what each run knew and warned of.

    python tools/record_traces.py [--traces FOLDER] [RELEASE/NAME...]

writes the legacy calls of each program, by line, into `tests/references/legacy_calls.json`, and a
trace as `tff-compat run --trace` writes it into `FOLDER/RELEASE/NAME.json`. Run it on the primary
release.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from packaging.version import Version
from program_servers import Server

_ROOT = Path(__file__).resolve().parent.parent
_PROGRAMS = _ROOT / "tests" / "programs"
_CALLS = _ROOT / "tests" / "references" / "legacy_calls.json"


def names() -> list[str]:
    """All programs, by release."""
    paths = sorted(_PROGRAMS.glob("*/*.py"), key=lambda p: (Version(p.parent.name), p.stem))
    return [f"{path.parent.name}/{path.stem}" for path in paths]


def calls(answer: dict[str, Any]) -> list[list[object]]:
    """The legacy calls of a run: line and symbol, each once, in their order."""
    return sorted({(call["lineno"], call["symbol"]) for call in answer["legacy_calls"]})  # type: ignore[misc]


def record(programs: Sequence[str], folder: Path | None) -> None:
    """Runs programs and writes what was recorded."""
    # The environment with TFF that tox makes has a copy of the package, which is as old as that.
    environment = {**os.environ, "PYTHONPATH": str(_ROOT / "compat")}
    known = json.loads(_CALLS.read_text("utf-8")) if _CALLS.exists() else {}
    with tempfile.TemporaryDirectory() as scratch:
        server = Server("program_server.py", Path(scratch, "log"), environment)
        for name in programs:
            release, _, short = name.partition("/")
            work = Path(scratch, name.replace("/", "-"))
            answer = server.run(_PROGRAMS / f"{name}.py", work, 600, release=release, trace=True)
            trace = work / "trace.json"
            if folder is not None and trace.exists():
                found = {"as_of": release, **json.loads(trace.read_text("utf-8"))}
                target = folder / release / f"{short}.json"
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
            if answer["status"] == 0:
                known[name] = calls(answer)
            print(f"{name}: status {answer['status']}", flush=True)
        server.close()
    lines = [f"{json.dumps(name)}: {json.dumps(known[name])}" for name in sorted(known)]
    _CALLS.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--traces", type=Path, metavar="FOLDER", help="also write the traces")
    parser.add_argument("programs", nargs="*", metavar="RELEASE/NAME", help="by default all")
    options = parser.parse_args()
    record(options.programs or names(), options.traces)


if __name__ == "__main__":
    main()
