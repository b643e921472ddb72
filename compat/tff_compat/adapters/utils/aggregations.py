"""Aggregations of clients' values: samples, secure sums, and means without what is too large."""

from __future__ import annotations

import collections
from typing import Any

import attr
import numpy as np
import tensorflow as tf
import tensorflow_privacy as tfp

from tff_compat import modern
from tff_compat.adapters.language import structures, types
from tff_compat.adapters.learning import training
from tff_compat.adapters.registry import AsOf, adapter
from tff_compat.adapters.stand_ins import named
from tff_compat.adapters.templates import processes

tff = modern.package()


@adapter(
    "tff.utils.federated_sample",
    releases=">=0.10,<0.19",
    replacement="tff.aggregators.federated_sample",
    gives="sample of clients",
)
def federated_sample(value, max_num_samples=100, *, as_of: AsOf):
    """Values of clients chosen at random, as of TFF 0.10 to 0.18.

    Args:
      value: A value at the clients, in a federated computation.
      max_num_samples: The most values to choose.

    Returns:
      The values stacked, at the server, in no order; structures come as structs of the release.

    Raises:
      TypeError: `value` is not at the clients.
    """
    as_of.warn(locals())
    value = tff.to_value(value, None)
    kind = value.comp.type_signature
    if isinstance(kind, tff.FederatedType) and isinstance(kind.member, tff.StructType):
        # Up to 0.15 types of federated values carry no containers, which TFF's own code needs.
        contained = tff.tensorflow.computation(lambda each: each, _with_containers(kind.member))
        value = tff.federated_map(contained, value)
    samples = tff.aggregators.federated_sample(value, max_num_samples)
    member = samples.type_signature.member
    if not isinstance(member, tff.StructType):
        return samples
    same = tff.tensorflow.computation(lambda each: each, member)
    plain = structures.with_result_type(same, _without_containers(member), as_of.release)
    return tff.federated_map(structures.with_results_of(plain, as_of.release), samples)


def _with_containers(type_spec: Any) -> Any:
    if not isinstance(type_spec, tff.StructType):
        return type_spec
    elements = [(n, _with_containers(each)) for n, each in tff.structure.iter_elements(type_spec)]
    if isinstance(type_spec, tff.StructWithPythonType):
        return tff.StructWithPythonType(elements, type_spec.python_container)
    if all(name is not None for name, _ in elements):
        return tff.StructWithPythonType(elements, collections.OrderedDict)
    return tff.StructWithPythonType([each for _, each in elements], tuple)


def _without_containers(type_spec: Any) -> Any:
    if not isinstance(type_spec, tff.StructType):
        return type_spec
    return tff.StructType(
        [
            (name, _without_containers(each)) if name else _without_containers(each)
            for name, each in tff.structure.iter_elements(type_spec)
        ]
    )


@adapter(
    "tff.utils.secure_quantized_sum",
    releases=">=0.17,<0.19",
    replacement="tff.aggregators.secure_quantized_sum",
)
def secure_quantized_sum(client_value, lower_bound, upper_bound, *, as_of: AsOf):
    """The sum of clients' values within bounds, quantized for a secure sum, as of 0.17 and 0.18.

    Args:
      client_value: A value at the clients, in a federated computation.
      lower_bound: The smallest value, a Python constant or at the server; what is less is clipped.
      upper_bound: The largest value, of the same kind.

    Raises:
      TypeError: `client_value` is not at the clients, or the bounds do not fit it.
    """
    as_of.warn(locals())
    return tff.aggregators.secure_quantized_sum(client_value, lower_bound, upper_bound)


@attr.s(eq=False, frozen=True)
class AdaptiveZeroingMetrics_0_16:
    """What a mean with adaptive zeroing measures, as of TFF 0.16.

    Attributes:
      current_threshold: The norm above which values will be zeroed.
      num_zeroed: How many values were.
    """

    current_threshold: Any = attr.ib()
    num_zeroed: Any = attr.ib()


@attr.s(eq=False, frozen=True)
class AdaptiveZeroingMetrics_0_17:
    """What a mean with adaptive zeroing measures, as of TFF 0.17 and 0.18.

    Attributes:
      zeroing_threshold: The norm above which values will be zeroed.
      num_zeroed: How many values were.
    """

    zeroing_threshold: Any = attr.ib()
    num_zeroed: Any = attr.ib()


named("AdaptiveZeroingMetrics", AdaptiveZeroingMetrics_0_16, AdaptiveZeroingMetrics_0_17)


_ZEROING_NOW = (
    "tff.aggregators.zeroing_factory("
    "tff.aggregators.PrivateQuantileEstimationProcess.no_noise(%s), "
    "tff.aggregators.MeanFactory(), norm_order=float({norm_order})).create({value_type:type}, "
    "tff.TensorType(np.float32))"
)
_ZEROING_NOTE = "It measures what these factories measure; builders take the factory itself."


@adapter(
    "tff.utils.build_adaptive_zeroing_mean_process",
    releases=">=0.16,<0.17",
    replacement=_ZEROING_NOW % "{initial_threshold} / {multiplier}, {target_quantile}, "
    "{learning_rate}, multiplier={multiplier}",
    note=_ZEROING_NOTE,
    gives="measured process",
)
def build_adaptive_zeroing_mean_process_0_16(
    value_type,
    initial_threshold,
    target_quantile,
    multiplier,
    learning_rate,
    norm_order,
    *,
    as_of: AsOf,
):
    """A process of means in which values of a large norm count as zero, as of TFF 0.16.

    Args:
      value_type: A `tff.TensorType` or a nested structure of them.
      initial_threshold: The norm above which values are zeroed in the first round.
      target_quantile: The quantile of the norms that is estimated.
      multiplier: The threshold is so many times the quantile.
      learning_rate: How fast the estimate follows the quantile, geometrically.
      norm_order: 1, 2 or `np.inf`.

    Returns:
      A `tff.templates.MeasuredProcess` of values and float32 weights, which measures
      `current_threshold` and `num_zeroed`.

    Raises:
      TypeError: `value_type` is no structure of tensors.
      ValueError: `value_type` is empty.
    """
    as_of.warn(locals())
    return _adaptive_zeroing_mean(
        value_type,
        tfp.NoPrivacyQuantileEstimatorQuery(
            initial_threshold / multiplier, target_quantile, learning_rate, geometric_update=True
        ),
        lambda quantile: quantile * multiplier,
        norm_order,
        AdaptiveZeroingMetrics_0_16,
        as_of,
    )


@adapter(
    "tff.utils.build_adaptive_zeroing_mean_process",
    releases=">=0.17,<0.19",
    replacement=_ZEROING_NOW % "{initial_quantile_estimate}, {target_quantile}, "
    "{learning_rate}, multiplier={multiplier}, increment={increment}",
    note=_ZEROING_NOTE,
    gives="measured process",
)
def build_adaptive_zeroing_mean_process_0_17(
    value_type,
    initial_quantile_estimate,
    target_quantile,
    multiplier,
    increment,
    learning_rate,
    norm_order,
    *,
    as_of: AsOf,
):
    """A process of means in which values of a large norm count as zero, as of TFF 0.17 and 0.18.

    Args:
      value_type: A `tff.TensorType` or a nested structure of them.
      initial_quantile_estimate: The first estimate of the quantile.
      target_quantile: The quantile of the norms that is estimated.
      multiplier: The threshold is so many times the quantile,
      increment: and so much more.
      learning_rate: How fast the estimate follows the quantile, geometrically.
      norm_order: 1, 2 or `np.inf`.

    Returns:
      A `tff.templates.MeasuredProcess` of values and float32 weights, which measures
      `zeroing_threshold` and `num_zeroed`.

    Raises:
      TypeError: `value_type` is no structure of tensors.
      ValueError: `value_type` is empty.
    """
    as_of.warn(locals())
    return _adaptive_zeroing_mean(
        value_type,
        tfp.NoPrivacyQuantileEstimatorQuery(
            initial_quantile_estimate, target_quantile, learning_rate, geometric_update=True
        ),
        lambda quantile: quantile * multiplier + increment,
        norm_order,
        AdaptiveZeroingMetrics_0_17,
        as_of,
    )


def _adaptive_zeroing_mean(
    value_type: Any, query: Any, threshold_of: Any, norm_order: Any, metrics: Any, as_of: AsOf
) -> Any:
    types.check_tensors(value_type)
    if isinstance(value_type, tff.StructType) and len(value_type) == 0:
        raise ValueError("`value_type` must not be empty.")

    @tff.tensorflow.computation
    def initial_state():
        return query.initial_global_state()

    state_type = initial_state.type_signature.result

    @tff.tensorflow.computation(state_type)
    def derive_params(state):
        return query.derive_sample_params(state)

    @tff.tensorflow.computation(derive_params.type_signature.result, value_type, np.float32)
    def weigh(params, value, weight):
        flat = tf.concat([tf.reshape(v, [-1]) for v in tf.nest.flatten(value)], axis=0)
        norm = tf.norm(flat, ord=norm_order)
        too_large = norm > threshold_of(params.current_estimate)
        weight = tf.where(too_large, 0.0, weight)
        weighted = tf.nest.map_structure(lambda v: tf.math.multiply_no_nan(v, weight), value)
        record = query.preprocess_record(params, norm)
        return weighted, weight, record, tf.cast(too_large, tf.int32)

    @tff.tensorflow.computation(weigh.type_signature.result[2], state_type)
    def update(records, state):
        estimate, new_state = query.get_noised_result(records, state)[:2]
        return threshold_of(estimate), new_state

    @tff.tensorflow.computation(value_type, np.float32)
    def divide(total, weight):
        return tf.nest.map_structure(lambda v: tf.math.divide_no_nan(v, weight), total)

    initialize = processes.initialize_of(initial_state)

    @training.federated_computation(
        as_of.release,
        initialize.type_signature.result,
        tff.FederatedType(value_type, tff.CLIENTS),
        tff.FederatedType(np.float32, tff.CLIENTS),
    )
    def next_fn(global_state, value, weight):
        params = tff.federated_broadcast(tff.federated_map(derive_params, global_state))
        weighed = tff.federated_map(weigh, (params, value, weight))
        total, total_weight, records, zeroed = (tff.federated_sum(weighed[i]) for i in range(4))
        threshold, new_state = tff.federated_map(update, (records, global_state))
        return tff.templates.MeasuredProcessOutput(
            new_state,
            tff.federated_map(divide, (total, total_weight)),
            tff.federated_zip(metrics(threshold, zeroed)),
        )

    return processes.measured_process(initialize, next_fn, as_of.release)
