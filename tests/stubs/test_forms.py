"""The forms of a call that stubs tell apart."""

from __future__ import annotations

from tff_compat.catalog import Signature
from tff_compat.declared.legacy import Legacy
from tff_compat.stubs import forms


def _texts(signature: str, legacy: Legacy, advised: bool = True) -> list[tuple[str, str]]:
    found = forms.forms(
        Signature(signature).parameters,
        legacy,
        lambda name, kind: f"not {name}" if advised else "",
    )
    return [(", ".join(forms.written(form)), form.advice) for form in found]


def test_without_legacy_values_there_is_one_form():
    assert _texts("(a, b=1, *c, d, e=x.y, **f)", Legacy()) == [
        ("a: Any, b: Any = 1, *c: Any, d: Any, e: Any = ..., **f: Any", "")
    ]


def test_what_nothing_is_advised_for_is_no_form():
    legacy = Legacy(keywords=("b",), values={"a": "keras optimizer"})
    assert _texts("(a, b=1)", legacy, advised=False) == [("a: Any, b: Any = 1", "")]


def test_a_keyword_is_legacy_by_its_name_only():
    assert _texts("(a, b=None, c=2)", Legacy(keywords=("b",))) == [
        ("a: Any, _b: Any = None, c: Any = 2", ""),
        ("a: Any, b: Any, c: Any = 2", "not b"),
    ]
    assert _texts("(*, a=1, b=None)", Legacy(keywords=("b",))) == [
        ("*, a: Any = 1", ""),
        ("*, a: Any = 1, b: Any", "not b"),
    ]


def test_an_argument_behind_optional_ones_comes_by_position_or_by_keyword():
    assert _texts("(a=1, b=2, c=3)", Legacy(values={"b": "any"})) == [
        ("a: Any = 1, *, c: Any = 3", ""),
        ("a: Any, b: Any, c: Any = 3", "not b"),
        ("a: Any = 1, *, b: Any, c: Any = 3", "not b"),
    ]


def test_what_is_not_known_is_not_legacy():
    assert _texts(
        "(model, optimizer, rate=1)", Legacy(values={"optimizer": "keras optimizer"})
    ) == [
        ("model: Any, optimizer: _Unknown, rate: Any = 1", ""),
        ("model: Any, optimizer: Callable[..., Any], rate: Any = 1", "not optimizer"),
        ("model: Any, optimizer: Any, rate: Any = 1", ""),
    ]


def test_nothing_given_is_none():
    assert _texts("(ctx=None)", Legacy(values={"ctx": "none"})) == [
        ("ctx: _Unknown", ""),
        ("ctx: None = None", "not ctx"),
        ("ctx: Any = None", ""),
    ]
    assert _texts("(ctx=None)", Legacy(values={"ctx": "not none"})) == [
        ("ctx: None = None", ""),
        ("ctx: Any", "not ctx"),
    ]


def test_values_that_no_type_tells_apart_are_not_told_apart():
    assert _texts("(spec)", Legacy(values={"spec": "tensorflow type"})) == [("spec: Any", "")]


def test_positional_only_parameters_stay_so():
    assert _texts("(a, /, b)", Legacy()) == [("a: Any, /, b: Any", "")]
