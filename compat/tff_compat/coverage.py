"""Says of each symbol of each release whether it is native, moved, adapted, refused or missing."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Optional

from packaging.version import Version

from tff_compat import catalog
from tff_compat.adapters import index
from tff_compat.catalog import PRIMARY, changes

NATIVE, MOVED, ADAPTED, REFUSED, MISSING = (
    "native", "moved", "adapted", "refused", "missing",
)  # fmt: skip
STATUSES = (NATIVE, MOVED, ADAPTED, REFUSED, MISSING)

_OF_ENTRIES = {"adapter": ADAPTED, "move": MOVED, "refusal": REFUSED}


@dataclass(frozen=True)
class Answer:
    """What a program as of a release finds at one path.

    Attributes:
      path: Public path of a function, class or constant, or of a member of a class.
      member: Whether it is a member of a class.
      status: One of `STATUSES`.
      reason: Of what is refused or missing: why.
      entry: What is declared for it or for its class, if anything is.
    """

    path: str
    member: bool
    status: str
    reason: str = ""
    entry: index.Entry | None = None


def answers(release: Version) -> Iterator[Answer]:
    """An answer for each public symbol and class member of a release, sorted by path."""
    known = catalog.load()
    for path in known.paths():
        symbol = known.symbol(path)
        if symbol is None or symbol.kind_in(release) in (None, "module"):
            continue
        yield answer(path, release)


def answer(path: str, release: Version) -> Answer:
    """The answer for one public path that the release had; a module is native."""
    symbol = catalog.load().symbol(path)
    assert symbol is not None
    owner = _owner(path, release)
    if owner is not None:
        status, reason, entry = _of_member(owner, path.rpartition(".")[2], release)
        return Answer(path, True, status, reason, entry)
    status, reason, entry = _of_symbol(path, release)
    return Answer(path, False, status, reason, entry)


def _owner(path: str, release: Version) -> str | None:
    """The path of the class that a member belongs to, None for what is no member."""
    parent = path.rpartition(".")[0]
    symbol = catalog.load().symbol(parent)
    return parent if symbol is not None and symbol.kind_in(release) == "class" else None


@dataclass(frozen=True)
class Run:
    """Releases of one path that have the same answer, by their places among all, ascending."""

    answer: Answer
    indexes: tuple[int, ...]

    @property
    def releases(self) -> tuple[Version, ...]:
        """These releases."""
        known = catalog.load().releases
        return tuple(known[index] for index in self.indexes)


def runs() -> Iterator[Run]:
    """All answers of all releases, those of one path next to one another."""
    known = catalog.load()
    for path in known.paths():
        symbol = known.symbol(path)
        assert symbol is not None
        held: dict[Answer, set[int]] = {}
        for indexes in _alike(path):
            release = known.releases[min(indexes)]
            if symbol.kind_in(release) != "module":
                held.setdefault(answer(path, release), set()).update(indexes)
        for found, together in sorted(held.items(), key=lambda item: min(item[1])):
            yield Run(found, tuple(sorted(together)))


def _alike(path: str) -> list[frozenset[int]]:
    """The releases that had a path, by their indexes, in sets of which one answer is that of all.

    A hundred thousand answers would take seconds, and most are the same as that of the release
    before.
    """
    symbol = catalog.load().symbol(path)
    assert symbol is not None
    found = [era.indexes for era in symbol.eras]
    for boundary in _boundaries(path):
        found = [part for each in found for part in (each & boundary, each - boundary) if part]
    return found


@functools.cache
def _primary() -> frozenset[int]:
    return frozenset({catalog.load().releases.index(PRIMARY)})


@functools.cache
def _boundaries(path: str) -> tuple[frozenset[int], ...]:
    """Sets of releases, by their indexes, between which and all others an answer may change."""
    known = catalog.load()
    found = {entry.indexes for entry in index.entries(path)}
    found.add(_primary())
    symbol = known.symbol(path)
    if symbol is not None and any(era.kind == "class" for era in symbol.eras):
        for member in known.ever_abstract_members(path):
            found.update(era.indexes for era in member.eras)
    parent = path.rpartition(".")[0]
    outer = known.symbol(parent) if parent else None
    if outer is not None and any(era.kind == "class" for era in outer.eras):
        found.update(era.indexes for era in outer.eras)
        found.update(_boundaries(parent))
    return tuple(found)


_Found = tuple[str, str, Optional[index.Entry]]


def _of_symbol(path: str, release: Version) -> _Found:
    entry = index.find(path, release)
    if entry is not None:
        return _OF_ENTRIES[entry.kind], entry.reason, entry
    known = catalog.load()
    symbol = known.symbol(path)
    assert symbol is not None
    if symbol.kind_in(release) == "module" or release == PRIMARY:
        return NATIVE, "", None
    if not symbol.exists_in(PRIMARY):
        return MISSING, f"last in {symbol.last}", None
    kinds = symbol.kind_in(release), symbol.kind_in(PRIMARY)
    if "class" in kinds and kinds[0] != kinds[1]:
        return MISSING, f"a {kinds[0]} then, a {kinds[1]} now", None
    broken = _broken(symbol.signature(release), symbol.signature(PRIMARY))
    if broken is None and kinds[0] == "class":
        broken = _broken_subclasses(path, release)
    return (NATIVE, "", None) if broken is None else (MISSING, broken, None)


def _of_member(owner: str, name: str, release: Version) -> _Found:
    own = index.find(f"{owner}.{name}", release)
    if own is not None:
        return _OF_ENTRIES[own.kind], own.reason, own
    # A class may itself be a member of a class.
    outer = answer(owner, release)
    if outer.entry is None:
        if outer.status == MISSING and _gone(owner):
            return MISSING, "its class is missing", None
        return (*_of_member_at(owner, owner, name, release), None)
    entry = outer.entry
    if entry.kind == "move":
        status, reason = _of_member_at(owner, entry.target, name, release)
        return (MOVED if status == NATIVE else status), reason, entry
    if entry.kind == "refusal":
        return REFUSED, entry.reason, entry
    if name not in entry.members:
        return MISSING, "the adapter of its class lacks it", entry
    symbol = catalog.load().symbol(f"{owner}.{name}")
    assert symbol is not None
    text = entry.members[name]
    new = None if text is None else catalog.Signature(text)
    broken = _broken(symbol.signature(release), new)
    return (ADAPTED, "", entry) if broken is None else (MISSING, broken, entry)


def _of_member_at(owner: str, target: str, name: str, release: Version) -> tuple[str, str]:
    known = catalog.load()
    old, new = known.symbol(f"{owner}.{name}"), known.symbol(f"{target}.{name}")
    assert old is not None
    if name == "__ne__" and (new is None or not new.exists_in(PRIMARY)):
        # Python makes it of `__eq__`.
        new = known.symbol(f"{target}.__eq__")
    if new is None or not new.exists_in(PRIMARY):
        return MISSING, f"last in {old.last}" if new is old else f"{target} lacks it"
    broken = _broken(old.signature(release), new.signature(PRIMARY))
    return (NATIVE, "") if broken is None else (MISSING, broken)


def _gone(path: str) -> bool:
    symbol = catalog.load().symbol(path)
    return symbol is None or not symbol.exists_in(PRIMARY)


@functools.cache
def _broken(old: catalog.Signature | None, new: catalog.Signature | None) -> str | None:
    """Why calls of the old signature do not fit the new; what is not known is taken to fit."""
    return None if old is None or new is None else changes.breakage(old, new)


def _broken_subclasses(path: str, release: Version) -> str | None:
    """Whether a subclass that was complete then misses what it has to define now."""
    known = catalog.load()
    then = set(known.abstract_members(path, release))
    new = {
        name for name in known.abstract_members(path, PRIMARY) if not name.startswith("__")
    } - then
    if not then or not new:
        return None
    return f"subclasses must define {', '.join(sorted(new))}"
