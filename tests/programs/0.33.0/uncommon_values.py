"""Values of 0.33 that few programs used: JAX code, data by URI, secure and summed integers."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

tff.backends.test.set_test_python_execution_context()
INTS = tff.type_at_clients(tf.int32)


@tff.jax_computation(np.float32, np.float32)
def weigh(x, weight):
  return x * weight + 1.0


@tff.jax_computation(collections.OrderedDict(a=tf.float32, b=(tf.float32, [2])))
def fields(point):
  return collections.OrderedDict(total=point['a'] + point['b'][0], parts=[point['b']])


@tff.federated_computation(tff.type_at_clients(tf.float32))
def weighed(values):
  return tff.federated_map(weigh, (values, values))


@tff.federated_computation(INTS)
def secure(values):
  return [
      tff.federated_secure_modular_sum(values, 4),
      tff.federated_secure_sum_bitwidth(values, 8),
      tff.federated_secure_sum(values, 100)
  ]


kinds = []


@tff.federated_computation(INTS, tff.type_at_server(tf.int32))
def added(values, offset):
  total = tff.federated_sum(values)
  kinds.append([total.type_signature.is_federated(), total.type_signature.member.dtype == tf.int32,
                isinstance(total, tff.Value), str((total + offset).type_signature)])
  data = tff.data('file:///somewhere', tff.SequenceType(tf.string))
  kinds.append([str(data.type_signature), isinstance(data, tff.Value)])
  again = tff.to_value(total, tff.type_at_server(tf.int32), parameter_type_hint=None)
  kinds.append(str(tff.Value(again.comp).type_signature))
  return tff.federated_zip([total, offset])


@tff.federated_computation(tff.FunctionType(tf.int32, tf.int32), tf.int32)
def twice(fn, x):
  return fn(fn(x))


print(json.dumps({
    'types': [str(c.type_signature) for c in (weigh, fields, weighed, secure, added, twice)],
    'kinds': kinds,
    'secure': [int(x) for x in secure([1, 2, 3])],
    'added': [int(x) for x in added([1, 2, 3], 10)],
    'twice': int(twice(tff.tf_computation(lambda x: x * 3, tf.int32), 2)),
}))
