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
from tff_compat.adapters.registry import AsOf, Replacement, adapter, helper
from tff_compat.adapters.stand_ins import StandsFor
from tff_compat.adapters.subclassing import Derived
from tff_compat.catalog.boundaries import (
    FIRST_WITH_FLOAT_WEIGHTS,
    FIRST_WITH_SUMMED_OUTPUTS,
    FIRST_WITH_TF_FUNCTION,
    FIRST_WITHOUT_SUMMED_OUTPUTS,
)
from tff_compat.declared.replacement import AS_VALUE
from tff_compat.tensorflow_names import in_era

tff = modern.package()

VariableModel: Any = tff.learning.models.VariableModel
_NUM_EXAMPLES = tff.learning.ClientWeighting.NUM_EXAMPLES

_FIRST_WITHOUT_CLIENT_DELTAS = Version("0.39")

_DELTA = "tff.learning.framework.ClientDeltaFn"

helper(
    "ClientOutput",
    '''\
class ClientOutput(typing.NamedTuple):
  """What a client sends to the server."""

  weights_delta: typing.Any
  weights_delta_weight: typing.Any
  model_output: typing.Any
  optimizer_output: typing.Any = None
''',
)
helper(
    "ClientDeltaFn",
    '''\
class ClientDeltaFn(abc.ABC):
  """An update of a client: called with its data set and the initial weights."""

  @property
  @abc.abstractmethod
  def variables(self):
    """The variables of this object, without those of the model."""

  @abc.abstractmethod
  def __call__(self, dataset, initial_weights):
    """The `ClientOutput` of training on a data set, from these weights."""
''',
)
helper(
    "optimizer_in_place",
    '''\
def optimizer_in_place(optimizer, variables):
  """An optimizer of Keras that was made for these variables, as one of TFF without a state."""
  if hasattr(optimizer, 'build'):
    optimizer.build(variables)

  class InPlace(tff.learning.optimizers.Optimizer):

    def initialize(self, specs):
      return ()

    def next(self, state, weights, gradients):
      optimizer.apply_gradients(list(zip(gradients, weights)))
      return state, tuple(weight.read_value() for weight in weights)

  return InPlace()
''',
)
helper(
    "ClientFedAvg",
    '''\
class ClientFedAvg(ClientDeltaFn):
  """Federated averaging on a client."""

  variables = ()

  def __init__(self, model, optimizer, client_weighting=None,
               use_experimental_simulation_loop=False, *, client_weight_fn=None):
    if not isinstance(model, tff.learning.models.VariableModel):
      raise TypeError(f'The model is a {type(model).__name__}.')
    kinds = tf.keras.optimizers.Optimizer, tf.keras.optimizers.legacy.Optimizer
    if isinstance(optimizer, kinds):
      optimizer = optimizer_in_place(optimizer, model.trainable_variables)
    self._model = model
    self._train = local_training(model, keras_optimizer(optimizer))
    self._weighting = client_weighting or client_weight_fn

  def __call__(self, dataset, initial_weights):
    change, count = self._train(initial_weights, dataset)
    outputs = self._model.report_local_unfinalized_metrics()
    result = weighted_update(change, self._weighting, count, outputs)
    delta = tf.nest.map_structure(tf.negative, result.update)
    return ClientOutput(delta, result.update_weight, outputs,
                        collections.OrderedDict(num_examples=count))
''',
)
helper(
    "process_of_client_deltas",
    '''\
def process_of_client_deltas(model_fn, client_delta_fn, server_optimizer_fn=None,
                             with_statistics=False, **options):
  """Federated optimization with what `client_delta_fn` makes of `model_fn` on the clients."""
  def make_update():
    client_delta = client_delta_fn(model_fn)

    @tf.function
    def update(weights, dataset):
      output = client_delta(dataset, weights)
      delta = output.weights_delta
      parts = delta.values() if isinstance(delta, dict) else tf.nest.flatten(delta)
      change = tf.nest.pack_sequence_as(weights.trainable, [-part for part in parts])
      weight = tf.cast(output.weights_delta_weight, tf.float32)
      reports = collections.OrderedDict(train=output.model_output)
      if with_statistics:
        reports['stat'] = output.optimizer_output
      return tff.learning.templates.ClientResult(change, weight), reports

    return update

  return process_of_updates(model_fn, make_update, server_optimizer_fn, **options)
''',
)

helper(
    "build_model_delta_process",
    '''\
def build_model_delta_process(
    model_fn, model_to_client_delta_fn, server_optimizer_fn=None, stateful_delta_aggregate_fn=None,
    stateful_model_broadcast_fn=None, *, broadcast_process=None, aggregation_process=None,
    model_update_aggregation_factory=None, metrics_aggregator=None, with_statistics=False):
  """Federated optimization of whatever `build_model_delta_optimizer_process` took."""
  aggregations = [each for each in (
      stateful_delta_aggregate_fn, model_update_aggregation_factory,
      aggregation_of_process(aggregation_process)) if each is not None]
  if len(aggregations) > 1:
    raise ValueError('There are several ways to aggregate.')
  distributor = distribution_of_process(broadcast_process)
  if stateful_model_broadcast_fn is not None:
    distributor = distribution_process(model_fn, stateful_model_broadcast_fn)
  return process_of_client_deltas(
      model_fn, model_to_client_delta_fn,
      optimizer_of_then(
          server_optimizer_fn or (lambda: tf.keras.optimizers.legacy.SGD(learning_rate=1.0))),
      with_statistics,
      model_aggregator=aggregations[0] if aggregations else None,
      model_distributor=distributor,
      metrics_aggregator=metrics_aggregator or aggregate_outputs)
''',
)

_OUTPUT_NOW = "{!ClientOutput}"
_DELTA_NOTE = (
    "what TFF itself does with clients is a `next_fn` of a "
    "tff.learning.templates.ClientWorkProcess now"
)
_FED_AVG_NOTE = (
    "tff.learning.templates.build_model_delta_client_work does this for a function that makes the "
    "model."
)


def _process_now(*parts: str) -> str:
    given = "".join((building.SERVER, building.DISTRIBUTOR, *parts))
    return f"{{!process_of_client_deltas}}({{model_fn}}, {{model_to_client_delta_fn}}{given})"


def _by_process(code: str) -> dict[str, Replacement]:
    """The case of an aggregation that is given as a process."""
    return {"aggregation_process": Replacement(code, _DELTA_NOTE)}


_STATISTICS = ", with_statistics=True"
_OF_ANY_CALL = {AS_VALUE: Replacement("{!build_model_delta_process}", _DELTA_NOTE)}


@adapter(
    "tff.learning.framework.ClientOutput",
    releases="<0.11",
    replacement=_OUTPUT_NOW,
)
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


@adapter(
    "tff.learning.framework.ClientOutput",
    releases=">=0.11,<0.18",
    replacement=_OUTPUT_NOW,
)
@attr.s(eq=False, frozen=True)
class ClientOutput:
    """What a client sends to the server, as of TFF 0.11 to 0.17.

    The attributes are those of 0.1.
    """

    weights_delta: Any = attr.ib()
    weights_delta_weight: Any = attr.ib()
    model_output: Any = attr.ib()
    optimizer_output: Any = attr.ib()


@adapter(
    "tff.learning.framework.ClientOutput",
    releases=">=0.18,<0.75",
    replacement=_OUTPUT_NOW,
)
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


@adapter(
    "tff.learning.framework.ClientDeltaFn",
    releases="<0.39",
    replacement="{!ClientDeltaFn}",
    note=_DELTA_NOTE,
)
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


@adapter(
    "tff.learning.ClientFedAvg",
    releases=">=0.14,<0.18",
    replacement="{!ClientFedAvg}",
    note=_FED_AVG_NOTE,
    forms=True,
)
class ClientFedAvg_0_14(_FedAvg):
    """Federated averaging on a client, as of TFF 0.14 to 0.17.

    Args:
      model: A `tff.learning.Model`.
      optimizer: A Keras optimizer.
      client_weight_fn: From the model's local outputs to the client's weight; None for the number
        of examples.
      use_experimental_simulation_loop: A boolean, in 0.17. No effect: data sets are always iterated
        over here.

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
        self._prepare(model, lambda: optimizer, building.weight_from_fn(client_weight_fn))


@adapter(
    "tff.learning.ClientFedAvg",
    releases=">=0.18,<0.28",
    replacement="{!ClientFedAvg}",
    note=_FED_AVG_NOTE,
    changed=(FIRST_WITHOUT_SUMMED_OUTPUTS,),
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


@adapter(
    "tff.learning.framework.build_model_delta_optimizer_process",
    releases="<0.12",
    replacement=_process_now(building.OUTPUTS, building.STATEFUL_BY_NAME),
    note=_DELTA_NOTE,
    cases=_OF_ANY_CALL,
    gives="training process",
    hands="maker of models",
    forms=True,
)
@adapter(
    "tff.learning.framework.build_model_delta_optimizer_process",
    releases=">=0.12,<0.18",
    replacement=_process_now(building.OUTPUTS, building.STATEFUL, building.FACTORY),
    note=_DELTA_NOTE,
    cases={
        **_OF_ANY_CALL,
        **_by_process(_process_now(building.OUTPUTS, building.AGGREGATION_PROCESS)),
    },
    gives="training process",
    hands="maker of models",
    forms=True,
)
@adapter(
    "tff.learning.framework.build_model_delta_optimizer_process",
    releases=">=0.18,<0.20",
    replacement=_process_now(building.OUTPUTS, building.FACTORY, _STATISTICS),
    note=_DELTA_NOTE,
    cases={
        AS_VALUE: Replacement(
            "functools.partial({!build_model_delta_process}, with_statistics=True)", _DELTA_NOTE
        ),
        **_by_process(_process_now(building.OUTPUTS, building.AGGREGATION_PROCESS, _STATISTICS)),
    },
    gives="training process",
    hands="maker of models",
    forms=True,
)
@adapter(
    "tff.learning.framework.build_model_delta_optimizer_process",
    releases=">=0.20,<0.39",
    replacement=_process_now(building.METRICS, building.FACTORY),
    note=_DELTA_NOTE,
    cases=_OF_ANY_CALL,
    gives="training process",
    hands="maker of models",
    forms=True,
)
def build_model_delta_optimizer_process(
    model_fn,
    model_to_client_delta_fn,
    server_optimizer_fn,
    stateful_delta_aggregate_fn=None,
    stateful_model_broadcast_fn=None,
    broadcast_process=None,
    aggregation_process=None,
    model_update_aggregation_factory=None,
    metrics_aggregator=None,
    *,
    as_of: AsOf,
):
    """A process of rounds of `ClientDeltaFn`s, as of TFF 0.1 to 0.38.

    Args:
      model_fn: A function without arguments that returns a `tff.learning.Model`.
      model_to_client_delta_fn: From `model_fn` to a `ClientDeltaFn`.
      server_optimizer_fn: A function without arguments that returns the server's Keras optimizer;
        since 0.20 also a `tff.learning.optimizers.Optimizer`; in 0.1 None for gradient descent at
        the rate 1.0.
      stateful_delta_aggregate_fn: From 0.4 to 0.16: a `tff.utils.StatefulAggregateFn`; None for the
        weighted mean.
      stateful_model_broadcast_fn: From 0.4 to 0.16: a `tff.utils.StatefulBroadcastFn`; None for a
        plain broadcast.
      broadcast_process: A `tff.templates.MeasuredProcess` from the server to the clients, since
        0.15; None for a plain broadcast.
      aggregation_process: A `tff.templates.MeasuredProcess` from clients to server, from 0.15 to
        0.19; None for the weighted mean.
      model_update_aggregation_factory: An aggregation factory of `tff.aggregators`, since 0.17;
        None for the weighted mean.
      metrics_aggregator: As `tff.learning.metrics.sum_then_finalize`, since 0.20; None for that.

    Returns:
      A `tff.templates.IterativeProcess` whose `next` gives a state and the metrics.

    Raises:
      TypeError: An argument is not callable, or has the wrong type.
      ValueError: Two ways to broadcast or to aggregate are given.
    """
    release = as_of.release
    if as_of.is_none_by_default("server_optimizer_fn"):
        server_optimizer_fn = server_optimizer_fn or building.server_sgd_1_0
    arguments = locals()
    broadcast = building.broadcast_of(stateful_model_broadcast_fn, broadcast_process)
    aggregation = building.aggregation_of(
        release, stateful_delta_aggregate_fn, aggregation_process, model_update_aggregation_factory
    )
    building.check_builder(model_fn, server_optimizer_fn)
    building.check_callable(
        "model_to_client_delta_fn",
        model_to_client_delta_fn,
        "a function from a function that makes a model to a ClientDeltaFn",
    )
    as_of.warn(arguments)
    plan = _DeltaRound(
        release,
        in_era(model_fn, release),
        building.optimizer_in_era(server_optimizer_fn, release),
        broadcast,
        aggregation,
        metrics_aggregator,
        model_to_client_delta_fn,
    )
    return training.build_process(plan)
