"""`compose_dataset_computation` of 0.16, in front of a process, with client data."""
import collections
import json
import os
import tempfile

import h5py
import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


@tff.tf_computation(tf.string)
def dataset_of(client_id):
  return tf.data.Dataset.range(
      tf.cast(tf.strings.length(client_id), tf.int64)).map(lambda n: tf.cast(n + 1, tf.int32))


class Lengths(tff.simulation.ClientData):

  @property
  def client_ids(self):
    return ['a', 'bb', 'ccc']

  def create_tf_dataset_for_client(self, client_id):
    return tf.data.Dataset.from_tensor_slices(np.arange(len(client_id), dtype=np.int32) + 1)

  @property
  def element_type_structure(self):
    return tf.TensorSpec([], tf.int32)

  @property
  def dataset_computation(self):
    return dataset_of


class WithoutComputation(tff.simulation.ClientData):
  client_ids = ['a']
  element_type_structure = tf.TensorSpec([], tf.int32)

  def create_tf_dataset_for_client(self, client_id):
    return tf.data.Dataset.range(1)


@tff.tf_computation(tff.SequenceType(tf.int32))
def total(ds):
  return ds.reduce(0, lambda a, b: a + b)


@tff.tf_computation(tf.int32, tf.int32)
def add(a, b):
  return a + b


@tff.tf_computation(tf.int32)
def report(n):
  return collections.OrderedDict(added=n, twice=2 * n)


@tff.federated_computation
def initialize():
  return tff.federated_value(5, tff.SERVER)


@tff.federated_computation(
    initialize.type_signature.result, tff.FederatedType(tff.SequenceType(tf.int32), tff.CLIENTS))
def next_fn(state, data):
  added = tff.federated_sum(tff.federated_map(total, data))
  return tff.federated_map(add, (state, added)), tff.federated_map(report, added)


@tff.federated_computation(tff.FederatedType(tff.SequenceType(tf.int32), tff.CLIENTS))
def sum_of_all(data):
  return tff.federated_sum(tff.federated_map(total, data))


def error(fn):
  try:
    fn()
  except (TypeError, ValueError, NotImplementedError) as e:
    return [kind.__name__ for kind in (TypeError, ValueError, NotImplementedError)
            if isinstance(e, kind)]
  return None


lengths = Lengths()
odd = lengths.preprocess(lambda ds: ds.filter(lambda n: n % 2 == 1))
process = tff.templates.IterativeProcess(initialize, next_fn)
composed = tff.simulation.compose_dataset_computation(odd.dataset_computation, process)
state = composed.initialize()
state, first = composed.next(state, ['a', 'ccc'])
state, second = composed.next(state, ['bb'])

path = os.path.join(tempfile.mkdtemp(), 'd.h5')
with h5py.File(path, 'w') as f:
  f.create_group('examples/u').create_dataset('v', data=np.arange(3, dtype=np.float32))
hdf5 = tff.simulation.HDF5ClientData(path)
train, test = tff.simulation.ClientData.train_test_client_split(lengths, 1)
generated = tff.simulation.ClientData.from_clients_and_fn(
    {'a': 1, 'bb': 2}, lengths.create_tf_dataset_for_client)

print(json.dumps({
    'process': [str(composed.initialize.type_signature), str(composed.next.type_signature)],
    'rounds': [int(state), {k: int(v) for k, v in first.items()}, int(second['twice'])],
    'odd': [[int(n) for n in odd.create_tf_dataset_for_client('ccc')],
            str(odd.dataset_computation.type_signature), str(odd.element_type_structure)],
    'all': sorted(int(n) for n in lengths.create_tf_dataset_from_all_clients()),
    'split': [len(train.client_ids), len(test.client_ids),
              sorted(train.client_ids + test.client_ids)],
    'generated': generated.client_ids,
    'errors': {
        'abstract': error(WithoutComputation),
        'hdf5_client': error(lambda: hdf5.create_tf_dataset_for_client('z')),
        'hdf5_computation': error(lambda: hdf5.dataset_computation),
        'generated_computation': error(lambda: generated.dataset_computation),
        'no_process': error(lambda: tff.simulation.compose_dataset_computation(
            lengths.dataset_computation, sum_of_all)),
        'wrong_type': error(lambda: tff.simulation.compose_dataset_computation(
            tff.tf_computation(lambda c: tf.data.Dataset.range(1), tf.string), process)),
    },
}))
