"""A 0.13 model described by `dummy_batch` alone; momentum on clients and Adam on the server."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()

BATCH = collections.namedtuple('Batch', ['x', 'y'])


def client_dataset(num_examples, offset):
  x = ((np.arange(num_examples * 3) * 7 + offset) % 13).astype(np.float32) / 13.0
  x = x.reshape([num_examples, 3])
  y = np.sum(x * np.array([1.0, -2.0, 0.5], np.float32), axis=1, keepdims=True) + 0.25
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict([('x', x), ('y', y)])).batch(2)


class BiasedError(tf.keras.metrics.Sum):
  """Counts the predictions that are above the label by more than `margin`."""

  def __init__(self, margin=0.1, name='above_margin', dtype=tf.float32):
    super().__init__(name, dtype)
    self.margin = margin

  def update_state(self, y_true, y_pred, sample_weight=None):
    above = tf.cast(y_pred - y_true > self.margin, tf.float32)
    return super().update_state(above, sample_weight)

  def get_config(self):
    config = super().get_config()
    config['margin'] = self.margin
    return config


def make_keras_model():
  inputs = tf.keras.layers.Input(shape=(3,))
  hidden = tf.keras.layers.Dense(
      2, activation='tanh', kernel_initializer=tf.keras.initializers.Constant(0.2))(inputs)
  outputs = tf.keras.layers.Dense(
      1, kernel_initializer=tf.keras.initializers.Constant(0.5))(hidden)
  return tf.keras.Model(inputs=inputs, outputs=outputs)


def model_fn_by_keyword():
  dummy_batch = collections.OrderedDict([
      ('x', np.zeros([1, 3], np.float32)),
      ('y', np.zeros([1, 1], np.float32)),
  ])
  return tff.learning.from_keras_model(
      make_keras_model(),
      loss=tf.keras.losses.MeanSquaredError(),
      metrics=[BiasedError(0.05), tf.keras.metrics.MeanAbsoluteError()],
      dummy_batch=dummy_batch)


def model_fn_by_position():
  dummy_batch = BATCH(x=np.ones([5, 3], np.float32), y=np.ones([5, 1], np.float32))
  return tff.learning.from_keras_model(
      make_keras_model(), tf.keras.losses.MeanSquaredError(), None, None,
      [tf.keras.metrics.MeanAbsoluteError()], dummy_batch)


federated_train_data = [
    client_dataset(6, 0), client_dataset(1, 2), client_dataset(3, 5), client_dataset(4, 11)
]


def train(model_fn, client_weight_fn=None):
  process = tff.learning.build_federated_averaging_process(
      model_fn,
      lambda: tf.keras.optimizers.SGD(lr=0.1, momentum=0.9),
      lambda: tf.keras.optimizers.Adam(learning_rate=0.05, epsilon=0.01),
      client_weight_fn)
  state = process.initialize()
  losses = []
  for _ in range(3):
    state, metrics = process.next(state, federated_train_data)
    losses.append([float(v) for k, v in metrics._asdict().items()
                   if k != 'keras_training_time_client_sum_sec'])
  return {
      'initialize': str(process.initialize.type_signature),
      'next': str(process.next.type_signature),
      'metrics': losses,
      'trainable': [np.ravel(v).tolist() for v in state.model.trainable],
      'optimizer_state': [np.ravel(v).tolist() for v in state.optimizer_state],
  }


print(json.dumps({
    'by_keyword': train(model_fn_by_keyword),
    'by_position': train(model_fn_by_position),
    'unweighted': train(model_fn_by_keyword, lambda local_outputs: tf.constant(1.0)),
    'input_spec': str(tff.to_type(model_fn_by_keyword().input_spec)),
}))
