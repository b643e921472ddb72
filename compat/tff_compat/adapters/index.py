"""What the adapters declare, read from a file, so that no TensorFlow is imported to know it."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from tff_compat import catalog

FILE = "index.json"
"""Beside this module; written by `tools/build_adapter_index.py`."""


@dataclass(frozen=True)
class Entry:
    """One adapter, move or refusal.

    Attributes:
      path: Public path of the symbol that it stands for.
      kind: "adapter", "move" or "refusal".
      releases: The releases whose symbol it is.
      module: The dotted name of the module that declares it.
      replacement: Of an adapter or a refusal: the template of the modern code.
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

    @functools.cached_property
    def stands_for(self) -> frozenset[Version]:
        """The published releases among `releases`."""
        return frozenset(self.releases.filter(catalog.load().releases))

    @property
    def file(self) -> str:
        """Where it stands, such as `tff_compat/adapters/learning/keras.py`."""
        return self.module.replace(".", "/") + ".py"

    @property
    def advice(self) -> str:
        """The template of what to write instead."""
        return self.target or self.replacement


@functools.cache
def _entries() -> Mapping[str, tuple[Entry, ...]]:
    found: dict[str, tuple[Entry, ...]] = {}
    rows = json.loads(Path(__file__).with_name(FILE).read_text(encoding="utf-8"))
    for row in rows:
        entry = Entry(**{**row, "releases": SpecifierSet(row["releases"])})
        found[entry.path] = (*found.get(entry.path, ()), entry)
    return found


def every() -> tuple[Entry, ...]:
    """All that is declared, sorted by path."""
    return tuple(entry for entries_of_path in _entries().values() for entry in entries_of_path)


def entries(path: str) -> tuple[Entry, ...]:
    """All entries of one symbol."""
    return _entries().get(path, ())


def find(path: str, release: Version) -> Entry | None:
    """What stands for a symbol as of a release, None where nothing is declared."""
    return next((entry for entry in entries(path) if release in entry.stands_for), None)
