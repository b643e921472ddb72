"""`tff.learning.from_keras_model` in 0.52, its last release, and the new `tff.learning.models` one."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


def client_dataset(client, num_examples):
  x = ((np.arange(num_examples * 4) * 3 + client) % 13).astype(np.float32).reshape([-1, 4]) / 13.0
  y = ((np.arange(num_examples) ** 2 + client) % 3).astype(np.int32).reshape([-1, 1])
  return tf.data.Dataset.from_tensor_slices(collections.OrderedDict(x=x, y=y)).batch(3)


train_data = [client_dataset(i, n) for i, n in enumerate([7, 2, 4])]
test_data = [client_dataset(8, 5), client_dataset(9, 0)]


def create_keras_model():
  return tf.keras.Sequential([
      tf.keras.layers.InputLayer(input_shape=(4,)),
      tf.keras.layers.Dense(3, kernel_initializer='zeros'),
      tf.keras.layers.Softmax(),
  ])


def old_model_fn():
  return tff.learning.from_keras_model(
      create_keras_model(),
      loss=tf.keras.losses.SparseCategoricalCrossentropy(),
      input_spec=train_data[0].element_spec,
      metrics=[tf.keras.metrics.SparseCategoricalAccuracy()])


def new_model_fn():
  return tff.learning.models.from_keras_model(
      create_keras_model(),
      tf.keras.losses.SparseCategoricalCrossentropy(),
      train_data[0].element_spec,
      None,
      [tf.keras.metrics.SparseCategoricalAccuracy])


class DoubledSGD(tf.keras.optimizers.legacy.SGD):
  """SGD whose gradients are doubled before they are applied."""

  def _resource_apply_dense(self, grad, var, apply_state=None):
    return super()._resource_apply_dense(2.0 * grad, var, apply_state)


def train(model_fn, client_optimizer_fn, server_optimizer_fn):
  process = tff.learning.algorithms.build_weighted_fed_avg(
      model_fn, client_optimizer_fn, server_optimizer_fn,
      client_weighting=tff.learning.ClientWeighting.UNIFORM)
  state = process.initialize()
  rounds = []
  for _ in range(3):
    state, metrics = process.next(state, train_data)
    rounds.append({name: float(value)
                   for name, value in metrics['client_work']['train'].items()})
  weights = process.get_model_weights(state)
  evaluation = tff.learning.build_federated_evaluation(model_fn)
  test = evaluation(weights, test_data)
  keras_model = create_keras_model()
  weights.assign_weights_to(keras_model)
  halved = state._replace(
      global_model_weights=tff.learning.models.ModelWeights(
          trainable=[v / 2.0 for v in weights.trainable], non_trainable=[]))
  _, metrics = process.next(halved, train_data)
  return {
      'initialize': str(process.initialize.type_signature),
      'next': str(process.next.type_signature),
      'evaluation': str(evaluation.type_signature),
      'rounds': rounds,
      'test': {name: float(value) for name, value in test['eval'].items()},
      'trainable': [np.ravel(v).tolist() for v in weights.trainable],
      'keras_weights': [np.ravel(w).tolist() for w in keras_model.get_weights()],
      'loss_of_halved': float(metrics['client_work']['train']['loss']),
  }


print(json.dumps({
    'old': train(
        old_model_fn,
        lambda: tf.keras.optimizers.SGD(0.2),
        lambda: tf.keras.optimizers.Adam(0.1, epsilon=1e-2)),
    'new': train(
        new_model_fn,
        lambda: tf.keras.optimizers.Adagrad(0.2, initial_accumulator_value=0.5),
        lambda: tf.keras.optimizers.SGD(0.9, momentum=0.3)),
    'tff_optimizers': train(
        new_model_fn,
        tff.learning.optimizers.build_sgdm(0.1, momentum=0.9),
        tff.learning.optimizers.build_adam(0.1, epsilon=1e-2)),
    'user_optimizer': train(
        new_model_fn, lambda: DoubledSGD(lr=0.1), lambda: DoubledSGD(0.4, momentum=0.5)),
    'is_model': isinstance(old_model_fn(), tff.learning.Model),
    'is_variable_model': isinstance(old_model_fn(), tff.learning.models.VariableModel),
}))
