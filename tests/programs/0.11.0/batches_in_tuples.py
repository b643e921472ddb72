"""Batches that are tuples of x and y, an empty client, and weights of one's own."""

import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()

tff.framework.set_default_executor(tff.framework.create_local_executor(4))


def client_dataset(client, num_examples):
  x = (np.arange(num_examples * 3).reshape(-1, 3) % (4 + client)) / 2.0
  y = x.sum(axis=1, keepdims=True) * 0.5 + client
  return tf.data.Dataset.from_tensor_slices(
      (x.astype(np.float32), y.astype(np.float32))).batch(2)


def model_fn():
  keras_model = tf.keras.models.Sequential([
      tf.keras.layers.Dense(
          1, kernel_initializer=tf.keras.initializers.Constant(0.5),
          input_shape=(3,))
  ])
  return tff.learning.from_keras_model(
      keras_model,
      (np.zeros([1, 3], np.float32), np.zeros([1, 1], np.float32)),
      tf.keras.losses.Huber(delta=0.75),
      metrics=[tf.keras.metrics.MeanSquaredError()],
      optimizer=tf.keras.optimizers.SGD(learning_rate=0.1))


def client_weight_fn(local_outputs):
  """Clients with larger errors count more."""
  total, count = local_outputs['mean_squared_error']
  return tf.math.divide_no_nan(total, count) + 1.0


data = [
    client_dataset(0, 5),
    client_dataset(1, 2),
    client_dataset(0, 2).take(0),
    client_dataset(2, 3)
]


def train(**kwargs):
  process = tff.learning.build_federated_averaging_process(model_fn, **kwargs)
  state = process.initialize()
  rounds = []
  for _ in range(2):
    state, metrics = process.next(state, data)
    rounds.append([float(metrics.mean_squared_error), float(metrics.loss)])
  return {
      'initialize': str(process.initialize.type_signature),
      'next': str(process.next.type_signature),
      'rounds': rounds,
      'kernel': np.asarray(
          getattr(state.model.trainable, 'dense/kernel')).flatten().tolist(),
      'bias': np.asarray(
          getattr(state.model.trainable, 'dense/bias')).flatten().tolist(),
  }


print(json.dumps({
    'by examples': train(),
    'by errors': train(client_weight_fn=client_weight_fn),
}))
