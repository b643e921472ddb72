"""Client data of 0.1: a subclass, files of HDF5 and one a user, and clients that stand twice."""

from __future__ import absolute_import
from __future__ import division
from __future__ import print_function

import collections
import json
import os
import tempfile

import h5py
import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()


class RangeClientData(tff.simulation.ClientData):

  def __init__(self, sizes):
    self._sizes = sizes

  @property
  def client_ids(self):
    return sorted(self._sizes)

  def create_tf_dataset_for_client(self, client_id):
    return tf.data.Dataset.range(self._sizes[client_id]).map(
        lambda n: collections.OrderedDict([('n', n), ('square', tf.cast(n * n, tf.float32))]))

  @property
  def output_types(self):
    return collections.OrderedDict([('n', tf.int64), ('square', tf.float32)])

  @property
  def output_shapes(self):
    return collections.OrderedDict([('n', tf.TensorShape([])), ('square', tf.TensorShape([]))])


class WithoutShapes(tff.simulation.ClientData):

  @property
  def client_ids(self):
    return ['a']

  def create_tf_dataset_for_client(self, client_id):
    return tf.data.Dataset.range(2)

  @property
  def output_types(self):
    return tf.int64


def values(dataset):
  return [tf.contrib.framework.nest.map_structure(lambda t: np.array(t).tolist(), example)
          for example in dataset]


def error(fn):
  try:
    fn()
  except Exception as e:
    return type(e).__name__
  return None


def summary(client_data):
  return {
      'client_ids': client_data.client_ids,
      'is_client_data': isinstance(client_data, tff.simulation.ClientData),
      'types': str(client_data.output_types),
      'shapes': str(client_data.output_shapes),
      'clients': {i: values(client_data.create_tf_dataset_for_client(i))
                  for i in client_data.client_ids},
      'all': values(client_data.create_tf_dataset_from_all_clients()),
  }


folder = tempfile.mkdtemp()
hdf5_path = os.path.join(folder, 'data.h5')
with h5py.File(hdf5_path, 'w') as f:
  for number, client_id in enumerate(['zoe', 'adam']):
    group = f.create_group('examples/' + client_id)
    group.create_dataset('pixels', data=np.full([2, 2, 1], number, np.float32))
    group.create_dataset('label', data=np.arange(2, dtype=np.int32) + number)

user_folder = os.path.join(folder, 'users')
os.mkdir(user_folder)
for name, lines in [('u2', ['one', 'two']), ('u1', ['three'])]:
  with open(os.path.join(user_folder, name), 'w') as f:
    f.write('\n'.join(lines) + '\n')


def text_values(client_data):
  return {i: [line.numpy().decode() for line in client_data.create_tf_dataset_for_client(i)]
          for i in client_data.client_ids}


ranges = RangeClientData({'b': 3, 'a': 2})
twice = tff.simulation.TransformingClientData(
    ranges,
    lambda x, i: collections.OrderedDict(
        [('n', x['n'] + 10 * tf.cast(i, tf.int64)), ('square', x['square'])]),
    2)
half_more = tff.simulation.TransformingClientData(ranges, lambda x, i: x, 1.5)
files = tff.simulation.FilePerUserClientData.create_from_dir(
    user_folder, tf.data.TextLineDataset)
by_function = tff.simulation.FilePerUserClientData(
    ['y', 'x'], lambda client_id: tf.data.Dataset.range(ord(client_id) - ord('w')))


@tff.tf_computation(tff.SequenceType(
    collections.OrderedDict([('n', tf.int64), ('square', tf.float32)])))
def total(dataset):
  return dataset.reduce(np.float32(0), lambda t, example: t + example['square'])


hdf5 = tff.simulation.HDF5ClientData(hdf5_path)
print(json.dumps({
    'subclass': summary(ranges),
    'total': float(total(ranges.create_tf_dataset_for_client('b'))),
    'dataset': [str(ranges.create_tf_dataset_for_client('b').output_types),
                str(ranges.create_tf_dataset_for_client('b').output_shapes)],
    'hdf5': {i: values(hdf5.create_tf_dataset_for_client(i)) for i in hdf5.client_ids},
    'hdf5_types': [str(hdf5.output_types), str(hdf5.output_shapes)],
    'twice': summary(twice),
    'half_more': len(half_more.client_ids),
    'files': [files.client_ids, text_values(files), str(files.output_types),
              str(files.output_shapes)],
    'by_function': summary(by_function),
    'errors': {
        'abstract': error(WithoutShapes),
        'abstract_itself': error(tff.simulation.ClientData),
        'hdf5_path': error(lambda: tff.simulation.HDF5ClientData(3)),
        'hdf5_file': error(lambda: tff.simulation.HDF5ClientData('/nowhere.h5')),
        'hdf5_client': error(lambda: hdf5.create_tf_dataset_for_client('eve')),
        'files_ids': error(lambda: tff.simulation.FilePerUserClientData('a', len)),
        'files_none': error(lambda: tff.simulation.FilePerUserClientData([], len)),
        'files_fn': error(lambda: tff.simulation.FilePerUserClientData(['a'], 1)),
        'factor': error(lambda: tff.simulation.TransformingClientData(ranges, max, 0)),
        'raw': error(lambda: tff.simulation.TransformingClientData([1], max, 1)),
        'transform': error(lambda: tff.simulation.TransformingClientData(ranges, 1, 1)),
        'id_form': error(lambda: twice.create_tf_dataset_for_client('a')),
        'id_type': error(lambda: twice.create_tf_dataset_for_client(1)),
    },
}))
