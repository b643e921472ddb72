"""Names and forms of 0.11: the warning for Python 2, attrs classes as types, computations by type."""
import collections
import json
import warnings

import attr
import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()


@attr.s
class Batch(object):
  x = attr.ib(type=tff.TensorType(tf.float32, [None]))
  y = attr.ib(type=tf.int32)


@tff.tf_computation(Batch)
def total(batch):
  return tf.reduce_sum(batch.x) + tf.cast(batch.y, tf.float32)


@tff.tf_computation
def pair(x):
  return x, [x, x]


with warnings.catch_warnings(record=True) as caught:
  warnings.simplefilter('always')
  warnings.warn('Python 2', tff.Python2DeprecationWarning)

first, rest = pair(2)
print(json.dumps({
    'caught': [w.category.__name__ for w in caught],
    'is_warning': issubclass(tff.Python2DeprecationWarning, Warning),
    'types': [str(tff.to_type(Batch)), str(total.type_signature), repr(tff.to_type(Batch))],
    'total': float(total(Batch(np.array([1.0, 2.5], np.float32), 3))),
    'pair': [int(first), [int(x) for x in rest], type(rest).__name__],
    'equal': tff.to_type([tf.int32]) == tff.to_type((tf.int32,)),
    'value': isinstance(tff.TensorType(tf.int32), tff.Value),
}))
