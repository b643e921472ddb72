"""The core language: types, placements, aggregation, sequences, and the reference executor."""

import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()

tff.framework.set_default_executor(tff.framework.ReferenceExecutor())

BATCH_TYPE = tff.to_type(
    collections.OrderedDict(
        x=tf.TensorSpec([None, 2], tf.float32),
        y=tf.TensorSpec([None], tf.float32)))
MODEL_TYPE = tff.NamedTupleType([('weights', tff.TensorType(tf.float32, [2])),
                                 ('bias', tf.float32)])


@tff.tf_computation(MODEL_TYPE, BATCH_TYPE)
def batch_loss(model, batch):
  predictions = tf.linalg.matvec(batch['x'], model.weights) + model.bias
  return tf.reduce_mean(tf.square(predictions - batch['y']))


@tff.tf_computation(MODEL_TYPE, BATCH_TYPE)
def batch_train(model, batch):
  errors = tf.linalg.matvec(
      batch['x'], model.weights) + model.bias - batch['y']
  return collections.OrderedDict(
      weights=model.weights -
      0.2 * tf.reduce_mean(errors[:, tf.newaxis] * batch['x'], axis=0),
      bias=model.bias - 0.2 * tf.reduce_mean(errors))


@tff.federated_computation(MODEL_TYPE, tff.SequenceType(BATCH_TYPE))
def local_train(model, batches):
  return tff.sequence_reduce(batches, model, batch_train)


@tff.federated_computation(
    tff.FederatedType(MODEL_TYPE, tff.SERVER),
    tff.FederatedType(tff.SequenceType(BATCH_TYPE), tff.CLIENTS))
def federated_train(model, data):
  return tff.federated_mean(
      tff.federated_map(local_train, [tff.federated_broadcast(model), data]))


@tff.tf_computation(tff.SequenceType(tf.float32))
def count(readings):
  return readings.reduce(0, lambda n, _: n + 1)


@tff.tf_computation(tff.SequenceType(tf.float32))
def mean(readings):
  total, number = readings.reduce((0.0, 0.0),
                                  lambda s, r: (s[0] + r, s[1] + 1.0))
  return total / number


@tff.federated_computation(
    tff.FederatedType(tff.SequenceType(tf.float32), tff.CLIENTS))
def weighted_mean(readings):

  @tff.tf_computation(tf.int32)
  def to_float(n):
    return tf.cast(n, tf.float32)

  counts = tff.federated_map(count, readings)
  return collections.OrderedDict(
      mean=tff.federated_mean(
          tff.federated_map(mean, readings),
          tff.federated_map(to_float, counts)),
      total=tff.federated_sum(counts),
      largest=tff.utils.federated_max(counts))


def batches_of(client, num_batches):
  batches = []
  for i in range(num_batches):
    x = (np.arange(4).reshape(2, 2) + i + client) / 4.0
    batches.append(
        collections.OrderedDict(
            x=x.astype(np.float32),
            y=(x[:, 0] - x[:, 1] * client).astype(np.float32)))
  return batches


data = [batches_of(0, 2), batches_of(1, 1), batches_of(2, 1)]
model = collections.OrderedDict(
    weights=np.zeros([2], np.float32), bias=np.float32(0.0))
losses = []
for _ in range(2):
  model = federated_train(model, data)
  losses.append(float(batch_loss(model, data[1][0])))
statistics = weighted_mean([[1.0, 2.0, 6.0], [5.0], [0.5, 1.5]])

print(json.dumps({
    'types': [
        str(c.type_signature)
        for c in (batch_loss, batch_train, local_train, federated_train, count,
                  mean, weighted_mean)
    ],
    'all_equal': str(tff.FederatedType(tf.int32, tff.CLIENTS, all_equal=True)),
    'function': str(tff.FunctionType([tf.int32, tf.bool], tf.string)),
    'losses': losses,
    'weights': np.asarray(model.weights).tolist(),
    'bias': float(model.bias),
    'statistics': {name: float(value)
                   for name, value in statistics._asdict().items()},
}))
