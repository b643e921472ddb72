"""Compression: broadcasts, sums and means of values that encoders of tensor_encoding shorten."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow as tf
import tree
from packaging.version import Version

from tff_compat import modern
from tff_compat.adapters.language import types
from tff_compat.adapters.learning import training
from tff_compat.adapters.registry import AsOf, adapter, helper
from tff_compat.adapters.templates import processes
from tff_compat.adapters.utils import stateful

tff = modern.package()

try:
    from tensorflow_model_optimization.python.core.internal import tensor_encoding
except ImportError:
    # TFF's own aggregators need it too, but a future release may not.
    tensor_encoding = None


def _kind(name: str) -> Any:
    if tensor_encoding is None:
        raise ImportError(
            "Encoders are those of the package tensorflow-model-optimization (0.7.5 beside "
            "TensorFlow 2.14), which is not installed: pip install tensorflow-model-optimization."
        )
    return getattr(tensor_encoding.core, name)


def _check_encoder(encoder: Any, kind: Any, spec: tf.TensorSpec) -> None:
    if not isinstance(encoder, kind):
        raise TypeError(f"An encoder must be a {kind.__name__}, found {type(encoder).__name__}.")
    if not encoder.input_tensorspec.is_compatible_with(spec):
        raise TypeError(f"An encoder of {encoder.input_tensorspec} cannot encode {spec}.")


def _type_of_values(values: Any, encoders: Any, kind: Any, release: Version) -> Any:
    """The type of the values, which the encoders fit."""
    tf.nest.assert_same_structure(values, encoders)
    specs = tf.nest.map_structure(_spec, values)
    tf.nest.map_structure(lambda e, spec: _check_encoder(e, kind, spec), encoders, specs)
    return types.to_type(specs, release)


def _spec(value: Any) -> tf.TensorSpec:
    if isinstance(value, tf.TensorSpec):
        return value
    value = tf.convert_to_tensor(value)
    return tf.TensorSpec(value.shape, value.dtype)


def _check_value_type(value_type: Any, encoders: Any, kind: Any) -> None:
    types.check_tensors(value_type)
    allowed = tuple(_kind(name) for name in ("SimpleEncoder", "GatherEncoder", "EncoderComposer"))
    if isinstance(encoders, allowed):
        if not isinstance(value_type, tff.TensorType):
            raise ValueError("`value_type` and `encoders` have different structures.")
        _check_encoder(encoders, kind, types.tensor_spec(value_type))
        return
    if not isinstance(value_type, tff.StructType):
        raise TypeError("`encoders` is a structure of encoders, but `value_type` is a tensor type.")
    tff.structure.map_structure(
        lambda encoder, each: _check_encoder(encoder, kind, types.tensor_spec(each)),
        tff.structure.from_container(encoders, recursive=True),
        value_type,
    )


def initial_state(encoders: Any) -> Any:
    """The computation without arguments of the first states of a structure of encoders."""

    @tff.tensorflow.computation
    def initial():
        return tf.nest.map_structure(lambda encoder: encoder.initial_state(), encoders)

    return initial


def _sum(value_type: Any, encoders: Any) -> Any:
    """The aggregation process of encoded sums, with an encoder for each tensor."""
    remaining: Iterator[Any] = iter(tf.nest.flatten(encoders))
    return tff.aggregators.EncodedSumFactory(lambda spec: next(remaining)).create(value_type)


def _mean(value_type: Any, encoders: Any) -> Any:
    """From state, values and weights to the new state and the mean, in federated computations."""
    encoded_sum = _sum(value_type, encoders)

    @tff.tensorflow.computation(value_type, np.float32)
    def multiply(value, weight):
        return tf.nest.map_structure(lambda v: v * tf.cast(weight, v.dtype), value)

    @tff.tensorflow.computation(value_type, np.float32)
    def divide(value, weight):
        return tf.nest.map_structure(lambda v: v / tf.cast(weight, v.dtype), value)

    def mean(state, values, weight):
        total = encoded_sum.next(state, tff.federated_map(multiply, (values, weight)))
        weights = tff.federated_sum(weight)
        return total.state, tff.federated_map(divide, (total.result, weights))

    return mean


def _broadcast(value_type: Any, encoders: Any) -> Any:
    """From state and value at the server to the new state and the value at the clients."""
    flat = tf.nest.flatten(encoders)

    def each(value: Any) -> list[Any]:
        found: list[Any] = tree.flatten_up_to(encoders, value, check_types=False)
        return found

    @tff.tensorflow.computation(initial_state(encoders).type_signature.result, value_type)
    def encode(state, value):
        encoded, states = zip(*(e.encode(v, s) for e, v, s in zip(flat, each(value), each(state))))
        return (
            tf.nest.pack_sequence_as(encoders, states),
            tf.nest.pack_sequence_as(encoders, encoded),
        )

    @tff.tensorflow.computation(encode.type_signature.result[1])
    def decode(encoded):
        decoded = [encoder.decode(value) for encoder, value in zip(flat, each(encoded))]
        return tf.nest.pack_sequence_as(encoders, decoded)

    def broadcast(state, value):
        new_state, encoded = tff.federated_map(encode, (state, value))
        return new_state, tff.federated_map(decode, tff.federated_broadcast(encoded))

    return broadcast


helper(
    "type_of_encoded",
    '''\
def type_of_encoded(values, encoders, method):
  """The type of values, or of those of a type, that encoders with a method fit."""
  def specs_of(values):
    if isinstance(values, tff.TensorType):
      return tf.TensorSpec(values.shape, values.dtype)
    parts = [(name, specs_of(each)) for name, each in tff.structure.iter_elements(values)]
    is_named = all(name is not None for name, _ in parts)
    return collections.OrderedDict(parts) if is_named else [each for _, each in parts]

  def spec_of(value):
    value = value if isinstance(value, tf.TensorSpec) else tf.convert_to_tensor(value)
    return tf.TensorSpec(value.shape, value.dtype)

  if isinstance(values, tff.Type):
    kind, specs = values, specs_of(values)
    if hasattr(encoders, method) != isinstance(values, tff.TensorType):
      raise TypeError(f'The encoders are of another structure than {values}.')
  else:
    tf.nest.assert_same_structure(values, encoders)
    specs = tf.nest.map_structure(spec_of, values)
    kind = tff.types.tensorflow_to_type(specs)
  for encoder, spec in zip(tf.nest.flatten(encoders), tf.nest.flatten(specs)):
    if not hasattr(encoder, method) or not encoder.input_tensorspec.is_compatible_with(spec):
      raise TypeError(f'{encoder} is no encoder of {spec}.')
  return kind
''',
)
helper(
    "initial_states",
    '''\
def initial_states(encoders):
  """The first states of encoders."""
  return tf.nest.map_structure(lambda encoder: encoder.initial_state(), encoders)
''',
)
helper(
    "encoded_broadcast_process",
    '''\
def encoded_broadcast_process(values, encoders):
  """A process that broadcasts a value by encoders of tensor_encoding."""
  value_type = type_of_encoded(values, encoders, 'decode')
  flat = tf.nest.flatten(encoders)

  def each(structure):
    return tree.flatten_up_to(encoders, structure, check_types=False)

  start = tff.tensorflow.computation(lambda: initial_states(encoders))

  @tff.tensorflow.computation(start.type_signature.result, value_type)
  def encode(state, value):
    olds = each(state)
    pairs = [encoder.encode(part, old) for encoder, part, old in zip(flat, each(value), olds)]
    encoded, states = zip(*pairs)
    return (tf.nest.pack_sequence_as(encoders, states),
            tf.nest.pack_sequence_as(encoders, encoded))

  @tff.tensorflow.computation(encode.type_signature.result[1])
  def decode(encoded):
    decoded = [encoder.decode(part) for encoder, part in zip(flat, each(encoded))]
    return tf.nest.pack_sequence_as(encoders, decoded)

  @tff.federated_computation
  def initialize():
    return tff.federated_eval(start, tff.SERVER)

  @tff.federated_computation(
      initialize.type_signature.result, tff.FederatedType(value_type, tff.SERVER))
  def next_fn(state, value):
    state, encoded = tff.federated_map(encode, (state, value))
    at_clients = tff.federated_map(decode, tff.federated_broadcast(encoded))
    return tff.templates.MeasuredProcessOutput(
        state, at_clients, tff.federated_value((), tff.SERVER))

  return tff.templates.MeasuredProcess(initialize, next_fn)
''',
)
helper(
    "encoded_for_model",
    '''\
def encoded_for_model(build, model_fn, encoder_fn, kind=None):
  """What `build` makes for the weights of a model, or for those of a kind, and their encoders."""
  with tf.Graph().as_default():
    weights = tff.learning.models.ModelWeights.from_model(model_fn())
    weights = getattr(weights, kind) if kind else weights
    encoders = tf.nest.map_structure(encoder_fn, weights)
    specs = tf.nest.map_structure(lambda v: tf.TensorSpec(v.shape, v.dtype), weights)
  return build(specs, encoders)
''',
)
helper(
    "encoded_broadcast",
    '''\
def encoded_broadcast(values, encoders):
  """A broadcast of a state and a value by encoders of tensor_encoding."""
  process = encoded_broadcast_process(values, encoders)

  def next_fn(state, value):
    output = process.next(state, value)
    return output.state, output.result

  return StatefulBroadcast(lambda: initial_states(encoders), next_fn)
''',
)
helper(
    "encoded_sum_process",
    '''\
def encoded_sum_process(values, encoders):
  """A process that sums values by encoders of tensor_encoding."""
  value_type = type_of_encoded(values, encoders, 'decode_before_sum')
  remaining = iter(tf.nest.flatten(encoders))
  process = tff.aggregators.EncodedSumFactory(lambda _: next(remaining)).create(value_type)
  return tff.templates.MeasuredProcess(process.initialize, process.next)
''',
)
helper(
    "encoded_sum",
    '''\
def encoded_sum(values, encoders):
  """A sum of the values of clients by encoders of tensor_encoding, which ignores weights."""
  process = encoded_sum_process(values, encoders)

  def next_fn(state, value, weight=None):
    output = process.next(state, value)
    return output.state, output.result

  return StatefulAggregation(lambda: initial_states(encoders), next_fn)
''',
)
helper(
    "encoded_mean",
    '''\
def encoded_mean(values, encoders):
  """A weighted mean of the values of clients by encoders of tensor_encoding."""
  value_type = type_of_encoded(values, encoders, 'decode_before_sum')
  process = encoded_sum_process(values, encoders)

  @tff.tensorflow.computation(value_type, np.float32)
  def multiply(value, weight):
    return tf.nest.map_structure(lambda v: v * tf.cast(weight, v.dtype), value)

  @tff.tensorflow.computation(value_type, np.float32)
  def divide(value, weight):
    return tf.nest.map_structure(lambda v: v / tf.cast(weight, v.dtype), value)

  def next_fn(state, value, weight):
    total = process.next(state, tff.federated_map(multiply, (value, weight)))
    mean = tff.federated_map(divide, (total.result, tff.federated_sum(weight)))
    return total.state, mean

  return StatefulAggregation(lambda: initial_states(encoders), next_fn)
''',
)
helper(
    "encoded_mean_process",
    '''\
def encoded_mean_process(values, encoders):
  """A process of weighted means of the values of clients by encoders of tensor_encoding."""
  value_type = type_of_encoded(values, encoders, 'decode_before_sum')
  process = encoded_mean(values, encoders).create(value_type, tff.TensorType(np.float32))
  return tff.templates.MeasuredProcess(process.initialize, process.next)
''',
)

ENCODED_NOTE = (
    "tff.aggregators.EncodedSumFactory takes a function from the spec of a tensor to its encoder; "
    "tff.aggregators.MeanFactory around it makes means"
)
BROADCAST_NOTE = "TFF itself has no encoded broadcasts any more; this one is written out"


@adapter(
    "tff.utils.build_encoded_broadcast",
    releases=">=0.9,<0.17",
    replacement="{!encoded_broadcast}({values}, {encoders})",
    note=BROADCAST_NOTE,
)
def build_encoded_broadcast(values, encoders, *, as_of: AsOf):
    """A broadcast that sends an encoded value, as of TFF 0.9 to 0.16.

    Args:
      values: Tensors, or a nested structure of them, like what will be sent.
      encoders: `SimpleEncoder`s of tensor_encoding in the same structure.

    Returns:
      A `tff.utils.StatefulBroadcastFn`.

    Raises:
      ValueError: The structures differ.
      TypeError: An encoder is none, or encodes other tensors.
      ImportError: The package of the encoders is not installed.
    """
    as_of.warn(locals())
    value_type = _type_of_values(values, encoders, _kind("SimpleEncoder"), as_of.release)
    return stateful.stateful_fn(
        "StatefulBroadcastFn",
        initial_state(encoders),
        _broadcast(value_type, encoders),
        as_of.release,
    )


@adapter(
    "tff.utils.build_encoded_sum",
    releases=">=0.9,<0.17",
    replacement="{!encoded_sum}({values}, {encoders})",
    note=ENCODED_NOTE,
)
def build_encoded_sum(values, encoders, *, as_of: AsOf):
    """A sum of encoded values, as of TFF 0.9 to 0.16.

    Args:
      values: Tensors, or a nested structure of them, like what will be summed.
      encoders: `GatherEncoder`s of tensor_encoding in the same structure.

    Returns:
      A `tff.utils.StatefulAggregateFn` that ignores weights.

    Raises:
      ValueError: The structures differ.
      TypeError: An encoder is none, or encodes other tensors.
      ImportError: The package of the encoders is not installed.
    """
    as_of.warn(locals())
    value_type = _type_of_values(values, encoders, _kind("GatherEncoder"), as_of.release)
    encoded_sum = _sum(value_type, encoders)

    def next_fn(state, values, weight=None):
        output = encoded_sum.next(state, values)
        return output.state, output.result

    return stateful.stateful_fn(
        "StatefulAggregateFn", initial_state(encoders), next_fn, as_of.release
    )


@adapter(
    "tff.utils.build_encoded_mean",
    releases=">=0.9,<0.17",
    replacement="{!encoded_mean}({values}, {encoders})",
    note=ENCODED_NOTE,
)
def build_encoded_mean(values, encoders, *, as_of: AsOf):
    """A weighted mean of encoded values, as of TFF 0.9 to 0.16.

    Args:
      values: Tensors, or a nested structure of them, like those whose mean will be taken.
      encoders: `GatherEncoder`s of tensor_encoding in the same structure.

    Returns:
      A `tff.utils.StatefulAggregateFn` that needs weights.

    Raises:
      ValueError: The structures differ.
      TypeError: An encoder is none, or encodes other tensors.
      ImportError: The package of the encoders is not installed.
    """
    as_of.warn(locals())
    value_type = _type_of_values(values, encoders, _kind("GatherEncoder"), as_of.release)
    return stateful.stateful_fn(
        "StatefulAggregateFn",
        initial_state(encoders),
        _mean(value_type, encoders),
        as_of.release,
    )


def _measured(release: Version, encoders: Any, exchange: Any, *parameter_types: Any) -> Any:
    """The measured process of an exchange that measures nothing."""
    initialize = processes.initialize_of(initial_state(encoders))
    state_type = initialize.type_signature.result
    federated_computation = training.federated_computation(release, state_type, *parameter_types)

    @federated_computation
    @functools.wraps(exchange)
    def next_fn(*args, **kwargs):
        state, result = exchange(*args, **kwargs)
        nothing = tff.federated_value((), tff.SERVER)
        return tff.templates.MeasuredProcessOutput(state, result, nothing)

    return processes.measured_process(initialize, next_fn, release)


@adapter(
    "tff.utils.build_encoded_broadcast_process",
    releases=">=0.15,<0.19",
    replacement="{!encoded_broadcast_process}({value_type}, {encoders})",
    note=BROADCAST_NOTE,
    gives="measured process",
)
def build_encoded_broadcast_process(value_type, encoders, *, as_of: AsOf):
    """A process that broadcasts an encoded value, as of TFF 0.15 to 0.18.

    Args:
      value_type: A `tff.TensorType` or a nested structure of them.
      encoders: `SimpleEncoder`s of tensor_encoding in the same structure.

    Returns:
      A `tff.templates.MeasuredProcess`.

    Raises:
      ValueError: `value_type` is a structure and `encoders` is not.
      TypeError: An encoder is none, or encodes other tensors.
      ImportError: The package of the encoders is not installed.
    """
    as_of.warn(locals())
    _check_value_type(value_type, encoders, _kind("SimpleEncoder"))
    at_server = tff.FederatedType(value_type, tff.SERVER)
    return _measured(as_of.release, encoders, _broadcast(value_type, encoders), at_server)


@adapter(
    "tff.utils.build_encoded_sum_process",
    releases=">=0.15,<0.19",
    replacement="{!encoded_sum_process}({value_type}, {encoders})",
    note=ENCODED_NOTE,
    gives="measured process",
)
def build_encoded_sum_process(value_type, encoders, *, as_of: AsOf):
    """A process that sums encoded values, as of TFF 0.15 to 0.18.

    Args:
      value_type: A `tff.TensorType` or a nested structure of them.
      encoders: `GatherEncoder`s of tensor_encoding in the same structure.

    Returns:
      A `tff.templates.MeasuredProcess`.

    Raises:
      ValueError: `value_type` is a structure and `encoders` is not.
      TypeError: An encoder is none, or encodes other tensors.
      ImportError: The package of the encoders is not installed.
    """
    as_of.warn(locals())
    _check_value_type(value_type, encoders, _kind("GatherEncoder"))
    encoded_sum = _sum(value_type, encoders)

    def summed(state, values):
        output = encoded_sum.next(state, values)
        return output.state, output.result

    at_clients = tff.FederatedType(value_type, tff.CLIENTS)
    return _measured(as_of.release, encoders, summed, at_clients)


@adapter(
    "tff.utils.build_encoded_mean_process",
    releases=">=0.15,<0.19",
    replacement="{!encoded_mean_process}({value_type}, {encoders})",
    note=ENCODED_NOTE,
    gives="measured process",
)
def build_encoded_mean_process(value_type, encoders, *, as_of: AsOf):
    """A process that computes weighted means of encoded values, as of TFF 0.15 to 0.18.

    Args:
      value_type: A `tff.TensorType` or a nested structure of them.
      encoders: `GatherEncoder`s of tensor_encoding in the same structure.

    Returns:
      A `tff.templates.MeasuredProcess` whose `next` also takes float32 weights.

    Raises:
      ValueError: `value_type` is a structure and `encoders` is not.
      TypeError: An encoder is none, or encodes other tensors.
      ImportError: The package of the encoders is not installed.
    """
    as_of.warn(locals())
    _check_value_type(value_type, encoders, _kind("GatherEncoder"))
    return _measured(
        as_of.release,
        encoders,
        _mean(value_type, encoders),
        tff.FederatedType(value_type, tff.CLIENTS),
        tff.FederatedType(np.float32, tff.CLIENTS),
    )
