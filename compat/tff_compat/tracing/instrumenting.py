"""Makes the code of a program tell what the objects are whose members it uses.

Expressions keep their places, so that warnings and tracebacks stay as they are; AutoGraph reads the
source as it is written.
"""

from __future__ import annotations

import ast
from typing import Any

NAME = "__tff_compat_trace__"
"""The builtin that instrumented code calls; `Recorder` says what for."""


def instrumented(tree: ast.Module) -> ast.Module:
    """The tree of a module whose reads of members and calls are recorded."""
    made: ast.Module = Instrumenter().visit(tree)
    return made


def span(node: Any) -> str:
    """The place of a node, as traces name it."""
    return f"{node.lineno}:{node.col_offset}:{node.end_lineno}:{node.end_col_offset}"


_ASKED = frozenset({"float", "hasattr", "isinstance", "len"})
"""Functions of Python that objects may answer otherwise than they did."""


class Instrumenter(ast.NodeTransformer):
    """Wraps the reads of members and the calls of a tree, see `instrumented`."""

    def _call(self, node: ast.expr, method: str, *arguments: ast.expr) -> ast.expr:
        function = ast.Attribute(ast.Name(NAME, ast.Load()), method, ast.Load())
        made = ast.Call(function, [*arguments], [])
        ast.copy_location(made, node)
        return ast.fix_missing_locations(made)

    def _used(self, node: ast.expr, place: str) -> ast.expr:
        return self._call(node, "used", node, ast.Constant(place))

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """Reads an attribute through the recorder, unless its name is private to a class."""
        place = ast.Constant(span(node.value))
        self.generic_visit(node)
        private = node.attr.startswith("__") and not node.attr.endswith("__")
        if not isinstance(node.ctx, ast.Load) or private:
            return node
        return self._call(node, "attribute", node.value, ast.Constant(node.attr), place)

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        """Reads an item through the recorder, unless it is a slice."""
        place = ast.Constant(span(node.value))
        self.generic_visit(node)
        if not isinstance(node.ctx, ast.Load) or isinstance(node.slice, ast.Slice):
            return node
        if any(isinstance(inner, (ast.Slice, ast.Starred)) for inner in ast.walk(node.slice)):
            return node
        return self._call(node, "item", node.value, node.slice, place)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """Calls what the recorder makes of the function."""
        place = ast.Constant(span(node.func))
        # These look at the frame that calls them.
        if isinstance(node.func, ast.Name) and node.func.id in ("super", "locals", "globals"):
            return self.generic_visit(node)  # type: ignore[return-value]
        asked = isinstance(node.func, ast.Name) and node.func.id in _ASKED and node.args
        given = span(node.args[0]) if asked else ""
        self.generic_visit(node)
        if given and not isinstance(node.args[0], ast.Starred):
            node.args[0] = self._used(node.args[0], given)
        node.func = self._call(node.func, "called", node.func, place)
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        """Lets the recorder see what is compared for being equal."""
        places = span(node.left), span(node.comparators[0])
        self.generic_visit(node)
        if isinstance(node.ops[0], (ast.Eq, ast.NotEq)):
            node.left = self._used(node.left, places[0])
            node.comparators[0] = self._used(node.comparators[0], places[1])
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.stmt:
        """Lets the recorder see a value that is unpacked."""
        self.generic_visit(node)
        if any(isinstance(target, (ast.Tuple, ast.List)) for target in node.targets):
            node.value = self._call(node.value, "unpacked", node.value)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt:
        """Instruments the value alone: an annotation may never run."""
        if node.value is not None:
            node.value = self.visit(node.value)
        return node

    def visit_FunctionDef(self, node: Any) -> Any:
        """Instruments decorators and body."""
        # Decorators and defaults run where the function is made; annotations are left alone.
        node.decorator_list = [self.visit(each) for each in node.decorator_list]
        node.body = [self.visit(each) for each in node.body]
        return node

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        """Leaves an f-string as it is."""
        # Up to Python 3.11 what stands in it has no place of its own.
        return node

    def visit_match_case(self, node: Any) -> Any:
        """Instruments the body alone: a pattern is no expression."""
        node.body = [self.visit(each) for each in node.body]
        return node
