"""What a program does, as claims that each fit some releases and not others."""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from inspect import _ParameterKind

from packaging.version import Version

from tff_compat.catalog import Catalog, Signature, Symbol
from tff_compat.catalog.boundaries import FIRST_WITH_LISTS_OF_WEIGHTS, FIRST_WITHOUT_PYTHON
from tff_compat.recipes import recipes
from tff_compat.source import pins, stated
from tff_compat.source.binding import form
from tff_compat.source.hints import HINTS, Hint
from tff_compat.source.reading import Part, Place
from tff_compat.source.usage import INTERNAL, Subclass, Usage, Use

_OF_KERAS = frozenset({"predict_on_batch", "train_on_batch"})
"""Members of TFF's classes that Keras's models have too."""


@dataclass(frozen=True)
class Claim:
    """One thing that a program does.

    Attributes:
      place: Where.
      text: What, such as "uses tff.learning.Model".
      misfit: Says why a release cannot explain it; None where it can.
      weak: Whether it is a mere sign, which decides between releases that fit equally well.
      recorded: The name of TFF that it is about, where the catalog says so.
      same: Whether two releases that both explain it take it for the same.
    """

    place: Place | str
    text: str
    misfit: Callable[[Version], str | None]
    weak: bool = False
    recorded: str = ""
    same: Callable[[Version, Version], bool] = lambda release, other: True


def of_code(usage: Usage, catalog: Catalog) -> tuple[list[Claim], list[str]]:
    """What the code says of the release, and what it uses that no release ever had."""
    claims: dict[tuple, Claim] = {}
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


def _order(claim: Claim) -> tuple[str, Place]:
    assert isinstance(claim.place, Place)
    return claim.place.file, claim.place


def of_names(paths: Iterable[str], catalog: Catalog) -> list[Claim]:
    """That the program uses names which its code does not spell."""
    usage = Usage([Use(path, Place(0, 0)) for path in paths])
    return [replace(claim, place="the program") for claim in of_code(usage, catalog)[0]]


def of_forwarded(parts: Iterable[Part], usage: Usage, catalog: Catalog) -> list[Claim]:
    """What a program's own functions hand on to TFF by `**`, as the calls of these give it."""
    names = _Names(catalog)
    handing = [
        (use, use.call, symbol, given)
        for use in usage.uses
        if use.call is not None
        and (given := {item.value.id for item in use.call.keywords
                       if item.arg is None and isinstance(item.value, ast.Name)})
        and (symbol := names.symbol(use.path)) is not None
    ]  # fmt: skip
    if not handing:
        return []
    nodes = [(part, node) for part in parts for node in part.nodes]
    functions = [node for _, node in nodes if isinstance(node, ast.FunctionDef)]
    found = []
    for use, called, symbol, given in handing:
        for function in functions:
            rest = function.args.kwarg
            if rest is None or rest.arg not in given:
                continue
            if not any(inner is called for inner in ast.walk(function)):
                continue
            own = {a.arg for a in (*function.args.args, *function.args.kwonlyargs)}
            for part, node in nodes:
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    more = [item for item in node.keywords if item.arg and item.arg not in own]
                    if node.func.id == function.name and more:
                        place = part.place(node)
                        call = ast.Call(called.func, called.args, called.keywords + more)
                        found.append(_call_claim(replace(use, place=place), call, symbol))
    return found


def of_members(parts: Iterable[Part], catalog: Catalog) -> list[Claim]:
    """What attributes say whose names only members of TFF's classes have.

    Whose they are is not known, so that each is a mere sign: of the releases in which any class
    had such a member. Names that the program itself defines say nothing.
    """
    members = [(part, part.once(_Members)) for part in parts]
    imported = {name for _, each in members for name in each.imported}
    defined = {name for _, each in members for name in each.defined} | _OF_KERAS
    read: dict[str, Place] = {}
    for part, each in members:
        for (name, owner), node in each.read.items():
            if owner not in imported:
                read.setdefault(name, part.place(node))
    found = []
    for name, place in read.items():
        releases = frozenset() if name in defined else catalog.releases_of_members(name)
        if releases:
            found.append(_member_claim(name, place, releases))
    for part, each in members:
        found += [_named_weights_claim(part.place(node)) for node in each.named_weights]
    return found


class _Members:
    """The attributes of a part of a program, and the names that it defines.

    Attributes:
      read: Where a telling attribute is read first, by its name and that of its object.
      named_weights: Where the names of weights are read.
      imported: The names that imports bind.
      defined: What may be a member of the program's own classes.
    """

    def __init__(self, part: Part) -> None:
        self.read: dict[tuple[str, str], ast.AST] = {}
        self.named_weights: list[ast.AST] = []
        self.imported: set[str] = set()
        self.defined: set[str] = set()
        for node in part.nodes:
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                # Of two words or fewer it may be anything's; but few classes tell what they are.
                if node.attr.strip("_").count("_") >= 2 or node.attr.startswith("is_"):
                    owner = node.value.id if isinstance(node.value, ast.Name) else ""
                    self.read.setdefault((node.attr, owner), node)
                if _by_name(node):
                    self.named_weights.append(node)
            elif isinstance(node, ast.Attribute):
                self.defined.add(node.attr)
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                self.imported |= {(each.asname or each.name).split(".")[0] for each in node.names}
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                self.defined.add(node.name)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self.defined.add(node.id)
            elif isinstance(node, (ast.arg, ast.keyword)) and node.arg:
                self.defined.add(node.arg)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                self.defined.add(node.value)  # Of a named tuple, or set by `setattr`.


def _by_name(node: ast.Attribute) -> bool:
    """Whether this reads `weights.trainable.items`, or the like."""
    return (
        node.attr in ("items", "keys", "values")
        and isinstance(node.value, ast.Attribute)
        and node.value.attr in ("trainable", "non_trainable")
    )


def _named_weights_claim(place: Place) -> Claim:
    def misfit(release: Version) -> str | None:
        named = release < FIRST_WITH_LISTS_OF_WEIGHTS
        return None if named else "the weights of a model are a list since 0.12.0"

    return Claim(place, "reads the names of weights", misfit, weak=True)


def _member_claim(name: str, place: Place, releases: frozenset[Version]) -> Claim:
    def misfit(release: Version) -> str | None:
        return None if release in releases else f"no class of {release} has such a member"

    return Claim(place, f"reads .{name}", misfit, weak=True)


def of_prose(
    stated_tests: Iterable[stated.VersionTest], mentions: Iterable[stated.Mention]
) -> list[Claim]:
    """What the program's own tests of the version, and its prose, say of the release."""
    return [*map(_test_claim, stated_tests), *map(_mention_claim, mentions)]


def _test_claim(test: stated.VersionTest) -> Claim:
    def misfit(release: Version) -> str | None:
        return None if test.fits(release) else f"it stops {release}"

    return Claim(test.place, f"tests {test.text}", misfit)


def _mention_claim(mention: stated.Mention) -> Claim:
    wanted = mention.version.release

    def misfit(release: Version) -> str | None:
        meant = release.release[: len(wanted)]
        fits = meant >= wanted if mention.or_later else meant == wanted
        return None if fits else f"{release} is another"

    return Claim(mention.place, f"names {mention.text}", misfit, weak=True)


def of_bound(bound: pins.Bound) -> Claim:
    """What a requirement that fixes no release says of it."""

    def misfit(release: Version) -> str | None:
        return None if release in bound.releases else f"{release} does not go with that"

    return Claim(bound.place, f"requires {bound.requirement}", misfit, bound.weak)


def of_date(day: str) -> Iterator[Claim]:
    """What the day of the last change, such as "2020-05-28", says of the release.

    A program is later than its release, or was written for a nightly build before the next one.
    """
    published = {release: recipe.published for release, recipe in recipes().items()}
    later = min((each for each in published.values() if each > day), default=day)

    def misfit(latest: str, release: Version) -> str | None:
        if published[release] <= latest:
            return None
        return f"{release} came on {published[release]}"

    for latest in (day, later):
        text = f"has its last change on {day}"
        yield Claim("the history", text, functools.partial(misfit, latest), weak=True)


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
        if path.startswith("tff.python") and release >= FIRST_WITHOUT_PYTHON:
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
        return path.replace("tff.python", INTERNAL, 1)

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


def _name_claim(use: Use, symbol: Symbol, names: _Names) -> Claim:
    def misfit(release: Version) -> str | None:
        if names.exists(use.path, symbol, release):
            return None
        if release > symbol.last:
            return f"{symbol.last} was the last release that had it"
        return f"{release} does not have it"

    return Claim(use.place, f"uses {use.path}", misfit, recorded=use.path)


def _call_claim(use: Use, call: ast.Call, symbol: Symbol) -> Claim:
    positional, keywords, partial = form(call)
    shown = [*(f"{count} by position" for count in [positional] if count), *keywords]

    def misfit(release: Version) -> str | None:
        signature = symbol.signature(release)
        # A method is called on its class only to reach the base's; then self is an argument.
        if signature is None or symbol.kind_in(release) == "method":
            return None
        problem = signature.misfit(positional, keywords, partial=partial)
        return None if problem is None else f"that of {release} {problem}"

    def same(release: Version, other: Version) -> bool:
        one, two = symbol.signature(release), symbol.signature(other)
        return one is None or two is None or _same_call(one, two, positional, keywords)

    return Claim(
        use.place, f"calls {use.path}({', '.join(shown)})", misfit, recorded=use.path, same=same
    )


def _same_call(one: Signature, two: Signature, positional: int, keywords: Sequence[str]) -> bool:
    """Whether a call means the same by two signatures.

    Its arguments stand for the same parameters, which may have other names if these are in one
    signature only; and of what it does not give, no plain number, text or truth value is the
    default in one and another in the other. Other defaults cannot be compared: they are often
    written in another way.
    """
    first = {p.name: p for p in one.parameters}
    second = {p.name: p for p in two.parameters}
    given = set(keywords)
    for a, b in zip(_slots(one)[:positional], _slots(two)[:positional]):
        given |= {a, b}
        if a != b and (a in second or b in first):
            return False
    return all(
        _plain(first[name].default) is None
        or _plain(second[name].default) is None
        or _plain(first[name].default) == _plain(second[name].default)
        for name in (first.keys() & second.keys()) - given
    )


def _slots(signature: Signature) -> list[str]:
    """Names of the parameters that take arguments by position, in their order."""
    kinds = (_ParameterKind.POSITIONAL_ONLY, _ParameterKind.POSITIONAL_OR_KEYWORD)
    return [p.name for p in signature.parameters if p.kind in kinds]


def _plain(default: str | None) -> object:
    """A default that is a number, a text or a truth value; else None."""
    try:
        value = None if default is None else ast.literal_eval(default)
    except ValueError:
        return None
    return value if isinstance(value, (bool, int, float, str)) else None


def _subclass_claim(subclass: Subclass, catalog: Catalog) -> Claim:
    def misfit(release: Version) -> str | None:
        missing = set(catalog.abstract_members(subclass.base, release)) - subclass.defined
        if not missing:
            return None
        return f"{release} requires {', '.join(sorted(missing))} of it"

    return Claim(subclass.place, f"subclasses {subclass.base}", misfit, recorded=subclass.base)


def _hint_claim(hint: Hint, place: Place, text: str) -> Claim:
    def misfit(release: Version) -> str | None:
        return None if release in hint.releases else hint.reason

    return Claim(place, f"has {text}", misfit, hint.weak)
