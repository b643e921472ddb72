"""Infers, from its source alone, the TFF release that a program was written for."""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.version import Version

from tff_compat.catalog import Catalog, Symbol, load
from tff_compat.source import pins
from tff_compat.source.hints import HINTS, Hint
from tff_compat.source.reading import Part, Place, SourceError, read
from tff_compat.source.usage import INTERNAL, Subclass, Usage, Use, collect

__all__ = ["Inference", "SourceError", "infer"]

# A program's own modules are read too; this keeps a large project from being read as a whole.
_MOST_MODULES = 50


@dataclass(frozen=True)
class Inference:
    """The release, and why.

    `reason` is one sentence that names the deciding evidence and where it stands; `evidence`
    lists all that bounds the release; `misfits` lists what the release does not explain, and is
    empty if everything fits.
    """

    release: Version
    reason: str
    evidence: tuple[str, ...] = ()
    misfits: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Claim:
    """One thing that a program does; `misfit` says why a release cannot explain it, or None."""

    place: Place
    text: str
    misfit: Callable[[Version], str | None]
    weak: bool = False


def infer(path: str | os.PathLike[str], newest: Version | None = None) -> Inference:
    """Infers the release that a script or notebook was written for.

    A release that the program pins wins: in an install line, or in a file of requirements beside
    it. Else it is the newest release that has every name the program uses, takes its calls, and
    gives results the shape that the program reads. If there is none, it is the one with the
    fewest misfits. The program's own modules in the same folder are read along with it.

    Args:
      path: The script or notebook.
      newest: The newest release that the code may stand for; what it pins may be newer.

    Raises:
      SourceError: If the file cannot be read as Python 3 or as a notebook.
    """
    catalog = load()
    source = read(Path(path))
    pin, nightly = pins.find(source, catalog)
    if pin is not None and pin.published:
        return Inference(pin.candidates[0], f"{pin.place} pins {pin.requirement}.")
    usage = collect(source.parts, catalog)
    for parts in _own_modules(source.path, source.parts):
        more = collect(parts, catalog)
        usage.uses += more.uses
        usage.subclasses += more.subclasses
        usage.accesses += more.accesses
        usage.foreign += more.foreign
        usage.imports = usage.imports or more.imports
    claims, unknown = _claims(usage, catalog)
    candidates: Sequence[Version] = catalog.releases if pin is None else pin.candidates
    if pin is None and newest is not None:
        candidates = [release for release in candidates if release <= newest]
    release = _best(claims, candidates)
    misfits = [
        f"{claim.place} {claim.text}: {misfit}"
        for claim in claims
        if not claim.weak and (misfit := claim.misfit(release))
    ]
    misfits += unknown
    if pin is not None:
        reason = (
            f"{pin.place} pins {pin.requirement}, which was never published; {release} is the"
            " nearest release."
        )
    elif not usage.imports:
        reason = "it does not use TensorFlow Federated, so the newest release serves."
    else:
        whole = len(misfits) == len(unknown)
        reason = _reason(release, claims, catalog, last=candidates[-1], whole=whole)
    if nightly is not None:
        reason = (
            f"{nightly.place} installs {nightly.requirement}, which is no release; going by the"
            f" code, {reason}"
        )
    evidence = tuple(_bounds(claims, catalog))
    return Inference(release, reason, evidence, tuple(misfits))


def _own_modules(path: Path, parts: Sequence[Part]) -> list[list[Part]]:
    """The modules of a program that stand beside it, as far as its imports lead to them."""
    folder = path.absolute().parent
    seen: set[Path] = {path.absolute()}
    found: list[list[Part]] = []
    pending = list(parts)
    while pending and len(found) < _MOST_MODULES:
        for node in ast.walk(pending.pop(0).tree):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            for name in names:
                base = folder.joinpath(*name.split("."))
                for file in (base.with_suffix(".py"), base / "__init__.py"):
                    if file in seen or not file.is_file():
                        continue
                    seen.add(file)
                    try:
                        module = read(file, shown_as=file.relative_to(folder).as_posix())
                    except SourceError:
                        continue  # Running the program will tell; for inference there is the rest.
                    found.append(module.parts)
                    pending.extend(module.parts)
    return found


# --- What the program claims of its release -------------------------------------------------------


def _claims(usage: Usage, catalog: Catalog) -> tuple[list[_Claim], list[str]]:
    """What bounds the release, and what no release ever had."""
    claims: dict[tuple, _Claim] = {}
    unknown: dict[str, str] = {}
    names = _Names(catalog)
    for use in usage.uses:
        symbol = names.symbol(use.path)
        if symbol is None:
            unknown.setdefault(use.path, f"{use.place} uses {use.path}: no release had it")
            continue
        claims.setdefault(("name", use.path), _name_claim(use, symbol, names))
        same_name = symbol.path.rpartition(".")[2] == use.path.rpartition(".")[2]
        if use.call is not None and same_name:
            call = _call_claim(use, use.call, symbol)
            claims.setdefault((use.path, call.text), call)
    for subclass in usage.subclasses:
        claims.setdefault(("class", subclass), _subclass_claim(subclass, catalog))
    for hint in HINTS:
        for place, text in hint.found(usage, catalog):
            claims.setdefault(("hint", hint.reason), _hint_claim(hint, place, text))
    return sorted(claims.values(), key=_order), list(unknown.values())


def _order(claim: _Claim) -> tuple[str, Place]:
    return claim.place.file, claim.place


class _Names:
    """Looks names up as a program writes them, in public and internal modules."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def symbol(self, path: str) -> Symbol | None:
        """The symbol with this path, or the class or value in which the path leads further."""
        symbol = self._known(path)
        shorter = path
        while symbol is None and "." in shorter:
            shorter = shorter.rpartition(".")[0]
            symbol = self._known(shorter)
            if symbol is not None and symbol.kind == "module":
                return None
        return symbol

    def exists(self, path: str, symbol: Symbol, release: Version) -> bool:
        # From 0.20.0 on the attribute `tff.python` is deleted; importing from there goes on.
        if path.startswith("tff.python") and release >= Version("0.20.0"):
            return False
        if not symbol.exists_in(release):
            return False
        internal = self.inside(path).startswith(INTERNAL)
        return symbol.path.startswith(INTERNAL) or not internal or self._whole(release)

    def _whole(self, release: Version) -> bool:
        """Whether `tensorflow_federated.python` offered all that `tensorflow_federated` did."""
        example = self._catalog.symbol(f"{INTERNAL}.federated_computation")
        return example is not None and example.exists_in(release)

    def inside(self, path: str) -> str:
        """The path in the internal modules of what is reached as an attribute of `tff`."""
        return path.replace("tff.python", INTERNAL, 1) if path.startswith("tff.python") else path

    def _known(self, path: str) -> Symbol | None:
        symbol = self._catalog.symbol(self.inside(path))
        if symbol is None and self.inside(path).startswith(f"{INTERNAL}."):
            return self._catalog.symbol("tff." + self.inside(path)[len(INTERNAL) + 1 :])
        if symbol is None and path.startswith("tff."):
            # A submodule that is not public can still be reached as an attribute.
            rest = path[len("tff.") :]
            for prefix in (INTERNAL, f"{INTERNAL}.core"):
                symbol = symbol or self._catalog.symbol(f"{prefix}.{rest}")
        return symbol


def _name_claim(use: Use, symbol: Symbol, names: _Names) -> _Claim:
    def misfit(release: Version) -> str | None:
        if names.exists(use.path, symbol, release):
            return None
        if release > symbol.last:
            return f"{symbol.last} was the last release that had it"
        return f"{release} does not have it"

    return _Claim(use.place, f"uses {use.path}", misfit)


def _call_claim(use: Use, call: ast.Call, symbol: Symbol) -> _Claim:
    keywords = sorted(item.arg for item in call.keywords if item.arg)
    positional = sum(not isinstance(item, ast.Starred) for item in call.args)
    partial = positional < len(call.args) or any(item.arg is None for item in call.keywords)
    shown = [*(f"{count} by position" for count in [positional] if count), *keywords]

    def misfit(release: Version) -> str | None:
        signature = symbol.signature(release)
        # A method is called on its class only to reach the base's; then self is an argument.
        if signature is None or symbol.kind_in(release) == "method":
            return None
        problem = signature.misfit(positional, keywords, partial=partial)
        return None if problem is None else f"that of {release} {problem}"

    return _Claim(use.place, f"calls {use.path}({', '.join(shown)})", misfit)


def _subclass_claim(subclass: Subclass, catalog: Catalog) -> _Claim:
    def misfit(release: Version) -> str | None:
        missing = set(catalog.abstract_members(subclass.base, release)) - subclass.defined
        if not missing:
            return None
        return f"{release} requires {', '.join(sorted(missing))} of it"

    return _Claim(subclass.place, f"subclasses {subclass.base}", misfit)


def _hint_claim(hint: Hint, place: Place, text: str) -> _Claim:
    def misfit(release: Version) -> str | None:
        return None if release in hint.releases else hint.reason

    return _Claim(place, f"has {text}", misfit, hint.weak)


# --- Choosing -------------------------------------------------------------------------------------


def _best(claims: Sequence[_Claim], candidates: Sequence[Version]) -> Version:
    def misfits(release: Version) -> tuple[int, int]:
        weak = [claim.weak for claim in claims if claim.misfit(release) is not None]
        return len(weak) - sum(weak), sum(weak)

    return min(reversed(candidates), key=misfits)


def _reason(
    release: Version, claims: Sequence[_Claim], catalog: Catalog, *, last: Version, whole: bool
) -> str:
    """One sentence: what rules out the next newer release, up to the last that was asked for."""
    if whole and release == last:
        which = "newest" if last == catalog.releases[-1] else "installed"
        return f"everything that it uses is in {release}, the {which} release."
    start = "" if whole else f"no release fits everything, and {release} fits best"
    if release == last:
        return f"{start}."
    newer = catalog.releases[catalog.releases.index(release) + 1]
    # Sorting keeps the order of places, and puts mere habits last.
    for claim in sorted(claims, key=lambda claim: claim.weak):
        problem = claim.misfit(newer)
        if problem is not None and claim.misfit(release) is None:
            return f"{start}{'; ' if start else ''}{claim.place} {claim.text}: {problem}."
    raise AssertionError(f"nothing rules out {newer}, but {release} was chosen")


def _bounds(claims: Sequence[_Claim], catalog: Catalog) -> list[str]:
    """What each claim says of the releases, for those that do not fit all of them."""
    found = []
    for claim in claims:
        fitting = [release for release in catalog.releases if claim.misfit(release) is None]
        if fitting and len(fitting) < len(catalog.releases):
            span = f"{fitting[0]} to {fitting[-1]}" if len(fitting) > 1 else str(fitting[0])
            found.append(f"{claim.place} {claim.text}: {span}")
    return found
