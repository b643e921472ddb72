"""The local context of 0.15, the reference executor, and what is done where there are no clients."""

import collections
import json

import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()


@tff.federated_computation(tff.FederatedType(tf.int32, tff.CLIENTS))
def total(x):
  return tff.federated_sum(x)


@tff.federated_computation
def number_of_clients():
  return tff.federated_sum(tff.federated_value(1, tff.CLIENTS))


@tff.federated_computation(tff.FederatedType(tf.int32, tff.SERVER))
def sent_to_all(x):
  return tff.federated_sum(tff.federated_broadcast(x))


def outcome(fn, *args):
  try:
    return int(fn(*args))
  except Exception as e:
    return type(e).__name__


def outcomes():
  return [
      outcome(total, [1, 2, 3]), outcome(total, [1]), outcome(total, []),
      outcome(number_of_clients), outcome(sent_to_all, 5)
  ]


output = collections.OrderedDict()
output['as_imported'] = outcomes()
tff.backends.native.set_local_execution_context(3)
output['three'] = outcomes()
tff.backends.native.set_local_execution_context(num_clients=3, num_client_executors=2)
output['two_executors'] = outcomes()
tff.backends.native.set_local_execution_context(max_fanout=2)
output['any_number'] = outcomes()

tff.framework.set_default_context(
    tff.framework.ExecutionContext(tff.framework.sizing_executor_factory(num_clients=3)))
output['sizing'] = outcomes()
tff.framework.set_default_context(tff.test.ReferenceExecutor())
output['reference'] = [outcome(total, [1, 2, 3]), outcome(total, [1])]
tff.backends.native.set_local_execution_context()

for name, make in [
    ('zero', lambda: tff.backends.native.set_local_execution_context(0)),
    ('negative', lambda: tff.framework.local_executor_factory(-1)),
    ('text', lambda: tff.backends.native.set_local_execution_context('3')),
    ('fanout', lambda: tff.backends.native.set_local_execution_context(max_fanout=1)),
]:
  try:
    make()
    output[name] = 'made'
  except Exception as e:
    output[name] = type(e).__name__
print(json.dumps(output))
