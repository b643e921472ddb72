"""One program of each release by every road of a user: `run`, `activate`, a notebook.

The other programs run in one server process that has imported TensorFlow first, which no user does.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from packaging.version import Version

pytestmark = [pytest.mark.tff, pytest.mark.roads]

_HERE = Path(__file__).parent
_spec = importlib.util.spec_from_file_location("programs", _HERE / "test_programs.py")
assert _spec is not None and _spec.loader is not None
_programs_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_programs_module)
differences = _programs_module.differences
_SECONDS = 600


_OWN_LOOP = ("asyncio.run(", ".run_until_complete(")
"""What cannot be called in a notebook, as its kernel runs an event loop, on any release."""


def _programs() -> list[Path]:
    """The first program of each release, if there is one that a notebook can have as a cell."""
    folders = sorted((_HERE / "programs").glob("[0-9]*"), key=lambda path: Version(path.name))
    every = [sorted(folder.glob("*.py")) for folder in folders]
    return [next(filter(_can_be_a_cell, programs), programs[0]) for programs in every]


def _can_be_a_cell(program: Path) -> bool:
    text = program.read_text("utf-8")
    return not any(call in text for call in _OWN_LOOP)


def _run(command: list[str], folder: Path) -> str:
    out, err = folder / "out", folder / "err"
    variables = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    with out.open("w") as stdout, err.open("w") as stderr:
        # Into files: TFF's worker outlives the program and holds its pipes.
        done = subprocess.run(
            command, cwd=folder, env=variables, stdout=stdout, stderr=stderr, timeout=_SECONDS
        )
    assert done.returncode == 0, err.read_text("utf-8", "replace")[-4000:]
    return out.read_text("utf-8", "replace")


def _by_run(program: Path, release: str, folder: Path) -> str:
    code = "from tff_compat.cli import main; raise SystemExit(main())"
    command = [sys.executable, "-c", code, "run", "--as-of", release, "--no-summary", str(program)]
    return _run(command, folder)


def _by_activate(program: Path, release: str, folder: Path) -> str:
    text = program.read_text("utf-8")
    first = f"import tff_compat; tff_compat.activate({release!r})"
    if "from __future__" in text:
        # What has to come first in a file comes first in what runs it too.
        runner = folder / "runner.py"
        lines = [first, "import runpy", f"runpy.run_path({str(program)!r}, None, '__main__')"]
        runner.write_text("\n".join(lines))
        return _run([sys.executable, str(runner)], folder)
    copy = folder / program.name
    copy.write_text(f"{first}\n{text}", "utf-8")
    return _run([sys.executable, str(copy)], folder)


def _by_notebook(program: Path, release: str, folder: Path) -> str:
    import nbformat

    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(program.read_text("utf-8"))]
    )
    path = folder / "program.ipynb"
    nbformat.write(notebook, path)
    code = "from tff_compat.cli import main; raise SystemExit(main())"
    _run([sys.executable, "-c", code, "run", "--as-of", release, "--no-summary", str(path)], folder)
    executed = nbformat.read(folder / "program.out.ipynb", as_version=4)
    return "".join(
        output["text"]
        for output in executed.cells[0].outputs
        if output.get("output_type") == "stream" and output.get("name") == "stdout"
    )


_ROADS: dict[str, Callable[[Path, str, Path], str]] = {
    "run": _by_run,
    "activate": _by_activate,
    "notebook": _by_notebook,
}


@pytest.mark.parametrize(
    ("name", "road"),
    [
        (f"{program.parent.name}/{program.stem}", road)
        for program in _programs()
        for road in _ROADS
        if road != "notebook" or _can_be_a_cell(program)
    ],
)
def test_a_program_gives_the_same_by_every_road(name: str, road: str, tmp_path: Path) -> None:
    release, _, short = name.partition("/")
    text = _ROADS[road](_HERE / "programs" / release / f"{short}.py", release, tmp_path)
    reference = json.loads((_HERE / "references" / f"{name}.json").read_text("utf-8"))
    assert not differences(reference["output"], json.loads(text.strip().splitlines()[-1]))
