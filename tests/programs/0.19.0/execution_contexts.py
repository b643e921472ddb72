"""Contexts of the native, the test and the reference backend, and executor factories in them."""

import collections
import json

import tensorflow as tf
import tensorflow_federated as tff


@tff.federated_computation(tff.type_at_clients(tf.int32))
def total(x):
  return tff.federated_sum(x)


@tff.federated_computation
def number_of_clients():
  return tff.federated_sum(tff.federated_value(1, tff.CLIENTS))


@tff.federated_computation(tff.type_at_clients(tf.int32))
def secure_total(x):
  return tff.federated_secure_sum(x, 8)


def outcome(fn, *args):
  try:
    return int(fn(*args))
  except Exception as e:
    return type(e).__name__


def outcomes():
  return [outcome(total, [1, 2, 3]), outcome(total, [1]), outcome(number_of_clients)]


def outcomes_in(context):
  stack = tff.framework.get_context_stack()
  with stack.install(context):
    return outcomes()


native = tff.backends.native
output = collections.OrderedDict()
native.set_local_execution_context()
output['local'] = [outcome(total, [1, 2, 3]), outcome(total, [1])]
native.set_local_execution_context(default_num_clients=4)
output['local_of_four'] = outcomes()
native.set_thread_debugging_execution_context(default_num_clients=2)
output['debugging'] = outcomes()
native.set_local_execution_context()
output['local_again'] = [outcome(total, [1, 2, 3]), outcome(total, [1])]
output['created'] = outcomes_in(native.create_local_execution_context(default_num_clients=5))
output['created_debugging'] = outcomes_in(
    native.create_thread_debugging_execution_context(default_num_clients=6))
output['created_sizing'] = outcomes_in(
    native.create_sizing_execution_context(default_num_clients=7))
output['execution_context'] = outcomes_in(
    tff.framework.ExecutionContext(
        tff.framework.local_executor_factory(default_num_clients=8)))
output['of_a_stack'] = outcomes_in(
    tff.framework.ExecutionContext(
        tff.framework.ResourceManagingExecutorFactory(
            tff.framework.local_executor_factory(default_num_clients=9).create_executor)))
output['factories'] = [
    isinstance(each, tff.framework.ExecutorFactory) for each in (
        tff.framework.local_executor_factory(),
        tff.framework.sizing_executor_factory(),
        tff.framework.thread_debugging_executor_factory(),
        tff.framework.ExecutionContext(tff.framework.local_executor_factory()).executor_factory,
    )
]

tff.backends.test.set_test_execution_context(default_num_clients=3)
output['test'] = [outcome(secure_total, [1, 2, 3]), outcome(number_of_clients)]
with tff.framework.get_context_stack().install(
    tff.backends.test.create_test_execution_context(num_clients=2)):
  output['created_test'] = outcome(secure_total, [1, 2])

tff.backends.reference.set_reference_context()
output['reference'] = [outcome(total, [1, 2, 3]), outcome(total, [1])]
with tff.framework.get_context_stack().install(
    tff.backends.reference.create_reference_context()):
  output['created_reference'] = outcome(total, [1, 2, 3])

print(json.dumps(output))
