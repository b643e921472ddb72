"""A model with two outputs: a list of losses and their weights."""

from __future__ import absolute_import, division, print_function

import collections
import json

import numpy as np
from six.moves import range
import tensorflow as tf

tf.compat.v1.enable_v2_behavior()

import tensorflow_federated as tff

tff.framework.set_default_executor(tff.framework.create_local_executor(3))


def create_keras_model():
  inputs = tf.keras.layers.Input(shape=(3,))
  hidden = tf.keras.layers.Dense(
      2, kernel_initializer=tf.keras.initializers.Constant(0.3), name='hidden')(
          inputs)
  size = tf.keras.layers.Dense(
      1, kernel_initializer='zeros', name='size')(hidden)
  kind = tf.keras.layers.Dense(
      3, activation='softmax', kernel_initializer='ones', name='kind')(hidden)
  return tf.keras.Model(inputs=inputs, outputs=[size, kind])


def client_dataset(client, num_examples):
  x = (np.arange(num_examples * 3).reshape(-1, 3) * 2 % (5 + client)) / 5.0
  size = x[:, :1] - client * x[:, 1:2]
  kind = (np.arange(num_examples).reshape(-1, 1) + client) % 3
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict([
          ('x', x.astype(np.float32)),
          ('y', (size.astype(np.float32), kind.astype(np.int32))),
      ])).batch(2)


dummy_batch = collections.OrderedDict([
    ('x', np.zeros([1, 3], np.float32)),
    ('y', (np.zeros([1, 1], np.float32), np.zeros([1, 1], np.int32))),
])


def model_fn(optimizer=None):
  return tff.learning.from_keras_model(
      create_keras_model(),
      dummy_batch,
      [
          tf.keras.losses.MeanSquaredError(),
          tf.keras.losses.SparseCategoricalCrossentropy(),
      ],
      [1.0, 0.25],
      optimizer=optimizer)


data = [client_dataset(0, 3), client_dataset(1, 5), client_dataset(2, 1)]
process = tff.learning.build_federated_averaging_process(
    lambda: model_fn(tf.keras.optimizers.SGD(lr=0.1, momentum=0.5)),
    lambda: tf.keras.optimizers.SGD(lr=0.9, momentum=0.5))
state = process.initialize()
losses = []
for _ in range(3):
  state, metrics = process.next(state, data)
  losses.append(float(metrics.loss))
evaluate = tff.learning.build_federated_evaluation(model_fn)

print(json.dumps({
    'initialize': str(process.initialize.type_signature),
    'next': str(process.next.type_signature),
    'evaluate': str(evaluate.type_signature),
    'losses': losses,
    'evaluation': float(evaluate(state.model, data[::-1]).loss),
    'weights': {name: np.asarray(w).flatten().tolist()
                for name, w in state.model.trainable._asdict().items()},
}))
