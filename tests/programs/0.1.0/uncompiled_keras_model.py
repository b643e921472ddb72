"""from_keras_model by position and by keyword, with metrics, client weights and new weights."""

from __future__ import absolute_import
from __future__ import division
from __future__ import print_function

import collections
import json

import numpy as np
import tensorflow as tf
from tensorflow.python.keras.optimizer_v2 import gradient_descent
from tensorflow_federated import python as tff

tf.compat.v1.enable_v2_behavior()

Batch = collections.namedtuple('Batch', ['x', 'y'])


def client_dataset(client, num_examples):
  x = (np.arange(num_examples * 3).reshape(-1, 3) % (4 + client)) / 3.0
  y = np.sum(x, axis=1, keepdims=True) - client
  return tf.data.Dataset.from_tensor_slices(
      Batch(x.astype(np.float32), y.astype(np.float32))).batch(2)


def create_keras_model():
  return tf.keras.models.Sequential([
      tf.keras.layers.Dense(1, kernel_initializer='zeros', input_shape=(3,)),
  ])


def mean_squared_error(y_true, y_pred):
  return tf.reduce_mean(tf.square(y_true - y_pred))


dummy_batch = Batch(
    x=np.zeros([1, 3], np.float32), y=np.zeros([1, 1], np.float32))


def model_fn():
  return tff.learning.from_keras_model(
      create_keras_model(),
      dummy_batch,
      mean_squared_error,
      metrics=[tf.keras.metrics.MeanAbsoluteError()],
      optimizer=gradient_descent.SGD(learning_rate=0.05))


def client_weight_fn(local_outputs):
  # The number of examples, squared.
  return tf.cast(tf.square(local_outputs['loss'][1]), tf.int32)


train_data = [client_dataset(0, 5), client_dataset(1, 2), client_dataset(2, 3)]

process = tff.learning.build_federated_averaging_process(
    model_fn,
    server_optimizer_fn=lambda: gradient_descent.SGD(learning_rate=0.5),
    client_weight_fn=client_weight_fn)

state = process.initialize()
state = tff.learning.state_with_new_model_weights(
    state,
    trainable_weights=[
        np.array([[0.5], [-0.25], [0.125]], np.float32),
        np.array([1.0], np.float32)
    ],
    non_trainable_weights=[np.asarray(w) for w in state.model.non_trainable])

metrics_of_rounds = []
for _ in range(3):
  state, metrics = process.next(state, train_data)
  metrics_of_rounds.append(
      [float(metrics.mean_absolute_error), float(metrics.loss)])

print(json.dumps({
    'initialize': str(process.initialize.type_signature),
    'next': str(process.next.type_signature),
    'metrics': metrics_of_rounds,
    'weights': [np.asarray(w).flatten().tolist()
                for w in state.model.trainable],
    'optimizer_state': [np.asarray(v).tolist() for v in state.optimizer_state],
}))
