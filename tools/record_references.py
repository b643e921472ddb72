"""Records what the programs of a release print on the real release.

    python tools/record_references.py 0.13.1 [--environment PATH] [PROGRAM...]

builds the environment of TFF 0.13.1 from its recipe, runs `tests/programs/0.13.1/*.py` in it and
writes `tests/references/0.13.1/*.json`. `tests/programs/README.md` says what a program and a
reference look like.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import dataclasses
import functools
import importlib.metadata
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from packaging.version import Version
from tff_compat.recipes import RecipeError, build, recipe

_ROOT = Path(__file__).resolve().parent.parent
_PROGRAMS = _ROOT / "tests" / "programs"
_REFERENCES = _ROOT / "tests" / "references"
_SECONDS_TO_EXIT = 5.0


class RecordingError(RuntimeError):
    """A program or its result is not what `tests/programs/README.md` asks for."""


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How one run of a program ended: with an output, or with the last line of a traceback."""

    output: object = None
    error: str | None = None


@dataclasses.dataclass(frozen=True)
class Environment:
    """A built environment: its interpreter and the versions installed in it."""

    python: Path
    versions: dict[str, str]

    @classmethod
    def of(cls, release: Version, path: Path) -> Environment:
        python = build(recipe(release), path, progress=lambda line: print(line, flush=True))
        (packages,) = path.absolute().glob("lib/python*/site-packages")
        installed = {
            each.metadata["Name"].lower().replace("_", "-"): each.version
            for each in importlib.metadata.distributions(path=[os.fspath(packages)])
        }
        found = Version(installed["tensorflow-federated"])
        if found != release:
            raise RecordingError(f"{path} holds TFF {found}, not {release}.")
        versions = {
            "release": str(release),
            "python": packages.parent.name.replace("python", ""),
            "tensorflow": installed["tensorflow"],
            "numpy": installed["numpy"],
        }
        return cls(python, versions)


class Recorder:
    """Runs the programs of one release, each at most once, and writes their references."""

    def __init__(self, release: Version, environment: Environment, timeout: float) -> None:
        self._programs = _PROGRAMS / str(release)
        self._references = _REFERENCES / str(release)
        self._environment = environment
        self._timeout = timeout
        self.outcome = functools.cache(self._outcome)

    def names(self) -> list[str]:
        return sorted(path.stem for path in self._programs.glob("*.py"))

    def record(self, name: str) -> Path:
        """Writes the reference of one program and returns where.

        Raises:
          RecordingError: The program failed, or differed from its documentation, without saying
            so; or it says so and did not.
        """
        declared = _declaration(self._programs / f"{name}.py")
        real = self.outcome(name)
        if declared is None:
            if real.error is not None:
                raise RecordingError(f"{name}: {real.error}")
            reference = {"output": real.output}
        else:
            documented = self.outcome(declared)
            if documented.error is not None:
                raise RecordingError(f"{declared}: {documented.error}")
            if real == documented:
                raise RecordingError(
                    f"{name} says that the release is not as documented, but its output is that "
                    f"of {declared}: remove `Documented behaviour:` and `Expected from:`."
                )
            reference = {"output": documented.output, "expected_from": declared}
            reference |= {"error": real.error} if real.error else {"observed": real.output}
        path = self._references / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({**self._environment.versions, **reference}, indent=1, sort_keys=True)
        path.write_text(_short_lists_on_a_line(text) + "\n", encoding="utf-8")
        return path

    def _outcome(self, name: str) -> Outcome:
        with tempfile.TemporaryDirectory(prefix="tff-record-") as scratch:
            command = [os.fspath(self._environment.python), f"{self._programs / name}.py"]
            out, err = Path(scratch, "stdout"), Path(scratch, "stderr")
            # Into files: runtimes of some releases outlive the program and hold its pipes open.
            with out.open("w") as stdout, err.open("w") as stderr:
                with _session(command, Path(scratch), stdout, stderr) as process:
                    status = self._wait(process, out, err)
            lines = _lines(err)
            output = _printed(out)
            if output is not None and status in (0, None):
                return Outcome(output=output)
            print("\n".join(lines[-40:]), file=sys.stderr)
            error = _error(lines)
            if error is not None:
                return Outcome(error=error)
            if status is None:
                raise RecordingError(f"{name} ran longer than {self._timeout} s.")
            if status == 0:
                raise RecordingError(f"The last line that {name} prints is not a JSON object.")
            return Outcome(error=f"exit status {status}")

    def _wait(self, process: subprocess.Popen[bytes], out: Path, err: Path) -> int | None:
        """Waits for a program's end, or its output or failure: None if it then goes on running.

        The local executors of 0.7 to 0.11 have threads that never end, and keep alive a program
        that has done its work or has failed.
        """
        give_up = time.monotonic() + self._timeout
        while process.poll() is None and time.monotonic() < give_up:
            time.sleep(0.5)
            if _printed(out) is not None or _error(_lines(err)) is not None:
                give_up = min(give_up, time.monotonic() + _SECONDS_TO_EXIT)
        return process.poll()


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8", errors="replace").strip().splitlines()


def _printed(out: Path) -> dict[str, object] | None:
    """The JSON object that the last line of a program's output holds, if it does."""
    try:
        output = json.loads(_lines(out)[-1])
    except (IndexError, json.JSONDecodeError):
        return None
    return output if isinstance(output, dict) else None


@contextlib.contextmanager
def _session(
    command: Sequence[str], folder: Path, stdout: IO[str], stderr: IO[str]
) -> Iterator[subprocess.Popen[bytes]]:
    """Starts a program and ends it and what it has started, however we leave."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    environment |= {
        "CUDA_VISIBLE_DEVICES": "-1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _declaration(program: Path) -> str | None:
    """The program named by `Expected from:`, if the docstring declares a documented behaviour."""
    docstring = ast.get_docstring(ast.parse(program.read_text(encoding="utf-8"))) or ""
    documented = re.search(r"^Documented behaviour: \S", docstring, re.MULTILINE)
    expected = re.search(r"^Expected from: (\w+)\.?$", docstring, re.MULTILINE)
    if bool(documented) != bool(expected):
        raise RecordingError(
            f"{program}: `Documented behaviour: …` and `Expected from: …` go together."
        )
    return expected.group(1) if expected else None


def _error(lines: Sequence[str]) -> str | None:
    """The line that names the exception of the last traceback; its message may go on after it."""
    start = max((i for i, line in enumerate(lines) if line.startswith("Traceback (")), default=None)
    if start is None:
        return None
    return next((line for line in lines[start + 1 :] if re.match(r"\S", line)), None)


def _short_lists_on_a_line(text: str) -> str:
    """Puts lists of numbers on one line, which makes references readable in a difference."""
    return re.sub(
        r"\[\s+([-+.\deE,\s]*?|(?:NaN|-?Infinity|null|[-+.\deE,\s])*?)\s+\]",
        lambda found: "[" + re.sub(r"\s+", " ", found.group(1)) + "]",
        text,
    )


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("release", type=Version, help="the real release to run, as 0.13.1")
    parser.add_argument("programs", nargs="*", metavar="PROGRAM", help="default: all")
    parser.add_argument("--environment", type=Path, metavar="PATH", help="where to build it")
    parser.add_argument("--timeout", type=float, default=900, help="seconds for each program")
    options = parser.parse_intermixed_args(arguments)
    path = options.environment or _ROOT / ".tox" / "releases" / f"tff{options.release}"
    # So that the programs' processes end with us when somebody terminates us.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    failures = []
    try:
        environment = Environment.of(options.release, path)
    except (RecipeError, RecordingError) as error:
        print(error, file=sys.stderr)
        return 1
    recorder = Recorder(options.release, environment, options.timeout)
    for name in [Path(each).stem for each in options.programs] or recorder.names():
        try:
            print(recorder.record(name).relative_to(_ROOT), flush=True)
        except RecordingError as error:
            failures.append(str(error))
    for failure in failures:
        print(f"Not recorded: {failure}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
