"""Binds calls to signatures, and says which releases took a call."""

from __future__ import annotations

import ast
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from inspect import _ParameterKind as Kind

from packaging.version import Version

from tff_compat import catalog
from tff_compat.adapters import index
from tff_compat.catalog import Signature

Form = tuple[int, tuple[str, ...], bool]
"""Of a call: how many arguments are positional, the keywords, whether there may be more."""


@functools.lru_cache(maxsize=4096)
def _took(path: str, release: Version, form: Form | None) -> bool:
    symbol = catalog.load().symbol(path)
    if symbol is None or not symbol.exists_in(release):
        return False
    signature = symbol.signature(release)
    if form is None or signature is None:
        return True
    positional, keywords, partial = form
    return signature.misfit(positional, keywords, partial=partial) is None


def last_release(
    path: str, release: Version, target: Version, call: ast.Call | None
) -> Version | None:
    """The last release before `target` that took a use that `release` took."""
    return _last(path, release, target, None if call is None else form(call))


def neither_takes(path: str, release: Version, target: Version, call: ast.Call) -> bool:
    """Whether a call raises TypeError as it did: both releases have what it calls, but not so."""
    symbol = catalog.load().symbol(path)
    return (
        symbol is not None
        and all(symbol.exists_in(each) for each in (release, target))
        and not any(_took(path, each, form(call)) for each in (release, target))
    )


def all_arguments(call: ast.Call) -> list[ast.expr]:
    """All that a call is given, by position and by keyword."""
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def has_stars(call: ast.Call) -> bool:
    """Whether ``*`` or ``**`` gives a call arguments that cannot be seen."""
    return any(isinstance(each, ast.Starred) for each in call.args) or any(
        keyword.arg is None for keyword in call.keywords
    )


def form(call: ast.Call) -> Form:
    """The form of a call, by which a signature fits it or not."""
    keywords = tuple(sorted(k.arg for k in call.keywords if k.arg is not None))
    positional = sum(not isinstance(each, ast.Starred) for each in call.args)
    return positional, keywords, has_stars(call)


@functools.lru_cache(maxsize=4096)
def _last(path: str, release: Version, target: Version, form: Form | None) -> Version | None:
    last = None
    for each in catalog.load().releases:
        if each < release:
            continue
        if each >= target or not _took(path, each, form):
            break
        # Where an adapter or move begins only later, the form is another from there on.
        if last is not None and index.find(path, each) is None and index.find(path, last):
            break
        last = each
    return last


@dataclass(frozen=True)
class Binding:
    """The arguments of a call by the parameters of a signature."""

    arguments: Mapping[str, ast.expr]
    rest: Mapping[str, Sequence[ast.AST]]
    defaults: Mapping[str, str]


def argument(signature: Signature, call: ast.Call, name: str) -> ast.expr | None:
    """What a call gives for a parameter, also where other arguments cannot be seen."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    for parameter, given in zip(signature.parameters, call.args):
        if isinstance(given, ast.Starred) or parameter.kind is Kind.VAR_POSITIONAL:
            return None
        if parameter.name == name:
            return given
    return None


def bind(signature: Signature, call: ast.Call) -> Binding | None:
    """Binds a call to a signature; None where it does not fit, or cannot be seen."""
    arguments: dict[str, ast.expr] = {}
    rest: dict[str, Sequence[ast.AST]] = {}
    slots = [
        parameter
        for parameter in signature.parameters
        if parameter.kind in (Kind.POSITIONAL_ONLY, Kind.POSITIONAL_OR_KEYWORD)
    ]
    several = next((p for p in signature.parameters if p.kind is Kind.VAR_POSITIONAL), None)
    named = {
        p.name
        for p in signature.parameters
        if p.kind in (Kind.POSITIONAL_OR_KEYWORD, Kind.KEYWORD_ONLY)
    }
    further = next((p for p in signature.parameters if p.kind is Kind.VAR_KEYWORD), None)
    starred = any(isinstance(argument, ast.Starred) for argument in call.args[: len(slots)])
    handed_on = further is not None and not slots
    if starred or any(keyword.arg is None and not handed_on for keyword in call.keywords):
        return None
    for parameter, argument in zip(slots, call.args):
        arguments[parameter.name] = argument
    if len(call.args) > len(slots):
        if several is None:
            return None
        rest[several.name] = call.args[len(slots) :]
    others: list[ast.AST] = []
    for keyword in call.keywords:
        if keyword.arg in named:
            if keyword.arg in arguments:
                return None
            arguments[keyword.arg] = keyword.value
        elif further is not None:
            others.append(keyword)
        else:
            return None
    if further is not None:
        rest[further.name] = others
    defaults = {
        p.name: p.default
        for p in signature.parameters
        if p.default is not None and p.default != "..." and is_plain(p.default)
    }
    return Binding(arguments, rest, defaults)


def is_plain(default: str) -> bool:
    """Whether the text of a default is a literal."""
    try:
        ast.literal_eval(default)
    except (ValueError, SyntaxError):
        return False
    return True
