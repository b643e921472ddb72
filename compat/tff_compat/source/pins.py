"""Finds the TFF release that a program pins, in its install lines or in the files beside it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from tff_compat.catalog import Catalog
from tff_compat.source.reading import Source

_INSTALL = re.compile(r"\b(?:pip3?|conda|mamba|uv)\b.*\b(?:install|add)\b")
_NAME = re.compile(
    r"(?<![\w/.-])tensorflow[-_.]federated(?P<nightly>[-_.]nightly)?(?![\w-])(?:\[[^\]]*\])?",
    re.IGNORECASE,
)
_SPECIFIER = re.compile(
    r"""["']?\s*(?:=\s*)?(?:\{\s*version\s*=\s*)?["']?\s*
    (?P<specifiers>(?:===|==|~=|!=|<=|>=|<|>|\^|=)?\s*v?\d[\w.*]*
    (?:\s*,\s*(?:===|==|~=|!=|<=|>=|<|>)\s*v?\d[\w.*]*)*)""",
    re.VERBOSE,
)
# In the order in which they are looked at.
_NEIGHBOURS = (
    "requirements.txt",
    "Pipfile",
    "environment.yml",
    "environment.yaml",
    "pyproject.toml",
    "setup.cfg",
)


@dataclass(frozen=True)
class Pin:
    """A requirement that fixes the release, or at least bounds it from above.

    `candidates` are the published releases to choose from, best first; there are two if the
    pinned release was never published.
    """

    requirement: str
    place: str
    candidates: tuple[Version, ...]
    published: bool


@dataclass(frozen=True)
class Nightly:
    """A requirement for the nightly build, which belongs to no release."""

    requirement: str
    place: str


def find(source: Source, catalog: Catalog) -> tuple[Pin | None, Nightly | None]:
    """The pin that holds, and the nightly build if that is installed.

    Of several install lines the last one wins, as it does when they are run. The files beside
    the program are looked at only if no install line pins TFF.
    """
    pin, nightly = None, None
    for place, command in install_commands(source):
        for found in _in_text(command, place, catalog):
            if isinstance(found, Nightly):
                nightly = found
            else:
                pin, nightly = found, None
    if pin is None and nightly is None:
        for name in _NEIGHBOURS:
            for found in _in_file(source.path.absolute().parent / name, catalog):
                if isinstance(found, Nightly):
                    nightly = found
                else:
                    return found, None
    return pin, nightly


def install_commands(source: Source) -> Iterator[tuple[str, str]]:
    """Yields the commands that install packages, with their places."""
    for place, command in source.commands:
        text = command.partition(" #")[0]
        if _INSTALL.search(text) and not text.startswith("#"):
            yield str(place), text
    for part in source.parts:
        for node in ast.walk(part.tree):
            if isinstance(node, ast.Call):
                words = [
                    item.value
                    for item in ast.walk(node)
                    if isinstance(item, ast.Constant) and isinstance(item.value, str)
                ]
                text = " ".join(words)
                if len(text) < 2000 and _INSTALL.search(text):
                    yield str(part.place(node)), text


def _in_file(path: Path, catalog: Catalog) -> Iterator[Pin | Nightly]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return  # Not there, or not something to read requirements from.
    for number, line in enumerate(lines, start=1):
        yield from _in_text(line.partition("#")[0], f"{path.name}, line {number}", catalog)


def _in_text(text: str, place: str, catalog: Catalog) -> Iterator[Pin | Nightly]:
    for name in _NAME.finditer(text):
        if name["nightly"]:
            yield Nightly(name[0], place)
            continue
        match = _SPECIFIER.match(text, name.end())
        if match:
            pin = _pin(re.sub(r"\s", "", match["specifiers"]), name[0], place, catalog)
            if pin is not None:
                yield pin


def _pin(specifiers: str, name: str, place: str, catalog: Catalog) -> Pin | None:
    text = specifiers
    if text.startswith("^"):  # Poetry's "any release compatible with this one".
        text = "==" + ".".join(text[1:].split(".")[:2]) + ".*"
    elif text.startswith("=") and not text.startswith("=="):  # conda
        text = f"={text}"
    elif text[0].isdigit() or text[0] == "v":
        text = f"=={text}"
    try:
        wanted = SpecifierSet(text)
    except InvalidSpecifier:
        return None
    if not any(item.operator in ("==", "===", "~=", "<", "<=") for item in wanted):
        return None  # A lower bound says what is too old, not what it was written for.
    requirement = f"{name}{specifiers if specifiers[0] in '=<>~!^' else '==' + specifiers}"
    fitting = [release for release in catalog.releases if release in wanted]
    if fitting:
        return Pin(requirement, place, (fitting[-1],), True)
    try:
        # "0.13" on a `==` line is 0.13.0 to pip; what is meant is the newest of the series.
        bound = next(iter(wanted)).version.rstrip(".*")
        near = catalog.near_releases(Version(bound))
    except ValueError:
        return None
    below = [release for release in near if release < Version(bound)][-1:]
    above = [release for release in near if release > Version(bound)][:1]
    return Pin(requirement, place, tuple(below + above), False)
