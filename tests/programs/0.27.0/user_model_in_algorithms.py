"""A hand-written model of 0.21 and later, trained by the algorithms of 0.27."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


class LinearRegression(tff.learning.Model):

  def __init__(self):
    self._kernel = tf.Variable(np.zeros([2, 1], np.float32), name='kernel')
    self._bias = tf.Variable(np.zeros([1], np.float32), name='bias')
    self._loss_sum = tf.Variable(0.0, trainable=False)
    self._num_examples = tf.Variable(0, trainable=False)

  @property
  def trainable_variables(self):
    return [self._kernel, self._bias]

  @property
  def non_trainable_variables(self):
    return []

  @property
  def local_variables(self):
    return [self._loss_sum, self._num_examples]

  @property
  def input_spec(self):
    return collections.OrderedDict(
        x=tf.TensorSpec([None, 2], tf.float32), y=tf.TensorSpec([None, 1], tf.float32))

  @tf.function
  def predict_on_batch(self, x, training=True):
    return tf.matmul(x, self._kernel) + self._bias

  @tf.function
  def forward_pass(self, batch_input, training=True):
    predictions = self.predict_on_batch(batch_input['x'], training)
    loss = tf.reduce_mean(tf.square(predictions - batch_input['y']))
    num_examples = tf.shape(predictions)[0]
    self._loss_sum.assign_add(loss * tf.cast(num_examples, tf.float32))
    self._num_examples.assign_add(num_examples)
    return tff.learning.BatchOutput(
        loss=loss, predictions=predictions, num_examples=num_examples)

  @tf.function
  def report_local_unfinalized_metrics(self):
    return collections.OrderedDict(
        loss=[self._loss_sum.read_value(), tf.cast(self._num_examples, tf.float32)],
        num_examples=self._num_examples.read_value())

  def metric_finalizers(self):
    return collections.OrderedDict(
        loss=tf.function(lambda x: x[0] / x[1]), num_examples=tf.function(lambda x: x))

  @tf.function
  def reset_metrics(self):
    for var in self.local_variables:
      var.assign(tf.zeros_like(var))


def client_dataset(num_examples, offset):
  x = ((np.arange(num_examples * 2) * 3 + offset) % 7).astype(np.float32).reshape([-1, 2]) / 7.0
  y = x[:, :1] - 2.0 * x[:, 1:] + 1.5
  return tf.data.Dataset.from_tensor_slices(collections.OrderedDict(x=x, y=y)).batch(2)


train_data = [client_dataset(5, 0), client_dataset(2, 2), client_dataset(8, 1)]


def train(process):
  state = process.initialize()
  losses = []
  for _ in range(2):
    output = process.next(state, train_data)
    state = output.state
    losses.append(float(output.metrics['client_work']['train']['loss']))
  weights = process.get_model_weights(state)
  doubled = tff.learning.ModelWeights(
      trainable=[2.0 * v for v in weights.trainable], non_trainable=[])
  state = process.set_model_weights(state, doubled)
  output = process.next(state, train_data)
  losses.append(float(output.metrics['client_work']['train']['loss']))
  return {
      'initialize': str(process.initialize.type_signature),
      'next': str(process.next.type_signature),
      'set_model_weights': str(process.set_model_weights.type_signature),
      'losses': losses,
      'metrics': {group: sorted(output.metrics[group]) for group in output.metrics},
      'doubled': [np.ravel(v).tolist() for v in state.global_model_weights.trainable],
      'trainable': [np.ravel(v).tolist()
                    for v in process.get_model_weights(output.state).trainable],
  }


def on_clients(process):

  @tff.tf_computation(tf.int32)
  def dataset_computation(seed):
    index = tf.cast(tf.range(6) + seed, tf.float32)
    x = tf.stack([index / 8.0, 1.0 - index / 9.0], axis=1)
    return tf.data.Dataset.from_tensor_slices(
        collections.OrderedDict(x=x, y=x[:, :1] - x[:, 1:])).batch(4)

  composed = tff.simulation.compose_dataset_computation_with_learning_process(
      dataset_computation, process)
  output = composed.next(composed.initialize(), [1, 2])
  return {
      'next': str(composed.next.type_signature),
      'loss': float(output.metrics['client_work']['train']['loss']),
      'trainable': [np.ravel(v).tolist()
                    for v in composed.get_model_weights(output.state).trainable],
  }


algorithms = tff.learning.algorithms
fed_avg = algorithms.build_weighted_fed_avg(
    LinearRegression,
    lambda: tf.keras.optimizers.Adagrad(0.2),
    lambda: tf.keras.optimizers.SGD(1.0, momentum=0.25),
    client_weighting=tff.learning.ClientWeighting.UNIFORM)
print(json.dumps({
    'fed_avg': train(fed_avg),
    'on_clients': on_clients(fed_avg),
    'fed_sgd': train(algorithms.build_fed_sgd(
        LinearRegression, server_optimizer_fn=lambda: tf.keras.optimizers.Adam(0.3, epsilon=0.01),
        use_experimental_simulation_loop=True)),
    'mime_lite': train(algorithms.build_weighted_mime_lite(
        LinearRegression, base_optimizer=tff.learning.optimizers.build_sgdm(0.1, 0.5),
        server_optimizer=tff.learning.optimizers.build_sgdm(0.9))),
    'fed_prox': train(algorithms.build_unweighted_fed_prox(
        LinearRegression, 0.25, lambda: tf.keras.optimizers.SGD(0.1))),
}))
