"""Client updates that programs write themselves, and the process that builds rounds of them."""

from __future__ import annotations

import abc
import collections
from dataclasses import dataclass
from typing import Any, Callable

import attr
import tensorflow as tf
from packaging.version import Version

from tff_compat import installation, modern
from tff_compat.adapters.learning import building, state, training
from tff_compat.adapters.registry import AsOf, adapter
from tff_compat.adapters.subclassing import Derived, StandsFor
from tff_compat.catalog.boundaries import (
    FIRST_WITH_FLOAT_WEIGHTS,
    FIRST_WITH_SUMMED_OUTPUTS,
    FIRST_WITH_TF_FUNCTION,
    FIRST_WITHOUT_SUMMED_OUTPUTS,
)
from tff_compat.tensorflow_names import in_era

tff = modern.package()

VariableModel: Any = tff.learning.models.VariableModel
_NUM_EXAMPLES = tff.learning.ClientWeighting.NUM_EXAMPLES

_FIRST_WITHOUT_CLIENT_DELTAS = Version("0.39")

_OUTPUT = "tff.learning.framework.ClientOutput"
_DELTA = "tff.learning.framework.ClientDeltaFn"
_FED_AVG = "tff.learning.ClientFedAvg"
_PROCESS = "tff.learning.framework.build_model_delta_optimizer_process"

_OUTPUT_NOW = (
    "tff.learning.templates.ClientResult(update={weights_delta}, "
    "update_weight={weights_delta_weight})"
)
_OUTPUT_NOTE = (
    "`model_output` and `optimizer_output` belong to what the `next_fn` of the "
    "tff.learning.templates.ClientWorkProcess gives besides."
)
_WORK_NOTE = "Write what it does as the `next_fn` of a tff.learning.templates.ClientWorkProcess."
_FED_AVG_NOTE = (
    "tff.learning.templates.build_model_delta_client_work does this for a function that makes the "
    "model."
)
_PROCESS_NOTE = (
    "tff.learning.templates.compose_learning_process makes it of a ClientWorkProcess, the "
    "distributor, the aggregator, and what build_apply_optimizer_finalizer makes of the optimizer."
)


@adapter(_OUTPUT, releases="<0.11", replacement=_OUTPUT_NOW, note=_OUTPUT_NOTE)
class NamedClientOutput(
    collections.namedtuple(  # noqa: PYI024
        "ClientOutput",
        ["weights_delta", "weights_delta_weight", "model_output", "optimizer_output"],
    )
):
    """What a client sends to the server, a named tuple, as of TFF 0.1 to 0.10.

    Attributes:
      weights_delta: The update of the trainable weights, in their structure.
      weights_delta_weight: The weight of the update in the mean, a scalar.
      model_output: What `report_local_outputs` of the model gives.
      optimizer_output: Further values, which stay on the client.
    """

    __slots__ = ()


@adapter(_OUTPUT, releases=">=0.11,<0.18", replacement=_OUTPUT_NOW, note=_OUTPUT_NOTE)
@attr.s(eq=False, frozen=True)
class ClientOutput:
    """What a client sends to the server, as of TFF 0.11 to 0.17.

    The attributes are those of 0.1.
    """

    weights_delta: Any = attr.ib()
    weights_delta_weight: Any = attr.ib()
    model_output: Any = attr.ib()
    optimizer_output: Any = attr.ib()


@adapter(_OUTPUT, releases=">=0.18,<0.75", replacement=_OUTPUT_NOW, note=_OUTPUT_NOTE)
@attr.s(eq=False, frozen=True)
class ClientOutput_0_18:
    """What a client sends to the server, as of TFF 0.18 to 0.74.

    The attributes are those of 0.1; in 0.18 and 0.19 `optimizer_output` is summed at the server.
    """

    weights_delta: Any = attr.ib()
    weights_delta_weight: Any = attr.ib()
    model_output: Any = attr.ib()
    optimizer_output: Any = attr.ib(default=None)


class _FedAvg:
    """Federated averaging on a client, as `tff.learning.ClientFedAvg` of all releases did it."""

    as_of: AsOf

    def _prepare(self, model: Any, optimizer_fn: Any, client_weight: Any) -> None:
        if not isinstance(model, VariableModel):
            raise TypeError(f"Expected a tff.learning.Model, found {type(model).__name__}.")
        release = self.as_of.release
        self._release = release
        self._model = model
        self._client_weight = client_weight
        self._train = training.OptimizerTraining(
            model,
            building.optimizer_in_era(optimizer_fn, release),
            count_dtype=building.count_dtype(release),
        )

    @property
    def variables(self):
        """An empty list: all variables are the model's."""
        return []

    def __call__(self, dataset, initial_weights):
        """The `ClientOutput` of training on a data set, from these weights."""
        weights = state.weights_of(self._model, self._release)

        @tf.function
        def train():
            tf.nest.map_structure(lambda a, b: a.assign(b), weights, initial_weights)
            result = self._train(dataset, initial_weights, weights.trainable)
            report = training.local_metrics(self._model, self._release)
            delta, not_finite = training.zero_if_any_non_finite(result.delta)
            weight = result.weight
            if self._client_weight is not None:
                weight = tf.cast(self._client_weight(report, result.num_examples), tf.float32)
            weight = tf.where(not_finite > 0, tf.zeros_like(weight), weight)
            return delta, weight, report, result.num_examples, not_finite

        delta, weight, report, count, not_finite = train()
        further: Any = ()
        if self._release < FIRST_WITHOUT_SUMMED_OUTPUTS:
            further = collections.OrderedDict(num_examples=count)
        if self._release < FIRST_WITH_SUMMED_OUTPUTS:
            further["has_non_finite_delta"] = not_finite
        output: Any = ClientOutput
        if self._release >= FIRST_WITH_SUMMED_OUTPUTS:
            output = ClientOutput_0_18
        return output(delta, weight, report, further)


@adapter(_DELTA, releases="<0.39", note=_WORK_NOTE)
class ClientDeltaFn(Derived, StandsFor, abc.ABC):
    """The base class of client updates, as of TFF 0.1 to 0.38.

    A subclass has the property `variables` and can be called with a data set and the initial
    weights, to give a `ClientOutput`.

    Raises:
      TypeError: A subclass that lacks one of them is instantiated.
    """

    as_of: AsOf
    stands_for = (_FedAvg,)

    @property
    @abc.abstractmethod
    def variables(self):
        """The variables of this object, without those of the model."""

    @abc.abstractmethod
    def __call__(self, dataset, initial_weights):
        """The `ClientOutput` of training on a data set, from these weights."""


if installation.version() < _FIRST_WITHOUT_CLIENT_DELTAS:
    # There the base class is the installed one, which is told in its own way.
    installation.symbol(_DELTA).register(_FedAvg)


@adapter(_FED_AVG, releases=">=0.14,<0.17", note=_FED_AVG_NOTE)
class ClientFedAvg_0_14(_FedAvg):
    """Federated averaging on a client, as of TFF 0.14 to 0.16.

    Args:
      model: A `tff.learning.Model`.
      optimizer: A Keras optimizer.
      client_weight_fn: From the model's local outputs to the client's weight; None for the number
        of examples.

    Raises:
      TypeError: An argument has the wrong type.
    """

    as_of: AsOf

    def __init__(self, model, optimizer, client_weight_fn=None):
        self.as_of.warn(locals())
        self._prepare(model, lambda: optimizer, building.weight_from_fn(client_weight_fn))


@adapter(_FED_AVG, releases=">=0.17,<0.18", note=_FED_AVG_NOTE)
class ClientFedAvg_0_17(_FedAvg):
    """Federated averaging on a client, as of TFF 0.17.

    Args:
      model: A `tff.learning.Model`.
      optimizer: A Keras optimizer.
      client_weight_fn: From the model's local outputs to the client's weight; None for the number
        of examples.
      use_experimental_simulation_loop: Without effect: data sets are always iterated over here.

    Raises:
      TypeError: An argument has the wrong type.
    """

    as_of: AsOf

    def __init__(
        self,
        model,
        optimizer,
        client_weight_fn=None,
        use_experimental_simulation_loop=False,
    ):
        self.as_of.warn(locals())
        self._prepare(
            model,
            lambda: optimizer,
            building.weight_from_fn(client_weight_fn),
        )


@adapter(
    _FED_AVG, releases=">=0.18,<0.28", note=_FED_AVG_NOTE, changed=(FIRST_WITHOUT_SUMMED_OUTPUTS,)
)
class ClientFedAvg_0_18(_FedAvg):
    """Federated averaging on a client, as of TFF 0.18 to 0.27.

    Args:
      model: A `tff.learning.Model`.
      optimizer: A Keras optimizer; from 0.20 on a function without arguments that makes one, or a
        `tff.learning.optimizers.Optimizer`.
      client_weighting: A `tff.learning.ClientWeighting`, or a function from what the model reports
        to the client's weight.
      use_experimental_simulation_loop: Without effect: data sets are always iterated over here.

    Raises:
      TypeError: An argument has the wrong type.
    """

    as_of: AsOf

    def __init__(
        self,
        model,
        optimizer,
        client_weighting=_NUM_EXAMPLES,
        use_experimental_simulation_loop=False,
    ):
        self.as_of.warn(locals())
        given = self.as_of.release < FIRST_WITHOUT_SUMMED_OUTPUTS
        self._prepare(
            model,
            (lambda: optimizer) if given else optimizer,
            building.client_weight_of(client_weighting),
        )


@dataclass(frozen=True)
class _DeltaRound(training.Round):
    """A round in which clients do what a `ClientDeltaFn` says.

    Attributes:
      model_to_client_delta_fn: From a function that makes a model to the `ClientDeltaFn`.
    """

    model_to_client_delta_fn: Callable[[Any], Any]

    def client_work(self) -> Callable[[Any, Any], Any]:
        client_delta_fn = in_era(self.model_to_client_delta_fn, self.release)(self.model_fn)
        summed = FIRST_WITH_SUMMED_OUTPUTS <= self.release < FIRST_WITHOUT_SUMMED_OUTPUTS

        def work(dataset: Any, weights: Any) -> Any:
            output = client_delta_fn(dataset, weights)
            weight = tf.convert_to_tensor(output.weights_delta_weight)
            if self.release < FIRST_WITH_FLOAT_WEIGHTS:
                weight = tf.cast(weight, tf.float32)
            sent = collections.OrderedDict(
                delta=output.weights_delta, weight=weight, report=output.model_output
            )
            if summed:
                sent["statistics"] = output.optimizer_output
            return sent

        return work if self.release < FIRST_WITH_TF_FUNCTION else training.in_tf_function(work)


def _build(
    as_of: AsOf,
    arguments: dict[str, Any],
    *,
    broadcast: training.Exchange,
    aggregation: Callable[[Any], training.Exchange],
) -> Any:
    model_fn, server_optimizer_fn = arguments["model_fn"], arguments["server_optimizer_fn"]
    building.check_builder(model_fn, server_optimizer_fn)
    building.check_callable(
        "model_to_client_delta_fn",
        arguments["model_to_client_delta_fn"],
        "a function from a function that makes a model to a ClientDeltaFn",
    )
    as_of.warn(arguments)
    plan = _DeltaRound(
        as_of.release,
        in_era(model_fn, as_of.release),
        building.optimizer_in_era(server_optimizer_fn, as_of.release),
        broadcast,
        aggregation,
        arguments.get("metrics_aggregator"),
        arguments["model_to_client_delta_fn"],
    )
    return training.build_process(plan)


@adapter(_PROCESS, releases="<0.2", note=_PROCESS_NOTE, gives="training process")
def build_model_delta_optimizer_process_0_1(
    model_fn, model_to_client_delta_fn, server_optimizer_fn=None, *, as_of: AsOf
):
    """A process of rounds of `ClientDeltaFn`s, as of TFF 0.1.

    Args:
      model_fn: A function without arguments that returns a `tff.learning.Model`.
      model_to_client_delta_fn: From `model_fn` to a `ClientDeltaFn`.
      server_optimizer_fn: A function without arguments that returns the server's optimizer; None
        for gradient descent at the rate 1.0.

    Returns:
      A `tff.templates.IterativeProcess` whose `next` gives a state and the metrics.

    Raises:
      TypeError: An argument is not callable.
    """
    server_optimizer_fn = server_optimizer_fn or building.server_sgd_1_0
    return _build(
        as_of,
        locals(),
        broadcast=building.broadcast_of(),
        aggregation=building.aggregation_of(as_of.release),
    )


@adapter(_PROCESS, releases=">=0.2,<0.4", note=_PROCESS_NOTE, gives="training process")
def build_model_delta_optimizer_process_0_2(
    model_fn, model_to_client_delta_fn, server_optimizer_fn, *, as_of: AsOf
):
    """A process of rounds of `ClientDeltaFn`s, as of TFF 0.2 and 0.3.

    Args:
      model_fn: A function without arguments that returns a `tff.learning.Model`.
      model_to_client_delta_fn: From `model_fn` to a `ClientDeltaFn`.
      server_optimizer_fn: A function without arguments that returns the server's optimizer.

    Returns:
      A `tff.templates.IterativeProcess` whose `next` gives a state and the metrics.

    Raises:
      TypeError: An argument is not callable.
    """
    return _build(
        as_of,
        locals(),
        broadcast=building.broadcast_of(),
        aggregation=building.aggregation_of(as_of.release),
    )


@adapter(_PROCESS, releases=">=0.4,<0.15", note=_PROCESS_NOTE, gives="training process")
def build_model_delta_optimizer_process_0_4(
    model_fn,
    model_to_client_delta_fn,
    server_optimizer_fn,
    stateful_delta_aggregate_fn=None,
    stateful_model_broadcast_fn=None,
    *,
    as_of: AsOf,
):
    """A process of rounds of `ClientDeltaFn`s with stateful exchanges, as of TFF 0.4 to 0.14.

    Args:
      model_fn: A function without arguments that returns a `tff.learning.Model`.
      model_to_client_delta_fn: From `model_fn` to a `ClientDeltaFn`.
      server_optimizer_fn: A function without arguments that returns the server's optimizer.
      stateful_delta_aggregate_fn: A `tff.utils.StatefulAggregateFn`; None for the weighted mean.
      stateful_model_broadcast_fn: A `tff.utils.StatefulBroadcastFn`; None for a plain broadcast.

    Returns:
      A `tff.templates.IterativeProcess` whose `next` gives a state and the metrics.

    Raises:
      TypeError: An argument is not callable.
    """
    return _build(
        as_of,
        locals(),
        broadcast=building.broadcast_of(stateful_model_broadcast_fn),
        aggregation=building.aggregation_of(as_of.release, stateful_delta_aggregate_fn),
    )


@adapter(_PROCESS, releases=">=0.15,<0.17", note=_PROCESS_NOTE, gives="training process")
def build_model_delta_optimizer_process_0_15(
    model_fn,
    model_to_client_delta_fn,
    server_optimizer_fn,
    stateful_delta_aggregate_fn=None,
    stateful_model_broadcast_fn=None,
    *,
    broadcast_process=None,
    aggregation_process=None,
    as_of: AsOf,
):
    """A process of rounds of `ClientDeltaFn`s with measured exchanges, as of TFF 0.15 and 0.16.

    Args:
      model_fn: A function without arguments that returns a `tff.learning.Model`.
      model_to_client_delta_fn: From `model_fn` to a `ClientDeltaFn`.
      server_optimizer_fn: A function without arguments that returns the server's optimizer.
      stateful_delta_aggregate_fn: A `tff.utils.StatefulAggregateFn`, or None.
      stateful_model_broadcast_fn: A `tff.utils.StatefulBroadcastFn`, or None.
      broadcast_process: A `tff.templates.MeasuredProcess` from the server to the clients, or None.
      aggregation_process: A `tff.templates.MeasuredProcess` from clients to server, or None.

    Returns:
      A `tff.templates.IterativeProcess` whose `next` gives a state and the metrics.

    Raises:
      TypeError: An argument has the wrong type.
      ValueError: Two ways to broadcast or to aggregate are given.
    """
    return _build(
        as_of,
        locals(),
        broadcast=building.broadcast_of(stateful_model_broadcast_fn, broadcast_process),
        aggregation=building.aggregation_of(
            as_of.release, stateful_delta_aggregate_fn, aggregation_process
        ),
    )


@adapter(_PROCESS, releases=">=0.17,<0.20", note=_PROCESS_NOTE, gives="training process")
def build_model_delta_optimizer_process_0_17(
    model_fn,
    model_to_client_delta_fn,
    server_optimizer_fn,
    *,
    broadcast_process=None,
    aggregation_process=None,
    model_update_aggregation_factory=None,
    as_of: AsOf,
):
    """A process of rounds of `ClientDeltaFn`s with factories, as of TFF 0.17 to 0.19.

    Args:
      model_fn: A function without arguments that returns a `tff.learning.Model`.
      model_to_client_delta_fn: From `model_fn` to a `ClientDeltaFn`.
      server_optimizer_fn: A function without arguments that returns the server's optimizer.
      broadcast_process: A `tff.templates.MeasuredProcess` from the server to the clients, or None.
      aggregation_process: A `tff.templates.MeasuredProcess` from clients to server, or None.
      model_update_aggregation_factory: An aggregation factory; None for the weighted mean.

    Returns:
      A `tff.templates.IterativeProcess` whose `next` gives a state and the metrics.

    Raises:
      TypeError: An argument has the wrong type.
      ValueError: Two ways to aggregate are given.
    """
    return _build(
        as_of,
        locals(),
        broadcast=building.broadcast_of(process=broadcast_process),
        aggregation=building.aggregation_of(
            as_of.release, process=aggregation_process, factory=model_update_aggregation_factory
        ),
    )


@adapter(_PROCESS, releases=">=0.20,<0.39", note=_PROCESS_NOTE, gives="training process")
def build_model_delta_optimizer_process_0_20(
    model_fn,
    model_to_client_delta_fn,
    server_optimizer_fn,
    *,
    broadcast_process=None,
    model_update_aggregation_factory=None,
    metrics_aggregator=None,
    as_of: AsOf,
):
    """A process of rounds of `ClientDeltaFn`s with metric finalizers, as of TFF 0.20 to 0.38.

    Args:
      model_fn: A function without arguments that returns a `tff.learning.Model`.
      model_to_client_delta_fn: From `model_fn` to a `ClientDeltaFn`.
      server_optimizer_fn: A function without arguments that returns a Keras optimizer, or a
        `tff.learning.optimizers.Optimizer`.
      broadcast_process: A `tff.templates.MeasuredProcess` from the server to the clients, or None.
      model_update_aggregation_factory: An aggregation factory; None for the weighted mean.
      metrics_aggregator: As for `tff.learning.metrics.sum_then_finalize`; None for that.

    Returns:
      A `tff.templates.IterativeProcess` whose `next` gives a state and the metrics.

    Raises:
      TypeError: An argument has the wrong type.
    """
    return _build(
        as_of,
        locals(),
        broadcast=building.broadcast_of(process=broadcast_process),
        aggregation=building.aggregation_of(
            as_of.release, factory=model_update_aggregation_factory
        ),
    )
