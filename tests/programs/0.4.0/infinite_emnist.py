"""Infinite EMNIST of 0.4 on a small set: which clients it has, and the digits that are kept."""

from __future__ import absolute_import
from __future__ import division
from __future__ import print_function

import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()


class Digits(tff.simulation.ClientData):

  @property
  def client_ids(self):
    return ['f1', 'f2', 'f3']

  def create_tf_dataset_for_client(self, client_id):
    pixels = np.ones([2, 28, 28], np.float32)
    pixels[:, 10:18, 12:16] = 0.25 * int(client_id[1:])
    return tf.data.Dataset.from_tensor_slices(
        collections.OrderedDict([('pixels', pixels), ('label', np.array([1, 7], np.int32))]))

  @property
  def output_types(self):
    return collections.OrderedDict([('pixels', tf.float32), ('label', tf.int32)])

  @property
  def output_shapes(self):
    return collections.OrderedDict(
        [('pixels', tf.TensorShape([28, 28])), ('label', tf.TensorShape([]))])


def sums(client_data, client_id):
  return [[float(np.sum(example['pixels'])), int(example['label'])]
          for example in client_data.create_tf_dataset_for_client(client_id)]


def error(fn):
  try:
    fn()
  except Exception as e:
    return type(e).__name__
  return None


infinite = tff.simulation.datasets.emnist.infinite_emnist(Digits(), num_pseudo_clients=4)
# The seed is a hash that differs between processes; a digit in the middle keeps most of itself.
distorted = [total for total, _ in sums(infinite, 'f2_01')]
shifted = tff.simulation.TransformingClientData(
    Digits(),
    lambda client_id, i: None if i == 0 else (
        lambda x: collections.OrderedDict([('pixels', x['pixels'] * i), ('label', x['label'])])),
    7)
print(json.dumps({
    'client_ids': infinite.client_ids,
    'first': sums(infinite, 'f2_00'),
    'same_distortion': distorted[0] == distorted[1],
    'distorted': all(700 < total < 784 for total in distorted),
    'types': [str(infinite.output_types), str(infinite.output_shapes)],
    'shifted': [shifted.client_ids, sums(shifted, 'f1_2'), sums(shifted, 'f3_0')],
    'errors': [
        error(lambda: shifted.create_tf_dataset_for_client('f3_2')),
        error(lambda: tff.simulation.TransformingClientData(Digits(), max, 1.5)),
        error(lambda: tff.simulation.TransformingClientData(Digits(), max, 0)),
    ],
}))
