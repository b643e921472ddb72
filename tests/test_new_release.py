"""What `tools/new_release.py` makes of a release after the newest one: here of a made-up one."""

from __future__ import annotations

import ast
import configparser
import dataclasses
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.version import Version
from tff_compat import catalog

_ROOT = Path(__file__).parents[1]
_RELEASE = Version(f"{catalog.PRIMARY.major}.{catalog.PRIMARY.minor + 1}.0")
_MOVED = "tff.learning.templates.reject_non_finite_update"
_MOVED_TO = "tff.learning.reject_non_finite_update"
_GONE = "tff.program.contains_only_server_placed_data"
_CHANGED = "tff.aggregators.zeroing_factory"


@pytest.fixture(scope="module")
def tools():
    """The tools `build_catalog` and `new_release`, as modules."""
    found = []
    for name in ("build_catalog", "new_release"):
        spec = importlib.util.spec_from_file_location(name, _ROOT / "tools" / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module  # Dataclasses, and the other tool, look it up there.
        spec.loader.exec_module(module)
        found.append(module)
    yield found
    del sys.modules["build_catalog"], sys.modules["new_release"]


@pytest.fixture(scope="module")
def repository(tools, tmp_path_factory):
    """A copy to which a release was added with one symbol moved, one gone and one changed."""
    build_catalog, new_release = tools
    root = tmp_path_factory.mktemp("next")
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(_ROOT / "compat", root / "compat", ignore=ignored)
    shutil.copy(_ROOT / "tox.ini", root)
    _, public, internal = build_catalog.read_data(root / "compat" / "tff_compat" / "catalog")[-1]
    public[_MOVED_TO] = public.pop(_MOVED)
    del public[_GONE]
    signature = public[_CHANGED].signature.replace("zeroing_norm", "norm")
    public[_CHANGED] = dataclasses.replace(public[_CHANGED], signature=signature)
    new_release.add(root, _RELEASE, public, internal)
    return root


def _python(repository: Path, code: str) -> str:
    variables = {**os.environ, "PYTHONPATH": str(repository / "compat")}
    done = subprocess.run(
        [sys.executable, "-c", code], env=variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_list_is_what_changed_and_where_it_is_named(tools, repository):
    found = {each.path: each for each in tools[1].differences(repository)}
    assert {path: each.text for path, each in found.items()} == {
        _MOVED: f"is gone; new is {_MOVED_TO}",
        _GONE: "is gone",
        _CHANGED: "`zeroing_norm` is now called `norm`",
    }
    for path, difference in found.items():
        assert difference.places
        for place in difference.places:
            file, _, line = place.partition(":")
            assert path in (repository / file).read_text("utf-8").splitlines()[int(line) - 1]


def test_what_is_missing_is_what_changed(repository):
    code = """
from tff_compat import catalog, coverage
print(catalog.PRIMARY)
missing = {each.answer.path for each in coverage.runs() if each.answer.status == "missing"}
print(*sorted(missing))
"""
    primary, missing = _python(repository, code).splitlines()
    assert primary == str(_RELEASE)
    assert missing.split() == sorted([_MOVED, _GONE, _CHANGED])


def test_the_release_has_a_recipe_and_environments(repository):
    former = str(catalog.PRIMARY)
    recipes = json.loads((repository / "compat/tff_compat/recipes/recipes.json").read_text("utf-8"))
    releases = recipes["recipes"][-1]["releases"]
    assert releases[str(_RELEASE)] == releases[former]
    tox = configparser.RawConfigParser()
    tox.read(repository / "tox.ini")
    assert f"testenv:tff{_RELEASE}" in tox
    assert f"tff{_RELEASE}" in tox["tox"]["env_list"]
    assert tox["testenv:roads"]["tff_release"] == str(_RELEASE)
    (recording,) = (name for name in tox.sections() if name.startswith("testenv:record-tff"))
    assert recording.endswith(f",{former},{_RELEASE}}}")
    (installed,) = (name for name in tox.sections() if re.match(r"testenv:py\{\d+-tff", name))
    partial = f"{_RELEASE.major}.{_RELEASE.minor}"
    assert re.match(rf"testenv:py{{311-tff{re.escape(partial)},311-tff0", installed)


def test_an_earlier_release_is_not_added(tools, repository):
    with pytest.raises(SystemExit, match="is not later than"):
        tools[1].add(repository, Version("0.50.0"), {}, {})


def test_reading_the_data_and_writing_it_changes_nothing(tools, tmp_path):
    folder = _ROOT / "compat" / "tff_compat" / "catalog"
    tools[0].write_data(tmp_path, tools[0].read_data(folder))
    for name in ("public.json", "internal.json"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_an_adapter_is_begun_with_the_signature_and_the_releases_of_then(repository):
    former = str(catalog.PRIMARY)
    command = [sys.executable, str(_ROOT / "tools" / "new_adapter.py")]
    options = ["--root", str(repository), "--program", "zeroing"]
    variables = {**os.environ, "PYTHONPATH": str(repository / "compat")}
    done = subprocess.run(
        [*command, _CHANGED, former, *options],
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    file, program = (line.partition(" ")[0] for line in done.stdout.splitlines())
    assert program == f"tests/programs/{former}/zeroing.py"
    ast.parse((repository / program).read_text("utf-8"))
    made = ast.parse((repository / file).read_text("utf-8")).body[-1]
    assert isinstance(made, ast.FunctionDef)
    arguments = [each.arg for each in made.args.args]
    symbol = catalog.load().symbol(_CHANGED)
    assert arguments == [each.name for each in symbol.signature(catalog.PRIMARY).parameters]
    assert [each.arg for each in made.args.kwonlyargs] == ["as_of"]
    (declared,) = made.decorator_list
    assert ast.literal_eval(declared.args[0]) == _CHANGED
    given = {each.arg: ast.literal_eval(each.value) for each in declared.keywords}
    assert re.search(rf"<{_RELEASE.major}\.{_RELEASE.minor}$", given["releases"])
    assert given["replacement"].startswith(f"{_CHANGED}(inner_agg_factory={{inner_agg_factory}}, ")


def test_an_adapter_beside_another_form_has_a_name_of_its_own(tmp_path):
    spec = importlib.util.spec_from_file_location("new_adapter", _ROOT / "tools" / "new_adapter.py")
    new_adapter = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(new_adapter)
    path = "tff.federated_secure_sum"
    releases = new_adapter.specifier(catalog.load().symbol(path), Version("0.19.0"))
    assert releases == ">=0.12,<0.20"
    file = tmp_path / "module.py"
    file.write_text("def federated_secure_sum():\n    pass\n", "utf-8")
    assert new_adapter.free_name(path, releases, file) == "federated_secure_sum_0_12"
    file.write_text("", "utf-8")
    assert new_adapter.free_name(path, releases, file) == "federated_secure_sum"


def test_an_adapter_that_is_there_is_not_begun_again():
    command = [sys.executable, str(_ROOT / "tools" / "new_adapter.py")]
    done = subprocess.run(
        [*command, "tff.learning.from_keras_model", "0.9.0"],
        env={**os.environ, "PYTHONPATH": str(_ROOT / "compat")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "is declared in tff_compat/adapters/learning/keras.py" in done.stderr
