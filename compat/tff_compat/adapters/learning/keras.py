"""Models made from Keras models, in every form that TensorFlow Federated has taken them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf
from packaging.version import Version

from tff_compat import modern
from tff_compat.adapters.learning import batches, losses
from tff_compat.adapters.learning.keras_models import KerasModel, TrainableKerasModel
from tff_compat.adapters.registry import AsOf, Replacement, adapter, helper
from tff_compat.catalog.boundaries import FIRST_WITH_LOSSES_BY_OUTPUT
from tff_compat.declared.replacement import AS_VALUE, OTHERWISE

tff = modern.package()


def _check_keras_model(keras_model: Any) -> None:
    if not isinstance(keras_model, tf.keras.Model):
        raise TypeError(
            "keras_model must be a keras.Model (tf.keras.Model), found "
            f"{type(keras_model).__name__}."
        )


def _is_compiled(keras_model: Any) -> bool:
    return bool(
        getattr(keras_model, "_is_compiled", False) or getattr(keras_model, "optimizer", None)
    )


def _check_not_compiled(keras_model: Any, instead: str) -> None:
    if _is_compiled(keras_model):
        raise ValueError(
            f"`keras_model` must not be compiled, and {keras_model.name!r} is. {instead}"
        )


def _build(keras_model: Any, input_spec: Any) -> list[Any]:
    """Gives the model its variables and returns its outputs, as many as it has."""
    outputs = getattr(keras_model, "outputs", None)
    if keras_model.built and outputs:
        return list(outputs)
    x, _ = batches.elements(input_spec)
    zeros = tf.nest.map_structure(
        lambda spec: tf.zeros([size or 1 for size in spec.shape.as_list()], spec.dtype), x
    )
    return tf.nest.flatten(keras_model(zeros))


def _output_names(keras_model: Any, count: int) -> list[str]:
    names = getattr(keras_model, "output_names", None)
    # What Keras calls the outputs of a subclassed model.
    return list(names) if names else [f"output_{i + 1}" for i in range(count)]


def _check_metrics(given: Any) -> list[Any]:
    if given is None:
        return []
    if not isinstance(given, list):
        raise TypeError(
            "metrics must be a list of tf.keras.metrics.Metric objects, found "
            f"{type(given).__name__}."
        )
    for metric in given:
        if not isinstance(metric, tf.keras.metrics.Metric):
            raise TypeError(
                "metrics must hold tf.keras.metrics.Metric objects, found "
                f"{metric!r} of type {type(metric).__name__}."
            )
    return list(given)


def _compiled_metrics(given: Any, outputs: Sequence[Any], input_spec: Any) -> list[Any]:
    """The metrics as `compile` takes them: objects, functions and names."""
    _, y = batches.elements(input_spec)
    found = []
    for metric in tf.nest.flatten(given or []):
        if isinstance(metric, tf.keras.metrics.Metric):
            found.append(metric)
            continue
        name = metric if isinstance(metric, str) else getattr(metric, "__name__", None)
        if metric in ("accuracy", "acc"):
            metric = _accuracy_for(outputs[0].shape, tf.nest.flatten(y)[0].shape)
        function = tf.keras.metrics.get(metric)
        if isinstance(function, tf.keras.metrics.Metric):
            found.append(function)
        else:
            found.append(tf.keras.metrics.MeanMetricWrapper(function, name=name))
    return found


def _accuracy_for(output: tf.TensorShape, label: tf.TensorShape) -> str:
    """Which accuracy Keras means, by the shapes of the output and of the label."""
    if output[-1] == 1:
        return "binary_accuracy"
    if label.rank is not None and (label.rank < output.rank or label[-1] == 1):
        return "sparse_categorical_accuracy"
    return "categorical_accuracy"


_NOW = "tff.learning.models.from_keras_model"
# An optimizer of the model is what the builder of the process takes now; see `processes`.
_ONE_LOSS = (
    f"{_NOW}({{keras_model:built}}, loss={{loss:loss}}, input_spec={{%s}}[?, metrics={{metrics}}?])"
)
# Where nothing but the place has changed.
_AS_IT_IS = (
    f"{_NOW}({{keras_model:built}}, {{loss}}, {{input_spec}}"
    "[?, loss_weights={loss_weights}?][?, metrics={metrics}?])"
)
_OF_ANY_CALL = Replacement(
    _NOW, "its losses have to be objects of tf.keras.losses, and the Keras model built"
)
_CARRYING = "{!trained_by}(%s, {optimizer:carried})"
_LOSSES = _ONE_LOSS.replace("[?", "[?, loss_weights={loss_weights:loss_weights}?][?")


@adapter(
    "tff.learning.from_keras_model",
    releases="<0.6",
    replacement=_ONE_LOSS % "dummy_batch:spec",
    cases={
        "optimizer": Replacement(_CARRYING % _ONE_LOSS % "dummy_batch:spec"),
        OTHERWISE: Replacement(_ONE_LOSS % "dummy_batch:spec"),
    },
    without_effect=("optimizer",),
    gives="model",
)
def from_keras_model_0_1(
    keras_model, dummy_batch, loss, metrics=None, optimizer=None, *, as_of: AsOf
):
    """Wraps a Keras model, as of TFF 0.1.0 to 0.5.0.

    Args:
      keras_model: A `tf.keras.Model` that is not compiled.
      dummy_batch: A structure of x and y of values with the shapes and types of a batch.
      loss: A function of `(y_true, y_pred)`, both batched, or a `tf.keras.losses.Loss`.
      metrics: A list of `tf.keras.metrics.Metric`s.
      optimizer: A Keras optimizer, which makes a model that can `train_on_batch`.

    Returns:
      A `tff.learning.Model`, or a `tff.learning.TrainableModel` if there is an optimizer.

    Raises:
      TypeError: No Keras model, or a bad loss or metric.
      ValueError: The Keras model is compiled.
    """
    as_of.warn(locals())
    _check_keras_model(keras_model)
    _check_not_compiled(keras_model, "Use from_compiled_keras_model.")
    input_spec = batches.from_dummy_batch(dummy_batch, as_of.release)
    outputs = _build(keras_model, input_spec)
    names = _output_names(keras_model, len(outputs))
    whole_loss = losses.single(loss, compiled=optimizer is not None)
    given = _given_metrics(metrics, optimizer, outputs, input_spec)
    return _make(keras_model, as_of.release, input_spec, whole_loss, given, optimizer)


@adapter(
    "tff.learning.from_keras_model",
    releases=">=0.6,<0.13",
    replacement=_LOSSES % "dummy_batch:spec",
    cases={
        "optimizer": Replacement(_CARRYING % _LOSSES % "dummy_batch:spec"),
        OTHERWISE: Replacement(_LOSSES % "dummy_batch:spec"),
        AS_VALUE: Replacement("{!from_keras_model}"),
    },
    without_effect=("optimizer",),
    gives="model",
)
def from_keras_model_0_6(
    keras_model,
    dummy_batch,
    loss,
    loss_weights=None,
    metrics=None,
    optimizer=None,
    *,
    as_of: AsOf,
):
    """Wraps a Keras model, as of TFF 0.6.0 to 0.12.0.

    Args:
      keras_model: A `tf.keras.Model` that is not compiled.
      dummy_batch: A structure of x and y of values with the shapes and types of a batch.
      loss: A `tf.keras.losses.Loss`; or one or a function of `(y_true, y_pred)` for each output,
        in a list or in a dict by output name.
      loss_weights: Floats, one for each loss, in a list or in a dict by output name.
      metrics: A list of `tf.keras.metrics.Metric`s.
      optimizer: A Keras optimizer, which makes a model that can `train_on_batch`.

    Returns:
      A `tff.learning.Model`, or a `tff.learning.TrainableModel` if there is an optimizer.

    Raises:
      TypeError: No Keras model; a bad loss, weight or metric; weights with a single loss.
      ValueError: The Keras model is compiled, or the numbers of outputs, losses and weights differ.
      KeyError: A dict that does not name an output of the model.
    """
    as_of.warn(locals())
    _check_keras_model(keras_model)
    _check_not_compiled(keras_model, "Use from_compiled_keras_model.")
    input_spec = batches.from_dummy_batch(dummy_batch, as_of.release)
    outputs = _build(keras_model, input_spec)
    names = _output_names(keras_model, len(outputs))
    whole_loss = losses.by_output(loss, loss_weights, outputs, names, as_of.release)
    return _make(
        keras_model,
        as_of.release,
        input_spec,
        whole_loss,
        _given_metrics(metrics, optimizer, outputs, input_spec),
        optimizer,
    )


@adapter(
    "tff.learning.from_keras_model",
    releases=">=0.13,<0.14",
    replacement=_LOSSES % "input_spec:input_spec",
    cases={"dummy_batch": Replacement(_LOSSES % "dummy_batch:spec")},
    gives="model",
)
def from_keras_model_0_13(
    keras_model,
    loss,
    input_spec=None,
    loss_weights=None,
    metrics=None,
    dummy_batch=None,
    *,
    as_of: AsOf,
):
    """Wraps a Keras model, as of TFF 0.13.0 and 0.13.1.

    Args:
      keras_model: A `tf.keras.Model` that is not compiled.
      loss: A `tf.keras.losses.Loss`; or one or a function of `(y_true, y_pred)` for each output,
        in a list or in a dict by output name.
      input_spec: A structure of x and y of what can become a `tff.Type`; this or `dummy_batch`.
      loss_weights: Floats, one for each loss, in a list or in a dict by output name.
      metrics: A list of `tf.keras.metrics.Metric`s.
      dummy_batch: A structure of x and y of values with the shapes and types of a batch.

    Returns:
      A `tff.learning.Model`.

    Raises:
      TypeError: No Keras model; a bad loss, weight or metric; weights with a single loss.
      ValueError: Not exactly one of `input_spec` and `dummy_batch`, or it has not exactly two
        elements; the Keras model is compiled; the numbers of outputs, losses and weights differ.
      KeyError: A dict that does not name an output of the model.
    """
    as_of.warn(locals(), case="" if dummy_batch is None else "dummy_batch")
    _check_keras_model(keras_model)
    if (input_spec is None) == (dummy_batch is None):
        given = "both" if input_spec is not None else "neither"
        raise ValueError(
            f"Please specify exactly one of `dummy_batch` or `input_spec`; found {given}."
        )
    if dummy_batch is not None:
        spec = batches.from_dummy_batch(dummy_batch, as_of.release)
        batches.check_two_elements(spec)
    else:
        spec = batches.from_input_spec(input_spec, as_of.release)
    _check_not_compiled(keras_model, "Leave compile out.")
    outputs = _build(keras_model, spec)
    names = _output_names(keras_model, len(outputs))
    whole_loss = losses.by_output(loss, loss_weights, outputs, names, as_of.release)
    return _make(
        keras_model, as_of.release, spec, whole_loss, _check_metrics(metrics), optimizer=None
    )


@adapter(
    "tff.learning.from_keras_model",
    releases=">=0.14,<0.17",
    replacement=_LOSSES % "input_spec:input_spec",
    gives="model",
)
def from_keras_model_0_14(
    keras_model, loss, input_spec, loss_weights=None, metrics=None, *, as_of: AsOf
):
    """Wraps a Keras model, as of TFF 0.14.0 to 0.16.1.

    Args:
      keras_model: A `tf.keras.Model` that is not compiled.
      loss: A `tf.keras.losses.Loss`; or one for each output, in a list or in a dict by output name.
      input_spec: A structure of x and y of what can become a `tff.Type`.
      loss_weights: Floats, one for each loss, in a list or in a dict by output name.
      metrics: A list of `tf.keras.metrics.Metric`s.

    Returns:
      A `tff.learning.Model`.

    Raises:
      TypeError: No Keras model; a bad loss, weight or metric; weights with a single loss.
      ValueError: `input_spec` has not exactly two elements; the Keras model is compiled; the
        numbers of outputs, losses and weights differ.
      KeyError: A dict that does not name an output of the model.
    """
    as_of.warn(locals())
    _check_keras_model(keras_model)
    spec = batches.from_input_spec(input_spec, as_of.release)
    _check_not_compiled(keras_model, "Leave compile out.")
    outputs = _build(keras_model, spec)
    names = _output_names(keras_model, len(outputs))
    whole_loss = losses.by_output(loss, loss_weights, outputs, names, as_of.release)
    return _make(
        keras_model, as_of.release, spec, whole_loss, _check_metrics(metrics), optimizer=None
    )


@adapter(
    "tff.learning.from_keras_model",
    releases=">=0.17,<0.20",
    replacement=_AS_IT_IS,
    cases={AS_VALUE: _OF_ANY_CALL},
    gives="model",
)
def from_keras_model_0_17(
    keras_model, loss, input_spec, loss_weights=None, metrics=None, *, as_of: AsOf
):
    """Wraps a Keras model, as of TFF 0.17.0 to 0.19.0.

    Args:
      keras_model: A `tf.keras.Model` that is not compiled.
      loss: A `tf.keras.losses.Loss`, or a list of them, one for each output.
      input_spec: A structure of x and y of `tf.TensorSpec`s, or a `tff.Type`. A list is in this
        order; a dict has the keys 'x' and 'y'.
      loss_weights: A list of floats, one for each loss.
      metrics: A list of `tf.keras.metrics.Metric`s.

    Returns:
      A `tff.learning.Model`.

    Raises:
      TypeError: No Keras model; a bad loss, weight, metric or leaf of `input_spec`.
      ValueError: The Keras model is compiled; `input_spec` has not exactly two elements or lacks
        a key; the numbers of outputs, losses and weights differ; weights with a single loss.
    """
    as_of.warn(locals())
    _check_keras_model(keras_model)
    _check_not_compiled(keras_model, "Leave compile out.")
    spec = batches.from_input_spec(input_spec, as_of.release)
    outputs = _build(keras_model, spec)
    names = _output_names(keras_model, len(outputs))
    whole_loss = losses.in_a_list(loss, loss_weights, outputs, names, as_of.release)
    given = _check_metrics(metrics)
    return _make(keras_model, as_of.release, spec, whole_loss, given, optimizer=None)


@adapter(
    "tff.learning.from_keras_model",
    releases=">=0.20,<0.53",
    replacement=_AS_IT_IS,
    cases={AS_VALUE: _OF_ANY_CALL},
    gives="model",
)
def from_keras_model_0_20(
    keras_model, loss, input_spec, loss_weights=None, metrics=None, *, as_of: AsOf
):
    """Wraps a Keras model, as of TFF 0.20.0 to 0.52.0.

    Args:
      keras_model: A `tf.keras.Model` that is not compiled.
      loss: A `tf.keras.losses.Loss`, or a list of them, one for each output.
      input_spec: A structure of x and y of `tf.TensorSpec`s, or a `tff.Type`. A list is in this
        order; a dict has the keys 'x' and 'y'.
      loss_weights: A list of floats, one for each loss.
      metrics: A list of `tf.keras.metrics.Metric`s, or of functions that make them.

    Returns:
      A `tff.learning.Model`.

    Raises:
      TypeError: No Keras model; a bad loss, weight, metric or leaf of `input_spec`.
      ValueError: The Keras model is compiled; `input_spec` has not exactly two elements or lacks
        a key; the numbers of outputs, losses and weights differ; weights with a single loss.
    """
    as_of.warn(locals())
    return tff.learning.models.from_keras_model(
        keras_model, loss, input_spec, loss_weights, metrics
    )


@adapter(
    "tff.learning.from_compiled_keras_model",
    releases="<0.13",
    replacement=(
        # The same layers and variables, without what `compile` gave.
        f"{_NOW}((lambda model: tf.keras.Model(model.inputs, model.outputs))"
        "({keras_model:built}), {keras_model:model}, input_spec={dummy_batch:spec})"
    ),
    cases={
        OTHERWISE: Replacement("{!from_compiled_keras_model}({keras_model}, {dummy_batch})"),
        AS_VALUE: Replacement("{!from_compiled_keras_model}"),
    },
    gives="model",
)
def from_compiled_keras_model(keras_model, dummy_batch, *, as_of: AsOf):
    """Wraps a compiled Keras model, as of TFF 0.1.0 to 0.12.0.

    Args:
      keras_model: A `tf.keras.Model` that is compiled; its loss, metrics and optimizer are used.
      dummy_batch: A structure of x and y of values with the shapes and types of a batch.

    Returns:
      A `tff.learning.TrainableModel`.

    Raises:
      TypeError: No Keras model.
      ValueError: The Keras model is not compiled.
      NotImplementedError: Several losses, in releases before 0.6.
    """
    as_of.warn(locals())
    _check_keras_model(keras_model)
    if not _is_compiled(keras_model):
        raise ValueError(
            f"`keras_model` must be compiled, and {keras_model.name!r} is not. Use "
            "from_keras_model."
        )
    release = as_of.release
    input_spec = batches.from_dummy_batch(dummy_batch, release)
    outputs = _build(keras_model, input_spec)
    names = _output_names(keras_model, len(outputs))
    loss, weights = keras_model.loss, _weights_of(keras_model)
    if release < FIRST_WITH_LOSSES_BY_OUTPUT:
        whole_loss = losses.single(loss, compiled=True)
    else:
        whole_loss = losses.by_output(loss, weights, outputs, names, release, compiled=True)
    given = _compiled_metrics(_metrics_of(keras_model), outputs, input_spec)
    return _make(keras_model, release, input_spec, whole_loss, given, keras_model.optimizer)


def _weights_of(keras_model: Any) -> Any:
    # In a graph Keras makes a model of its first version, which keeps what `compile` got itself.
    if getattr(keras_model, "compiled_loss", None) is not None:
        return keras_model.compiled_loss._user_loss_weights
    return keras_model.loss_weights


def _metrics_of(keras_model: Any) -> Any:
    if getattr(keras_model, "compiled_metrics", None) is not None:
        return keras_model.compiled_metrics._user_metrics
    return keras_model._compile_metrics


def _given_metrics(given: Any, optimizer: Any, outputs: Sequence[Any], input_spec: Any) -> list:
    # With an optimizer the release compiled the model, and `compile` takes names as well.
    if optimizer is None:
        return _check_metrics(given)
    return _compiled_metrics(given, outputs, input_spec)


def _make(
    keras_model: Any,
    release: Version,
    input_spec: Any,
    loss: losses.WholeLoss,
    given_metrics: list[Any],
    optimizer: Any,
) -> KerasModel:
    parts = {
        "release": release,
        "input_spec": input_spec,
        "loss": loss,
        "given_metrics": given_metrics,
    }
    if optimizer is None:
        return KerasModel(keras_model, **parts)
    return TrainableKerasModel(keras_model, optimizer, **parts)


helper(
    "loss_of_function",
    '''\
def loss_of_function(loss_fn):
  """A Keras loss that is the mean of what a function gives for labels and predictions."""

  class FunctionLoss(tf.keras.losses.Loss):

    def call(self, y_true, y_pred):
      return loss_fn(y_true, y_pred)

  return FunctionLoss()
''',
)
helper(
    "called_on_zeros",
    '''\
def called_on_zeros(keras_model, input_spec):
  """The Keras model with its variables, which it gets when it is called."""
  inputs = input_spec['x'] if isinstance(input_spec, collections.abc.Mapping) else input_spec[0]
  keras_model(tf.nest.map_structure(
      lambda spec: tf.zeros([size or 1 for size in spec.shape], spec.dtype), inputs))
  return keras_model
''',
)
helper(
    "spec_of_batches",
    '''\
def spec_of_batches(batch):
  """The spec of batches of any size like this one, where nested lists of numbers are tensors."""

  def spec_of(value, holds_all=False):
    if isinstance(value, collections.abc.Mapping):
      return collections.OrderedDict((key, spec_of(each)) for key, each in value.items())
    if hasattr(value, '_fields'):
      return type(value)(*map(spec_of, value))
    if isinstance(value, (list, tuple)):
      if holds_all or not all(map(np.isscalar, tf.nest.flatten(value))):
        return tuple(map(spec_of, value))
    tensor = tf.convert_to_tensor(value)
    return tf.TensorSpec([None, *tensor.shape[1:]], tensor.dtype)

  return spec_of(batch, holds_all=True)
''',
)
helper(
    "from_keras_model",
    '''\
def from_keras_model(keras_model, dummy_batch, loss, loss_weights=None, metrics=None,
                     optimizer=None):
  """A model for training, of a Keras model and a batch like those that it gets."""
  input_spec = spec_of_batches(dummy_batch)
  if not keras_model.built:
    called_on_zeros(keras_model, input_spec)

  def in_order(given):
    return [given[name] for name in keras_model.output_names] if isinstance(given, dict) else given

  def as_loss(given):
    if isinstance(given, tf.keras.losses.Loss):
      return given
    return loss_of_function(tf.keras.losses.get(given))

  loss = in_order(loss)
  loss = [as_loss(each) for each in loss] if isinstance(loss, list) else as_loss(loss)
  model = tff.learning.models.from_keras_model(
      keras_model, loss, input_spec, loss_weights=in_order(loss_weights), metrics=metrics)
  return trained_by(model, optimizer)
''',
)
helper(
    "from_compiled_keras_model",
    '''\
def from_compiled_keras_model(keras_model, dummy_batch):
  """A model for training, of a compiled Keras model with its loss, metrics and optimizer."""
  compiled = keras_model._get_compile_args()
  if keras_model.inputs:
    plain = tf.keras.Model(keras_model.inputs, keras_model.outputs)
  else:

    class Plain(tf.keras.Model):

      def __init__(self):
        super().__init__()
        self.keras_model = keras_model

      def call(self, inputs, training=None):
        return self.keras_model(inputs, training=training)

    plain = Plain()
  return from_keras_model(plain, dummy_batch, compiled['loss'], compiled['loss_weights'],
                          compiled['metrics'], keras_model.optimizer)
''',
)
helper(
    "trained_by",
    '''\
def trained_by(model, optimizer):
  """The model, which keeps the optimizer that clients train it with."""
  model.optimizer = optimizer
  return model
''',
)
helper(
    "optimizer_of_model",
    '''\
def optimizer_of_model(model_fn):
  """The optimizer that clients train a model with, as Keras had it then."""
  return optimizer_of_then(lambda: model_fn().optimizer)
''',
)
