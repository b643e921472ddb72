"""The federated core language of 0.13: types, placements, intrinsics and their results."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()


@tff.tf_computation(tf.float32)
def add_half(x):
  return tf.add(x, 0.5)


@tff.federated_computation(tff.FederatedType(tf.float32, tff.CLIENTS))
def add_half_on_clients(x):
  return tff.federated_map(add_half, x)


READINGS_TYPE = tff.FederatedType(tff.SequenceType(tf.float32), tff.CLIENTS)


@tff.tf_computation(tff.SequenceType(tf.float32))
def get_local_temperature_average(local_temperatures):
  sum_and_count = local_temperatures.reduce(
      (0.0, 0), lambda x, y: (x[0] + y, x[1] + 1))
  return sum_and_count[0] / tf.cast(sum_and_count[1], tf.float32)


@tff.tf_computation(tff.SequenceType(tf.float32))
def get_local_item_count(local_temperatures):
  return local_temperatures.reduce(0.0, lambda n, _: n + 1.0)


@tff.federated_computation(READINGS_TYPE)
def get_global_temperature_average(sensor_readings):
  return tff.federated_mean(
      tff.federated_map(get_local_temperature_average, sensor_readings),
      tff.federated_map(get_local_item_count, sensor_readings))


POINT_TYPE = tff.NamedTupleType([('x', tf.int32), ('y', tff.TensorType(tf.float32, [2]))])


@tff.tf_computation(POINT_TYPE)
def scale_point(point):
  return collections.OrderedDict([
      ('x', point.x * 2),
      ('rest', [point.y + 1.0, tf.cast(point.x, tf.float32)]),
  ])


@tff.tf_computation(tf.TensorSpec([3], tf.int32), tff.to_type((tf.bool, tf.int32)))
def pick(values, flag_and_index):
  return tf.where(flag_and_index[0], values[flag_and_index[1]], -1)


@tff.federated_computation(
    tff.FederatedType(tf.int32, tff.CLIENTS), tff.FederatedType(tf.int32, tff.SERVER))
def summarize(values, offset):
  total = tff.federated_sum(values)
  both = tff.federated_zip([total, offset])
  add = tff.tf_computation(lambda a, b: a + b, (tf.int32, tf.int32))
  return collections.OrderedDict([
      ('total', tff.federated_map(add, both)),
      ('back', tff.federated_broadcast(offset)),
      ('all_equal', tff.federated_value(7, tff.SERVER)),
  ])


@tff.federated_computation(tff.FunctionType(tf.int32, tf.int32), tf.int32)
def apply_twice(fn, arg):
  return fn(fn(arg))


@tff.tf_computation(tf.int32)
def triple(x):
  return x * 3


scaled = scale_point(x=4, y=np.array([1.0, 2.0], np.float32))
summary = summarize([1, 2, 3], 100)
print(json.dumps({
    'types': [
        str(add_half.type_signature),
        str(add_half_on_clients.type_signature),
        str(READINGS_TYPE),
        str(get_global_temperature_average.type_signature),
        str(POINT_TYPE),
        str(scale_point.type_signature),
        str(pick.type_signature),
        str(summarize.type_signature),
        str(apply_twice.type_signature),
        str(tff.to_type(collections.OrderedDict([('a', tf.int32), ('b', (tf.bool, [1]))]))),
        str(tff.TensorType(tf.string, [None, 3])),
        str(tff.FederatedType(tf.float32, tff.SERVER)),
        str(tff.FederatedType(tf.float32, tff.SERVER, False)),
    ],
    'equal': tff.to_type([('x', tf.int32), ('y', (tf.float32, [2]))]) == POINT_TYPE,
    'add_half': float(add_half(10.0)),
    'on_clients': [float(x) for x in add_half_on_clients([1.0, 3.0, 2.0])],
    'average': float(get_global_temperature_average([[68.5, 70.0], [72.0]])),
    'scaled': [int(scaled['x']), np.ravel(scaled['rest'][0]).tolist(), float(scaled['rest'][1])],
    'containers': [type(scaled).__name__, type(scaled['rest']).__name__, type(summary).__name__],
    'pick': [int(pick([5, 6, 7], (True, 2))), int(pick([5, 6, 7], (False, 0)))],
    'summary': [int(summary.total), int(summary.back), int(summary.all_equal)],
    'twice': int(apply_twice(triple, 5)),
}))
