"""Updates that are discretized and put under an entropy code, each tensor by itself."""
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


def aggregate(factory, values, weights=None):
  value_type = tff.to_type([(tf.float32, [2, 3]), (tf.float32, [4])])
  if weights is None:
    process = factory.create(value_type)
    output = process.next(process.initialize(), values)
  else:
    process = factory.create(value_type, tff.TensorType(tf.float32))
    output = process.next(process.initialize(), values, weights)
  return {
      'type': str(process.next.type_signature.result),
      'result': [np.ravel(value).tolist() for value in output.result],
      'measurements': [float(value) for value in tf.nest.flatten(output.measurements)],
  }


# Multiples of the step, which are coded as they are.
values = [
    [np.array([[0.5, 0.0, -1.5], [0.0, 0.0, 2.0]], np.float32), np.zeros([4], np.float32)],
    [np.array([[0.0, 8.0, 0.0], [1.0, 0.0, 0.0]], np.float32),
     np.array([0.5, 0.5, 0.0, -4.0], np.float32)],
    [np.array([[0.0, 0.0, 0.0], [0.0, 1.0, 0.0]], np.float32),
     np.array([64.0, 0.0, 0.0, 0.0], np.float32)],
]
entropy = tff.learning.entropy_compression_aggregator


def error(function):
  try:
    function()
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


print(json.dumps({
    'unweighted': aggregate(
        entropy(zeroing=False, clipping=False, weighted=False), values),
    'weighted': aggregate(
        entropy(step_size=0.25, zeroing=False, clipping=False), values, [1.0, 2.0, 1.0]),
    'robust': aggregate(
        entropy(weighted=False, debug_measurements_fn=tff.learning.add_debug_measurements),
        [[np.zeros([2, 3], np.float32), np.zeros([4], np.float32)]]),
    'errors': {
        'step size': error(lambda: entropy(step_size=-1.0)),
        'measurements': error(lambda: entropy(
            debug_measurements_fn=lambda factory: tff.aggregators.SumFactory())),
    },
}))
