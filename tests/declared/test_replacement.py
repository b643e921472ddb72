"""Templates are parsed and filled with syntax trees."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tff_compat.declared import replacement
from tff_compat.declared.replacement import EXACT, NONE, REVIEW, Code, NotWritable, Replacement


def _fill(template: str, defaults: dict[str, str] | None = None, **arguments: str) -> str:
    codes = {name: Code.of(text) for name, text in arguments.items()}
    return Replacement(template).fill(codes, defaults=defaults)


def test_kinds() -> None:
    assert Replacement("tff.f({a})").kind == EXACT
    assert Replacement("tff.f({a})", "look").kind == REVIEW
    assert Replacement("", "do it").kind == NONE
    with pytest.raises(NotWritable, match="do it"):
        Replacement("", "do it").fill({})


@pytest.mark.parametrize(
    ("template", "argument", "expected"),
    [
        ("f({a})", "x + 1", "f(x + 1)"),
        ("{a}.b", "x + 1", "(x + 1).b"),
        ("{a}.b", "x", "x.b"),
        ("{a}.b", "1", "(1).b"),
        ("{a}.b", "{x for x in y}", "{x for x in y}.b"),
        ("{a} * 2", "x + 1", "(x + 1) * 2"),
        ("{a}()", "lambda: x", "(lambda: x)()"),
        ("f({a})", "lambda: x", "f(lambda: x)"),
        ("f(k={a})", "x if y else z", "f(k=x if y else z)"),
        ("f({a})", "(x, y)", "f((x, y))"),
        ("f({a})", "x, y", "f((x, y))"),
        ("f({a})", "(x for x in y)", "f((x for x in y))"),
        ("f({a})", "(x := 1)", "f((x := 1))"),
        ("f({a}, 2)", "(yield)", "f((yield), 2)"),
        ("x[{a}]", "y + 1", "x[y + 1]"),
        ("not {a}", "x or y", "not (x or y)"),
    ],
)
def test_precedence_is_kept(template: str, argument: str, expected: str) -> None:
    filled = _fill(template, a=argument)
    assert filled == expected
    ast.parse(filled, mode="eval")


def test_optional_parts_need_all_their_arguments() -> None:
    template = "f([?{a}?][?, b={b}?][?, c={c}, d={d}?])"
    assert _fill(template) == "f()"
    assert _fill(template, a="1") == "f(1)"
    assert _fill(template, b="2") == "f(b=2)"
    assert _fill(template, c="3") == "f()"
    assert _fill(template, a="1", c="3", d="4") == "f(1, c=3, d=4)"


def test_a_form_lacks_the_optional_parts_of_parameters_that_it_lacks() -> None:
    whole = Replacement("f({a}[?, b={b:spec}?][?, c=[{c}[?, {d}?]]?])", "look")
    assert whole.without(frozenset({"b"})) == Replacement("f({a}[?, c=[{c}[?, {d}?]]?])", "look")
    assert whole.without(frozenset({"d"})).template == "f({a}[?, b={b:spec}?][?, c=[{c}]?])"
    assert whole.without(frozenset({"c"})).template == "f({a}[?, b={b:spec}?])"
    assert whole.without(frozenset({"x"})) == whole


def test_texts_of_the_user_are_left_alone() -> None:
    assert _fill("f({a})", a="'( , x)'") == "f('( , x)')"


def test_what_is_not_given_has_its_default() -> None:
    assert _fill("f({a}, {b})", {"b": "None"}, a="1") == "f(1, None)"
    with pytest.raises(NotWritable, match="`b`"):
        _fill("f({a}, {b})", a="1")


def test_an_argument_is_never_evaluated_twice() -> None:
    assert _fill("{a}.x + {a}.y", a="state.model") == "state.model.x + state.model.y"
    with pytest.raises(NotWritable, match="twice"):
        _fill("{a}.x + {a}.y", a="build()")


def test_the_rest_of_the_arguments() -> None:
    template = Replacement("f({a}, {*rest}, {**named})")
    codes = {"a": Code.of("1"), "rest": Code("2, 3", ast.Constant(None))}
    assert template.fill(codes) == "f(1, 2, 3)"
    codes = {"a": Code.of("1"), "named": Code("x=2", ast.Constant(None))}
    assert template.fill(codes) == "f(1, x=2)"
    assert template.fill({"a": Code.of("1")}) == "f(1)"


def test_derivations_and_helpers() -> None:
    template = Replacement("{!help}({a:type}, {b})")
    asked = []

    def derive(hole: replacement.Hole, code: Code | None) -> str:
        asked.append((hole.name, hole.derivation, code and code.text))
        return "T"

    codes = {"a": Code.of("tf.int32"), "b": Code.of("x")}
    assert template.fill(codes, derive=derive, helper=lambda name: f"{name}_") == "help_(T, x)"
    assert asked == [("a", "type", "tf.int32")]
    with pytest.raises(NotWritable, match="`a`"):
        template.fill(codes)


def test_imports_are_the_names_of_modules() -> None:
    assert Replacement("tff.f({a}, np.x, y)").imports() == ("np", "tff")
    assert Replacement("f([?np.x({a})?])").imports() == ()
    assert Replacement("f([?np.x({a})?])").imports({"a"}) == ("np",)


@pytest.mark.parametrize("template", ["f({a}?])", "f([?{a})"])
def test_brackets_of_optional_parts_must_fit(template: str) -> None:
    with pytest.raises(replacement.TemplateError):
        _ = Replacement(template).parts


def test_a_name_is_told_from_an_expression() -> None:
    assert Replacement("tff.learning.models.ModelWeights").name is not None
    assert Replacement("tff.f()").name is None
    assert Replacement("{a}.x").name is None


_EXPRESSIONS = st.sampled_from(
    [
        "x",
        "f(x)",
        "x + 1",
        "lambda: x",
        "x if y else z",
        "(x, y)",
        "[x]",
        "{'a': x}",
        "x.y[0]",
        "-x",
    ]
)


@given(_EXPRESSIONS, st.sampled_from(["{a}.b", "f({a})", "{a} ** 2", "{a}({a})", "[{a}]", "-{a}"]))
def test_the_argument_stays_one_expression(argument: str, template: str) -> None:
    try:
        filled = _fill(template, a=argument)
    except NotWritable:
        return
    wanted = ast.dump(ast.parse(argument, mode="eval").body)
    trees = {ast.dump(node) for node in ast.walk(ast.parse(filled, mode="eval"))}
    assert wanted in trees
