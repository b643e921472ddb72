"""The client data classes that 0.19 moved, from functions and tables; data by address."""
import collections
import json
import os
import sqlite3
import tempfile

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

datasets = tff.simulation.datasets
folder = tempfile.mkdtemp()


def error(fn):
  try:
    fn()
  except Exception as e:
    return type(e).__name__
  return None


def ints(dataset):
  return [int(n) for n in dataset]


def describe(client_data):
  return [list(client_data.client_ids), str(tff.to_type(client_data.element_type_structure)),
          isinstance(client_data, datasets.ClientData)]


class Subclass(datasets.ClientData):

  @property
  def client_ids(self):
    return ['a', 'bb']

  def create_tf_dataset_for_client(self, client_id):
    # Ordinary Python, no operations of TensorFlow.
    return tf.data.Dataset.from_tensor_slices(list(range(len(client_id))))

  @property
  def dataset_computation(self):
    raise NotImplementedError('no computation')

  @property
  def element_type_structure(self):
    return tf.TensorSpec([], tf.int32)


class Incomplete(datasets.ClientData):
  client_ids = ['a']


subclass = Subclass()
table = datasets.TestClientData({
    'x': collections.OrderedDict(v=tf.constant([1, 2]), w=['p', 'q']),
    'y': collections.OrderedDict(v=tf.constant([3]), w=['r']),
})
lists = datasets.TestClientData({'x': [1, 2], 'y': [3]})
serializable = datasets.TestClientData.from_clients_and_tf_fn(
    ['x', 'yy'], lambda client_id: tf.data.Dataset.range(
        tf.cast(tf.strings.length(client_id), tf.int64)).map(lambda n: tf.cast(n + 1, tf.int32)))
for name in ('x', 'yy'):
  with open(os.path.join(folder, name), 'w') as f:
    f.write('\n'.join(name) + '\n')
files = datasets.FilePerUserClientData.create_from_dir(folder, tf.data.TextLineDataset)
database = os.path.join(tempfile.mkdtemp(), 'd.sqlite')
connection = sqlite3.connect(database)
connection.execute(
    'CREATE TABLE examples (split_name TEXT, client_id TEXT, serialized_example_proto BLOB)')
connection.execute('CREATE TABLE client_metadata (client_id TEXT, split_name TEXT)')
for client_id, split, count in [('u', 'train', 2), ('v', 'train', 1), ('u', 'test', 1)]:
  connection.execute('INSERT INTO client_metadata VALUES (?, ?)', (client_id, split))
  for n in range(count):
    connection.execute('INSERT INTO examples VALUES (?, ?, ?)',
                       (split, client_id, ('%s%d' % (client_id, n)).encode()))
connection.commit()
sql = datasets.SqlClientData(database, 'train')
transformed = datasets.TransformingClientData(
    serializable,
    lambda client_id: lambda v: v + tf.cast(tf.strings.length(client_id), tf.int32),
    lambda client_id: [client_id, client_id + '+'],
    lambda client_id: tf.strings.regex_replace(client_id, r'\+', ''))

asked = []


def from_python(client_id):
  asked.append(client_id)
  return tf.data.Dataset.range(ord(client_id) - ord('k'))


by_function = datasets.ClientData.from_clients_and_fn(['m', 'n'], from_python)
by_sql_class = datasets.SqlClientData.from_clients_and_fn(['l'], from_python)
train, test = datasets.ClientData.train_test_client_split(subclass, 1, seed=1)
train_of_table, _ = datasets.TestClientData.train_test_client_split(lists, 1, seed=0)
seen = []


def preprocess(dataset):
  seen.append(sum(ints(dataset)))
  return dataset.map(lambda n: n + 1)


preprocessed = by_function.preprocess(preprocess)
emnist = datasets.emnist.get_synthetic()
cifar = datasets.cifar100.get_synthetic()


@tff.tf_computation(tff.SequenceType(tf.int32))
def total(ds):
  return ds.reduce(0, lambda a, b: a + b)


@tff.federated_computation(tff.type_at_clients(tf.string))
def totals(client_ids):
  data = tff.federated_map(serializable.dataset_computation, client_ids)
  return tff.federated_sum(tff.federated_map(total, data))


composed = tff.simulation.compose_dataset_computation_with_computation(
    transformed.dataset_computation,
    tff.federated_computation(
        lambda data: tff.federated_sum(tff.federated_map(total, data)),
        tff.type_at_clients(tff.SequenceType(tf.int32))))


@tff.federated_computation
def somewhere():
  return (tff.data('file:///x', tff.type_at_clients(tff.SequenceType(tf.int32))),
          tff.data('memory:y', (tf.float32, [2])))


sample = tff.simulation.build_uniform_sampling_fn(lists.client_ids * 5, random_seed=3)
tf.random.set_seed(1)
mixture = datasets.build_dataset_mixture(
    tf.data.Dataset.range(12), tf.data.Dataset.range(100, 112), 0.3, op_seed=9)

print(json.dumps({
    'subclass': describe(subclass),
    'all': ints(subclass.create_tf_dataset_from_all_clients(seed=2)),
    'table': describe(table),
    'y': [[int(e['v']), e['w'].numpy().decode()] for e in table.create_tf_dataset_for_client('y')],
    'lists': describe(lists),
    'serializable': [describe(serializable), str(serializable.dataset_computation.type_signature),
                     ints(serializable.preprocess(lambda ds: ds.take(1)).dataset_computation('yy'))],
    'files': [describe(files),
              [e.numpy().decode() for e in files.create_tf_dataset_for_client('yy')]],
    'sql': [describe(sql), [e.numpy().decode() for e in sql.create_tf_dataset_for_client('u')]],
    'transformed': [describe(transformed), ints(transformed.create_tf_dataset_for_client('x+'))],
    'by_function': [describe(by_function), ints(by_function.create_tf_dataset_for_client('n'))],
    'by_sql_class': ints(by_sql_class.create_tf_dataset_for_client('l')),
    'asked': asked,
    'split': [train.client_ids, test.client_ids, train_of_table.client_ids],
    'preprocessed': [ints(preprocessed.create_tf_dataset_for_client('n')), seen],
    'emnist': [describe(emnist),
               [float(np.sum(e['pixels'])) for e in
                emnist.create_tf_dataset_for_client(emnist.client_ids[0])][:3]],
    'cifar': [describe(cifar),
              [int(e['label']) for e in cifar.create_tf_dataset_for_client(cifar.client_ids[0])]],
    'totals': int(totals(['x', 'yy', 'yy'])),
    'composed': [str(composed.type_signature), int(composed(['x', 'x+']))],
    'somewhere': str(somewhere.type_signature),
    'sample': [sample(0, 3), sample(1, size=2)],
    'mixture': [int(n) for n in mixture],
    'errors': {
        'incomplete': error(Incomplete),
        'no_computation': error(lambda: by_function.dataset_computation),
        'of_preprocessed': error(lambda: preprocessed.dataset_computation),
        'dtypes': error(lambda: datasets.TestClientData({'a': [1], 'b': [1.5]})),
        'not_a_dict': error(lambda: datasets.TestClientData([1])),
        'unknown_file': error(lambda: files.create_tf_dataset_for_client('z')),
        'unknown_in_sql': error(lambda: sql.create_tf_dataset_for_client('z')),
        'half_of_expansion': error(lambda: datasets.TransformingClientData(
            lists, lambda i: lambda v: v, lambda i: [i])),
        'address': error(lambda: tff.data(3, tf.int32)),
    },
}))
