"""The tutorial's model from scratch with a TensorFlow 1 optimizer, started from other weights."""

from __future__ import absolute_import, division, print_function

import collections
import json

import numpy as np
from six.moves import range
import tensorflow as tf

from tensorflow_federated import python as tff

tf.compat.v1.enable_v2_behavior()

Variables = collections.namedtuple(
    'Variables', 'weights bias num_examples loss_sum accuracy_sum')


class SoftmaxModel(tff.learning.Model):

  def __init__(self):
    self._variables = Variables(
        weights=tf.Variable(
            lambda: tf.zeros(dtype=tf.float32, shape=(3, 2)),
            name='weights',
            trainable=True),
        bias=tf.Variable(
            lambda: tf.zeros(dtype=tf.float32, shape=(2)),
            name='bias',
            trainable=True),
        num_examples=tf.Variable(0.0, name='num_examples', trainable=False),
        loss_sum=tf.Variable(0.0, name='loss_sum', trainable=False),
        accuracy_sum=tf.Variable(0.0, name='accuracy_sum', trainable=False))

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
    return collections.OrderedDict([('x', tf.TensorSpec([None, 3],
                                                        tf.float32)),
                                    ('y', tf.TensorSpec([None, 1], tf.int32))])

  @tf.function
  def forward_pass(self, batch, training=True):
    del training
    v = self._variables
    y = tf.nn.softmax(tf.matmul(batch['x'], v.weights) + v.bias)
    predictions = tf.cast(tf.argmax(y, 1), tf.int32)
    flat_labels = tf.reshape(batch['y'], [-1])
    loss = -tf.reduce_mean(
        tf.reduce_sum(
            tf.one_hot(flat_labels, 2) * tf.log(y), reduction_indices=[1]))
    accuracy = tf.reduce_mean(
        tf.cast(tf.equal(predictions, flat_labels), tf.float32))
    num_examples = tf.to_float(tf.size(batch['y']))
    tf.assign_add(v.num_examples, num_examples)
    tf.assign_add(v.loss_sum, loss * num_examples)
    tf.assign_add(v.accuracy_sum, accuracy * num_examples)
    return tff.learning.BatchOutput(loss=loss, predictions=predictions)

  @tf.function
  def report_local_outputs(self):
    v = self._variables
    return collections.OrderedDict([
        ('num_examples', v.num_examples),
        ('loss', v.loss_sum / v.num_examples),
        ('accuracy', v.accuracy_sum / v.num_examples),
    ])

  @property
  def federated_output_computation(self):

    @tff.federated_computation
    def aggregate(metrics):
      return {
          'num_examples': tff.federated_sum(metrics.num_examples),
          'loss': tff.federated_mean(metrics.loss, metrics.num_examples),
          'accuracy': tff.federated_mean(metrics.accuracy,
                                         metrics.num_examples)
      }

    return aggregate


class TrainableSoftmaxModel(SoftmaxModel, tff.learning.TrainableModel):

  @tf.function
  def train_on_batch(self, batch):
    output = self.forward_pass(batch)
    optimizer = tf.train.GradientDescentOptimizer(0.2)
    optimizer.minimize(output.loss, var_list=self.trainable_variables)
    return output


def client_dataset(client, num_examples):
  x = (np.arange(num_examples * 3).reshape(-1, 3) % (4 + client)) / 4.0
  y = (np.arange(num_examples).reshape(-1, 1) + client) % 2
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict([('x', x.astype(np.float32)),
                               ('y', y.astype(np.int32))])).batch(2)


data = [client_dataset(0, 4), client_dataset(1, 1), client_dataset(2, 3)]
process = tff.learning.build_federated_averaging_process(TrainableSoftmaxModel)
evaluation = tff.learning.build_federated_evaluation(SoftmaxModel)

state = process.initialize()
state = tff.learning.state_with_new_model_weights(
    state,
    trainable_weights=[
        np.array([[0.5, -0.5], [0.0, 0.25], [-0.25, 1.0]], np.float32),
        np.array([0.0, -1.0], np.float32)
    ],
    non_trainable_weights=[])
rounds = []
for _ in range(2):
  state, metrics = process.next(state, data)
  rounds.append({name: float(value)
                 for name, value in metrics._asdict().items()})
test_metrics = evaluation(state.model, [client_dataset(3, 5)])

print(json.dumps({
    'initialize': str(process.initialize.type_signature),
    'next': str(process.next.type_signature),
    'evaluation': str(evaluation.type_signature),
    'rounds': rounds,
    'weights': np.asarray(state.model.trainable.weights).flatten().tolist(),
    'bias': np.asarray(state.model.trainable.bias).flatten().tolist(),
    'test_metrics': str(sorted(test_metrics._asdict())),
    'test_loss': float(test_metrics.loss),
    'test_accuracy': float(test_metrics.accuracy),
}))
