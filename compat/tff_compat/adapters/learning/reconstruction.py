"""Federated reconstruction, `tff.learning.reconstruction`, where some variables stay on clients."""

from __future__ import annotations

import collections
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Callable, ClassVar, NamedTuple

import attr
import tensorflow as tf
from packaging.version import Version

from tff_compat import installation, modern, tensorflow_names
from tff_compat.adapters.language import structures
from tff_compat.adapters.learning import building, metrics, training
from tff_compat.adapters.registry import AsOf, Replacement, adapter, helper, move
from tff_compat.adapters.stand_ins import StandsFor
from tff_compat.catalog.boundaries import (
    FIRST_WITH_NEW_KERAS_OPTIMIZERS,
    FIRST_WITH_RIGHT_ANSWER,
)
from tff_compat.declared.replacement import AS_VALUE
from tff_compat.tensorflow_names import in_era

tff = modern.package()

_MODEL = "tff.learning.models.ReconstructionModel"
_RELEASES = ">=0.20,<0.57"
_FIRST_AS_MODEL = Version("0.57")

move("tff.learning.reconstruction.Model", _MODEL, releases=_RELEASES)
move(
    "tff.learning.reconstruction.DatasetSplitFn",
    "tff.learning.models.ReconstructionDatasetSplitFn",
    releases=_RELEASES,
)
move(
    "tff.learning.models.ReconstructionModel.DatasetSplitFn",
    "tff.learning.models.ReconstructionDatasetSplitFn",
    releases=">=0.57,<0.58",
)
for _path in (
    "tff.learning.reconstruction.build_dataset_split_fn",
    "tff.learning.reconstruction.get_global_variables",
    "tff.learning.reconstruction.get_local_variables",
    "tff.learning.reconstruction.simple_dataset_split_fn",
):
    move(_path, f"{_MODEL}.{_path.rpartition('.')[2]}", releases=_RELEASES)

_BATCH_NOW = (
    "collections.namedtuple('BatchOutput', ['predictions', 'labels', 'num_examples'])("
    "{predictions}, {labels}, {num_examples})"
)
_BATCH_NOTE = "What the model returns has these fields; make the class of it once."
_CLIENT_NOW = (
    "collections.namedtuple('ClientOutput', ['weights_delta', 'client_weight', 'model_output'])("
    "{weights_delta}, {client_weight}, {model_output})"
)
_CLIENT_NOTE = "What the client returns has these fields; make the class of it once."


@adapter(
    "tff.learning.reconstruction.BatchOutput",
    releases=">=0.20,<0.53",
    replacement=_BATCH_NOW,
    note=_BATCH_NOTE,
)
@attr.s(eq=False, frozen=True, slots=True)
class BatchOutput:
    """What a reconstruction model makes of a batch, as of TFF 0.20 to 0.52.

    Attributes:
      predictions: Predictions with the batch as first dimension.
      labels: Labels with the batch as first dimension.
      num_examples: The number of examples in the batch, an int32 scalar.
    """

    predictions: Any = attr.ib()
    labels: Any = attr.ib()
    num_examples: Any = attr.ib()


@adapter(
    "tff.learning.reconstruction.BatchOutput",
    releases=">=0.53,<0.57",
    replacement=_BATCH_NOW,
    note=_BATCH_NOTE,
)
class NamedBatchOutput(NamedTuple):
    """What a reconstruction model makes of a batch, as of TFF 0.53 to 0.56.

    The fields are the attributes of 0.20.
    """

    predictions: Any
    labels: Any
    num_examples: Any


@adapter(
    "tff.learning.reconstruction.ClientOutput",
    releases=">=0.20,<0.53",
    replacement=_CLIENT_NOW,
    note=_CLIENT_NOTE,
)
@attr.s(eq=False, frozen=True)
class ClientOutput:
    """What a client sends to the server, as of TFF 0.20 to 0.52.

    Attributes:
      weights_delta: The update of the global trainable weights.
      client_weight: The weight of the update in the mean.
      model_output: The values of the metrics' variables, by metric name.
    """

    weights_delta: Any = attr.ib()
    client_weight: Any = attr.ib()
    model_output: Any = attr.ib()


@adapter(
    "tff.learning.reconstruction.ClientOutput",
    releases=">=0.53,<0.57",
    replacement=_CLIENT_NOW,
    note=_CLIENT_NOTE,
)
class NamedClientOutput(NamedTuple):
    """What a client sends to the server, as of TFF 0.53 to 0.56.

    The fields are the attributes of 0.20.
    """

    weights_delta: Any
    client_weight: Any
    model_output: Any


def from_layers(keras_model: Any, global_layers: Any, local_layers: Any, input_spec: Any) -> Any:
    """A reconstruction model of a Keras model whose layers are global or local.

    Raises:
      TypeError: `keras_model` is no Keras model.
      ValueError: It is compiled, the layers are not exactly its layers, or `input_spec` has not two
        parts.
    """
    if not isinstance(keras_model, tf.keras.Model):
        raise TypeError(f"Expected a tf.keras.Model, found {type(keras_model).__name__}.")
    return tff.learning.models.ReconstructionModel.from_keras_model_and_layers(
        keras_model,
        global_layers=list(global_layers),
        local_layers=list(local_layers),
        input_spec=input_spec,
    )


_FROM_LAYERS = (
    f"{_MODEL}.from_keras_model_and_layers({{keras_model}}, global_layers={{global_layers}}, "
    "local_layers={local_layers}, input_spec={input_spec})"
)


@adapter(
    "tff.learning.reconstruction.from_keras_model", releases=_RELEASES, replacement=_FROM_LAYERS
)
@adapter(
    "tff.learning.models.ReconstructionModel.from_keras_model",
    releases=">=0.57,<0.61",
    replacement=_FROM_LAYERS,
)
def from_keras_model(keras_model, *, global_layers, local_layers, input_spec, as_of: AsOf):
    """A reconstruction model of a Keras model, as of TFF 0.20 to 0.60.

    Args:
      keras_model: A `tf.keras.Model` that is not compiled.
      global_layers: The layers whose variables the server aggregates.
      local_layers: The layers whose variables are trained anew on each client.
      input_spec: A pair of `tf.TensorSpec`s or structures of them, for inputs and labels.

    Raises:
      TypeError: `keras_model` is no Keras model.
      ValueError: It is compiled, or the layers are not exactly its layers.
    """
    as_of.warn(locals())
    return from_layers(keras_model, global_layers, local_layers, input_spec)


@adapter(
    "tff.learning.models.ReconstructionModel.has_only_global_variables",
    releases=">=0.57,<0.60",
    replacement=f"not {_MODEL}.has_only_global_variables({{model}})",
)
def has_only_global_variables(model):
    """The class method as the catalog has it; views offer it on their class.

    Args:
      model: A `tff.learning.models.ReconstructionModel`.

    Returns:
      Whether it has local variables: of these releases the answer was the opposite.
    """
    return not tff.learning.models.ReconstructionModel.has_only_global_variables(model)


if installation.version() >= _FIRST_AS_MODEL:

    class _ReconstructionModel(  # type: ignore[misc]
        StandsFor,
        tff.learning.models.ReconstructionModel,  # type: ignore[name-defined]
    ):
        """What both historical classes of reconstruction models have beyond the installed one."""

        as_of: AsOf
        stands_for = (tff.learning.models.ReconstructionModel,)

        @classmethod
        def from_keras_model(cls, keras_model, *, global_layers, local_layers, input_spec):
            """A reconstruction model of a Keras model; see `from_layers`."""
            cls.as_of.warn_of("from_keras_model", locals())
            return from_layers(keras_model, global_layers, local_layers, input_spec)

        @classmethod
        def has_only_global_variables(cls, model):
            """Whether a model has no local variables; up to 0.59, whether it has some."""
            if cls.as_of.release >= FIRST_WITH_RIGHT_ANSWER:
                return super().has_only_global_variables(model)
            cls.as_of.warn_of("has_only_global_variables", locals())
            return has_only_global_variables(model)

    @adapter("tff.learning.models.ReconstructionModel", releases=">=0.57,<0.58", replacement=_MODEL)
    class ReconstructionModel_0_57(_ReconstructionModel):
        """The base class of reconstruction models, as of TFF 0.57."""

        as_of: AsOf

        DatasetSplitFn = tff.learning.models.ReconstructionDatasetSplitFn

    @adapter("tff.learning.models.ReconstructionModel", releases=">=0.58,<0.61", replacement=_MODEL)
    class ReconstructionModel_0_58(_ReconstructionModel):
        """The base class of reconstruction models, as of TFF 0.58 to 0.60."""

        as_of: AsOf


class _MeanLoss(tf.keras.metrics.Mean):
    """The mean of a loss over the examples."""

    def __init__(self, loss_fn: Any, name: str = "loss", dtype: Any = tf.float32):
        super().__init__(name, dtype)
        self._loss_fn = loss_fn

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        batch_size = tf.cast(tf.shape(y_pred)[0], self._dtype)
        loss = self._loss_fn(tf.cast(y_true, self._dtype), tf.cast(y_pred, self._dtype))
        return super().update_state(loss, batch_size)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "loss_fn": self._loss_fn}


def _read(all_metrics: Sequence[Any]) -> Any:
    return collections.OrderedDict(
        (metric.name, [variable.read_value() for variable in metric.variables])
        for metric in all_metrics
    )


def _made(metrics_fn: Any) -> list[Any]:
    return [] if metrics_fn is None else list(metrics_fn())


def _halves(dataset_split_fn: Any) -> Any:
    """The way to split a client's data; by default into the even and the odd batches."""
    if dataset_split_fn is not None:
        return dataset_split_fn
    return tff.learning.models.ReconstructionModel.build_dataset_split_fn(split_dataset=True)


def _global_weights(model: Any) -> Any:
    return tff.learning.models.ModelWeights(
        model.global_trainable_variables, model.global_non_trainable_variables
    )


def _train(
    model: Any, loss: Any, variables: Any, optimizer: Any, dataset: Any, all_metrics: Sequence[Any]
) -> tf.Tensor:
    """Trains variables on batches, updates metrics, and counts the examples."""

    def step(carry, batch):
        count, optimizer_state = carry
        with tf.GradientTape() as tape:
            output = model.forward_pass(batch, training=True)
            batch_loss = loss(y_true=output.labels, y_pred=output.predictions)
        gradients = tape.gradient(batch_loss, variables)
        optimizer_state = optimizer.step(optimizer_state, gradients)
        for metric in all_metrics:
            metric.update_state(y_true=output.labels, y_pred=output.predictions)
        return count + output.num_examples, optimizer_state

    count, _ = training.reduce_dataset(dataset, step, (tf.constant(0), optimizer.initial_state()))
    return count


class _Reconstruction:
    """Trains the local variables of a model, with the global ones as they are."""

    def __init__(self, model: Any, loss: Any, optimizer_fn: Any):
        self._model = model
        self._loss = loss
        self._variables = list(model.local_trainable_variables)
        self._optimizer = training.stepper(optimizer_fn, self._variables, carried=False)

    def __call__(self, dataset: Any) -> None:
        if self._variables:
            _train(self._model, self._loss, self._variables, self._optimizer, dataset, ())


@dataclass(frozen=True)
class _ReconstructionRound(training.Round):
    """A round in which clients reconstruct their local variables, and train the global ones."""

    keeps_if_not_finite: ClassVar[bool] = True

    loss_fn: Any
    metrics_fn: Any
    client_optimizer_fn: Any
    reconstruction_optimizer_fn: Any
    dataset_split_fn: Any
    client_weight: training.ClientWeight | None

    def weights_of(self, model: Any) -> Any:
        return _global_weights(model)

    def _metrics(self) -> list[Any]:
        return [*_made(self.metrics_fn), _MeanLoss(self.loss_fn())]

    def metrics_aggregation(self, model: Any) -> Callable[[Any], Any]:
        return functools.partial(metrics.aggregate, self._metrics())

    def client_work(self) -> Callable[[Any, Any], Any]:
        model = self.model_fn()
        all_metrics = self._metrics()
        loss = self.loss_fn()
        weights = self.weights_of(model)
        reconstruct = _Reconstruction(model, loss, self.reconstruction_optimizer_fn)
        trainable = list(weights.trainable)
        optimizer = training.stepper(self.client_optimizer_fn, trainable, carried=False)

        def work(dataset: Any, initial: Any) -> Any:
            tf.nest.map_structure(lambda a, b: a.assign(b), weights, initial)
            for_reconstruction, for_training = self.dataset_split_fn(dataset)
            reconstruct(for_reconstruction)
            count = _train(model, loss, trainable, optimizer, for_training, all_metrics)
            delta, not_finite = training.zero_if_any_non_finite(
                tf.nest.map_structure(tf.subtract, weights.trainable, initial.trainable)
            )
            report = _read(all_metrics)
            weight = tf.cast(count, tf.float32)
            if self.client_weight is not None:
                weight = tf.cast(self.client_weight(report, count), tf.float32)
            weight = tf.where(not_finite > 0, tf.zeros_like(weight), weight)
            return collections.OrderedDict(delta=delta, weight=weight, report=report)

        return training.in_tf_function(work)


def _sgd(learning_rate: float) -> Any:
    return tensorflow_names.legacy_optimizers().SGD(learning_rate)


_SGD_1_0 = functools.partial(_sgd, 1.0)
_SGD_0_1 = functools.partial(_sgd, 0.1)


def _check_weighting(aggregation_factory: Any, client_weighting: Any) -> None:
    uniform = tff.learning.ClientWeighting.UNIFORM
    unweighted = isinstance(aggregation_factory, tff.aggregators.UnweightedAggregationFactory)
    if unweighted and client_weighting is not uniform:
        raise ValueError(
            "An unweighted `aggregation_factory` wants tff.learning.ClientWeighting.UNIFORM, found "
            f"{client_weighting}."
        )


_TRAINING_NOW = (
    "tff.learning.algorithms.build_fed_recon({model_fn}, loss_fn={loss_fn}"
    "[?, metrics_fn={metrics_fn}?][?, server_optimizer_fn={server_optimizer_fn:optimizer}?]"
    "[?, client_optimizer_fn={client_optimizer_fn:optimizer}?]"
    "[?, reconstruction_optimizer_fn={reconstruction_optimizer_fn:optimizer}?]"
    "[?, dataset_split_fn={dataset_split_fn}?][?, client_weighting={client_weighting}?]"
    f"{building.DISTRIBUTOR}[?, model_aggregator_factory={{aggregation_factory}}?])"
)


helper(
    "build_reconstruction",
    '''\
def build_reconstruction(
    model_fn, *, loss_fn, metrics_fn=None, server_optimizer_fn=None, client_optimizer_fn=None,
    reconstruction_optimizer_fn=None, dataset_split_fn=None, client_weighting=None,
    broadcast_process=None, aggregation_factory=None):
  """Federated reconstruction of whatever the builder of training processes took."""
  sgd = tf.keras.optimizers.legacy.SGD
  options = {'model_aggregator_factory': aggregation_factory, 'metrics_fn': metrics_fn}
  if client_weighting is not None:
    options['client_weighting'] = client_weighting
  if broadcast_process is not None:
    options['model_distributor'] = tff.learning.templates.DistributionProcess(
        broadcast_process.initialize, broadcast_process.next)
  if dataset_split_fn is not None:
    options['dataset_split_fn'] = dataset_split_fn
  return tff.learning.algorithms.build_fed_recon(
      model_fn,
      loss_fn=loss_fn,
      server_optimizer_fn=keras_optimizer(server_optimizer_fn or (lambda: sgd(1.0))),
      client_optimizer_fn=keras_optimizer(client_optimizer_fn or (lambda: sgd(0.1))),
      reconstruction_optimizer_fn=keras_optimizer(
          reconstruction_optimizer_fn or (lambda: sgd(0.1))),
      **options)
''',
)
helper(
    "build_reconstruction_evaluation",
    '''\
def build_reconstruction_evaluation(
    model_fn, *, loss_fn, metrics_fn=None, reconstruction_optimizer_fn=None,
    dataset_split_fn=None, broadcast_process=None):
  """The evaluation of federated reconstruction, of whatever its builder took."""
  sgd = tf.keras.optimizers.legacy.SGD
  options = {'metrics_fn': metrics_fn}
  if broadcast_process is not None:
    options['model_distributor'] = tff.learning.templates.DistributionProcess(
        broadcast_process.initialize, broadcast_process.next)
  if dataset_split_fn is not None:
    options['dataset_split_fn'] = dataset_split_fn
  return tff.learning.algorithms.build_fed_recon_eval(
      model_fn,
      loss_fn=loss_fn,
      reconstruction_optimizer_fn=keras_optimizer(
          reconstruction_optimizer_fn or (lambda: sgd(0.1))),
      **options)
''',
)
_TRAINING_NOTE = "A function for `client_weighting` is given other values than before."


@adapter(
    "tff.learning.reconstruction.build_training_process",
    releases=_RELEASES,
    replacement=_TRAINING_NOW,
    cases={AS_VALUE: Replacement("{!build_reconstruction}", _TRAINING_NOTE)},
    note=_TRAINING_NOTE,
    gives="training process",
    changed=(FIRST_WITH_NEW_KERAS_OPTIMIZERS,),
)
def build_training_process(
    model_fn,
    *,
    loss_fn,
    metrics_fn=None,
    server_optimizer_fn=_SGD_1_0,
    client_optimizer_fn=_SGD_0_1,
    reconstruction_optimizer_fn=_SGD_0_1,
    dataset_split_fn=None,
    client_weighting=None,
    broadcast_process=None,
    aggregation_factory=None,
    as_of: AsOf,
):
    """The process of federated reconstruction, as of TFF 0.20 to 0.56.

    Args:
      model_fn: A function without arguments that returns a `tff.learning.reconstruction.Model`.
      loss_fn: A function without arguments that returns a `tf.keras.losses.Loss`.
      metrics_fn: A function without arguments that returns a list of Keras metrics, or None.
      server_optimizer_fn: A function without arguments that returns a Keras optimizer, or a
        `tff.learning.optimizers.Optimizer`.
      client_optimizer_fn: The same for the global variables on clients.
      reconstruction_optimizer_fn: The same for the local variables.
      dataset_split_fn: From a data set to those for reconstruction and for training; None for the
        even and the odd batches.
      client_weighting: A `tff.learning.ClientWeighting`, or a function from the values of the
        metrics' variables to the client's weight; None for the number of examples.
      broadcast_process: A `tff.templates.MeasuredProcess` from the server to the clients, or None.
      aggregation_factory: An aggregation factory; None for the weighted mean.

    Returns:
      A `tff.templates.IterativeProcess` whose `next` gives a state and the metrics, with
      `get_model_weights`.

    Raises:
      TypeError: An argument has the wrong type.
      ValueError: A weighting is given for an unweighted aggregation.
    """
    as_of.warn(locals())
    building.check_builder(model_fn, server_optimizer_fn)
    _check_weighting(aggregation_factory, client_weighting)
    release = as_of.release
    plan = _ReconstructionRound(
        release,
        in_era(model_fn, release),
        building.optimizer_in_era(server_optimizer_fn, release),
        building.broadcast_of(process=broadcast_process),
        building.aggregation_of(release, factory=aggregation_factory),
        None,
        in_era(loss_fn, release),
        None if metrics_fn is None else in_era(metrics_fn, release),
        building.optimizer_in_era(client_optimizer_fn, release),
        building.optimizer_in_era(reconstruction_optimizer_fn, release),
        _halves(dataset_split_fn),
        building.client_weight_of(client_weighting),
    )
    return building.with_model_weights(training.build_process(plan), release)


@adapter(
    "tff.learning.reconstruction.build_federated_evaluation",
    releases=_RELEASES,
    replacement=(
        "tff.learning.algorithms.build_fed_recon_eval({model_fn}, loss_fn={loss_fn}"
        "[?, metrics_fn={metrics_fn}?]"
        "[?, reconstruction_optimizer_fn={reconstruction_optimizer_fn:optimizer}?]"
        f"[?, dataset_split_fn={{dataset_split_fn}}?]{building.DISTRIBUTOR})"
    ),
    cases={AS_VALUE: Replacement("{!build_reconstruction_evaluation}")},
    gives="evaluation",
)
def build_federated_evaluation(
    model_fn,
    *,
    loss_fn,
    metrics_fn=None,
    reconstruction_optimizer_fn=_SGD_0_1,
    dataset_split_fn=None,
    broadcast_process=None,
    as_of: AsOf,
):
    """The computation ``(<weights@SERVER, data@CLIENTS> -> <broadcast=…,eval=…>@SERVER)``.

    As of TFF 0.20 to 0.56.

    Args:
      model_fn: A function without arguments that returns a `tff.learning.reconstruction.Model`.
      loss_fn: A function without arguments that returns a `tf.keras.losses.Loss`.
      metrics_fn: A function without arguments that returns a list of Keras metrics, or None.
      reconstruction_optimizer_fn: A function without arguments that returns a Keras optimizer.
      dataset_split_fn: From a data set to those for reconstruction and for evaluation; None for the
        even and the odd batches.
      broadcast_process: A `tff.templates.MeasuredProcess` without state, or None.

    Raises:
      TypeError: `model_fn` is not callable, or `broadcast_process` is no such process, or has a
        state.
    """
    as_of.warn(locals())
    release = as_of.release
    building.check_builder(model_fn, reconstruction_optimizer_fn)
    broadcast = building.broadcast_of(process=broadcast_process)
    if broadcast_process is not None and training.keeps_state(broadcast_process):
        raise TypeError(
            "Evaluation takes a broadcast process without state; this one has the state "
            f"{broadcast.initialize.type_signature.result}."
        )
    model_fn, loss_fn = in_era(model_fn, release), in_era(loss_fn, release)
    metrics_fn = None if metrics_fn is None else in_era(metrics_fn, release)
    optimizer_fn = building.optimizer_in_era(reconstruction_optimizer_fn, release)
    dataset_split_fn = _halves(dataset_split_fn)

    def make_metrics() -> list[Any]:
        return [_MeanLoss(loss_fn()), *_made(metrics_fn)]

    with tf.Graph().as_default():
        model = model_fn()
        element_type = training.batch_type(model, release)
        aggregate = functools.partial(metrics.aggregate, make_metrics())

    @tff.tensorflow.computation
    def initial_weights():
        return _global_weights(model_fn())

    weights_type = initial_weights.type_signature.result

    @tff.tensorflow.computation(weights_type, tff.SequenceType(element_type))
    def client_eval(weights, dataset):
        model = model_fn()
        all_metrics = make_metrics()
        variables = _global_weights(model)
        reconstruct = _Reconstruction(model, loss_fn(), optimizer_fn)

        @tf.function
        def evaluate():
            tf.nest.map_structure(lambda a, b: a.assign(b), variables, weights)
            for_reconstruction, for_evaluation = dataset_split_fn(dataset)
            reconstruct(for_reconstruction)

            def step(count, batch):
                output = model.forward_pass(batch, training=False)
                for metric in all_metrics:
                    metric.update_state(y_true=output.labels, y_pred=output.predictions)
                return count + output.num_examples

            training.reduce_dataset(for_evaluation, step, tf.constant(0))
            return _read(all_metrics)

        return evaluate()

    @training.federated_computation(
        release,
        tff.FederatedType(weights_type, tff.SERVER),
        tff.FederatedType(tff.SequenceType(element_type), tff.CLIENTS),
    )
    def server_eval(server_model_weights, federated_dataset):
        _, at_clients, measurements = broadcast.next(broadcast.initialize(), server_model_weights)
        reports = tff.federated_map(client_eval, (at_clients, federated_dataset))
        return tff.federated_zip(
            collections.OrderedDict(
                broadcast=measurements, eval=training.zipped(aggregate(reports))
            )
        )

    return structures.with_results_of(server_eval, release)
