"""A model written from scratch, as in the image classification tutorial: training, evaluation."""

from __future__ import absolute_import
from __future__ import division
from __future__ import print_function

import collections
import json

import numpy as np
import tensorflow as tf
from tensorflow_federated import python as tff

tf.enable_eager_execution()
tf.enable_resource_variables()
tf.compat.v1.enable_v2_behavior()

Variables = collections.namedtuple(
    'Variables', 'weights bias num_examples loss_sum accuracy_sum')


def create_variables():
  return Variables(
      weights=tf.Variable(
          lambda: tf.zeros(dtype=tf.float32, shape=(4, 3)),
          name='weights',
          trainable=True),
      bias=tf.Variable(
          lambda: tf.zeros(dtype=tf.float32, shape=(3)),
          name='bias',
          trainable=True),
      num_examples=tf.Variable(0.0, name='num_examples', trainable=False),
      loss_sum=tf.Variable(0.0, name='loss_sum', trainable=False),
      accuracy_sum=tf.Variable(0.0, name='accuracy_sum', trainable=False))


def compute(variables, batch):
  y = tf.nn.softmax(tf.matmul(batch['x'], variables.weights) + variables.bias)
  predictions = tf.cast(tf.argmax(y, 1), tf.int32)
  loss = -tf.reduce_mean(
      tf.reduce_sum(tf.one_hot(batch['y'], 3) * tf.log(y),
                    reduction_indices=[1]))
  accuracy = tf.reduce_mean(
      tf.cast(tf.equal(predictions, batch['y']), tf.float32))
  num_examples = tf.to_float(tf.size(batch['y']))
  tf.assign_add(variables.num_examples, num_examples)
  tf.assign_add(variables.loss_sum, loss * num_examples)
  tf.assign_add(variables.accuracy_sum, accuracy * num_examples)
  return loss, predictions


@tff.federated_computation
def aggregate_metrics(metrics):
  return {
      'num_examples': tff.federated_sum(metrics.num_examples),
      'loss': tff.federated_average(metrics.loss, metrics.num_examples),
      'accuracy': tff.federated_average(metrics.accuracy, metrics.num_examples)
  }


class LinearModel(tff.learning.Model):

  def __init__(self):
    self._variables = create_variables()

  @property
  def trainable_variables(self):
    return [self._variables.weights, self._variables.bias]

  @property
  def non_trainable_variables(self):
    return []

  @property
  def local_variables(self):
    return [
        self._variables.num_examples, self._variables.loss_sum,
        self._variables.accuracy_sum
    ]

  @property
  def input_spec(self):
    return collections.OrderedDict([('x', tf.TensorSpec([None, 4],
                                                        tf.float32)),
                                    ('y', tf.TensorSpec([None], tf.int32))])

  @tf.contrib.eager.function(autograph=False)
  def forward_pass(self, batch, training=True):
    del training
    loss, predictions = compute(self._variables, batch)
    return tff.learning.BatchOutput(loss=loss, predictions=predictions)

  @tf.contrib.eager.function(autograph=False)
  def report_local_outputs(self):
    return collections.OrderedDict([
        ('num_examples', self._variables.num_examples),
        ('loss', self._variables.loss_sum / self._variables.num_examples),
        ('accuracy',
         self._variables.accuracy_sum / self._variables.num_examples)
    ])

  @property
  def federated_output_computation(self):
    return aggregate_metrics


class TrainableLinearModel(LinearModel, tff.learning.TrainableModel):

  @tf.contrib.eager.defun(autograph=False)
  def train_on_batch(self, batch):
    output = self.forward_pass(batch)
    optimizer = tf.train.GradientDescentOptimizer(0.1)
    optimizer.minimize(output.loss, var_list=self.trainable_variables)
    return output


def client_dataset(client, num_examples):
  x = (np.arange(num_examples * 4).reshape(-1, 4) % (5 + client)) / 4.0
  y = (np.arange(num_examples) * (client + 1)) % 3
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict([
          ('x', x.astype(np.float32)),
          ('y', y.astype(np.int32)),
      ])).batch(2)


federated_data = [client_dataset(0, 5), client_dataset(1, 2)]

iterative_process = tff.learning.build_federated_averaging_process(
    TrainableLinearModel)
state = iterative_process.initialize()
rounds = []
for _ in range(2):
  state, metrics = iterative_process.next(state, federated_data)
  rounds.append([
      float(metrics.num_examples), float(metrics.loss),
      float(metrics.accuracy)
  ])

evaluation = tff.learning.build_federated_evaluation(LinearModel)
test_metrics = evaluation(state.model, [client_dataset(2, 6)])

print(json.dumps({
    'initialize': str(iterative_process.initialize.type_signature),
    'next': str(iterative_process.next.type_signature),
    'evaluation': str(evaluation.type_signature),
    'metrics': rounds,
    'weights': np.asarray(state.model.trainable.weights).flatten().tolist(),
    'bias': np.asarray(state.model.trainable.bias).flatten().tolist(),
    'test_metrics': [
        float(test_metrics.num_examples), float(test_metrics.loss),
        float(test_metrics.accuracy)
    ],
    'members': dir(test_metrics),
}))
