"""Checks the commands for environments, with an executable in the place of `uv`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from tff_compat import cli, recipes
from tff_compat.recipes import environment, verification
from tff_compat.running import interpreter

_UV = """#!{python}
import pathlib, sys
with open({log!r}, "a") as log:
    print(*sys.argv[1:], file=log)
if sys.argv[1] == "python":
    print("/opt/python/bin/python")
elif sys.argv[1] == "venv":
    python = pathlib.Path(sys.argv[-1], "bin", "python")
    python.parent.mkdir(parents=True)
    python.touch()
    python.parent.parent.joinpath("pyvenv.cfg").touch()
    for file, text in {mended!r}:
        file = pathlib.Path(sys.argv[-1], "lib", "python3", "site-packages", file)
        file.parent.mkdir(parents=True)
        file.write_text(text)
"""

_MENDED = sorted({(m.file, m.old) for found in recipes.recipes().values() for m in found.mends})


@pytest.fixture
def uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The log of what stands in for uv; the user's cache is a temporary folder."""
    log = tmp_path / "log"
    executable = tmp_path / "uv"
    executable.write_text(_UV.format(python=sys.executable, log=str(log), mended=_MENDED))
    executable.chmod(0o755)
    monkeypatch.setattr(environment, "_find_uv", lambda: str(executable))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "200")
    return log


def _run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[str, str]:
    status = cli.main(["env", *words])
    captured = capsys.readouterr()
    assert status == 0, captured.err
    return captured.out, captured.err


def _refusal(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert cli.main(["env", *words]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err


def _listed(capsys: pytest.CaptureFixture[str]) -> dict[str, dict]:
    return {row["release"]: row for row in json.loads(_run(capsys, "list", "--json")[0])}


def test_create_makes_an_environment_in_the_cache_once(uv, capsys):
    out, err = _run(capsys, "create", "0.13")
    path = recipes.cached_path(recipes.recipe("0.13.1").release)
    assert out == f"{path}/bin/python\n"
    assert "TensorFlow Federated 0.13.1 is ready" in err and f"source {path}/bin/activate" in err
    calls = uv.read_text()
    assert _run(capsys, "create", "0.13.1")[0] == out
    assert uv.read_text() == calls


def test_create_with_all_options(uv, tmp_path, capsys):
    words = ("--python", "3.10", "--path", str(tmp_path / "mine"), "--with", "six", "--with", "pip")
    out, _ = _run(capsys, "create", "0.64", *words)
    assert out == f"{tmp_path}/mine/bin/python\n"
    find, venv, pins, extras = uv.read_text().splitlines()
    assert find.endswith(" 3.10") and venv.endswith(f" {tmp_path}/mine")
    assert extras.endswith(" six pip")
    assert not recipes.cached_path(recipes.recipe("0.64.0").release).exists()


def test_list_shows_all_releases_and_which_are_there(uv, capsys):
    _run(capsys, "create", "0.9")
    rows = _listed(capsys)
    assert len(rows) == 86
    assert rows["0.9.0"]["status"] == "ready" and rows["0.9.0"]["python"] == "3.7"
    assert rows["0.10.0"]["status"] == "" and rows["0.10.0"]["path"] is None
    lines = _run(capsys, "list")[0].splitlines()
    assert lines[0].split() == ["Release", "Published", "Python", "TensorFlow", "Environment"]
    assert [line.split()[0] for line in lines[1:-1]] == list(rows)
    assert "0.9.0 2019-10-07 3.7 2.0.4 ready, 0.0 GB".split() in [line.split() for line in lines]
    assert lines[-1] == f"0.0 GB in {recipes.cached_path(recipes.recipe('0.9.0').release).parent}"


def test_several_packages_are_added_to_what_is_there(uv, capsys):
    _run(capsys, "create", "0.9")
    before = len(uv.read_text().splitlines())
    _run(capsys, "create", "0.9", "--with", "jupyterlab", "ipykernel")
    tried, added = uv.read_text().splitlines()[before:]
    assert "--dry-run" in tried and added.endswith(" jupyterlab ipykernel")


def test_a_project_is_put_beside_a_release(uv, tmp_path, capsys, monkeypatch):
    project = tmp_path / "my project"
    project.mkdir()
    monkeypatch.chdir(project)
    assert "nor a requirements.txt" in _refusal(capsys, "create", ".", "--as-of", "0.87")
    (project / "requirements.txt").touch()
    out, err = _run(capsys, "create", ".", "--as-of", "0.87")
    assert "tff0.87.0-my_project-" in out and f"with {project} beside it" in err
    assert uv.read_text().splitlines()[-1].endswith(f" -r {project}/requirements.txt")
    (project / "setup.py").touch()
    assert _run(capsys, "create", str(project), "--as-of", "0.87.0")[0] == out
    assert uv.read_text().splitlines()[-1].endswith(f" -e {project}")
    (row,) = (row for row in _listed(capsys).values() if row["others"])
    assert row["release"] == "0.87.0" and row["others"][0]["status"] == "ready"
    listed = _run(capsys, "list")[0]
    assert "--as-of RELEASE" in _refusal(capsys, "create", ".")
    assert "no folder of a project" in _refusal(capsys, "create", "0.9", "--as-of", "0.9")
    _run(capsys, "create", "0.87")
    purpose = listed.partition(", for my_project-")[2].split()[0]
    assert f"-{purpose} (0.0 GB)" in _run(capsys, "remove", f"my_project-{purpose}")[1]
    row = _listed(capsys)["0.87.0"]
    assert row["status"] == "ready" and not row["others"]


def test_the_environment_of_run_is_removed_by_name(uv, capsys):
    path = interpreter.cached_path()
    recipes.build(recipes.recipe("0.87.0"), path, progress=lambda line: None)
    assert "for run" in _run(capsys, "list")[0]
    assert f"Removed {path} (0.0 GB)" in _run(capsys, "remove", "run")[1]
    assert not path.exists()
    assert "has no environment" in _run(capsys, "remove", "run")[1]


def test_what_others_lack_is_told(capsys):
    for form in ("uv", "pip", "conda"):
        out, _ = _run(capsys, "export", "0.18", "--format", form)
        assert "# tensorflow/python/ops/array_ops.py stays as it is, unlike ours: " in out
    assert "LSTM" in _run(capsys, "show", "0.18")[0]
    assert "ipython<8.19" in _run(capsys, "show", "0.87")[0]


def test_an_environment_of_another_recipe_is_outdated(uv, capsys):
    _run(capsys, "create", "0.9")
    path = recipes.cached_path(recipes.recipe("0.9.0").release)
    marker = path / environment._MARKER
    written = marker.read_text()
    marker.write_text(written.replace("numpy==", "numpy==0"))
    assert _listed(capsys)["0.9.0"]["status"] == "outdated"
    marker.unlink()
    assert _listed(capsys)["0.9.0"]["status"] == "unfinished"
    _run(capsys, "create", "0.9")
    assert marker.read_text() == written


def test_show_tells_each_reason(uv, capsys):
    out, _ = _run(capsys, "show", "0.9")
    found = recipes.recipe("0.9.0")
    for text in (found.published, "2.0.4", *found.reasons, *found.reasons.values()):
        assert text in out
    data = json.loads(_run(capsys, "show", "0.9", "--json")[0])
    assert data["pins"] == list(found.pins) and data["reasons"] == found.reasons


def test_remove(uv, tmp_path, capsys):
    for release in ("0.9", "0.10", "0.11"):
        _run(capsys, "create", release)
    _, err = _run(capsys, "remove", "0.9", "0.12")
    assert "tff0.9.0" in err and "0.12.0 has no environment" in err
    assert [row["release"] for row in _listed(capsys).values() if row["status"]] == [
        "0.10.1", "0.11.0",
    ]  # fmt: skip
    _run(capsys, "remove", "--all")
    assert not any(row["status"] for row in _listed(capsys).values())
    assert "There are no environments" in _run(capsys, "remove", "--all")[1]


def test_remove_takes_what_runs_use_too(uv, capsys):
    path = recipes.cached_path(recipes.recipe("0.87.0").release, "run")
    recipes.build(recipes.recipe("0.87.0"), path, progress=lambda line: None)
    assert _listed(capsys)["0.87.0"]["status"] == ""
    _run(capsys, "remove", "0.87")
    assert not path.exists()


@pytest.mark.parametrize("kind", ["folder", "file", "link"])
def test_what_is_not_ours_is_not_removed(uv, tmp_path, capsys, kind):
    path = recipes.cached_path(recipes.recipe("0.9.0").release)
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "thesis.tex").touch()
    path.parent.mkdir(parents=True)
    if kind == "link":
        path.symlink_to(precious)
    elif kind == "file":
        path.touch()
    else:
        precious.rename(path)
    for words in (("remove", "0.9"), ("create", "0.9")):
        assert str(path) in _refusal(capsys, *words)
    assert path.exists() and (kind == "file" or (path / "thesis.tex").exists())


@pytest.mark.parametrize(
    "words",
    [("create", "0.13.7"), ("show", "0.13.7"), ("remove", "0.13.7"), ("verify", "0.13.7")],
)
def test_an_unknown_release_names_the_near_ones(uv, capsys, words):
    assert "0.13.1" in _refusal(capsys, *words)


@pytest.mark.parametrize("words", [(), ("0.13", "--all")])
@pytest.mark.parametrize("action", ["remove", "verify"])
def test_either_releases_or_all(uv, capsys, action, words):
    assert "name releases, or give --all" in _refusal(capsys, action, *words)


def test_without_a_python_the_error_says_how_to_get_one(uv, tmp_path, monkeypatch, capsys):
    executable = tmp_path / "uv"
    executable.write_text("#!/bin/sh\necho offline >&2\nexit 2\n")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    assert "pyenv install 3.7" in _refusal(capsys, "create", "0.13")


def test_a_folder_that_cannot_be_written(uv, tmp_path, capsys):
    (tmp_path / "file").touch()
    assert "file" in _refusal(capsys, "create", "0.13", "--path", str(tmp_path / "file" / "below"))
    assert "file" in _refusal(
        capsys, "export", "0.13", "--format", "uv", "--output", str(tmp_path / "file")
    )


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@pytest.mark.parametrize("release", ["0.1.0", "0.9.0", "0.61.0", "0.87.0"])
def test_export(uv, tmp_path, capsys, release):
    found = recipes.recipe(release)
    pins = list(found.pins)
    overrides = list(recipes.overrides(found))

    def exported(form: str) -> str:
        return _run(capsys, "export", release, "--format", form)[0]

    assert _lines(exported("uv")) == [*pins, *overrides]
    for line in _lines(exported("uv")):
        Requirement(line)
    assert _lines(exported("pip")) == pins
    assert "pip install --no-deps -r requirements.txt" in exported("pip")
    conda = exported("conda")
    assert f"  - python={found.python}\n" in conda and "PIP_NO_DEPS=1" in conda
    assert _lines(conda)[-len(pins) :] == [f"      - {pin}" for pin in pins]
    for form, names in (
        ("uv", ["constraints.txt", "overrides.txt"]),
        ("pip", ["requirements.txt"]),
        ("conda", ["environment.yml"]),
    ):
        folder = tmp_path / "new" / form
        words = ("--format", form, "--output", str(folder))
        out, _ = _run(capsys, "export", release, *words)
        assert out.splitlines() == [str(folder / name) for name in names]
        assert "\n".join((folder / name).read_text() for name in names) == exported(form)


def test_verify_builds_and_reports(uv, monkeypatch, capsys):
    seen = []

    def verify(recipe: recipes.Recipe, python: Path) -> verification.Result:
        seen.append((str(recipe.release), python.exists()))
        if str(recipe.release) == "0.9.0":
            return verification.Result("training", 1.0, "a wrong number")
        return verification.Result("done", 1.0, "")

    monkeypatch.setattr(verification, "verify", verify)
    _run(capsys, "create", "0.61", "--with", "six")
    calls = uv.read_text()
    assert cli.main(["env", "verify", "0.61"]) == 0
    assert uv.read_text() == calls
    assert cli.main(["env", "verify", "0.9", "0.61"]) == 1
    out = capsys.readouterr().out
    assert "fails at training: a wrong number" in out and "1 of 2 verified" in out
    assert [row["release"] for row in _listed(capsys).values() if row["status"]] == [
        "0.9.0", "0.61.0",
    ]  # fmt: skip
    seen.clear()
    assert cli.main(["env", "verify", "--all"]) == 1
    assert seen == [(str(release), True) for release in recipes.recipes()]
    assert "85 of 86 verified" in capsys.readouterr().out
    # Those that were not there before are gone again.
    assert [row["release"] for row in _listed(capsys).values() if row["status"]] == [
        "0.9.0", "0.61.0",
    ]  # fmt: skip


@pytest.mark.network
@pytest.mark.parametrize("release", ["0.4.0", "0.61.0"])
def test_real_environments(tmp_path, monkeypatch, capfd, release):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cli.main(["env", "create", release, "--with", "pytest"]) == 0
    python = capfd.readouterr().out.strip()
    subprocess.run([python, "-I", "-m", "pytest", "--version"], check=True)
    assert cli.main(["env", "verify", release]) == 0
