"""Sums of discretized values under an Elias gamma code, which TFF had in 0.36 to 0.77."""

from __future__ import annotations

import collections
from typing import Any

import numpy as np
import tensorflow as tf

from tff_compat import modern

tff = modern.package()

UnweightedAggregationFactory: Any = tff.aggregators.UnweightedAggregationFactory


def _bits_of_gamma_code(numbers: tf.Tensor) -> tf.Tensor:
    """The lengths in bits of the Elias gamma codes of positive int64 numbers."""
    powers = tf.constant([2**exponent for exponent in range(1, 63)], tf.int64)
    exponents = tf.reduce_sum(tf.cast(numbers[:, tf.newaxis] >= powers, tf.int64), axis=1)
    return 2 * exponents + 1


def bits_of_run_length_gamma_code(value: tf.Tensor) -> tf.Tensor:
    """The length in bits of the code of an int32 tensor, in whole bytes.

    For each number but zero: the gamma code of one more than the zeros before it, a bit for its
    sign, and the gamma code of its magnitude; last, where zeros follow, one more than these.
    """
    flat = tf.cast(tf.reshape(value, [-1]), tf.int64)
    length = tf.size(flat, out_type=tf.int64)
    places = tf.reshape(tf.where(flat != 0), [-1])
    starts = tf.concat([tf.constant([-1], tf.int64), places], axis=0)
    runs = places - starts[:-1]
    zeros_at_end = length - 1 - starts[-1]
    bits = (
        tf.reduce_sum(_bits_of_gamma_code(runs))
        + tf.reduce_sum(_bits_of_gamma_code(tf.abs(tf.gather(flat, places))) + 1)
        + tf.where(zeros_at_end > 0, _bits_of_gamma_code(zeros_at_end[tf.newaxis] + 1)[0], 0)
    )
    return 8 * ((bits + 7) // 8)


class CodedSumFactory(UnweightedAggregationFactory):
    """Sums of int32 values, which measures how long their code would be.

    The code is lossless, so the sum is that of the values themselves; no package for entropy coding
    is needed to say how many bits it has.

    Args:
      bitrate_mean_factory: An unweighted factory that averages the bits per element over the
        clients; None for no measurements.
    """

    def __init__(self, bitrate_mean_factory: Any = None):
        self._bitrate_mean_factory = bitrate_mean_factory

    def create(self, value_type: Any) -> Any:
        """The `tff.templates.AggregationProcess` for int32 tensors or a structure of them.

        Raises:
          ValueError: The type has other elements.
        """
        leaves = tff.structure.flatten(value_type)
        if not all(isinstance(e, tff.TensorType) and e.dtype == np.int32 for e in leaves):
            raise ValueError(f"Expected int32 tensors or a structure of them, found {value_type}.")
        elements = float(sum(np.prod(leaf.shape, dtype=np.int64) for leaf in leaves))

        @tff.tensorflow.computation(value_type)
        def bitrate(value):
            bits = [bits_of_run_length_gamma_code(each) for each in tf.nest.flatten(value)]
            return tf.math.divide_no_nan(tf.cast(tf.add_n(bits), tf.float64), elements)

        @tff.federated_computation
        def initialize():
            return tff.federated_value((), tff.SERVER)

        mean = self._bitrate_mean_factory
        mean = None if mean is None else mean.create(tff.TensorType(np.float64))

        @tff.federated_computation(
            initialize.type_signature.result, tff.FederatedType(value_type, tff.CLIENTS)
        )
        def next_fn(state, value):
            if mean is None:
                measurements = tff.federated_value((), tff.SERVER)
            else:
                average = mean.next(mean.initialize(), tff.federated_map(bitrate, value)).result
                measurements = tff.federated_zip(
                    collections.OrderedDict(elias_gamma_code_avg_bitrate=average)
                )
            return tff.templates.MeasuredProcessOutput(
                state, tff.federated_sum(value), measurements
            )

        return tff.templates.AggregationProcess(initialize, next_fn)


def _discretized(value: tf.Tensor, step_size: tf.Tensor) -> tf.Tensor:
    """The value in steps, rounded up with the probability of its fractional part."""
    scaled = value / tf.cast(step_size, value.dtype)
    floor = tf.math.floor(scaled)
    draw = tf.random.uniform(tf.shape(scaled), dtype=scaled.dtype)
    return tf.cast(tf.where(draw < scaled - floor, floor + 1, floor), tf.int32)


def _restored(value: tf.Tensor, step_size: tf.Tensor, dtype: tf.DType) -> tf.Tensor:
    return tf.cast(value, dtype) * tf.cast(step_size, dtype)


class DiscretizedSumFactory(UnweightedAggregationFactory):
    """Sums of float values that are stochastically rounded to steps before they are coded.

    Args:
      step_size: The distance between adjacent levels.
    """

    def __init__(self, step_size: float):
        self._step_size = step_size
        self._inner = CodedSumFactory(tff.aggregators.UnweightedMeanFactory())

    def create(self, value_type: Any) -> Any:
        """The `tff.templates.AggregationProcess` for float tensors or a structure of them.

        Raises:
          TypeError: The type has other elements.
        """
        leaves = tff.structure.flatten(value_type)
        if not all(
            isinstance(leaf, tff.TensorType) and np.issubdtype(leaf.dtype, np.floating)
            for leaf in leaves
        ):
            raise TypeError(f"Expected float tensors or a structure of them, found {value_type}.")
        step_size = self._step_size

        @tff.tensorflow.computation(value_type, np.float32)
        def discretize(value, step):
            return tf.nest.map_structure(lambda each: _discretized(each, step), value)

        discrete_type = discretize.type_signature.result

        @tff.tensorflow.computation(discrete_type, np.float32)
        def restore(value, step):
            restored = [
                _restored(each, step, leaf.dtype)
                for each, leaf in zip(tf.nest.flatten(value), leaves)
            ]
            return tf.nest.pack_sequence_as(value, restored)

        @tff.tensorflow.computation(value_type, np.float32)
        def distortion(value, step):
            flat = tf.nest.flatten(value)
            errors = [
                tf.reshape(_restored(_discretized(each, step), step, each.dtype) - each, [-1])
                for each in flat
            ]
            squares = [tf.square(tf.cast(each, tf.float32)) for each in errors]
            return tf.reduce_mean(tf.concat(squares, axis=0))

        inner = self._inner.create(discrete_type)
        mean = tff.aggregators.UnweightedMeanFactory().create(tff.TensorType(np.float32))

        @tff.federated_computation
        def initialize():
            return tff.federated_zip(
                collections.OrderedDict(
                    step_size=tff.federated_value(np.float32(step_size), tff.SERVER),
                    inner_agg_process=inner.initialize(),
                )
            )

        @tff.federated_computation(
            initialize.type_signature.result, tff.FederatedType(value_type, tff.CLIENTS)
        )
        def next_fn(state, value):
            at_clients = tff.federated_broadcast(state.step_size)
            discrete = tff.federated_map(discretize, (value, at_clients))
            output = inner.next(state.inner_agg_process, discrete)
            distortions = tff.federated_map(distortion, (value, at_clients))
            return tff.templates.MeasuredProcessOutput(
                tff.federated_zip(
                    collections.OrderedDict(
                        step_size=state.step_size, inner_agg_process=output.state
                    )
                ),
                tff.federated_map(restore, (output.result, state.step_size)),
                tff.federated_zip(
                    collections.OrderedDict(
                        stochastic_discretization=output.measurements,
                        distortion=mean.next(mean.initialize(), distortions).result,
                    )
                ),
            )

        return tff.templates.AggregationProcess(initialize, next_fn)
