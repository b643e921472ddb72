"""The tutorial's model from scratch on the local executor, with momentum on the server."""

from __future__ import absolute_import, division, print_function

import collections
import json

import numpy as np
from six.moves import range
import tensorflow as tf

tf.compat.v1.enable_v2_behavior()

import tensorflow_federated as tff

NUM_CLIENTS = 3

tff.framework.set_default_executor(
    tff.framework.create_local_executor(NUM_CLIENTS))

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
  flat_labels = tf.reshape(batch['y'], [-1])
  loss = -tf.reduce_mean(
      tf.reduce_sum(tf.one_hot(flat_labels, 3) * tf.math.log(y), axis=[1]))
  accuracy = tf.reduce_mean(
      tf.cast(tf.equal(predictions, flat_labels), tf.float32))
  num_examples = tf.cast(tf.size(batch['y']), tf.float32)
  variables.num_examples.assign_add(num_examples)
  variables.loss_sum.assign_add(loss * num_examples)
  variables.accuracy_sum.assign_add(accuracy * num_examples)
  return loss, predictions


def get_local_metrics(variables):
  return collections.OrderedDict([
      ('num_examples', variables.num_examples),
      ('loss', variables.loss_sum / variables.num_examples),
      ('accuracy', variables.accuracy_sum / variables.num_examples),
  ])


@tff.federated_computation
def aggregate_metrics_across_clients(metrics):
  return {
      'num_examples': tff.federated_sum(metrics.num_examples),
      'loss': tff.federated_mean(metrics.loss, metrics.num_examples),
      'accuracy': tff.federated_mean(metrics.accuracy, metrics.num_examples)
  }


class MyModel(tff.learning.Model):

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
                                    ('y', tf.TensorSpec([None, 1], tf.int32))])

  @tf.function
  def forward_pass(self, batch, training=True):
    del training
    loss, predictions = compute(self._variables, batch)
    return tff.learning.BatchOutput(loss=loss, predictions=predictions)

  @tf.function
  def report_local_outputs(self):
    return get_local_metrics(self._variables)

  @property
  def federated_output_computation(self):
    return aggregate_metrics_across_clients


class MyTrainableModel(MyModel, tff.learning.TrainableModel):

  @tf.function
  def train_on_batch(self, batch):
    output = self.forward_pass(batch)
    optimizer = tf.compat.v1.train.GradientDescentOptimizer(0.1)
    optimizer.minimize(output.loss, var_list=self.trainable_variables)
    return output


def client_dataset(client, num_examples):
  x = (np.arange(num_examples * 4).reshape(-1, 4) * 3 % (7 + client)) / 7.0
  y = (np.arange(num_examples).reshape(-1, 1) * 2 + client) % 3
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict([
          ('x', x.astype(np.float32)),
          ('y', y.astype(np.int32)),
      ])).repeat(2).batch(3)


federated_data = [client_dataset(i, n) for i, n in enumerate([4, 1, 5])]
process = tff.learning.build_federated_averaging_process(
    MyTrainableModel,
    server_optimizer_fn=lambda: tf.keras.optimizers.SGD(
        learning_rate=1.0, momentum=0.9, nesterov=True))
state = process.initialize()
rounds = []
for _ in range(3):
  state, metrics = process.next(state, federated_data)
  rounds.append({name: float(value)
                 for name, value in metrics._asdict().items()})

evaluation = tff.learning.build_federated_evaluation(MyModel)
test_metrics = evaluation(state.model,
                          [client_dataset(i, 2) for i in range(3)])

print(json.dumps({
    'initialize': str(process.initialize.type_signature),
    'next': str(process.next.type_signature),
    'evaluation': str(evaluation.type_signature),
    'rounds': rounds,
    'weights': np.asarray(state.model.trainable.weights).flatten().tolist(),
    'bias': np.asarray(state.model.trainable.bias).flatten().tolist(),
    'optimizer_state': [np.asarray(v).flatten().tolist()
                        for v in state.optimizer_state],
    'test_metrics': {name: float(value)
                     for name, value in test_metrics._asdict().items()},
}))
