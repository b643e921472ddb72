"""Checks that the recipes are complete and consistent, without installing anything."""

from __future__ import annotations

import configparser
import datetime
import importlib.resources
import json
import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version
from tff_compat.catalog import PRIMARY
from tff_compat.recipes import RecipeError, recipe, recipes


def _text(name: str) -> str:
    return importlib.resources.files("tff_compat.recipes").joinpath(name).read_text()


def _entries() -> list[dict]:
    return json.loads(_text("recipes.json"))["recipes"]


def test_every_release_is_covered_exactly_once():
    listed = [release for entry in _entries() for release in entry["releases"]]
    assert len(listed) == len(set(listed)) == len(recipes())


def test_the_releases_are_those_of_the_catalog():
    catalog = pytest.importorskip("tff_compat.catalog")
    assert tuple(recipes()) == tuple(catalog.load().releases)


def test_releases_ascend_in_the_file_and_in_the_answer():
    listed = [Version(release) for entry in _entries() for release in entry["releases"]]
    assert listed == sorted(listed) == list(recipes())


def test_releases_with_equal_recipes_share_an_entry():
    bodies = [
        json.dumps({key: value for key, value in entry.items() if key not in ("releases",)})
        for entry in _entries()
    ]
    assert all(one != other for one, other in zip(bodies, bodies[1:]))


@pytest.mark.parametrize("entry", _entries(), ids=lambda entry: next(iter(entry["releases"])))
def test_an_entry_has_what_a_recipe_needs_and_nothing_else(entry):
    lines = ("requirements", "constraints", "overrides", "companions")
    assert set(entry) <= {"releases", "python", "mends", *lines}
    assert entry["python"] in {"3.7", "3.8", "3.9", "3.11"}
    for key in lines:
        for line, reason in entry.get(key, {}).items():
            assert Requirement(line).url is None
            assert reason and "\n" not in reason and not reason.endswith(".")


@pytest.mark.parametrize("found", recipes().values(), ids=lambda found: str(found.release))
def test_every_package_is_pinned_as_the_recipe_says(found):
    pinned = {}
    for pin in found.pins:
        name, version = pin.split("==")
        assert re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", name) and name not in pinned
        pinned[name] = Version(version)
    assert pinned["tensorflow-federated"] == found.release
    assert pinned["tensorflow"] == Version(found.tensorflow)
    assert {"numpy", "protobuf", "absl-py"} <= set(pinned)
    for line in (
        *found.requirements, *found.constraints, *found.overrides, *found.companions
    ):  # fmt: skip
        requirement = Requirement(line)
        if requirement.marker is not None:
            assert requirement.name not in pinned
        elif requirement.name in pinned:
            assert pinned[requirement.name] in requirement.specifier


@pytest.mark.parametrize("found", recipes().values(), ids=lambda found: str(found.release))
def test_pins_leave_room_for_tff_compat(found):
    pinned = dict(pin.split("==") for pin in found.pins)
    if found.python in ("3.7", "3.8"):
        pytest.skip("tff-compat does not run on it")
    setup = configparser.ConfigParser()
    setup.read(Path(__file__).parents[2] / "setup.cfg")
    lines = setup["options"]["install_requires"] + setup["options.extras_require"]["test"]
    for line in filter(None, lines.splitlines()):
        requirement = Requirement(line)
        version = pinned.get(requirement.name)
        assert version is None or requirement.specifier.contains(version), requirement


def test_tensorflow_that_cannot_build_recurrent_layers_with_newer_numpy_has_an_older_one():
    for found in recipes().values():
        pinned = dict(pin.split("==") for pin in found.pins)
        # 1.14 does not ask numpy for the product of a shape.
        if Version("1.15") <= Version(found.tensorflow) < Version("2.6"):
            assert found.mends or Version(pinned["numpy"]) < Version("1.20"), found.release


def test_tensorboard_has_the_pkg_resources_that_it_imports():
    for found in recipes().values():
        setuptools = found.version_of("setuptools")
        assert setuptools is not None, found.release
        # 82 has no pkg_resources, and 80.9 warns at each import of it, that by `google.rpc` too.
        assert setuptools < Version("80.9"), found.release


def test_what_is_mended_is_told_with_its_reason():
    mended = [found for found in recipes().values() if found.mends]
    assert [str(found.release) for found in mended] == ["0.18.0", "0.19.0"]
    for found in mended:
        for mend in found.mends:
            assert mend.old != mend.new and mend.reason and "\n" not in mend.reason


def test_each_release_has_a_day_and_they_follow_each_other():
    days = [datetime.date.fromisoformat(found.published) for found in recipes().values()]
    assert days[0].year == 2019 and days == sorted(days)


def test_locks_are_shared():
    locks = json.loads(_text("locks.json"))["locks"]
    assert len(locks) < 86
    assert len({tuple(lock["pins"]) for lock in locks}) == len(locks)


def test_a_recipe_tells_all():
    found = recipe("0.9.0")
    assert found.release == Version("0.9.0")
    assert found.published == "2019-10-07"
    assert found.python == "3.7"
    assert found.tensorflow == "2.0.4"
    assert found.requirements == ("tensorflow", "tensorflow-addons==0.6.0")
    assert found.constraints == ("protobuf<3.21",)
    assert 'tf-nightly; python_version<"0"' in found.overrides
    assert "tensorflow-addons==0.6.0" in found.pins
    assert set(found.reasons) == {*found.requirements, *found.constraints, *found.overrides}


@pytest.mark.parametrize("release", ["0.87.0", "0.87", Version("0.87.0")])
def test_a_release_may_be_text_or_version(release):
    assert recipe(release).overrides == ("jax==0.4.13", "jaxlib==0.4.13")


@pytest.mark.parametrize("release", ["0.8.0", "0.25.0", "0.88.0", "1.0", "newest", ""])
def test_an_unknown_release_is_an_error_that_names_the_known_ones(release):
    with pytest.raises(RecipeError, match=re.escape(f"0.1.0 to {PRIMARY}")):
        recipe(release)
