"""What 0.80 had beside TensorFlow: computations of JAX code; secure modular sums."""
import collections
import json

import numpy as np
import tensorflow_federated as tff

tff.backends.test.set_sync_test_cpp_execution_context()


@tff.jax_computation(np.float32, np.float32)
def weigh(x, weight):
  return x * weight


@tff.jax_computation(collections.OrderedDict(a=np.float32, b=tff.TensorType(np.float32, [2])))
def fields(point):
  return collections.OrderedDict(total=point['a'] + point['b'][0], parts=[point['b']])


@tff.federated_computation(tff.FederatedType(np.int32, tff.CLIENTS))
def secure(values):
  return tff.federated_secure_modular_sum(values, 4)


print(json.dumps({
    'types': [str(weigh.type_signature), str(fields.type_signature), str(secure.type_signature)],
    'secure': int(secure([1, 2, 3])),
    'is_computation': isinstance(weigh, tff.Computation),
}))
