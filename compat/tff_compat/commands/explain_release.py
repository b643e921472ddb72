"""`tff-compat explain --release`: what a release changed, and the programs that show it."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from tff_compat.commands.releases import series

if TYPE_CHECKING:
    from packaging.version import Version

    from tff_compat.catalog.differences import Difference
    from tff_compat.catalog.history import Symbol
    from tff_compat.recipes import Recipe

_PROGRAMS = 3
"""How many programs a text names on each side of a release."""
_WIDTH = 100


def explain(asked: str, *, as_json: bool) -> None:
    """Prints what each release that a text means changed.

    Args:
      asked: A release such as "0.16.1", or "0.16" for all releases of that series.
      as_json: Whether to print JSON, a list of releases.

    Raises:
      CommandError: No release matches.
    """
    from tff_compat.catalog import differences

    found = [differences.difference(release) for release in series(asked, "--release")]
    if as_json:
        print(json.dumps([_record(each) for each in found], indent=1))
    else:
        print("\n\n".join("\n".join(_lines(each)) for each in found))


def _lines(difference: Difference) -> Iterator[str]:
    from tff_compat.recipes import recipe

    release, before = difference.release, difference.before
    yield f"TFF {release}, after {before}" if before else f"TFF {release}"
    yield f"  {_surroundings(recipe(release), recipe(before) if before else None)}"
    if difference.boundaries:
        yield from ("", "Means something else")
    for name, boundary in difference.boundaries.items():
        yield from _wrapped(boundary.change, 2)
        if boundary.symbols:
            yield from _wrapped(f"of {', '.join(boundary.symbols)}", 4)
        yield from _programs(boundary.symbols, boundary)
        yield f"    in our code: {name}"
    for title, symbols in (("New", difference.new), ("Gone", difference.gone)):
        if symbols:
            yield from ("", title)
        yield from _listed(symbols)
    if difference.forms:
        yield from ("", "Takes other arguments")
    for form in difference.forms:
        yield f"  {form.symbol.path}"
        for change in form.changes:
            yield f"    {'breaks' if change.breaking else 'changes'}: {change.text}"
        yield from _programs((form.symbol.path,), release)


def _surroundings(recipe: Recipe, before: Recipe | None) -> str:
    """What a release ran on, and what the one before ran on where that was something else."""
    now, then = _versions(recipe), _versions(before) if before else {}
    return ", ".join(
        f"{name} {version}{f' (was {then[name]})' if then.get(name, version) != version else ''}"
        for name, version in now.items()
    )


def _versions(recipe: Recipe) -> dict[str, str]:
    return {
        "TensorFlow": recipe.tensorflow,
        "Python": recipe.python,
        "NumPy": str(recipe.version_of("numpy")),
    }


def _listed(symbols: Sequence[Symbol]) -> Iterator[str]:
    """The symbols, the members of one class in one paragraph."""
    from tff_compat import catalog

    members: dict[str, list[str]] = {}
    for symbol in symbols:
        owner, _, name = symbol.path.rpartition(".")
        found = catalog.load().symbol(owner)
        if found is None or found.kind == "module":
            yield f"  {symbol.path} ({symbol.kind})"
        else:
            members.setdefault(owner, []).append(name)
    for owner, names in members.items():
        yield from _wrapped(f"{owner}: {', '.join(names)}", 2)


def _programs(paths: Sequence[str], release: Version) -> Iterator[str]:
    """The programs that use one of some symbols, before a release and since."""
    from tff_compat.catalog import programs

    for word, names in zip(("before", "since"), programs.around(paths, release)):
        if names:
            more = f" and {len(names) - _PROGRAMS} more" if len(names) > _PROGRAMS else ""
            yield from _wrapped(f"programs {word}: {', '.join(names[:_PROGRAMS])}{more}", 4)


def _wrapped(text: str, indent: int) -> list[str]:
    margin = " " * indent
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=margin,
        subsequent_indent=f"{margin}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _record(difference: Difference) -> dict[str, Any]:
    from tff_compat.recipes import recipe

    release, before = difference.release, difference.before
    return {
        "release": str(release),
        "before": str(before) if before else None,
        **{name.lower(): version for name, version in _versions(recipe(release)).items()},
        "boundaries": [
            {
                "name": name,
                "change": boundary.change,
                "symbols": list(boundary.symbols),
                **_program_record(boundary.symbols, boundary),
            }
            for name, boundary in difference.boundaries.items()
        ],
        "new": [_symbol_record(symbol, release) for symbol in difference.new],
        "gone": [_symbol_record(symbol, release) for symbol in difference.gone],
        "changed": [
            {
                **_symbol_record(form.symbol, release),
                "signature_before": str(form.before),
                "signature": str(form.now),
                "breaking": [change.text for change in form.changes if change.breaking],
                "other": [change.text for change in form.changes if not change.breaking],
            }
            for form in difference.forms
        ],
    }


def _symbol_record(symbol: Symbol, release: Version) -> dict[str, Any]:
    return {
        "symbol": symbol.path,
        "kind": symbol.kind,
        **_program_record((symbol.path,), release),
    }


def _program_record(paths: Sequence[str], release: Version) -> dict[str, list[str]]:
    from tff_compat.catalog import programs

    before, since = programs.around(paths, release)
    return {"programs_before": list(before), "programs_since": list(since)}
