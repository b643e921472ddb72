"""Stateful aggregation and broadcast: functions that carry state from round to round."""

from __future__ import annotations

from typing import Any

from packaging.version import Version

from tff_compat import modern
from tff_compat.adapters import registry
from tff_compat.adapters.language import handed
from tff_compat.adapters.registry import AsOf, adapter, helper
from tff_compat.catalog.boundaries import FIRST_TO_CHECK_PLACEMENTS

tff = modern.package()


helper(
    "StatefulAggregation",
    '''\
class StatefulAggregation(tff.aggregators.WeightedAggregationFactory):
  """An aggregation by a function from a state, values and weights to a new state and a result."""

  def __init__(self, initialize_fn, next_fn):
    self.initialize = initialize_fn
    self._next_fn = next_fn

  def __call__(self, state, value, weight=None):
    given = (state, value) if weight is None else (state, value, weight)
    return self._next_fn(*given)

  def create(self, value_type, weight_type):
    """The same as a process, for values and weights of these types."""
    start = tff.tensorflow.computation(lambda: self.initialize())

    @tff.federated_computation
    def initialize():
      return tff.federated_eval(start, tff.SERVER)

    @tff.federated_computation(
        initialize.type_signature.result, tff.FederatedType(value_type, tff.CLIENTS),
        tff.FederatedType(weight_type, tff.CLIENTS))
    def next_fn(state, value, weight):
      state, result = self(state, value, weight)
      return tff.templates.MeasuredProcessOutput(state, result, tff.federated_value((), tff.SERVER))

    return tff.templates.AggregationProcess(initialize, next_fn)
''',
)
helper(
    "aggregation_by_name",
    '''\
def aggregation_by_name(model_fn, aggregation):
  """An aggregation that gets the updates of a model by the names of its variables."""
  names = names_of_variables(model_fn, 'trainable_variables')

  class AggregationByName(tff.aggregators.WeightedAggregationFactory):

    def create(self, value_type, weight_type):

      @tff.tensorflow.computation(value_type)
      def with_names(value):
        return tff.structure.Struct(list(zip(names, value)))

      process = aggregation.create(with_names.type_signature.result, weight_type)

      @tff.tensorflow.computation(process.next.type_signature.result.result.member)
      def without_names(value):
        return list(value.values() if isinstance(value, dict) else value)

      @tff.federated_computation(
          process.initialize.type_signature.result, tff.FederatedType(value_type, tff.CLIENTS),
          tff.FederatedType(weight_type, tff.CLIENTS))
      def next_fn(state, value, weight):
        output = process.next(state, tff.federated_map(with_names, value), weight)
        result = tff.federated_map(without_names, output.result)
        return tff.templates.MeasuredProcessOutput(output.state, result, output.measurements)

      return tff.templates.AggregationProcess(process.initialize, next_fn)

  return AggregationByName()
''',
)
helper(
    "StatefulBroadcast",
    '''\
class StatefulBroadcast:
  """A broadcast by a function from a state and a value to a new state and the value at clients."""

  def __init__(self, initialize_fn, next_fn):
    self.initialize = initialize_fn
    self._next_fn = next_fn

  def __call__(self, state, value):
    return self._next_fn(state, value)
''',
)
helper(
    "distribution_process",
    '''\
def distribution_process(model_fn, broadcast):
  """The process that gives clients the weights of a model by a broadcast with a state."""
  start = tff.tensorflow.computation(lambda: broadcast.initialize())
  weights = tff.tensorflow.computation(
      lambda: tff.learning.models.ModelWeights.from_model(model_fn()))

  @tff.federated_computation
  def initialize():
    return tff.federated_eval(start, tff.SERVER)

  @tff.federated_computation(
      initialize.type_signature.result,
      tff.FederatedType(weights.type_signature.result, tff.SERVER))
  def next_fn(state, weights):
    state, at_clients = broadcast(state, weights)
    return tff.templates.MeasuredProcessOutput(
        state, at_clients, tff.federated_value((), tff.SERVER))

  return tff.learning.templates.DistributionProcess(initialize, next_fn)
''',
)


def stateful_fn(name: str, initialize_fn: Any, next_fn: Any, release: Version) -> Any:
    """A `StatefulAggregateFn` or `StatefulBroadcastFn` that other adapters of a release make."""
    declared: Any = registry.find(f"tff.utils.{name}", release)
    kind = declared.bind(release)
    made = kind.__new__(kind)
    made._initialize_fn, made._next_fn = initialize_fn, next_fn
    return made


def _initial(initialize_fn: Any) -> Any:
    if not callable(initialize_fn):
        raise TypeError(
            "`initialize_fn` must be a function without arguments that returns the initial state, "
            f"found {type(initialize_fn).__name__}."
        )
    return initialize_fn


def _check_placed(name: str, value: Any, placement: Any, release: Version) -> None:
    if release < FIRST_TO_CHECK_PLACEMENTS:
        return
    if not isinstance(value, tff.Value):
        raise TypeError(f"`{name}` must be a tff.Value, found {type(value).__name__}.")
    found = value.type_signature
    if not isinstance(found, tff.FederatedType) or found.placement is not placement:
        raise TypeError(f"`{name}` must be placed at {placement}, found the type {found}.")


def _next(next_fn: Any) -> Any:
    if not callable(next_fn):
        raise TypeError(
            "`next_fn` must be a function of the state and a value, found "
            f"{type(next_fn).__name__}."
        )
    return next_fn


@adapter(
    "tff.utils.StatefulAggregateFn",
    releases=">=0.4,<0.17",
    replacement="{!StatefulAggregation}({initialize_fn}, {next_fn})",
)
class StatefulAggregateFn:
    """An aggregation with a state at the server, as of TFF 0.4 to 0.16.

    Args:
      initialize_fn: A function or `tff.Computation` without arguments that gives the initial state,
        not placed.
      next_fn: From a state at the server, a value and a weight at the clients to the new state and
        the aggregate at the server, inside a federated computation.

    Raises:
      TypeError: An argument is not callable.
    """

    as_of: AsOf

    def __init__(self, initialize_fn, next_fn):
        self.as_of.warn({"initialize_fn": initialize_fn, "next_fn": next_fn})
        self._initialize_fn = _initial(initialize_fn)
        self._next_fn = handed.to_program(_next(next_fn), self.as_of.release)

    def initialize(self):
        """The initial state."""
        return self._initialize_fn()

    def __call__(self, state, value, weight=None):
        """The new state and the aggregate of `value`.

        Raises:
          TypeError: From 0.6, the state is not placed at the server, or a value not at the clients.
        """
        release = self.as_of.release
        _check_placed("state", state, tff.SERVER, release)
        _check_placed("value", value, tff.CLIENTS, release)
        if weight is not None:
            _check_placed("weight", weight, tff.CLIENTS, release)
        if weight is None:
            return self._next_fn(state, value)
        return self._next_fn(state, value, weight)


@adapter(
    "tff.utils.StatefulBroadcastFn",
    releases=">=0.4,<0.17",
    replacement="{!StatefulBroadcast}({initialize_fn}, {next_fn})",
)
class StatefulBroadcastFn:
    """A broadcast with a state at the server, as of TFF 0.4 to 0.16.

    Args:
      initialize_fn: A function or `tff.Computation` without arguments that gives the initial state,
        not placed.
      next_fn: From a state and a value at the server to the new state at the server and the value
        at the clients, inside a federated computation.

    Raises:
      TypeError: An argument is not callable.
    """

    as_of: AsOf

    def __init__(self, initialize_fn, next_fn):
        self.as_of.warn({"initialize_fn": initialize_fn, "next_fn": next_fn})
        self._initialize_fn = _initial(initialize_fn)
        self._next_fn = handed.to_program(_next(next_fn), self.as_of.release)

    def initialize(self):
        """The initial state."""
        return self._initialize_fn()

    def __call__(self, state, value):
        """The new state and `value` at the clients.

        Raises:
          TypeError: From 0.6, an argument is not placed at the server.
        """
        _check_placed("state", state, tff.SERVER, self.as_of.release)
        _check_placed("value", value, tff.SERVER, self.as_of.release)
        return self._next_fn(state, value)
