"""Answers what a TFF release needs to be installed, from `recipes.json` and `locks.json`."""

from __future__ import annotations

import dataclasses
import functools
import importlib.resources
import json
from collections.abc import Mapping
from typing import Any

from packaging.requirements import Requirement
from packaging.version import InvalidVersion, Version


class RecipeError(RuntimeError):
    """No recipe, or no environment from it; the text says what to do."""


@dataclasses.dataclass(frozen=True)
class Mend:
    """One change in the source of an installed package, where no version of it will do.

    Attributes:
      file: The file, from the folder of packages on.
      old: The text that is replaced, which the file has once.
      new: The text in its place.
      reason: Why, and what an environment lacks that is made without it.
    """

    file: str
    old: str
    new: str
    reason: str


@dataclasses.dataclass(frozen=True)
class Recipe:
    """What makes one TFF release installable.

    Attributes:
      release: The TFF release.
      published: The day of its publication, as "2020-05-28".
      python: The Python to use, as "3.7".
      tensorflow: The exact TensorFlow release it was tried with, as "2.1.4".
      requirements: What to ask for beside TFF itself.
      constraints: Bounds on packages that are pulled in.
      overrides: Requirements that replace what packages declare; one with the marker
        `python_version<"0"` drops the package.
      companions: Bounds on packages that are often installed beside it.
      reasons: Why, in one line for each of these requirements, constraints, overrides and
        companions.
      pins: Every package of the environment, TFF and TensorFlow included, as "name==version", for
        the recipe's Python on x86-64 Linux.
      mends: What is changed in the installed packages.
    """

    release: Version
    published: str
    python: str
    tensorflow: str
    requirements: tuple[str, ...]
    constraints: tuple[str, ...]
    overrides: tuple[str, ...]
    companions: tuple[str, ...]
    reasons: Mapping[str, str] = dataclasses.field(hash=False)
    pins: tuple[str, ...] = dataclasses.field(repr=False)
    mends: tuple[Mend, ...] = ()

    def version_of(self, package: str) -> Version | None:
        """The version of a package beside this release, None where it came without it."""
        for pin in map(Requirement, self.pins):
            if pin.name.replace("_", "-") == package:
                return Version(next(iter(pin.specifier)).version)
        return None


@functools.cache
def recipes() -> dict[Version, Recipe]:
    """The recipes of all releases, in ascending order of release."""
    locked = _read("locks.json")
    pins = {release: lock["pins"] for lock in locked["locks"] for release in lock["releases"]}
    found = []
    for entry in _read("recipes.json")["recipes"]:
        requirements = entry.get("requirements", {})
        constraints = entry.get("constraints", {})
        overrides = entry.get("overrides", {})
        companions = entry.get("companions", {})
        for release, tensorflow in entry["releases"].items():
            own = [f"tensorflow=={tensorflow}", f"tensorflow-federated=={release}"]
            found.append(
                Recipe(
                    release=Version(release),
                    published=locked["published"][release],
                    python=entry["python"],
                    tensorflow=tensorflow,
                    requirements=tuple(requirements),
                    constraints=tuple(constraints),
                    overrides=tuple(overrides),
                    companions=tuple(companions),
                    reasons={**requirements, **constraints, **overrides, **companions},
                    pins=tuple(sorted([*own, *pins[release]])),
                    mends=tuple(Mend(**each) for each in entry.get("mends", ())),
                )
            )
    return {each.release: each for each in sorted(found, key=lambda each: each.release)}


def _read(name: str) -> Any:
    return json.loads(importlib.resources.files(__package__).joinpath(name).read_text("utf-8"))


def recipe(release: Version | str) -> Recipe:
    """The recipe of one release.

    Args:
      release: A complete release, such as "0.13.1" ("0.9" means 0.9.0).

    Raises:
      RecipeError: The release was never published, or its recipe is not known.
    """
    try:
        return recipes()[Version(str(release))]
    except (InvalidVersion, KeyError):
        known = list(recipes())
        raise RecipeError(
            f"There is no recipe for TFF {release}: recipes are known for the releases "
            f"{known[0]} to {known[-1]} that were published with a wheel "
            "(0.8.0, 0.25.0, 0.35.0 and 0.62.0 were not)."
        ) from None
