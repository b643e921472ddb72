"""Client data of 0.9 from Python functions, preprocessed in Python, with output types."""
from __future__ import absolute_import
from __future__ import division
from __future__ import print_function

import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()

TABLE = {'ann': [1.0, 2.0, 3.0], 'bob': [4.0], 'cleo': [5.0, 6.0]}
asked = []


def dataset_for(client_id):
  asked.append(client_id)
  rows = np.array(TABLE[client_id], np.float32)
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict([('x', np.stack([rows, -rows], axis=1)), ('y', rows * 10)]))


def values(dataset):
  return [tf.nest.map_structure(lambda t: t.numpy().tolist(), example) for example in dataset]


def error(fn):
  try:
    fn()
  except Exception as e:
    return type(e).__name__
  return None


def describe(client_data):
  return [client_data.client_ids, str(client_data.output_types), str(client_data.output_shapes),
          isinstance(client_data, tff.simulation.ClientData)]


clients = tff.simulation.ClientData.from_clients_and_fn(sorted(TABLE), dataset_for)
after_construction = list(asked)

seen = []


def preprocess(dataset):
  # Ordinary Python: it looks at the data and counts.
  first = next(iter(dataset))
  seen.append(float(first['y']))
  return dataset.map(lambda e: (e['x'] + float(first['y']), e['y'])).batch(2)


batches = clients.preprocess(preprocess)
seen_at_once = list(seen)
slices = tff.simulation.FromTensorSlicesClientData({
    'p': collections.OrderedDict([('a', [1, 2]), ('b', [[1.0], [2.0]])]),
    'q': collections.OrderedDict([('a', tf.constant([3])), ('b', np.array([[3.0]], np.float32))]),
})
synthetic = tff.simulation.datasets.emnist.get_synthetic(num_clients=3)
digits = {
    i: [[float(np.sum(e['pixels'])), int(e['label'])]
        for e in synthetic.create_tf_dataset_for_client(i)][:3]
    for i in synthetic.client_ids}
infinite = tff.simulation.datasets.emnist.get_infinite(synthetic, 2)
mixture = tff.simulation.datasets.build_dataset_mixture(
    tf.data.Dataset.range(4), tf.data.Dataset.range(10, 16), 1.0)
odd = tff.simulation.datasets.build_single_label_dataset(
    slices.create_tf_dataset_for_client('p'), 'a', 2)
same = tff.simulation.FromTensorSlicesClientData({'a': [7, 7], 'b': [7]})
iid = tff.simulation.datasets.build_synthethic_iid_datasets(same, 3)

print(json.dumps({
    'asked': after_construction,
    'clients': describe(clients),
    'cleo': values(clients.create_tf_dataset_for_client('cleo')),
    'all': sorted(e['y'] for e in values(clients.create_tf_dataset_from_all_clients(seed=1))),
    'order': [e['y'] for e in values(clients.create_tf_dataset_from_all_clients(seed=3))],
    'batches': describe(batches),
    'seen': seen_at_once,
    'bob': values(batches.create_tf_dataset_for_client('bob')),
    'twice': values(
        batches.preprocess(lambda ds: ds.take(1)).create_tf_dataset_for_client('ann')),
    'slices': describe(slices),
    'q': values(slices.create_tf_dataset_for_client('q')),
    'synthetic': describe(synthetic),
    'digits': digits,
    'infinite': infinite.client_ids,
    'moved': float(np.sum(next(iter(
        infinite.create_tf_dataset_for_client('synthetic_1_1')))['pixels'])),
    'after_seed': float(np.random.uniform()),
    'mixture': [int(n) for n in mixture],
    'odd': values(odd),
    'iid': [[int(n) for n in window] for window in iid.take(2)],
    'errors': {
        'ids': error(lambda: tff.simulation.ClientData.from_clients_and_fn(('a',), dataset_for)),
        'none': error(lambda: tff.simulation.ClientData.from_clients_and_fn([], dataset_for)),
        'fn': error(lambda: tff.simulation.ClientData.from_clients_and_fn(['ann'], 3)),
        'preprocess': error(lambda: clients.preprocess(3)),
        'slices': error(lambda: tff.simulation.FromTensorSlicesClientData([1])),
        'empty': error(lambda: tff.simulation.FromTensorSlicesClientData({'a': []})),
        'array': error(lambda: tff.simulation.FromTensorSlicesClientData({'a': np.arange(2)})),
        'unknown': error(lambda: slices.create_tf_dataset_for_client('z')),
        'abstract': error(tff.simulation.ClientData),
    },
}))
