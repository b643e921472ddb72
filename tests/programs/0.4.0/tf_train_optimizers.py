"""TensorFlow 1 optimizers on the clients and on the server."""

from __future__ import absolute_import, division, print_function

import collections
import json

import numpy as np
from six.moves import range
import tensorflow as tf
from tensorflow_federated import python as tff

tf.compat.v1.enable_v2_behavior()

Batch = collections.namedtuple('Batch', 'x y')


class Regression(tff.learning.TrainableModel):

  def __init__(self):
    self._w = tf.Variable(
        lambda: tf.zeros([3, 1]), name='w', trainable=True)
    self._loss_sum = tf.Variable(0.0, name='loss_sum', trainable=False)
    self._weight_sum = tf.Variable(0.0, name='weight_sum', trainable=False)

  @property
  def trainable_variables(self):
    return [self._w]

  @property
  def non_trainable_variables(self):
    return []

  @property
  def local_variables(self):
    return [self._loss_sum, self._weight_sum]

  @property
  def input_spec(self):
    return Batch(
        x=tf.TensorSpec([None, 3], tf.float32),
        y=tf.TensorSpec([None, 1], tf.float32))

  @tf.contrib.eager.function(autograph=False)
  def forward_pass(self, batch, training=True):
    del training
    predictions = tf.matmul(batch['x'], self._w)
    loss = tf.reduce_mean(tf.square(predictions - batch['y']))
    num_examples = tf.to_float(tf.shape(predictions)[0])
    tf.assign_add(self._loss_sum, loss * num_examples)
    tf.assign_add(self._weight_sum, num_examples)
    return tff.learning.BatchOutput(loss=loss, predictions=predictions)

  @tf.contrib.eager.function(autograph=False)
  def train_on_batch(self, batch):
    output = self.forward_pass(batch)
    optimizer = tf.train.GradientDescentOptimizer(learning_rate=0.05)
    optimizer.minimize(output.loss, var_list=self.trainable_variables)
    return output

  @tf.contrib.eager.function(autograph=False)
  def report_local_outputs(self):
    return collections.OrderedDict([('loss', [self._loss_sum.read_value(),
                                              self._weight_sum.read_value()])])

  @property
  def federated_output_computation(self):

    @tff.tf_computation(tf.float32, tf.float32)
    def divide(total, weight):
      return total / weight

    @tff.federated_computation
    def aggregate(outputs):
      sums = tff.federated_zip([tff.federated_sum(outputs.loss[0]),
                                tff.federated_sum(outputs.loss[1])])
      return {'loss': tff.federated_apply(divide, sums)}

    return aggregate


def client_dataset(client, num_examples):
  x = (np.arange(num_examples * 3).reshape(-1, 3) % (5 + client)) / 5.0
  y = np.dot(x, [[1.0], [-1.0], [0.5]]) + 0.1 * client
  return tf.data.Dataset.from_tensor_slices(
      Batch(x.astype(np.float32), y.astype(np.float32))).batch(3)


data = [client_dataset(0, 7), client_dataset(1, 3), client_dataset(2, 4)]


def train(server_optimizer_fn):
  process = tff.learning.build_federated_averaging_process(
      Regression, server_optimizer_fn=server_optimizer_fn)
  state = process.initialize()
  losses = []
  for _ in range(3):
    state, metrics = process.next(state, data)
    losses.append(float(metrics.loss))
  return {
      'initialize': str(process.initialize.type_signature),
      'next': str(process.next.type_signature),
      'losses': losses,
      'w': np.asarray(state.model.trainable.w).flatten().tolist(),
  }


print(json.dumps({
    'sgd': train(lambda: tf.train.GradientDescentOptimizer(1.0)),
    'momentum': train(
        lambda: tf.train.MomentumOptimizer(learning_rate=0.5, momentum=0.9)),
    'adam': train(lambda: tf.train.AdamOptimizer(learning_rate=0.1)),
    'adagrad': train(lambda: tf.train.AdagradOptimizer(learning_rate=0.2)),
}))
