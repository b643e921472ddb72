"""Values of the core language: adding, fields, slices, assignment, calls, collecting and reducing."""

from __future__ import absolute_import
from __future__ import division
from __future__ import print_function

import collections
import json

import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()

POINT_TYPE = tff.NamedTupleType([('x', tf.int32), ('y', tf.int32), ('z', tf.float32)])
CLIENT_INTS = tff.FederatedType(tf.int32, tff.CLIENTS)
SERVER_INT = tff.FederatedType(tf.int32, tff.SERVER, all_equal=True)


def error(call):
  try:
    call()
    return 'none'
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


@tff.tf_computation(tf.int32, tf.int32)
def add(a, b):
  return a + b


@tff.tf_computation(tf.int32)
def square(x):
  return x * x


@tff.tf_computation(tff.SequenceType(tf.int32))
def alternating(values):
  return values.reduce(0, lambda total, x: x - total)


@tff.federated_computation(POINT_TYPE)
def swapped(point):
  first = point.x
  point.x = point.y
  point.y = first
  return point


@tff.federated_computation(POINT_TYPE)
def doubled(point):
  return point + point


@tff.federated_computation(POINT_TYPE)
def parts(point):
  assert isinstance(point, tff.Value)
  return [point[1:], len(point), [coordinate for coordinate in point][2], point[0] + point.y]


@tff.federated_computation(tff.FunctionType(tf.int32, tf.int32), tf.int32)
def twice(fn, x):
  return fn(fn(x))


@tff.federated_computation(CLIENT_INTS, SERVER_INT)
def sums(values, offset):
  # The reference executor does not add federated values, but their types.
  total = tff.federated_sum(values)
  return [total + offset, values + values]


@tff.federated_computation(CLIENT_INTS)
def collected(values):
  return tff.federated_collect(values)


@tff.federated_computation(CLIENT_INTS)
def reduced_at_the_server(values):
  return tff.federated_apply(alternating, tff.federated_collect(values))


@tff.federated_computation(CLIENT_INTS)
def reduced(values):
  return tff.federated_reduce(values, 0, add)


@tff.federated_computation(tff.SequenceType(tf.int32))
def of_sequence(values):
  squares = tff.sequence_map(square, values)
  return [tff.sequence_sum(squares), tff.sequence_reduce(squares, 100, add)]


@tff.federated_computation(tff.FederatedType(POINT_TYPE, tff.CLIENTS))
def field_sums(points):
  return collections.OrderedDict([
      ('x', tff.federated_sum(points.x)),
      ('y', tff.federated_sum(points[1])),
      ('names', len(points)),
  ])


def errors():
  found = []

  def body(values, point):
    found.append(error(lambda: values.nothing))
    found.append(error(lambda: point.nothing))
    found.append(error(lambda: point[5]))
    found.append(error(lambda: values[0]))
    found.append(error(lambda: len(values)))
    found.append(error(lambda: values(1)))
    found.append(error(lambda: values + point))
    found.append(error(lambda: setattr(point, 'nothing', 1)))
    found.append(error(lambda: setattr(values, 'x', 1)))
    found.append(error(lambda: setattr(point, 'x', 1.5)))
    return values

  tff.federated_computation(body, CLIENT_INTS, POINT_TYPE)
  return found


a = swapped(x=1, y=2, z=3.0)
d = doubled(x=1, y=2, z=3.5)
p = parts(x=1, y=2, z=3.5)
f = field_sums([collections.OrderedDict([('x', i), ('y', i * i), ('z', 0.0)]) for i in range(4)])

print(json.dumps({
    'types': [
        str(c.type_signature) for c in (swapped, doubled, parts, twice, sums, collected,
                                        reduced_at_the_server, reduced, of_sequence, field_sums)
    ],
    'swapped': [int(a.x), int(a.y), float(a.z)],
    'doubled': [int(d.x), int(d.y), float(d.z)],
    'parts': [int(p[0][0]), float(p[0][1]), int(p[1]), float(p[2]), int(p[3])],
    'twice': int(twice(square, 3)),
    'collected': [int(x) for x in collected([5, 3, 4])],
    'reduced_at_the_server': int(reduced_at_the_server([5, 3, 4])),
    'reduced': int(reduced([5, 3, 4])),
    'of_sequence': [int(x) for x in of_sequence([1, 2, 3])],
    'field_sums': [int(f.x), int(f.y), int(f.names)],
    'errors': errors(),
}))
