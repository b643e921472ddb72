"""The class that reads the catalog's data; the data comes from `tools/build_catalog.py`."""

from __future__ import annotations

import ast
import bisect
import functools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from inspect import _ParameterKind
from pathlib import Path

from packaging.version import InvalidVersion, Version

from tff_compat.catalog.boundaries import FIRST_WITHOUT_PYTHON

_FOLDER = Path(__file__).parent
INTERNAL = "tensorflow_federated.python"
"""The package under which TFF kept its own source, which nobody promised to users."""

_ABSTRACT, _UNLOADED = "abstract", "unloaded"


_TAGS = frozenset(map(Version, ("0.8.0", "0.25.0", "0.35.0", "0.62.0", "0.88.0", "0.89.0")))
"""Tags of TFF's repository of which no package was published."""


class UnknownReleaseError(ValueError):
    """Raised for a text that names no published TFF release; the message lists the near ones."""

    def __init__(self, release: object, near: Iterable[Version]) -> None:
        self.release = str(release)
        self.near = tuple(near)
        near_text = ", ".join(map(str, self.near))
        what = "is not a published release"
        if _is_tag(self.release):
            what = "is a tag of TFF's repository that was never published as a package"
        super().__init__(f"TFF {self.release} {what}; the nearest are {near_text}")


def _is_tag(release: str) -> bool:
    try:
        return Version(release) in _TAGS
    except InvalidVersion:
        return False


@dataclass(frozen=True)
class Parameter:
    """One parameter of a signature; `default` is source text, None if the parameter has none."""

    name: str
    kind: _ParameterKind
    default: str | None = None

    @property
    def required(self) -> bool:
        """Whether every call has to supply it."""
        variadic = self.kind in (_ParameterKind.VAR_POSITIONAL, _ParameterKind.VAR_KEYWORD)
        return self.default is None and not variadic


@dataclass(frozen=True)
class Signature:
    """The parameters of a callable as one release declared them, without `self` and annotations."""

    text: str

    def __str__(self) -> str:
        return self.text

    @functools.cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """Parameters in the order of the declaration."""
        definition = ast.parse(f"def _{self.text}: pass").body[0]
        assert isinstance(definition, ast.FunctionDef)
        declared = definition.args
        found: list[Parameter] = []
        positional = [*declared.posonlyargs, *declared.args]
        defaults: list[ast.expr | None] = [None] * (len(positional) - len(declared.defaults))
        defaults += declared.defaults
        for index, (argument, default) in enumerate(zip(positional, defaults)):
            only = index < len(declared.posonlyargs)
            kind = _ParameterKind.POSITIONAL_ONLY if only else _ParameterKind.POSITIONAL_OR_KEYWORD
            found.append(Parameter(argument.arg, kind, _source(default)))
        if declared.vararg:
            found.append(Parameter(declared.vararg.arg, _ParameterKind.VAR_POSITIONAL))
        for argument, default in zip(declared.kwonlyargs, declared.kw_defaults):
            found.append(Parameter(argument.arg, _ParameterKind.KEYWORD_ONLY, _source(default)))
        if declared.kwarg:
            found.append(Parameter(declared.kwarg.arg, _ParameterKind.VAR_KEYWORD))
        return tuple(found)

    def misfit(
        self, positional: int, keywords: Iterable[str] = (), *, partial: bool = False
    ) -> str | None:
        """Says why a call with so many positional arguments and these keywords does not fit.

        Args:
          positional: The number of positional arguments.
          keywords: The names of the keyword arguments.
          partial: Whether the call may have further arguments that are not known here (`*args`,
            `**kwargs`), so that a missing argument is no misfit.

        Returns:
          None if the call fits, else a phrase such as "has no parameter 'bitwidth'".
        """
        slots = [p for p in self.parameters if p.kind in _POSITIONAL]
        names = {p.name for p in self.parameters if p.kind in _BY_KEYWORD}
        takes_more = any(p.kind is _ParameterKind.VAR_POSITIONAL for p in self.parameters)
        takes_any = any(p.kind is _ParameterKind.VAR_KEYWORD for p in self.parameters)
        given = set(keywords)
        if positional > len(slots) and not takes_more:
            count = len(slots) or "no"
            plural = "" if len(slots) == 1 else "s"
            return f"takes {count} positional argument{plural}, {positional} given"
        filled = {p.name for p in slots[:positional]}
        for name in sorted(given):
            if name in filled and name in names:
                return f"gets '{name}' both by position and by keyword"
            if name not in names and not takes_any:
                return f"has no parameter '{name}'"
        if not partial:
            for parameter in self.parameters:
                if parameter.required and parameter.name not in filled | given:
                    return f"needs '{parameter.name}'"
        return None


_POSITIONAL = (_ParameterKind.POSITIONAL_ONLY, _ParameterKind.POSITIONAL_OR_KEYWORD)
_BY_KEYWORD = (_ParameterKind.POSITIONAL_OR_KEYWORD, _ParameterKind.KEYWORD_ONLY)


def _source(node: ast.expr | None) -> str | None:
    return None if node is None else ast.unparse(node)


@dataclass(frozen=True)
class _Era:
    """A run of releases in which a symbol did not change."""

    indexes: frozenset[int]
    kind: str
    adjective: str
    signature: Signature | None
    public: str | None


class Symbol:
    """The history of one path, such as `tff.learning.from_keras_model`.

    `kind` is "module", "class", "function" or "constant"; for a member of a class it is "method",
    "classmethod", "staticmethod", "property", "field", "constant" or "class". It is the kind of
    the last release that had the symbol; `kind_in` gives that of an earlier one.
    """

    def __init__(self, path: str, eras: tuple[_Era, ...], positions: Mapping[Version, int]):
        self.path = path
        self.eras = eras
        self._positions = positions
        self._era_at = {index: era for era in eras for index in era.indexes}
        self._indexes = sorted(self._era_at)

    def __repr__(self) -> str:
        return f"<{self.kind} {self.path} {self.first}-{self.last}>"

    @property
    def kind(self) -> str:
        """What the symbol was in the last release that had it."""
        return self._era_at[self._indexes[-1]].kind

    @functools.cached_property
    def releases(self) -> tuple[Version, ...]:
        """The releases that had it, ascending; there may be gaps."""
        release_at = self._release_at
        return tuple(release_at[index] for index in self._indexes)

    @property
    def first(self) -> Version:
        """The first release that had it."""
        return self._release_at[self._indexes[0]]

    @property
    def last(self) -> Version:
        """The last release that had it."""
        return self._release_at[self._indexes[-1]]

    def exists_in(self, release: Version) -> bool:
        """Whether the release had it."""
        return self._era(release) is not None

    def kind_in(self, release: Version) -> str | None:
        """What it was in the release, None if it did not exist."""
        era = self._era(release)
        return None if era is None else era.kind

    def is_abstract(self, release: Version) -> bool:
        """Whether it was a member that a subclass had to define in that release."""
        era = self._era(release)
        return era is not None and era.adjective == _ABSTRACT

    def is_loaded(self, release: Version) -> bool:
        """Of an internal module: whether `import tensorflow_federated` made it an attribute."""
        era = self._era(release)
        return era is not None and era.adjective != _UNLOADED

    def public(self, release: Version) -> str | None:
        """Of an internal symbol: the public path that the same object had in the release."""
        era = self._era(release)
        return None if era is None else era.public

    def signature(self, release: Version) -> Signature | None:
        """How it was called in the release.

        None if it did not exist, cannot be called, or takes its constructor from a class outside
        TFF. For a class it is the signature of its constructor.
        """
        era = self._era(release)
        return None if era is None else era.signature

    @property
    def signatures(self) -> tuple[tuple[tuple[Version, ...], Signature | None], ...]:
        """Each distinct signature with the releases in which it held, oldest first."""
        held: dict[Signature | None, set[int]] = {}
        for era in self.eras:
            held.setdefault(era.signature, set()).update(era.indexes)
        rows = sorted(held.items(), key=lambda item: min(item[1]))
        release_at = self._release_at
        return tuple(
            (tuple(release_at[index] for index in sorted(indexes)), signature)
            for signature, indexes in rows
        )

    @property
    def ever_abstract(self) -> bool:
        """Whether a subclass had to define it in any release."""
        return any(era.adjective == _ABSTRACT for era in self.eras)

    @property
    def _release_at(self) -> Sequence[Version]:
        return tuple(self._positions)

    def _era(self, release: Version) -> _Era | None:
        index = self._positions.get(release)
        return None if index is None else self._era_at.get(index)


class Catalog:
    """Every public symbol of every published TFF release.

    Paths start with `tff`. What the modules under `tensorflow_federated.python` defined is known
    too, under their full dotted names and without class members; nobody promised it to users, but
    old programs import from there.
    """

    def __init__(self) -> None:
        releases, self._public = _read("public.json", "symbols")
        self.releases: tuple[Version, ...] = tuple(map(Version, releases))
        self._index = {text: index for index, text in enumerate(releases)}
        self._positions = {release: index for index, release in enumerate(self.releases)}
        self._symbols: dict[str, Symbol] = {}

    @functools.cached_property
    def _internal(self) -> Mapping[str, list]:
        modules: dict[str, dict[str, list]] = _read("internal.json", "modules")[1]
        found = {}
        for module, names in modules.items():
            prefix = f"{INTERNAL}.{module}" if module else INTERNAL
            for name, rows in names.items():
                found[f"{prefix}.{name}" if name else prefix] = rows
        return found

    @functools.cached_property
    def _homes(self) -> Mapping[str, list[Symbol]]:
        """The internal modules that were public, by their public paths."""
        found: dict[str, list[Symbol]] = {}
        for path, rows in self._internal.items():
            if rows[0][1].endswith("module"):
                symbol = self.symbol(path)
                assert symbol is not None
                for public in {era.public for era in symbol.eras} - {None}:
                    found.setdefault(str(public), []).append(symbol)
        return found

    @functools.cached_property
    def _public_children(self) -> Mapping[str, list[str]]:
        return _children(self._public)

    @functools.cached_property
    def _internal_children(self) -> Mapping[str, list[str]]:
        return _children(self._internal)

    def resolve(self, release: str | Version) -> Version:
        """Returns the published release that a text means; a partial one means the newest match.

        >>> load().resolve("0.13")
        <Version('0.13.1')>

        Raises:
          UnknownReleaseError: If no published release matches.
        """
        text = str(release).strip()
        try:
            wanted = Version(text)
        except InvalidVersion:
            raise UnknownReleaseError(release, self.releases[-3:]) from None
        prefix = wanted.release
        if len(prefix) < 3 and wanted.public == wanted.base_version:
            matches = [known for known in self.releases if known.release[: len(prefix)] == prefix]
            if matches:
                return matches[-1]
        elif wanted in self.releases:
            return next(known for known in self.releases if known == wanted)
        raise UnknownReleaseError(release, self.near_releases(wanted))

    def near_releases(self, release: Version) -> tuple[Version, ...]:
        """Published releases next to one that may not be published: up to two on each side."""
        index = bisect.bisect_left(self.releases, release)
        return self.releases[max(0, index - 2) : index + 2]

    def before(self, release: Version) -> Version:
        """The last published release before one that need not be published.

        >>> load().before(Version("0.9"))
        <Version('0.7.0')>

        Raises:
          ValueError: There is none.
        """
        index = bisect.bisect_left(self.releases, release)
        if not index:
            raise ValueError(f"No release came before {release}.")
        return self.releases[index - 1]

    def runs(self, releases: Iterable[Version]) -> str:
        """Releases as text in which each run of published ones is a range.

        >>> known = load()
        >>> known.runs(known.releases[:3] + known.releases[4:5])
        '0.1.0–0.3.0, 0.5.0'
        """
        found: list[list[int]] = []
        for index in sorted(self._positions[release] for release in releases):
            if found and found[-1][1] == index - 1:
                found[-1][1] = index
            else:
                found.append([index, index])
        names = [(str(self.releases[first]), str(self.releases[last])) for first, last in found]
        return ", ".join(a if a == b else f"{a}–{b}" for a, b in names)

    def symbol(self, path: str) -> Symbol | None:
        """The history of a path, or None if no release ever had it."""
        if path not in self._symbols:
            rows = self._rows(path).get(path)
            if rows is None:
                return None
            self._symbols[path] = Symbol(
                path, tuple(self._era(path, row) for row in rows), self._positions
            )
        return self._symbols[path]

    def home(self, path: str, release: Version) -> str | None:
        """The internal module that a public module was in a release.

        >>> load().home("tff.learning", Version("0.9.0"))
        'tensorflow_federated.python.learning'
        """
        homes = self._homes.get(path, ())
        return next((symbol.path for symbol in homes if symbol.public(release) == path), None)

    def loaded_with(self, path: str, release: Version) -> str | None:
        """The internal module that a release had as an attribute of a public one.

        A package has as attributes those of its modules that have been imported.

        >>> load().loaded_with("tff.simulation.hdf5_client_data", Version("0.9.0"))
        'tensorflow_federated.python.simulation.hdf5_client_data'
        """
        if path == "tff.python":
            return INTERNAL if release < FIRST_WITHOUT_PYTHON else None
        owner, _, name = path.rpartition(".")
        home = self.home(owner, release)
        symbol = self.symbol(f"{home}.{name}") if home else None
        if symbol is None or symbol.kind_in(release) != "module":
            return None
        return symbol.path if symbol.is_loaded(release) else None

    def named(self, name: str) -> tuple[Symbol, ...]:
        """The internal symbols whose last name is this."""
        paths = self._internal_names.get(name, ())
        symbols = (self.symbol(path) for path in paths)
        return tuple(symbol for symbol in symbols if symbol is not None)

    @functools.cached_property
    def _internal_names(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in self._internal:
            found.setdefault(path.rpartition(".")[2], []).append(path)
        return found

    def releases_of_members(self, name: str) -> frozenset[Version]:
        """The releases in which anything public but a module's name was called so.

        Empty if it is, or was, a name in a module too: then it says nothing of classes.
        """
        found: set[Version] = set()
        for path in self._public_names.get(name, ()):
            symbol, owner = self.symbol(path), self.symbol(path.rpartition(".")[0])
            if symbol is None or owner is None or owner.kind == "module":
                return frozenset()
            found.update(symbol.releases)
        return frozenset(found)

    @functools.cached_property
    def _public_names(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in self._public:
            found.setdefault(path.rpartition(".")[2], []).append(path)
        return found

    def internal_paths(self) -> tuple[str, ...]:
        """Every path under `tensorflow_federated.python` that ever existed, sorted by module."""
        return tuple(self._internal)

    def paths(self) -> tuple[str, ...]:
        """Every public path that ever existed, sorted."""
        return tuple(self._public)

    def members(self, path: str, release: Version, *, operators: bool = False) -> tuple[str, ...]:
        """Public names that a module or class had in a release, sorted.

        Args:
          path: Of the module or class.
          release: Which release.
          operators: Whether to give also those such as `__add__` and `__getitem__`.
        """
        internal = self._rows(path) is not self._public
        children = self._internal_children if internal else self._public_children
        names = (n for n in children.get(path, ()) if operators or not n.startswith("__"))
        return tuple(name for name in names if self._exists(f"{path}.{name}", release))

    def abstract_members(self, path: str, release: Version) -> tuple[str, ...]:
        """Names that a subclass of this class had to define in a release, sorted."""
        return tuple(
            member.path.rpartition(".")[2]
            for member in self.ever_abstract_members(path)
            if member.is_abstract(release)
        )

    @functools.cache  # noqa: B019 - there is one catalog in a process
    def ever_abstract_members(self, path: str) -> tuple[Symbol, ...]:
        """The members that a subclass of this class had to define in any release."""
        members = (self.symbol(f"{path}.{name}") for name in self._public_children.get(path, ()))
        return tuple(member for member in members if member is not None and member.ever_abstract)

    def near(self, path: str, release: Version | None = None, count: int = 3) -> tuple[str, ...]:
        """Existing paths that resemble one that does not exist, best first.

        Args:
          path: A path, such as `tff.learning.from_kears_model`.
          release: If given, only paths that this release had.
          count: How many to return at most.
        """
        import difflib  # Only needed once something has gone wrong.

        known = [p for p in self._public if release is None or self._exists(p, release)]
        last = path.rpartition(".")[2]
        same_name = [p for p in known if p.rpartition(".")[2] == last and p != path]
        same_name.sort(key=lambda p: (p.count("."), p))
        alike = difflib.get_close_matches(path, known, n=count, cutoff=0.75)
        return tuple(dict.fromkeys(same_name + alike))[:count]

    def _exists(self, path: str, release: Version) -> bool:
        symbol = self.symbol(path)
        return symbol is not None and symbol.exists_in(release)

    def _rows(self, path: str) -> Mapping[str, list]:
        return self._internal if path.startswith(INTERNAL) else self._public

    def _era(self, path: str, row: list) -> _Era:
        ranges, kind, signature, public = (*row, None, None)[:4]
        indexes: set[int] = set()
        for part in ranges.split(","):
            first, _, last = part.partition("-")
            indexes.update(range(self._index[first], self._index[last or first] + 1))
        adjective, _, word = kind.rpartition(" ")
        if public is not None and public.endswith("."):
            public += path.rpartition(".")[2]
        return _Era(
            frozenset(indexes),
            word,
            adjective,
            None if signature is None else Signature(signature),
            public,
        )


def _children(rows: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in rows:
        parent, _, name = path.rpartition(".")
        found.setdefault(parent, []).append(name)
    return found


def _read(name: str, content: str) -> tuple[list[str], dict]:
    data = json.loads((_FOLDER / name).read_text(encoding="utf-8"))
    return data["releases"], data[content]


@functools.cache
def load() -> Catalog:
    """Returns the catalog; the data is read on the first call only."""
    return Catalog()
