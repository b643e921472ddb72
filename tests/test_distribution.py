"""What people get who install tff-compat: what it needs, its description, its whole source."""

from __future__ import annotations

import configparser
import importlib.util
import os
import re
import runpy
import shutil
import subprocess
import sys
import types
from collections.abc import Mapping
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[1]
_LEGACY = "import tensorflow_federated as tff\ntff.learning.from_keras_model\n"


def _with_packaging_alone(folder: Path, code: str) -> str:
    """What the code prints where nothing is installed but tff_compat and packaging."""
    for name in ("packaging", "tff_compat"):
        found = importlib.util.find_spec(name)
        assert found is not None and found.origin
        (folder / name).symlink_to(Path(found.origin).parent)
    code = f"import sys; sys.path.append({os.fspath(folder)!r})\n{code}"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code],
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_import_needs_packaging_alone(tmp_path):
    code = """
import tff_compat
for name in tff_compat.__all__:
    if name != "learning":  # It drives TensorFlow Federated.
        getattr(tff_compat, name)
try:
    tff_compat.activate("0.13")
except ModuleNotFoundError as error:
    print(error.name)
"""
    assert _with_packaging_alone(tmp_path, code) == "tensorflow_federated\n"


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        (["check", "--as-of", "0.13", "legacy.py"], "legacy.py:2:1: "),
        (["explain", "tff.learning.from_keras_model"], "tff.learning.from_keras_model"),
    ],
    ids=["check", "explain"],
)
def test_what_reads_source_needs_packaging_alone(arguments, printed, tmp_path):
    (tmp_path / "legacy.py").write_text(_LEGACY, "utf-8")
    code = f"import tff_compat.cli; tff_compat.cli.main({arguments})"
    assert _with_packaging_alone(tmp_path, code).startswith(printed)


def _setup(monkeypatch: pytest.MonkeyPatch) -> Mapping[str, str]:
    """What `setup.py` hands to setuptools."""
    given: dict[str, str] = {}
    setuptools = types.ModuleType("setuptools")
    setuptools.setup = given.update  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "setuptools", setuptools)
    runpy.run_path(os.fspath(_ROOT / "setup.py"))
    return given


def test_links_of_the_long_description_are_absolute_and_lead_to_files(monkeypatch):
    given = _setup(monkeypatch)
    links = re.findall(r"\]\(([^)]+)\)", given["long_description"])
    assert len(links) == len(re.findall(r"\]\([^)]+\)", (_ROOT / "README.md").read_text("utf-8")))
    for link in links:
        assert link.startswith("https://")
        page = re.match(re.escape(given["url"]) + r"/(?:blob|raw)/main/([^#]+)", link)
        if page is not None:
            assert (_ROOT / page[1]).exists(), link


def test_classifiers_name_the_pythons_that_tox_tests():
    setup = configparser.ConfigParser()
    setup.read(_ROOT / "setup.cfg")
    named = re.findall(r":: (3\.\d+)$", setup["metadata"]["classifiers"], re.M)
    workflow = (_ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8")
    (line,) = re.findall(r"^ +python: \[(.*)\]$", workflow, re.M)
    assert re.findall(r"3\.\d+", line) == named
    assert setup["options"]["python_requires"] == f">={named[0]}"


@pytest.mark.network
def test_source_distribution_builds_and_tests_itself(tmp_path):
    """From a clone without tags, as CI has it: the wheel of the sdist, and its tests by its tox."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TOX_", "PYTEST_", "TFF_COMPAT_", "PYTHONPATH", "VIRTUAL_ENV"))
    }

    def run(folder: Path, *command: str) -> str:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=1800,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    git = shutil.which("git")
    uv = shutil.which("uv", path=os.pathsep.join([os.path.dirname(sys.executable), os.defpath]))
    assert git and uv
    clone, made = tmp_path / "clone", tmp_path / "made"
    run(tmp_path, git, "clone", "--quiet", "--depth=1", "--no-tags", _ROOT.as_uri(), str(clone))
    run(clone, uv, "build", "--sdist", "--out-dir", str(made))
    (archive,) = made.glob("*.tar.gz")
    (tmp_path / "source").mkdir()
    run(tmp_path / "source", "tar", "-xzf", str(archive))
    (source,) = (tmp_path / "source").iterdir()
    tracked = run(clone, git, "ls-files").split("\n")
    assert [name for name in filter(None, tracked) if not (source / name).is_file()] == []
    version = archive.name[len("tff_compat-") : -len(".tar.gz")]
    assert version != "0.0.0.dev0"  # What a copy without git has.
    run(source, uv, "build", "--wheel", "--out-dir", str(made))
    (wheel,) = made.glob("*.whl")
    assert wheel.name == f"tff_compat-{version}-py3-none-any.whl"
    assert " passed" in run(source, sys.executable, "-m", "tox", "-e", "py", "--", "tests/catalog")
