"""Collecting the clients' values, adding and assigning values, on the default executor of 0.13."""
import collections
import json

import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()

BATCH_TYPE = tff.to_type(
    collections.OrderedDict([('x', tff.TensorType(tf.float32, [2])), ('label', tf.int32)]))


@tff.tf_computation(tff.SequenceType(BATCH_TYPE))
def weighted_sum(batches):
  return batches.reduce(
      0.0, lambda total, batch: total + tf.cast(batch['label'], tf.float32) * tf.reduce_sum(batch['x']))


@tff.federated_computation(tff.FederatedType(BATCH_TYPE, tff.CLIENTS))
def weighted_sum_of_clients(batches):
  return tff.federated_apply(weighted_sum, tff.federated_collect(batches))


@tff.federated_computation(tff.FederatedType(tf.int32, tff.CLIENTS))
def collected(values):
  return tff.federated_collect(values)


kinds = []


@tff.tf_computation(tf.int32, tf.int32)
def larger(a, b):
  return tf.maximum(a, b)


@tff.federated_computation(
    tff.FederatedType(tf.int32, tff.CLIENTS), tff.FederatedType(tf.int32, tff.SERVER))
def largest(values, bound):
  kinds.append(str((tff.federated_sum(values) + bound).type_signature))
  return tff.federated_reduce(values, 0, larger), tff.federated_sum(values)


@tff.federated_computation([('a', tf.int32), ('b', tf.float32)])
def replaced(pair):
  pair.a = 7
  return pair


def error(placement):
  try:
    tff.federated_computation(lambda x: tff.federated_collect(x), tff.FederatedType(tf.int32, placement))
    return 'none'
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


data = [
    collections.OrderedDict([('x', [float(n), 1.0]), ('label', n)]) for n in (2, 3, 1)
]
top, total = largest([4, 9, 3], 100)
pair = replaced(a=1, b=2.5)
print(json.dumps({
    'types': [
        str(c.type_signature) for c in (weighted_sum, weighted_sum_of_clients, collected, largest, replaced)
    ],
    'weighted_sum': float(weighted_sum_of_clients(data)),
    'collected': sorted(int(x) for x in collected([5, 3, 4])),
    'largest': [int(top), int(total)],
    'kinds': kinds,
    'replaced': [int(pair.a), float(pair.b)],
    'errors': [error(tff.SERVER), error(tff.CLIENTS)],
}))
