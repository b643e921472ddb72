"""Which optimizer of TFF trains like one of Keras, and where none does."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from tff_compat.declared.replacement import NotWritable
from tff_compat.source import documents
from tff_compat.source.keras_optimizers import modern_optimizer, of_configuration
from tff_compat.source.kinds import KerasOptimizer

NOTHING_LIKE = "the optimizers of TFF have nothing like"


def modern(text: str) -> str:
    """What stands for an optimizer, a class or a call of it."""
    unit = documents.document(Path("program.py"), text.encode()).units[0]
    (statement,) = unit.tree.body
    assert isinstance(statement, ast.Expr)
    node = statement.value
    call = node if isinstance(node, ast.Call) else None
    name = node.func if isinstance(node, ast.Call) else node
    assert isinstance(name, ast.Name)
    found = KerasOptimizer(name.id, f"tensorflow.keras.optimizers.{name.id}", call, unit)
    text = modern_optimizer(found, lambda inner, unit: unit.segment(inner))
    prefix, _, made = text.partition("tff.learning.optimizers.")
    assert not prefix
    return made


@pytest.mark.parametrize(
    ("keras", "expected"),
    [
        ("SGD", "build_sgdm(learning_rate=0.01)"),
        ("Adam", "build_adam(learning_rate=0.001)"),
        ("Adagrad", "build_adagrad(learning_rate=0.001)"),
        ("RMSprop", "build_rmsprop(learning_rate=0.001)"),
        ("Yogi", "build_yogi(learning_rate=0.01, epsilon=1e-3)"),
    ],
)
def test_the_defaults_of_keras_are_written_out(keras: str, expected: str) -> None:
    assert modern(keras) == modern(f"{keras}()") == expected


@pytest.mark.parametrize(
    ("keras", "expected"),
    [
        ("SGD(a, b, False)", "build_sgdm(learning_rate=a, momentum=b)"),
        ("SGD(nesterov=False, momentum=b, lr=a)", "build_sgdm(learning_rate=a, momentum=b)"),
        ("SGD(a, 0.0)", "build_sgdm(learning_rate=a)"),
        ("SGD(a, 0, name='x')", "build_sgdm(learning_rate=a)"),
        ("GradientDescentOptimizer(a, False)", "build_sgdm(learning_rate=a)"),
        ("GradientDescentOptimizer(learning_rate=a)", "build_sgdm(learning_rate=a)"),
        ("GradientDescentOptimizer(a, use_locking=False)", "build_sgdm(learning_rate=a)"),
        ("MomentumOptimizer(a, b, False)", "build_sgdm(learning_rate=a, momentum=b)"),
        (
            "MomentumOptimizer(learning_rate=a, momentum=b, use_locking=False)",
            "build_sgdm(learning_rate=a, momentum=b)",
        ),
        (
            "Adam(a, b, c, d, False)",
            "build_adam(learning_rate=a, beta_1=b, beta_2=c, epsilon=d)",
        ),
        (
            "Adam(amsgrad=False, epsilon=d, beta_2=c, beta_1=b, learning_rate=a)",
            "build_adam(learning_rate=a, epsilon=d, beta_2=c, beta_1=b)",
        ),
        (
            "Adagrad(a, b, c)",
            "build_adagrad(learning_rate=a, initial_preconditioner_value=b, epsilon=c)",
        ),
        (
            "Adagrad(learning_rate=a, initial_accumulator_value=b, epsilon=c)",
            "build_adagrad(learning_rate=a, initial_preconditioner_value=b, epsilon=c)",
        ),
        ("RMSprop(a, b, 0.0, d, False)", "build_rmsprop(learning_rate=a, decay=b, epsilon=d)"),
        (
            "RMSprop(learning_rate=a, rho=b, momentum=0.0, epsilon=d, centered=False)",
            "build_rmsprop(learning_rate=a, decay=b, epsilon=d)",
        ),
        (
            "Yogi(a, b, c, d, e)",
            "build_yogi(learning_rate=a, epsilon=d, beta_1=b, beta_2=c, "
            "initial_preconditioner_value=e)",
        ),
        (
            "Yogi(learning_rate=a, beta1=b, beta2=c, epsilon=d, initial_accumulator_value=e)",
            "build_yogi(learning_rate=a, epsilon=d, beta_1=b, beta_2=c, "
            "initial_preconditioner_value=e)",
        ),
    ],
)
def test_arguments_have_the_names_of_tff(keras: str, expected: str) -> None:
    assert modern(keras) == expected


@pytest.mark.parametrize(
    ("keras", "problem"),
    [
        ("SGD(a, b, True)", f"{NOTHING_LIKE} nesterov=True."),
        ("Adam(amsgrad=x)", f"{NOTHING_LIKE} amsgrad=x."),
        ("RMSprop(momentum=0.5)", f"{NOTHING_LIKE} momentum=0.5."),
        ("RMSprop(centered=True)", f"{NOTHING_LIKE} centered=True."),
        ("SGD(decay=0.1)", f"{NOTHING_LIKE} decay=0.1."),
        ("GradientDescentOptimizer(a, True)", f"{NOTHING_LIKE} use_locking=True."),
        ("MomentumOptimizer(a, b, True)", f"{NOTHING_LIKE} use_locking=True."),
        ("SGD(*a)", "the arguments of the optimizer cannot be seen."),
        ("SGD(**a)", "the arguments of the optimizer cannot be seen."),
        (
            "Adamax(a)",
            "TFF has no optimizer that does what Adamax of Keras does; derive one from "
            "tff.learning.optimizers.Optimizer.",
        ),
    ],
)  # fmt: skip
def test_what_tff_lacks_is_said(keras: str, problem: str) -> None:
    with pytest.raises(NotWritable) as raised:
        modern(keras)
    assert str(raised.value) == problem


class Scalar:
    """A number of NumPy, which configurations of Keras hold."""

    def __init__(self, value: float) -> None:
        self._value = value

    def item(self) -> float:
        return self._value

    def __float__(self) -> float:
        return self._value


# Keras keeps numbers as float32, so a configuration has the nearest ones.
RATE = 0.10000000149011612


@pytest.mark.parametrize(
    ("name", "configuration", "expected"),
    [
        (
            "SGD",
            {"learning_rate": RATE, "momentum": 0.0, "nesterov": False, "decay": 0.0, "name": "S"},
            "build_sgdm(learning_rate=0.1)",
        ),
        (
            "SGD",
            {"learning_rate": Scalar(RATE), "momentum": 0.8999999761581421, "clipnorm": None},
            "build_sgdm(learning_rate=0.1, momentum=0.9)",
        ),
        (
            "Adam",
            {"learning_rate": 0.0010000000474974513, "beta_1": 0.9, "epsilon": 1e-07},
            "build_adam(learning_rate=0.001, beta_1=0.9, epsilon=1e-07)",
        ),
        ("SGD", {"learning_rate": 1}, "build_sgdm(learning_rate=1.0)"),
        ("SGD", {"learning_rate": 0.12345678901}, "build_sgdm(learning_rate=0.1234568)"),
        ("SGD", {"learning_rate": float("nan")}, "build_sgdm(learning_rate=nan)"),
        ("Yogi", {}, "build_yogi()"),
    ],
)
def test_an_optimizer_that_a_run_made_is_written_as_it_was(
    name: str, configuration: dict[str, object], expected: str
) -> None:
    assert of_configuration(name, configuration) == f"tff.learning.optimizers.{expected}"


@pytest.mark.parametrize(
    ("name", "configuration", "problem"),
    [
        ("Ftrl", {}, "TFF has no optimizer that does what Ftrl of Keras does."),
        ("SGD", {"learning_rate": {}}, "learning_rate of SGD is no number."),
        ("SGD", {"nesterov": True}, f"{NOTHING_LIKE} nesterov=True."),
        *(
            ("SGD", {each: 0.1}, f"{NOTHING_LIKE} {each}.")
            for each in ("decay", "weight_decay", "clipnorm", "clipvalue", "global_clipnorm")
        ),
    ],
)
def test_what_tff_lacks_of_one_that_a_run_made_is_said(
    name: str, configuration: dict[str, object], problem: str
) -> None:
    with pytest.raises(NotWritable) as raised:
        of_configuration(name, configuration)
    assert str(raised.value) == problem
