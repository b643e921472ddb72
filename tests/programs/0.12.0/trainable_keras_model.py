"""The forms with the optimizer in the model: still taken, now with a warning."""

import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()

Batch = collections.namedtuple('Batch', ['x', 'y'])


def client_dataset(client, num_examples):
  x = (np.arange(num_examples * 3).reshape(-1, 3) % (4 + client)) / 4.0
  y = x[:, :1] - client * x[:, 1:2]
  return tf.data.Dataset.from_tensor_slices(
      Batch(x.astype(np.float32), y.astype(np.float32))).batch(2)


dummy_batch = Batch(
    x=np.zeros([1, 3], np.float32), y=np.zeros([1, 1], np.float32))


class Regression(tf.keras.Model):

  def __init__(self):
    super().__init__(name='regression')
    self.hidden = tf.keras.layers.Dense(
        2, activation='relu', kernel_initializer='ones', name='hidden')
    self.out = tf.keras.layers.Dense(1, kernel_initializer='ones', name='out')

  def call(self, inputs):
    return self.out(self.hidden(inputs))


def with_optimizer():
  keras_model = tf.keras.models.Sequential([
      tf.keras.layers.Dense(1, kernel_initializer='ones', input_shape=(3,))
  ])
  return tff.learning.from_keras_model(
      keras_model,
      dummy_batch,
      tf.keras.losses.MeanSquaredError(),
      None,
      [tf.keras.metrics.MeanAbsoluteError()],
      tf.keras.optimizers.SGD(learning_rate=0.1, momentum=0.9))


def compiled():
  keras_model = Regression()
  keras_model.compile(
      loss=tf.keras.losses.MeanSquaredError(),
      optimizer=tf.keras.optimizers.Adagrad(learning_rate=0.1),
      metrics=[tf.keras.metrics.MeanAbsoluteError()])
  return tff.learning.from_compiled_keras_model(keras_model, dummy_batch)


def train(model_fn):
  process = tff.learning.build_federated_averaging_process(model_fn)
  state = process.initialize()
  rounds = []
  for _ in range(2):
    state, metrics = process.next(
        state, [client_dataset(0, 5), client_dataset(1, 2)])
    # The third metric is the time that training took.
    rounds.append([float(metrics.mean_absolute_error), float(metrics.loss)])
  return {
      'initialize': str(process.initialize.type_signature),
      'next': str(process.next.type_signature),
      'rounds': rounds,
      'weights': [np.asarray(w).flatten().tolist()
                  for w in state.model.trainable],
  }


print(json.dumps({
    'with optimizer': train(with_optimizer),
    'compiled': train(compiled),
}))
