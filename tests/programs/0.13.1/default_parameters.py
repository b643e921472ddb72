"""Functions with default parameters as computations."""
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()


@tff.tf_computation(tf.float32)
def scaled(value, factor=3.0):
  return factor * value


@tff.tf_computation(tf.float32, tf.float32)
def shifted(value, offset, factor=3.0):
  return factor * value + offset


@tff.tf_computation(tf.float32)
def halved(value=4.0):
  return value / 2.0


@tff.tf_computation
def clipped(values, largest=2.0):
  return tf.nest.map_structure(lambda value: tf.minimum(value, largest), values)


@tff.federated_computation(tff.FederatedType(tf.float32, tff.CLIENTS))
def total(values, times=2):
  result = tff.federated_sum(values)
  return [result] * times


WEIGHTS = tff.NamedTupleType([tf.float32, tf.float32, (tf.float32, [2])])


@tff.tf_computation(WEIGHTS)
def bounded(weights, largest=2.0):
  return [tf.minimum(each, largest) for each in weights]


@tff.federated_computation(tff.FederatedType(WEIGHTS, tff.CLIENTS))
def total_bounded(values):
  return tff.federated_sum(tff.federated_map(bounded, values))


print(json.dumps({
    'values': [
        float(scaled(2.0)),
        float(shifted(2.0, 1.0)),
        float(halved(3.0)),
        float(clipped(3.0)),
    ],
    'total': [float(each) for each in total([1.0, 2.0])],
    'bounded': [
        np.asarray(each).tolist()
        for each in total_bounded([[1.0, 5.0, np.float32([3.0, 0.0])]] * 2)
    ],
    'types': [str(c.type_signature) for c in (scaled, shifted, halved, bounded, total)],
}))
