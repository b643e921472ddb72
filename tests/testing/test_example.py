"""Checks that the example project is green on both of its releases, as a new user would run it."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

_ROOT = pathlib.Path(__file__).resolve().parents[2]
_EXAMPLE = _ROOT / "examples" / "legacy_project"


def _run(command: list[object], folder: pathlib.Path, environment: dict[str, str]) -> str:
    # A file, not a pipe: the runtime of TFF would hold a pipe open.
    out = folder / "out.txt"
    with out.open("wb") as file:
        status = subprocess.run(
            [os.fspath(each) for each in command],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=environment,
            timeout=1800,
        ).returncode
    assert status == 0, out.read_text("utf-8", "replace")
    return out.read_text("utf-8", "replace")


@pytest.mark.network
def test_example_project(tmp_path):
    """A fresh machine: tox alone, which brings tff-compat by the project's own `requires`."""
    uv = shutil.which("uv") or shutil.which("uv", path=os.path.dirname(sys.executable))
    if uv is None:
        pytest.skip("needs uv")
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TOX_", "PYTEST_", "TFF_COMPAT_", "PYTHONPATH", "VIRTUAL_ENV"))
    }
    links = tmp_path / "links"
    source = tmp_path / "source"
    # Setuptools writes beside what it builds.
    shutil.copytree(
        _ROOT / "compat", source / "compat", ignore=shutil.ignore_patterns("*.egg-info")
    )
    for name in ("setup.py", "setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(_ROOT / name, source / name)
    _run([uv, "build", "--wheel", "--out-dir", links, "."], source, environment)
    environment["UV_FIND_LINKS"] = str(links)
    environment["PIP_FIND_LINKS"] = f"{environment.get('PIP_FIND_LINKS', '')} {links}".strip()
    environment["UV_REFRESH_PACKAGE"] = "tff-compat"
    _run([uv, "venv", tmp_path / "host"], tmp_path, environment)
    python = tmp_path / "host" / "bin" / "python"
    _run([uv, "pip", "install", "--python", python, "tox"], tmp_path, environment)

    project = tmp_path / "project"
    shutil.copytree(_EXAMPLE, project, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    known = json.loads((project / "legacy_calls.json").read_text())
    out = _run([python, "-m", "tox"], project, environment)
    assert "py37-tff0.13: OK" in out
    assert "py311-tff0.87: OK" in out
    assert "TensorFlow Federated 0.87.0 as of 0.13.1" in out
    assert "legacy calls as of TFF 0.13.1, run on 0.87.0" in out
    assert "Baseline legacy_calls.json: no new legacy calls." in out
    assert json.loads((project / "legacy_calls.json").read_text()) == known

    out = _run([python, "-m", "tox", "-e", "py311-tff0.87", "--", "-n", "2"], project, environment)
    assert "Baseline legacy_calls.json: no new legacy calls." in out
    assert json.loads((project / "legacy_calls.json").read_text()) == known
