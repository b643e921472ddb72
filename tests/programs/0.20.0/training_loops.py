"""Training loops of 0.20 with managers of their own, tensors as test data, and a baseline task."""
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


@tff.federated_computation(tff.type_at_clients(tff.SequenceType(tf.float32)))
def mean_total(data):
  mean = tff.federated_mean(tff.federated_map(total, data))
  return tff.federated_map(tff.tf_computation(
      lambda m: collections.OrderedDict(mean=m, twice=2.0 * m)), mean)


class Keeping(tff.program.ReleaseManager):

  def __init__(self):
    self.released = []

  def release(self, value, key=None):
    numbers = {k: float(v) for k, v in value.items() if 'time' not in k}
    self.released.append([key, numbers, sorted(k for k in value if 'time' in k)])


class InMemory:
  """All that a training loop asks of a program state manager."""

  def __init__(self):
    self.saved = {}

  def load_latest(self, structure):
    if not self.saved:
      return None, 0
    return self.saved[max(self.saved)], max(self.saved)

  def save(self, program_state, version):
    self.saved[version] = program_state


def select(round_num):
  return [tf.data.Dataset.from_tensor_slices(np.arange(n + round_num, dtype=np.float32))
          for n in range(1, 3)]


def evaluate(state, data):
  return collections.OrderedDict(distance=float(10.0 - state), clients=len(data))


keeping = Keeping()
memory = InMemory()
state = tff.simulation.run_training_process(
    process, select, 3, evaluate, select, rounds_per_evaluation=2,
    program_state_manager=memory, rounds_per_saving_program_state=2, metrics_managers=[keeping])
on_from_saved = tff.simulation.run_training_process(
    process, select, 4, program_state_manager=memory)
plain = tff.simulation.run_training_process(process, select, total_rounds=2)

stateless = Keeping()
results = tff.simulation.run_stateless_simulation(mean_total, select, 2, [stateless])
without_managers = tff.simulation.run_stateless_simulation(mean_total, select, 1)

data = tff.simulation.datasets.TestClientData({
    'a': collections.OrderedDict(x=tf.constant([[1.0, 2.0]]), y=[1]),
    'b': collections.OrderedDict(x=tf.constant([[3.0, 4.0], [5.0, 6.0]]), y=[2, 3]),
})
pairs = tff.simulation.datasets.TestClientData({'a': ([1, 2], [3.0, 4.0])})
words = tff.simulation.datasets.TestClientData({'a': {'w': ['p', 'qr']}})


def error(fn):
  try:
    fn()
  except Exception as e:
    return type(e).__name__
  return None


Pair = collections.namedtuple('Pair', ['u', 'v'])
task = tff.simulation.baselines.cifar100.create_image_classification_task(
    tff.simulation.baselines.ClientSpec(num_epochs=1, batch_size=2), None, 'resnet18', 24, 24,
    None, True)
batches = list(task.datasets.train_preprocess_fn(
    task.datasets.train_data.create_tf_dataset_for_client(
        task.datasets.train_data.client_ids[0])))
characters = tff.simulation.baselines.emnist.create_character_recognition_task(
    tff.simulation.baselines.ClientSpec(1, 5), model_id='2nn', only_digits=True,
    use_synthetic_data=True)
autoencoder = tff.simulation.baselines.emnist.create_autoencoder_task(
    tff.simulation.baselines.ClientSpec(1, 10), use_synthetic_data=True)
emnist = tff.simulation.datasets.emnist.get_synthetic()
cifar100 = tff.simulation.datasets.cifar100.get_synthetic()

print(json.dumps({
    'state': float(state),
    'released': keeping.released,
    'saved': {v: float(s) for v, s in memory.saved.items()},
    'on_from_saved': float(on_from_saved),
    'plain': float(plain),
    'stateless': [[n, {k: float(v) for k, v in r.items() if 'time' not in k}, list(r)]
                  for n, r in results.items()],
    'stateless_released': stateless.released,
    'without_managers': [float(without_managers[0]['mean'])],
    'data': [data.client_ids, str(tff.to_type(data.element_type_structure)),
             [[e['x'].numpy().tolist(), int(e['y'])]
              for e in data.create_tf_dataset_for_client('b')],
             len(list(data.create_tf_dataset_from_all_clients(seed=1)))],
    'pairs': [[int(x), float(y)] for x, y in pairs.create_tf_dataset_for_client('a')],
    'words': [str(words.element_type_structure),
              [e['w'].numpy().decode() for e in words.create_tf_dataset_for_client('a')]],
    'computed': [e['x'].numpy().tolist() for e in data.dataset_computation('a')],
    'batches': [[list(b[0].shape) for b in batches],
                sorted(int(label) for b in batches for label in b[1])],
    'clients_of_tasks': [
        [t.datasets.train_data.client_ids, t.datasets.test_data.client_ids,
         [list(x.shape) for x, _ in t.datasets.get_centralized_test_data()],
         len(t.model_fn().trainable_variables)] for t in (characters, autoencoder)],
    'clients_of_task': task.datasets.train_data.client_ids,
    'synthetic': [emnist.client_ids, cifar100.client_ids,
                  [int(e['label']) for e in cifar100.create_tf_dataset_for_client('synthetic')]],
    'errors': {
        'dtypes': error(lambda: tff.simulation.datasets.TestClientData({'a': [1], 'b': ['x']})),
        'kinds': error(lambda: tff.simulation.datasets.TestClientData({'a': [1], 'b': (2,)})),
        'namedtuple': error(
            lambda: tff.simulation.datasets.TestClientData({'a': Pair([1], [2])})),
        'not_a_dict': error(lambda: tff.simulation.datasets.TestClientData(3)),
        'crop': error(lambda: tff.simulation.baselines.cifar100.create_image_classification_task(
            tff.simulation.baselines.ClientSpec(1, 2), crop_height=0, use_synthetic_data=True)),
    },
}))
