"""Sums of values that travel in an Elias gamma code: what they are, and how long the code is."""

from __future__ import annotations

import collections
from typing import Any

import numpy as np
import tensorflow as tf
from packaging.version import Version

from tff_compat import modern
from tff_compat.adapters.language import types
from tff_compat.adapters.registry import AsOf, adapter

tff = modern.package()

UnweightedAggregationFactory: Any = tff.aggregators.UnweightedAggregationFactory

_FIRST_TO_ENCODE_EACH_TENSOR = Version("0.42")

_POWERS = [2**exponent for exponent in range(1, 32)]


def _gamma_bits(numbers: tf.Tensor) -> tf.Tensor:
    """The lengths of the Elias gamma codes of positive integers."""
    return 2 * tf.searchsorted(tf.constant(_POWERS, tf.int64), numbers, side="right") + 1


def _code_bits(values: tf.Tensor) -> tf.Tensor:
    """The length of the code of an int32 vector, in bits of whole bytes.

    As `run_length_gamma_encode` of tensorflow_compression writes it: for each value that is not
    zero one more than the number of zeros before it, its sign, and its magnitude; at the end one
    more than the number of zeros left, if there are any.
    """
    values = tf.cast(values, tf.int64)
    positions = tf.where(tf.not_equal(values, 0))[:, 0]
    magnitudes = tf.abs(tf.gather(values, positions))
    before = tf.concat([[tf.constant(-1, tf.int64)], positions], axis=0)
    runs = before[1:] - before[:-1]
    left = tf.size(values, tf.int64) - 1 - before[-1]
    bits = (
        tf.reduce_sum(_gamma_bits(runs))
        + tf.size(positions)
        + tf.reduce_sum(_gamma_bits(magnitudes))
        + tf.where(left > 0, _gamma_bits(left[None] + 1)[0], 0)
    )
    return 8 * ((bits + 7) // 8)


def _is_of_int32(type_spec: Any) -> bool:
    if isinstance(type_spec, tff.TensorType):
        return types.numpy_dtype(type_spec) == np.int32
    if not isinstance(type_spec, tff.StructType):
        return False
    return all(_is_of_int32(each) for _, each in tff.structure.iter_elements(type_spec))


@adapter(
    "tff.aggregators.EliasGammaEncodedSumFactory",
    releases=">=0.36,<0.78",
    replacement="tff.aggregators.SumFactory()",
)
class EliasGammaEncodedSumFactory(UnweightedAggregationFactory):
    """A factory of sums of int32 tensors sent in an Elias gamma code, as of TFF 0.36 to 0.77.

    The code loses nothing, so the sums are those of `tff.aggregators.SumFactory`; how many bits it
    takes is reckoned, and nothing of tensorflow_compression is needed.

    Args:
      bitrate_mean_factory: The factory of the mean of the clients' bits per element, which is then
        measured as `elias_gamma_code_avg_bitrate`; None to measure nothing.

    Raises:
      TypeError: `bitrate_mean_factory` is no `tff.aggregators.UnweightedAggregationFactory`.
    """

    as_of: AsOf

    def __init__(self, bitrate_mean_factory=None):
        self.as_of.warn(locals())
        if bitrate_mean_factory is not None and not isinstance(
            bitrate_mean_factory, UnweightedAggregationFactory
        ):
            raise TypeError(
                "`bitrate_mean_factory` must be a tff.aggregators.UnweightedAggregationFactory, "
                f"found {type(bitrate_mean_factory).__name__}."
            )
        self._bitrate_mean_factory = bitrate_mean_factory

    def create(self, value_type):
        """The `tff.templates.AggregationProcess` for values of a type.

        Raises:
          ValueError: The type is no structure of int32 tensors.
        """
        if not _is_of_int32(value_type):
            raise ValueError(f"Expected a structure of int32 tensors, found {value_type}.")
        if self._bitrate_mean_factory is not None:
            mean = self._bitrate_mean_factory.create(tff.TensorType(np.float64))
        together = self.as_of.release < _FIRST_TO_ENCODE_EACH_TENSOR

        @tff.tensorflow.computation(value_type)
        def bitrate(value):
            flat = [tf.reshape(each, [-1]) for each in tf.nest.flatten(value)]
            parts = [tf.concat(flat, axis=0)] if together else flat
            bits = tf.add_n([_code_bits(part) for part in parts])
            count = tf.add_n([tf.size(part) for part in parts])
            return tf.math.divide_no_nan(tf.cast(bits, tf.float64), tf.cast(count, tf.float64))

        @tff.federated_computation
        def initialize():
            return tff.federated_value((), tff.SERVER)

        @tff.federated_computation(
            initialize.type_signature.result, tff.FederatedType(value_type, tff.CLIENTS)
        )
        def next_fn(state, value):
            measurements = tff.federated_value((), tff.SERVER)
            if self._bitrate_mean_factory is not None:
                rates = tff.federated_map(bitrate, value)
                measurements = tff.federated_zip(
                    collections.OrderedDict(
                        elias_gamma_code_avg_bitrate=mean.next(mean.initialize(), rates).result
                    )
                )
            return tff.templates.MeasuredProcessOutput(
                state, tff.federated_sum(value), measurements
            )

        return tff.templates.AggregationProcess(initialize, next_fn)
