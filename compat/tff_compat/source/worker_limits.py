"""What TFF's worker, a process of its own, cannot use of a program: its streams and functions."""

from __future__ import annotations

import ast

from packaging.version import Version

from tff_compat.catalog.boundaries import FIRST_WITH_RUNTIME_IN_CPP
from tff_compat.declared.replacement import Replacement
from tff_compat.source.resolving import Resolution
from tff_compat.source.values import Function, Instance, Symbol

_REDIRECTS = frozenset({"contextlib.redirect_stdout", "contextlib.redirect_stderr"})
_WITHOUT_FILE = frozenset({"io.StringIO", "six.StringIO", "io.TextIOWrapper"})

_PYTHON_FUNCTIONS = frozenset(
    f"tensorflow.{name}"
    for name in ("numpy_function", "py_function", "py_func", "compat.v1.py_func")
)
_FROM_GENERATOR = "tensorflow.data.Dataset.from_generator"
_OF_PYTHON = Replacement(
    "",
    "In computations, and in the data sets that they get, TFF's worker cannot call functions of "
    "Python: write it with TensorFlow.",
)
_IN_MEMORY = Replacement("{!in_memory}({called}, {*positional}, {**keywords})")
_WITHOUT_END = Replacement(
    "",
    "TFF's worker cannot call functions of Python: give computations data sets in memory, such as "
    "those of from_tensor_slices.",
)
WITH_FILE = Replacement("{called}({!with_file}({stream}))")
"""What a stream needs while TFF may start its worker."""


def find(
    call: ast.Call, path: str, resolution: Resolution, release: Version, target: Version
) -> Replacement | None:
    """What to write for a call by which TensorFlow calls functions of Python; None for others.

    Args:
      call: A call; the arguments of the replacement are its function and its arguments.
      path: The dotted path of what it calls.
      resolution: What the expressions of the program are.
      release: The release that the program was written for.
      target: The release that it is to run on.
    """
    if not release < FIRST_WITH_RUNTIME_IN_CPP <= target:
        return None
    if path in _PYTHON_FUNCTIONS:
        return _OF_PYTHON
    if path != _FROM_GENERATOR:
        return None
    given = [*call.args[:1], *(each.value for each in call.keywords if each.arg == "generator")]
    found = [value for node in given for value in resolution.values(node)]
    endless = any(isinstance(value, Function) and _is_endless(value.node) for value in found)
    return _WITHOUT_END if endless else _IN_MEMORY


def _is_endless(function: ast.AST) -> bool:
    return any(
        isinstance(node, ast.While) and isinstance(node.test, ast.Constant)
        for node in ast.walk(function)
    )


def redirected(
    call: ast.Call,
    around: ast.AST | None,
    path: str,
    resolution: Resolution,
    release: Version,
    target: Version,
) -> ast.expr | None:
    """The stream without a file that a call redirects to while TFF runs; None for other calls.

    Args:
      call: A call.
      around: The statement that it stands in.
      path: The dotted path of what it calls.
      resolution: What the expressions of the program are.
      release: The release that the program was written for.
      target: The release that it is to run on.
    """
    if path not in _REDIRECTS or not release < FIRST_WITH_RUNTIME_IN_CPP <= target or not call.args:
        return None
    stream = call.args[0]
    made = resolution.values(stream)
    if not any(isinstance(each, Instance) and each.maker in _WITHOUT_FILE for each in made):
        return None
    if isinstance(stream, ast.Call) and any(
        isinstance(each, Function) for each in resolution.values(stream.func)
    ):
        return None  # A function of the program gives it, which may have seen to that.
    inside = around.body if isinstance(around, (ast.With, ast.AsyncWith)) else None
    if inside is not None and not any(_uses_tff(node, resolution, set()) for node in inside):
        return None
    return stream


def _uses_tff(node: ast.AST, resolution: Resolution, seen: set[ast.AST]) -> bool:
    """Whether code, or a function of the program that it names, uses TFF."""
    seen.add(node)
    for inner in ast.walk(node):
        for value in resolution.values(inner) if isinstance(inner, ast.expr) else ():
            if isinstance(value, Symbol) and value.path.startswith("tff."):
                return True
            if isinstance(value, Instance) and value.maker.startswith("tff."):
                return True
            if isinstance(value, Function) and value.node not in seen:
                if _uses_tff(value.node, resolution, seen):
                    return True
    return False
