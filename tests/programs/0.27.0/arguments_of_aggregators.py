"""Computations that TFF makes, called with numbers of other kinds and values in tuples."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


def plain(value):
  return [np.asarray(each).tolist() for each in tf.nest.flatten(value)]


FLOAT = tff.TensorType(tf.float32)
PAIR = tff.to_type(collections.OrderedDict(a=(tf.float32, [2]), b=tf.float16))
pairs = [
    collections.OrderedDict(a=[1, 2], b=np.float32(3)),
    collections.OrderedDict(a=np.array([0.5, 1.5]), b=4),
]
total = tff.aggregators.SumFactory().create(FLOAT)
total_of_pairs = tff.aggregators.SumFactory().create(PAIR)
mean = tff.aggregators.MeanFactory().create(FLOAT, FLOAT)
clipped = tff.aggregators.clipping_factory(
    tff.aggregators.PrivateQuantileEstimationProcess.no_noise(1.0, 0.5, 0.1),
    tff.aggregators.SumFactory()).create(FLOAT)
print(json.dumps({
    'total': [
        plain(total.next(total.initialize(), values).result)
        for values in ([1, 2, 3], (1.5, 2), [np.float64(2.5)])
    ],
    'pairs': plain(total_of_pairs.next(total_of_pairs.initialize(), pairs).result),
    'mean': plain(mean.next(mean.initialize(), [1, 2, 6], (1, 2, 1)).result),
    'clipped': plain(clipped.next(clipped.initialize(), [3, 4]).result),
}))
