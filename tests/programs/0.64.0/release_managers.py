"""Release managers of 0.64: types that are filtered with their values, values read back from files."""
import asyncio
import collections
import datetime
import json
import os
import tempfile
from typing import NamedTuple

import attrs
import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


class Metrics(NamedTuple):
  loss: float
  sizes: list


@attrs.define
class Opaque:
  number: int


class ListReleaseManager(tff.program.ReleaseManager[tff.program.ReleasableStructure, int]):
  """Releases values with their types to a list."""

  def __init__(self):
    self.released = []

  async def release(self, value, type_signature, key):
    self.released.append([key, str(type_signature), type(value).__name__, repr(value)])


class Counter(tff.program.FederatedDataSource):

  federated_type = tff.FederatedType(np.int32, tff.CLIENTS)

  def iterator(self):
    return CounterIterator(0)


class CounterIterator(tff.program.FederatedDataSourceIterator):

  federated_type = Counter.federated_type

  def __init__(self, count):
    self.count = count

  @classmethod
  def from_bytes(cls, buffer):
    return cls(int(buffer))

  def to_bytes(self):
    return str(self.count).encode()

  def select(self, k=None):
    self.count += 1
    return [self.count] * k

  def __eq__(self, other):
    return self.count == other.count


async def error_of(function, *args, **kwargs):
  try:
    result = function(*args, **kwargs)
    if asyncio.iscoroutine(result):
      await result
  except Exception as error:  # pylint: disable=broad-except
    return [type(error).__name__, str(error) if 'version' in str(error) else '']
  return None


async def prefetch():
  source = tff.program.PrefetchingDataSource(
      Counter(), total_iterations=3, iterations_to_prefetch=1, k_to_prefetch=2)
  iterator = source.iterator()
  again = type(iterator).from_bytes(iterator.to_bytes())
  add = tff.federated_computation(tff.federated_sum, Counter.federated_type)
  sums = [int(await add(iterator.select(k=2))) for _ in range(3)]
  return {
      'sums': sums,
      'end': (await error_of(iterator.select, 2))[0],
      'again': [again == again, type(again).__name__, len(iterator.to_bytes()) > 32],
      'type': [str(source.federated_type), str(iterator.federated_type)],
      'other': (await error_of(iterator.select, 3))[0],
      'none': (await error_of(tff.program.PrefetchingDataSource, Counter(), 3, 1, 0))[0],
  }


async def filtering():
  listed = ListReleaseManager()
  value = collections.OrderedDict(
      a=1, b={'c': 2.0, 'd': 'text'}, e=[3, 4], f=Metrics(0.5, [5, 6]), g=Opaque(7))
  type_signature = tff.types.to_type(collections.OrderedDict(
      a=np.int32, b=collections.OrderedDict(c=np.float32, d=np.str_), e=[np.int32, np.int32],
      f=Metrics(np.float32, [np.int32, np.int32]), g=Opaque(np.int32)))
  errors = []
  for filter_fn in (
      lambda path: True,
      lambda path: False,
      lambda path: path[0] in 'ab',
      lambda path: path in [('b', 'd'), ('e', 1)],
      lambda path: path[0] in 'fg',
      lambda path: path == ('f', 'loss'),
  ):
    manager = tff.program.FilteringReleaseManager(listed, filter_fn)
    errors.append(await error_of(manager.release, value, type_signature, len(errors)))
  manager = tff.program.FilteringReleaseManager(listed, lambda path: path == ('a',))
  errors.append(await error_of(manager.release, {'b': 1}, tff.types.to_type({'a': np.int32}), 7))
  return {'listed': listed.released, 'errors': errors}


async def main():
  folder = tempfile.mkdtemp()
  listed = ListReleaseManager()
  memory = tff.program.MemoryReleaseManager()
  metrics = Metrics(0.5, [5, 6])
  metrics_type = tff.types.to_type(Metrics(np.float32, [np.int32, np.int32]))
  periodic = tff.program.PeriodicReleaseManager(
      tff.program.GroupingReleaseManager([listed, memory]), 2)
  for key in range(1, 6):
    await periodic.release([key, 'text'], tff.types.to_type([np.int32, np.str_]), key)
  rarely = tff.program.PeriodicReleaseManager(listed, datetime.timedelta(hours=1))
  await rarely.release(1, tff.TensorType(np.int32), 6)
  models = tff.program.SavedModelFileReleaseManager(folder)
  await models.release(metrics, metrics_type, 'best')
  await models.release({'b': tf.constant([1.0, 2.0]), 'a': 'text'},
                       tff.types.to_type({'a': np.str_, 'b': (np.float32, [2])}), key=2)
  best = await models.get_value('best', metrics)
  as_list = await models.get_value('best', structure=[0, 0, 0])
  second = await models.get_value(2, {'a': 0, 'b': 0})
  states = tff.program.FileProgramStateManager(os.path.join(folder, 'states'))
  iterator = CounterIterator(3)
  await states.save({'iterator': iterator, 'metrics': metrics, 'none': [1]}, np.int32(1))
  state, version = await states.load_latest(
      {'iterator': iterator, 'metrics': metrics, 'none': [0]})
  csv_path = os.path.join(folder, 'metrics.csv')
  csv = tff.program.CSVFileReleaseManager(csv_path)
  await csv.release({'metrics': metrics, 'opaque': 1.5}, metrics_type, 1)
  board = tff.program.TensorBoardReleaseManager(os.path.join(folder, 'board'))
  await board.release({'a': 1.0}, tff.types.to_type({'a': np.float32}), 1)
  with open(csv_path) as file:
    rows = file.read().split()
  exists = tff.program.ProgramStateExistsError(3)
  return {
      'listed': listed.released,
      'memory': [[key, value, str(kept_type)] for key, (value, kept_type) in
                 memory.values().items()],
      'best': [type(best).__name__, float(best.loss), [int(each) for each in best.sizes]],
      'as_list': [float(each) for each in as_list],
      'second': [second['a'].decode(), second['b'].tolist()],
      'state': [version, state['iterator'].count, type(state['metrics']).__name__,
                float(state['metrics'].loss), [int(each) for each in state['none']]],
      'rows': rows,
      'filtering': await filtering(),
      'exists': str(exists),
      'errors': {
          'exists': await error_of(states.save, 1, 1),
          'version': await error_of(states.load, 5, [0]),
          'few': await error_of(states.load, 1, [0]),
          'found': await error_of(models.get_value, 9, [0]),
          'few_values': await error_of(models.get_value, 2, [0]),
          'csv': (await error_of(tff.program.CSVFileReleaseManager, csv_path,
                                 tff.program.CSVSaveMode.WRITE, 'x'))[0],
          'periodicity': await error_of(tff.program.PeriodicReleaseManager, listed, 0),
          'typeless': (await error_of(memory.release, 1, None, 1))[0],
          'keyless': (await error_of(memory.release, 1, tff.TensorType(np.int32)))[0],
          'context': await error_of(tff.program.check_in_federated_context) is not None,
      },
  }


def run_training():
  """The training loop of the library gives managers the types of what it releases."""
  listed = ListReleaseManager()
  memory = tff.program.MemoryReleaseManager()
  named = lambda path: path[0] in ('added', 'round_number')

  @tff.federated_computation(tff.FederatedType(np.int32, tff.SERVER),
                             tff.FederatedType(np.int32, tff.CLIENTS))
  def next_fn(state, data):
    del state
    added = tff.federated_sum(data)
    return added, tff.federated_zip(collections.OrderedDict(added=added))

  process = tff.templates.IterativeProcess(
      tff.federated_computation(lambda: tff.federated_value(0, tff.SERVER)), next_fn)
  state = tff.simulation.run_training_process(
      process, lambda round_num: [round_num, 5], 2,
      metrics_managers=[tff.program.FilteringReleaseManager(listed, named), memory])
  return {'state': int(state), 'keys': [each[:2] for each in listed.released],
          'types': [str(kept_type) for _, kept_type in memory.values().values()]}


trained = run_training()
loop = asyncio.get_event_loop()
output = loop.run_until_complete(main())
tff.backends.native.set_async_local_cpp_execution_context()
prefetched = loop.run_until_complete(prefetch())
print(json.dumps({**output, 'trained': trained, 'prefetched': prefetched}))
