"""Values of a federated program, written for TensorBoard, in 0.21."""
import collections
import glob
import json
import os
import tempfile

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

folder = os.path.join(tempfile.mkdtemp(), 'board')
manager = tff.program.TensorBoardReleaseManager(folder)
manager.release(3, 1)
manager.release([1, 2.5], 2)
manager.release(collections.OrderedDict(
    loss=0.5, count=np.int32(4), name='text', sizes=[1, 2], nested={'flag': True, 'kernel': np.ones([2, 3])}), key=3)
manager.release(tf.constant(2.0), key=4)
manager.release(tf.data.Dataset.range(3), key=5)
manager.release(None, 6)


def error(function, *args):
  try:
    function(*args)
    return 'made'
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


def value_of(value):
  if value.WhichOneof('value') == 'simple_value':
    return float(value.simple_value)
  array = tf.make_ndarray(value.tensor)
  return float(array) if not array.shape else list(array.shape[1:])


found = []
for path in sorted(glob.glob(os.path.join(folder, '*'))):
  for event in tf.compat.v1.train.summary_iterator(path):
    for value in event.summary.value:
      found.append([event.step, value.tag, value.metadata.plugin_data.plugin_name, value_of(value)])

print(json.dumps({
    'is': isinstance(manager, tff.program.ReleaseManager),
    'written': found,
    'errors': [
        error(tff.program.TensorBoardReleaseManager, ''),
        error(tff.program.TensorBoardReleaseManager, 3),
        error(manager.release, 1, 'key'), error(manager.release, 1, None)],
}))
