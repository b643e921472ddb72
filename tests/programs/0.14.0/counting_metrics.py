"""A Keras model with a frozen layer and metrics that count, on unequal and empty clients, in 0.14."""
import collections
import json

import numpy as np
import tensorflow as tf
from tensorflow_federated import python as tff

tf.compat.v1.enable_v2_behavior()


class NumExamplesCounter(tf.keras.metrics.Sum):
  """A `tf.keras.metrics.Metric` that counts the number of examples seen."""

  def __init__(self, name='num_examples', dtype=tf.int64):
    super().__init__(name, dtype)

  def update_state(self, y_true, y_pred, sample_weight=None):
    return super().update_state(tf.shape(y_pred)[0], sample_weight)


class NumBatchesCounter(tf.keras.metrics.Sum):
  """A `tf.keras.metrics.Metric` that counts the number of batches seen."""

  def __init__(self, name='num_batches', dtype=tf.int64):
    super().__init__(name, dtype)

  def update_state(self, y_true, y_pred, sample_weight=None):
    return super().update_state(1, sample_weight)


def make_keras_model():
  inputs = tf.keras.Input([2])
  hidden = tf.keras.layers.Dense(
      2, activation='relu', kernel_initializer=tf.keras.initializers.Constant(0.1))(inputs)
  outputs = tf.keras.layers.Dense(
      1, use_bias=False, kernel_initializer='ones', trainable=False)(hidden)
  return tf.keras.Model(inputs, outputs)


def client_dataset(num_examples, shift):
  x = (np.arange(num_examples * 2, dtype=np.float32).reshape([-1, 2]) % 6 + shift) / 6.0
  y = np.sum(x, axis=1, keepdims=True) * 1.5 + 0.2
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict([('x', x), ('y', y)])).batch(2)


def model_fn():
  return tff.learning.from_keras_model(
      make_keras_model(),
      loss=tf.keras.losses.MeanSquaredError(),
      input_spec=client_dataset(1, 0).element_spec,
      metrics=[NumBatchesCounter(), NumExamplesCounter()])


process = tff.learning.build_federated_averaging_process(
    model_fn, lambda: tf.keras.optimizers.SGD(lr=0.05, decay=0.5))
train_data = [client_dataset(5, 0.5), client_dataset(0, 0.0), client_dataset(1, 2.0)]
state = process.initialize()
rounds = []
for _ in range(3):
  state, metrics = process.next(state, train_data)
  rounds.append([int(metrics.num_batches), int(metrics.num_examples), float(metrics.loss)])

evaluation = tff.learning.build_federated_evaluation(model_fn)
test_metrics = evaluation(state.model, train_data[1:])
print(json.dumps({
    'initialize': str(process.initialize.type_signature),
    'next': str(process.next.type_signature),
    'evaluation': str(evaluation.type_signature),
    'rounds': rounds,
    'test': [int(test_metrics.num_examples), float(test_metrics.loss)],
    'trainable': [np.ravel(v).tolist() for v in state.model.trainable],
    'non_trainable': [np.ravel(v).tolist() for v in state.model.non_trainable],
}))
