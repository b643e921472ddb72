"""The core language of 0.80: NumPy dtypes in types, `tff.tensorflow.computation`, processes."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

ELEMENT = collections.OrderedDict(
    value=np.float32, position=tff.TensorType(np.int32, [2]))


@tff.tensorflow.computation(tff.SequenceType(ELEMENT))
def summarize(dataset):

  def reduce_fn(state, element):
    return collections.OrderedDict(
        total=state['total'] + element['value'],
        corner=tf.maximum(state['corner'], element['position']))

  return dataset.reduce(
      collections.OrderedDict(total=0.0, corner=tf.zeros([2], tf.int32)), reduce_fn)


@tff.tensorflow.computation
def initial_state():
  return collections.OrderedDict(round_num=np.int32(0), total=np.float32(0.0))


@tff.tensorflow.computation(initial_state.type_signature.result, np.float32)
def advance(state, total):
  return collections.OrderedDict(
      round_num=state['round_num'] + 1, total=state['total'] + total)


@tff.federated_computation
def initialize():
  return tff.federated_eval(initial_state, tff.SERVER)


@tff.federated_computation(
    initialize.type_signature.result,
    tff.FederatedType(tff.SequenceType(ELEMENT), tff.CLIENTS))
def next_fn(state, data):
  local = tff.federated_map(summarize, data)
  total = tff.federated_sum(local.total)
  new_state = tff.federated_map(advance, (state, total))
  return new_state, collections.OrderedDict(
      total=total, mean=tff.federated_mean(local.total), largest=tff.federated_max(local.corner))


@tff.tensorflow.computation(tf.int32, tf.TensorSpec([None], tf.float32))
def pick(index, values):
  return values[index]


process = tff.templates.IterativeProcess(initialize, next_fn)
data = [
    [collections.OrderedDict(value=np.float32(i + n), position=np.array([i, n], np.int32))
     for i in range(n)] for n in (1, 3)
]
state = process.initialize()
history = []
for _ in range(2):
  state, metrics = process.next(state, data)
  history.append([float(metrics['total']), float(metrics['mean']),
                  np.ravel(metrics['largest']).tolist()])


def error_of(fn):
  try:
    fn()
    return 'accepted'
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


print(json.dumps({
    'types': [
        str(summarize.type_signature),
        str(process.initialize.type_signature),
        str(process.next.type_signature),
        str(pick.type_signature),
        str(tff.to_type((np.float32, [2, None]))),
        str(tff.to_type([('a', np.int64), ('b', [np.str_, np.bool_])])),
        str(tff.TensorType(np.float32)),
        str(tff.TensorType(np.float32, None)),
        str(tff.types.tensorflow_to_type(tf.TensorSpec([None, 3], tf.float64))),
    ],
    'state': [int(state['round_num']), float(state['total'])],
    'history': history,
    'containers': [type(state).__name__, type(metrics).__name__],
    'picked': float(pick(1, np.array([1.0, 2.5], np.float32))),
    'tf_dtype': error_of(lambda: tff.to_type(tf.int32)),
    'tf_spec': error_of(lambda: tff.FederatedType(tf.TensorSpec([], tf.int32), tff.CLIENTS)),
    'iterable': len(process.next.type_signature.parameter),
}))
