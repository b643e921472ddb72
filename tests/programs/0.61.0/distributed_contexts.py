"""The experimental contexts of 0.60 and 0.61: what they are made from; they ran on no CPU."""
import json

import tensorflow as tf
import tensorflow_federated as tff

mesh = tf.experimental.dtensor.create_mesh([('only', 1)], devices=['CPU:0'])
native = tff.backends.native.DistributedConfiguration(server_mesh=mesh)
test = tff.backends.test.DistributedConfiguration(mesh, None)


def outcome(fn, *args, **kwargs):
  try:
    return type(fn(*args, **kwargs)).__name__
  except ValueError as e:
    return type(e).__name__


print(json.dumps({
    'without': outcome(tff.backends.native.DistributedConfiguration),
    'meshes': [native.server_mesh is mesh, native.client_mesh, test.client_mesh],
    'made': [
        outcome(tff.backends.native.create_sync_experimental_distributed_cpp_execution_context,
                native, default_num_clients=2),
        outcome(tff.backends.native.create_async_experimental_distributed_cpp_execution_context,
                distributed_config=native),
        outcome(tff.backends.test.create_sync_experimental_distributed_cpp_execution_context, test),
        outcome(tff.backends.test.create_async_experimental_distributed_cpp_execution_context, test),
    ],
    'set': [
        outcome(tff.backends.native.set_async_experimental_distributed_cpp_execution_context, native),
        outcome(tff.backends.native.set_sync_experimental_distributed_cpp_execution_context,
                native, max_concurrent_computation_calls=1),
        outcome(tff.backends.test.set_async_experimental_distributed_cpp_execution_context, test),
        outcome(tff.backends.test.set_sync_experimental_distributed_cpp_execution_context, test),
    ],
}))
