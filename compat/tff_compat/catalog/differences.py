"""What a release changed: the symbols and signatures of the one before, compared with its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from packaging.version import Version

from tff_compat.catalog import boundaries, changes
from tff_compat.catalog.history import Signature, Symbol, load


@dataclass(frozen=True)
class NewForm:
    """A symbol whose signature a release changed."""

    symbol: Symbol
    before: Signature
    now: Signature

    @property
    def changes(self) -> tuple[changes.Change, ...]:
        """What a caller sees of it, what breaks first."""
        return changes.changes(self.before, self.now)


@dataclass(frozen=True)
class Difference:
    """What one release changed.

    Attributes:
      release: The release.
      before: The one before it; None for the first.
      new: The symbols that came; those inside of a class or module that came are left out.
      gone: The symbols that went, in the same way.
      forms: The symbols that stayed and take other arguments.
      boundaries: What began to do something else, by name.
    """

    release: Version
    before: Version | None
    new: tuple[Symbol, ...]
    gone: tuple[Symbol, ...]
    forms: tuple[NewForm, ...]
    boundaries: Mapping[str, boundaries.Boundary]


def difference(release: Version) -> Difference:
    """What a published release changed."""
    known = load()
    index = known.releases.index(release)
    before = known.releases[index - 1] if index else None
    symbols = [symbol for symbol in map(known.symbol, known.paths()) if symbol is not None]
    had = [symbol for symbol in symbols if before is not None and symbol.exists_in(before)]
    has = [symbol for symbol in symbols if symbol.exists_in(release)]
    return Difference(
        release,
        before,
        tuple(_without_members(has, had)),
        tuple(_without_members(had, has)),
        tuple(_forms(had, before, release)),
        {
            name: boundary
            for name, boundary in boundaries.every().items()
            if boundary <= release and (before is None or boundary > before)
        },
    )


def _without_members(some: Sequence[Symbol], others: Sequence[Symbol]) -> Iterator[Symbol]:
    """Those of some symbols that are not among others, without what is inside of one of them."""
    found = {symbol.path: symbol for symbol in some}
    for symbol in others:
        found.pop(symbol.path, None)
    for path, symbol in found.items():
        if path.rpartition(".")[0] not in found:
            yield symbol


def _forms(had: Sequence[Symbol], before: Version | None, release: Version) -> Iterator[NewForm]:
    for symbol in had:
        then = None if before is None else symbol.signature(before)
        now = symbol.signature(release)
        if then is not None and now is not None and then != now:
            yield NewForm(symbol, then, now)
