"""The forms of a call that a checker tells apart: those that are legacy, and those that are not."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from inspect import _ParameterKind as Kind

from tff_compat.catalog import Parameter
from tff_compat.declared.legacy import Legacy

UNKNOWN = "_Unknown"
"""A class of the stubs that has no objects: only what a checker knows nothing of passes for one."""

_TYPES_OF_KINDS: Mapping[str, str] = {
    "keras optimizer": "Callable[..., Any]",
    "none": "None",
}
"""The kinds of values that a type tells from others that the parameter took."""

_BY_POSITION = (Kind.POSITIONAL_ONLY, Kind.POSITIONAL_OR_KEYWORD)

Parameters = tuple[Parameter, ...]


@dataclass(frozen=True)
class Form:
    """One way to call something.

    Attributes:
      parameters: What it takes.
      types: The types of parameters that take only some values.
      advice: What to write instead; "" where it is not legacy.
    """

    parameters: Parameters
    types: Mapping[str, str] = field(default_factory=dict)
    advice: str = ""


def forms(
    parameters: Parameters, legacy: Legacy, advise: Callable[[str, str], str]
) -> Sequence[Form]:
    """The forms of a call of which some are legacy; a checker takes the first that fits.

    Args:
      parameters: What the release took.
      legacy: Which calls are legacy.
      advise: Gives the advice for a call that gives a parameter, by its name and the kind of
        value; "" where there is none.
    """
    named = {name: text for name in legacy.keywords if (text := advise(name, "any"))}
    given = {
        name: text
        for name, kind in legacy.values.items()
        if kind in ("any", "not none") and (text := advise(name, kind))
    }
    typed = {
        name: (_TYPES_OF_KINDS[kind], text)
        for name, kind in legacy.values.items()
        if kind in _TYPES_OF_KINDS and (text := advise(name, kind))
    }
    modern = parameters
    for name in named:
        modern = _without_keyword(modern, name)
    for name in given:
        if legacy.values[name] == "any":
            modern = _without(modern, name)
    nones = {name: "None" for name in given if legacy.values[name] == "not none"}
    found: list[Form] = []
    for name in typed:
        found += [Form(each, {**nones, name: UNKNOWN}) for each in _with(modern, name)]
    for name, (kind, text) in typed.items():
        some = [parameters] if kind == "None" else _with(parameters, name)
        found += [Form(each, {name: kind}, text) for each in some]
    found.append(Form(modern, nones))
    for name, text in {**named, **given}.items():
        found += [Form(each, {}, text) for each in _with(parameters, name)]
    return found


def _with(parameters: Parameters, name: str) -> Iterator[Parameters]:
    """The parameters of calls that give one: by position, and by keyword where that differs."""
    index = _index(parameters, name)
    if index is None:
        return
    wanted = replace(parameters[index], default=None)
    before, behind = parameters[:index], parameters[index + 1 :]
    if wanted.kind is Kind.KEYWORD_ONLY:
        yield (*before, wanted, *behind)
        return
    yield (*(replace(each, default=None) for each in before), wanted, *behind)
    if any(each.default is not None for each in before) and wanted.kind not in (
        Kind.POSITIONAL_ONLY,
        Kind.VAR_POSITIONAL,
    ):
        yield (*before, replace(wanted, kind=Kind.KEYWORD_ONLY), *_by_keyword(behind))


def _without(parameters: Parameters, name: str) -> Parameters:
    """The parameters of calls that do not give one."""
    index = _index(parameters, name)
    if index is None:
        return parameters
    behind = parameters[index + 1 :]
    if parameters[index].kind in _BY_POSITION:
        behind = _by_keyword(behind)
    return (*parameters[:index], *behind)


def _without_keyword(parameters: Parameters, name: str) -> Parameters:
    """The parameters of calls that do not give one by its name."""
    index = _index(parameters, name)
    if index is None:
        return parameters
    if parameters[index].kind is Kind.KEYWORD_ONLY:
        return _without(parameters, name)
    return (
        *parameters[:index],
        replace(parameters[index], name=f"_{name}"),
        *parameters[index + 1 :],
    )


def _index(parameters: Parameters, name: str) -> int | None:
    return next((i for i, each in enumerate(parameters) if each.name == name), None)


def _by_keyword(parameters: Parameters) -> Parameters:
    """What stands behind a parameter that is not given by position."""
    return tuple(
        replace(each, kind=Kind.KEYWORD_ONLY) if each.kind in _BY_POSITION else each
        for each in parameters
        if each.kind is not Kind.VAR_POSITIONAL
    )


def written(form: Form, first: str = "") -> list[str]:
    """The parameters of a form as the source of a stub; `first` is `self` or `cls` of a method."""
    parameters, types = form.parameters, form.types
    found = [first] if first else []
    starred = False
    for index, each in enumerate(parameters):
        if each.kind is Kind.KEYWORD_ONLY and not starred:
            found.append("*")
            starred = True
        starred |= each.kind is Kind.VAR_POSITIONAL
        stars = {Kind.VAR_POSITIONAL: "*", Kind.VAR_KEYWORD: "**"}.get(each.kind, "")
        default = "" if each.default is None else f" = {_default(each.default)}"
        found.append(f"{stars}{each.name}: {types.get(each.name, 'Any')}{default}")
        only = each.kind is Kind.POSITIONAL_ONLY
        if only and (
            index + 1 == len(parameters) or parameters[index + 1].kind is not Kind.POSITIONAL_ONLY
        ):
            found.append("/")
    return found


def _default(text: str) -> str:
    """A default as a stub can say it: what has a name in TFF's source only is left out."""
    try:
        ast.literal_eval(text)
    except ValueError:
        return "..."
    return text


def fields(parameters: Parameters) -> list[str]:
    """The fields of a named tuple that is made by these parameters, as the source of a stub."""
    return written(Form(parameters))
