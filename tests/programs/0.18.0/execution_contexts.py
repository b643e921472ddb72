"""Contexts and executor factories of 0.18, the last that are told `num_clients`, and test ones."""

import collections
import json

import grpc
import tensorflow as tf
import tensorflow_federated as tff

native = tff.backends.native


@tff.federated_computation(tff.type_at_clients(tf.int32))
def total(x):
  return tff.federated_sum(x)


@tff.federated_computation
def number_of_clients():
  return tff.federated_sum(tff.federated_value(1, tff.CLIENTS))


def outcome(fn, *args):
  try:
    return int(fn(*args))
  except Exception as e:
    return type(e).__name__


def outcomes():
  return [outcome(total, [1, 2, 3]), outcome(total, [1]), outcome(number_of_clients)]


def outcomes_in(context):
  with tff.framework.get_context_stack().install(context):
    return outcomes()


def outcomes_by(factory):
  return outcomes_in(tff.framework.ExecutionContext(factory))


output = collections.OrderedDict()
native.set_local_execution_context()
output['local'] = outcomes()
native.set_local_execution_context(3)
output['local_of_three'] = outcomes()
native.set_local_execution_context(num_clients=3, clients_per_thread=2)
output['local_in_threads'] = outcomes()
native.set_thread_debugging_execution_context(num_clients=3)
output['debugging'] = outcomes()
native.set_local_execution_context()
output['created'] = outcomes_in(native.create_local_execution_context(num_clients=3))
output['created_debugging'] = outcomes_in(native.create_thread_debugging_execution_context(3))
output['created_sizing'] = outcomes_in(
    native.create_sizing_execution_context(num_clients=3, clients_per_thread=2))
output['by_local_factory'] = outcomes_by(tff.framework.local_executor_factory(num_clients=3))
output['by_debugging_factory'] = outcomes_by(
    tff.framework.thread_debugging_executor_factory(num_clients=3))
sizing = tff.framework.sizing_executor_factory(num_clients=3)
output['by_sizing_factory'] = outcomes_by(sizing)



@tff.federated_computation(tff.type_at_clients(tf.int32))
def secure_total(x):
  return tff.federated_secure_sum(x, 8)


tff.backends.test.set_test_execution_context(num_clients=3)
output['test'] = [outcome(secure_total, [1, 2, 3]), outcome(number_of_clients)]
native.set_local_execution_context()
with tff.framework.get_context_stack().install(
    tff.backends.test.create_test_execution_context(num_clients=2, clients_per_thread=1)):
  output['created_test'] = [outcome(secure_total, [1, 2]), outcome(number_of_clients)]
output['resolved_at_clients'] = outcomes_in(
    native.create_local_execution_context(num_clients=3, reference_resolving_clients=True))

channel = grpc.insecure_channel('localhost:1')
output['remote'] = [
    isinstance(native.create_remote_execution_context([channel]), tff.framework.Context),
    isinstance(tff.framework.remote_executor_factory([channel], rpc_mode='STREAMING'),
               tff.framework.ExecutorFactory),
]
native.set_remote_execution_context([channel], thread_pool_executor=None, max_fanout=10)
native.set_local_execution_context()
output['local_again'] = outcomes()

for name, make in [
    ('zero', lambda: native.create_local_execution_context(0)),
    ('text', lambda: tff.framework.local_executor_factory('3')),
    ('fanout', lambda: native.set_local_execution_context(max_fanout=1)),
    ('default_num_clients', lambda: native.set_local_execution_context(default_num_clients=3)),
    ('no_channels', lambda: native.create_remote_execution_context([])),
    ('no_list', lambda: tff.framework.remote_executor_factory(3)),
    ('rpc_mode', lambda: tff.framework.remote_executor_factory([channel], rpc_mode='POST')),
]:
  try:
    make()
    output[name] = 'made'
  except Exception as e:
    output[name] = type(e).__name__

add_two = tff.tf_computation(lambda x: x + 2, tf.int32)
block = add_two.to_building_block()
as_computation = tff.framework.building_block_to_computation(block)
output['of_a_block'] = [str(as_computation.type_signature), int(as_computation(3))]
try:
  tff.framework.building_block_to_computation(add_two)
except Exception as e:
  output['of_no_block'] = type(e).__name__

stack = tff.framework.get_context_stack()
with_intrinsics = total.to_building_block()
bodies, changed = tff.framework.replace_intrinsics_with_bodies(with_intrinsics, stack)
output['bodies'] = [str(bodies.type_signature), changed]
output['contains'] = [
    tff.framework.type_contains(total.type_signature.parameter, lambda t: t.is_tensor()),
    tff.framework.type_contains(total.type_signature.parameter, lambda t: t.is_struct()),
]
print(json.dumps(output))
