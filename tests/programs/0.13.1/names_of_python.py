"""Names that Python and NumPy took away after 0.13: abstract classes and aliases of types."""
import collections
import json
from collections import Iterable, Mapping

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()


def features(batch):
  if isinstance(batch, collections.Mapping):
    return sorted(batch)
  if isinstance(batch, collections.Sequence):
    return len(batch)
  return None


@tff.tf_computation(tf.bool, (tf.float32, [2]))
def masked(keep, values):
  return tf.cast(keep, tf.float32) * values


class Flags(Mapping):

  def __init__(self, **flags):
    self._flags = flags

  def __getitem__(self, name):
    return self._flags[name]

  def __iter__(self):
    return iter(self._flags)

  def __len__(self):
    return len(self._flags)


print(json.dumps({
    'features': [features({'y': 1, 'x': 2}), features([1, 2, 3]), features(None)],
    'flags': [dict(Flags(clients=2)), isinstance(Flags(), Iterable)],
    'masked': [masked(np.bool(1), [1.0, 2.0]).tolist(), masked(False, [1.0, 2.0]).tolist()],
    'type': str(masked.type_signature),
    'numpy': [
        np.zeros([2], np.int).dtype.kind,
        np.ones([1]).astype(np.float).dtype.name,
        np.array(['a', None], np.object).tolist(),
        np.str(3),
    ],
}))
