"""Layers with a seed draw the same values for each client and in each round."""

import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


def client(number):
  xs = (np.arange(24).reshape(6, 4) % 5 + number).astype(np.float32) / 10
  ys = (np.arange(6) % 2).reshape(6, 1).astype(np.float32)
  return tf.data.Dataset.from_tensor_slices(collections.OrderedDict(x=xs, y=ys)).batch(2)


DATA = [client(number) for number in range(3)]
SPEC = DATA[0].element_spec


def with_layers(*layers):

  def model_fn():
    model = tf.keras.Sequential(
        [tf.keras.layers.Dense(4, kernel_initializer='ones', input_shape=(4,))] +
        [layer() for layer in layers] +
        [tf.keras.layers.Dense(1, kernel_initializer='ones')])
    return tff.learning.from_keras_model(
        model, loss=tf.keras.losses.MeanSquaredError(), input_spec=SPEC,
        metrics=[tf.keras.metrics.MeanAbsoluteError()])

  return model_fn


class OwnModel(tff.learning.Model):
  """Drops inputs by an operation of TensorFlow."""

  def __init__(self):
    self._weights = tf.Variable([[0.5], [-0.5], [0.25], [1.0]])
    self._loss = tf.Variable(0.0, trainable=False)
    self._count = tf.Variable(0.0, trainable=False)

  @property
  def trainable_variables(self):
    return [self._weights]

  @property
  def non_trainable_variables(self):
    return []

  @property
  def local_variables(self):
    return [self._loss, self._count]

  @property
  def input_spec(self):
    return SPEC

  @tf.function
  def forward_pass(self, batch_input, training=True):
    inputs = batch_input['x']
    if training:
      inputs = tf.nn.dropout(inputs, rate=0.4, seed=8)
    predictions = tf.matmul(inputs, self._weights)
    loss = tf.reduce_mean(tf.square(predictions - batch_input['y']))
    examples = tf.shape(inputs)[0]
    self._loss.assign_add(loss * tf.cast(examples, tf.float32))
    self._count.assign_add(tf.cast(examples, tf.float32))
    return tff.learning.BatchOutput(loss=loss, predictions=predictions, num_examples=examples)

  @tf.function
  def report_local_outputs(self):
    return collections.OrderedDict(loss=[self._loss, self._count])

  @property
  def federated_output_computation(self):

    @tff.federated_computation
    def outputs(local):
      total = tff.federated_sum(local.loss)
      return collections.OrderedDict(loss=total)

    return outputs


def sums(weights):
  return [float(np.sum(each)) for each in weights]


def trained(process):
  state = process.initialize()
  rounds = []
  for _ in range(3):
    state, metrics = process.next(state, DATA)
    rounds.append(sums(state.model.trainable))
    losses = tf.nest.flatten(metrics['train'])
    rounds.append([float(np.sum(each)) for each in losses])
  return rounds


def averaging(model_fn):
  return tff.learning.build_federated_averaging_process(
      model_fn, client_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.01))


layers = tf.keras.layers
results = collections.OrderedDict()
results['dropout'] = trained(averaging(with_layers(lambda: layers.Dropout(0.5, seed=1))))
results['two'] = trained(averaging(with_layers(
    lambda: layers.Dropout(0.25, seed=3), lambda: layers.Dropout(0.5, seed=3))))
results['spatial'] = trained(averaging(with_layers(
    lambda: layers.Reshape((2, 2)), lambda: layers.SpatialDropout1D(0.5, seed=5),
    lambda: layers.Flatten())))
results['sgd'] = trained(tff.learning.build_federated_sgd_process(
    with_layers(lambda: layers.Dropout(0.5, seed=4)),
    server_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.1)))
results['own'] = trained(averaging(OwnModel))
print(json.dumps(results))
