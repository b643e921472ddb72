"""Functions that an upgrade has added to a program: they are as they have to be."""

from __future__ import annotations

import ast
import functools

from tff_compat.adapters import index


def is_added(node: ast.AST) -> bool:
    """Whether it is the definition of a helper function, or class, of a replacement."""
    if not isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return False
    known = _definitions(node.name)
    return bool(known) and ast.dump(node) in known


@functools.cache
def _definitions(name: str) -> frozenset[str]:
    source = index.helpers().get(name, "")
    return frozenset(ast.dump(each) for each in ast.parse(source).body)
