"""Sums of integers sent in an Elias gamma code, and how many bits that takes, in 0.64."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

VALUE_TYPE = tff.to_type(
    collections.OrderedDict(a=(tf.int32, [9]), b=(tf.int32, [2, 2]), c=tf.int32))


def client(numbers):
  numbers = np.array(numbers, np.int32)
  return collections.OrderedDict(
      a=numbers[:9], b=numbers[9:13].reshape([2, 2]), c=numbers[13])


CLIENTS = [
    client([0, 0, 1, -1, 0, 7, 8, -9, 0, 0, 0, 0, 5, 0]),
    client([0] * 14),
    client([1023, 1024, -1025, 65535, 65536, 0, 0, 0, 0, 3, 0, 0, 0, -1]),
    client([2**31 - 1, -2**31 + 1, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6]),
]


def run(factory, clients):
  process = factory.create(VALUE_TYPE)
  output = process.next(process.initialize(), clients)
  return {
      'next': str(process.next.type_signature),
      'result': [np.ravel(v).tolist() for v in output.result.values()],
      'container': type(output.result).__name__,
      'measurements': [
          [k, float(v)] for k, v in output.measurements.items()
      ] if output.measurements else str(output.measurements),
  }


measuring = tff.aggregators.EliasGammaEncodedSumFactory(
    bitrate_mean_factory=tff.aggregators.UnweightedMeanFactory())
single = measuring.create(tff.TensorType(tf.int32, [4]))
errors = []
for function in [
    lambda: tff.aggregators.EliasGammaEncodedSumFactory(
        tff.aggregators.MeanFactory()),
    lambda: measuring.create(tff.TensorType(tf.float32)),
    lambda: measuring.create(tff.to_type([tf.int32, tf.int64])),
]:
  try:
    function()
    errors.append(None)
  except Exception as e:  # pylint: disable=broad-except
    errors.append(type(e).__name__)

print(json.dumps({
    'each client': [
        run(measuring, [each])['measurements'] for each in CLIENTS
    ],
    'all clients': run(measuring, CLIENTS[:3]),
    'single tensor': [
        str(single.next.type_signature),
        float(
            single.next(single.initialize(), [[0, 2, 0, 0], [9, 9, 9, 9]])
            .measurements['elias_gamma_code_avg_bitrate']),
    ],
    'errors': errors,
}))
