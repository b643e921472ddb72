"""JAX code and types of structures, as 0.63 had them."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


# No runtime for a CPU ran JAX code then.
@tff.jax_computation(np.float32, (np.float32, [3]))
def scaled(factor, x):
  return factor * x


@tff.jax_computation(collections.OrderedDict(a=np.int32, b=tff.TensorType(np.float32)))
def fields(point):
  return [point['b'], point['a']]


@tff.jax_computation()
def nothing():
  return np.float32(2.5)


@tff.federated_computation(tff.type_at_clients(tff.TensorType(np.float32, [3])))
def scaled_mean(values):
  factor = tff.federated_value(2.0, tff.CLIENTS)
  return tff.federated_mean(tff.federated_map(scaled, (factor, values)))


def error(function, *args, **kwargs):
  try:
    function(*args, **kwargs)
    return 'made'
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


pair = tff.types.StructType([('a', np.int32), (None, (np.float32, [2]))])
nested = tff.types.StructType([tf.bool, ('n', pair)], convert=True)
converted = tff.types.StructType([('n', tff.TensorType(np.int32)), ('s', tff.SequenceType(tf.string))], convert=False)
print(json.dumps({
    'types': [str(each.type_signature) for each in (scaled, fields, nothing, scaled_mean)],
    'structs': [str(each) for each in (pair, nested, converted)] + [repr(pair), repr(nested)],
    'parts': [len(nested), dir(pair), str(pair.a), str(nested[1]), str(nested.n[0])],
    'are': [isinstance(pair, tff.StructType), isinstance(tff.to_type([np.int32]), tff.types.StructType),
            pair == tff.types.StructType([('a', np.int32), (None, (np.float32, [2]))]),
            pair.is_assignable_from(pair)],
    'errors': [error(tff.types.StructType, 3), error(tff.types.StructType, [object()])],
}))
