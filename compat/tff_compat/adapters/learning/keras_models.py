"""The model that a Keras model becomes, with what the interface of its release had."""

from __future__ import annotations

import collections
from collections.abc import Sequence
from typing import Any

import tensorflow as tf
from packaging.version import Version

from tff_compat import deprecation, modern
from tff_compat.adapters.language import computations, structures
from tff_compat.adapters.learning import batches, metrics, optimizers, state
from tff_compat.adapters.learning.losses import WholeLoss
from tff_compat.adapters.learning.models import VariableModel, batch_output
from tff_compat.catalog.boundaries import (
    FIRST_WITH_ADDED_LOSSES,
    FIRST_WITH_NESTED_METRICS,
    FIRST_WITH_TRAINING_TIME,
    FIRST_WITH_UNCAST_LOSSES,
    FIRST_WITHOUT_TRAINING_TIME,
)
from tff_compat.keras_behaviour import FIRST_WITH_CACHING_DEVICE
from tff_compat.recipes import recipe

tff = modern.package()


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


def _check_trained(keras_model: Any, release: Version) -> None:
    """Raises `LegacyAPIError` for recurrent layers that the release trained, where these are not.

    Weights of which a layer keeps a copy get no gradient in a graph. Keras of then kept none.
    """
    if Version(recipe(release).tensorflow) >= FIRST_WITH_CACHING_DEVICE:
        return
    for layer in keras_model.submodules:
        if not getattr(layer, "_enable_caching_device", False):
            continue
        for variable in layer.trainable_weights:
            if getattr(variable, "_cached_value", None) is not None:
                raise deprecation.LegacyAPIError(
                    f"Gradients do not exist for {variable.name!r}, which TFF {release} trained: "
                    f"the installed Keras keeps a copy of the weights of {layer.name!r}, because "
                    "its configuration was read outside of a graph. Make the layer anew in "
                    "model_fn, or with enable_caching_device=False."
                )


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
        loss: WholeLoss,
        given_metrics: Sequence[Any],
    ):
        _check_trained(keras_model, release)
        self.release = release
        self._keras_model = keras_model
        self._input_spec = input_spec
        self._loss = loss
        self._metrics = list(given_metrics)
        self._metrics.append(_LossMetric(loss=loss, cast=release < FIRST_WITH_UNCAST_LOSSES))
        self._training_time = None
        if FIRST_WITH_TRAINING_TIME <= release < FIRST_WITHOUT_TRAINING_TIME:
            self._training_time = _TrainingTime(name="keras_training_time_client_sum_sec")
            self._metrics.append(self._training_time)
        self._output_computation: Any = None

    @property
    def trainable_variables(self) -> Any:
        """The trainable variables, in the order of the Keras model."""
        return self._keras_model.trainable_variables

    @property
    def non_trainable_variables(self) -> Any:
        """The other variables of the Keras model, in its order."""
        return self._keras_model.non_trainable_variables

    @property
    def local_variables(self) -> Any:
        """The variables of the metrics, which start anew at each client."""
        return [variable for metric in self._metrics for variable in metric.variables]

    @property
    def input_spec(self) -> Any:
        """A structure of `tf.TensorSpec`s of a batch."""
        return self._input_spec

    @property
    def weights(self) -> Any:
        """The `ModelWeights` of this model in the form of its release."""
        return state.weights_of(self, self.release)

    def get_metrics(self) -> list[Any]:
        """The metrics in the order in which the release reported them."""
        return self._metrics

    @tf.function
    def predict_on_batch(self, x: Any, training: bool = True) -> Any:
        """The output of the Keras model for a batch of its inputs."""
        return self._keras_model(x, training=training)

    def _forward_pass(self, batch_input: Any, training: bool) -> Any:
        x, y_true = batches.elements(batch_input)
        predictions = self._keras_model(x, training=training)
        loss = None
        if y_true is not None:
            # The losses that layers add were part of the objective from 0.16 on.
            added = self._keras_model.losses if self.release >= FIRST_WITH_ADDED_LOSSES else []
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
        """The `BatchOutput` of a batch, which also updates the metrics."""
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
        by_name = {metric.name: metric for metric in self._metrics}
        outputs = collections.OrderedDict(
            (name, [tf.TensorSpec(v.shape, v.dtype) for v in metric.variables])
            for name, metric in by_name.items()
        )
        outputs_type = tff.types.tensorflow_to_type(outputs)

        @tff.federated_computation(tff.FederatedType(outputs_type, tff.CLIENTS))
        def federated_output(local_outputs: Any) -> Any:
            results = metrics.aggregate(list(by_name.values()), local_outputs)
            if self.release >= FIRST_WITH_NESTED_METRICS:
                return results
            # Each metric by itself: a structure of values at the server.
            return collections.OrderedDict((name, getattr(results, name)) for name in by_name)

        keep = computations.kept_by_federated(self.release)
        return structures.with_results_of(federated_output, self.release, keep=keep)

    @tf.function
    def report_local_unfinalized_metrics(self) -> Any:
        """The values of the metrics' variables: `OrderedDict` of lists by metric name."""
        return self.report_local_outputs()

    def metric_finalizers(self) -> Any:
        """From a metric's variables to its value: `OrderedDict` of functions by metric name."""
        return collections.OrderedDict(
            (metric.name, metrics.finalizer(metric)) for metric in self._metrics
        )

    @tf.function
    def reset_metrics(self) -> None:
        """Sets the variables of the metrics to their first values."""
        for metric in self._metrics:
            metric.reset_state()


class TrainableKerasModel(KerasModel):
    """A Keras model with an optimizer of its own, as of TFF 0.1.0 to 0.12.0."""

    def __init__(self, keras_model: Any, optimizer: Any, **kwargs: Any):
        super().__init__(keras_model, **kwargs)
        self._optimizer = optimizers.keras_optimizer(lambda: as_meant(optimizer))
        self._optimizer.create_variables(list(self.trainable_variables))

    @property
    def local_variables(self) -> Any:
        """The variables of the metrics and of the optimizer."""
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


def as_meant(optimizer: Any) -> Any:
    """An optimizer as the user meant it: by name, or a TF1 optimizer that Keras has wrapped."""
    if isinstance(optimizer, str):
        return tf.keras.optimizers.get(optimizer, use_legacy_optimizer=True)
    inner = getattr(optimizer, "optimizer", None)
    return inner if isinstance(inner, tf.compat.v1.train.Optimizer) else optimizer
