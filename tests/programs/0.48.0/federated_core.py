"""The core language of 0.48: TensorFlow dtypes and specs in types, intrinsics, results."""
import collections
import json

import attr
import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


@attr.s(auto_attribs=True)
class State:
  round_num: int
  mean: float


@tff.tf_computation
def initial_state():
  return State(tf.constant(0), tf.constant(0.0))


@tff.federated_computation
def initialize():
  return tff.federated_eval(initial_state, tff.SERVER)


@tff.tf_computation(tff.SequenceType(tff.TensorType(tf.float32, [None, 2])))
def local_mean(batches):

  def reduce_fn(state, batch):
    total, count = state
    return total + tf.reduce_sum(batch), count + tf.cast(tf.size(batch), tf.float32)

  total, count = batches.reduce((0.0, 0.0), reduce_fn)
  return collections.OrderedDict(mean=tf.math.divide_no_nan(total, count), weight=count)


@tff.tf_computation(initial_state.type_signature.result, tf.float32)
def update(state, mean):
  return State(state.round_num + 1, 0.5 * state.mean + 0.5 * mean)


@tff.federated_computation(
    initialize.type_signature.result,
    tff.type_at_clients(tff.SequenceType(tf.TensorSpec([None, 2], tf.float32))))
def next_fn(state, data):
  local = tff.federated_map(local_mean, data)
  mean = tff.federated_mean(local.mean, local.weight)
  largest = tff.aggregators.federated_max(local.weight)
  smallest = tff.aggregators.federated_min(local.weight)
  new_state = tff.federated_map(update, (state, mean))
  return new_state, collections.OrderedDict(
      mean=mean, sizes=tff.federated_zip((smallest, largest)))


@tff.tf_computation(tf.int32, tff.TensorType(tf.int32))
def add(x, y):
  return x + y


@tff.tf_computation(tf.int32)
def square(x):
  return x * x


@tff.federated_computation(tff.FunctionType(tf.int32, tf.int32), [('a', tf.int32), ('b', tf.bool)])
def call(fn, arg):
  return fn(arg.a), arg


process = tff.templates.IterativeProcess(initialize, next_fn)
state = process.initialize()
history = []
for _ in range(2):
  state, metrics = process.next(
      state, [[np.ones([2, 2], np.float32)], [np.full([1, 2], 4.0, np.float32)] * 3])
  history.append([float(metrics['mean']), [float(x) for x in metrics['sizes']]])
called = call(square, (7, True))

print(json.dumps({
    'types': [
        str(initial_state.type_signature),
        str(process.initialize.type_signature),
        str(process.next.type_signature),
        str(local_mean.type_signature),
        str(call.type_signature),
        str(tff.to_type((tf.float32, [3, None]))),
        str(tff.to_type([('x', tf.TensorSpec([2], tf.bool)), ('y', [tf.string, tf.int64])])),
        str(tff.StructType([tf.int32, ('n', tf.float64)])),
        str(tff.TensorType(tf.float32, None)),
        str(tff.type_at_server(tff.SequenceType(tf.int32))),
        str(tff.type_at_clients(tf.int32, all_equal=True)),
    ],
    'state': [type(state).__name__, int(state.round_num), float(state.mean)],
    'history': history,
    'called': [int(called[0]), int(called[1]['a']), bool(called[1]['b']),
               type(called).__name__, type(called[1]).__name__],
    'added': int(add(2, 3)),
    'is': [tff.to_type(tf.int32).is_tensor(), tff.SequenceType(tf.int32).is_sequence(),
           tff.type_at_server(tf.int32).is_federated(), tff.StructType([tf.int32]).is_struct()],
    'equal': tff.to_type(tf.int32) == tff.TensorType(tf.int32, []),
    'assignable': tff.TensorType(tf.int32, [None]).is_assignable_from(
        tff.TensorType(tf.int32, [3])),
}))
