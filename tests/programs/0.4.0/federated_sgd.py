"""Federated SGD and evaluation of a user's own model."""

from __future__ import absolute_import, division, print_function

import collections
import json

import numpy as np
from six.moves import range
import tensorflow as tf
from tensorflow_federated import python as tff

tf.compat.v1.enable_v2_behavior()


class LinearRegression(tff.learning.Model):
  """y = x w + b, with the sum of errors as a metric."""

  def __init__(self):
    self._w = tf.Variable(
        lambda: tf.zeros([2, 1]), name='w', trainable=True)
    self._b = tf.Variable(lambda: tf.zeros([1]), name='b', trainable=True)
    self._c = tf.Variable(0.5, name='c', trainable=False)
    self._num_examples = tf.Variable(0, name='num_examples', trainable=False)
    self._num_batches = tf.Variable(0, name='num_batches', trainable=False)
    self._error = tf.Variable(0.0, name='error', trainable=False)

  @property
  def trainable_variables(self):
    return [self._w, self._b]

  @property
  def non_trainable_variables(self):
    return [self._c]

  @property
  def local_variables(self):
    return [self._num_examples, self._num_batches, self._error]

  @property
  def input_spec(self):
    return collections.OrderedDict([
        ('x', tf.TensorSpec([None, 2], tf.float32)),
        ('y', tf.TensorSpec([None, 1], tf.float32)),
    ])

  @tf.contrib.eager.function(autograph=False)
  def forward_pass(self, batch, training=True):
    del training
    predictions = tf.matmul(batch['x'], self._w) + self._b + self._c
    residuals = predictions - batch['y']
    num_examples = tf.shape(predictions)[0]
    loss = tf.reduce_mean(tf.square(residuals))
    tf.assign_add(self._num_examples, num_examples)
    tf.assign_add(self._num_batches, 1)
    tf.assign_add(self._error, tf.reduce_sum(tf.square(residuals)))
    return tff.learning.BatchOutput(loss=loss, predictions=predictions)

  @tf.contrib.eager.function(autograph=False)
  def report_local_outputs(self):
    return collections.OrderedDict([
        ('num_examples', self._num_examples.read_value()),
        ('num_batches', self._num_batches.read_value()),
        ('error', self._error.read_value()),
    ])

  @property
  def federated_output_computation(self):

    @tff.tf_computation(tf.float32, tf.int32)
    def divide(error, num_examples):
      return error / tf.to_float(num_examples)

    @tff.federated_computation
    def aggregate(outputs):
      num_examples = tff.federated_sum(outputs.num_examples)
      error = tff.federated_sum(outputs.error)
      return collections.OrderedDict([
          ('num_examples', num_examples),
          ('num_batches', tff.federated_sum(outputs.num_batches)),
          ('mean_squared_error',
           tff.federated_apply(divide, tff.federated_zip([error,
                                                          num_examples]))),
      ])

    return aggregate


def client_dataset(client, num_examples):
  x = (np.arange(num_examples * 2).reshape(-1, 2) % (3 + client)) / 2.0
  y = x[:, :1] - 2.0 * x[:, 1:] + client
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict([('x', x.astype(np.float32)),
                               ('y', y.astype(np.float32))])).batch(2)


def show(metrics):
  return [int(metrics.num_examples), int(metrics.num_batches),
          float(metrics.mean_squared_error)]


data = [client_dataset(0, 3), client_dataset(1, 6), client_dataset(2, 1)]
process = tff.learning.build_federated_sgd_process(LinearRegression)
evaluate = tff.learning.build_federated_evaluation(LinearRegression)

state = process.initialize()
rounds = []
for _ in range(3):
  state, metrics = process.next(state, data)
  rounds.append(show(metrics))

print(json.dumps({
    'initialize': str(process.initialize.type_signature),
    'next': str(process.next.type_signature),
    'evaluate': str(evaluate.type_signature),
    'rounds': rounds,
    'w': np.asarray(state.model.trainable.w).flatten().tolist(),
    'b': np.asarray(state.model.trainable.b).flatten().tolist(),
    'c': float(state.model.non_trainable.c),
    'evaluation': show(evaluate(state.model, [client_dataset(1, 4)])),
}))
