"""Executor factories, the contexts made of them, and the reference executor."""

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


def outcome(fn, *args):
  try:
    return int(fn(*args))
  except Exception as e:
    return type(e).__name__


def outcomes():
  return [outcome(total, [1, 2, 3]), outcome(total, [1, 2]), outcome(number_of_clients)]


output = collections.OrderedDict()
tff.framework.set_default_executor(tff.framework.local_executor_factory(3))
output['three_clients'] = outcomes()
tff.framework.set_default_executor(tff.framework.local_executor_factory(max_fanout=2))
output['any_clients'] = outcomes()
tff.framework.set_default_executor(tff.framework.sizing_executor_factory(num_clients=3))
output['sizing'] = outcomes()
tff.framework.set_default_context(tff.framework.ReferenceExecutor())
output['reference'] = [outcome(total, [1, 2, 3]), outcome(total, [1, 2])]
factory = tff.framework.local_executor_factory()
tff.framework.set_default_executor(
    tff.framework.create_executor_factory(factory.create_executor))
output['of_a_function'] = [outcome(total, [1, 2, 3]), outcome(total, [4])]
output['is_a_factory'] = isinstance(factory, tff.framework.ExecutorFactory)
factory.clean_up_executors()


class Counting(tff.framework.ExecutorFactory):
  """A user's factory."""

  def __init__(self):
    self.asked = []
    self._made = tff.framework.local_executor_factory()

  def create_executor(self, cardinalities):
    self.asked.append(sorted((str(k), v) for k, v in cardinalities.items()))
    return self._made.create_executor(cardinalities)

  def clean_up_executors(self):
    self._made.clean_up_executors()


counting = Counting()
tff.framework.set_default_executor(counting)
output['users_factory'] = [int(total([1, 2, 3])), counting.asked[-1]]

for name, make in [
    ('zero', lambda: tff.framework.local_executor_factory(0)),
    ('text', lambda: tff.framework.local_executor_factory('3')),
    ('fanout', lambda: tff.framework.local_executor_factory(max_fanout=1)),
    ('no_executors', lambda: tff.framework.worker_pool_executor_factory([])),
    ('no_list', lambda: tff.framework.worker_pool_executor_factory(3)),
]:
  try:
    make()
    output[name] = 'made'
  except Exception as e:
    output[name] = type(e).__name__
print(json.dumps(output))
