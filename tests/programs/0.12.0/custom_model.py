"""The tutorial's model from scratch, with the client's optimizer as an argument."""

import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()

tff.framework.set_default_executor(tff.framework.local_executor_factory())

MnistVariables = collections.namedtuple(
    'MnistVariables', 'weights bias num_examples loss_sum accuracy_sum')


def create_variables():
  return MnistVariables(
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


class SoftmaxModel(tff.learning.Model):

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
    return collections.OrderedDict(
        x=tf.TensorSpec([None, 4], tf.float32),
        y=tf.TensorSpec([None, 1], tf.int32))

  @tf.function
  def forward_pass(self, batch, training=True):
    del training
    v = self._variables
    y = tf.nn.softmax(tf.matmul(batch['x'], v.weights) + v.bias)
    predictions = tf.cast(tf.argmax(y, 1), tf.int32)
    flat_labels = tf.reshape(batch['y'], [-1])
    loss = -tf.reduce_mean(
        tf.reduce_sum(tf.one_hot(flat_labels, 3) * tf.math.log(y), axis=[1]))
    accuracy = tf.reduce_mean(
        tf.cast(tf.equal(predictions, flat_labels), tf.float32))
    num_examples = tf.cast(tf.size(batch['y']), tf.float32)
    v.num_examples.assign_add(num_examples)
    v.loss_sum.assign_add(loss * num_examples)
    v.accuracy_sum.assign_add(accuracy * num_examples)
    return tff.learning.BatchOutput(
        loss=loss,
        predictions=predictions,
        num_examples=tf.shape(batch['x'])[0])

  @tf.function
  def report_local_outputs(self):
    v = self._variables
    return collections.OrderedDict(
        num_examples=v.num_examples,
        loss=v.loss_sum / v.num_examples,
        accuracy=v.accuracy_sum / v.num_examples)

  @property
  def federated_output_computation(self):

    @tff.federated_computation
    def aggregate(metrics):
      return collections.OrderedDict(
          num_examples=tff.federated_sum(metrics.num_examples),
          loss=tff.federated_mean(metrics.loss, metrics.num_examples),
          accuracy=tff.federated_mean(metrics.accuracy, metrics.num_examples))

    return aggregate


def client_dataset(client, num_examples):
  x = (np.arange(num_examples * 4).reshape(-1, 4) * 3 % (7 + client)) / 7.0
  y = (np.arange(num_examples).reshape(-1, 1) * 2 + client) % 3
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict(
          x=x.astype(np.float32), y=y.astype(np.int32))).batch(3)


data = [client_dataset(i, n) for i, n in enumerate([4, 1, 5])]
iterative_process = tff.learning.build_federated_averaging_process(
    SoftmaxModel,
    client_optimizer_fn=lambda: tf.keras.optimizers.SGD(learning_rate=0.2),
    client_weight_fn=lambda outputs: tf.sqrt(outputs['num_examples']))
evaluation = tff.learning.build_federated_evaluation(SoftmaxModel)

state = iterative_process.initialize()
rounds = []
for _ in range(2):
  state, metrics = iterative_process.next(state, data)
  rounds.append({name: float(value)
                 for name, value in metrics._asdict().items()})
test_metrics = evaluation(state.model, [client_dataset(3, 2)])

print(json.dumps({
    'initialize': str(iterative_process.initialize.type_signature),
    'next': str(iterative_process.next.type_signature),
    'evaluation': str(evaluation.type_signature),
    'rounds': rounds,
    'weights': [np.asarray(w).flatten().tolist()
                for w in state.model.trainable],
    'test_metrics': {name: float(value)
                     for name, value in test_metrics._asdict().items()},
}))
