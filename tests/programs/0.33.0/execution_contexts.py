"""Contexts whose computations are awaited, mergeable ones, and the errors of executors."""

import asyncio
import collections
import json

import tensorflow as tf
import tensorflow_federated as tff


@tff.federated_computation(tff.type_at_clients(tf.int32))
def total(x):
  return tff.federated_sum(x)


@tff.tf_computation(tf.int32)
def as_float(x):
  return tf.cast(x, tf.float32)


@tff.federated_computation(tff.type_at_clients(tf.int32))
def mean(x):
  return tff.federated_mean(tff.federated_map(as_float, x))


@tff.federated_computation
def number_of_clients():
  return tff.federated_sum(tff.federated_value(1, tff.CLIENTS))


native = tff.backends.native
output = collections.OrderedDict()


async def awaited():
  sums = await asyncio.gather(total([1, 2, 3]), total([4, 5, 6]))
  return [int(x) for x in sums] + [int(await number_of_clients())]


native.set_local_async_python_execution_context(default_num_clients=2)
output['awaited'] = asyncio.new_event_loop().run_until_complete(awaited())

contexts = [native.create_local_async_python_execution_context(default_num_clients=n)
            for n in (2, 3)]
native.set_mergeable_comp_execution_context(contexts)
output['mergeable'] = [int(total([1, 2, 3, 4, 5])), float(mean([1, 2, 6])),
                       int(number_of_clients())]

native.set_thread_debugging_execution_context(default_num_clients=4)
output['debugging'] = int(number_of_clients())

context = tff.framework.ExecutionContext(
    executor_fn=tff.framework.local_executor_factory(default_num_clients=3),
    compiler_fn=tff.backends.native.transform_to_native_form)
output['is_a_context'] = isinstance(context, tff.framework.Context)
with tff.framework.get_context_stack().install(context):
  output['execution_context'] = int(number_of_clients())

tff.backends.test.set_test_python_execution_context(default_num_clients=3)


@tff.federated_computation(tff.type_at_clients(tf.int32))
def secure_total(x):
  return tff.federated_secure_sum_bitwidth(x, 8)


output['test'] = [int(secure_total([1, 2, 3])), int(number_of_clients())]

errors = tff.framework.executors_errors
output['errors'] = collections.OrderedDict(
    retryable_codes=sorted(str(code) for code in errors.get_grpc_retryable_error_codes()),
    is_retryable=issubclass(errors.RetryableGRPCError, errors.RetryableError),
    cardinality=issubclass(errors.CardinalityError, Exception))


class Recording(tff.framework.Context):
  """A user's context, which runs nothing."""

  def __init__(self):
    self.invoked = []

  def invoke(self, comp, arg):
    self.invoked.append(str(comp.type_signature))
    return 12


recording = Recording()
with tff.framework.get_context_stack().install(recording):
  output['users_context'] = [total([1, 2]), recording.invoked]

for name, make in [
    ('no_channels', lambda: native.create_remote_python_execution_context([])),
    ('no_list', lambda: tff.framework.remote_executor_factory(3)),
    ('no_number', lambda: tff.framework.remote_executor_factory_from_stubs([None], max_fanout='2')),
    ('port', lambda: tff.simulation.run_server(
        tff.framework.local_executor_factory(), num_threads=1, port=0)),
    ('threads', lambda: tff.simulation.run_server(
        tff.framework.local_executor_factory(), num_threads=0, port=10000)),
]:
  try:
    make()
    output[name] = 'made'
  except Exception as e:
    output[name] = type(e).__name__
print(json.dumps(output))
