"""A federated program of 0.27: coroutines everywhere, no types of what is released, tasks in order."""
import asyncio
import collections
import json
import os
import random
import tempfile

import attr
import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


@attr.s(auto_attribs=True)
class State:
  round_num: int
  weights: object


class ListReleaseManager(tff.program.ReleaseManager):
  """Releases materialized values to a list; the number of the round is the key."""

  def __init__(self):
    self.released = []

  async def release(self, value, round_num=None):
    value = await tff.program.materialize_value(value)
    names = sorted(name for name in value if 'time' not in name)
    self.released.append([round_num, {name: float(value[name]) for name in names}])


class DictProgramStateManager(tff.program.ProgramStateManager):

  def __init__(self):
    self.states = {}

  async def get_versions(self):
    # What was saved last is no longer there.
    return sorted([*self.states, 17])

  async def load(self, version, structure):
    if version not in self.states:
      raise tff.program.ProgramStateManagerStateNotFoundError(f'No {version}.')
    return self.states[version]

  async def save(self, program_state, version):
    self.states[version] = await tff.program.materialize_value(program_state)


async def number(value):
  return np.int32(value)


async def fail():
  raise KeyError('a task')


async def error_of(awaitable_or_function, *args):
  try:
    if callable(awaitable_or_function):
      awaitable_or_function(*args)
    else:
      await awaitable_or_function
  except Exception as error:  # pylint: disable=broad-except
    return type(error).__name__
  return None


@tff.tf_computation(tff.SequenceType(tf.int32))
def local_sum(data):
  return data.reduce(0, lambda x, y: x + y)


@tff.federated_computation(tff.type_at_server(tf.int32),
                           tff.type_at_clients(tff.SequenceType(tf.int32)))
def train(total, data):
  added = tff.federated_sum(tff.federated_map(local_sum, data))
  new_total = tff.federated_map(
      tff.tf_computation(lambda x, y: x + y), (total, added))
  return new_total, tff.federated_zip(collections.OrderedDict(added=added))


async def tasks():
  done = []

  async def append(value, yields=0):
    for _ in range(yields):
      await asyncio.sleep(0)
    done.append(value)

  async with tff.async_utils.ordered_tasks() as ordered:
    ordered.add(append('a', yields=3))
    ordered.add(fail())
    ordered.add_callable(lambda: done.append('b'))
    ordered.add_callable(lambda: [].pop())
    ordered.add(append('c'))
  group = tff.async_utils.OrderedTasks()
  group.add_all(append('d', yields=2), append('e'), fail())
  group.add_callable(lambda: done.append('f'))
  await group.wait()
  await group.aclose()

  calls = []

  async def once():
    calls.append(1)
    await asyncio.sleep(0)
    return 5

  shared = tff.async_utils.SharedAwaitable(once())
  failing = tff.async_utils.SharedAwaitable(fail())

  async def wait(awaitable):
    return await awaitable

  results = await asyncio.gather(wait(shared), wait(shared), wait(shared))
  errors = await asyncio.gather(wait(failing), wait(failing), return_exceptions=True)
  return done, calls, results, [repr(each) for each in errors]


async def main():
  folder = tempfile.mkdtemp()
  random.seed(5)
  datasets = [tf.data.Dataset.range(size + 1, output_type=tf.int32) for size in range(4)]
  iterator = tff.program.DatasetDataSource(datasets).iterator()
  states = tff.program.FileProgramStateManager(os.path.join(folder, 'states'), keep_first=False)
  memory = tff.program.MemoryReleaseManager()
  csv_path = os.path.join(folder, 'metrics.csv')
  csv = tff.program.CSVFileReleaseManager(csv_path)
  models = tff.program.SavedModelFileReleaseManager(folder, 'model_')
  board_folder = os.path.join(folder, 'board')
  board = tff.program.TensorBoardReleaseManager(board_folder)
  listed = ListReleaseManager()
  logged = tff.program.LoggingReleaseManager()
  total = 1
  for round_num in range(1, 4):
    # One selection may have a client twice.
    total, metrics = train(total, iterator.select(number_of_clients=round_num))
    for manager in (memory, csv, board, listed):
      await manager.release(metrics, round_num)
    await states.save(State(round_num, [total, {'twice': 2.0}]), round_num)
  await logged.release(metrics)
  await models.release(State(4, total), 4)
  saved = tf.saved_model.load(os.path.join(folder, 'model_4'))()
  state, version = await states.load_latest(State(0, [0, {'twice': 0.0}]))
  kept = DictProgramStateManager()
  await kept.save({'total': total}, 1)
  missing = await kept.load_latest(None)
  with open(csv_path) as file:
    rows = file.read().split()
  reference = tff.program.CoroValueReference(number(7), tff.TensorType(tf.int32))
  done, calls, results, errors = await tasks()
  runner = tff.async_utils.AsyncThreadRunner()
  return {
      'memory': {key: int(value['added']) for key, value in memory.values().items()},
      'listed': listed.released,
      'rows': rows,
      'versions': await states.get_versions(),
      'state': [version, type(state).__name__, int(state.round_num), int(state.weights[0]),
                float(state.weights[1]['twice']), bool(tf.is_tensor(state.weights[0]))],
      'saved': [int(value) for value in saved],
      'board': len(os.listdir(board_folder)),
      'missing': missing,
      'total': [type(total).__name__, str(total.type_signature), int(await total.get_value())],
      'reference': [int(await reference.get_value()), int(await reference.get_value()),
                    reference == reference, reference == 7],
      'tasks': done,
      'calls': calls,
      'results': results,
      'errors': errors,
      'thread': [runner.run_coro_and_return_result(number(3)).tolist(),
                 (await runner.await_coro_and_return_result(number(4))).tolist(),
                 await error_of(runner.await_coro_and_return_result(fail()))],
      'raised': {
          'version': await error_of(states.load(17, state)),
          'structure': await error_of(states.load(3, [1, 2])),
          'exists': await error_of(states.save(1, 3)),
          'key': await error_of(models.release(1, 'key')),
          'csv': await error_of(
              tff.program.CSVFileReleaseManager, csv_path, tff.program.CSVSaveMode.WRITE, 'x'),
          'many': await error_of(iterator.select, 5),
          'manager': await error_of(tff.program.ProgramStateManager),
      },
  }


def run_training():
  """The training loop of the library with a manager of the program."""
  listed = ListReleaseManager()
  initialize = tff.federated_computation(lambda: tff.federated_value(0, tff.SERVER))
  process = tff.templates.IterativeProcess(initialize, train)
  state = tff.simulation.run_training_process(
      process, lambda round_num: [tf.data.Dataset.range(3, output_type=tf.int32)] * round_num, 2,
      metrics_managers=[listed])
  return [int(state), listed.released]


trained = run_training()
tff.framework.set_default_context(
    tff.program.NativeFederatedContext(
        tff.backends.native.create_local_async_python_execution_context()))
output = asyncio.get_event_loop().run_until_complete(main())
print(json.dumps({**output, 'trained': trained}))
