"""Finds what the classes of a program lack that derive from TFF's, or stand in for them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Set

from packaging.version import Version

from tff_compat import catalog
from tff_compat.adapters import index
from tff_compat.declared.replacement import REVIEW, Replacement
from tff_compat.source.binding import last_release
from tff_compat.source.values import Class
from tff_compat.source.writing import Use

_Method = (ast.FunctionDef, ast.AsyncFunctionDef)


def lacking(cls: Class, path: str, release: Version, now: str, target: Version) -> list[str]:
    """The methods that a class has to have on the target, and does not.

    Args:
      cls: The class.
      path: The class of TFF that it derives from as of `release`.
      release: The release that the program was written for.
      now: The class that it derives from on the target.
      target: The release that it is to run on.
    """
    known = catalog.load()
    then = [name for name in known.abstract_members(path, release) if not cls.has(name)]
    if then or _is_abstract(cls):
        return []  # Other classes derive from it.
    return [name for name in known.abstract_members(now, target) if not cls.has(name)]


def _is_abstract(cls: Class) -> bool:
    """Whether a class leaves methods to those that derive from it."""
    return any(
        isinstance(decorator, (ast.Name, ast.Attribute))
        and getattr(decorator, "attr", getattr(decorator, "id", "")).startswith("abstract")
        for statement in cls.node.body
        if isinstance(statement, _Method)
        for decorator in statement.decorator_list
    )


def uses_in_methods(
    cls: Class, stands_for: Set[str], release: Version, target: Version
) -> Iterator[Use]:
    """The methods that TFF calls otherwise on the target, each parameter that has to change.

    Args:
      cls: The class.
      stands_for: The classes of TFF that it derives from, or that its objects are given for.
      release: The release that the program was written for.
      target: The release that it is to run on.
    """
    defined = {each.name: each for each in cls.node.body if isinstance(each, _Method)}
    for entry in index.methods(release):
        owner, _, name = entry.path.partition(": ")
        if owner in stands_for and name in defined and target not in entry.releases:
            last = last_release(owner, release, target, None)
            yield from _of_method(defined[name], entry, f"{owner}.{name}", last)


def _of_method(
    method: ast.FunctionDef | ast.AsyncFunctionDef,
    entry: index.Entry,
    symbol: str,
    last: Version | None,
) -> Iterator[Use]:
    definition = ast.parse(f"{entry.replacement}: ...").body[0]
    assert isinstance(definition, _Method)
    keywords = [each.arg for each in definition.args.kwonlyargs]
    problem = ""
    if isinstance(definition, ast.AsyncFunctionDef) and isinstance(method, ast.FunctionDef):
        problem = "It is a coroutine function now: `async def`, and what calls it awaits it."
    names = {each.arg for each in (*method.args.args, *method.args.kwonlyargs)}
    unknown = [name for name in keywords if name not in names and method.args.kwarg is None]
    if unknown:
        called = entry.replacement.partition("(self, ")[2].rstrip(")").replace("*, ", "")
        problem = problem or f"TFF calls it with ({called}) now, by that name behind the first."
    if problem:
        modern = Replacement("", problem)
        yield Use(method, "TFF105", symbol, last, modern)
        return
    modern = Replacement(symbol, entry.note or "TFF does not give it any more.")
    assert modern.kind == REVIEW
    for node, text in _with_defaults(method.args, len(definition.args.args), keywords).items():
        yield Use(node, "TFF105", symbol, last, modern, text=text)


def _with_defaults(
    arguments: ast.arguments, given: int, keywords: list[str]
) -> Mapping[ast.arg, str]:
    """The parameters that need a default, as they are then written.

    Args:
      arguments: The parameters of a method, `self` first.
      given: How many TFF passes by position, with `self`.
      keywords: What TFF passes by keyword.
    """
    found: dict[ast.arg, str] = {}
    positional = [*arguments.posonlyargs, *arguments.args]
    required = positional[: len(positional) - len(arguments.defaults)]
    needs = next((each for each in required[given:] if each.arg not in keywords), None)
    if needs is not None:
        # Behind a parameter with a default all others have one.
        for each in required[required.index(needs) :]:
            found[each] = _with_default(each)
    for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults):
        if default is None and each.arg not in keywords:
            found[each] = _with_default(each)
    return found


def _with_default(parameter: ast.arg) -> str:
    text = ast.unparse(parameter)
    return f"{text} = None" if parameter.annotation is not None else f"{text}=None"
