"""That the docstrings of adapters describe each parameter of the historical signature, in order."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import tff_compat

_ADAPTERS = Path(tff_compat.__file__).parent / "adapters"
_NOT_DESCRIBED = ("self", "cls", "as_of")
_DESCRIBED = re.compile(r" {2}(\*{0,2}\w+): ")


def _parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    arguments = function.args
    names = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
    if arguments.vararg:
        names.append(f"*{arguments.vararg.arg}")
    names += [each.arg for each in arguments.kwonlyargs]
    if arguments.kwarg:
        names.append(f"**{arguments.kwarg.arg}")
    return [name for name in names if name not in _NOT_DESCRIBED]


def _described(docstring: str) -> list[str]:
    """The names in the section of arguments."""
    section = re.search(r"^Args:\n((?: {2}.*\n?|\n)*)", docstring, re.MULTILINE)
    return _names(section[1]) if section else []


def _names(section: str) -> list[str]:
    found = (_DESCRIBED.match(line) for line in section.splitlines())
    return [each[1] for each in found if each and each[1] not in _NOT_DESCRIBED]


def _takes_as_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(each.arg == "as_of" for each in function.args.kwonlyargs)


def _declares(decorators: list[ast.expr]) -> bool:
    return any("adapter" in ast.unparse(each).partition("(")[0] for each in decorators)


def _forms(tree: ast.Module) -> Iterator[tuple[str, str, list[str]]]:
    """Name, docstring and parameters of each adapter, and of whatever else describes arguments."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for each in node.body:
                if isinstance(each, ast.FunctionDef) and each.name == "__init__":
                    docstring = ast.get_docstring(node) or ""
                    if _declares(node.decorator_list) or "Args:\n" in docstring:
                        yield node.name, docstring, _parameters(each)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            docstring = ast.get_docstring(node) or ""
            adapts = node.decorator_list and (_declares(node.decorator_list) or _takes_as_of(node))
            if adapts or "Args:\n" in docstring:
                yield node.name, docstring, _parameters(node)


def test_each_parameter_is_described() -> None:
    wrong = {}
    for path in sorted(_ADAPTERS.rglob("*.py")):
        for name, docstring, parameters in _forms(ast.parse(path.read_text())):
            if _described(docstring) != parameters:
                wrong[f"{path.relative_to(_ADAPTERS)}: {name}"] = _described(docstring), parameters
    assert not wrong


_DOCSTRING = """Adds.

Args:
  first: One, or
    second: text.

  *more: Others.

Returns:
  x: No parameter.
"""


def test_what_is_described_is_read_from_the_section_of_arguments_alone() -> None:
    assert _described(_DOCSTRING) == ["first", "*more"]
    assert _described("Adds.") == []
