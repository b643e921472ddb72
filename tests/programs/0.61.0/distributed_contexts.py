"""The experimental contexts of 0.60 and 0.61, on a mesh of one device."""
import asyncio
import json

import tensorflow as tf
import tensorflow_federated as tff


@tff.federated_computation(tff.type_at_clients(tf.int32))
def total(values):
  return tff.federated_sum(values)


def value(result):
  return int(asyncio.run(result) if asyncio.iscoroutine(result) else result)


mesh = tf.experimental.dtensor.create_mesh([('only', 1)], devices=['CPU:0'])


def run(context):
  tff.framework.set_default_context(context)
  return value(total([1, 2, 3]))


native = tff.backends.native.DistributedConfiguration(server_mesh=mesh)
test = tff.backends.test.DistributedConfiguration(mesh, None)
results = {
    'meshes': [native.server_mesh is mesh, native.client_mesh, test.client_mesh],
    'made': [
        run(tff.backends.native.create_sync_experimental_distributed_cpp_execution_context(
            native, default_num_clients=2)),
        run(tff.backends.native.create_async_experimental_distributed_cpp_execution_context(
            distributed_config=native)),
        run(tff.backends.test.create_sync_experimental_distributed_cpp_execution_context(test)),
        run(tff.backends.test.create_async_experimental_distributed_cpp_execution_context(test)),
    ],
    'set': [],
}
tff.backends.native.set_async_experimental_distributed_cpp_execution_context(native)
results['set'].append(value(total([4, 5])))
tff.backends.native.set_sync_experimental_distributed_cpp_execution_context(
    native, max_concurrent_computation_calls=1)
results['set'].append(value(total([6, 7])))
tff.backends.test.set_async_experimental_distributed_cpp_execution_context(test)
results['set'].append(value(total([8, 9])))
tff.backends.test.set_sync_experimental_distributed_cpp_execution_context(test)
results['set'].append(value(total([10, 11])))
print(json.dumps(results))
