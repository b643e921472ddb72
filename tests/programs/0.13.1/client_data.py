"""Client data of 0.13: splits, random orders, Python in between, and files read in a process."""
import collections
import json
import os
import tempfile

import h5py
import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()

SIZES = {'c%d' % i: i % 4 for i in range(8)}


class Squares(tff.simulation.ClientData):

  @property
  def client_ids(self):
    return sorted(SIZES)

  def create_tf_dataset_for_client(self, client_id):
    n = np.arange(SIZES[client_id], dtype=np.float32) + int(client_id[1:])
    return tf.data.Dataset.from_tensor_slices(collections.OrderedDict(x=n, y=n * n))

  @property
  def element_type_structure(self):
    return collections.OrderedDict(
        x=tf.TensorSpec([], tf.float32), y=tf.TensorSpec([], tf.float32))


class WithoutStructure(tff.simulation.ClientData):
  client_ids = ['a']

  def create_tf_dataset_for_client(self, client_id):
    return tf.data.Dataset.range(1)


class NotDatasets(Squares):

  def create_tf_dataset_for_client(self, client_id):
    return [1, 2]


def xs(dataset):
  return [float(e['x']) for e in dataset]


def error(fn):
  try:
    fn()
  except Exception as e:
    return type(e).__name__
  return None


squares = Squares()
np.random.seed(11)
train, test = tff.simulation.ClientData.train_test_client_split(squares, 3)
folder = tempfile.mkdtemp()
path = os.path.join(folder, 'd.h5')
with h5py.File(path, 'w') as f:
  for i in range(2):
    group = f.create_group('examples/user%d' % i)
    group.create_dataset('words', data=[b'a%d' % i, b'b'])
    group.create_dataset('count', data=np.array([i, i + 1], np.int64))
hdf5 = tff.simulation.HDF5ClientData(path)
tokens = hdf5.preprocess(
    lambda ds: ds.map(lambda e: tf.strings.length(e['words'])).repeat(2).batch(3))


def python_lengths(ds):
  return ds.map(lambda e: tf.py_function(lambda w: len(w.numpy()) * 1.5, [e['words']], tf.float32))


in_python = hdf5.preprocess(python_lengths)
uneven = tff.simulation.FilePerUserClientData(
    ['p', 'q'],
    lambda i: tf.data.Dataset.range(2) if i == 'p' else tf.data.Dataset.from_tensors(1.0))
offset = tff.simulation.TransformingClientData(
    squares,
    lambda client_id, i: (
        (lambda e: collections.OrderedDict(x=e['x'] + 100.0 * i, y=e['y'])) if i else None),
    20)


@tff.tf_computation(tff.SequenceType(tf.int32, ))
def count(ds):
  return ds.reduce(np.int32(0), lambda n, _: n + 1)


@tff.federated_computation(tff.FederatedType(
    tff.SequenceType(collections.OrderedDict([('x', tf.float32), ('y', tf.float32)])),
    tff.CLIENTS))
def mean_of_sums(data):
  sum_fn = tff.tf_computation(
      lambda ds: ds.reduce(0.0, lambda t, e: t + e['y']), data.type_signature.member)
  return tff.federated_mean(tff.federated_map(sum_fn, data))


tf.random.set_seed(5)
mixture = tff.simulation.datasets.build_dataset_mixture(
    tf.data.Dataset.range(20), tf.data.Dataset.range(100, 120), 0.5, op_seed=3)
mixed = [int(n) for n in mixture]

print(json.dumps({
    'all': [xs(squares.create_tf_dataset_from_all_clients(seed=s)) for s in (0, 7)],
    'datasets': [xs(d) for d in squares.datasets(limit_count=4, seed=2)],
    'number': len(list(squares.datasets())),
    'train': train.client_ids,
    'test': test.client_ids,
    'test_sizes': [len(xs(d)) > 0 for d in test.datasets()],
    'structure': str(train.element_type_structure['x'].dtype),
    'mean': float(mean_of_sums([squares.create_tf_dataset_for_client(i) for i in ('c2', 'c3')])),
    'hdf5': [str(tff.to_type(hdf5.element_type_structure)),
             [[int(e['count']), e['words'].numpy().decode()]
              for e in hdf5.create_tf_dataset_for_client('user1')]],
    'tokens': [str(tff.to_type(tokens.element_type_structure)),
               [e.numpy().tolist() for e in tokens.create_tf_dataset_for_client('user0')]],
    'count': int(count(tokens.preprocess(lambda ds: ds.unbatch())
                       .create_tf_dataset_for_client('user0'))),
    'in_python': [float(e) for e in in_python.create_tf_dataset_for_client('user0')],
    'offset': [offset.client_ids[:4], len(offset.client_ids),
               xs(offset.create_tf_dataset_for_client('c3_01'))],
    'offset_type': str(tff.to_type(offset.element_type_structure)),
    'mixed': [len(mixed), sorted(set(n // 100 for n in mixed)), [n % 100 for n in mixed]],
    'errors': {
        'abstract': error(WithoutStructure),
        'not_datasets': error(lambda: list(NotDatasets().datasets())),
        'no_test_clients': error(
            lambda: tff.simulation.ClientData.train_test_client_split(squares, 0)),
        'too_many': error(lambda: tff.simulation.ClientData.train_test_client_split(squares, 8)),
        'too_many_empty': error(
            lambda: tff.simulation.ClientData.train_test_client_split(squares, 7)),
        'uneven': error(lambda: uneven.create_tf_dataset_for_client('q')),
        'hdf5_client': error(lambda: hdf5.create_tf_dataset_for_client('eve')),
        'unknown': error(lambda: offset.create_tf_dataset_for_client('c3_77')),
        'later_parameter': error(
            lambda: tff.simulation.datasets.stackoverflow.load_word_counts(vocab_size=3)),
    },
}))
