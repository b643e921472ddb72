"""What goes into a tox environment that has a release: Python, requirements, pins, overrides."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import importlib.metadata
import json
import os
import re
import subprocess
from collections.abc import Collection
from pathlib import Path

from packaging.version import Version

import tff_compat
from tff_compat import catalog, recipes
from tff_compat.recipes import environment as building

FLOOR = (3, 9)
"""The oldest Python that tff-compat runs on."""


class ReleaseError(ValueError):
    """An environment asks for a release that there is not."""


@dataclasses.dataclass(frozen=True)
class Environment:
    """An environment with a release of TFF.

    Attributes:
      asked: The release as it was asked for, such as "0.13".
      release: The release to install.
      as_of: The release that its tests run as of; None where they run on TFF as it is.
    """

    asked: str
    release: Version
    as_of: Version | None

    @property
    def recipe(self) -> recipes.Recipe:
        """What makes the release installable."""
        return recipes.recipe(self.release)

    @property
    def python(self) -> str:
        """The Python of the recipe, as "3.7"."""
        return self.recipe.python

    @property
    def digest(self) -> str:
        """Changes with the recipe."""
        fields = json.dumps(dataclasses.asdict(self.recipe), default=str, sort_keys=True)
        return hashlib.sha256(fields.encode()).hexdigest()

    def problem(self, python: tuple[int, int]) -> str:
        """Why the tests cannot run as they should on this Python; empty where they can."""
        if self.as_of is None or self.as_of == self.release:
            return ""
        if self.as_of > self.release:
            return (
                f"tff_as_of = {self.as_of} is newer than TFF {self.release} of this environment: "
                "programs can run as of the installed release or an earlier one."
            )
        if python < FLOOR:
            return (
                f"tff_as_of = {self.as_of} needs tff-compat, which needs Python 3.9 or newer; this "
                f"environment has TFF {self.release} on Python {'.'.join(map(str, python))}. Give "
                "the environment no tff_as_of, as in `tff_as_of = !tff"
                f"{self.asked}: {self.as_of}`."
            )
        return ""

    def requirements(self, named: Collection[str]) -> list[str]:
        """What to install: the release, pytest, and tff-compat where tests run as of another one.

        Args:
          named: Packages that are installed anyway.
        """
        wanted = [f"tensorflow-federated=={self.release}", *self.recipe.requirements]
        if "pytest" not in named:
            wanted.append("pytest")
        if self.as_of not in (None, self.release) and "tff-compat" not in named:
            wanted.append(_ourselves())
        return wanted

    def write(self, folder: Path, python: tuple[int, int]) -> None:
        """Writes the files that `constraints` and `overrides` name, for a Python."""
        recipes.write_files(self.recipe, folder, python=".".join(map(str, python)))

    def constraints(self, folder: Path) -> Path:
        """The file of bounds, in the folder that was given to `write`."""
        return folder / "constraints.txt"

    def overrides(self, folder: Path) -> Path:
        """The file of replaced requirements, in the folder that was given to `write`."""
        return folder / "overrides.txt"


def environment(release: str, as_of: str) -> Environment:
    """The environment with a release, whose tests run as of another one where it is not empty.

    Args:
      release: A release such as "0.13.1", or a part such as "0.13" for the newest match.
      as_of: The same, or empty.

    Raises:
      ReleaseError: There is no such release.
    """
    known = catalog.load()
    try:
        return Environment(release, known.resolve(release), known.resolve(as_of) if as_of else None)
    except catalog.UnknownReleaseError as error:
        raise ReleaseError(str(error)) from None


def _ourselves() -> str:
    """The requirement that installs this very tff-compat."""
    distribution = importlib.metadata.distribution("tff-compat")
    origin = json.loads(distribution.read_text("direct_url.json") or "{}")
    if not origin:
        return f"tff-compat=={tff_compat.__version__}"
    url = origin["url"]
    if "vcs_info" in origin:
        url = f"{origin['vcs_info']['vcs']}+{url}@{origin['vcs_info']['commit_id']}"
    return f"tff-compat @ {url}"


@functools.cache
def uv() -> str:
    """The `uv` executable.

    Raises:
      RecipeError: It is not found.
    """
    return building._find_uv()


@functools.cache
def python(version: str) -> str:
    """An interpreter of a version such as "3.7", downloaded by uv where there is none.

    Returns:
      Its path; empty where it can be neither found nor downloaded.
    """
    try:
        found = building._find_python(uv(), version, lambda line: None)
    except recipes.RecipeError:
        return ""
    # Where uv has just downloaded it, uv finds it.
    return found if os.sep in found else _known_to_uv(version)


def _known_to_uv(version: str) -> str:
    command = [uv(), "python", "find", "--no-project", "--no-python-downloads", version]
    found = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    return found.stdout.strip() if found.returncode == 0 else ""


@functools.cache
def folder_hidden_from_uv(version: str) -> str | None:
    """The folder of pyenv's interpreter of a version that uv does not find; None where it does."""
    found = building._pyenv_python(version)
    return None if found is None or _known_to_uv(version) else str(found.parent)


def version_of(base_python: str) -> tuple[int, ...]:
    """The version of an interpreter given as tox's base_python: a path, "py37", "python3.7".

    Returns:
      Its first two numbers; () where they are not known.
    """
    match = re.fullmatch(r"(?:python|py|cpython)?-?([23])\.?(\d{1,2})(?:\.\d+)?", base_python)
    if match is None and os.sep in base_python:
        program = "import sys; print(*sys.version_info[:2])"
        ended = subprocess.run([base_python, "-c", program], stdout=subprocess.PIPE, text=True)
        return tuple(map(int, ended.stdout.split()))
    return tuple(map(int, match.groups())) if match else ()
