"""Keras optimizers on both sides in 0.48; results as attrs classes."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


def client_dataset(num_examples, offset):
  x = ((np.arange(num_examples * 3) * 2 + offset) % 9).astype(np.float32).reshape([-1, 3]) / 9.0
  y = x[:, :1] * 2.0 - x[:, 1:2] + 0.5 * x[:, 2:] + 1.0
  return tf.data.Dataset.from_tensor_slices(collections.OrderedDict(x=x, y=y)).batch(2)


train_data = [client_dataset(4, 0), client_dataset(1, 3), client_dataset(7, 5)]


def model_fn():
  keras_model = tf.keras.Sequential([
      tf.keras.layers.Dense(1, kernel_initializer='zeros', input_shape=(3,))])
  return tff.learning.from_keras_model(
      keras_model,
      loss=tf.keras.losses.MeanSquaredError(),
      input_spec=train_data[0].element_spec,
      metrics=[lambda: tf.keras.metrics.MeanAbsoluteError(name='mae')])


def train(process):
  state = process.initialize()
  rounds = []
  for _ in range(3):
    result = process.next(state, train_data)
    state = result.state
    rounds.append([float(result.metrics['client_work']['train'][name])
                   for name in ('mae', 'loss', 'num_examples')])
  return {
      'initialize': str(process.initialize.type_signature),
      'next': str(process.next.type_signature),
      'rounds': rounds,
      'trainable': [np.ravel(v).tolist() for v in process.get_model_weights(state).trainable],
      'finalizer': [np.ravel(v).tolist() for v in tf.nest.flatten(state.finalizer)],
  }


def unpack():
  process = tff.learning.algorithms.build_unweighted_fed_avg(
      model_fn, lambda: tf.keras.optimizers.SGD(0.1))
  try:
    state, metrics = process.next(process.initialize(), train_data)
    return 'unpacked'
  except TypeError as e:
    return type(e).__name__


algorithms = tff.learning.algorithms
print(json.dumps({
    'momentum_and_adam': train(algorithms.build_weighted_fed_avg(
        model_fn,
        client_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.1, momentum=0.9),
        server_optimizer_fn=lambda: tf.keras.optimizers.Adam(0.2, epsilon=0.01))),
    'legacy_classes': train(algorithms.build_weighted_fed_avg(
        model_fn,
        lambda: tf.keras.optimizers.legacy.SGD(lr=0.1, decay=0.5),
        lambda: tf.keras.optimizers.legacy.Adagrad(0.5))),
    'nadam_and_ftrl': train(algorithms.build_unweighted_fed_avg(
        model_fn,
        lambda: tf.keras.optimizers.legacy.Nadam(0.1, epsilon=0.01),
        lambda: tf.keras.optimizers.legacy.Ftrl(0.5))),
    'fed_sgd': train(algorithms.build_fed_sgd(
        model_fn, lambda: tf.keras.optimizers.SGD(0.2, momentum=0.5, nesterov=True))),
    'fed_prox': train(algorithms.build_weighted_fed_prox(
        model_fn, proximal_strength=0.5,
        client_optimizer_fn=lambda: tf.keras.optimizers.Adamax(0.1, epsilon=0.01))),
    'unpack': unpack(),
}))
