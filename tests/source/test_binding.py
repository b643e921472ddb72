"""Arguments by parameters, and the last release that took a use."""

from __future__ import annotations

import ast

import pytest
from packaging.version import Version
from tff_compat.catalog import Signature
from tff_compat.source.binding import bind, is_plain, last_release

PRIMARY = Version("0.87.0")


def last(path: str, release: str, text: str = "", target: Version = PRIMARY) -> str:
    node = ast.parse(text, mode="eval").body if text else None
    assert node is None or isinstance(node, ast.Call)
    return str(last_release(path, Version(release), target, node))


@pytest.mark.parametrize(
    ("path", "release", "call", "expected"),
    [
        ("tff.NamedTupleType", "0.13.1", "", "0.15.0"),
        # Its own release may be the last.
        ("tff.NamedTupleType", "0.15.0", "", "0.15.0"),
        ("tff.NamedTupleType", "0.16.0", "", "None"),
        ("tff.Nothing", "0.13.1", "", "None"),
        ("tff.Nothing", "0.13.1", "f()", "None"),
        ("tff.learning.from_keras_model", "0.9.0", "f(k, dummy_batch=b, loss=l)", "0.13.1"),
        ("tff.learning.from_keras_model", "0.13.1", "f(k, loss=l, input_spec=s)", "0.52.0"),
        # What unpacked arguments are is not known: the others say it.
        ("tff.learning.from_keras_model", "0.9.0", "f(k, dummy_batch=b, **more)", "0.13.1"),
        ("tff.learning.from_keras_model", "0.9.0", "f(*a, dummy_batch=b)", "0.13.1"),
        ("tff.learning.from_keras_model", "0.9.0", "f(k, *a)", "0.52.0"),
        # The call lacks an argument that it had to have.
        ("tff.learning.from_keras_model", "0.13.1", "f(k)", "None"),
    ],
)
def test_the_last_release_that_took_a_use(
    path: str, release: str, call: str, expected: str
) -> None:
    assert last(path, release, call) == expected


def test_the_last_release_is_before_the_target() -> None:
    assert last("tff.CLIENTS", "0.13.1", target=Version("0.15.0")) == "0.14.0"
    assert last("tff.CLIENTS", "0.13.1", target=Version("0.13.1")) == "None"
    assert last("tff.CLIENTS", "0.13.1") == "0.86.0"


def bound(text: str, signature: str) -> object:
    call = ast.parse(text, mode="eval").body
    assert isinstance(call, ast.Call)
    found = bind(Signature(signature), call)
    if found is None:
        return None
    arguments = {name: ast.unparse(node) for name, node in found.arguments.items()}
    rest = {name: [ast.unparse(node) for node in nodes] for name, nodes in found.rest.items()}
    return {**arguments, **rest}


@pytest.mark.parametrize(
    ("call", "signature", "expected"),
    [
        (
            "f(x, y, named=z)",
            "(first, /, both=1 + 1, *, named=2)",
            {"first": "x", "both": "y", "named": "z"},
        ),
        ("f(x, both=y)", "(first, /, both=1 + 1, *, named=2)", {"first": "x", "both": "y"}),
        ("f()", "(first, /, both=1 + 1)", {}),
        # Too many, twice, or unknown.
        ("f(x, y, z)", "(first, /, both=1 + 1, *, named=2)", None),
        ("f(x, y, both=z)", "(first, /, both=1 + 1)", None),
        ("f(first=x)", "(first, /, both=1 + 1)", None),
        ("f(other=x)", "(both=1 + 1, *, named=2)", None),
        ("f(x, y, z)", "(both=1 + 1, *more)", {"both": "x", "more": ["y", "z"]}),
        ("f(x)", "(both=1 + 1, *more)", {"both": "x"}),
        ("f(x, *y)", "(both=1 + 1, *more)", {"both": "x", "more": ["*y"]}),
        ("f(*x)", "(both=1 + 1, *more)", None),
        ("f(x, other=y)", "(both=1 + 1, **further)", {"both": "x", "further": ["other=y"]}),
        ("f(x)", "(both=1 + 1, **further)", {"both": "x", "further": []}),
        # What unpacked keywords hold may be for the parameters.
        ("f(**x)", "(both=1 + 1, **further)", None),
        ("f(**x)", "(both=1 + 1, *, named=2)", None),
        ("f(*x, **y)", "(*more, **further)", {"more": ["*x"], "further": ["**y"]}),
    ],
)
def test_arguments_are_bound_to_parameters(call: str, signature: str, expected: object) -> None:
    assert bound(call, signature) == expected


def test_defaults_are_those_that_can_be_written() -> None:
    call = ast.parse("f()", mode="eval").body
    assert isinstance(call, ast.Call)
    found = bind(Signature("(first, both=1 + 1, *, named=2, other=..., text='x')"), call)
    assert found is not None and found.defaults == {"named": "2", "text": "'x'"}


@pytest.mark.parametrize("default", ["None", "1", "-1.5", "'x'", "()", "{'a': [1]}"])
def test_literals_are_plain(default: str) -> None:
    assert is_plain(default)


@pytest.mark.parametrize("default", ["f()", "tf.float32", "<lambda>", "1 + 1"])
def test_what_is_no_literal_is_not_plain(default: str) -> None:
    assert not is_plain(default)
