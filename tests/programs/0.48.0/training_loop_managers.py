"""A training loop of 0.48 with release managers that take the type of what they release."""
import asyncio
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


@tff.federated_computation
def initialize():
  return tff.federated_value(0.0, tff.SERVER)


@tff.tf_computation(tff.SequenceType(tf.float32))
def total(ds):
  return ds.reduce(0.0, lambda a, b: a + b)


@tff.tf_computation(tf.float32, tf.float32)
def move(state, target):
  return state + 0.5 * (target - state)


@tff.tf_computation(tf.float32, tf.float32)
def measure(state, target):
  return collections.OrderedDict(loss=tf.square(target - state))


@tff.federated_computation(
    tff.type_at_server(tf.float32), tff.type_at_clients(tff.SequenceType(tf.float32)))
def next_fn(state, data):
  target = tff.federated_mean(tff.federated_map(total, data))
  return (tff.federated_map(move, (state, target)), tff.federated_map(measure, (state, target)))


process = tff.templates.IterativeProcess(initialize, next_fn)


class WithTypes:
  """All that a training loop asks of a release manager."""

  def __init__(self):
    self.released = []

  async def release(self, value, type_signature, key):
    await asyncio.sleep(0)
    self.released.append([key, str(type_signature), sorted(value),
                          {k: float(v) for k, v in value.items() if 'time' not in k}])


class InMemory:
  """All that a training loop asks of a program state manager."""

  def __init__(self):
    self.saved = {}

  async def load_latest(self, structure):
    return None, 0

  async def save(self, program_state, version):
    self.saved[version] = float(program_state)


def select(round_num):
  return [tf.data.Dataset.from_tensor_slices(np.arange(n + round_num, dtype=np.float32))
          for n in range(1, 3)]


managers = [WithTypes(), WithTypes()]
memory = InMemory()
state = tff.simulation.run_training_process(
    process, select, 2,
    evaluation_fn=lambda state, data: collections.OrderedDict(distance=float(10.0 - state)),
    evaluation_selection_fn=select,
    rounds_per_evaluation=2,
    program_state_manager=memory,
    metrics_managers=managers)

data = tff.simulation.datasets.TestClientData({
    'a': collections.OrderedDict(x=tf.constant([[1.0, 2.0]])),
    'b': collections.OrderedDict(x=tf.constant([[3.0, 4.0], [5.0, 6.0]])),
})
emnist = tff.simulation.datasets.emnist.get_synthetic()
print(json.dumps({
    'state': float(state),
    'released': managers[0].released,
    'same': managers[0].released == managers[1].released,
    'saved': memory.saved,
    'data': [[e['x'].numpy().tolist() for e in data.create_tf_dataset_for_client(i)]
             for i in data.client_ids],
    'emnist': emnist.client_ids,
}))
