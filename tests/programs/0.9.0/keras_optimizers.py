"""Keras optimizers on clients and server: each keeps its state where it did then."""

from __future__ import absolute_import, division, print_function

import collections
import json

import numpy as np
from six.moves import range
import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()

tff.framework.set_default_executor(tff.framework.create_local_executor(3))


def client_dataset(client, num_examples):
  x = (np.arange(num_examples * 3).reshape(-1, 3) % (4 + client)) / 4.0
  y = (np.arange(num_examples).reshape(-1, 1) + client) % 2
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict([
          ('x', x.astype(np.float32)),
          ('y', y.astype(np.int64)),
      ])).repeat(2).batch(3)


train_data = [client_dataset(i, n) for i, n in enumerate([4, 2, 6])]
sample_batch = tf.nest.map_structure(lambda x: x.numpy(),
                                     next(iter(train_data[0])))


def create_keras_model():
  return tf.keras.models.Sequential([
      tf.keras.layers.Dense(
          2,
          activation='softmax',
          kernel_initializer='zeros',
          input_shape=(3,))
  ])


def train(client_optimizer_fn, server_optimizer_fn):

  def model_fn():
    keras_model = create_keras_model()
    keras_model.compile(
        loss=tf.keras.losses.SparseCategoricalCrossentropy(),
        optimizer=client_optimizer_fn(),
        metrics=[tf.keras.metrics.SparseCategoricalAccuracy()])
    return tff.learning.from_compiled_keras_model(keras_model, sample_batch)

  process = tff.learning.build_federated_averaging_process(
      model_fn, server_optimizer_fn=server_optimizer_fn)
  state = process.initialize()
  rounds = []
  for _ in range(2):
    state, metrics = process.next(state, train_data)
    rounds.append([float(metrics.sparse_categorical_accuracy),
                   float(metrics.loss)])
  keras_model = create_keras_model()
  tff.learning.assign_weights_to_keras_model(keras_model, state.model)
  return {
      'initialize': str(process.initialize.type_signature),
      'next': str(process.next.type_signature),
      'rounds': rounds,
      'weights': [w.flatten().tolist() for w in keras_model.get_weights()],
      'optimizer_state': [np.asarray(v).flatten().tolist()
                          for v in state.optimizer_state],
  }


optimizers = tf.keras.optimizers
print(json.dumps({
    'adam, adagrad': train(
        lambda: optimizers.Adam(learning_rate=0.05),
        lambda: optimizers.Adagrad(learning_rate=0.5)),
    'momentum with decay, rmsprop': train(
        lambda: optimizers.SGD(lr=0.1, momentum=0.9, decay=0.1),
        lambda: optimizers.RMSprop(lr=0.05, momentum=0.5)),
    'adagrad, adam': train(
        lambda: optimizers.Adagrad(lr=0.1),
        lambda: optimizers.Adam(lr=0.1, amsgrad=True)),
}))
