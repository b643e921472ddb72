"""Hyperparameters of processes in 0.48, which live in their state; TFF optimizers for a Keras model."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


def client_dataset(num_examples, offset):
  x = ((np.arange(num_examples * 2) * 3 + offset) % 7).astype(np.float32).reshape([-1, 2]) / 7.0
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict(x=x, y=x[:, :1] + 3.0 * x[:, 1:] + 0.5)).batch(2)


train_data = [client_dataset(3, 0), client_dataset(6, 1)]


def model_fn():
  keras_model = tf.keras.Sequential([
      tf.keras.layers.InputLayer(input_shape=(2,)),
      tf.keras.layers.Dense(1, kernel_initializer='zeros'),
  ])
  return tff.learning.from_keras_model(
      keras_model,
      loss=tf.keras.losses.MeanSquaredError(),
      input_spec=train_data[0].element_spec)


def plain(hparams):
  if hasattr(hparams, 'items'):
    return {name: plain(value) for name, value in hparams.items()}
  if isinstance(hparams, (list, tuple)):
    return [plain(value) for value in hparams]
  return float(hparams)


def train(process, change=None):
  state = process.initialize()
  losses = []
  for round_num in range(3):
    if round_num == 1 and change is not None:
      hparams = process.get_hparams(state)
      change(hparams)
      state = process.set_hparams(state, hparams)
    output = process.next(state, train_data)
    state = output.state
    losses.append(float(output.metrics['client_work']['train']['loss']))
  return {
      'initialize': str(process.initialize.type_signature),
      'get_hparams': str(process.get_hparams.type_signature),
      'set_hparams': str(process.set_hparams.type_signature),
      'hparams': plain(process.get_hparams(state)),
      'losses': losses,
      'trainable': [np.ravel(v).tolist() for v in process.get_model_weights(state).trainable],
  }


def halve_client_rate(hparams):
  hparams['client_work']['learning_rate'] /= 2.0


def halve_server_rate(hparams):
  hparams['finalizer']['learning_rate'] /= 2.0


optimizers = tff.learning.optimizers
algorithms = tff.learning.algorithms
print(json.dumps({
    'unchanged': train(algorithms.build_weighted_fed_avg(
        model_fn, optimizers.build_sgdm(0.1), optimizers.build_sgdm(1.0))),
    'client': train(algorithms.build_weighted_fed_avg(
        model_fn, optimizers.build_sgdm(0.1), optimizers.build_sgdm(1.0)), halve_client_rate),
    'server': train(algorithms.build_weighted_fed_avg(
        model_fn, optimizers.build_adagrad(0.2), optimizers.build_sgdm(1.0, momentum=0.5)),
        halve_server_rate),
    'keras': train(algorithms.build_weighted_fed_avg(
        model_fn, lambda: tf.keras.optimizers.SGD(0.1), optimizers.build_sgdm(0.9)),
        halve_server_rate),
}))
