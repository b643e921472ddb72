"""Contexts of 0.27 that programs make and install themselves: local, for merges, and for tests."""
import json

import tensorflow as tf
import tensorflow_federated as tff


@tff.federated_computation(tff.type_at_clients(tf.int32))
def total(values):
  return tff.federated_sum(values)


@tff.federated_computation(tff.type_at_clients(tf.int32))
def secure_total(values):
  return tff.federated_secure_sum_bitwidth(values, 8)


@tff.tf_computation(tf.int32, tf.int32)
def add(x, y):
  return x + y


def run(context, computation, argument):
  tff.framework.set_default_context(context)
  return int(computation(argument))


results = {
    'local': run(
        tff.backends.native.create_local_python_execution_context(
            default_num_clients=2, max_fanout=10), total, [1, 2, 3]),
    'test': run(
        tff.backends.test.create_test_python_execution_context(clients_per_thread=2),
        secure_total, [1, 2, 3]),
}

factories = [tff.framework.local_executor_factory() for _ in range(2)]
results['mergeable'] = run(
    tff.backends.native.create_mergeable_comp_execution_context(factories), total, [4, 5, 6])
tff.backends.native.set_mergeable_comp_execution_context(factories)
results['set'] = [int(total([1, 2])), int(add(3, 4))]
print(json.dumps(results))
