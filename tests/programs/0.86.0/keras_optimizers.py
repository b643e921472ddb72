"""Keras optimizers in 0.86, the last release that takes them, with the loops of that release."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


def client_dataset(client, num_examples):
  x = ((np.arange(num_examples * 4) * 5 + client) % 14).astype(np.float32).reshape([-1, 4]) / 14.0
  y = ((np.arange(num_examples) ** 2 + client) % 3).astype(np.int32).reshape([-1, 1])
  return tf.data.Dataset.from_tensor_slices(collections.OrderedDict(x=x, y=y)).batch(3)


train_data = [client_dataset(i, n) for i, n in enumerate([6, 1, 10])]


class ScaledMomentum(tf.keras.optimizers.Optimizer):
  """Momentum whose buffer is scaled before it is applied, as a Keras optimizer of the user's own."""

  def __init__(self, learning_rate=0.1, momentum=0.5, scale=2.0, name='ScaledMomentum', **kwargs):
    super().__init__(name=name, **kwargs)
    self._learning_rate = self._build_learning_rate(learning_rate)
    self.momentum = momentum
    self.scale = scale

  def build(self, var_list):
    super().build(var_list)
    if hasattr(self, '_built') and self._built:
      return
    self.buffers = [
        self.add_variable_from_reference(var, 'momentum') for var in var_list]
    self._built = True

  def update_step(self, gradient, variable):
    buffer = self.buffers[self._index_dict[self._var_key(variable)]]
    buffer.assign(self.momentum * buffer + gradient)
    variable.assign_sub(
        tf.cast(self.learning_rate, variable.dtype) * self.scale * buffer)

  def get_config(self):
    config = super().get_config()
    config.update({
        'learning_rate': self._serialize_hyperparameter(self._learning_rate),
        'momentum': self.momentum,
        'scale': self.scale,
    })
    return config


def model_fn():
  keras_model = tf.keras.Sequential([
      tf.keras.layers.InputLayer(input_shape=(4,)),
      tf.keras.layers.Dense(3, kernel_initializer='zeros'),
      tf.keras.layers.Softmax(),
  ])
  return tff.learning.models.from_keras_model(
      keras_model,
      loss=tf.keras.losses.SparseCategoricalCrossentropy(),
      input_spec=train_data[0].element_spec,
      metrics=[tf.keras.metrics.SparseCategoricalAccuracy(name='accuracy')])


def train(process):
  state = process.initialize()
  rounds = []
  for _ in range(3):
    state, metrics = process.next(state, train_data)
    rounds.append({name: float(value)
                   for name, value in metrics['client_work']['train'].items()})
  return {
      'initialize': str(process.initialize.type_signature),
      'next': str(process.next.type_signature),
      'rounds': rounds,
      'trainable': [np.ravel(v).tolist() for v in process.get_model_weights(state).trainable],
      'finalizer': [np.ravel(v).tolist() for v in tf.nest.flatten(state.finalizer)],
  }


algorithms = tff.learning.algorithms
print(json.dumps({
    'momentum_and_adam': train(algorithms.build_weighted_fed_avg(
        model_fn,
        client_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.1, momentum=0.9),
        server_optimizer_fn=lambda: tf.keras.optimizers.Adam(0.1, epsilon=0.01),
        loop_implementation=tff.learning.LoopImplementation.DATASET_ITERATOR)),
    'adamw_and_adagrad': train(algorithms.build_unweighted_fed_avg(
        model_fn,
        lambda: tf.keras.optimizers.AdamW(0.05, weight_decay=0.1, epsilon=0.01),
        lambda: tf.keras.optimizers.Adagrad(0.3, initial_accumulator_value=0.2))),
    'legacy': train(algorithms.build_weighted_fed_avg(
        model_fn,
        lambda: tf.keras.optimizers.legacy.SGD(lr=0.2, decay=0.25),
        lambda: tf.keras.optimizers.legacy.Adam(0.1, epsilon=0.01))),
    'user_optimizer': train(algorithms.build_weighted_fed_avg(
        model_fn, lambda: ScaledMomentum(0.05), lambda: ScaledMomentum(0.5, momentum=0.25))),
    'default_server': train(algorithms.build_weighted_fed_avg(
        model_fn, tff.learning.optimizers.build_sgdm(0.2))),
    'fed_sgd': train(algorithms.build_fed_sgd(model_fn)),
    'fed_prox': train(algorithms.build_weighted_fed_prox(
        model_fn, 0.5, lambda: tf.keras.optimizers.SGD(0.2))),
}))
