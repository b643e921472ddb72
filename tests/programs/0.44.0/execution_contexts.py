"""The context of 0.44 whose runtime is a process of its own."""
import json

import tensorflow as tf
import tensorflow_federated as tff


@tff.federated_computation(tff.type_at_clients(tf.int32), tff.type_at_server(tf.int32))
def total(values, offset):
  both = tff.federated_zip((tff.federated_sum(values), offset))
  return tff.federated_map(tff.tf_computation(lambda x, y: x + y), both)


context = tff.backends.native.create_localhost_cpp_execution_context(default_num_clients=2)
tff.framework.set_default_context(context)
made = int(total([1, 2, 3], 10))

tff.backends.native.set_localhost_cpp_execution_context(
    default_num_clients=1, max_concurrent_computation_calls=1)
print(json.dumps({'made': made, 'set': int(total([4, 5], 20))}))
