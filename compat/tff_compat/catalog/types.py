"""The bases of TFF's classes, and the types of what its functions give, as releases said them."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.version import Version

FILE = "types.json"
"""Beside this module; written by `tools/build_types.py`."""

UNKNOWN = "Any"


@dataclass(frozen=True)
class Types:
    """What is known of types in one release; public classes of TFF are named by their paths."""

    texts: Mapping[str, str]

    def type_of(self, path: str) -> str:
        """The type of what a call gives, or of a value: as in an annotation, `Any` if unknown."""
        return self.texts.get(path, UNKNOWN)

    def canonical(self, path: str) -> str:
        """The shortest of the paths at which the release had the same class."""
        text = self.texts.get(path, "")
        return text[1:] if text.startswith("=") else path

    def bases(self, path: str) -> tuple[str, ...]:
        """The bases of a class.

        Paths of TFF, names of Python such as `enum.Enum`, `Any` for one from elsewhere, and
        "attrs", "dataclass" or "NamedTuple" where that makes its fields.
        """
        text = self.texts.get(self.canonical(path), "")
        return tuple(text.split(", ")) if text else ()


@functools.cache
def _rows() -> tuple[list[str], Mapping[str, list[list[str]]]]:
    data = json.loads(Path(__file__).with_name(FILE).read_text(encoding="utf-8"))
    return data["releases"], data["symbols"]


def types(release: Version) -> Types:
    """The types in a release."""
    releases, rows = _rows()
    wanted = releases.index(str(release))
    found: dict[str, str] = {}
    for path, eras in rows.items():
        for ranges, text in eras:
            for part in ranges.split(","):
                first, _, last = part.partition("-")
                if releases.index(first) <= wanted <= releases.index(last or first):
                    found[path] = text
    return Types(found)
