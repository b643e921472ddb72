"""What functions of a program are given: values with the types and containers of then."""
from __future__ import absolute_import
from __future__ import division
from __future__ import print_function

import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff
from tensorflow_federated.python.common_libs import anonymous_tuple

tf.compat.v1.enable_v2_behavior()

CLIENTS = 3


def make_model():
  return tf.keras.models.Sequential([
      tf.keras.layers.Dense(
          2, kernel_initializer='zeros', input_shape=(3,),
          activation=tf.nn.softmax)
  ])


def client(k):
  x = np.cos(np.arange(24).reshape(8, 3) + k).astype(np.float32)
  y = ((np.arange(8) + k) % 2).astype(np.int32).reshape(-1, 1)
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict([('x', x), ('y', y)])).batch(4)


data = [client(k) for k in range(CLIENTS)]
batch = tf.nest.map_structure(lambda t: t.numpy(), next(iter(data[0])))
given = collections.OrderedDict()


def describe(name, value):
  kind = value.type_signature
  given[name] = [str(kind), type(kind.member).__name__]
  if isinstance(kind.member, tff.TensorType):
    given[name] += [repr(kind.member.dtype), kind.member.shape.as_list()]


def model_fn():
  keras_model = make_model()
  keras_model.compile(
      optimizer=tf.keras.optimizers.SGD(0.5),
      loss=tf.keras.losses.SparseCategoricalCrossentropy(),
      metrics=[tf.keras.metrics.SparseCategoricalAccuracy()])
  return tff.learning.from_compiled_keras_model(keras_model, batch)


def median_next(state, value, weight=None):
  """Stacks the deltas of all clients and takes their median, element by element."""
  describe('aggregated', value)
  describe('weight', weight)
  describe('state', state)
  member = value.type_signature.member
  given['tensors'] = [[n, t.shape.as_list(), t.dtype.name, t.shape.num_elements()]
                      for n, t in anonymous_tuple.iter_elements(member)]
  names = [n for n, _ in anonymous_tuple.iter_elements(member)]

  @tff.tf_computation
  def zero():
    return collections.OrderedDict([
        (n, tf.zeros([0] + t.shape.as_list(), t.dtype))
        for n, t in anonymous_tuple.iter_elements(member)])

  open_type = tff.NamedTupleType([
      (n, tff.TensorType(t.dtype, [None] + t.shape.as_list()[1:]))
      for n, t in anonymous_tuple.iter_elements(zero.type_signature.result)])

  @tff.tf_computation(open_type, member)
  def accumulate(acc, v):
    given['in_tensorflow'] = [type(acc).__name__, type(v).__name__]
    flat = anonymous_tuple.to_odict(v)
    return collections.OrderedDict([
        (n, tf.concat([getattr(acc, n), [flat[n]]], axis=0)) for n in names])

  @tff.tf_computation(open_type, open_type)
  def merge(a, b):
    return collections.OrderedDict([
        (n, tf.concat([getattr(a, n), getattr(b, n)], axis=0)) for n in names])

  @tff.tf_computation(open_type)
  def report(acc):
    return collections.OrderedDict([
        (n, tf.sort(getattr(acc, n), axis=0)[CLIENTS // 2]) for n in names])

  bump = tff.tf_computation(lambda s: s + 1, tf.int32)
  median = tff.federated_aggregate(value, zero(), accumulate, merge, report)
  describe('median', median)
  return tff.federated_apply(bump, state), median


def broadcast_next(state, value):
  given['broadcast'] = str(value.type_signature)
  given['sizes'] = [
      int(np.prod(t.shape.as_list()))
      for t in anonymous_tuple.flatten(value.type_signature.member)]
  return state, tff.federated_broadcast(value)


process = tff.learning.build_federated_averaging_process(
    model_fn,
    stateful_delta_aggregate_fn=tff.utils.StatefulAggregateFn(
        lambda: tf.constant(0), median_next),
    stateful_model_broadcast_fn=tff.utils.StatefulBroadcastFn(
        lambda: tf.constant(0.0), broadcast_next))
state = process.initialize()
losses = []
for _ in range(2):
  state, metrics = process.next(state, data)
  losses.append(float(metrics.loss))
keras_model = make_model()
tff.learning.assign_weights_to_keras_model(keras_model, state.model)
print(json.dumps({
    'next': str(process.next.type_signature),
    'given': given,
    'losses': losses,
    'weights': [w.ravel().tolist() for w in keras_model.get_weights()],
}))
