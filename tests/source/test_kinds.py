"""Which kind an argument is of, and where that is not known."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

import pytest
from packaging.version import Version
from tff_compat.declared.legacy import KINDS
from tff_compat.source import documents, kinds
from tff_compat.source.resolving import Resolution, Resolver
from tff_compat.source.values import Container, Instance, Literal, Symbol, Value

TF, NUMPY = Symbol("tensorflow.int32"), Symbol("numpy.int32")
UNKNOWN = Instance("mine.Thing", "mine.Thing", None, None)
NONE, NUMBER, TEXT = Literal.of(None), Literal.of(1), Literal.of("a")


def matches(kind: str, *values: Value) -> bool | None:
    """Whether an argument that may be these values is of a kind."""
    return kinds.matches(kind, frozenset(values), ast.Name("given"), Resolution(Version("0.64.0")))


@pytest.mark.parametrize("kind", ["tensorflow type", "python type"])
def test_one_dtype_of_tensorflow_among_others_is_legacy(kind: str) -> None:
    assert matches(kind, TF) is True
    assert matches(kind, TF, UNKNOWN) is True
    assert matches(kind, TF, NUMBER) is True
    assert matches(kind, NUMBER) is False
    assert matches(kind, UNKNOWN) is None
    assert matches(kind) is None


def test_a_dtype_of_numpy_is_legacy_where_tff_made_types() -> None:
    assert matches("python type", NUMPY) is True
    assert matches("tensorflow type", NUMPY) is False


def test_a_rate_that_a_function_gives_is_no_number() -> None:
    given = "import functools\nimport tensorflow as tf\ndef f(a, b): ...\nclass C: ...\n"
    made = "f, C, C(), functools.partial(f, 1), functools.partial(tf.exp, 1), lambda: 1"
    program = f"{given}x = [{made}]\ny = [0.1, unknown]\n"
    document = documents.document(Path("program.py"), program.encode())
    resolver = Resolver(Version("0.20.0"))
    resolver.document(document)
    those, others = (each.value.elts for each in document.units[0].tree.body[-2:])
    known = resolver.result.known
    assert [kinds.is_no_number(known(node)) for node in those] == [True for _ in those]
    assert [kinds.is_no_number(known(node)) for node in others] == [False for _ in others]


def test_each_kind_that_is_declared_is_looked_for() -> None:
    assert set(KINDS) == set(kinds._TESTS)


@pytest.mark.parametrize(
    ("kind", "those", "others"),
    [
        ("number", [NUMBER, Literal.of(1.5)], [NONE, TEXT]),
        ("dict", [Container("dict", {})], [Container("list", {}), NUMBER, TF, UNKNOWN]),
        ("not none", [NUMBER, TF], [NONE]),
        ("none", [NONE], [NUMBER, TF]),
    ],
)
def test_of_a_kind_or_of_another(
    kind: str, those: Iterable[Value], others: Iterable[Value]
) -> None:
    assert [matches(kind, each) for each in those] == [True for _ in those]
    assert [matches(kind, each) for each in others] == [False for _ in others]
    assert matches(kind) is None
