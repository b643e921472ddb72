"""`from_keras_model` for code of which nobody knows the release: the arguments decide."""

from __future__ import annotations

import inspect
import numbers
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from packaging.version import Version

from tff_compat import installation

# Before what comes with TFF: where it is missing, that is what is missing.
installation.version()

import attr  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

from tff_compat import deprecation, modern  # noqa: E402
from tff_compat.adapters import registry  # noqa: E402

__all__ = ["from_keras_model"]

_PATH = "tff.learning.from_keras_model"


def _items(value: Any) -> list[Any] | None:
    """What a list, tuple or dict holds; None for anything else."""
    if isinstance(value, Mapping):
        return list(value.values())
    return list(value) if isinstance(value, (list, tuple)) else None


def _leaves(value: Any) -> list[Any]:
    if not isinstance(value, type) and attr.has(type(value)):
        value = [getattr(value, field.name) for field in attr.fields(type(value))]
    items = _items(value)
    if items is None:
        return [value]
    return [leaf for item in items for leaf in _leaves(item)]


def _is_one_loss(value: Any) -> bool:
    if isinstance(value, (tf.keras.losses.Loss, tf.keras.metrics.Metric)):
        return isinstance(value, tf.keras.losses.Loss)
    return callable(value) and not isinstance(value, type)


def _is_loss(value: Any) -> bool:
    items = _items(value)
    if items is None:
        return isinstance(value, tf.keras.losses.Loss)
    return bool(items) and all(map(_is_one_loss, items))


def _is_keras_loss(value: Any) -> bool:
    losses = value if isinstance(value, list) else [value]
    return bool(losses) and all(isinstance(loss, tf.keras.losses.Loss) for loss in losses)


def _is_keras_loss_or_dict(value: Any) -> bool:
    items = _items(value)
    losses = [value] if items is None else items
    return bool(losses) and all(isinstance(loss, tf.keras.losses.Loss) for loss in losses)


def _is_batch(value: Any) -> bool:
    if _items(value) is None and not attr.has(type(value)):
        return False
    leaves = _leaves(value)
    return bool(leaves) and all(
        isinstance(leaf, (np.ndarray, np.generic, numbers.Number, str, bytes, tf.Variable))
        or tf.is_tensor(leaf)
        for leaf in leaves
    )


def _is_ordered_batch(value: Any) -> bool:
    return _is_batch(value) and type(value) is not dict


def _is_spec(value: Any) -> bool:
    tff = modern.package()
    if isinstance(value, tff.Type):
        return True
    leaves = _leaves(value)
    return (_items(value) is not None or attr.has(type(value))) and all(
        isinstance(leaf, (tf.TypeSpec, tf.DType, tff.Type)) for leaf in leaves
    )


def _is_weights(value: Any) -> bool:
    items = _items(value)
    return value is None or (
        items is not None and all(isinstance(item, numbers.Real) for item in items)
    )


def _is_metrics(value: Any) -> bool:
    return value is None or (
        isinstance(value, list)
        and all(isinstance(metric, (tf.keras.metrics.Metric, str)) for metric in value)
    )


def _is_metrics_or_constructors(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(map(callable, value)))


def _is_optimizer(value: Any) -> bool:
    takes_steps = hasattr(value, "apply_gradients") or hasattr(value, "get_updates")
    return value is None or isinstance(value, str) or takes_steps


@dataclass(frozen=True)
class _Form:
    """One historical form of the call.

    Attributes:
      name: The form and its releases, for messages.
      release: The release whose behaviour stands for the form.
      fits: For each parameter, whether a value can be meant for it.
    """

    name: str
    release: Version
    fits: Mapping[str, Callable[[Any], bool]]

    def arguments(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments by parameter, if the call fits this form.

        Raises:
          TypeError: It does not; the message says why.
        """
        found = registry.find(_PATH, self.release)
        signature = inspect.signature(found.target)  # type: ignore[union-attr,arg-type]
        kept = [p for p in signature.parameters.values() if p.name != registry.AS_OF]
        bound = signature.replace(parameters=kept).bind(*args, **kwargs).arguments
        for name, value in bound.items():
            if name in self.fits and not self.fits[name](value):
                raise TypeError(f"{name} cannot be a {type(value).__name__} like the one given")
        # None is what each of the optional parameters has when it is left out.
        return {name: value for name, value in bound.items() if value is not None}


def _or_none(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or fits(value)


_FORMS = (
    _Form(
        "(keras_model, dummy_batch, loss, metrics, optimizer) of TFF 0.1 to 0.5",
        Version("0.5.0"),
        {
            "dummy_batch": _is_batch,
            "loss": _is_one_loss,
            "metrics": _is_metrics,
            "optimizer": _is_optimizer,
        },
    ),
    _Form(
        "(keras_model, dummy_batch, loss, loss_weights, metrics, optimizer) of TFF 0.6 to 0.12",
        # The last release that took a plain dict as the batch.
        Version("0.10.1"),
        {
            "dummy_batch": _is_batch,
            "loss": _is_loss,
            "loss_weights": _is_weights,
            "metrics": _is_metrics,
            "optimizer": _is_optimizer,
        },
    ),
    _Form(
        "(keras_model, loss, input_spec, loss_weights, metrics, dummy_batch) of TFF 0.13",
        Version("0.13.1"),
        {
            "loss": _is_loss,
            "input_spec": _or_none(_is_spec),
            "loss_weights": _is_weights,
            "metrics": _is_metrics,
            "dummy_batch": _or_none(_is_ordered_batch),
        },
    ),
    _Form(
        "(keras_model, loss, input_spec, loss_weights, metrics) of TFF 0.14 to 0.16",
        Version("0.16.1"),
        {
            "loss": _is_keras_loss_or_dict,
            "input_spec": _is_spec,
            "loss_weights": _is_weights,
            "metrics": _is_metrics,
        },
    ),
    _Form(
        "(keras_model, loss, input_spec, loss_weights, metrics) of TFF 0.17 and later",
        Version("0.52.0"),
        {
            "loss": _is_keras_loss,
            "input_spec": _is_spec,
            "loss_weights": _is_weights,
            "metrics": _is_metrics_or_constructors,
        },
    ),
)


def from_keras_model(*args: Any, **kwargs: Any) -> Any:
    """Wraps a Keras model, in any form that `tff.learning.from_keras_model` ever had.

    The forms are:

    * 0.1 to 0.5: ``(keras_model, dummy_batch, loss, metrics=None, optimizer=None)``
    * 0.6 to 0.12: ``(keras_model, dummy_batch, loss, loss_weights=None, metrics=None,
      optimizer=None)``
    * 0.13: ``(keras_model, loss, input_spec=None, loss_weights=None, metrics=None,
      dummy_batch=None)``
    * 0.14 and later: ``(keras_model, loss, input_spec, loss_weights=None, metrics=None)``

    The types of the arguments and their keywords decide between them. Where forms agree on what
    each argument means, the newest applies.

    Args:
      *args: The arguments by position, in the order of one of the forms.
      **kwargs: The arguments by keyword.

    Returns:
      A `tff.learning.models.VariableModel`, which also has the members of its release's models.

    Raises:
      TypeError: The call fits none of the forms, or two of them with different meaning; also
        what the form itself refuses.
      ValueError: As the form itself.
      KeyError: As the form itself.
    """
    deprecation.show_warnings()
    fitting: list[tuple[_Form, dict[str, Any]]] = []
    reasons = []
    for form in _FORMS:
        try:
            fitting.append((form, form.arguments(args, kwargs)))
        except TypeError as error:
            reasons.append(f"{form.name}: {error}")
    if not fitting:
        raise TypeError(
            "The call of from_keras_model fits no form that it ever had. " + "; ".join(reasons)
        )
    form, arguments = fitting[-1]
    for other, other_arguments in fitting[:-1]:
        if not _same(arguments, other_arguments):
            raise TypeError(
                "The call of from_keras_model fits two forms with different meaning: "
                f"{other.name}, with {_shown(other_arguments)}; and {form.name}, with "
                f"{_shown(arguments)}. Pass the arguments by keyword, or say the release: "
                f"tff_compat.as_of({str(form.release)!r}).learning.from_keras_model(...)."
            )
    entry = registry.find(_PATH, form.release)
    assert isinstance(entry, registry.Adapter)
    bound: Any = entry.bind(form.release)
    return bound(*args, **kwargs)


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return one.keys() == other.keys() and all(one[name] is other[name] for name in one)


def _shown(arguments: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}: {type(value).__name__}" for name, value in arguments.items())
