"""What the adapters declare, read from a file, so that no TensorFlow is imported to know it."""

from __future__ import annotations

import ast
import functools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from tff_compat import catalog
from tff_compat.declared.legacy import ALWAYS, Legacy
from tff_compat.declared.replacement import Replacement

FILE = "index.json"
"""Beside this module; written by `tools/build_adapter_index.py`."""


@dataclass(frozen=True)
class Entry:
    """One adapter, move or refusal.

    Attributes:
      path: Public path of the symbol that it stands for.
      kind: "adapter", "move" or "refusal"; "member" of a role, "method" of programs' classes, or
        "helper", a function that replacements call.
      releases: The releases whose symbol it is.
      module: The dotted name of the module that declares it.
      replacement: Of an adapter, a member or a refusal: the template of the modern code; of a
        method how TFF calls it now; of a helper its source.
      note: What to look at in that code, or what to do where there is none.
      changed: Of these releases, the first ones that did something else with the form.
      legacy: When a use is legacy.
      cases: What replaces it in cases that only a run can tell, by their names.
      signature: The parameters of a call.
      gives: The role of what it gives.
      hands: The role of what functions get that are given to it.
      without_effect: The parameters that the replacement leaves out, as they changed no result.
      takes: Of parameters: the class whose methods an object needs that is given.
      target: Of a move: where the installed TFF has the symbol.
      reason: Of a refusal: why there is no adapter.
      members: Of an adapter that is a class: the members it has of those the releases had, with
        the signatures of its methods.
    """

    path: str
    kind: str
    releases: SpecifierSet
    module: str
    replacement: str = ""
    target: str = ""
    reason: str = ""
    members: Mapping[str, str | None] = field(default_factory=dict, hash=False)
    note: str = ""
    changed: tuple[str, ...] = ()
    legacy: Legacy = ALWAYS
    cases: Mapping[str, Replacement] = field(default_factory=dict, hash=False)
    signature: str = ""
    gives: str = ""
    without_effect: tuple[str, ...] = ()
    hands: str = ""
    takes: Mapping[str, str] = field(default_factory=dict, hash=False)

    @functools.cached_property
    def stands_for(self) -> frozenset[Version]:
        """The published releases among `releases`."""
        return _published(self.indexes)

    @functools.cached_property
    def indexes(self) -> frozenset[int]:
        """Where these releases are among the published ones."""
        return _indexes(str(self.releases))

    @property
    def file(self) -> str:
        """The file that declares it, such as `tff_compat/adapters/learning/keras.py`."""
        return self.module.replace(".", "/") + ".py"

    @functools.cached_property
    def place(self) -> str:
        """The file and the line that declare it, such as `tff_compat/adapters/x.py:12`.

        It is the line with the quoted path: of several, in the call that names these releases.
        """
        lines = _quoted(self.file).get(self.path, ())
        for line, specifiers in lines:
            if any(self.stands_for <= published(each) for each in specifiers):
                return f"{self.file}:{line}"
        return f"{self.file}:{lines[0][0]}" if lines else self.file

    @functools.cached_property
    def modern(self) -> Replacement:
        """What to write instead."""
        return Replacement(self.advice, self.note)

    @property
    def is_changed(self) -> bool:
        """Of a member: whether programs have to change it; others only say what they give."""
        return bool(self.replacement or self.note)

    @property
    def advice(self) -> str:
        """The template of what to write instead."""
        return self.target or self.replacement


@functools.cache
def _quoted(file: str) -> Mapping[str, Sequence[tuple[int, Sequence[str]]]]:
    """Where a file has paths as literals: the lines, with the specifiers in the same calls."""
    text = (Path(__file__).parent.parent.parent / file).read_text(encoding="utf-8")
    found: dict[str, list[tuple[int, Sequence[str]]]] = {}
    for node in ast.walk(ast.parse(text)):
        # Outer nodes come first: a call before what it is given.
        literals = list(_literals(node))
        specifiers = [text for text in literals if text[:1] in "<>="]
        for each in literals:
            if each.startswith("tff.") or each.startswith("tensorflow_federated."):
                found.setdefault(each, []).append((node.lineno, specifiers))  # type: ignore[attr-defined]
    return found


def _literals(node: ast.AST) -> Iterator[str]:
    given: list[ast.expr] = []
    if isinstance(node, ast.Call):
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
    elif isinstance(node, ast.Constant):
        given = [node]
    for each in given:
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and each.value:
            yield each.value


@functools.cache
def _indexes(specifiers: str) -> frozenset[int]:
    # Many entries have the same bounds, and to look through all releases is slow.
    all_releases = frozenset(range(len(catalog.load().releases)))
    return all_releases.intersection(*map(_within, specifiers.split(",")))


@functools.cache
def _within(bound: str) -> frozenset[int]:
    wanted = SpecifierSet(bound)
    releases = catalog.load().releases
    return frozenset(index for index, each in enumerate(releases) if each in wanted)


@functools.cache
def _published(indexes: frozenset[int]) -> frozenset[Version]:
    releases = catalog.load().releases
    return frozenset(releases[index] for index in indexes)


def published(specifiers: str) -> frozenset[Version]:
    """The published releases among those of a specifier, such as ``>=0.6,<0.13``."""
    return _published(_indexes(specifiers))


_specifiers = functools.cache(SpecifierSet)


@functools.cache
def _entries() -> Mapping[str, tuple[Entry, ...]]:
    found: dict[str, tuple[Entry, ...]] = {}
    rows = json.loads(Path(__file__).with_name(FILE).read_text(encoding="utf-8"))
    for row in rows:
        row["releases"] = _specifiers(row["releases"])
        row["changed"] = tuple(row.get("changed", ()))
        row["without_effect"] = tuple(row.get("without_effect", ()))
        if "legacy" in row:
            legacy = row["legacy"]
            row["legacy"] = Legacy(keywords=tuple(legacy["keywords"]), values=legacy["values"])
        row["cases"] = {name: Replacement(*case) for name, case in row.get("cases", {}).items()}
        entry = Entry(**row)
        found[entry.path] = (*found.get(entry.path, ()), entry)
    return found


_OF_SYMBOLS = frozenset({"adapter", "move", "refusal"})


def every() -> tuple[Entry, ...]:
    """Every entry of a symbol, sorted by path."""
    return tuple(entry for entry in _all() if entry.kind in _OF_SYMBOLS)


def members() -> tuple[Entry, ...]:
    """What is declared of the members of roles."""
    return tuple(entry for entry in _all() if entry.kind == "member")


@functools.cache
def methods(release: Version) -> tuple[Entry, ...]:
    """What is declared of the methods of programs' classes as of a release."""
    return tuple(
        entry for entry in _all() if entry.kind == "method" and release in entry.stands_for
    )


@functools.cache
def roles(release: Version) -> frozenset[str]:
    """The roles of objects with members that change, as of a release."""
    return frozenset(
        entry.path.partition(": ")[0]
        for entry in members()
        if release in entry.releases and entry.legacy.always and entry.is_changed
    )


@functools.cache
def all_roles(release: Version) -> frozenset[str]:
    """The roles of objects of which a member is declared, as of a release."""
    return roles(release) | {role for role, _ in given_roles(release)}


@functools.cache
def given_roles(release: Version) -> Mapping[tuple[str, str], str]:
    """The roles of what members of objects give as of a release, by role and member."""
    found: dict[tuple[str, str], str] = {}
    for entry in members():
        if entry.gives and entry.gives[0] != "{" and release in entry.releases:
            role, _, name = entry.path.partition(": ")
            found[role, name] = entry.gives
    return found


@functools.cache
def given_arguments() -> Mapping[tuple[str, str], str]:
    """By role and member: the parameter, of what made the object, whose argument it gives."""
    found = {
        tuple(entry.path.split(": ", 1)): entry.gives[1:-1]
        for entry in members()
        if entry.gives[:1] == "{"
    }
    return found  # type: ignore[return-value]


def given_role(role: str, name: str, release: Version) -> str:
    """The role of what one member gives, "" for none.

    What is declared of ``.*`` and ``[*]`` holds for attributes and items without a declaration,
    and not for calls of methods.
    """
    roles = given_roles(release)
    others = name if name.endswith("()") else {".": ".*", "[": "[*]"}.get(name[0], name)
    return roles.get((role, name)) or roles.get((role, others), "")


@functools.cache
def telling_role(name: str, release: Version) -> str:
    """The role of an attribute that, by its name alone, can be of one role only; "" for others."""
    if name.strip("_").count("_") < 2:
        return ""
    found = {gives for (_, member), gives in given_roles(release).items() if member == f".{name}"}
    return found.pop() if len(found) == 1 else ""


@functools.cache
def helpers() -> Mapping[str, str]:
    """The sources of the helper functions, by name."""
    return {entry.path: entry.replacement for entry in _all() if entry.kind == "helper"}


def _all() -> tuple[Entry, ...]:
    return tuple(entry for entries_of_path in _entries().values() for entry in entries_of_path)


def entries(path: str) -> tuple[Entry, ...]:
    """All entries of one symbol."""
    return _entries().get(path, ())


@functools.cache
def find(path: str, release: Version) -> Entry | None:
    """What stands for a symbol as of a release, None where nothing is declared."""
    return next((entry for entry in entries(path) if release in entry.stands_for), None)
