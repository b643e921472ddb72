"""Python's ranges as the values of tensors."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

COUNTS = tff.TensorType(tf.int32, [3])


@tff.tf_computation(COUNTS)
def doubled(counts):
  return 2 * counts


@tff.federated_computation(tff.type_at_clients(COUNTS))
def total(counts):
  return tff.federated_sum(counts)


@tff.tf_computation(collections.OrderedDict(counts=COUNTS, rate=(tf.float32, [2])))
def scaled(batch):
  return tf.cast(batch['counts'], tf.float32) * batch['rate'][1]


@tff.tf_computation(tff.SequenceType(tf.int32))
def sequence_sum(numbers):
  return numbers.reduce(0, lambda x, y: x + y)


print(json.dumps({
    'doubled': np.asarray(doubled(range(3))).tolist(),
    'total': np.asarray(total([range(3), range(1, 4), [5, 6, 7]])).tolist(),
    'scaled': np.asarray(scaled(collections.OrderedDict(counts=range(3), rate=range(2)))).tolist(),
    'sequence': int(sequence_sum(list(range(4)))),
}))
