"""Sums of discretized values under an Elias gamma code, which TFF had in 0.36 to 0.77."""

from __future__ import annotations

import collections
from typing import Any

import numpy as np
import tensorflow as tf

from tff_compat import modern
from tff_compat.adapters.language import dated_types
from tff_compat.adapters.registry import AsOf, Replacement, adapter, helper
from tff_compat.catalog.boundaries import FIRST_TO_CODE_EACH_TENSOR

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
    places = tf.reshape(tf.where(tf.not_equal(flat, 0)), [-1])
    starts = tf.concat([tf.constant([-1], tf.int64), places], axis=0)
    runs = places - starts[:-1]
    zeros_at_end = length - 1 - starts[-1]
    bits = (
        tf.reduce_sum(_bits_of_gamma_code(runs))
        + tf.reduce_sum(_bits_of_gamma_code(tf.abs(tf.gather(flat, places))) + 1)
        + tf.where(zeros_at_end > 0, _bits_of_gamma_code(zeros_at_end[tf.newaxis] + 1)[0], 0)
    )
    return 8 * ((bits + 7) // 8)


def _is_of(tensor_type: Any, kind: Any) -> bool:
    return bool(np.issubdtype(dated_types.numpy_dtype(tensor_type), kind))


class CodedSumFactory(UnweightedAggregationFactory):
    """Sums of int32 values, which measures how long their code would be.

    The code is lossless, so the sum is that of the values themselves; no package for entropy coding
    is needed to say how many bits it has.

    Args:
      bitrate_mean_factory: An unweighted factory that averages the bits per element over the
        clients; None for no measurements.
      as_one: Whether the code is of all tensors at once, or of each by itself.
    """

    def __init__(self, bitrate_mean_factory: Any = None, *, as_one: bool = False):
        self._bitrate_mean_factory = bitrate_mean_factory
        self._as_one = as_one

    def create(self, value_type: Any) -> Any:
        """The `tff.templates.AggregationProcess` for int32 tensors or a structure of them.

        Raises:
          ValueError: The type has other elements.
        """
        leaves = tff.structure.flatten(value_type)
        if not all(isinstance(e, tff.TensorType) and _is_of(e, np.int32) for e in leaves):
            raise ValueError(f"Expected int32 tensors or a structure of them, found {value_type}.")
        elements = float(sum(np.prod(leaf.shape, dtype=np.int64) for leaf in leaves))

        @tff.tensorflow.computation(value_type)
        def bitrate(value):
            coded = tf.nest.flatten(value)
            if self._as_one:
                coded = [tf.concat([tf.reshape(each, [-1]) for each in coded], axis=0)]
            bits = [bits_of_run_length_gamma_code(each) for each in coded]
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


helper(
    "GammaCodedSumFactory",
    '''\
class GammaCodedSumFactory(tff.aggregators.UnweightedAggregationFactory):
  """Sums of int32 values, which measures how many bits their Elias gamma code would have."""

  def __init__(self, bitrate_mean_factory, as_one=False):
    if not isinstance(bitrate_mean_factory, tff.aggregators.UnweightedAggregationFactory):
      raise TypeError(f'Expected an unweighted factory, found {bitrate_mean_factory}.')
    self.bitrate_mean_factory = bitrate_mean_factory
    self.as_one = as_one

  def bits_of_numbers(self, numbers):
    powers = tf.constant([2 ** exponent for exponent in range(1, 63)], tf.int64)
    exponents = tf.reduce_sum(tf.cast(numbers[:, tf.newaxis] >= powers, tf.int64), axis=1)
    return 2 * exponents + 1

  def bits_of_tensor(self, value):
    # Of each number but zero: the zeros before it, its sign and magnitude; last, zeros that follow.
    flat = tf.cast(tf.reshape(value, [-1]), tf.int64)
    places = tf.reshape(tf.where(tf.not_equal(flat, 0)), [-1])
    starts = tf.concat([tf.constant([-1], tf.int64), places], axis=0)
    zeros_at_end = tf.size(flat, out_type=tf.int64) - 1 - starts[-1]
    bits = (
        tf.reduce_sum(self.bits_of_numbers(places - starts[:-1]))
        + tf.reduce_sum(self.bits_of_numbers(tf.abs(tf.gather(flat, places))) + 1)
        + tf.where(
            zeros_at_end > 0, self.bits_of_numbers(zeros_at_end[tf.newaxis] + 1)[0], 0))
    return 8 * ((bits + 7) // 8)

  def create(self, value_type):
    leaves = tff.structure.flatten(value_type)
    if any(not isinstance(e, tff.TensorType) or e.dtype != np.int32 for e in leaves):
      raise ValueError(f'Expected int32 tensors or a structure of them, found {value_type}.')
    elements = float(sum(np.prod(leaf.shape, dtype=np.int64) for leaf in leaves))

    @tff.tensorflow.computation(value_type)
    def bitrate(value):
      coded = tf.nest.flatten(value)
      if self.as_one:
        coded = [tf.concat([tf.reshape(each, [-1]) for each in coded], axis=0)]
      bits = tf.add_n([self.bits_of_tensor(each) for each in coded])
      return tf.math.divide_no_nan(tf.cast(bits, tf.float64), elements)

    @tff.federated_computation
    def initialize():
      return tff.federated_value((), tff.SERVER)

    mean = self.bitrate_mean_factory.create(tff.TensorType(np.float64))

    @tff.federated_computation(
        initialize.type_signature.result, tff.FederatedType(value_type, tff.CLIENTS))
    def next_fn(state, value):
      average = mean.next(mean.initialize(), tff.federated_map(bitrate, value)).result
      measurements = tff.federated_zip(
          collections.OrderedDict(elias_gamma_code_avg_bitrate=average))
      return tff.templates.MeasuredProcessOutput(state, tff.federated_sum(value), measurements)

    return tff.templates.AggregationProcess(initialize, next_fn)
''',
)


helper(
    "DiscretizedSumFactory",
    '''\
class DiscretizedSumFactory(tff.aggregators.UnweightedAggregationFactory):
  """Sums of float values that are stochastically rounded to steps, under a gamma code."""

  def __init__(self, step_size, as_one=False):
    self.step_size = step_size
    self.inner = GammaCodedSumFactory(tff.aggregators.UnweightedMeanFactory(), as_one)

  def in_steps(self, value, step):
    scaled = value / tf.cast(step, value.dtype)
    floor = tf.math.floor(scaled)
    draw = tf.random.uniform(tf.shape(scaled), dtype=scaled.dtype)
    return tf.cast(tf.where(draw < scaled - floor, floor + 1, floor), tf.int32)

  def restored(self, value, step, dtype):
    return tf.cast(value, dtype) * tf.cast(step, dtype)

  def create(self, value_type):
    leaves = tff.structure.flatten(value_type)
    if any(not isinstance(e, tff.TensorType) or not np.issubdtype(e.dtype, np.floating)
           for e in leaves):
      raise TypeError(f'Expected float tensors or a structure of them, found {value_type}.')

    @tff.tensorflow.computation(value_type, np.float32)
    def discretize(value, step):
      return tf.nest.map_structure(lambda each: self.in_steps(each, step), value)

    discrete_type = discretize.type_signature.result

    @tff.tensorflow.computation(discrete_type, np.float32)
    def restore(value, step):
      flat = zip(tf.nest.flatten(value), leaves)
      return tf.nest.pack_sequence_as(
          value, [self.restored(each, step, leaf.dtype) for each, leaf in flat])

    @tff.tensorflow.computation(value_type, np.float32)
    def distortion(value, step):
      errors = [
          tf.reshape(self.restored(self.in_steps(each, step), step, each.dtype) - each, [-1])
          for each in tf.nest.flatten(value)]
      squares = [tf.square(tf.cast(each, tf.float32)) for each in errors]
      return tf.reduce_mean(tf.concat(squares, axis=0))

    inner = self.inner.create(discrete_type)
    mean = tff.aggregators.UnweightedMeanFactory().create(tff.TensorType(np.float32))

    @tff.federated_computation
    def initialize():
      return tff.federated_zip(collections.OrderedDict(
          step_size=tff.federated_value(np.float32(self.step_size), tff.SERVER),
          inner_agg_process=inner.initialize()))

    @tff.federated_computation(
        initialize.type_signature.result, tff.FederatedType(value_type, tff.CLIENTS))
    def next_fn(state, value):
      step = tff.federated_broadcast(state.step_size)
      output = inner.next(
          state.inner_agg_process, tff.federated_map(discretize, (value, step)))
      distortions = tff.federated_map(distortion, (value, step))
      return tff.templates.MeasuredProcessOutput(
          tff.federated_zip(collections.OrderedDict(
              step_size=state.step_size, inner_agg_process=output.state)),
          tff.federated_map(restore, (output.result, state.step_size)),
          tff.federated_zip(collections.OrderedDict(
              stochastic_discretization=output.measurements,
              distortion=mean.next(mean.initialize(), distortions).result)))

    return tff.templates.AggregationProcess(initialize, next_fn)
''',
)


def _measuring(more: str) -> dict[str, Replacement]:
    """The case of a factory that also measures bits."""
    code = f"{{!GammaCodedSumFactory}}({{bitrate_mean_factory}}{more})"
    return {"bitrate_mean_factory": Replacement(code)}


@adapter(
    "tff.aggregators.EliasGammaEncodedSumFactory",
    releases=f">=0.36,<{FIRST_TO_CODE_EACH_TENSOR}",
    replacement="tff.aggregators.SumFactory()",
    cases=_measuring(", as_one=True"),
)
@adapter(
    "tff.aggregators.EliasGammaEncodedSumFactory",
    releases=f">={FIRST_TO_CODE_EACH_TENSOR},<0.78",
    replacement="tff.aggregators.SumFactory()",
    cases=_measuring(""),
)
class EliasGammaEncodedSumFactory(CodedSumFactory):
    """A factory of sums of int32 tensors sent in an Elias gamma code, as of TFF 0.36 to 0.77.

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
        together = self.as_of.release < FIRST_TO_CODE_EACH_TENSOR
        super().__init__(bitrate_mean_factory, as_one=together)


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
      as_one: See `CodedSumFactory`.
    """

    def __init__(self, step_size: float, *, as_one: bool):
        self._step_size = step_size
        self._inner = CodedSumFactory(tff.aggregators.UnweightedMeanFactory(), as_one=as_one)

    def create(self, value_type: Any) -> Any:
        """The `tff.templates.AggregationProcess` for float tensors or a structure of them.

        Raises:
          TypeError: The type has other elements.
        """
        leaves = tff.structure.flatten(value_type)
        if not all(
            isinstance(leaf, tff.TensorType) and _is_of(leaf, np.floating) for leaf in leaves
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
