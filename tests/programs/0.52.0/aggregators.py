"""Aggregators for the algorithms of 0.52: means, clipping, zeroing, debug measurements."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


def client_dataset(num_examples, offset):
  x = ((np.arange(num_examples * 2) * 3 + offset) % 7).astype(np.float32).reshape([-1, 2]) / 7.0
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict(x=x, y=2.0 * x[:, :1] + x[:, 1:] + 1.0)).batch(2)


train_data = [client_dataset(4, 0), client_dataset(1, 3), client_dataset(6, 5)]


def model_fn():
  keras_model = tf.keras.Sequential([
      tf.keras.layers.InputLayer(input_shape=(2,)),
      tf.keras.layers.Dense(1, kernel_initializer='zeros'),
  ])
  return tff.learning.models.from_keras_model(
      keras_model, tf.keras.losses.MeanSquaredError(), train_data[0].element_spec)


def flat(metrics):
  return [np.ravel(v).tolist() for v in tf.nest.flatten(metrics)]


def train(process):
  state = process.initialize()
  losses = []
  for _ in range(3):
    result = process.next(state, train_data)
    state = result.state
    losses.append(float(result.metrics['client_work']['train']['loss']))
  return {
      'initialize': str(process.initialize.type_signature),
      'next': str(process.next.type_signature),
      'losses': losses,
      'aggregator': flat(result.metrics['aggregator']),
      'trainable': [np.ravel(v).tolist() for v in process.get_model_weights(state).trainable],
  }


def weighted(model_aggregator):
  return train(tff.learning.algorithms.build_weighted_fed_avg(
      model_fn,
      client_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.2),
      server_optimizer_fn=lambda: tf.keras.optimizers.SGD(1.0),
      model_aggregator=model_aggregator))


def unweighted(model_aggregator):
  return train(tff.learning.algorithms.build_unweighted_fed_avg(
      model_fn,
      lambda: tf.keras.optimizers.SGD(0.2),
      model_aggregator=model_aggregator))


print(json.dumps({
    'mean': weighted(tff.aggregators.MeanFactory(no_nan_division=True)),
    'clipping': weighted(tff.aggregators.clipping_factory(0.5, tff.aggregators.MeanFactory())),
    'robust': weighted(tff.learning.robust_aggregator(zeroing=True, clipping=True)),
    'debug': weighted(tff.learning.add_debug_measurements(tff.aggregators.MeanFactory())),
    'unweighted_mean': unweighted(tff.aggregators.UnweightedMeanFactory()),
    'sum': unweighted(tff.aggregators.zeroing_factory(50.0, tff.aggregators.UnweightedMeanFactory())),
}))
