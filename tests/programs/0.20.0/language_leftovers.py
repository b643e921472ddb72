"""Names of 0.20 that few used: experimental JAX computations, helpers of the types module."""
import collections
import json
import typing

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


@tff.experimental.jax_computation(np.float32, (np.float32, [3]))
def scaled(factor, x):
  return factor * x


@tff.experimental.jax_computation(collections.OrderedDict(a=np.int32, b=np.float32))
def fields(point):
  return [point['b'], point['a']]


@tff.federated_computation(tff.type_at_clients(tf.int32))
def added(values):
  value = tff.to_value(3, tff.TensorType(tf.int32), zip_if_needed=True)
  return tff.federated_sum(values), value


total, three = added([1, 2])
print(json.dumps({
    'types': [str(scaled.type_signature), str(fields.type_signature), str(added.type_signature)],
    'added': [int(total), int(three)],
    'length': tff.types.some_test_func_for_pytype(tff.to_type([tf.int32, tf.bool])),
    'line': tff.types.MAX_LINE_LEN,
    'variable': isinstance(tff.types.C, typing.TypeVar),
    'clear': [callable(tff.types.clear_intern_pool), callable(tff.types.clear_disallowed_cache)],
    'data': callable(tff.data),
}))
