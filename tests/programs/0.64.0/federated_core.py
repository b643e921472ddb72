"""Types and computations of 0.64: TensorFlow dtypes still accepted, `tf_computation` decorators."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

Point = collections.namedtuple('Point', ['x', 'y'])


@tff.tf_computation(Point(tf.float32, tf.float32))
def norm(point):
  return tf.sqrt(point.x * point.x + point.y * point.y)


@tff.federated_computation(
    tff.type_at_clients(Point(tf.float32, tf.float32)), tff.type_at_server(tf.float32))
def mean_norm(points, scale):
  norms = tff.federated_map(norm, points)
  mean = tff.federated_mean(norms)

  @tff.tf_computation
  def multiply(a, b):
    return a * b

  return Point(
      x=tff.federated_map(multiply, (mean, scale)), y=tff.federated_max(norms))


@tff.tf_computation(tff.SequenceType(collections.OrderedDict(a=tf.int32)), tf.TensorSpec([], tf.int32))
def sum_above(dataset, threshold):
  return dataset.filter(lambda e: e['a'] > threshold).reduce(0, lambda s, e: s + e['a'])


@tff.federated_computation(
    tff.type_at_clients(tff.SequenceType(collections.OrderedDict(a=tf.int32))),
    tff.type_at_server(tf.int32))
def total_above(data, threshold):
  local = tff.federated_map(sum_above, (data, tff.federated_broadcast(threshold)))
  return tff.federated_sum(local)


result = mean_norm([Point(3.0, 4.0), Point(6.0, 8.0)], 2.0)
data = [[collections.OrderedDict(a=i) for i in range(n)] for n in (3, 6)]

print(json.dumps({
    'types': [
        str(norm.type_signature),
        str(mean_norm.type_signature),
        str(sum_above.type_signature),
        str(total_above.type_signature),
        str(tff.to_type(tf.TensorSpec([None, 2], tf.int64))),
        str(tff.to_type([('a', tf.int32), ('b', (tf.bool, [3]))])),
        str(tff.TensorType(tf.float32)),
        str(tff.TensorType(tf.float32, [])),
        str(tff.TensorType(tf.float32, None)),
        str(tff.TensorType(np.float32, [2, None])),
        str(tff.FederatedType(tf.int32, tff.CLIENTS, all_equal=True)),
        str(tff.FunctionType(tf.int32, tff.StructType([('x', tf.bool)]))),
    ],
    'mean_norm': [float(result.x), float(result.y)],
    'container': type(result).__name__,
    'total_above': int(total_above(data, 1)),
    'equal': tff.TensorType(tf.float32) == tff.TensorType(tf.float32, ()),
}))
