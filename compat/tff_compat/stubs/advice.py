"""What a stub says of legacy symbols: the words of the warnings, for examples of their use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from packaging.version import Version

from tff_compat import catalog, coverage
from tff_compat.catalog import Symbol
from tff_compat.declared.legacy import NEVER, Legacy
from tff_compat.source import examples
from tff_compat.source.examples import Advice

_VALUES_OF_KINDS = {
    "keras optimizer": "lambda: tf.keras.optimizers.SGD(learning_rate=0.1)",
    "none": "None",
}


@dataclass(frozen=True)
class _Use:
    """An example; what is found of it is about the symbol where it reaches behind its name."""

    code: str
    name_ends: int


class Advices:
    """The advice for the symbols of a release, from examples of all of them."""

    def __init__(self, release: Version) -> None:
        self._release = release
        self._legacy: dict[str, Legacy] = {}
        self._objects: dict[str, str] = {}
        wanted: dict[_Key, tuple[_Use, ...]] = {}
        of_members: dict[_Key, tuple[_Use, ...]] = {}
        for answer in coverage.answers(release):
            symbol = catalog.load().symbol(answer.path)
            assert symbol is not None
            if answer.member:
                of_members[answer.path,] = (self._of_member(symbol),)
            if answer.entry is None or answer.entry.path != answer.path:
                continue
            self._legacy[answer.path] = answer.entry.legacy
            if answer.entry.legacy.always:
                uses = examples.uses(symbol, answer, release)
                wanted[answer.path,] = tuple(_Use(use, len(answer.path)) for use in uses)
            else:
                wanted.update(self._of_calls(symbol, answer.entry.legacy))
        setup = [f"{name} = {call}" for call, name in self._objects.items()]
        # Members by themselves: what replaces a call may depend on which members a program reads.
        self._texts = {**_texts(of_members, release, setup), **_texts(wanted, release)}

    def legacy(self, path: str) -> Legacy:
        """Which uses of a symbol are declared as legacy."""
        return self._legacy.get(path, NEVER)

    def always(self, path: str) -> str:
        """What to write instead of any use of a symbol; "" where not all are legacy."""
        return self._texts.get((path,), "")

    def given(self, path: str, parameter: str) -> str:
        """What to write instead of a call that gives a parameter; "" where it is not legacy."""
        return self._texts.get((path, parameter), "")

    def _of_member(self, symbol: Symbol) -> _Use:
        owner, _, name = symbol.path.rpartition(".")
        kind = symbol.kind_in(self._release)
        outer = catalog.load().symbol(owner)
        assert outer is not None
        called = f"({self._arguments(symbol)})" if kind in _CALLED else ""
        of = owner if kind in _OF_CLASSES else self._object(outer)
        return _Use(f"{of}.{name}{called}", len(f"{of}.{name}"))

    def _object(self, cls: Symbol) -> str:
        """The name of an object of a class, which the examples make."""
        words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", cls.path.rpartition(".")[2]).lower()
        made = f"{cls.path}({self._arguments(cls)})"
        return self._objects.setdefault(made, f"{words}{_NUMBERED}{len(self._objects)}")

    def _arguments(self, symbol: Symbol) -> str:
        signature = symbol.signature(self._release)
        return "" if signature is None else examples.arguments(signature)

    def _of_calls(
        self, symbol: Symbol, legacy: Legacy
    ) -> Iterator[tuple[tuple[str, str], tuple[_Use]]]:
        signature = symbol.signature(self._release)
        if signature is None:
            return
        for name, kind in {**dict.fromkeys(legacy.keywords, ""), **legacy.values}.items():
            values = {name: _VALUES_OF_KINDS[kind]} if kind in _VALUES_OF_KINDS else {}
            keywords = (name,) if name in legacy.keywords else ()
            text = examples.arguments(signature, {name}, keywords=keywords, values=values)
            yield (symbol.path, name), (_Use(f"{symbol.path}({text})", len(symbol.path)),)


_NUMBERED = "_of_example_"
"""Stands in the names of the objects of examples, which are theirs alone."""

_OF_CLASSES = frozenset({"class", "classmethod", "constant", "staticmethod"})
_CALLED = frozenset({"classmethod", "method", "staticmethod"})


_Key = tuple[str, ...]


def _texts(
    wanted: Mapping[_Key, tuple[_Use, ...]], release: Version, setup: Sequence[str] = ()
) -> Mapping[_Key, str]:
    """What is advised for uses, read as one program."""
    written = [use.code for uses in wanted.values() for use in uses]
    advised = dict(zip(written, examples.advice(written, release, setup=setup)))
    texts = {key: _text(key[0], uses, advised) for key, uses in wanted.items()}
    return {key: text for key, text in texts.items() if text}


def _text(path: str, uses: tuple[_Use, ...], advised: Mapping[str, tuple[Advice, ...]]) -> str:
    """The words of the finding for the first use with code to write, else for the last one."""
    found = [
        each.finding
        for use in uses
        for each in advised[use.code]
        if each.finding.column == 1 and each.finding.end_column > use.name_ends
    ]
    if not found:
        return ""
    best = next((finding for finding in found if finding.replacement), found[-1])
    helped = f" (with tff-compat explain {path})" if best.helpers else ""
    return re.sub(rf"{_NUMBERED}\d+", "", best.message) + helped
