"""Operators on sequences in 0.20, in a runtime that has them, and the contexts for tests."""
import collections
import json

import tensorflow as tf
import tensorflow_federated as tff


@tff.tf_computation(tf.int32)
def double(x):
  return 2 * x


@tff.tf_computation(tf.float32, tf.int32)
def add(total, x):
  return total + tf.cast(x, tf.float32)


@tff.federated_computation(tff.SequenceType(tf.int32))
def doubled(values):
  return tff.sequence_map(double, values)


@tff.federated_computation(tff.SequenceType(tf.int32))
def total(values):
  return tff.sequence_sum(values)


@tff.federated_computation(tff.SequenceType(tf.int32), tf.float32)
def reduced(values, start):
  return tff.sequence_reduce(values, start, add)


@tff.federated_computation(tff.SequenceType(tf.int32), tf.float32)
def mapped(values, start):
  return tff.sequence_reduce(tff.sequence_map(double, values), start, add)


# The runtime of 0.20 did not run sums.
@tff.federated_computation(tff.type_at_clients(tff.SequenceType(tf.int32)))
def at_clients(values):
  mapped = tff.sequence_map(double, values)
  return collections.OrderedDict(
      sums=tff.sequence_sum(mapped), total=tff.federated_sum(tff.sequence_sum(values)))


@tff.federated_computation(tff.type_at_server(tff.SequenceType(tf.int32)))
def at_server(values):
  return tff.sequence_sum(tff.sequence_map(double, values))


@tff.federated_computation(tff.type_at_clients(tf.int32))
def secure_total(x):
  return tff.federated_secure_sum(x, 8)


@tff.federated_computation
def number_of_clients():
  return tff.federated_sum(tff.federated_value(1, tff.CLIENTS))


def outcome(function, *args):
  try:
    return function(*args)
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


context = tff.framework.ExecutionContext(
    executor_fn=tff.framework.local_executor_factory(
        default_num_clients=2, support_sequence_ops=True),
    compiler_fn=tff.backends.native.transform_to_native_form)
output = {'types': [str(each.type_signature)
                    for each in (doubled, total, reduced, mapped, at_clients, at_server)]}
with tff.framework.get_context_stack().install(context):
  output['reduced'] = outcome(lambda: float(reduced([1, 2, 3], 0.5)))
  output['mapped'] = outcome(lambda: float(mapped([1, 2, 3], 0.5)))
  output['of a dataset'] = outcome(
      lambda: float(reduced(tf.data.Dataset.range(5).map(lambda x: tf.cast(x, tf.int32)), 1.0)))
  output['number of clients'] = int(number_of_clients())

test = tff.backends.test
test.set_test_execution_context(default_num_clients=3)
output['test'] = [int(secure_total([1, 2])), int(number_of_clients())]
with tff.framework.get_context_stack().install(
    test.create_test_execution_context(default_num_clients=2, clients_per_thread=2)):
  output['created test'] = [int(secure_total([4, 5, 6])), int(number_of_clients())]
output['errors'] = [
    outcome(test.create_test_execution_context, -1), outcome(test.set_test_execution_context, '2'),
    outcome(test.set_test_execution_context, None)]
print(json.dumps(output))
