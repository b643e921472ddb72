"""The files of a release's stubs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePath

from packaging.version import Version

from tff_compat import catalog, coverage
from tff_compat.stubs import forms
from tff_compat.stubs.definitions import Definitions

FOLDER = "tensorflow_federated"
"""The folder that the files are in."""

_HEAD = """\
# TensorFlow Federated {release}, by `tff-compat stubs {release}`.
# What TFF {primary} has no more is @deprecated, with what to write instead.
# mypy: disable-error-code="assignment, deprecated, misc, override"
# mypy: disable-error-code="overload-cannot-match, overload-overlap"
# pyright: reportInconsistentOverload=false, reportIncompatibleMethodOverride=false
# pyright: reportOverlappingOverload=false, reportIncompatibleVariableOverride=false
"""
_NAMES = {
    "abc": ("abc",),
    "enum": ("enum",),
    "collections.abc": ("Callable", "Iterable", "Iterator", "Mapping", "Sequence"),
    "typing": ("Any", "ClassVar", "NamedTuple", "final", "overload"),
    "tensorflow_federated as tff": ("tff",),
    "typing_extensions": ("typing_extensions",),
}
"""What the definitions use, by module; a stub does not hand on what it imports so."""

_NO_OBJECTS = f"@final\nclass {forms.UNKNOWN}: ...\n"


def package(release: Version) -> Mapping[PurePath, str]:
    """The text of each file, by its path below the folder of the stubs."""
    known = catalog.load()
    definitions = Definitions(release)
    found: dict[PurePath, str] = {}
    for path in (*known.paths(), *known.internal_paths()):
        if _is_module(path, release):
            place = PurePath(FOLDER, *path.split(".")[1:], "__init__.pyi")
            found[place] = _module(path, release, definitions)
    return found


def _module(path: str, release: Version, definitions: Definitions) -> str:
    known = catalog.load()
    imports: list[str] = []
    blocks: list[str] = []
    own = known.members(path, release, operators=True)
    for name in own:
        if not _is_module(f"{path}.{name}", release):
            lines = list(definitions.lines(f"{path}.{name}", name))
            (imports if lines[0].startswith("from ") else blocks).append("\n".join(lines))
    for place in filter(None, (path, _same_module(path, release))):
        for name in known.members(place, release):
            is_new = place == path or name not in own
            if is_new and _is_module(f"{place}.{name}", release, loaded=True):
                imports.append(f"from {_dotted(place)} import {name} as {name}")
    body = "\n\n".join(blocks)
    if re.search(rf"\b{forms.UNKNOWN}\b", body):
        body = f"{_NO_OBJECTS}\n{body}"
    head = _HEAD.format(release=release, primary=coverage.PRIMARY)
    return "\n".join([head, *_needed(body), *imports, "", body, ""])


def _same_module(path: str, release: Version) -> str | None:
    """The path of the same module among the internal ones, or of an internal among the public."""
    known = catalog.load()
    if not path.startswith(catalog.INTERNAL):
        return known.home(path, release)
    symbol = known.symbol(path)
    names = known.members(path, release) if path == catalog.INTERNAL else ()
    if any(_is_of_root(name, release) for name in names):
        return "tff"
    return symbol.public(release) if symbol is not None else None


def _is_of_root(name: str, release: Version) -> bool:
    """Whether a name is in the inner package because early releases took all of theirs there."""
    symbol = catalog.load().symbol(f"{catalog.INTERNAL}.{name}")
    return symbol is not None and symbol.public(release) == f"tff.{name}"


def _is_module(path: str, release: Version, *, loaded: bool = False) -> bool:
    """Whether a path is a module; of an internal one `loaded` asks whether it is an attribute."""
    symbol = catalog.load().symbol(path)
    if symbol is None or symbol.kind_in(release) != "module":
        return False
    return not loaded or not path.startswith(catalog.INTERNAL) or symbol.is_loaded(release)


def _needed(body: str) -> Iterator[str]:
    """The imports of the names that definitions use."""
    code = re.sub(r'deprecated\(".*"\)|^#.*$', "", body, flags=re.MULTILINE)
    for module, names in _NAMES.items():
        used = [name for name in names if re.search(rf"\b{name}\b", code)]
        if used and module.rpartition(" ")[2] in used:
            yield f"import {module}"
        elif used:
            yield f"from {module} import {', '.join(used)}"


def _dotted(path: str) -> str:
    return path if path.startswith(catalog.INTERNAL) else path.replace("tff", FOLDER, 1)
