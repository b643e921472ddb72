"""from_keras_model by keyword: a metric of one's own, Adam on both sides, evaluation."""

from __future__ import absolute_import, division, print_function

import collections
import json

import numpy as np
from six.moves import range
import tensorflow as tf

from tensorflow_federated import python as tff

tf.compat.v1.enable_v2_behavior()


class NumLarge(tf.keras.metrics.Sum):
  """How many predictions are larger than a half."""

  def __init__(self, name='num_large', dtype=tf.float32):
    super(NumLarge, self).__init__(name, dtype)

  def update_state(self, y_true, y_pred, sample_weight=None):
    large = tf.cast(tf.greater(y_pred, 0.5), tf.float32)
    return super(NumLarge, self).update_state(large)


def create_keras_model():
  return tf.keras.models.Sequential([
      tf.keras.layers.Dense(
          2,
          activation=tf.nn.tanh,
          kernel_initializer=tf.constant_initializer(0.5),
          input_shape=(3,)),
      tf.keras.layers.Dense(1, kernel_initializer='ones'),
  ])


def dummy_batch():
  return collections.OrderedDict([
      ('x', tf.zeros([1, 3])),
      ('y', tf.zeros([1, 1])),
  ])


def mean_absolute_error(y_true, y_pred):
  return tf.reduce_mean(tf.abs(y_true - y_pred))


def model_fn():
  return tff.learning.from_keras_model(
      keras_model=create_keras_model(),
      dummy_batch=dummy_batch(),
      loss=mean_absolute_error,
      metrics=[NumLarge(), tf.keras.metrics.MeanSquaredError()],
      optimizer=tf.keras.optimizers.Adam(learning_rate=0.05))


def evaluation_model_fn():
  return tff.learning.from_keras_model(create_keras_model(), dummy_batch(),
                                       mean_absolute_error, [NumLarge()])


def client_dataset(client, num_examples):
  x = (np.arange(num_examples * 3).reshape(-1, 3) % (4 + client)) / 4.0
  y = x[:, :1] + client * x[:, 1:2]
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict([('x', x.astype(np.float32)),
                               ('y', y.astype(np.float32))])).batch(2)


data = [client_dataset(0, 3), client_dataset(1, 5)]
process = tff.learning.build_federated_averaging_process(
    model_fn, lambda: tf.keras.optimizers.Adam(learning_rate=0.1))
state = process.initialize()
rounds = []
for _ in range(2):
  state, metrics = process.next(state, data)
  rounds.append([float(metrics.num_large), float(metrics.mean_squared_error),
                 float(metrics.loss)])

evaluate = tff.learning.build_federated_evaluation(evaluation_model_fn)
evaluation = evaluate(state.model, data[1:])

print(json.dumps({
    'initialize': str(process.initialize.type_signature),
    'next': str(process.next.type_signature),
    'evaluate': str(evaluate.type_signature),
    'rounds': rounds,
    'weights': [np.asarray(w).flatten().tolist()
                for w in state.model.trainable],
    'optimizer_state': [np.asarray(v).flatten().tolist()
                        for v in state.optimizer_state],
    'evaluation': {name: float(value)
                   for name, value in evaluation._asdict().items()},
}))
