"""Nested values through federated identities: which containers come out of those that went in."""
import collections
import json

import attr
import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

Point = collections.namedtuple('Point', ['x', 'y'])


@attr.s
class Batch(object):
  features = attr.ib()
  label = attr.ib()


CASES = [
    (tf.int32, 5),
    (tf.string, 'abc'),
    (([tf.int32, tf.float32],), ([1, 2.5],)),
    ((tf.int32, [tf.bool]), (1, [True])),
    (collections.OrderedDict([('b', tf.int32), ('a', (tf.float32, [2]))]),
     collections.OrderedDict([('b', 1), ('a', np.array([1.0, 2.0], np.float32))])),
    (Point(tf.int32, [tf.int32, tf.string]), Point(1, [2, 'text'])),
    (Batch(Point(tf.int32, tf.int32), [tf.bool]), Batch(Point(1, 2), [False])),
    ([('a', tf.int32), ('b', [('c', tf.float32)])],
     collections.OrderedDict([('a', 1), ('b', collections.OrderedDict([('c', 2.0)]))])),
    (collections.OrderedDict([('p', collections.OrderedDict([('q', (tf.int32,))]))]),
     collections.OrderedDict([('p', collections.OrderedDict([('q', (3,))]))])),
]


def shown(value):
  """A value with the names of its containers."""
  kind = type(value).__name__
  if isinstance(value, (dict, collections.OrderedDict)):
    return [kind] + [[k, shown(v)] for k, v in value.items()]
  if isinstance(value, tuple) and hasattr(value, '_fields'):
    return [kind] + [[k, shown(getattr(value, k))] for k in value._fields]
  if isinstance(value, (list, tuple)):
    return [kind] + [shown(v) for v in value]
  if isinstance(value, Batch):
    return [kind, shown(value.features), shown(value.label)]
  if kind in ('AnonymousTuple', 'Struct'):
    return [kind, dir(value)] + [shown(v) for v in value]
  value = value if isinstance(value, str) else np.asarray(value).tolist()
  return ['bytes', value.decode()] if isinstance(value, bytes) else value


def result_of(computation, value):
  try:
    return shown(computation(value))
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


results = []
for spec, value in CASES:
  plain = tff.federated_computation(lambda x: x, spec)
  server = tff.federated_computation(lambda x: x, tff.FederatedType(spec, tff.SERVER, True))
  clients = tff.federated_computation(lambda x: x, tff.FederatedType(spec, tff.CLIENTS))
  code = tff.tf_computation(lambda x: x, spec)
  results.append([
      str(server.type_signature), result_of(plain, value), result_of(server, value),
      result_of(clients, [value, value]), result_of(code, value)
  ])
print(json.dumps({'results': results}))
