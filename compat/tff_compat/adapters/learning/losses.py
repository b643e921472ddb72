"""The losses of a Keras model: what each release took, and what it made of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import tensorflow as tf
from packaging.version import Version

from tff_compat.catalog.boundaries import (
    FIRST_WITH_LISTS_OF_LOSSES,
    FIRST_WITH_ONE_LOSS_PER_OUTPUT,
    FIRST_WITHOUT_FUNCTIONS_AS_LOSSES,
)

# Keras makes this class of a function; it is the parent of all its own losses and has no name in
# the public API.
_FunctionLoss: Any = tf.keras.losses.MeanSquaredError.__mro__[1]


class WholeLoss:
    """The loss of a whole batch: one loss for all outputs, or one per output and their weights."""

    def __init__(
        self, losses: list[Callable[..., Any]], weights: list[float], names: list[str] | None
    ):
        self.losses = losses
        self.weights = weights
        self._names = names

    def __call__(self, y_true: Any, y_pred: Any, start: Any = None) -> Any:
        """The weighted sum of the losses of all outputs, from `start` on."""
        if len(self.losses) == 1:
            if len(tf.nest.flatten(y_pred)) == 1:
                # A model with one output may name it, or its label.
                y_true, y_pred = self._only(y_true), self._only(y_pred)
            return self.losses[0](y_true, y_pred)
        total = tf.zeros(()) if start is None else start
        labels, predictions = self._by_output(y_true), self._by_output(y_pred)
        for loss, weight, label, prediction in zip(self.losses, self.weights, labels, predictions):
            total += weight * loss(label, prediction)
        return total

    @staticmethod
    def _only(value: Any) -> Any:
        if isinstance(value, (Mapping, list, tuple)) and len(value) == 1:
            return tf.nest.flatten(value)[0]
        return value

    def _by_output(self, value: Any) -> Sequence[Any]:
        if hasattr(value, "_asdict"):
            value = value._asdict()
        if isinstance(value, Mapping):
            if self._names is not None and all(name in value for name in self._names):
                return [value[name] for name in self._names]
            return list(value.values())
        return value


def _in_order(values: Mapping[str, Any], names: Sequence[str], given: str) -> list[Any]:
    missing = [name for name in names if name not in values]
    if missing:
        raise KeyError(
            f"Output missing from {given} dictionary: {missing}. {given} has the keys "
            f"{list(values)}, the outputs of the model are {list(names)}."
        )
    return [values[name] for name in names]


def _as_loss(loss: Any, where: str, *, callables: bool, strings: bool = False) -> Any:
    if isinstance(loss, tf.keras.losses.Loss):
        return loss
    if strings and isinstance(loss, str):
        loss = tf.keras.losses.get(loss)
        return loss if isinstance(loss, tf.keras.losses.Loss) else _FunctionLoss(loss)
    if callables and callable(loss) and not isinstance(loss, type):
        return loss
    wanted = "a tf.keras.losses.Loss" + (" or a function (y_true, y_pred)" if callables else "")
    raise TypeError(f"{where} must be {wanted}, found {loss!r} of type {type(loss).__name__}.")


def single(loss: Any, *, compiled: bool) -> WholeLoss:
    """The loss as of 0.1 to 0.5: one, of any kind that can be called."""
    if compiled and isinstance(loss, (list, tuple, Mapping)) and len(loss) == 1:
        loss = list(loss.values() if isinstance(loss, Mapping) else loss)[0]
    if isinstance(loss, (list, tuple, Mapping)):
        raise NotImplementedError(
            f"TFF 0.1 to 0.5 took a single loss, found {len(loss)}; several are taken since 0.6."
        )
    return WholeLoss([_as_loss(loss, "loss", callables=True, strings=compiled)], [1.0], None)


def by_output(
    loss: Any,
    loss_weights: Any,
    outputs: Sequence[Any],
    names: Sequence[str],
    release: Version,
    *,
    compiled: bool = False,
) -> WholeLoss:
    """The losses and weights as documented from 0.6 to 0.16: one, a list, or a dict by output."""
    several = isinstance(loss, (Mapping, Sequence)) and not (compiled and isinstance(loss, str))
    if not several:
        # A function was refused since 0.6, but for one in a list or dict of losses.
        single = _as_loss(loss, "loss", callables=compiled, strings=compiled)
        if loss_weights is not None:
            if compiled:
                weights = list(
                    loss_weights.values() if isinstance(loss_weights, Mapping) else loss_weights
                )
                return WholeLoss([single], weights, None)
            raise TypeError(
                "loss_weights wants a list or a dict of losses, and loss is a single "
                f"{type(loss).__name__}."
            )
        if release >= FIRST_WITH_ONE_LOSS_PER_OUTPUT and len(outputs) != 1:
            raise ValueError(
                f"The model must have as many losses as outputs; found one loss and {len(outputs)} "
                f"outputs, {list(names)}."
            )
        return WholeLoss([single], [1.0], None)
    if len(loss) != len(outputs):
        raise ValueError(
            f"`keras_model` must have equal number of outputs and losses; found the {len(loss)} "
            f"losses {loss!r} and the {len(outputs)} outputs {list(names)}."
        )
    if loss_weights is not None:
        if isinstance(loss_weights, str) or not isinstance(loss_weights, (Mapping, Sequence)):
            raise TypeError(
                "loss_weights must be a list of floats or a dict of them by output name, found "
                f"{loss_weights!r} of type {type(loss_weights).__name__}."
            )
        if len(loss_weights) != len(loss):
            raise ValueError(
                f"`keras_model` must have equal number of losses and loss_weights; found "
                f"{len(loss)} losses and the {len(loss_weights)} weights {loss_weights!r}."
            )
    losses = _in_order(loss, names, "loss") if isinstance(loss, Mapping) else list(loss)
    weights = [1.0] * len(losses) if loss_weights is None else loss_weights
    if isinstance(weights, Mapping):
        weights = _in_order(weights, names, "loss_weights")
    takes_functions = compiled or release < FIRST_WITHOUT_FUNCTIONS_AS_LOSSES
    return WholeLoss(
        [
            _as_loss(
                one, f"The loss of the output {name!r}", callables=takes_functions, strings=compiled
            )
            for one, name in zip(losses, names)
        ],
        list(weights),
        list(names),
    )


def in_a_list(
    loss: Any, loss_weights: Any, outputs: Sequence[Any], names: Sequence[str], release: Version
) -> WholeLoss:
    """The losses and weights as of 0.17 to 0.19: one, or a list."""
    if not isinstance(loss, list):
        single = _as_loss(loss, "loss", callables=False)
        if release < FIRST_WITH_LISTS_OF_LOSSES and len(outputs) != 1:
            raise TypeError(
                f"loss must be a list of {len(outputs)} losses, one for each of the outputs "
                f"{list(names)}; found a single {type(loss).__name__}."
            )
        if loss_weights is not None:
            raise ValueError(
                "`loss_weights` cannot be used if `loss` is not a list; found the weights "
                f"{loss_weights!r} and a single {type(loss).__name__}."
            )
        return WholeLoss([single], [1.0], None)
    if release < FIRST_WITH_LISTS_OF_LOSSES and len(outputs) == 1:
        raise TypeError(
            f"loss must be a tf.keras.losses.Loss, found a list: {names[0]!r} is the only output."
        )
    if len(loss) != len(outputs):
        raise ValueError(
            f"`keras_model` must have equal number of outputs to the losses; found {len(loss)} "
            f"losses and the {len(outputs)} outputs {list(names)}."
        )
    losses = [
        _as_loss(one, f"The loss of the output {name!r}", callables=False)
        for one, name in zip(loss, names)
    ]
    if loss_weights is None:
        return WholeLoss(losses, [1.0] * len(losses), list(names))
    if isinstance(loss_weights, (str, Mapping)) or not isinstance(loss_weights, Sequence):
        raise TypeError(
            "loss_weights must be a list of floats, found "
            f"{loss_weights!r} of type {type(loss_weights).__name__}."
        )
    if len(loss_weights) != len(losses):
        raise ValueError(
            f"`keras_model` must have equal number of losses and loss_weights; found {len(losses)} "
            f"losses and the {len(loss_weights)} weights {loss_weights!r}."
        )
    for weight in loss_weights:
        if not isinstance(weight, float):
            raise TypeError(
                f"loss_weights must be floats, found {weight!r} of type {type(weight).__name__}."
            )
    return WholeLoss(losses, list(loss_weights), list(names))
