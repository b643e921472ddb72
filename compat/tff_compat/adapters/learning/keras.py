"""Models made from Keras models, in every form that TensorFlow Federated has taken them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import tensorflow as tf
from packaging.version import Version

from tff_compat import modern
from tff_compat.adapters.learning import batches, losses, optimizers
from tff_compat.adapters.learning.keras_models import KerasModel, TrainableKerasModel, as_meant
from tff_compat.adapters.registry import AsOf, adapter

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


_FUNCTIONAL_ROUTE = (
    "or go all the way: tff.learning.models.functional_model_from_keras(keras_model, loss_fn, "
    "input_spec, metrics_constructor), whose FunctionalModel needs no model_fn"
)
# What a reader of source code can say about a batch whose values it does not know.
_SPEC_OF_BATCH = (
    "tf.nest.map_structure(lambda value: tf.TensorSpec([None] + tf.convert_to_tensor(value)"
    ".shape[1:], tf.convert_to_tensor(value).dtype), {dummy_batch})"
)


def _optimizer_detail(optimizer: Any) -> str:
    code = "tff.learning.optimizers.build_sgdm(learning_rate)"
    optimizer = as_meant(optimizer)
    if hasattr(optimizer, "get_config"):
        code = optimizers.keras_source(optimizer)
    return (
        "the optimizer is no longer part of the model: pass client_optimizer_fn="
        f"{code} to tff.learning.algorithms.build_weighted_fed_avg"
    )


def _warn(as_of: AsOf, arguments: Mapping[str, Any], input_spec: str, names: Sequence[str]) -> None:
    replacement = (
        "tff.learning.models.from_keras_model({keras_model}, "
        f"loss={losses.modern_loss(arguments['loss'], names)}, input_spec={input_spec}"
        f"{losses.modern_weights(arguments.get('loss_weights'), names)}[?, metrics={{metrics}}?])"
    )
    detail = _FUNCTIONAL_ROUTE
    if arguments.get("optimizer") is not None:
        detail = f"{_optimizer_detail(arguments['optimizer'])}; {detail}"
    as_of.warn(arguments, replacement=replacement, detail=detail)


@adapter(
    "tff.learning.from_keras_model",
    releases="<0.6",
    replacement=(
        "tff.learning.models.from_keras_model({keras_model}, loss={loss}, "
        f"input_spec={_SPEC_OF_BATCH}[?, metrics={{metrics}}?])"
    ),
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
    _check_keras_model(keras_model)
    _check_not_compiled(keras_model, "Use from_compiled_keras_model.")
    input_spec = batches.from_dummy_batch(dummy_batch, as_of.release)
    outputs = _build(keras_model, input_spec)
    names = _output_names(keras_model, len(outputs))
    whole_loss = losses.single(loss, compiled=optimizer is not None)
    given = _given_metrics(metrics, optimizer, outputs, input_spec)
    arguments = {
        "keras_model": keras_model,
        "loss": loss,
        "metrics": metrics,
        "dummy_batch": dummy_batch,
        "optimizer": optimizer,
    }
    _warn(as_of, arguments, batches.source(input_spec), names)
    return _make(keras_model, as_of.release, input_spec, whole_loss, given, optimizer)


@adapter(
    "tff.learning.from_keras_model",
    releases=">=0.6,<0.13",
    replacement=(
        "tff.learning.models.from_keras_model({keras_model}, loss={loss}, "
        f"input_spec={_SPEC_OF_BATCH}[?, loss_weights={{loss_weights}}?][?, metrics={{metrics}}?])"
    ),
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
    _check_keras_model(keras_model)
    _check_not_compiled(keras_model, "Use from_compiled_keras_model.")
    input_spec = batches.from_dummy_batch(dummy_batch, as_of.release)
    outputs = _build(keras_model, input_spec)
    names = _output_names(keras_model, len(outputs))
    whole_loss = losses.by_output(loss, loss_weights, outputs, names, as_of.release)
    arguments = {
        "keras_model": keras_model,
        "loss": loss,
        "loss_weights": loss_weights,
        "metrics": metrics,
        "dummy_batch": dummy_batch,
        "optimizer": optimizer,
    }
    _warn(as_of, arguments, batches.source(input_spec), names)
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
    replacement=(
        "tff.learning.models.from_keras_model({keras_model}, loss={loss}"
        f"[?, input_spec={{input_spec}}?][?, input_spec={_SPEC_OF_BATCH}?]"
        "[?, loss_weights={loss_weights}?][?, metrics={metrics}?])"
    ),
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
    _check_keras_model(keras_model)
    if (input_spec is None) == (dummy_batch is None):
        given = "both" if input_spec is not None else "neither"
        raise ValueError(
            f"Please specify exactly one of `dummy_batch` or `input_spec`; found {given}."
        )
    if dummy_batch is not None:
        spec = batches.from_dummy_batch(dummy_batch, as_of.release)
        batches.check_two_elements(spec)
        text = batches.source(spec)
    else:
        spec = batches.from_input_spec(input_spec, as_of.release)
        text = "{input_spec}"
    _check_not_compiled(keras_model, "Leave compile out.")
    outputs = _build(keras_model, spec)
    names = _output_names(keras_model, len(outputs))
    whole_loss = losses.by_output(loss, loss_weights, outputs, names, as_of.release)
    arguments = {
        "keras_model": keras_model,
        "loss": loss,
        "loss_weights": loss_weights,
        "metrics": metrics,
        "dummy_batch": dummy_batch,
        "input_spec": input_spec,
    }
    _warn(as_of, arguments, text, names)
    return _make(
        keras_model, as_of.release, spec, whole_loss, _check_metrics(metrics), optimizer=None
    )


@adapter(
    "tff.learning.from_keras_model",
    releases=">=0.14,<0.17",
    replacement=(
        "tff.learning.models.from_keras_model({keras_model}, loss={loss}, "
        "input_spec={input_spec}[?, loss_weights={loss_weights}?][?, metrics={metrics}?])"
    ),
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
    _check_keras_model(keras_model)
    spec = batches.from_input_spec(input_spec, as_of.release)
    _check_not_compiled(keras_model, "Leave compile out.")
    outputs = _build(keras_model, spec)
    names = _output_names(keras_model, len(outputs))
    whole_loss = losses.by_output(loss, loss_weights, outputs, names, as_of.release)
    arguments = {
        "keras_model": keras_model,
        "loss": loss,
        "loss_weights": loss_weights,
        "metrics": metrics,
        "input_spec": input_spec,
    }
    _warn(as_of, arguments, "{input_spec}", names)
    return _make(
        keras_model, as_of.release, spec, whole_loss, _check_metrics(metrics), optimizer=None
    )


@adapter(
    "tff.learning.from_keras_model",
    releases=">=0.17,<0.20",
    replacement=(
        "tff.learning.models.from_keras_model({keras_model}, loss={loss}, "
        "input_spec={input_spec}[?, loss_weights={loss_weights}?][?, metrics={metrics}?])"
    ),
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
    _check_keras_model(keras_model)
    _check_not_compiled(keras_model, "Leave compile out.")
    spec = batches.from_input_spec(input_spec, as_of.release)
    outputs = _build(keras_model, spec)
    names = _output_names(keras_model, len(outputs))
    whole_loss = losses.in_a_list(loss, loss_weights, outputs, names, as_of.release)
    given = _check_metrics(metrics)
    arguments = {
        "keras_model": keras_model,
        "loss": loss,
        "loss_weights": loss_weights,
        "metrics": metrics,
        "input_spec": input_spec,
    }
    _warn(as_of, arguments, "{input_spec}", names)
    return _make(keras_model, as_of.release, spec, whole_loss, given, optimizer=None)


@adapter(
    "tff.learning.from_keras_model",
    releases=">=0.20,<0.53",
    replacement=(
        "tff.learning.models.from_keras_model({keras_model}, loss={loss}, "
        "input_spec={input_spec}[?, loss_weights={loss_weights}?][?, metrics={metrics}?])"
    ),
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
    as_of.warn(locals(), detail=_FUNCTIONAL_ROUTE)
    return tff.learning.models.from_keras_model(
        keras_model, loss, input_spec, loss_weights, metrics
    )


@adapter(
    "tff.learning.from_compiled_keras_model",
    releases="<0.13",
    replacement=(
        "tff.learning.models.from_keras_model(tf.keras.models.clone_model({keras_model}), "
        f"loss={{keras_model}}.loss, input_spec={_SPEC_OF_BATCH})"
    ),
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
    if release < Version("0.6"):
        whole_loss = losses.single(loss, compiled=True)
    else:
        whole_loss = losses.by_output(loss, weights, outputs, names, release, compiled=True)
    given = _compiled_metrics(_metrics_of(keras_model), outputs, input_spec)
    several = len(whole_loss.losses) > 1
    sources = [losses.source(one) for one in whole_loss.losses]
    replacement = (
        "tff.learning.models.from_keras_model({keras_model}, "
        f"loss={'[' + ', '.join(sources) + ']' if several else sources[0]}, "
        f"input_spec={batches.source(input_spec)}"
    )
    if several:
        replacement += f", loss_weights={[float(weight) for weight in whole_loss.weights]}"
    if given:
        replacement += f", metrics=[{', '.join(map(_metric_source, given))}]"
    as_of.warn(
        {"keras_model": keras_model, "dummy_batch": dummy_batch},
        replacement=replacement + ")",
        detail=(
            f"leave out {keras_model.name}.compile(); "
            f"{_optimizer_detail(keras_model.optimizer)}; {_FUNCTIONAL_ROUTE}"
        ),
    )
    return _make(keras_model, release, input_spec, whole_loss, given, keras_model.optimizer)


def _metric_source(metric: Any) -> str:
    """Python code for a compiled metric."""
    if type(metric) is tf.keras.metrics.MeanMetricWrapper:
        known = losses.class_name(tf.keras.metrics, metric._fn)
        if known is not None:
            return f"tf.keras.metrics.{known}(name={metric.name!r})"
    module = "tf.keras.metrics." if hasattr(tf.keras.metrics, type(metric).__name__) else ""
    return f"{module}{type(metric).__name__}(name={metric.name!r})"


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
