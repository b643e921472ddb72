"""The core language: types, TensorFlow and federated computations, averages and sums."""

from __future__ import absolute_import
from __future__ import division
from __future__ import print_function

import collections
import json

import numpy as np
import tensorflow as tf
from tensorflow_federated import python as tff

tf.compat.v1.enable_v2_behavior()

READINGS_TYPE = tff.FederatedType(tf.float32, tff.CLIENTS)
THRESHOLD_TYPE = tff.FederatedType(tf.float32, tff.SERVER, all_equal=True)


@tff.tf_computation(tf.float32, tf.float32)
def exceeds(reading, threshold):
  return tf.to_float(reading > threshold)


@tff.federated_computation(READINGS_TYPE, THRESHOLD_TYPE)
def fraction_over_threshold(readings, threshold):
  return tff.federated_average(
      tff.federated_map(exceeds,
                        [readings, tff.federated_broadcast(threshold)]))


@tff.federated_computation([READINGS_TYPE, READINGS_TYPE])
def weighted(values, weights):
  return tff.federated_average(values, weights), tff.federated_sum(values)


BATCH_TYPE = tff.NamedTupleType([('x', tff.TensorType(tf.float32, [None, 2])),
                                 ('y', tff.TensorType(tf.float32, [None]))])
MODEL_TYPE = tff.NamedTupleType([('weights', tff.TensorType(tf.float32, [2])),
                                 ('bias', tf.float32)])


@tff.tf_computation(MODEL_TYPE, BATCH_TYPE)
def batch_loss(model, batch):
  predictions = tf.reduce_sum(batch.x * model.weights, axis=1) + model.bias
  return tf.reduce_mean(tf.square(predictions - batch.y))


@tff.tf_computation(MODEL_TYPE, BATCH_TYPE, tf.float32)
def batch_train(model, batch, learning_rate):
  predictions = tf.reduce_sum(batch.x * model.weights, axis=1) + model.bias
  errors = predictions - batch.y
  return collections.OrderedDict([
      ('weights', model.weights - learning_rate *
       tf.reduce_mean(2.0 * errors[:, tf.newaxis] * batch.x, axis=0)),
      ('bias', model.bias - learning_rate * tf.reduce_mean(2.0 * errors)),
  ])


@tff.federated_computation(MODEL_TYPE, tf.float32, tff.SequenceType(BATCH_TYPE))
def local_train(model, learning_rate, batches):

  @tff.federated_computation(MODEL_TYPE, BATCH_TYPE)
  def train(model, batch):
    return batch_train(model, batch, learning_rate)

  return tff.sequence_reduce(batches, model, train)


@tff.federated_computation(
    tff.FederatedType(MODEL_TYPE, tff.SERVER, all_equal=True),
    tff.FederatedType(tf.float32, tff.SERVER, all_equal=True),
    tff.FederatedType(tff.SequenceType(BATCH_TYPE), tff.CLIENTS))
def federated_train(model, learning_rate, data):
  return tff.federated_average(
      tff.federated_map(local_train, [
          tff.federated_broadcast(model),
          tff.federated_broadcast(learning_rate), data
      ]))


def batches_of(client, num_batches):
  batches = []
  for i in range(num_batches):
    x = (np.arange(4).reshape(2, 2) + i + client) / 4.0
    batches.append({
        'x': x.astype(np.float32),
        'y': (x[:, 0] - x[:, 1] * client).astype(np.float32)
    })
  return batches


data = [batches_of(0, 2), batches_of(1, 1), batches_of(2, 1)]
model = {'weights': np.zeros([2], np.float32), 'bias': 0.0}
losses = []
for _ in range(2):
  model = federated_train(model, 0.1, data)
  losses.append(float(batch_loss(model, data[1][0])))

average, total = weighted([1.0, 2.0, 4.0], [1.0, 1.0, 2.0])

print(json.dumps({
    'types': [
        str(t.type_signature) for t in (exceeds, fraction_over_threshold,
                                        weighted, batch_loss, batch_train,
                                        local_train, federated_train)
    ],
    'named_tuple': str(tff.to_type([('a', tf.int32), ('b', (tf.bool, [3]))])),
    'hello': str(tff.federated_computation(lambda: 'Hello, World!'
                                          ).type_signature),
    'exceeds': float(exceeds(3.0, 2.0)),
    'fraction': float(fraction_over_threshold([1.0, 5.0, 9.0, 2.0], 4.0)),
    'average': float(average),
    'total': float(total),
    'losses': losses,
    'weights': np.asarray(model.weights).tolist(),
    'bias': float(model.bias),
}))
