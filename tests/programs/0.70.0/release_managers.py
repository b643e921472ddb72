"""Release managers of 0.70, where the type and the key of a value may be left out."""
import asyncio
import collections
import json
import os
import tempfile

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


class ListReleaseManager(tff.program.ReleaseManager):
  """Releases values to a list."""

  def __init__(self):
    self.released = []

  async def release(self, value, type_signature=None, key=None):
    self.released.append([repr(value), repr(type_signature), key])


async def error_of(awaitable):
  try:
    await awaitable
  except Exception as error:  # pylint: disable=broad-except
    return type(error).__name__
  return None


async def main():
  folder = tempfile.mkdtemp()
  listed = ListReleaseManager()
  memory = tff.program.MemoryReleaseManager()
  csv_path = os.path.join(folder, 'metrics.csv')
  csv = tff.program.CSVFileReleaseManager(csv_path)
  models = tff.program.SavedModelFileReleaseManager(folder)
  board = tff.program.TensorBoardReleaseManager(os.path.join(folder, 'board'))
  group = tff.program.GroupingReleaseManager([listed, memory, models])
  delayed = tff.program.DelayedReleaseManager(group, 3)
  every_second = tff.program.PeriodicReleaseManager(delayed, periodicity=2)
  filtering = tff.program.FilteringReleaseManager(every_second, lambda path: path != ('b',))
  int_type = tff.TensorType(np.int32)
  for key in range(1, 9):
    await filtering.release({'a': key, 'b': -key}, tff.types.to_type({'a': np.int32}), key)
  await listed.release(1)
  await listed.release(2, int_type, 3)
  await memory.release(4)
  await memory.release(5, int_type, 'five')
  await memory.release(6, key='six')
  await memory.release(7, None, 'seven')
  await csv.release({'a': 1})
  await csv.release({'a': 2}, int_type, 1)
  await csv.release({'a': 3}, key=2)
  await board.release({'a': 1.0})
  await tff.program.LoggingReleaseManager().release('text')
  await tff.program.LoggingReleaseManager().release('text', int_type, 'key')
  with open(csv_path) as file:
    rows = file.read().split()
  values = {str(key): str(value) for key, value in memory.values().items()}
  memory.remove_all()
  return {
      'listed': listed.released,
      'values': values,
      'removed': len(memory.values()),
      'rows': rows,
      'saved': int((await models.get_value(6, {'a': 0}))['a']),
      'delay': await error_of(asyncio.to_thread(tff.program.DelayedReleaseManager, listed, 0)),
      'missing': await error_of(models.get_value(7, {'a': 0})),
  }


def run_training():
  """The training loop of the library no longer gives managers types."""
  listed = ListReleaseManager()
  next_fn = tff.federated_computation(
      lambda state, data: (state, tff.federated_zip(collections.OrderedDict(
          added=tff.federated_sum(data)))),
      tff.FederatedType(np.int32, tff.SERVER), tff.FederatedType(np.int32, tff.CLIENTS))
  process = tff.templates.IterativeProcess(
      tff.federated_computation(lambda: tff.federated_value(0, tff.SERVER)), next_fn)
  tff.simulation.run_training_process(
      process, lambda round_num: [round_num, 5], 2, metrics_managers=[
          tff.program.FilteringReleaseManager(listed, lambda path: path == ('round_number',))])
  return [each[1:] for each in listed.released]


trained = run_training()
output = asyncio.get_event_loop().run_until_complete(main())
print(json.dumps({**output, 'trained': trained}))
