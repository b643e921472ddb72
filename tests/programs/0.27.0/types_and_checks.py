"""The classes of `tff.types`, placements, checks of results and an aggregated metric in 0.27."""
import collections
import dataclasses
import json

import tensorflow as tf
import tensorflow_federated as tff
from tensorflow_federated.python.common_libs import py_typecheck


@dataclasses.dataclass
class Point:
  x: int


def outcome(fn, *args, **kwargs):
  try:
    return str(fn(*args, **kwargs))
  except (TypeError, ValueError) as e:
    return type(e).__name__


tensor = tff.types.TensorType(tf.float32, [None, 2])
struct = tff.types.StructType([('a', tf.int32), (None, tensor)])
sequence = tff.types.SequenceType(collections.OrderedDict(x=tensor, y=tf.string))
clients = tff.types.FederatedType(struct, tff.CLIENTS)
server = tff.types.FederatedType(tf.int32, tff.SERVER)
function = tff.types.FunctionType(sequence, (tf.int32, tf.bool))


@tff.check_returns_type(tf.int32)
def good():
  return 1


@tff.check_returns_type(tff.types.StructType([('a', tf.float32)]))
def bad():
  return collections.OrderedDict(a=1)


def local_outputs(values):
  metric = tf.keras.metrics.Mean(name='mean')
  metric.update_state(values)
  return [v.read_value() for v in metric.variables]


@tff.tf_computation(tff.SequenceType(tf.float32))
def client_mean(values):
  total = values.reduce((0.0, 0.0), lambda s, x: (s[0] + x, s[1] + 1.0))
  return collections.OrderedDict(mean=list(total))


@tff.federated_computation(tff.type_at_clients(tff.SequenceType(tf.float32)))
def mean_metric(values):
  return tff.learning.federated_aggregate_keras_metric(
      [tf.keras.metrics.Mean(name='mean')], tff.federated_map(client_mean, values))


aggregated = mean_metric([[1.0, 2.0, 6.0], [5.0]])
print(json.dumps({
    'types': [str(t) for t in (tensor, struct, sequence, clients, server, function)],
    'at': [
        str(tff.types.at_clients(struct)),
        str(tff.types.at_clients(tf.int32, all_equal=True)),
        str(tff.types.at_server((tf.int32, tf.bool))),
    ],
    'from_tensors': str(tff.types.type_from_tensors(
        collections.OrderedDict(a=tf.zeros([3, 2]), b=(tf.constant(1), tf.constant(['x']))))),
    'is': [
        tensor.is_tensor(), struct.is_struct(), sequence.is_sequence(), clients.is_federated(),
        function.is_function(), tensor.is_struct(),
    ],
    'parts': [
        str(struct.a), struct.a.dtype.name, tensor.shape.as_list(), str(clients.member),
        str(clients.placement), clients.all_equal, server.all_equal,
    ],
    'assignable': [
        tensor.is_assignable_from(tff.TensorType(tf.float32, [5, 2])),
        tff.TensorType(tf.float32, [5, 2]).is_assignable_from(tensor),
        clients.is_assignable_from(tff.types.at_clients(struct, all_equal=True)),
    ],
    'returns': [outcome(good), outcome(bad)],
    'dataclass': [
        py_typecheck.is_dataclass(Point(1)),
        py_typecheck.is_dataclass(Point),
        py_typecheck.is_dataclass(1),
        outcome(py_typecheck.check_dataclass, Point(1)),
        outcome(py_typecheck.check_dataclass, 1),
    ],
    'non_negative': [
        outcome(py_typecheck.check_non_negative_float, 0.5),
        outcome(py_typecheck.check_non_negative_float, -0.5),
        outcome(py_typecheck.check_non_negative_float, 1, 'rate'),
    ],
    'metric': [float(x) for x in tf.nest.flatten(aggregated)],
}))
