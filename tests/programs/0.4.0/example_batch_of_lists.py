"""A batch of Python lists as an example, for a Keras model that trains.

Documented behaviour: `dummy_batch` is "a nested structure of values that are convertible to
batched tensors"; with an optimizer, 0.4.0 gives the lists to Keras, which refuses them.
Expected from: subclassed_keras_model
"""

from __future__ import absolute_import, division, print_function

import collections
import json

import numpy as np
from six.moves import range
import tensorflow as tf
from tensorflow.python.keras.optimizer_v2 import gradient_descent
from tensorflow_federated import python as tff

tf.compat.v1.enable_v2_behavior()


class TwoLayers(tf.keras.Model):

  def __init__(self):
    super(TwoLayers, self).__init__()
    self._hidden = tf.keras.layers.Dense(
        2,
        activation='relu',
        kernel_initializer=tf.constant_initializer(0.25),
        name='hidden')
    self._out = tf.keras.layers.Dense(
        1, kernel_initializer='ones', name='out')

  def call(self, inputs, training=True):
    del training
    return self._out(self._hidden(inputs))


def loss_fn(y_true, y_pred):
  return tf.reduce_mean(tf.abs(y_true - y_pred))


def model_fn():
  return tff.learning.from_keras_model(
      TwoLayers(), {
          'x': [[0.0, 0.0], [1.0, 1.0]],
          'y': [[0.0], [1.0]]
      },
      loss_fn,
      optimizer=gradient_descent.SGD(learning_rate=0.1, momentum=0.9))


def client_dataset(client, num_examples):
  x = (np.arange(num_examples * 2).reshape(-1, 2) % (3 + client)) / 3.0
  y = x[:, :1] * 2.0 + client
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict([('x', x.astype(np.float32)),
                               ('y', y.astype(np.float32))])).batch(2)


process = tff.learning.build_federated_averaging_process(model_fn)
state = process.initialize()
data = [client_dataset(0, 4), client_dataset(1, 7)]
losses = []
for _ in range(2):
  state, metrics = process.next(state, data)
  losses.append(float(metrics.loss))

print(json.dumps({
    'initialize': str(process.initialize.type_signature),
    'next': str(process.next.type_signature),
    'losses': losses,
    'weights': [
        np.asarray(w).flatten().tolist()
        for w in tff.learning.keras_weights_from_tff_weights(state.model)
    ],
}))
