"""Functional models, in every form that their constructor and their methods have had."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from typing import Any

import tensorflow as tf
from packaging.version import Version

from tff_compat import modern
from tff_compat.adapters.learning import batches
from tff_compat.adapters.registry import NEVER, AsOf, Replacement, adapter, helper
from tff_compat.adapters.stand_ins import StandIn, named
from tff_compat.catalog.boundaries import (
    FIRST_WITH_BATCH_OUTPUT_IN_METRICS,
    FIRST_WITH_FUNCTIONAL_METRICS,
    FIRST_WITH_SAMPLE_WEIGHT,
)

tff = modern.package()

_PATH = "tff.learning.models.FunctionalModel"

InstalledFunctionalModel: Any = tff.learning.models.FunctionalModel
# Functional models have metrics since 0.30.
_METRICS_FNS = inspect.signature(InstalledFunctionalModel).parameters.get("metrics_fns")
empty_metrics_state, noop_update_metrics, noop_finalize_metrics = (
    (None, None, None) if _METRICS_FNS is None else _METRICS_FNS.default
)


class CallableMustBeTFFunctionError(TypeError):
    """Raised up to 0.29 for a function that is not decorated with `tf.function`."""


# The installed one has had its name since 0.30, and no public path.
_NotTensorFlowFunctionError: type[TypeError] = getattr(
    sys.modules[InstalledFunctionalModel.__module__],
    "CallableNotTensorFlowFunctionError",
    CallableMustBeTFFunctionError,
)


def _check_tf_function(fn: Any, name: str, error: type[TypeError]) -> None:
    if not hasattr(fn, "get_concrete_function"):
        raise error(
            f"{name} must be decorated with tf.function, found {fn!r} of type {type(fn).__name__}."
        )


def _by_batch_output(update: Callable[..., Any]) -> Callable[..., Any]:
    """A metrics update of 0.30 to 0.43, which took `y_true` and `y_pred`, in the installed form."""
    parameters = inspect.signature(getattr(update, "python_function", update)).parameters
    if "batch_output" in parameters:
        return update

    @tf.function
    def update_metrics(
        state: Any, labels: Any, batch_output: Any, sample_weight: Any = None
    ) -> Any:
        return update(
            state, y_true=labels, y_pred=batch_output.predictions, sample_weight=sample_weight
        )

    return update_metrics


def _update_metrics_state_0_30(
    self: Any,
    state: Any,
    y_true: Any = None,
    y_pred: Any = None,
    sample_weight: Any = None,
    *,
    labels: Any = None,
    batch_output: Any = None,
) -> Any:
    """The metrics state after one more batch, as of TFF 0.30.0 to 0.43.0.

    Args:
      state: The metrics state.
      y_true: The labels of the batch.
      y_pred: The predictions for the batch.
      sample_weight: Weights of the examples, or None.
      labels: What the installed TFF calls `y_true`.
      batch_output: In the installed TFF, a `BatchOutput` with the predictions.
    """
    if batch_output is None:
        labels = y_true
        batch_output = tff.learning.models.BatchOutput(predictions=y_pred)
    return InstalledFunctionalModel.update_metrics_state(
        self, state, labels, batch_output, sample_weight
    )


# The installed builders call with names of their own, which are no part of the historical form.
_update_metrics_state_0_30.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
    [
        inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        for name in ("self", "state", "y_true", "y_pred")
    ]
    + [inspect.Parameter("sample_weight", inspect.Parameter.POSITIONAL_OR_KEYWORD, default=None)]
)


class _WithForwardPass(InstalledFunctionalModel, metaclass=StandIn):
    """A functional model that is defined by its forward pass, as up to 0.52."""

    real = InstalledFunctionalModel
    _forward_pass_fn: Any
    _last_prediction: Any = None

    def _construct(self, **arguments: Any) -> None:
        """Constructs the installed class with those arguments that its release has."""
        known = inspect.signature(InstalledFunctionalModel).parameters
        super().__init__(**{name: value for name, value in arguments.items() if name in known})
        self._forward_pass_fn = arguments["forward_pass_fn"]

    @tf.function
    def forward_pass(self, model_weights: Any, batch_input: Any, training: bool = True) -> Any:
        """The `BatchOutput` of a batch for the weights `(trainable, non_trainable)`."""
        return self._forward_pass_fn(model_weights, batch_input, training)


class _WithoutLoss(_WithForwardPass):
    """A functional model whose loss is known by its forward pass only, as up to 0.50.

    The installed builders ask for the predictions and then for their loss. The loss is that of
    the forward pass of the batch for which the predictions were asked.
    """

    def predict_on_batch(self, model_weights: Any, x: Any, training: bool = True) -> Any:
        """The predictions for `x`, a batch of inputs."""
        predictions = self._predict_on_batch_fn(model_weights, x, training)
        self._last_prediction = (tf.nest.flatten(predictions)[0], model_weights, x, training)
        return predictions

    def loss(self, output: Any, label: Any, sample_weight: Any = None) -> Any:
        """The loss of the predictions that `predict_on_batch` gave last.

        Raises:
          NotImplementedError: `output` is something else: there is no loss function to apply.
        """
        first = tf.nest.flatten(output)[0]
        if self._last_prediction is None or self._last_prediction[0] is not first:
            raise NotImplementedError(
                "This FunctionalModel was made without loss_fn (TFF 0.50 and earlier): its loss is "
                "known for what predict_on_batch gave last. Pass loss_fn to FunctionalModel."
            )
        _, model_weights, x, training = self._last_prediction
        return self._forward_pass_fn(model_weights, self._batch(x, label), training).loss

    def _batch(self, x: Any, y: Any) -> Any:
        spec = self.input_spec
        if hasattr(spec, "keys"):
            return type(spec)([("x", x), ("y", y)])
        return type(spec)(x, y) if batches.is_named_tuple(spec) else (x, y)


_OF_FORWARD_PASS = "{!FunctionalModelOfForwardPass}"
_ANY_MODEL = {"isinstance()": Replacement(_PATH)}

helper(
    "FunctionalModelOfForwardPass",
    '''\
class FunctionalModelOfForwardPass(tff.learning.models.FunctionalModel):
  """A functional model whose loss is known by its forward pass alone.

  TFF asks for the predictions for a batch, and then for their loss.
  """

  def __init__(
      self, initial_weights, forward_pass_fn, predict_on_batch_fn, input_spec, metrics_fns=None):
    metrics = {} if metrics_fns is None else {'metrics_fns': metrics_fns}
    super().__init__(initial_weights=initial_weights, predict_on_batch_fn=predict_on_batch_fn,
                     loss_fn=self.loss, input_spec=input_spec, **metrics)
    self.forward_pass_fn = forward_pass_fn

  def forward_pass(self, model_weights, batch_input, training=True):
    return self.forward_pass_fn(model_weights, batch_input, training)

  def predict_on_batch(self, model_weights, x, training=True):
    predictions = self._predict_on_batch_fn(model_weights, x, training)
    self.last_prediction = tf.nest.flatten(predictions)[0], model_weights, x, training
    return predictions

  def loss(self, output, label, sample_weight=None):
    predictions, model_weights, x, training = self.last_prediction
    assert tf.nest.flatten(output)[0] is predictions, 'Only of the last predictions.'
    batch = (x, label)
    if isinstance(self.input_spec, collections.abc.Mapping):
      batch = type(self.input_spec)([('x', x), ('y', label)])
    elif hasattr(self.input_spec, '_fields'):
      batch = type(self.input_spec)(x, label)
    return self.forward_pass_fn(model_weights, batch, training).loss
''',
)
helper(
    "updated_by_predictions",
    '''\
def updated_by_predictions(metrics_fns):
  """Functions of metrics of which one updates them by labels and predictions."""
  initialize, update, finalize = metrics_fns

  @tf.function
  def update_by_output(state, labels, batch_output, sample_weight=None):
    return update(
        state, y_true=labels, y_pred=batch_output.predictions, sample_weight=sample_weight)

  return initialize, update_by_output, finalize
''',
)


def _no_loss(output: Any, label: Any, sample_weight: Any = None) -> Any:
    raise NotImplementedError("FunctionalModel as of TFF 0.50 and earlier has no loss function.")


@adapter(
    "tff.learning.models.FunctionalModel",
    releases=">=0.20,<0.30",
    replacement=_OF_FORWARD_PASS,
    cases=_ANY_MODEL,
    gives="functional model",
)
class FunctionalModel_0_20(_WithoutLoss):
    """A model that gets its weights with each call, as of TFF 0.20.0 to 0.29.0.

    Args:
      initial_weights: `(trainable, non_trainable)`, two structures of arrays (no tensors).
      forward_pass_fn: A `tf.function` of `(model_weights, batch_input, training)` that returns a
        `BatchOutput`.
      predict_on_batch_fn: A `tf.function` of `(model_weights, x, training)`.
      input_spec: `(x, y)`, structures of `tf.TensorSpec`s.

    Raises:
      TypeError: A tensor among the weights, or a function that is no `tf.function`.
    """

    as_of: AsOf

    def __init__(self, initial_weights, forward_pass_fn, predict_on_batch_fn, input_spec):
        error = CallableMustBeTFFunctionError
        _check_tf_function(forward_pass_fn, "forward_pass_fn", error)
        _check_tf_function(predict_on_batch_fn, "predict_on_batch_fn", error)
        self._construct(
            initial_weights=initial_weights,
            forward_pass_fn=forward_pass_fn,
            predict_on_batch_fn=predict_on_batch_fn,
            loss_fn=_no_loss,
            input_spec=input_spec,
        )
        self.as_of.warn(locals())


class _KeywordsWithoutLoss(_WithoutLoss):
    """The keyword-only constructor without `loss_fn`, of 0.30 to 0.50."""

    as_of: AsOf

    def __init__(
        self,
        *,
        initial_weights,
        forward_pass_fn,
        predict_on_batch_fn,
        metrics_fns=(empty_metrics_state, noop_update_metrics, noop_finalize_metrics),
        input_spec,
    ):
        _check_tf_function(forward_pass_fn, "forward_pass_fn", _NotTensorFlowFunctionError)
        initialize, update, finalize = metrics_fns
        self._construct(
            initial_weights=initial_weights,
            forward_pass_fn=forward_pass_fn,
            predict_on_batch_fn=predict_on_batch_fn,
            loss_fn=_no_loss,
            metrics_fns=(initialize, _by_batch_output(update), finalize),
            input_spec=input_spec,
        )
        self.as_of.warn(locals())


_UPDATED_BY_PREDICTIONS = (
    f"{_OF_FORWARD_PASS}(initial_weights={{initial_weights}}, forward_pass_fn={{forward_pass_fn}}, "
    "predict_on_batch_fn={predict_on_batch_fn}, input_spec={input_spec}"
    "[?, metrics_fns={!updated_by_predictions}({metrics_fns})?])"
)


@adapter(
    "tff.learning.models.FunctionalModel",
    releases=">=0.30,<0.44",
    replacement=_UPDATED_BY_PREDICTIONS,
    cases=_ANY_MODEL,
    gives="functional model",
)
class FunctionalModel_0_30(_KeywordsWithoutLoss):
    """A model that gets its weights with each call, as of TFF 0.30.0 to 0.43.0.

    Args:
      initial_weights: `(trainable, non_trainable)`, two structures of arrays (no tensors).
      forward_pass_fn: A `tf.function` of `(model_weights, batch_input, training)` that returns a
        `BatchOutput`.
      predict_on_batch_fn: A `tf.function` of `(model_weights, x, training)`.
      metrics_fns: Functions that initialize the metrics state, update it by
        `(state, y_true, y_pred, sample_weight)`, and finalize it.
      input_spec: `(x, y)`, structures of `tf.TensorSpec`s.

    Raises:
      TypeError: A tensor among the weights, or a function that is no `tf.function`.
    """

    as_of: AsOf
    update_metrics_state = _update_metrics_state_0_30


@adapter(
    "tff.learning.models.FunctionalModel",
    releases=">=0.44,<0.51",
    replacement=_OF_FORWARD_PASS,
    cases=_ANY_MODEL,
    gives="functional model",
)
class FunctionalModel_0_44(_KeywordsWithoutLoss):
    """A model that gets its weights with each call, as of TFF 0.44.0 to 0.50.0.

    Args:
      initial_weights: `(trainable, non_trainable)`, two structures of arrays (no tensors).
      forward_pass_fn: A `tf.function` of `(model_weights, batch_input, training)` that returns a
        `BatchOutput`.
      predict_on_batch_fn: A `tf.function` of `(model_weights, x, training)`.
      metrics_fns: Functions that initialize the metrics state, update it by
        `(state, labels, batch_output, sample_weight)`, and finalize it.
      input_spec: `(x, y)`, structures of `tf.TensorSpec`s.

    Raises:
      TypeError: A tensor among the weights, or a function that is no `tf.function`.
    """

    as_of: AsOf


@adapter(
    "tff.learning.models.FunctionalModel",
    releases=">=0.51,<0.53",
    replacement=(
        "tff.learning.models.FunctionalModel(initial_weights={initial_weights}, "
        "predict_on_batch_fn={predict_on_batch_fn}, loss_fn={loss_fn}"
        "[?, metrics_fns={metrics_fns}?], input_spec={input_spec})"
    ),
    without_effect=("forward_pass_fn",),
    gives="functional model",
)
class FunctionalModel_0_51(_WithForwardPass):
    """A model that gets its weights with each call, as of TFF 0.51.0 and 0.52.0.

    Args:
      initial_weights: `(trainable, non_trainable)`, two structures of arrays (no tensors).
      forward_pass_fn: A `tf.function` of `(model_weights, batch_input, training)` that returns a
        `BatchOutput`.
      predict_on_batch_fn: A `tf.function` of `(model_weights, x, training)`.
      loss_fn: A function of `(output, label, sample_weight=None)`.
      metrics_fns: Functions that initialize the metrics state, update it by
        `(state, labels, batch_output, sample_weight)`, and finalize it.
      input_spec: `(x, y)`, structures of `tf.TensorSpec`s.

    Raises:
      TypeError: A tensor among the weights, or a function that is no `tf.function`.
    """

    as_of: AsOf

    def __init__(
        self,
        *,
        initial_weights,
        forward_pass_fn,
        predict_on_batch_fn,
        loss_fn,
        metrics_fns=(empty_metrics_state, noop_update_metrics, noop_finalize_metrics),
        input_spec,
    ):
        _check_tf_function(forward_pass_fn, "forward_pass_fn", _NotTensorFlowFunctionError)
        self._construct(
            initial_weights=initial_weights,
            forward_pass_fn=forward_pass_fn,
            predict_on_batch_fn=predict_on_batch_fn,
            loss_fn=loss_fn,
            metrics_fns=metrics_fns,
            input_spec=input_spec,
        )
        self.as_of.warn(locals())


named(
    "FunctionalModel",
    *(FunctionalModel_0_20, FunctionalModel_0_30, FunctionalModel_0_44, FunctionalModel_0_51),
)


class KerasFunctionalModel(_WithForwardPass):
    """What `functional_model_from_keras` returned up to 0.52: it has `forward_pass`."""

    @tf.function
    def forward_pass(self, model_weights: Any, batch_input: Any, training: bool = True) -> Any:
        """The `BatchOutput` of a batch for the weights `(trainable, non_trainable)`."""
        x, y = batches.elements(batch_input)
        predictions = self.predict_on_batch(model_weights, x, training)
        return tff.learning.models.BatchOutput(
            loss=self.loss(predictions, y),
            predictions=predictions,
            num_examples=tf.shape(tf.nest.flatten(batch_input)[0])[0],
        )


def _with_metrics_0_30(kind: Any) -> Any:
    """The class of a functional model whose metrics are updated as from 0.30 to 0.43."""
    return type(kind)(kind.__name__, (kind,), {"update_metrics_state": _update_metrics_state_0_30})


def _with_sample_weight(loss_fn: Any) -> Any:
    """A loss of up to 0.50, which was called without `sample_weight`, as one that takes it."""
    if "sample_weight" in inspect.signature(loss_fn).parameters:
        return loss_fn

    def loss(y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        return loss_fn(y_true=y_true, y_pred=y_pred)

    return loss


def _from_keras(
    keras_model: Any, loss_fn: Any, input_spec: Any, metrics_constructor: Any, release: Version
) -> Any:
    if release < FIRST_WITH_SAMPLE_WEIGHT:
        loss_fn = _with_sample_weight(loss_fn)
    model = tff.learning.models.functional_model_from_keras(
        keras_model, loss_fn, input_spec, metrics_constructor
    )
    # The installed function makes the weights and functions of the model; only the methods of the
    # release are added to the same object.
    if not hasattr(model, "forward_pass"):
        model.__class__ = KerasFunctionalModel
    if FIRST_WITH_FUNCTIONAL_METRICS <= release < FIRST_WITH_BATCH_OUTPUT_IN_METRICS:
        model.__class__ = _with_metrics_0_30(type(model))
    return model


@adapter(
    "tff.learning.models.functional_model_from_keras",
    releases=">=0.20,<0.30",
    replacement="tff.learning.models.functional_model_from_keras",
    legacy=NEVER,
    gives="functional model",
)
def functional_model_from_keras_0_20(keras_model, loss_fn, input_spec, *, as_of: AsOf):
    """Makes a functional model of a Keras model, as of TFF 0.20.0 to 0.29.0.

    Such a call works unchanged on the installed TFF; only the result's `forward_pass` does not.

    Args:
      keras_model: A `tf.keras.Model`, or a function that makes one.
      loss_fn: A `tf.keras.losses.Loss`; it gets all outputs of the model.
      input_spec: A structure of x and y of `tf.TensorSpec`s.

    Returns:
      A `tff.learning.models.FunctionalModel` that also has `forward_pass`.
    """
    return _from_keras(keras_model, loss_fn, input_spec, None, as_of.release)


@adapter(
    "tff.learning.models.functional_model_from_keras",
    releases=">=0.30,<0.53",
    changed=(FIRST_WITH_BATCH_OUTPUT_IN_METRICS, FIRST_WITH_SAMPLE_WEIGHT),
    replacement="tff.learning.models.functional_model_from_keras",
    legacy=NEVER,
    gives="functional model",
)
def functional_model_from_keras_0_30(
    keras_model, loss_fn, input_spec, metrics_constructor=None, *, as_of: AsOf
):
    """Makes a functional model of a Keras model, as of TFF 0.30.0 to 0.52.0.

    Such a call works unchanged on the installed TFF; only the result's `forward_pass` does not.

    Args:
      keras_model: A `tf.keras.Model`, or a function that makes one.
      loss_fn: A `tf.keras.losses.Loss`; it gets all outputs of the model.
      input_spec: A structure of x and y of `tf.TensorSpec`s.
      metrics_constructor: A function that makes a metric or an `OrderedDict` of metrics, or an
        `OrderedDict` of functions that make one; or None.

    Returns:
      A `tff.learning.models.FunctionalModel` that also has `forward_pass`.
    """
    return _from_keras(keras_model, loss_fn, input_spec, metrics_constructor, as_of.release)


@adapter(
    "tff.learning.models.model_from_functional",
    releases=">=0.20,<0.30",
    replacement="tff.learning.models.model_from_functional",
    legacy=NEVER,
)
def model_from_functional(functional_model, metric_constructors=None):
    """Makes a `tff.learning.Model` of a functional model, as of TFF 0.20.0 to 0.29.0.

    Such a call works unchanged on the installed TFF, so there is no warning.

    Args:
      functional_model: A `tff.learning.models.FunctionalModel`.
      metric_constructors: Functions that make Keras metrics, or None.

    Raises:
      ValueError: Two metrics have the same name.
    """
    return tff.learning.models.model_from_functional(functional_model, metric_constructors or ())
