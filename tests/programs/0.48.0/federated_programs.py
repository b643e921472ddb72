"""A federated program of 0.48: state and metrics of training that goes on where it ended."""
import asyncio
import collections
import json
import os
import tempfile
from typing import NamedTuple

import attr
import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


@attr.s(auto_attribs=True)
class State:
  weights: object
  round_num: int


class Metrics(NamedTuple):
  loss: float
  sizes: list


class ListReleaseManager(tff.program.ReleaseManager[tff.program.ReleasableStructure, int]):
  """Releases values with their types to a list."""

  def __init__(self):
    self.released = []

  async def release(self, value, type_signature, key):
    value = await tff.program.materialize_value(value)
    self.released.append(
        [key, str(type_signature), [float(each) for each in tf.nest.flatten(value)]])


class Numbers(tff.program.FederatedDataSource):

  @property
  def federated_type(self):
    return tff.type_at_clients(tf.float32)

  @property
  def capabilities(self):
    return [tff.program.Capability.DETERMINISTIC]

  def iterator(self):
    return NumbersIterator()


class NumbersIterator(tff.program.FederatedDataSourceIterator):

  def __init__(self):
    self._selected = 0

  @property
  def federated_type(self):
    return tff.type_at_clients(tf.float32)

  def select(self, num_clients=None):
    self._selected += 1
    return [float(self._selected + client) for client in range(num_clients)]


@tff.tf_computation
def initial_state():
  return State(collections.OrderedDict(a=tf.zeros([2]), b=tf.constant(1.0)), tf.constant(0))


@tff.federated_computation
def initialize():
  return tff.federated_eval(initial_state, tff.SERVER)


@tff.tf_computation(initial_state.type_signature.result, tf.float32)
def update(state, mean):
  weights = collections.OrderedDict(a=state.weights['a'] + mean, b=state.weights['b'] * 2)
  return State(weights, state.round_num + 1)


@tff.federated_computation(initialize.type_signature.result, tff.type_at_clients(tf.float32))
def next_fn(state, data):
  mean = tff.federated_mean(data)
  metrics = tff.federated_zip(collections.OrderedDict(mean=mean, sum=tff.federated_sum(data)))
  return tff.federated_map(update, (state, mean)), metrics


async def error_of(function, *args, **kwargs):
  try:
    result = function(*args, **kwargs)
    if asyncio.iscoroutine(result):
      await result
  except Exception as error:  # pylint: disable=broad-except
    return type(error).__name__
  return None


async def train(total_rounds, source, states, manager):
  """Trains from the latest saved state on."""
  tff.program.check_in_federated_context()
  state, version = await states.load_latest(await tff.program.materialize_value(initialize()))
  if state is None:
    state, version = initialize(), 0
  iterator = source.iterator()
  for round_num in range(version + 1, total_rounds + 1):
    state, metrics = next_fn(state, iterator.select(num_clients=2))
    await asyncio.gather(
        manager.release(metrics, next_fn.type_signature.result[1].member, round_num),
        states.save(state, round_num))
  return state


async def main(executing):
  folder = tempfile.mkdtemp()
  states = tff.program.FileProgramStateManager(os.path.join(folder, 'states'), keep_total=1)
  listed = ListReleaseManager()
  csv_path = os.path.join(folder, 'metrics.csv')
  memory = tff.program.MemoryReleaseManager()
  group = tff.program.GroupingReleaseManager(
      [listed, memory, tff.program.CSVFileReleaseManager(csv_path)])
  await train(2, Numbers(), states, group)
  last = await tff.program.materialize_value(await train(4, Numbers(), states, group))
  prefetching = tff.program.PrefetchingDataSource(
      Numbers(), executing, total_rounds=5, num_rounds_to_prefetch=2, num_clients_to_prefetch=2,
      prefetch_threshold=1)
  others = tff.program.FileProgramStateManager(os.path.join(folder, 'others'))
  other = await train(1, prefetching, others, tff.program.LoggingReleaseManager())
  metrics = Metrics(2.5, [1, 2])
  metrics_type = tff.to_type(Metrics(tf.float32, [tf.int32, tf.int32]))
  await memory.release(metrics, metrics_type, 'metrics')
  await others.save(metrics, 7)
  models = tff.program.SavedModelFileReleaseManager(folder)
  await models.release(metrics, metrics_type, np.int64(3))
  calls = []

  async def number():
    calls.append(1)
    return np.float32(1.5)

  reference = tff.program.AwaitableValueReference(number, tff.TensorType(tf.float32))
  same = tff.program.AwaitableValueReference(number, tff.TensorType(tf.float32))
  other_references = tff.program.AwaitableValueReference(main, tff.TensorType(tf.float32))
  ids = tff.program.ClientIdDataSource(['x'])
  with open(csv_path) as file:
    rows = file.read().split()
  loaded = await others.load(7, Metrics(0.0, [0, 0]))
  return {
      'last': [type(last).__name__, last.weights['a'].tolist(), float(last.weights['b']),
               int(last.round_num)],
      'reference': [type(other).__name__, type(other.weights['b']).__name__,
                    str(other.weights['a'].type_signature)],
      'versions': await states.get_versions(),
      'listed': listed.released,
      'memory': [[key, str(kept_type)] for key, (_, kept_type) in memory.values().items()],
      'rows': rows,
      'loaded': [type(loaded).__name__, float(loaded.loss), [int(each) for each in loaded.sizes],
                 type(loaded.loss).__name__],
      'as_list': [float(each) for each in await others.load(7, [0, 0, 0])],
      'saved': sorted(name for name in os.listdir(folder) if name.startswith('release')),
      'awaited': [float(await reference.get_value()), float(await reference.get_value()),
                  len(calls), reference == same, reference == other_references],
      'ids': [ids.iterator().select(num_clients=1), str(ids.federated_type)],
      'capabilities': [str(each.capabilities) for each in (prefetching, ids)],
      'errors': {
          'few': await error_of(others.load, 7, [0, 0]),
          'version': await error_of(others.load, 9, [0]),
          'exists': await error_of(others.save, 1, 7),
          'keyless': await error_of(memory.release, 1, tff.TensorType(tf.int32)),
          'key': await error_of(models.release, 1, tff.TensorType(tf.int32), 'key'),
          'clients': await error_of(prefetching.iterator().select, 3),
          'function': await error_of(
              tff.program.AwaitableValueReference, number(), tff.TensorType(tf.float32)),
          'type': await error_of(tff.program.AwaitableValueReference, number, tf.float32),
          'context': await error_of(tff.program.NativeFederatedContext, None),
          'iterator': await error_of(tff.program.FederatedDataSourceIterator),
          'filter': await error_of(tff.program.FilteringReleaseManager, memory, None),
      },
  }


executing_context = tff.backends.native.create_async_local_cpp_execution_context()
tff.framework.set_default_context(tff.program.NativeFederatedContext(executing_context))
print(json.dumps(asyncio.get_event_loop().run_until_complete(main(executing_context))))
