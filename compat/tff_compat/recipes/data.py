"""Answers which Python, TensorFlow and pins a TFF release needs, from `recipes.json`."""

from __future__ import annotations

import dataclasses
import functools
import importlib.resources
import json

from packaging.version import InvalidVersion, Version


class RecipeError(RuntimeError):
    """No recipe, or no environment from it; the text says what to do."""


@dataclasses.dataclass(frozen=True)
class Recipe:
    """What makes one TFF release installable.

    Attributes:
      release: The TFF release.
      python: The Python to use, as "3.7".
      tensorflow: The exact TensorFlow release it was tried with, as "2.1.4".
      requirements: What to ask for beside TFF itself.
      constraints: Bounds on packages that are pulled in.
      overrides: Requirements that replace what packages declare; one with the marker
        `python_version<"0"` drops the package.
      note: Why the release needs this, in one sentence.
    """

    release: Version
    python: str
    tensorflow: str
    requirements: tuple[str, ...]
    constraints: tuple[str, ...]
    overrides: tuple[str, ...]
    note: str


@functools.cache
def recipes() -> dict[Version, Recipe]:
    """The recipes of all releases, in ascending order of release."""
    text = importlib.resources.files(__package__).joinpath("recipes.json").read_text("utf-8")
    found = [
        Recipe(
            release=Version(release),
            python=entry["python"],
            tensorflow=tensorflow,
            requirements=tuple(entry.get("requirements", ())),
            constraints=tuple(entry.get("constraints", ())),
            overrides=tuple(entry.get("overrides", ())),
            note=entry["reason"],
        )
        for entry in json.loads(text)["recipes"]
        for release, tensorflow in entry["releases"].items()
    ]
    return {each.release: each for each in sorted(found, key=lambda each: each.release)}


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
