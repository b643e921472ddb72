"""Federated evaluation of a linear regression written as a `tff.learning.Model`."""

from __future__ import absolute_import
from __future__ import division
from __future__ import print_function

import collections
import json

import numpy as np
import tensorflow as tf
from tensorflow_federated import python as tff

tf.compat.v1.enable_v2_behavior()


def client_dataset(client, num_examples):
  x = (np.arange(num_examples * 3).reshape(-1, 3) % (4 + client)) / 3.0
  y = np.sum(x, axis=1, keepdims=True) - client
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict([('x', x.astype(np.float32)),
                               ('y', y.astype(np.float32))])).batch(2)


@tff.federated_computation
def aggregate(outputs):
  return collections.OrderedDict([
      ('mean_absolute_error',
       tff.federated_average(outputs.absolute_error, outputs.num_examples)),
      ('loss',
       tff.federated_average(outputs.squared_error, outputs.num_examples)),
  ])


class LinearRegression(tff.learning.Model):

  def __init__(self):
    self._kernel = tf.Variable(
        lambda: tf.zeros([3, 1]), name='dense/kernel', trainable=True)
    self._bias = tf.Variable(
        lambda: tf.zeros([1]), name='dense/bias', trainable=True)
    self._num_examples = tf.Variable(0.0, name='num_examples', trainable=False)
    self._absolute = tf.Variable(0.0, name='absolute', trainable=False)
    self._squared = tf.Variable(0.0, name='squared', trainable=False)

  @property
  def trainable_variables(self):
    return [self._kernel, self._bias]

  @property
  def non_trainable_variables(self):
    return []

  @property
  def local_variables(self):
    return [self._num_examples, self._absolute, self._squared]

  @property
  def input_spec(self):
    return collections.OrderedDict([
        ('x', tf.TensorSpec([None, 3], tf.float32)),
        ('y', tf.TensorSpec([None, 1], tf.float32)),
    ])

  @tf.contrib.eager.function(autograph=False)
  def forward_pass(self, batch, training=True):
    del training
    predictions = tf.matmul(batch['x'], self._kernel) + self._bias
    errors = batch['y'] - predictions
    tf.assign_add(self._num_examples, tf.to_float(tf.shape(errors)[0]))
    tf.assign_add(self._absolute, tf.reduce_sum(tf.abs(errors)))
    tf.assign_add(self._squared, tf.reduce_sum(tf.square(errors)))
    return tff.learning.BatchOutput(
        loss=tf.reduce_mean(tf.square(errors)), predictions=predictions)

  @tf.contrib.eager.function(autograph=False)
  def report_local_outputs(self):
    return collections.OrderedDict([
        ('num_examples', self._num_examples),
        ('absolute_error', self._absolute / self._num_examples),
        ('squared_error', self._squared / self._num_examples),
    ])

  @property
  def federated_output_computation(self):
    return aggregate


evaluate = tff.learning.build_federated_evaluation(LinearRegression)
model = collections.OrderedDict([
    ('trainable', collections.OrderedDict([
        ('dense/kernel', np.array([[0.5], [-0.25], [0.125]], np.float32)),
        ('dense/bias', np.array([1.0], np.float32)),
    ])),
    ('non_trainable', collections.OrderedDict()),
])
metrics = evaluate(model, [client_dataset(0, 5), client_dataset(1, 2)])

print(json.dumps({
    'evaluate': str(evaluate.type_signature),
    'metrics': [float(metrics.mean_absolute_error), float(metrics.loss)],
}))
