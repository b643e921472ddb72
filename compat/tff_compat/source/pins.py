"""Finds the TFF release that a program pins: where it installs TFF, or in the files around it."""

from __future__ import annotations

import ast
import contextlib
import datetime
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from tff_compat.catalog import Catalog, UnknownReleaseError
from tff_compat.recipes import recipes
from tff_compat.source import projects
from tff_compat.source.reading import Source

_INSTALL = re.compile(r"\b(?:pip3?|conda|mamba|uv|poetry|pipenv)\b.*\b(?:install|add)\b")
_NAME = re.compile(
    r"""(?<![\w/.-])tensorflow[-_.]federated(?P<nightly>[-_.]nightly)?(?:\[[^\]]*\])?(?![\w-])
    |(?<![\w-])tensorflow_federated(?P<wheel_nightly>_nightly)?-(?=\d[\w.]*-py)  # a wheel""",
    re.IGNORECASE | re.VERBOSE,
)
_SPECIFIER = re.compile(
    r"""["']?\s*(?:=(?!=)\s*)?(?:\{\s*version\s*=\s*)?["']?\s*\(?
    (?P<specifiers>(?:===|==|~=|!=|<=|>=|<|>|\^|=)?\s*v?\d[\w.*]*
    (?:\s*,\s*(?:===|==|~=|!=|<=|>=|<|>)\s*v?\d[\w.*]*)*)""",
    re.VERBOSE,
)
# The tag of a repository that is installed from.
_REPOSITORY = re.compile(
    r"(?:google-parfait/tensorflow-|\btensorflow/)federated(?:\.git)?@v?(?P<version>\d+\.\d+[\w.]*)"
)
# The version stands in a variable of the same file.
_VARIABLE = re.compile(r"""["']?\s*==\s*["']?\s*(?:\$\{?|\{)(?P<name>\w+)\}?""")
# What pip says of what it installed, or of what was there.
_INSTALLED = re.compile(
    r"(?:Successfully installed\b.*?\s|Requirement already satisfied: )"
    r"tensorflow[-_]federated(?P<nightly>[-_]nightly)?"
    r"(?:-(?P<new>\d[\w.]*)|\S* in [^\n]*\((?P<there>\d[\w.]*)\))",
)
_VERSION_SHOWN = re.compile(r"\b(?:v|==)?(?P<version>\d+\.\d+\.\d+(?:\.?dev\d*)?)\b")
_ASKS_VERSION = re.compile(r"\b(?:tff|tensorflow_federated)\.__version__")
_NIGHTLY_DAY = re.compile(r"(?:dev)?(20\d{2})(\d{2})(\d{2})")
# In the order in which they are looked at, in each folder.
_FILES = (
    "requirements.txt",
    "requirements*.txt",
    "*requirements.txt",
    "requirements/*.txt",
    "requirements.in",
    "constraints*.txt",
    "Pipfile.lock",
    "Pipfile",
    "poetry.lock",
    "uv.lock",
    "environment*.yml",
    "environment*.yaml",
    "conda*.yml",
    "conda*.yaml",
    "pyproject.toml",
    "setup.cfg",
    "setup.py",
    "Dockerfile*",
    "*.Dockerfile",
    "*[dD]ocker*/Dockerfile*",
    ".devcontainer/Dockerfile",
    "tox.ini",
    ".github/workflows/*.yml",
    "README*",
)
_LARGEST = 2_000_000
_PACKAGE = "tff_compat"
_MAGIC = re.compile(r"%?tff_as_of\s+(?P<release>[\w.]+)")
_TENSORFLOW = re.compile(
    r"""(?<![\w/.-])(?:tensorflow|tensorflow-cpu|tensorflow-gpu)["']?\s*
    (?:={1,3}|~=(?=\s*\d+\.\d+\.))\s*["']?(?:={2})?
    (?P<version>\d+\.\d+)(?:\.[\d*]+)?(?![\w.])""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True)
class Pin:
    """A requirement that fixes the release, or at least bounds it from above.

    Attributes:
      requirement: The requirement as text.
      place: Where it stands.
      candidates: The published releases to choose from; there may be two, the one before and the
        one after, if the pinned release was never published.
      published: Whether the pinned release was.
      exact: Whether it names one release, not a range.
    """

    requirement: str
    place: str
    candidates: tuple[Version, ...]
    published: bool = True
    exact: bool = True


@dataclass(frozen=True)
class Nightly:
    """A requirement for a nightly build without a day, which belongs to no release."""

    requirement: str
    place: str


@dataclass(frozen=True)
class Bound:
    """A requirement that does not fix the release, but tells which ones it can be.

    Attributes:
      requirement: The requirement as text.
      place: Where it stands.
      releases: The releases that satisfy it.
      weak: Whether it is no more than a sign: it is not of TFF itself.
    """

    requirement: str
    place: str
    releases: frozenset[Version]
    weak: bool = False


@dataclass(frozen=True)
class Pins:
    """All requirements that were found for a program.

    Attributes:
      pin: The one that holds.
      nightly: The nightly build, if that is installed and nothing pins the release.
      bounds: Other requirements that tell something of the release.
    """

    pin: Pin | None = None
    nightly: Nightly | None = None
    bounds: tuple[Bound, ...] = ()


def find(source: Source, catalog: Catalog) -> Pins:
    """The requirements that hold for a program.

    What the program puts in place itself, with tff-compat, comes before all. Of several install
    lines the last one wins, as it does when they are run; what a notebook's
    cells printed tells which release a line without an exact one gave. The files around the
    program are looked at only if no install line pins TFF: those of its own folder first, then
    those of the folders above it, up to the root of the project.
    """
    context = "\n".join(part.text for part in source.parts)
    pin = _put_in_place(source, catalog)
    if pin is not None:
        return Pins(pin)
    nightly: Nightly | None = None
    bounds: list[Bound] = []
    for place, command in install_commands(source):
        for found in _in_text(command, place, catalog, context):
            if isinstance(found, Bound):
                bounds.append(found)
            elif isinstance(found, Nightly):
                nightly = found
            else:
                pin, nightly = found, None
    if pin is None or not pin.exact:
        pin = _in_outputs(source, catalog) or pin
    if pin is not None:
        return Pins(pin, None, tuple(bounds))
    for folder in projects.folders(source.path):
        found_here = list(_in_folder(folder, source.path, catalog))
        bounds += [found for found in found_here if isinstance(found, Bound)]
        for found in found_here:
            if isinstance(found, Pin):
                return Pins(found, None, tuple(bounds))
            if isinstance(found, Nightly) and nightly is None:
                nightly = found
    return Pins(None, nightly, tuple(bounds))


def _put_in_place(source: Source, catalog: Catalog) -> Pin | None:
    """The release that the program itself has tff-compat put in place; the first, of several."""
    found: list[tuple[str, str, str]] = []
    for place, command in source.commands:
        match = _MAGIC.match(command)
        if match is not None:
            found.append((match["release"], match[0], str(place)))
    for part in source.parts:
        if _PACKAGE not in part.text:
            continue
        for node in ast.walk(part.tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
            given = node.args[0]
            if isinstance(given, ast.Dict):
                # The release of the modules that have none of their own.
                given = next((v for k, v in zip(given.keys, given.values) if _is_rest(k)), given)
            release = getattr(given, "value", None)
            if name in ("activate", "as_of") and isinstance(release, str):
                found.append((release, ast.unparse(node), str(part.place(node))))
    for release, text, where in found:
        with contextlib.suppress(UnknownReleaseError):
            return Pin(text, where, (catalog.resolve(release),))
    return None


def _is_rest(key: ast.expr | None) -> bool:
    return isinstance(key, ast.Constant) and key.value == "*"


def install_commands(source: Source) -> Iterator[tuple[str, str]]:
    """Yields the commands that install packages, with their places."""
    for place, command in source.commands:
        text = command.partition(" #")[0]
        if _INSTALL.search(text) and not text.startswith("#"):
            yield str(place), text
    for part in source.parts:
        for node in part.nodes:
            if isinstance(node, ast.Call):
                words = [
                    item.value
                    for item in ast.walk(node)
                    if isinstance(item, ast.Constant) and isinstance(item.value, str)
                ]
                text = " ".join(words)
                if len(text) < 2000 and _INSTALL.search(text):
                    yield str(part.place(node)), text


# --- What a notebook printed ----------------------------------------------------------------------


def _in_outputs(source: Source, catalog: Catalog) -> Pin | None:
    """What a notebook's cells printed of the TFF that they installed or imported."""
    asking = {part.cell for part in source.parts if part.cell and _ASKS_VERSION.search(part.text)}
    found: Pin | None = None
    for place, output in source.outputs:
        texts = [
            (match["nightly"], match["new"] or match["there"])
            for match in _INSTALLED.finditer(output)
        ]
        shown = _VERSION_SHOWN.findall(output)
        if place.cell in asking and len(shown) == 1:
            texts.append((None, shown[0]))
        for is_nightly, version in texts:
            where = f"the output of code cell {place.cell}"
            name = f"tensorflow-federated{'-nightly' if is_nightly else ''}"
            pin: Pin | Bound | None = _dated(version, f"{name}=={version}", where, catalog)
            pin = pin or _pin(version, name, where, catalog)
            if isinstance(pin, Pin):
                found = pin
    return found


# --- Files ----------------------------------------------------------------------------------------


def _in_folder(folder: Path, program: Path, catalog: Catalog) -> Iterator[Pin | Nightly | Bound]:
    seen: set[Path] = set()
    for pattern in _FILES:
        for path in sorted(folder.glob(pattern)):
            if path in seen or path == program.absolute() or not path.is_file():
                continue
            seen.add(path)
            found = list(_in_file(path, program, catalog))
            # Several in one file are examples, or a matrix of tests.
            several = len({item.candidates for item in found if isinstance(item, Pin)}) > 1
            if several and path.suffix not in (".txt", ".in"):
                continue
            yield from found


def _in_file(
    path: Path, program: Path, catalog: Catalog, seen: tuple[Path, ...] = ()
) -> Iterator[Pin | Nightly | Bound]:
    text = _content(path)
    shown = Path(os.path.relpath(path, program.absolute().parent)).as_posix()
    if path.suffix == ".lock":
        yield from _in_lock(text, shown, catalog)
        return
    seen = (*seen, path.resolve())
    for number, line in _lines(text):
        line = re.sub(r"(^|\s)#.*", "", line)  # A `#` in an address is no comment.
        yield from _in_text(line, f"{shown}, line {number}", catalog, text)
        included = re.match(r"\s*(?:-r|-c|--requirement|--constraint)[\s=]+(\S+)", line)
        if included is not None:
            other = path.parent / included[1]
            if other.is_file() and other.resolve() not in seen:
                yield from _in_file(other, program, catalog, seen)


def _content(path: Path) -> str:
    """The text of a file; empty where it is not one to read requirements from."""
    try:
        if path.stat().st_size > _LARGEST:
            return ""
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return ""


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines with their numbers, those that end with a backslash joined."""
    joined, start = "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        start = start or number
        if line.endswith("\\"):
            joined += f"{line[:-1]} "
            continue
        yield start, joined + line
        joined, start = "", 0
    if joined:
        yield start, joined


def _in_lock(text: str, shown: str, catalog: Catalog) -> Iterator[Pin | Nightly | Bound]:
    """Lock files of Pipenv (JSON), Poetry and uv (a name, and its version in the next line)."""
    if text.lstrip().startswith("{"):
        try:
            packages = json.loads(text)
            version = packages["default"]["tensorflow-federated"]["version"].lstrip("=")
        except (ValueError, KeyError, TypeError, AttributeError):
            return
        line = text[: text.index('"tensorflow-federated"')].count("\n") + 1
    else:
        match = re.search(
            r'^name = "tensorflow[-_]federated"\s+version = "([^"]+)"', text, re.MULTILINE
        )
        if match is None:
            return
        version, line = match[1], text[: match.start()].count("\n") + 1
    found = _pin(f"=={version}", "tensorflow-federated", f"{shown}, line {line}", catalog)
    if found is not None:
        yield found


# --- Requirements ---------------------------------------------------------------------------------


def _in_text(
    text: str, place: str, catalog: Catalog, context: str = ""
) -> Iterator[Pin | Nightly | Bound]:
    """The requirements in a line; variables in them are looked up in the context."""
    for name in _NAME.finditer(text):
        shown = name[0].rstrip("-")
        variable = _VARIABLE.match(text, name.end())
        match = _SPECIFIER.match(text, name.end())
        specifiers = "" if match is None else re.sub(r"\s", "", match["specifiers"])
        if variable is not None:
            specifiers = _value(variable["name"], context)
        found: Pin | Nightly | Bound | None = None
        if name["nightly"] or name["wheel_nightly"]:
            found = _dated(specifiers, f"{shown}{specifiers}", place, catalog)
            found = found or Nightly(shown, place)
        elif specifiers:
            found = _dated(specifiers, f"{shown}{specifiers}", place, catalog)
            found = found or _pin(specifiers, shown, place, catalog)
        if found is not None:
            yield found
    for match in _REPOSITORY.finditer(text):
        found = _pin(match["version"], "tensorflow-federated", place, catalog)
        if found is not None:
            yield found
    for match in _TENSORFLOW.finditer(text):
        fitting = frozenset(
            release
            for release, recipe in recipes().items()
            if recipe.tensorflow.startswith(f"{match['version']}.")
        )
        if fitting:
            yield Bound(re.sub(r"[\s'\"]", "", match[0]), place, fitting, weak=True)


def _value(name: str, context: str) -> str:
    """The version that a variable has in a file: `TFF_VERSION=0.17.0`."""
    match = re.search(rf"""\b{name}\s*[=:]\s*["']?(?P<version>\d[\w.]*)""", context)
    return "" if match is None else match["version"]


def _dated(specifiers: str, requirement: str, place: str, catalog: Catalog) -> Pin | None:
    """The pin of a nightly build with a day: the release that it preceded."""
    match = _NIGHTLY_DAY.search(specifiers)
    if match is None:
        return None
    try:
        day = datetime.date(*map(int, match.groups())).isoformat()
    except ValueError:
        return None
    known = recipes()
    later = [release for release in catalog.releases if known[release].published >= day]
    return Pin(requirement, place, (later[0] if later else catalog.releases[-1],), False)


def _pin(specifiers: str, name: str, place: str, catalog: Catalog) -> Pin | Bound | None:
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
    requirement = f"{name}{specifiers if specifiers[0] in '=<>~!^' else '==' + specifiers}"
    fitting = [release for release in catalog.releases if release in wanted]
    operators = {item.operator for item in wanted}
    if not operators & {"==", "===", "~=", "<", "<="}:
        # A lower bound says what is too old, not what it was written for.
        return Bound(requirement, place, frozenset(fitting)) if fitting else None
    exact = bool(operators & {"==", "==="})
    if fitting:
        return Pin(requirement, place, (fitting[-1],), exact=exact)
    try:
        # "0.13" on a `==` line is 0.13.0 to pip; what is meant is the newest of the series.
        bound = next(iter(wanted)).version.rstrip(".*")
        near = catalog.near_releases(Version(bound))
    except ValueError:
        return None
    below = [release for release in near if release < Version(bound)][-1:]
    above = [release for release in near if release > Version(bound)][:1]
    return Pin(requirement, place, tuple(below + above), False)
