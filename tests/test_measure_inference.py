"""The tool that measures inference tells right from compatible and from wrong."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.version import Version
from tff_compat import catalog

TOOL = Path(__file__).parents[1] / "tools" / "measure_inference.py"
_IMPORT = "import tensorflow_federated as tff\n"


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("measure_inference", TOOL)
    module = importlib.util.module_from_spec(spec)
    # Its data classes look for their module.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("release", "code", "kind"),
    [
        ("0.15.0", "tff.NamedTupleType", "right"),
        ("0.12.0", "tff.NamedTupleType", "compatible"),
        ("0.16.0", "tff.NamedTupleType", "wrong"),
        ("0.11.0", "tff.learning.build_federated_averaging_process(m, o)", "wrong"),
        ("0.9.0", "def f(:", "not Python 3"),
    ],
)
def test_programs(tool, tmp_path, release, code, kind):
    (tmp_path / release).mkdir()
    (tmp_path / release / "x.py").write_text(_IMPORT + code)
    (tmp_path / release / "x.txt").touch()
    # Only the code counts.
    (tmp_path / "requirements.txt").write_text("tensorflow-federated==0.33.0")
    (sample,) = tool.programs(tmp_path, catalog.load())
    assert (sample.name, sample.releases) == (f"{release}/x.py", (Version(release),))
    result = tool.measure(sample)
    assert result.kind == kind
    assert bool(result.differences) is (kind == "wrong")


def _git(folder: Path, *arguments: str) -> None:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(folder)]
    subprocess.run([*command, *arguments], check=True, capture_output=True, env={**os.environ})


def test_tutorials(tool, tmp_path):
    clone, folder = tmp_path / "clone", tmp_path / "written"
    (clone / "docs").mkdir(parents=True)
    folder.mkdir()
    _git(clone, "init")
    for tag, code in (
        ("v0.14.0", "tff.NamedTupleType"),
        ("v0.15.0", "!pip install x\ntff.NamedTupleType"),
        ("v0.16.0", "!pip install y\ntff.NamedTupleType"),
        ("v0.17.0", "tff.federated_average"),
        ("v0.35.0", "tff.nothing"),  # Never published.
    ):
        cell = {"cell_type": "code", "source": _IMPORT + code}
        (clone / "docs" / "t.ipynb").write_text(json.dumps({"cells": [cell]}))
        (clone / "docs" / "t.md").touch()
        _git(clone, "add", ".")
        _git(clone, "commit", "-m", tag)
        _git(clone, "tag", tag)
    found = {sample.name: sample for sample in tool.tutorials(clone, folder, catalog.load())}
    assert {name: [str(r) for r in sample.releases] for name, sample in found.items()} == {
        "0.14.0/t.ipynb": ["0.14.0"],
        # What they install is no code, and at 0.16.0 it could not work any more.
        "0.15.0/t.ipynb": ["0.15.0"],
        "0.17.0/t.ipynb": [],
    }
    kinds = {name: tool.measure(sample).kind for name, sample in found.items()}
    assert kinds == {
        "0.14.0/t.ipynb": "compatible",
        "0.15.0/t.ipynb": "right",
        "0.17.0/t.ipynb": tool.STALE,
    }


def test_shares(tool, capsys):
    sample = tool.Sample("x", Path("x"), ())
    kinds = ["right"] * 2 + ["compatible"] * 1 + ["wrong"] * 1 + [tool.STALE]
    tool.show("these", [tool.Result(sample, kind) for kind in kinds])
    assert capsys.readouterr().out == (
        "these: 4 programs: right 2 (50.0%), compatible 1 (25.0%), wrong 1 (25.0%);"
        " right or compatible 75.0%\n"
        f"    left out: 1 {tool.STALE}\n"
    )


def test_the_programs_of_this_project(tool):
    results = [tool.measure(sample) for sample in tool.programs(tool.PROGRAMS, catalog.load())]
    good = [result for result in results if result.kind in ("right", "compatible")]
    assert len(results) > 200
    assert len(good) >= 0.97 * len(results)
