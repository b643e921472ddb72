"""Keras metrics across clients: re-created, summed and finalized as the releases did it."""

from __future__ import annotations

import collections
import typing
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf
from packaging.version import Version

from tff_compat import installation, modern
from tff_compat.adapters.language import structures, type_classes, types
from tff_compat.adapters.registry import NEVER, AsOf, adapter, helper, member
from tff_compat.catalog.boundaries import FIRST_WITH_DTYPES_BY_NAME

tff = modern.package()

_ROLE = "aggregation of metrics"
member(
    _ROLE,
    ".type_signature",
    releases=">=0.20,<0.69",
    note="It takes metrics of any type now and has none itself; of one type is "
    "`tff.federated_computation(lambda metrics: aggregate(metrics), "
    "tff.FederatedType(unfinalized_type, tff.CLIENTS))`.",
)


def recreate(metric: Any) -> Any:
    """A fresh metric like `metric`, with its variables in the present graph.

    Args:
      metric: A `tf.keras.metrics.Metric`, re-created from its config, or a function that makes one.

    Raises:
      TypeError: The class of the metric does not take its own config, or no metric comes out.
    """
    if isinstance(metric, tf.keras.metrics.Metric):
        config = metric.get_config()
        try:
            return type(metric).from_config(config)
        except TypeError as error:
            raise TypeError(
                f"{type(metric).__name__}.from_config() does not take its own config {config}: "
                f"{error}. TFF makes a metric anew from its config, so that __init__ wants an "
                "argument for each entry, and get_config an entry for each argument."
            ) from error
    made = metric()
    if not isinstance(made, tf.keras.metrics.Metric):
        raise TypeError(
            "A metric is a tf.keras.metrics.Metric or a function without arguments that makes one; "
            f"found a function that returns {type(made).__name__}."
        )
    return made


def finalizer(metric: Any) -> Callable[[list[tf.Tensor]], Any]:
    """A `tf.function` from the values of a metric's variables to the metric's result."""

    @tf.function
    def finalize(unfinalized: Any) -> Any:
        # The variables belong to the graph in which the finalizer is used.
        with tf.init_scope():
            fresh = recreate(metric)
        for variable, value in zip(fresh.variables, unfinalized):
            variable.assign(value)
        return fresh.result()

    return finalize


def aggregate(metrics: Any, federated_values: Any) -> Any:
    """Sums the variables of Keras metrics over the clients and gives the results at the server.

    Args:
      metrics: A metric or a function that makes one, or a sequence of either.
      federated_values: The values of the metrics' variables at CLIENTS: a list for one metric, a
        named structure of lists in the order of `metrics` for several.

    Returns:
      The result at SERVER: a value for one metric, an `OrderedDict` by metric name for several.
    """
    member = federated_values.type_signature.member

    def results(accumulators: Any) -> Any:
        def result(metric: Any, values: Any) -> Any:
            fresh = recreate(metric)
            assignments = [v.assign(value) for v, value in zip(fresh.variables, values)]
            with tf.control_dependencies(assignments):
                return fresh.result()

        if isinstance(metrics, Sequence):
            return collections.OrderedDict(
                (name, result(metric, values))
                for metric, (name, values) in zip(metrics, accumulators.items())
            )
        return result(metrics, accumulators)

    summed = tff.federated_sum(federated_values)
    return tff.federated_map(tff.tensorflow.computation(results, member), summed)


MetricsAggregatorType: Any = typing.Callable[  # noqa: UP006 - the other has no signature
    [collections.OrderedDict[str, Callable[[Any], Any]], tff.StructWithPythonType],
    tff.Computation,
]
"""What `metrics_aggregator` was, for annotations: a protocol since 0.69."""

adapter(
    "tff.learning.metrics.MetricsAggregatorType",
    releases=">=0.53,<0.69",
    replacement="tff.learning.metrics.MetricsAggregatorType",
    legacy=NEVER,
)(MetricsAggregatorType)


def _of_type(aggregate: Any, unfinalized_type: Any, release: Version) -> Any:
    """The aggregation of metrics of one type; the installed TFF's is for any type."""

    @tff.federated_computation(tff.FederatedType(unfinalized_type, tff.CLIENTS))
    def aggregated(unfinalized: Any) -> Any:
        return aggregate(unfinalized)

    return structures.with_results_of(aggregated, release)


@adapter(
    "tff.learning.metrics.sum_then_finalize",
    releases=">=0.20,<0.69",
    replacement=(
        "tff.learning.metrics.sum_then_finalize("
        "{metric_finalizers}, {local_unfinalized_metrics_type})"
    ),
    legacy=NEVER,
    gives=_ROLE,
    changed=type_classes.CHANGED,
)
def sum_then_finalize(metric_finalizers, local_unfinalized_metrics_type, *, as_of: AsOf):
    """The computation that sums metrics and finalizes the sums, as of TFF 0.20 to 0.68.

    Args:
      metric_finalizers: Functions by the names of the metrics, or one for all of them.
      local_unfinalized_metrics_type: The type of the unfinalized metrics of a client.

    Returns:
      A `tff.Computation` from unfinalized metrics at CLIENTS to metrics at SERVER.

    Raises:
      TypeError: An argument is none of these.
      ValueError: The names of finalizers and metrics differ.
    """
    unfinalized_type = types.to_type(local_unfinalized_metrics_type, as_of.release)
    aggregate = tff.learning.metrics.sum_then_finalize(metric_finalizers, unfinalized_type)
    return _of_type(aggregate, unfinalized_type, as_of.release)


@adapter(
    "tff.learning.metrics.secure_sum_then_finalize",
    releases=">=0.20,<0.69",
    replacement=(
        "tff.learning.metrics.secure_sum_then_finalize({metric_finalizers}, "
        "{local_unfinalized_metrics_type}[?, {metric_value_ranges}?])"
    ),
    legacy=NEVER,
    gives=_ROLE,
    changed=type_classes.CHANGED,
)
def secure_sum_then_finalize(
    metric_finalizers, local_unfinalized_metrics_type, metric_value_ranges=None, *, as_of: AsOf
):
    """The computation that sums metrics securely and finalizes the sums, as of TFF 0.20 to 0.68.

    Args:
      metric_finalizers: Functions by the names of the metrics, or one for all of them.
      local_unfinalized_metrics_type: The type of the unfinalized metrics of a client.
      metric_value_ranges: Bounds of the values, by the names of the metrics; None for those that
        TFF estimates.

    Returns:
      A `tff.Computation` from unfinalized metrics at CLIENTS to metrics at SERVER.

    Raises:
      TypeError: An argument is none of these.
      ValueError: The names of finalizers and metrics differ.
    """
    unfinalized_type = types.to_type(local_unfinalized_metrics_type, as_of.release)
    secure_sum = tff.learning.metrics.secure_sum_then_finalize(
        metric_finalizers, unfinalized_type, metric_value_ranges
    )

    def aggregate(unfinalized: Any) -> Any:
        metrics = secure_sum(unfinalized)
        if as_of.release < FIRST_WITH_DTYPES_BY_NAME <= installation.version():
            by_number = tff.tensorflow.computation(_with_dtypes_by_number)
            return tff.federated_map(by_number, metrics)
        return metrics

    return _of_type(aggregate, unfinalized_type, as_of.release)


def _with_dtypes_by_number(metrics: Any) -> Any:
    """The metrics, with measurements of sums that are named by bounds and the number of a dtype."""
    measurements = collections.OrderedDict()
    for name, each in metrics["secure_sum_measurements"].items():
        bounds, _, dtype = name.rpartition("/")
        measurements[f"{bounds}/{tf.as_dtype(dtype).as_datatype_enum}"] = each
    return collections.OrderedDict(metrics, secure_sum_measurements=measurements)


def is_sum_then_finalize(aggregator: Any) -> bool:
    """Whether it is `sum_then_finalize`, of the installed TFF or as a view offers it."""
    return getattr(aggregator, "__code__", None) in (
        tff.learning.metrics.sum_then_finalize.__code__,
        sum_then_finalize.__code__,
    )


helper(
    "aggregate_keras_metrics",
    '''\
def aggregate_keras_metrics(metrics, federated_values):
  """Sums the variables of Keras metrics over the clients, and gives what the metrics make of it."""

  def result(metric, values):
    is_metric = isinstance(metric, tf.keras.metrics.Metric)
    fresh = type(metric).from_config(metric.get_config()) if is_metric else metric()
    assignments = [variable.assign(value) for variable, value in zip(fresh.variables, values)]
    with tf.control_dependencies(assignments):
      return fresh.result()

  def results(accumulators):
    if not isinstance(metrics, collections.abc.Sequence):
      return result(metrics, accumulators)
    return collections.OrderedDict(
        (name, result(metric, values))
        for metric, (name, values) in zip(metrics, accumulators.items()))

  if isinstance(federated_values, (list, tuple, dict)):
    federated_values = tff.federated_zip(federated_values)
  finalize = tff.tensorflow.computation(results, federated_values.type_signature.member)
  return tff.federated_map(finalize, tff.federated_sum(federated_values))
''',
)


@adapter(
    "tff.learning.federated_aggregate_keras_metric",
    releases=">=0.18,<0.53",
    replacement="{!aggregate_keras_metrics}",
)
def federated_aggregate_keras_metric(metrics, federated_values, *, as_of: AsOf):
    """Aggregates the variables of Keras metrics from the clients, as of TFF 0.18.0 to 0.52.0.

    Args:
      metrics: A `tf.keras.metrics.Metric`, or a function that makes one, or a sequence of either.
      federated_values: A federated value at CLIENTS, or a sequence or dict of such values, in the
        order of `metrics`: the values of the metrics' variables.

    Returns:
      The results of the metrics, at SERVER.

    Raises:
      TypeError: A metric cannot be re-created from its config.
    """
    as_of.warn(locals())
    values = tff.to_value(federated_values, None)
    if isinstance(values.type_signature, tff.StructType):
        values = tff.federated_zip(values)
    return aggregate(metrics, values)
