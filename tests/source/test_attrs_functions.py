"""What `check` finds of functions of attrs that are given what TFF has as named tuples now."""

from __future__ import annotations

import pytest

from tests.source.test_findings import check, upgrade

HEAD = "import attr\n"
PROCESS = """
process = tff.learning.build_federated_averaging_process(
    model_fn, client_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.1))
state = process.initialize()
"""


@pytest.mark.parametrize(
    "call",
    [
        "attr.evolve(state, global_model_weights=weights)",
        "attr.asdict(state, recurse=False)",
        "attr.astuple(state)",
        "attr.fields(type(state))",
        "attr.has(type(state))",
    ],
)
def test_what_may_be_of_tff_is_marked(call: str) -> None:
    name, _, rest = call.partition("(")
    written = upgrade(f"{HEAD}def of(state):\n  return {call}\n", "0.44.0")
    assert f"return of_attrs({name}, {rest}\n" in written


def test_what_clients_give_was_of_attrs_up_to_0_52() -> None:
    written = upgrade(f"{HEAD}def of(result):\n  return attr.astuple(result)\n", "0.52.0")
    assert "return of_attrs(attr.astuple, result)\n" in written


def test_fields_have_the_names_of_today() -> None:
    source = f"{HEAD}{PROCESS}state = attr.evolve(state, model=weights)\n"
    now = "of_attrs(attr.evolve, state, global_model_weights=weights)"
    assert now in [finding.replacement for finding in check(source, "0.16.1")]


def test_fields_that_are_no_more_are_said() -> None:
    source = f"{HEAD}{PROCESS}state = attr.evolve(state, optimizer_state=old)\n"
    (found,) = [each for each in check(source, "0.9.0") if each.symbol == "attr.evolve"]
    assert found.kind == "none"
    assert found.message.endswith("It has no field `optimizer_state` now.")


@pytest.mark.parametrize(
    ("source", "release"),
    [
        ("def of(state):\n  return attr.evolve(state, a=1)\n", "0.53.0"),
        ("@attr.s\nclass Own:\n  a = attr.ib()\nattr.evolve(Own(1), a=2)\n", "0.44.0"),
        ("class Own:\n  pass\nattr.has(Own)\n", "0.44.0"),
    ],
)
def test_others_stay(source: str, release: str) -> None:
    assert check(HEAD + source, release) == []
