"""The contexts of the native and the test backend with their numbers of clients, and the factories in them."""

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


@tff.federated_computation(
    tff.type_at_server(tf.float32), tff.type_at_clients(tf.float32))
def scaled(scale, x):
  multiply = tff.tf_computation(lambda a, b: a * b, tf.float32, tf.float32)
  at_clients = tff.federated_broadcast(scale)
  return tff.federated_mean(tff.federated_map(multiply, (at_clients, x)))


@tff.federated_computation(tff.type_at_clients(tf.int32))
def secure_total(x):
  return tff.federated_secure_sum(x, 8)


def outcome(fn, *args):
  try:
    return int(fn(*args))
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


def outcomes(*more):
  return [outcome(fn, *args) for fn, *args in ((total, [1, 2, 3]), (total, [1])) + more]


def outcomes_in(context, *more):
  with tff.framework.get_context_stack().install(context):
    return outcomes(*more)


def error(function, *args, **kwargs):
  try:
    function(*args, **kwargs)
    return 'made'
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


native = tff.backends.native
framework = tff.framework
output = collections.OrderedDict()
native.set_local_execution_context()
output['local'] = outcomes()
native.set_local_execution_context(num_clients=3, max_fanout=3, clients_per_thread=2)
output['local of three'] = outcomes([number_of_clients])
native.set_local_execution_context(num_clients=2, reference_resolving_clients=True)
output['resolving'] = outcomes([number_of_clients])
native.set_thread_debugging_execution_context(num_clients=1)
output['debugging'] = outcomes([number_of_clients])
native.set_thread_debugging_execution_context()
output['debugging any'] = outcomes() + [float(scaled(2.0, [1.0, 4.0]))]
output['created'] = outcomes_in(
    native.create_local_execution_context(num_clients=3), [number_of_clients])
output['created any'] = outcomes_in(native.create_local_execution_context(max_fanout=2))
output['created debugging'] = outcomes_in(
    native.create_thread_debugging_execution_context(num_clients=3, clients_per_thread=2), [number_of_clients])
output['created sizing'] = outcomes_in(
    native.create_sizing_execution_context(num_clients=3, max_fanout=3), [number_of_clients])

for name, factory in [
    ('local', framework.local_executor_factory(
        num_clients=2, reference_resolving_clients=False)),
    ('debugging', framework.thread_debugging_executor_factory(num_clients=2)),
    ('sizing', framework.sizing_executor_factory(num_clients=2)),
]:
  output['factory ' + name] = outcomes_in(
      framework.ExecutionContext(executor_fn=factory), [number_of_clients]) + [
      isinstance(factory, framework.ExecutorFactory)]

sizing = framework.sizing_executor_factory()
framework.set_default_context(framework.ExecutionContext(executor_fn=sizing))
sizes = []
for values in ([1.0, 2.0], [1.0, 2.0, 6.0]):
  sizes.append(float(scaled(2.0, values)))
  info = sizing.get_size_info()
  sizes.append([[int(n) for n in info.broadcast_bits], [int(n) for n in info.aggregate_bits]])
output['sizes'] = sizes

test = tff.backends.test
test.set_test_execution_context()
output['test'] = [outcome(secure_total, [1, 2, 3])] + outcomes()
test.set_test_execution_context(num_clients=3, clients_per_thread=2)
output['test of three'] = [outcome(secure_total, [1, 2, 3]), outcome(secure_total, [1])] + outcomes([number_of_clients])
with framework.get_context_stack().install(test.create_test_execution_context(num_clients=2)):
  output['created test'] = [outcome(secure_total, [1, 2])] + outcomes([number_of_clients])

output['errors'] = [
    error(test.create_test_execution_context, num_clients=-1),
    error(test.set_test_execution_context, num_clients='two'),
    error(native.create_local_execution_context, num_clients=-1),
    error(native.create_local_execution_context, num_clients=0),
    error(native.create_local_execution_context, num_clients='two'),
    error(native.set_local_execution_context, max_fanout=1),
    error(native.create_sizing_execution_context, max_fanout=1),
    error(native.set_thread_debugging_execution_context, num_clients=1.5),
    error(framework.local_executor_factory, max_fanout=1),
    error(framework.sizing_executor_factory, num_clients='two'),
    error(framework.thread_debugging_executor_factory, -2),
]
print(json.dumps(output))
