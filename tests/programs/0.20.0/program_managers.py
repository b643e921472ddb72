"""The managers of 0.20: ordinary methods, in the library and in a program, and their training loop."""
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
  total: float


@tff.tf_computation
def initial_state():
  return collections.OrderedDict(round_num=tf.constant(0), total=tf.constant(0.0))


@tff.federated_computation
def initialize():
  return tff.federated_eval(initial_state, tff.SERVER)


@tff.tf_computation(initial_state.type_signature.result, tf.float32)
def update(state, total):
  return collections.OrderedDict(
      round_num=state['round_num'] + 1, total=state['total'] + total)


@tff.federated_computation(initialize.type_signature.result,
                           tff.type_at_clients(tf.float32))
def next_fn(state, data):
  total = tff.federated_sum(data)
  metrics = tff.federated_zip(collections.OrderedDict(total=total))
  return tff.federated_map(update, (state, total)), metrics


class ListReleaseManager(tff.program.ReleaseManager):
  """Releases values to a list."""

  def __init__(self):
    self.released = []

  def release(self, value, key=None):
    names = sorted(name for name in value if 'time' not in name)
    self.released.append([key, {name: float(value[name]) for name in names}])


class DictProgramStateManager(tff.program.ProgramStateManager):
  """Keeps program state in a dict."""

  def __init__(self):
    self.states = {}

  def versions(self):
    return sorted(self.states) or None

  def load(self, version, structure):
    if version not in self.states:
      raise tff.program.ProgramStateManagerStateNotFoundError('none')
    return self.states[version]

  def save(self, program_state, version):
    self.states[version] = program_state


class NumberReference(tff.program.ServerArrayReference):
  """A reference to a number."""

  def __init__(self, number):
    self._number = number

  @property
  def type_signature(self):
    return tff.TensorType(tf.float32)

  def get_value(self):
    return np.float32(self._number)


class NumbersIterator(tff.program.FederatedDataSourceIterator):

  @property
  def federated_type(self):
    return tff.type_at_clients(tf.float32)

  def select(self, number_of_clients=None):
    return [float(number) for number in range(number_of_clients)]


class Numbers(tff.program.FederatedDataSource):

  @property
  def federated_type(self):
    return tff.type_at_clients(tf.float32)

  @property
  def capabilities(self):
    return [tff.program.Capability.DETERMINISTIC, tff.program.Capability.SUPPORTS_REUSE]

  def iterator(self):
    return NumbersIterator()


def error_of(function, *args):
  try:
    function(*args)
  except Exception as error:  # pylint: disable=broad-except
    return type(error).__name__
  return None


def lines(path):
  with open(path) as file:
    return file.read().split()


folder = tempfile.mkdtemp()
process = tff.templates.IterativeProcess(initialize, next_fn)


def evaluate(state, data):
  return collections.OrderedDict(distance=abs(float(state['total']) - sum(data)))


# A whole run, with managers of the library and of the program.
csv_path = os.path.join(folder, 'metrics.csv')
states = tff.program.FileProgramStateManager(os.path.join(folder, 'states'), keep_total=2)
memory = tff.program.MemoryReleaseManager()
listed = ListReleaseManager()
iterator = Numbers().iterator()
state = tff.simulation.run_training_process(
    process,
    training_selection_fn=lambda round_num: iterator.select(number_of_clients=round_num + 1),
    total_rounds=3,
    evaluation_fn=evaluate,
    evaluation_selection_fn=lambda round_num: [1.0, 2.0],
    program_state_manager=states,
    metrics_managers=[memory, listed])
kept = DictProgramStateManager()
resumed = [
    tff.simulation.run_training_process(
        process, lambda round_num: [1.0], rounds, program_state_manager=kept)
    for rounds in (1, 3)
]

# The managers by themselves.
structure = process.initialize()
loaded, version = states.load_latest(structure)
first = states.load(0, structure)
attrs_states = tff.program.FileProgramStateManager(os.path.join(folder, 'attrs'), 'version_', 0)
attrs_states.save(State(NumberReference(2), [1.5, 2.5]), 7)
attrs_state = attrs_states.load(7, State(0, [0.0, 0.0]))
references = collections.OrderedDict(
    a=NumberReference(3.0), b=[np.array([1, 2]), NumberReference(4.0)], c=5)
materialized = tff.program.materialize_value(references)

csv = tff.program.CSVFileReleaseManager(csv_path, key_fieldname='round')
csv.release(references, 0)
csv.release(collections.OrderedDict(a=1, d='text'), 1)
csv.release(collections.OrderedDict(a=2), 2)
csv.release(collections.OrderedDict(a=3), 1)
csv_rewritten = tff.program.CSVFileReleaseManager(
    csv_path, tff.program.CSVSaveMode.WRITE, 'round')
csv_rewritten.release(State(NumberReference(1), 2.0), 5)

saved_models = tff.program.SavedModelFileReleaseManager(os.path.join(folder, 'models'))
saved_models.release(references, 3)
saved = tf.saved_model.load(os.path.join(folder, 'models', 'release_3'))()

board_folder = os.path.join(folder, 'board')
board = tff.program.TensorboardReleaseManager(board_folder)
board.release(collections.OrderedDict(a=[1.0, 2.0], b=NumberReference(3.0), c='text'), 4)
tags = []
for name in os.listdir(board_folder):
  for event in tf.compat.v1.train.summary_iterator(os.path.join(board_folder, name)):
    tags.extend([value.tag, event.step] for value in event.summary.value)

logged = tff.program.LoggingReleaseManager()
logged.release(references)
logged.release(references, 2)

print(json.dumps({
    'state': [int(state['round_num']), float(state['total'])],
    'versions': states.versions(),
    'latest': [version, int(loaded['round_num']), float(loaded['total'])],
    'first': [float(first['total']), bool(tf.is_tensor(first['total']))],
    'memory': {
        key: float(value['evaluation/distance']) for key, value in memory.values().items()
    },
    'memory_names': sorted(memory.values()[3]),
    'listed': listed.released,
    'resumed': [[int(each['round_num']), float(each['total'])] for each in resumed],
    'kept': [kept.versions(), kept.load_latest(None)[1]],
    'attrs_state': [
        type(attrs_state).__name__,
        float(attrs_state.round_num),
        [float(each) for each in attrs_state.total],
    ],
    'attrs_versions': attrs_states.versions(),
    'materialized': [
        float(materialized['a']), materialized['b'][0].tolist(), float(materialized['b'][1]),
        materialized['c'], type(materialized).__name__, type(materialized['b']).__name__,
    ],
    'csv': lines(csv_path),
    'saved': [np.asarray(value).tolist() for value in saved],
    'tags': tags,
    'capabilities': [each.name for each in Numbers().capabilities],
    'federated_type': str(Numbers().federated_type),
    'reference': str(NumberReference(1).type_signature),
    'errors': {
        'version': error_of(states.load, 17, structure),
        'structure': error_of(states.load, 3, [0]),
        'exists': error_of(states.save, state, 3),
        'nothing': tff.program.FileProgramStateManager(
            os.path.join(folder, 'nothing')).load_latest(structure),
        'folder': error_of(tff.program.FileProgramStateManager, ''),
        'csv': error_of(tff.program.CSVFileReleaseManager, csv_path),
        'key': error_of(saved_models.release, 1, 'key'),
        'manager': error_of(tff.program.ReleaseManager),
        'iterator': error_of(tff.program.FederatedDataSourceIterator),
        'source': error_of(tff.program.FederatedDataSource),
        'denied': issubclass(tff.program.FileReleaseManagerPermissionDeniedError, Exception),
    },
    'is_manager': [
        isinstance(memory, tff.program.ReleaseManager),
        isinstance(states, tff.program.ProgramStateManager),
        isinstance(states, tff.program.ReleaseManager),
    ],
}))
