"""Which optimizer of `tff.learning.optimizers` does what an optimizer of Keras did."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tff_compat.declared.replacement import NotWritable
from tff_compat.source.documents import Unit
from tff_compat.source.kinds import KerasOptimizer


@dataclass(frozen=True)
class _Counterpart:
    """What stands for one class of Keras.

    Attributes:
      builder: Its function in `tff.learning.optimizers`.
      parameters: The parameters of Keras in their order, and of the builder; "" for those that the
        builder lacks, which must then have their default.
      defaults: What Keras had where an argument was not given; always written out, so that other
        defaults of TFF cannot matter.
    """

    builder: str
    parameters: Mapping[str, str]
    defaults: Mapping[str, str]


_SGD = _Counterpart(
    "build_sgdm",
    {"learning_rate": "learning_rate", "momentum": "momentum", "nesterov": ""},
    {"learning_rate": "0.01"},
)
_COUNTERPARTS: Mapping[str, _Counterpart] = {
    "SGD": _SGD,
    "GradientDescentOptimizer": _Counterpart(
        "build_sgdm", {"learning_rate": "learning_rate", "use_locking": ""}, {}
    ),
    "MomentumOptimizer": _Counterpart(
        "build_sgdm",
        {"learning_rate": "learning_rate", "momentum": "momentum", "use_locking": ""},
        {},
    ),
    "Adam": _Counterpart(
        "build_adam",
        {
            "learning_rate": "learning_rate",
            "beta_1": "beta_1",
            "beta_2": "beta_2",
            "epsilon": "epsilon",
            "amsgrad": "",
        },
        {"learning_rate": "0.001"},
    ),
    "Adagrad": _Counterpart(
        "build_adagrad",
        {
            "learning_rate": "learning_rate",
            "initial_accumulator_value": "initial_preconditioner_value",
            "epsilon": "epsilon",
        },
        {"learning_rate": "0.001"},
    ),
    "RMSprop": _Counterpart(
        "build_rmsprop",
        {
            "learning_rate": "learning_rate",
            "rho": "decay",
            "momentum": "",
            "epsilon": "epsilon",
            "centered": "",
        },
        {"learning_rate": "0.001"},
    ),
    "Yogi": _Counterpart(
        "build_yogi",
        {
            "learning_rate": "learning_rate",
            "beta1": "beta_1",
            "beta2": "beta_2",
            "epsilon": "epsilon",
            "initial_accumulator_value": "initial_preconditioner_value",
        },
        {"learning_rate": "0.01", "epsilon": "1e-3"},
    ),
}
OTHER_IN_NEW_KERAS = frozenset({"Adam", "RMSprop"})
"""Those of Keras that since then round, or use epsilon, otherwise than before and than TFF's."""

# What `lr=` was before it was `learning_rate`, and names that change nothing.
_OLD_NAMES = {"lr": "learning_rate"}
_WITHOUT_EFFECT = frozenset({"name"})
_NOTHING = frozenset({"None", "0", "0.0", "False"})


def modern_optimizer(optimizer: KerasOptimizer, text_of: Callable[[ast.expr, Unit], str]) -> str:
    """The call of `tff.learning.optimizers` that trains like an optimizer of Keras.

    Args:
      optimizer: The optimizer, with the call that makes it.
      text_of: Gives the text of an argument for the place where the code will stand.

    Raises:
      NotWritable: TFF has none that does the same, or an argument cannot be written there.
    """
    counterpart = _COUNTERPARTS.get(optimizer.name)
    if counterpart is None:
        raise NotWritable(
            f"TFF has no optimizer that does what {optimizer.name} of Keras does; derive one from "
            "tff.learning.optimizers.Optimizer."
        )
    given: dict[str, str] = dict(counterpart.defaults)
    if optimizer.call is not None:
        assert optimizer.unit is not None
        for name, node in _arguments(optimizer, counterpart).items():
            given[name] = text_of(node, optimizer.unit)
    return _call(counterpart, given)


def _call(counterpart: _Counterpart, given: Mapping[str, str]) -> str:
    """The call of the builder, with the texts of Keras's arguments."""
    written = []
    for name, text in given.items():
        target = counterpart.parameters.get(name)
        if target:
            if not (target == "momentum" and text in _NOTHING):
                written.append(f"{target}={text}")
        elif text not in _NOTHING:
            raise NotWritable(f"the optimizers of TFF have nothing like {name}={text}.")
    return f"tff.learning.optimizers.{counterpart.builder}({', '.join(written)})"


def of_configuration(name: str, configuration: Mapping[str, object]) -> str:
    """As `modern_optimizer`, for an optimizer that a run has made.

    Args:
      name: Its class.
      configuration: What its `get_config` gives.

    Raises:
      NotWritable: TFF has none that does the same.
    """
    counterpart = _COUNTERPARTS.get(name)
    if counterpart is None:
        raise NotWritable(f"TFF has no optimizer that does what {name} of Keras does.")
    given = {}
    for parameter in counterpart.parameters:
        value = configuration.get(parameter)
        if value is None:
            continue
        if isinstance(value, (int, float)) or hasattr(value, "item"):
            given[parameter] = repr(value if isinstance(value, bool) else _shortest(float(value)))  # type: ignore[arg-type]
        else:
            raise NotWritable(f"{parameter} of {name} is no number.")
    for parameter in ("decay", "weight_decay", "clipnorm", "clipvalue", "global_clipnorm"):
        if configuration.get(parameter):
            raise NotWritable(f"the optimizers of TFF have nothing like {parameter}.")
    return _call(counterpart, given)


def _shortest(value: float) -> float:
    """The number that was written in the program, which Keras keeps as a float32."""
    for digits in range(1, 10):
        short = float(f"{value:.{digits}g}")
        if abs(short - value) <= 1e-7 * abs(value):
            return short
    return value


def _arguments(optimizer: KerasOptimizer, counterpart: _Counterpart) -> dict[str, ast.expr]:
    call = optimizer.call
    assert call is not None
    if any(isinstance(argument, ast.Starred) for argument in call.args):
        raise NotWritable("the arguments of the optimizer cannot be seen.")
    found = dict(zip(counterpart.parameters, call.args))
    for keyword in call.keywords:
        if keyword.arg is None:
            raise NotWritable("the arguments of the optimizer cannot be seen.")
        if keyword.arg not in _WITHOUT_EFFECT:
            found[_OLD_NAMES.get(keyword.arg, keyword.arg)] = keyword.value
    return found
