"""The engine of the legacy training processes: one round as real TFF computations."""

from __future__ import annotations

import collections
from dataclasses import dataclass
from typing import Any, Callable, ClassVar

import tensorflow as tf
from packaging.version import Version

from tff_compat import modern
from tff_compat.adapters.framework import seeds
from tff_compat.adapters.language import handed, structures, types
from tff_compat.adapters.learning import optimizers, state
from tff_compat.adapters.templates import processes
from tff_compat.catalog.boundaries import (
    FIRST_WITH_MIRRORED_CONTAINERS,
    FIRST_WITH_NESTED_METRICS,
    FIRST_WITH_PARAMETER_NAMES,
    FIRST_WITH_PLAIN_DICTS,
    FIRST_WITH_STRUCT_METRICS,
    FIRST_WITH_UNFINALIZED_METRICS,
)

tff = modern.package()

ModelFn = Callable[[], Any]
ClientWeight = Callable[[Any, tf.Tensor], tf.Tensor]
"""From the model's local outputs and the number of examples to the client's float32 weight."""


@dataclass(frozen=True)
class Exchange:
    """One direction between server and clients: a broadcast or an aggregation.

    Attributes:
      initialize: Computation ``( -> state@SERVER)``.
      next: From values in a federated computation, the state and what is sent, to the new state,
        what arrives, and the measurements.
    """

    initialize: Any
    next: Callable[..., tuple[Any, Any, Any]]


def empty_at_server() -> Any:
    """The computation ``( -> <>@SERVER)``: the state of a process without one."""

    @tff.federated_computation
    def empty():
        return tff.federated_value((), tff.SERVER)

    return empty


def keeps_state(process: Any) -> bool:
    """Whether a process has a state that is not empty."""
    state_type = process.initialize.type_signature.result.member
    return not isinstance(state_type, tff.StructType) or len(state_type) > 0


def plain_broadcast() -> Exchange:
    """`federated_broadcast` without state."""

    def send(state: Any, weights: Any) -> tuple[Any, Any, Any]:
        return state, tff.federated_broadcast(weights), tff.federated_value((), tff.SERVER)

    return Exchange(empty_at_server(), send)


def plain_mean() -> Exchange:
    """`federated_mean` weighted by the clients' weights, without state."""

    def aggregate(state: Any, delta: Any, weight: Any) -> tuple[Any, Any, Any]:
        mean = tff.federated_mean(delta, weight)
        return state, mean, tff.federated_value((), tff.SERVER)

    return Exchange(empty_at_server(), aggregate)


def from_measured_process(process: Any) -> Exchange:
    """A broadcast or aggregation given as a `tff.templates.MeasuredProcess`."""
    weighted = len(process.next.type_signature.parameter) == 3

    def exchange(state: Any, value: Any, weight: Any = None) -> tuple[Any, Any, Any]:
        arguments = (state, value, weight) if weighted else (state, value)
        output = process.next(*arguments)
        return output.state, output.result, output.measurements

    return Exchange(process.initialize, exchange)


def from_stateful_fn(function: Any) -> Exchange:
    """A `tff.utils.StatefulAggregateFn` or `StatefulBroadcastFn` of TFF 0.4 to 0.16."""
    initial = tff.tensorflow.computation(lambda: function.initialize())

    def exchange(state: Any, value: Any, weight: Any = None) -> tuple[Any, Any, Any]:
        arguments = (state, value) if weight is None else (state, value, weight)
        new_state, result = function(*arguments)
        return tff.to_value(new_state, None), result, tff.federated_value((), tff.SERVER)

    return Exchange(processes.initialize_of(initial), exchange)


def zero_if_any_non_finite(structure: Any) -> tuple[Any, tf.Tensor]:
    """The structure, all zeros if any value in it is infinite or not a number.

    Args:
      structure: A nested structure of float tensors.

    Returns:
      The structure, and an int32 scalar: 1 if a value was not finite, else 0.
    """
    flat = tf.nest.flatten(structure)
    if not flat:
        return structure, tf.constant(0)
    all_finite = tf.reduce_all([tf.reduce_all(tf.math.is_finite(value)) for value in flat])
    kept = [tf.where(all_finite, value, tf.zeros_like(value)) for value in flat]
    return tf.nest.pack_sequence_as(structure, kept), tf.cast(~all_finite, tf.int32)


def reduce_dataset(dataset: Any, step: Callable[..., Any], initial: Any) -> Any:
    """What `dataset.reduce` returns, inside a `tf.function`.

    The loop stands in the graph of the function: `reduce` would make a function of its own of the
    step, anew for each data set, which takes longer than small data sets take to train on. But
    where the step draws from seeds, as a `Dropout` with a seed does, that makes each data set begin
    with the same values; so it is reduced there, as all releases did.

    Args:
      dataset: A `tf.data.Dataset`.
      step: From what is carried and a batch to what is carried.
      initial: What is carried at first.
    """
    initial = tf.nest.map_structure(tf.convert_to_tensor, initial)
    traced = tf.function(step).get_concrete_function(initial, dataset.element_spec)
    if seeds.are_in(traced.graph.as_graph_def()):
        return dataset.reduce(initial, lambda reduced, batch: traced(reduced, batch))
    reduced = initial
    for batch in iter(dataset):
        reduced = traced(reduced, batch)
    return reduced


def number_of_examples(output: Any, dtype: tf.DType) -> tf.Tensor:
    """How many examples a batch had, as a scalar.

    Args:
      output: A `BatchOutput`; without `num_examples`, the first dimension of its predictions
        counts.
      dtype: The integer type of the number.
    """
    count = getattr(output, "num_examples", None)
    if count is None:
        return tf.shape(tf.nest.flatten(output.predictions)[0], out_type=dtype)[0]
    return tf.cast(count, dtype)


class KerasStepper:
    """Steps of a Keras or TF1 optimizer on variables, with its state in variables of its own.

    Args:
      optimizer_fn: The user's function that makes the optimizer.
      variables: What the optimizer updates.
      carried: Whether the state travels through the computation's arguments and results (server),
        or lives only as long as the computation (client).
    """

    def __init__(self, optimizer_fn: Any, variables: list[tf.Variable], *, carried: bool):
        self._variables = variables
        self._carried = carried
        self._optimizer = optimizers.keras_optimizer(optimizer_fn)
        self._optimizer.create_variables(variables)

    def initial_state(self) -> Any:
        """The variables of the optimizer where they are carried along, else nothing."""
        return list(self._optimizer.variables) if self._carried else ()

    def step(self, optimizer_state: Any, gradients: list[tf.Tensor]) -> Any:
        """Applies gradients to the variables; returns the next state of the optimizer."""
        if self._carried:
            for variable, value in zip(self._optimizer.variables, optimizer_state):
                variable.assign(value)
        self._optimizer.apply_gradients(list(zip(gradients, self._variables)))
        return [v.read_value() for v in self._optimizer.variables] if self._carried else ()


class TFFStepper:
    """Steps of a `tff.learning.optimizers.Optimizer` on variables, as of TFF 0.20 to 0.27."""

    def __init__(self, optimizer: Any, variables: list[tf.Variable]):
        self._variables = tuple(variables)
        self._optimizer = optimizer

    def initial_state(self) -> Any:
        """The first state of the optimizer, for the specs of the variables."""
        return self._optimizer.initialize(
            tuple(tf.TensorSpec(v.shape, v.dtype) for v in self._variables)
        )

    def step(self, optimizer_state: Any, gradients: list[tf.Tensor]) -> Any:
        """Applies gradients to the variables; returns the next state of the optimizer."""
        new_state, updated = self._optimizer.next(
            optimizer_state, tuple(v.read_value() for v in self._variables), tuple(gradients)
        )
        for variable, value in zip(self._variables, updated):
            variable.assign(value)
        return new_state


def stepper(
    optimizer: Any, variables: list[tf.Variable], *, carried: bool
) -> KerasStepper | TFFStepper:
    """Steps of the optimizer that the user gave, in whichever form the release took."""
    if isinstance(optimizer, tff.learning.optimizers.Optimizer):
        return TFFStepper(optimizer, variables)
    return KerasStepper(optimizer, variables, carried=carried)


@dataclass(frozen=True)
class ClientResult:
    """What local training gives, inside TensorFlow.

    Attributes:
      delta: The update of the trainable weights, in their structure.
      num_examples: Integer scalar.
      weight: Float32 scalar, the weight that the algorithm itself would give this client.
    """

    delta: Any
    num_examples: tf.Tensor
    weight: tf.Tensor


class LocalTraining:
    """What a client does with its data; created once per computation, then traced.

    Args:
      model: A model made by the user's function.
      count_dtype: The integer type in which the release counted examples.
    """

    def __init__(self, model: Any, *, count_dtype: tf.DType):
        self.model = model
        self.count_dtype = count_dtype

    def __call__(self, dataset: Any, initial: Any, trainable: Any) -> ClientResult:
        """Trains the model, whose variables hold `initial`, on the batches of `dataset`."""
        raise NotImplementedError

    def _changed(self, initial: Any, trainable: Any, count: tf.Tensor) -> ClientResult:
        delta = tf.nest.map_structure(tf.subtract, trainable, initial.trainable)
        return ClientResult(delta, count, tf.cast(count, tf.float32))


class OwnTraining(LocalTraining):
    """A `tff.learning.TrainableModel` trains itself, as of TFF 0.1 to 0.13."""

    def __call__(self, dataset: Any, initial: Any, trainable: Any) -> ClientResult:
        """Trains the model by its `train_on_batch` on all batches."""

        def step(count, batch):
            output = self.model.train_on_batch(batch)
            return count + number_of_examples(output, self.count_dtype)

        count = reduce_dataset(dataset, step, tf.zeros([], self.count_dtype))
        return self._changed(initial, trainable, count)


class OptimizerTraining(LocalTraining):
    """Federated averaging: steps of the client optimizer, as of TFF 0.12 to 0.27."""

    def __init__(self, model: Any, optimizer_fn: Any, **options: Any):
        super().__init__(model, **options)
        variables = tf.nest.flatten(list(model.trainable_variables))
        self.optimizer = stepper(optimizer_fn, variables, carried=False)

    def __call__(self, dataset: Any, initial: Any, trainable: Any) -> ClientResult:
        """Takes a step of the optimizer for each batch."""
        variables = tf.nest.flatten(trainable)

        def step(carry, batch):
            count, optimizer_state = carry
            with tf.GradientTape() as tape:
                output = self.model.forward_pass(batch, training=True)
            gradients = tape.gradient(output.loss, variables)
            optimizer_state = self.optimizer.step(optimizer_state, gradients)
            return count + number_of_examples(output, self.count_dtype), optimizer_state

        start = (tf.zeros([], self.count_dtype), self.optimizer.initial_state())
        count, _ = reduce_dataset(dataset, step, start)
        return self._changed(initial, trainable, count)


class GradientTraining(LocalTraining):
    """Federated SGD: the mean gradient over the client's examples, as of TFF 0.2 to 0.19.

    Args:
      model: As of `LocalTraining`.
      batch_weight_fn: From a batch to its float32 weight, as releases up to 0.18 took; None for
        the number of examples in the batch.
      **options: As of `LocalTraining`.
    """

    def __init__(self, model: Any, batch_weight_fn: Any = None, **options: Any):
        super().__init__(model, **options)
        self.batch_weight_fn = batch_weight_fn

    def __call__(self, dataset: Any, initial: Any, trainable: Any) -> ClientResult:
        """Averages the gradients of all batches; the weights stay."""
        variables = tuple(tf.nest.flatten(trainable))

        def step(carry, batch):
            sums, total, count = carry
            with tf.GradientTape() as tape:
                output = self.model.forward_pass(batch)
            gradients = tape.gradient(output.loss, variables)
            examples = number_of_examples(output, self.count_dtype)
            if self.batch_weight_fn is None:
                weight = tf.cast(examples, tf.float32)
            else:
                weight = self.batch_weight_fn(batch)
            sums = tuple(total + weight * gradient for total, gradient in zip(sums, gradients))
            return sums, total + weight, count + examples

        zeros = tuple(tf.zeros_like(variable) for variable in variables)
        start = (zeros, tf.constant(0.0), tf.zeros([], self.count_dtype))
        sums, total, count = reduce_dataset(dataset, step, start)
        delta = [-1.0 * gradient / total for gradient in sums]
        return ClientResult(tf.nest.pack_sequence_as(trainable, delta), count, total)


@dataclass(frozen=True)
class Round:
    """What a round of training consists of, as one release did it; subclasses say what clients do.

    Attributes:
      release: The release whose types, metrics and containers the process has.
      model_fn: Makes a new model.
      server_optimizer_fn: Makes the optimizer that applies the mean update.
      broadcast: How the model reaches the clients.
      aggregation: From the type of the trainable weights to how the updates reach the server.
      metrics_aggregator: From finalizers and the type of unfinalized metrics to the computation
        that aggregates them (0.20 on).
    """

    keeps_if_not_finite: ClassVar[bool] = False
    """Whether an update that is not finite changes nothing; if not, it counts as zeros."""

    release: Version
    model_fn: ModelFn
    server_optimizer_fn: Any
    broadcast: Exchange
    aggregation: Callable[[Any], Exchange]
    metrics_aggregator: Callable[..., Any] | None

    def weights_of(self, model: Any) -> Any:
        """The weights of a model that the server keeps."""
        return state.weights_of(model, self.release)

    def client_work(self) -> Callable[[Any, Any], Any]:
        """From a data set and weights to what the client sends; made before it is called.

        It sends an `OrderedDict` of the `delta` of the trainable weights, the float `weight` of the
        client, its `report` of metrics, and the `statistics` if the release summed some.
        """
        raise NotImplementedError

    def metrics_aggregation(self, model: Any) -> Callable[[Any], Any]:
        """From the clients' reports, inside a federated computation, to the metrics."""
        return metrics_aggregation(model, self.release, self.metrics_aggregator)


@dataclass(frozen=True)
class TrainingRound(Round):
    """A round of one of TFF's own algorithms.

    Attributes:
      local_training: From a new model to what the clients do.
      client_weight: The weight of a client; None for the algorithm's own.
      statistics: Client values that are summed into ``metrics['stat']`` (0.18 and 0.19), from
        the number of examples, the weight and the flag for updates that were not finite.
    """

    local_training: Callable[[Any], LocalTraining]
    client_weight: ClientWeight | None = None
    statistics: Callable[..., dict[str, tf.Tensor]] | None = None

    def client_work(self) -> Callable[[Any, Any], Any]:
        """From a client's data set and the weights to its update, its weight and its outputs."""
        local_model = self.model_fn()
        train = self.local_training(local_model)
        variables = self.weights_of(local_model)

        def work(dataset: Any, weights: Any) -> Any:
            tf.nest.map_structure(lambda a, b: a.assign(b), variables, weights)
            result = train(dataset, weights, variables.trainable)
            report = local_metrics(local_model, self.release)
            delta, not_finite = zero_if_any_non_finite(result.delta)
            weight = result.weight
            if self.client_weight is not None:
                weight = tf.cast(self.client_weight(report, result.num_examples), tf.float32)
            weight = tf.where(not_finite > 0, tf.zeros_like(weight), weight)
            output = collections.OrderedDict(delta=delta, weight=weight, report=report)
            if self.statistics is not None:
                output["statistics"] = collections.OrderedDict(
                    self.statistics(result.num_examples, weight, not_finite)
                )
            return output

        return in_tf_function(work)


def in_tf_function(work: Callable[..., Any]) -> Callable[..., Any]:
    """The same work, whose operations TensorFlow does in their order."""

    def run(*arguments: Any) -> Any:
        # Arguments may have containers that a `tf.function` does not take.
        @tf.function
        def traced():
            return work(*arguments)

        return traced()

    return run


def local_metrics(model: Any, release: Version) -> Any:
    """What a client reports after training or evaluation, in the form of the release."""
    if release < FIRST_WITH_UNFINALIZED_METRICS:
        return model.report_local_outputs()
    return model.report_local_unfinalized_metrics()


def metrics_aggregation(
    model: Any, release: Version, metrics_aggregator: Callable[..., Any] | None
) -> Callable[[Any], Any]:
    """From the clients' reports, inside a federated computation, to the metrics at the server."""
    if release < FIRST_WITH_UNFINALIZED_METRICS:
        return model.federated_output_computation
    build = metrics_aggregator or tff.learning.metrics.sum_then_finalize
    reported = model.report_local_unfinalized_metrics()
    unfinalized = tff.types.tensorflow_to_type(
        tf.nest.map_structure(lambda value: tf.TensorSpec(value.shape, value.dtype), reported)
    )
    return handed.to_program(build, release)(model.metric_finalizers(), unfinalized)


def batch_type(model: Any, release: Version) -> Any:
    """The type of one batch, from what the model says of its input.

    Raises:
      TypeError: Up to 0.16, the input is described by a plain dict, whose order says nothing.
    """
    if type(model.input_spec) is dict and release < FIRST_WITH_PLAIN_DICTS:
        raise TypeError(
            "The input spec of the model is a plain dict; releases up to 0.16 take a "
            "collections.OrderedDict, whose order is that of the data."
        )
    return structures.element_type(types.to_type(model.input_spec, release), release)


def zipped(metrics: Any) -> Any:
    """The metrics as one value at the server, whether they came as one or as a structure."""
    value = tff.to_value(metrics, None)
    if isinstance(value.type_signature, tff.FederatedType):
        return value
    return tff.federated_zip(value)


def federated_computation(
    release: Version, *parameter_types: Any
) -> Callable[[Callable[..., Any]], Any]:
    """Decorates a function of federated values; its type names the parameters from 0.17 on."""

    def decorate(function: Callable[..., Any]) -> Any:
        if release >= FIRST_WITH_PARAMETER_NAMES:
            return tff.federated_computation(function, list(parameter_types))
        packed = tff.StructWithPythonType(list(parameter_types), tuple)

        @tff.federated_computation(packed)
        def unnamed(arguments):
            return function(*(arguments[index] for index in range(len(parameter_types))))

        return unnamed

    return decorate


def flat_metrics(metrics: Any, release: Version) -> Any:
    """The metrics beside the state, as of TFF 0.1 to 0.14.

    As of TFF 0.1 a single metric stands there without its name.
    """
    value = tff.to_value(metrics, None)
    if release < FIRST_WITH_STRUCT_METRICS and len(value.type_signature) == 1:
        return value[0]
    return zipped(value)


def _names(trainable: Any) -> list[str]:
    return [variable.name.rpartition(":")[0] for variable in tf.nest.flatten(trainable)]


def build_process(plan: Round) -> Any:
    """The `tff.templates.IterativeProcess` that does rounds of training as planned."""
    release = plan.release
    with tf.Graph().as_default():
        # Only read for its metadata; its variables must not reach the caller's graph.
        model = plan.model_fn()
        element_type = batch_type(model, release)
        names = _names(plan.weights_of(model).trainable)
        aggregate_metrics = plan.metrics_aggregation(model)

    @tff.tensorflow.computation
    def server_init():
        weights = plan.weights_of(plan.model_fn())
        variables = tf.nest.flatten(weights.trainable)
        optimizer = stepper(plan.server_optimizer_fn, variables, carried=True)
        return weights, optimizer.initial_state()

    weights_type, optimizer_type = server_init.type_signature.result
    aggregation = plan.aggregation(weights_type.trainable)

    @tff.tensorflow.computation(weights_type, weights_type.trainable, optimizer_type)
    def server_update(weights, delta, optimizer_state):
        # Plain variables: a whole model would be initialised in each round for nothing. Optimizers
        # of TF1 sort their state by the names.
        values = tf.nest.flatten(weights.trainable)
        variables = [
            tf.Variable(tf.zeros(value.shape, value.dtype), name=name)
            for name, value in zip(names, values)
        ]
        trainable = tf.nest.pack_sequence_as(weights.trainable, variables)
        optimizer = stepper(plan.server_optimizer_fn, variables, carried=True)

        @tf.function
        def update():
            tf.nest.map_structure(lambda a, b: a.assign(b), trainable, weights.trainable)
            finite, not_finite = zero_if_any_non_finite(delta)
            gradients = [-1.0 * value for value in tf.nest.flatten(finite)]
            new_state = optimizer.step(optimizer_state, gradients)
            new_trainable = tf.nest.map_structure(lambda v: v.read_value(), trainable)
            if not plan.keeps_if_not_finite:
                return new_trainable, new_state
            return tf.nest.map_structure(
                lambda new, old: tf.where(not_finite > 0, old, new),
                (new_trainable, new_state),
                (weights.trainable, optimizer_state),
            )

        return update()

    dataset_type = tff.SequenceType(element_type)

    @tff.tensorflow.computation(dataset_type, weights_type)
    def client_work(dataset, weights):
        return plan.client_work()(dataset, weights)

    if release < FIRST_WITH_MIRRORED_CONTAINERS:
        # What clients give has no containers to the program's own aggregations.
        client_work = structures.with_results_of(client_work, release)
    has_statistics = "statistics" in tff.structure.name_list(client_work.type_signature.result)

    @tff.federated_computation
    def initialize():
        weights, optimizer_state = tff.federated_eval(server_init, tff.SERVER)
        return tff.federated_zip(
            state.server_state(
                release,
                weights,
                optimizer_state,
                aggregation.initialize(),
                plan.broadcast.initialize(),
            )
        )

    state_type = initialize.type_signature.result

    @federated_computation(release, state_type, tff.FederatedType(dataset_type, tff.CLIENTS))
    def next_round(server_state, federated_dataset):
        stateful = state_type.member.python_container is state.ServerState
        empty = tff.federated_value((), tff.SERVER)
        aggregator_state = server_state.delta_aggregate_state if stateful else empty
        broadcaster_state = server_state.model_broadcast_state if stateful else empty
        new_broadcaster_state, at_clients, broadcast_metrics = plan.broadcast.next(
            broadcaster_state, server_state.model
        )
        outputs = tff.federated_map(client_work, (federated_dataset, at_clients))
        new_aggregator_state, delta, aggregation_metrics = aggregation.next(
            aggregator_state, outputs.delta, outputs.weight
        )
        new_trainable, new_optimizer_state = tff.federated_map(
            server_update, (server_state.model, delta, server_state.optimizer_state)
        )
        # `_make` takes the fields as they are, where the class of early releases converts them.
        make_weights = getattr(weights_type.python_container, "_make", None) or (
            lambda fields: weights_type.python_container(*fields)
        )
        new_weights = tff.federated_zip(
            make_weights([new_trainable, server_state.model.non_trainable])
        )
        new_state = tff.federated_zip(
            state.server_state(
                release,
                new_weights,
                new_optimizer_state,
                new_aggregator_state,
                new_broadcaster_state,
            )
        )
        train_metrics = aggregate_metrics(outputs.report)
        if release < FIRST_WITH_NESTED_METRICS:
            return new_state, flat_metrics(train_metrics, release)
        measurements = collections.OrderedDict(
            broadcast=broadcast_metrics,
            aggregation=aggregation_metrics,
            train=zipped(train_metrics),
        )
        if has_statistics:
            measurements["stat"] = tff.federated_sum(outputs.statistics)
        return new_state, tff.federated_zip(measurements)

    return tff.templates.IterativeProcess(
        structures.with_results_of(initialize, release),
        structures.with_results_of(next_round, release),
    )
