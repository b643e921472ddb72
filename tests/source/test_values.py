"""What is known of a program's classes, containers, partial functions and scopes."""

from __future__ import annotations

import ast
from pathlib import Path

from tff_compat.source import documents
from tff_compat.source.values import (
    NOTHING,
    Class,
    Container,
    Function,
    Literal,
    Partial,
    Scope,
    Symbol,
    Value,
    Values,
    union,
)

UNIT = documents.document(Path("program.py"), b"").units[0]


def one(value: object) -> Values:
    return frozenset([Literal.of(value)])


def cls(text: str = "class C: ...", *bases: Value, **names: object) -> Class:
    (node,) = ast.parse(text).body
    assert isinstance(node, ast.ClassDef)
    scope = Scope(names={name: one(value) for name, value in names.items()}, is_class=True)
    return Class(node, UNIT, scope, [frozenset([base]) for base in bases])


def test_attributes_are_those_of_the_class_and_then_of_its_bases() -> None:
    first = cls(a="first", b="first")
    inherits = cls("class C: ...", first, c="inherits")
    second = cls(a="second", c="second", d="second")
    derived = cls("class C: ...", Symbol("tff.learning.Model"), inherits, second, a="own")
    found = {name: derived.attribute(name) for name in "abcde"}
    assert found == {
        "a": one("own"), "b": one("first"), "c": one("inherits"), "d": one("second"), "e": NOTHING,
    }  # fmt: skip
    assert [derived.has(name) for name in "abcde"] == [True, True, True, True, False]


def test_an_attribute_of_which_nothing_is_known_hides_those_of_bases() -> None:
    derived = cls("class C: ...", cls(a="base"))
    derived.scope.names["a"] = NOTHING
    assert derived.attribute("a") == NOTHING and derived.has("a")
    # What a base knows nothing of, the next one may know.
    unknown = cls()
    unknown.scope.names["a"] = NOTHING
    assert cls("class C: ...", unknown, cls(a="base")).attribute("a") == one("base")


def test_classes_may_seem_to_derive_from_each_other() -> None:
    first, second = cls(a=1), cls(b=2)
    first.bases = [frozenset([second, first, Symbol("tff.learning.Model")])]
    second.bases = [frozenset([first])]
    assert first.attribute("b") == one(2) and second.attribute("a") == one(1)
    assert not first.has("c") and first.attribute("c") == NOTHING
    assert second.symbols() == {"tff.learning.Model"}


def test_the_imported_classes_that_a_class_derives_from() -> None:
    base = cls("class C: ...", Symbol("tff.learning.Model"), Symbol("abc.ABC"))
    assert cls("class C: ...", base, Symbol("x.Y")).symbols() == {
        "tff.learning.Model", "abc.ABC", "x.Y",
    }  # fmt: skip
    assert cls().symbols() == set()


def test_the_fields_of_a_data_class_come_in_the_order_in_which_it_takes_them() -> None:
    base = cls("class C:\n  a: int\n  b: int = 1\n  c = 2\n  x.y: int = 3\n  def f(self): ...")
    other = cls("class C:\n  d: int")
    derived = cls("class C:\n  e: int\n  a: str", base, other)
    assert base.fields == ["a", "b"]
    assert derived.fields == ["d", "a", "b", "e"]


def test_elements_of_a_container_are_all_that_it_may_hold() -> None:
    held = Container("list", {0: one(1), 1: one(2)}, rest=one(3))
    assert held.elements == {*one(1), *one(2), *one(3)}
    assert Container("dict").elements == NOTHING
    assert union([one(1), NOTHING, one(1), one(2)]) == {*one(1), *one(2)}


def test_literals_are_told_apart_by_their_type() -> None:
    assert Literal.of(1) != Literal.of(True) and Literal.of(1) != Literal.of(1.0)
    assert Literal.of("x") == Literal("x", "str")


def call(text: str) -> ast.Call:
    node = ast.parse(text, mode="eval").body
    assert isinstance(node, ast.Call)
    return node


def test_a_call_of_a_partial_function_has_the_arguments_of_both() -> None:
    held = Partial(Symbol("tff.x"), call("partial(f, 1, a=2, b=3, **c)"), UNIT, (), {})
    assert ast.unparse(held.called()) == "f(1, a=2, b=3, **c)"
    # What the call gives by name stands for what was held.
    more = call("(\n\n p(4, *d, b=5, e=6))")
    whole = held.called(more)
    assert ast.unparse(whole) == "f(1, 4, *d, a=2, **c, b=5, e=6)"
    assert (whole.lineno, held.called().lineno) == (more.lineno, held.call.lineno)


def test_functions_have_names() -> None:
    (node,) = ast.parse("def f(): ...").body
    assert isinstance(node, ast.FunctionDef)
    assert Function(node, UNIT, Scope()).name == "f"
    lambda_ = ast.parse("lambda: 1", mode="eval").body
    assert isinstance(lambda_, ast.Lambda)
    assert Function(lambda_, UNIT, Scope()).name == "<lambda>"


def test_names_are_looked_up_as_python_does() -> None:
    module = Scope(names={"a": one("module"), "b": one("module"), "c": one("module")})
    body = Scope(module, {"b": one("class")}, is_class=True)
    function = Scope(body, {"c": NOTHING})
    assert body.lookup("b") == one("class")
    # A method does not see the names of its class; its own hide those around.
    assert function.lookup("b") == one("module")
    assert function.lookup("c") == NOTHING
    assert function.lookup("a") == one("module")
    assert function.lookup("d") == NOTHING
