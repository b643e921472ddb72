"""Models made from Keras models, in every form that TensorFlow Federated has taken them."""

from __future__ import annotations

import collections
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import tensorflow as tf
from packaging.version import Version

from tff_compat import modern
from tff_compat.adapters.learning import batches, metrics
from tff_compat.adapters.learning.models import VariableModel, batch_output
from tff_compat.adapters.registry import AsOf, adapter

tff = modern.package()

# Keras makes this class of a function; it is the parent of all its own losses and has no name in
# the public API.
_FunctionLoss: Any = tf.keras.losses.MeanSquaredError.__mro__[1]


class _Loss:
    """The loss of a whole batch: one loss for all outputs, or one per output and their weights."""

    def __init__(
        self, losses: list[Callable[..., Any]], weights: list[float], names: list[str] | None
    ):
        self.losses = losses
        self.weights = weights
        self._names = names

    def __call__(self, y_true: Any, y_pred: Any, start: Any = None) -> Any:
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


class _LossMetric(tf.keras.metrics.Mean):
    """The mean of the loss over the examples, which every release reported as `loss`."""

    def __init__(
        self, name: str = "loss", dtype: Any = tf.float32, loss: Any = None, cast: bool = False
    ):
        super().__init__(name, dtype)
        self._loss = loss
        self._cast = cast

    def get_config(self) -> dict[str, Any]:
        # Without the loss: a metric made anew from this only turns sums into the result.
        return {"name": self.name, "dtype": self.dtype}

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        examples = tf.shape(tf.nest.flatten(y_pred)[0])[0]
        if self._cast:
            y_true, y_pred = tf.nest.map_structure(
                lambda value: tf.cast(value, tf.float32), (y_true, y_pred)
            )
        return super().update_state(self._loss(y_true, y_pred), examples)


class _TrainingTime(tf.keras.metrics.Sum):
    """The seconds that `train_on_batch` took, which 0.12 and 0.13 reported."""

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """A batch as such takes no time; see `add`."""
        del y_true, y_pred, sample_weight

    def add(self, seconds: Any) -> Any:
        return super().update_state(values=seconds)


class KerasModel(VariableModel):
    """A Keras model with its loss and metrics, as the releases up to 0.19 wrapped it.

    It is a model of the installed TFF, and has what the interface of its release had:
    `report_local_outputs` and `federated_output_computation`.

    Attributes:
      release: The release whose behaviour it has.
    """

    def __init__(
        self,
        keras_model: Any,
        *,
        release: Version,
        input_spec: Any,
        loss: _Loss,
        given_metrics: Sequence[Any],
    ):
        self.release = release
        self._keras_model = keras_model
        self._input_spec = input_spec
        self._loss = loss
        self._metrics = list(given_metrics)
        self._metrics.append(_LossMetric(loss=loss, cast=release < Version("0.17")))
        self._training_time = None
        if Version("0.12") <= release < Version("0.14"):
            self._training_time = _TrainingTime(name="keras_training_time_client_sum_sec")
            self._metrics.append(self._training_time)
        self._output_computation: Any = None

    @property
    def trainable_variables(self) -> Any:
        return self._keras_model.trainable_variables

    @property
    def non_trainable_variables(self) -> Any:
        return self._keras_model.non_trainable_variables

    @property
    def local_variables(self) -> Any:
        return [variable for metric in self._metrics for variable in metric.variables]

    @property
    def input_spec(self) -> Any:
        return self._input_spec

    @property
    def weights(self) -> Any:
        """The `ModelWeights` of this model in the form of its release."""
        from tff_compat.adapters.learning import state

        return state.weights_of(self, self.release)

    def get_metrics(self) -> list[Any]:
        """The metrics in the order in which the release reported them."""
        return self._metrics

    @tf.function
    def predict_on_batch(self, x: Any, training: bool = True) -> Any:
        return self._keras_model(x, training=training)

    def _forward_pass(self, batch_input: Any, training: bool) -> Any:
        x, y_true = batches.elements(batch_input)
        predictions = self._keras_model(x, training=training)
        loss = None
        if y_true is not None:
            # The losses that layers add were part of the objective from 0.16 on.
            added = self._keras_model.losses if self.release >= Version("0.16") else []
            if len(self._loss.losses) == 1:
                loss = self._loss(y_true, predictions)
                loss = tf.add_n([loss, *added]) if added else loss
            else:
                loss = self._loss(y_true, predictions, tf.add_n([tf.zeros(()), *added]))
            for metric in self._metrics:
                metric.update_state(y_true=y_true, y_pred=predictions)
        num_examples = tf.shape(tf.nest.flatten(x)[0])[0]
        return batch_output(self.release, loss, predictions, num_examples)

    @tf.function
    def forward_pass(self, batch_input: Any, training: bool = True) -> Any:
        return self._forward_pass(batch_input, training)

    @tf.function
    def report_local_outputs(self) -> Any:
        """The values of the metrics' variables: `OrderedDict` of lists by metric name."""
        return collections.OrderedDict(
            (metric.name, [variable.read_value() for variable in metric.variables])
            for metric in self._metrics
        )

    @property
    def federated_output_computation(self) -> Any:
        """A `tff.Computation` from the local outputs at CLIENTS to the metrics at SERVER."""
        if self._output_computation is None:
            self._output_computation = self._build_output_computation()
        return self._output_computation

    def _build_output_computation(self) -> Any:
        outputs = collections.OrderedDict(
            (metric.name, [tf.TensorSpec(v.shape, v.dtype) for v in metric.variables])
            for metric in self._metrics
        )
        outputs_type = tff.types.tensorflow_to_type(outputs)

        @tff.federated_computation(tff.FederatedType(outputs_type, tff.CLIENTS))
        def federated_output(local_outputs: Any) -> Any:
            if self.release >= Version("0.15"):
                return metrics.aggregate(self._metrics, local_outputs)
            # Each metric by itself: a structure of values at the server.
            return collections.OrderedDict(
                (metric.name, metrics.aggregate(metric, getattr(local_outputs, metric.name)))
                for metric in self._metrics
            )

        return federated_output

    @tf.function
    def report_local_unfinalized_metrics(self) -> Any:
        return self.report_local_outputs()

    def metric_finalizers(self) -> Any:
        return collections.OrderedDict(
            (metric.name, metrics.finalizer(metric)) for metric in self._metrics
        )

    @tf.function
    def reset_metrics(self) -> None:
        for metric in self._metrics:
            metric.reset_state()


class TrainableKerasModel(KerasModel):
    """A Keras model with an optimizer of its own, as of TFF 0.1.0 to 0.12.0."""

    def __init__(self, keras_model: Any, optimizer: Any, **kwargs: Any):
        super().__init__(keras_model, **kwargs)
        from tff_compat.adapters.learning import optimizers

        self._optimizer = optimizers.keras_optimizer(lambda: _unwrapped(optimizer))
        self._optimizer.create_variables(list(self.trainable_variables))

    @property
    def local_variables(self) -> Any:
        return [*super().local_variables, *self._optimizer.variables]

    @tf.function
    def train_on_batch(self, batch_input: Any) -> Any:
        """Does the forward pass and one step of the optimizer; returns the `BatchOutput`."""
        start = tf.timestamp()
        with tf.GradientTape() as tape:
            output = self._forward_pass(batch_input, training=True)
        variables = list(self.trainable_variables)
        gradients = tape.gradient(output.loss, variables)
        self._optimizer.apply_gradients(list(zip(gradients, variables)))
        if self._training_time is not None:
            # TensorFlow does not order the clock with other operations by itself.
            with tf.control_dependencies([variable.read_value() for variable in variables]):
                self._training_time.add(tf.cast(tf.timestamp() - start, tf.float32))
        return output


def _unwrapped(optimizer: Any) -> Any:
    """An optimizer as the user meant it: by name, or a TF1 optimizer that Keras has wrapped."""
    if isinstance(optimizer, str):
        return tf.keras.optimizers.get(optimizer, use_legacy_optimizer=True)
    inner = getattr(optimizer, "optimizer", None)
    return inner if isinstance(inner, tf.compat.v1.train.Optimizer) else optimizer


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


def _losses_0_1(loss: Any, *, compiled: bool) -> _Loss:
    """The loss as of 0.1 to 0.5: one, of any kind that can be called."""
    if compiled and isinstance(loss, (list, tuple, Mapping)) and len(loss) == 1:
        loss = list(loss.values() if isinstance(loss, Mapping) else loss)[0]
    if isinstance(loss, (list, tuple, Mapping)):
        raise NotImplementedError(
            f"TFF 0.1 to 0.5 took a single loss, found {len(loss)}; several are taken since 0.6."
        )
    return _Loss([_as_loss(loss, "loss", callables=True, strings=compiled)], [1.0], None)


def _losses_0_6(
    loss: Any,
    loss_weights: Any,
    outputs: Sequence[Any],
    names: Sequence[str],
    release: Version,
    *,
    compiled: bool = False,
) -> _Loss:
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
                return _Loss([single], weights, None)
            raise TypeError(
                "loss_weights wants a list or a dict of losses, and loss is a single "
                f"{type(loss).__name__}."
            )
        if release >= Version("0.13") and len(outputs) != 1:
            raise ValueError(
                f"The model must have as many losses as outputs; found one loss and {len(outputs)} "
                f"outputs, {list(names)}."
            )
        return _Loss([single], [1.0], None)
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
    takes_functions = compiled or release < Version("0.15")
    return _Loss(
        [
            _as_loss(
                one, f"The loss of the output {name!r}", callables=takes_functions, strings=compiled
            )
            for one, name in zip(losses, names)
        ],
        list(weights),
        list(names),
    )


def _losses_0_17(
    loss: Any, loss_weights: Any, outputs: Sequence[Any], names: Sequence[str], release: Version
) -> _Loss:
    """The losses and weights as of 0.17 to 0.19: one, or a list."""
    if not isinstance(loss, list):
        single = _as_loss(loss, "loss", callables=False)
        if release < Version("0.18") and len(outputs) != 1:
            raise TypeError(
                f"loss must be a list of {len(outputs)} losses, one for each of the outputs "
                f"{list(names)}; found a single {type(loss).__name__}."
            )
        if loss_weights is not None:
            raise ValueError(
                "`loss_weights` cannot be used if `loss` is not a list; found the weights "
                f"{loss_weights!r} and a single {type(loss).__name__}."
            )
        return _Loss([single], [1.0], None)
    if release < Version("0.18") and len(outputs) == 1:
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
        return _Loss(losses, [1.0] * len(losses), list(names))
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
    return _Loss(losses, list(loss_weights), list(names))


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
_LOSS_OF_FUNCTION = 'type("Loss", (tf.keras.losses.Loss,), {"call": staticmethod({loss})})()'
# What a reader of source code can say about a batch whose values it does not know.
_SPEC_OF_BATCH = (
    "tf.nest.map_structure(lambda value: tf.TensorSpec([None] + tf.convert_to_tensor(value)"
    ".shape[1:], tf.convert_to_tensor(value).dtype), {dummy_batch})"
)
_OPTIMIZER_DETAIL = (
    "the optimizer is no longer part of the model: pass client_optimizer_fn, such as "
    "tff.learning.optimizers.build_sgdm(learning_rate), to "
    "tff.learning.algorithms.build_weighted_fed_avg"
)


def _modern_loss(loss: Any, names: Sequence[str]) -> str:
    """The modern form of the argument `loss`, as a template."""
    if isinstance(loss, Mapping):
        return f"[{{loss}}[name] for name in {list(names)}]"
    if callable(loss) and not isinstance(loss, tf.keras.losses.Loss):
        return _LOSS_OF_FUNCTION
    return "{loss}"


def _modern_weights(loss_weights: Any, names: Sequence[str]) -> str:
    if isinstance(loss_weights, Mapping):
        return f", loss_weights=[float({{loss_weights}}[name]) for name in {list(names)}]"
    if loss_weights is not None and not all(isinstance(w, float) for w in loss_weights):
        return ", loss_weights=[float(weight) for weight in {loss_weights}]"
    return "[?, loss_weights={loss_weights}?]"


def _warn(as_of: AsOf, arguments: Mapping[str, Any], input_spec: str, names: Sequence[str]) -> None:
    replacement = (
        "tff.learning.models.from_keras_model({keras_model}, "
        f"loss={_modern_loss(arguments['loss'], names)}, input_spec={input_spec}"
        f"{_modern_weights(arguments.get('loss_weights'), names)}[?, metrics={{metrics}}?])"
    )
    detail = _FUNCTIONAL_ROUTE
    if arguments.get("optimizer") is not None:
        detail = f"{_OPTIMIZER_DETAIL}; {detail}"
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
    whole_loss = _losses_0_1(loss, compiled=optimizer is not None)
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
    whole_loss = _losses_0_6(loss, loss_weights, outputs, names, as_of.release)
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
    whole_loss = _losses_0_6(loss, loss_weights, outputs, names, as_of.release)
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
    whole_loss = _losses_0_6(loss, loss_weights, outputs, names, as_of.release)
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
    whole_loss = _losses_0_17(loss, loss_weights, outputs, names, as_of.release)
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
        whole_loss = _losses_0_1(loss, compiled=True)
    else:
        whole_loss = _losses_0_6(loss, weights, outputs, names, release, compiled=True)
    given = _compiled_metrics(_metrics_of(keras_model), outputs, input_spec)
    several = len(whole_loss.losses) > 1
    losses = [_loss_source(one) for one in whole_loss.losses]
    replacement = (
        "tff.learning.models.from_keras_model({keras_model}, "
        f"loss={'[' + ', '.join(losses) + ']' if several else losses[0]}, "
        f"input_spec={batches.source(input_spec)}"
    )
    if several:
        replacement += f", loss_weights={[float(weight) for weight in whole_loss.weights]}"
    if given:
        replacement += f", metrics=[{', '.join(map(_metric_source, given))}]"
    as_of.warn(
        {"keras_model": keras_model, "dummy_batch": dummy_batch},
        replacement=replacement + ")",
        detail=f"leave out {keras_model.name}.compile(); {_OPTIMIZER_DETAIL}; {_FUNCTIONAL_ROUTE}",
    )
    return _make(keras_model, release, input_spec, whole_loss, given, keras_model.optimizer)


def _class_name(module: Any, function: Any) -> str | None:
    """The Keras class that does what a Keras function of losses or metrics does."""
    name = "".join(part.capitalize() for part in getattr(function, "__name__", "").split("_"))
    return name if isinstance(getattr(module, name, None), type) else None


def _loss_source(loss: Any) -> str:
    """Python code for a compiled loss, as a `tf.keras.losses.Loss`."""
    if isinstance(loss, _FunctionLoss) and type(loss) is not _FunctionLoss:
        logits = "from_logits=True" if loss.get_config().get("from_logits") else ""
        return f"tf.keras.losses.{type(loss).__name__}({logits})"
    function = loss.fn if isinstance(loss, _FunctionLoss) else loss
    known = _class_name(tf.keras.losses, function)
    if known is not None and function is getattr(tf.keras.losses, function.__name__, None):
        return f"tf.keras.losses.{known}()"
    if isinstance(loss, tf.keras.losses.Loss):
        return f"{type(loss).__name__}()"
    name = getattr(function, "__name__", "loss")
    return _LOSS_OF_FUNCTION.replace("{loss}", name.replace("<lambda>", "loss"))


def _metric_source(metric: Any) -> str:
    """Python code for a compiled metric."""
    if type(metric) is tf.keras.metrics.MeanMetricWrapper:
        known = _class_name(tf.keras.metrics, metric._fn)
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
    loss: _Loss,
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
