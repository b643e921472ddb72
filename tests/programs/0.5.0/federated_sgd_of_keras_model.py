"""Federated SGD of a Keras model, with the default and with the Adagrad optimizer."""

from __future__ import absolute_import, division, print_function

import collections
import json

import numpy as np
from six.moves import range
import tensorflow as tf

from tensorflow_federated import python as tff

tf.compat.v1.enable_v2_behavior()

Batch = collections.namedtuple('Batch', ['x', 'y'])


def model_fn():
  keras_model = tf.keras.models.Sequential([
      tf.keras.layers.Dense(
          2, kernel_initializer='zeros', use_bias=False, input_shape=(3,)),
      tf.keras.layers.Softmax(),
  ])
  return tff.learning.from_keras_model(
      keras_model,
      Batch(x=np.ones([2, 3], np.float32), y=np.ones([2, 1], np.int64)),
      loss=tf.keras.losses.SparseCategoricalCrossentropy())


def client_dataset(client, num_examples):
  x = (np.arange(num_examples * 3).reshape(-1, 3) % (4 + client)) / 4.0
  y = (np.arange(num_examples).reshape(-1, 1) + client) % 2
  return tf.data.Dataset.from_tensor_slices(
      Batch(x.astype(np.float32), y.astype(np.int64))).batch(2)


data = [client_dataset(0, 3), client_dataset(1, 4), client_dataset(2, 1)]


def train(*args, **kwargs):
  process = tff.learning.build_federated_sgd_process(model_fn, *args, **kwargs)
  state = process.initialize()
  losses = []
  for _ in range(3):
    state, metrics = process.next(state, data)
    losses.append(float(metrics.loss))
  return {
      'initialize': str(process.initialize.type_signature),
      'next': str(process.next.type_signature),
      'losses': losses,
      'kernel': np.asarray(state.model.trainable[0]).flatten().tolist(),
      'optimizer_state': [np.asarray(v).flatten().tolist()
                          for v in state.optimizer_state],
  }


print(json.dumps({
    'default': train(),
    'adagrad': train(
        server_optimizer_fn=lambda: tf.keras.optimizers.Adagrad(lr=0.5)),
}))
