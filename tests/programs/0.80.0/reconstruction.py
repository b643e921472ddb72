"""Federated reconstruction in 0.80: global and local layers, Keras optimizers on three sides."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

INPUT_SPEC = collections.OrderedDict(
    x=tf.TensorSpec([None, 2], tf.float32), y=tf.TensorSpec([None, 1], tf.float32))


def client_dataset(num_examples, offset, shift):
  x = ((np.arange(num_examples * 2) * 3 + offset) % 7).astype(np.float32).reshape([-1, 2]) / 7.0
  y = 2.0 * x[:, :1] + x[:, 1:] + shift
  return tf.data.Dataset.from_tensor_slices(collections.OrderedDict(x=x, y=y)).batch(2)


train_data = [client_dataset(4, 0, 1.0), client_dataset(3, 2, -1.0)]


def model_fn():
  inputs = tf.keras.layers.Input(shape=(2,))
  shared = tf.keras.layers.Dense(1, use_bias=False, kernel_initializer='zeros')
  shift = tf.keras.layers.Dense(
      1, kernel_initializer='ones', bias_initializer='zeros')
  outputs = shift(shared(inputs))
  keras_model = tf.keras.Model(inputs=inputs, outputs=outputs)
  return tff.learning.models.ReconstructionModel.from_keras_model_and_layers(
      keras_model,
      global_layers=[shared],
      local_layers=[shift],
      input_spec=INPUT_SPEC)


def loss_fn():
  return tf.keras.losses.MeanSquaredError()


def metrics_fn():
  return [tf.keras.metrics.MeanAbsoluteError()]


def train(**kwargs):
  process = tff.learning.algorithms.build_fed_recon(
      model_fn, loss_fn=loss_fn, metrics_fn=metrics_fn, **kwargs)
  state = process.initialize()
  rounds = []
  for _ in range(2):
    output = process.next(state, train_data)
    state = output.state
    rounds.append({name: float(value)
                   for name, value in output.metrics['client_work']['train'].items()})
  weights = process.get_model_weights(state)
  return {
      'initialize': str(process.initialize.type_signature),
      'next': str(process.next.type_signature),
      'rounds': rounds,
      'trainable': [np.ravel(v).tolist() for v in weights.trainable],
  }


print(json.dumps({
    'defaults': train(),
    'keras': train(
        server_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.5, momentum=0.5),
        client_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.2),
        reconstruction_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.3)),
    'split': train(
        server_optimizer_fn=lambda: tf.keras.optimizers.Adam(0.1, epsilon=0.01),
        dataset_split_fn=tff.learning.models.ReconstructionModel.build_dataset_split_fn(
            recon_epochs=2, post_recon_epochs=1)),
}))
