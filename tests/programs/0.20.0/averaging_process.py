"""`build_federated_averaging_process` of 0.20: TFF optimizers, metric constructors, evaluation."""
import collections
import functools
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


def client_dataset(client, num_examples):
  x = ((np.arange(num_examples * 4) * 5 + client) % 12).astype(np.float32).reshape([-1, 4]) / 12.0
  y = ((np.arange(num_examples) + 2 * client) % 3).astype(np.int32).reshape([-1, 1])
  return tf.data.Dataset.from_tensor_slices(collections.OrderedDict(x=x, y=y)).batch(3)


federated_train_data = [client_dataset(i, n) for i, n in enumerate([4, 1, 8])]
federated_test_data = [client_dataset(7, 5)]


class MeanConfidence(tf.keras.metrics.Mean):
  """The mean of the largest probability of each prediction."""

  def __init__(self, name='mean_confidence', dtype=None):
    super().__init__(name, dtype)

  def update_state(self, y_true, y_pred, sample_weight=None):
    return super().update_state(tf.reduce_max(y_pred, axis=1), sample_weight)


def create_keras_model():
  return tf.keras.models.Sequential([
      tf.keras.layers.InputLayer(input_shape=(4,)),
      tf.keras.layers.Dense(3, kernel_initializer='zeros'),
      tf.keras.layers.Softmax(),
  ])


def model_fn():
  return tff.learning.from_keras_model(
      create_keras_model(),
      input_spec=federated_train_data[0].element_spec,
      loss=tf.keras.losses.SparseCategoricalCrossentropy(),
      metrics=[tf.keras.metrics.SparseCategoricalAccuracy(), MeanConfidence()])


def constructors_model_fn():
  return tff.learning.from_keras_model(
      create_keras_model(),
      tf.keras.losses.SparseCategoricalCrossentropy(),
      federated_train_data[0].element_spec,
      metrics=[tf.keras.metrics.SparseCategoricalAccuracy, MeanConfidence,
               functools.partial(tf.keras.metrics.MeanSquaredError, name='mse')])


def train(model_fn, *args, **kwargs):
  process = tff.learning.build_federated_averaging_process(model_fn, *args, **kwargs)
  state = process.initialize()
  rounds = []
  for _ in range(2):
    state, metrics = process.next(state, federated_train_data)
    rounds.append({name: float(value) for name, value in metrics['train'].items()})
  evaluation = tff.learning.build_federated_evaluation(model_fn)
  test = evaluation(process.get_model_weights(state), federated_test_data)
  return {
      'initialize': str(process.initialize.type_signature),
      'next': str(process.next.type_signature),
      'evaluation': str(evaluation.type_signature),
      'rounds': rounds,
      'metric_groups': list(metrics),
      'test': {name: float(value) for name, value in test['eval'].items()},
      'trainable': [np.ravel(v).tolist() for v in state.model.trainable],
      'optimizer_state': [np.ravel(v).tolist() for v in tf.nest.flatten(state.optimizer_state)],
  }


print(json.dumps({
    'keras_optimizers': train(
        model_fn,
        client_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.2),
        server_optimizer_fn=lambda: tf.keras.optimizers.SGD(1.0, momentum=0.5)),
    'tff_optimizers': train(
        model_fn,
        tff.learning.optimizers.build_sgdm(0.2),
        tff.learning.optimizers.build_adam(0.05, epsilon=1e-3)),
    'constructors': train(
        constructors_model_fn, lambda: tf.keras.optimizers.Adam(0.05, epsilon=1e-3)),
    'callable_weighting': train(
        model_fn, lambda: tf.keras.optimizers.SGD(0.2),
        client_weighting=lambda metrics: tf.cast(metrics['num_batches'][0], tf.float32)),
}))
