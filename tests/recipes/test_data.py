"""Checks that the recipes are complete and consistent, without installing anything."""

from __future__ import annotations

import importlib.resources
import json

import pytest
from packaging.requirements import Requirement
from packaging.version import Version
from tff_compat.recipes import RecipeError, recipe, recipes


def _entries() -> list[dict]:
    text = importlib.resources.files("tff_compat.recipes").joinpath("recipes.json").read_text()
    return json.loads(text)["recipes"]


def test_every_release_is_covered_exactly_once():
    listed = [release for entry in _entries() for release in entry["releases"]]
    assert len(listed) == len(set(listed)) == len(recipes()) == 86


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
    assert set(entry) <= {
        "releases", "python", "requirements", "constraints", "overrides", "reason",
    }  # fmt: skip
    assert entry["python"] in {"3.7", "3.8", "3.9", "3.10", "3.11"}
    assert entry["reason"].endswith(".") and "\n" not in entry["reason"]
    for key in ("requirements", "constraints", "overrides"):
        for line in entry.get(key, []):
            assert Requirement(line).url is None


def test_a_recipe_tells_all():
    found = recipe("0.9.0")
    assert found.release == Version("0.9.0")
    assert found.python == "3.7"
    assert found.tensorflow == "2.0.4"
    assert found.requirements == ("tensorflow", "tensorflow-addons==0.6.0")
    assert found.constraints == ("protobuf<3.21",)
    assert 'tf-nightly; python_version<"0"' in found.overrides
    assert found.note


@pytest.mark.parametrize("release", ["0.87.0", "0.87", Version("0.87.0")])
def test_a_release_may_be_text_or_version(release):
    assert recipe(release).overrides == ("jax==0.4.13", "jaxlib==0.4.13")


@pytest.mark.parametrize("release", ["0.8.0", "0.25.0", "0.88.0", "1.0", "newest", ""])
def test_an_unknown_release_is_an_error_that_names_the_known_ones(release):
    with pytest.raises(RecipeError, match=r"0\.1\.0 to 0\.87\.0"):
        recipe(release)
