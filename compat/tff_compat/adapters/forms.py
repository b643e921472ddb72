"""The forms of a symbol, with the signatures of the catalog, which one implementation serves."""

from __future__ import annotations

import ast
import inspect
import types
from collections.abc import Iterator
from inspect import _ParameterKind as Kind
from typing import Any

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from tff_compat import catalog
from tff_compat.adapters import index, stand_ins

_Form = tuple[tuple[str, Kind, str], ...]
"""Name, kind and default of each parameter, as source text; "" for none."""

_ITS_OWN = "_its_own"
"""In the code of a form: the defaults of its implementation."""


def forms(path: str, releases: str, implementation: Any) -> Iterator[tuple[str, Any]]:
    """Makes the function, or class, of each form that a symbol had in some releases.

    A form is called as these releases were, and calls the implementation, by keywords. Its code has
    the file and the line of the implementation, so that tracebacks and `inspect` lead there.

    Args:
      path: The public path of the symbol.
      releases: A version specifier; each release of it had the symbol.
      implementation: The function, or the class with the ``__init__``, that takes the parameters of
        all these forms. It has a default for what a form lacks, which is also the default of forms
        in which it is no literal.

    Yields:
      The releases of a form, as a specifier, and what stands for it; the oldest first.

    Raises:
      TypeError: The implementation does not take a parameter, or needs one that a form lacks.
    """
    found = list(_runs(path, releases))
    declared = {each.operator: str(each) for each in SpecifierSet(releases)}
    for number, (first, following, form) in enumerate(found):
        since = f">={short(first)}" if number else declared.get(">=", "")
        until = f"<{short(following)}" if number + 1 < len(found) else declared.get("<", "")
        yield ",".join(filter(None, (since, until))), _made(path, implementation, form)


def short(release: Version) -> str:
    """A release as specifiers name it, such as ``0.13`` for ``0.13.0``."""
    return str(release) if release.micro else f"{release.major}.{release.minor}"


def _runs(path: str, releases: str) -> Iterator[tuple[Version, Version, _Form]]:
    """The first release of each run with one form, the one that follows the run, and the form."""
    known = catalog.load()
    symbol = known.symbol(path)
    assert symbol is not None, path
    held: dict[catalog.Signature | None, _Form] = {}
    first: Version | None = None
    before: _Form | None = None
    stood_for = index.published(releases)
    for release in (*known.releases, None):
        form = None
        if release in stood_for:
            signature = symbol.signature(release)
            assert signature is not None, f"{path} of {release}"
            form = held[signature] if signature in held else _form(signature)
            held[signature] = form
        if form != before:
            if first is not None and before is not None:
                assert release is not None
                yield first, release, before
            first, before = release, form


def _form(signature: catalog.Signature) -> _Form:
    return tuple((each.name, each.kind, _default(each)) for each in signature.parameters)


def _default(parameter: catalog.Parameter) -> str:
    if parameter.default is None:
        return ""
    try:
        return repr(ast.literal_eval(parameter.default))
    except (SyntaxError, ValueError):
        return f"{_ITS_OWN}[{parameter.name!r}]"


def _made(path: str, implementation: Any, form: _Form) -> Any:
    name = path.rpartition(".")[2]
    if not isinstance(implementation, type):
        return _function(name, implementation, form)
    constructor: Any = implementation.__init__  # type: ignore[misc]
    body = {
        "__init__": _function("__init__", constructor, form, "self"),
        "__annotations__": implementation.__dict__.get("__annotations__", {}),
        "__doc__": implementation.__doc__,
    }
    return stand_ins.derived(implementation, body, name=name)


def _function(
    name: str, implementation: types.FunctionType, form: _Form, *first: str
) -> types.FunctionType:
    """A function with the parameters of a form that calls the implementation.

    Args:
      name: Its name.
      implementation: A function.
      form: The parameters.
      *first: Parameters before these.
    """
    taken = inspect.signature(implementation).parameters
    passed = [*first, *(f"{each}={each}" for each, _, _ in form)]
    written = [*first]
    starred = False
    for each, kind, default in form:
        assert kind in (Kind.POSITIONAL_OR_KEYWORD, Kind.KEYWORD_ONLY), each
        if kind is Kind.KEYWORD_ONLY and not starred:
            written.append("*")
            starred = True
        written.append(f"{each}={default}" if default else each)
    if "as_of" in taken:
        written += ["as_of"] if starred else ["*", "as_of"]
        passed.append("as_of=as_of")
    given = [*first, *(each for each, _, _ in form), *(["as_of"] if "as_of" in taken else [])]
    inspect.signature(implementation).bind(**dict.fromkeys(given))
    tree = ast.parse(
        f"def _make(_implementation, {_ITS_OWN}):\n"
        f" def {name}({', '.join(written)}): return _implementation({', '.join(passed)})\n"
        f" return {name}"
    )
    for node in ast.walk(tree):
        if isinstance(node, (ast.stmt, ast.expr, ast.arg, ast.keyword)):
            node.lineno = node.end_lineno = implementation.__code__.co_firstlineno
            node.col_offset = node.end_col_offset = 0
    made: dict[str, Any] = {}
    code = compile(tree, implementation.__code__.co_filename, "exec")
    exec(code, implementation.__globals__, made)
    own = {each: parameter.default for each, parameter in taken.items()}
    function: types.FunctionType = made["_make"](implementation, own)
    function.__doc__ = implementation.__doc__
    function.__qualname__ = function.__name__
    function.__annotations__ = {
        each: annotation
        for each, annotation in implementation.__annotations__.items()
        if each in given or each == "return"
    }
    return function
