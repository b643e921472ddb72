"""What the builders of legacy training processes share: their arguments, checked and completed."""

from __future__ import annotations

import collections
import functools
from collections.abc import Mapping
from typing import Any, Callable

import tensorflow as tf
from packaging.version import Version

from tff_compat import modern, tensorflow_names
from tff_compat.adapters.language import structures
from tff_compat.adapters.learning import training
from tff_compat.adapters.registry import AsOf, Replacement, helper
from tff_compat.catalog.boundaries import (
    FIRST_WITH_INT64_COUNTS,
    FIRST_WITH_MEAN_FACTORY,
    FIRST_WITH_MEAN_MEASUREMENTS,
    FIRST_WITH_MODEL_WEIGHTS,
)
from tff_compat.tensorflow_names import in_era

tff = modern.package()


def server_sgd_1_0() -> Any:
    """The server's optimizer where a program passes none."""
    return tensorflow_names.legacy_optimizers().SGD(learning_rate=1.0)


def check_callable(what: str, given: Any, wanted: str) -> None:
    """Raises `TypeError` for an argument that is not callable."""
    if not callable(given):
        raise TypeError(f"`{what}` must be {wanted}, found {type(given).__name__}.")


def check_builder(model_fn: Any, server_optimizer_fn: Any) -> None:
    """Raises `TypeError` unless these are what each builder takes first."""
    if isinstance(model_fn, (tf.keras.Model, tff.learning.models.VariableModel)):
        # Keras models are callable, and would fail much later.
        raise TypeError(
            "`model_fn` must be a function without arguments that makes a new tff.learning.Model "
            f"each time, found the model {type(model_fn).__name__} itself."
        )
    check_callable(
        "model_fn", model_fn, "a function without arguments that returns a tff.learning.Model"
    )
    if not isinstance(server_optimizer_fn, tff.learning.optimizers.Optimizer):
        check_callable(
            "server_optimizer_fn",
            server_optimizer_fn,
            "a function without arguments that returns an optimizer",
        )


class DisjointArgumentError(ValueError):
    """Two arguments exclude each other, as TFF 0.15 to 0.19 said it."""


def broadcast_of(stateful_fn: Any = None, process: Any = None) -> training.Exchange:
    """How the model reaches the clients, by the argument of a program.

    Raises:
      TypeError: The process is no `tff.templates.MeasuredProcess`, or the function not callable.
      DisjointArgumentError: Both are given.
    """
    if stateful_fn is not None and process is not None:
        raise DisjointArgumentError(
            "Give either `stateful_model_broadcast_fn` or `broadcast_process`, not both."
        )
    if stateful_fn is not None:
        check_callable(
            "stateful_model_broadcast_fn", stateful_fn, "a tff.utils.StatefulBroadcastFn"
        )
        return training.from_stateful_fn(stateful_fn)
    if process is not None:
        _check_measured("broadcast_process", process)
        return training.from_measured_process(process)
    return training.plain_broadcast()


def aggregation_of(
    release: Version, stateful_fn: Any = None, process: Any = None, factory: Any = None
) -> Callable[[Any], training.Exchange]:
    """From the type of an update to how updates reach the server, by the arguments of a program.

    Raises:
      TypeError: The process is no `tff.templates.MeasuredProcess`, or the function not callable.
      DisjointArgumentError: More than one is given.
    """
    given = [argument for argument in (stateful_fn, process, factory) if argument is not None]
    if len(given) > 1:
        raise DisjointArgumentError("Give only one way to aggregate the clients' updates.")
    if stateful_fn is not None:
        check_callable(
            "stateful_delta_aggregate_fn", stateful_fn, "a tff.utils.StatefulAggregateFn"
        )
        return lambda delta_type: training.from_stateful_fn(stateful_fn)
    if process is not None:
        _check_measured("aggregation_process", process)
        return lambda delta_type: training.from_measured_process(process)
    if factory is None and release < FIRST_WITH_MEAN_FACTORY:
        return lambda delta_type: training.plain_mean()
    factory = factory or tff.aggregators.MeanFactory()
    return functools.partial(_from_factory, release, factory)


def _check_measured(name: str, process: Any) -> None:
    if not isinstance(process, tff.templates.MeasuredProcess):
        raise TypeError(
            f"`{name}` must be a tff.templates.MeasuredProcess, found {type(process).__name__}."
        )


def _from_factory(release: Version, factory: Any, delta_type: Any) -> training.Exchange:
    if isinstance(factory, tff.aggregators.UnweightedAggregationFactory):
        process = factory.create(delta_type)
    elif isinstance(factory, tff.aggregators.WeightedAggregationFactory):
        process = factory.create(delta_type, tff.TensorType(tf.float32.as_numpy_dtype))
    else:
        raise TypeError(
            "`model_update_aggregation_factory` must be an aggregation factory of "
            f"tff.aggregators, found {type(factory).__name__}."
        )
    exchange = training.from_measured_process(process)
    if release < FIRST_WITH_MEAN_MEASUREMENTS and isinstance(factory, tff.aggregators.MeanFactory):
        return _with_measurements_of_sums(exchange)
    return exchange


def _with_measurements_of_sums(mean: training.Exchange) -> training.Exchange:
    """A mean whose measurements have the names that `MeanFactory` gave them in 0.17."""

    def aggregate(state: Any, value: Any, weight: Any) -> tuple[Any, Any, Any]:
        new_state, result, measurements = mean.next(state, value, weight)
        renamed = collections.OrderedDict(
            value_sum_process=measurements.mean_value, weight_sum_process=measurements.mean_weight
        )
        return new_state, result, tff.federated_zip(renamed)

    return training.Exchange(mean.initialize, aggregate)


def client_weight_of(client_weighting: Any) -> training.ClientWeight | None:
    """A weight function from `client_weighting` of 0.18 on: an enum value or a callable."""
    if client_weighting is None or client_weighting is tff.learning.ClientWeighting.NUM_EXAMPLES:
        return None
    if client_weighting is tff.learning.ClientWeighting.UNIFORM:
        return lambda report, num_examples: tf.constant(1.0)
    if not callable(client_weighting):
        raise TypeError(
            "`client_weighting` must be a tff.learning.ClientWeighting or a function of the "
            f"model's local outputs, found {type(client_weighting).__name__}."
        )
    return lambda report, num_examples: client_weighting(report)


def weight_from_fn(client_weight_fn: Any) -> training.ClientWeight | None:
    """A weight function from `client_weight_fn` of 0.1 to 0.17."""
    if client_weight_fn is None:
        return None
    check_callable("client_weight_fn", client_weight_fn, "a function of the model's local outputs")
    return lambda report, num_examples: client_weight_fn(report)


SERVER = "[?, server_optimizer_fn={server_optimizer_fn:server_of_averaging}?]"
"""A part of the code for a legacy builder: the optimizer of the server."""

OUTPUTS = "[?, metrics_aggregator={model_fn:outputs}?]"
"""A part of that code: models that report outputs of their own."""

METRICS = "[?, metrics_aggregator={metrics_aggregator:aggregator}?]"
"""A part of that code: how metrics are aggregated."""

helper(
    "distribution_of_process",
    '''\
def distribution_of_process(process):
  """The distribution of models by a process that broadcasts them; none without one."""
  return process and tff.learning.templates.DistributionProcess(process.initialize, process.next)
''',
)
DISTRIBUTOR = "[?, model_distributor={!distribution_of_process}({broadcast_process})?]"
"""A part of that code: how models reach the clients."""

LOOP = "[?, loop_implementation={use_experimental_simulation_loop:loop}?]"
"""A part of that code: how clients go over their data."""

_BROADCAST = (
    "[?, model_distributor={!distribution_process}({model_fn}, {stateful_model_broadcast_fn})?]"
)
STATEFUL = _BROADCAST + "[?, model_aggregator={stateful_delta_aggregate_fn}?]"
"""A part of that code: the stateful functions of 0.6 to 0.16 as what they become."""

STATEFUL_BY_NAME = _BROADCAST + (
    "[?, model_aggregator={!aggregation_by_name}({model_fn}, {stateful_delta_aggregate_fn})?]"
)
"""The same up to 0.11, when updates had the names of the variables."""

helper(
    "aggregation_of_process",
    '''\
def aggregation_of_process(process):
  """The factory of an aggregation that is there as a process; a factory stays as it is."""
  if process is None or isinstance(process, (tff.aggregators.WeightedAggregationFactory,
                                             tff.aggregators.UnweightedAggregationFactory)):
    return process

  class OfProcess(tff.aggregators.WeightedAggregationFactory):

    def create(self, value_type, weight_type):
      return tff.templates.AggregationProcess(process.initialize, process.next)

  return OfProcess()
''',
)
AGGREGATION_PROCESS = "[?, model_aggregator={!aggregation_of_process}({aggregation_process})?]"
FACTORY = "[?, model_aggregator={model_update_aggregation_factory}?]"


def with_stateful(template: str) -> dict[str, Replacement]:
    """The cases of a builder that gets stateful functions, which others give processes."""
    names = ("stateful_delta_aggregate_fn", "stateful_model_broadcast_fn")
    return {name: Replacement(template) for name in names}


def by_process(template: str) -> dict[str, Replacement]:
    """The case of a builder that gets an aggregation as a process."""
    return {"aggregation_process": Replacement(template)}


def case_of(as_of: AsOf, arguments: Mapping[str, Any]) -> str:
    """The declared case of a call, by which parameters and which kind of aggregation it gives."""
    factory = arguments.get("model_update_aggregation_factory")
    if factory is not None and "unweighted" in as_of.adapter.cases:
        unweighted = isinstance(factory, tff.aggregators.UnweightedAggregationFactory)
        return "unweighted" if unweighted else "weighted"
    given = (name for name in as_of.adapter.cases if arguments.get(name) is not None)
    return next(given, "")


def weighting_of(factory: Any, client_weighting: Any) -> Any:
    """Unweighted aggregation means uniform clients, and refuses any other weighting."""
    uniform = tff.learning.ClientWeighting.UNIFORM
    if isinstance(factory, tff.aggregators.UnweightedAggregationFactory):
        if client_weighting not in (None, uniform):
            raise ValueError(
                "An unweighted `model_update_aggregation_factory` cannot use the client weighting "
                f"{client_weighting}."
            )
        return uniform
    return client_weighting


def optimizer_in_era(optimizer: Any, release: Version) -> Any:
    """An optimizer function that runs under the names of its time; anything else stays as it is."""
    return in_era(optimizer, release) if callable(optimizer) else optimizer


def count_dtype(release: Version) -> tf.DType:
    """The integer type in which a release counted examples."""
    return tf.int64 if release >= FIRST_WITH_INT64_COUNTS else tf.int32


def with_model_weights(process: Any, release: Version) -> Any:
    """The process, with the computation `get_model_weights` that those of 0.18 on had."""
    if release < FIRST_WITH_MODEL_WEIGHTS:
        return process
    state_type = process.initialize.type_signature.result.member

    @tff.tensorflow.computation(state_type)
    def get_model_weights(server_state):
        return server_state.model

    process.get_model_weights = structures.with_results_of(get_model_weights, release)
    return process
