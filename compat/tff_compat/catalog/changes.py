"""What changed between two signatures, and whether a call of the old one still means the same."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from inspect import _ParameterKind as Kind

from tff_compat.catalog.history import Parameter, Signature

_BY_POSITION = (Kind.POSITIONAL_ONLY, Kind.POSITIONAL_OR_KEYWORD)
_NAMED = (*_BY_POSITION, Kind.KEYWORD_ONLY)


@dataclass(frozen=True)
class Change:
    """One difference between two signatures.

    Attributes:
      text: What happened, such as ``"`func` is now called `fn`"``.
      breaking: Whether some call of the old signature fails, or means something else, by the new.
    """

    text: str
    breaking: bool


@functools.cache
def changes(old: Signature, new: Signature) -> tuple[Change, ...]:
    """The differences that a caller sees, breaking ones first.

    A default of another value is a change that breaks no call.
    """
    found = list(_Comparison(old, new).changes())
    return tuple(sorted(found, key=lambda change: not change.breaking))


def breakage(old: Signature, new: Signature) -> str | None:
    """Why some call of the old signature does not fit the new one; None where each does."""
    texts = [change.text for change in changes(old, new) if change.breaking]
    return "; ".join(texts) or None


class _Comparison:
    def __init__(self, old: Signature, new: Signature) -> None:
        self._old = {p.name: p for p in old.parameters if p.kind in _NAMED}
        self._new = {p.name: p for p in new.parameters if p.kind in _NAMED}
        self._old_slots = [p.name for p in old.parameters if p.kind in _BY_POSITION]
        self._new_slots = [p.name for p in new.parameters if p.kind in _BY_POSITION]
        self._old_kinds = {p.kind for p in old.parameters}
        self._new_kinds = {p.kind for p in new.parameters}

    def changes(self) -> Iterator[Change]:
        renamed = self._renamed()
        for name, new_name in renamed.items():
            by_position_only = self._old[name].kind is Kind.POSITIONAL_ONLY
            yield Change(f"`{name}` is now called `{new_name}`", not by_position_only)
        takes_more = Kind.VAR_POSITIONAL in self._new_kinds
        takes_any = Kind.VAR_KEYWORD in self._new_kinds
        for name, parameter in self._old.items():
            if name in renamed or name in self._new:
                continue
            swallowed = (parameter.kind is not Kind.KEYWORD_ONLY and takes_more) or (
                parameter.kind is not Kind.POSITIONAL_ONLY and takes_any
            )
            swallowed = swallowed and (
                parameter.kind is not Kind.POSITIONAL_OR_KEYWORD or (takes_more and takes_any)
            )
            yield Change(f"`{name}` is gone", not swallowed)
        for name, parameter in self._new.items():
            if name in renamed.values() or name in self._old:
                continue
            variadic = {Kind.VAR_KEYWORD, Kind.VAR_POSITIONAL} & self._old_kinds
            if parameter.required and not variadic:
                yield Change(f"`{name}` is new and required", True)
            else:
                yield Change(f"`{name}` is new", False)
        for name in self._old:
            target = renamed.get(name, name)
            if target in self._new:
                yield from self._same(self._old[name], self._new[target])
        yield from self._variadic()

    def _same(self, old: Parameter, new: Parameter) -> Iterator[Change]:
        name = new.name
        if old.kind in _BY_POSITION and new.kind is Kind.KEYWORD_ONLY:
            yield Change(f"`{name}` is keyword-only", True)
        elif old.kind in _BY_POSITION:
            before, after = self._old_slots.index(old.name), self._new_slots.index(name)
            if before != after:
                yield Change(f"`{name}` moved from position {before + 1} to {after + 1}", True)
        elif new.kind in _BY_POSITION:
            yield Change(f"`{name}` may be given by position", False)
        if old.kind is not Kind.POSITIONAL_ONLY and new.kind is Kind.POSITIONAL_ONLY:
            yield Change(f"`{name}` cannot be given by keyword", True)
        if old.default is None and new.default is not None:
            yield Change(f"`{name}` is optional, by default {new.default}", False)
        elif old.default is not None and new.default is None:
            yield Change(f"`{name}` is required", True)
        elif old.default is not None and old.default != new.default:
            yield Change(f"the default of `{name}` is {new.default}, was {old.default}", False)

    def _variadic(self) -> Iterator[Change]:
        for kind, text in ((Kind.VAR_POSITIONAL, "positional"), (Kind.VAR_KEYWORD, "keyword")):
            if kind in self._old_kinds - self._new_kinds:
                yield Change(f"takes no further {text} arguments", True)
            elif kind in self._new_kinds - self._old_kinds:
                yield Change(f"takes further {text} arguments", False)

    def _renamed(self) -> dict[str, str]:
        """Parameters that went while another with the same default came to the same position."""
        found = {}
        for index, name in enumerate(self._old_slots):
            if name in self._new or index >= len(self._new_slots):
                continue
            candidate = self._new_slots[index]
            if (
                candidate not in self._old
                and self._old[name].default == self._new[candidate].default
            ):
                found[name] = candidate
        return found
