"""`build_federated_averaging_process` in 0.27, its last release: weighting, factories, simulation."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


def client_dataset(client, num_examples):
  x = ((np.arange(num_examples * 3) * 4 + client) % 9).astype(np.float32).reshape([-1, 3]) / 9.0
  y = ((np.arange(num_examples) + client) % 2).astype(np.int32)
  return tf.data.Dataset.from_tensor_slices((x, y)).batch(2)


federated_train_data = [client_dataset(i, n) for i, n in enumerate([3, 7, 0, 2])]
input_spec = federated_train_data[0].element_spec


def model_fn():
  keras_model = tf.keras.Sequential([
      tf.keras.layers.Dense(
          2, activation='softmax', kernel_initializer='zeros', input_shape=(3,))])
  return tff.learning.from_keras_model(
      keras_model=keras_model,
      loss=tf.keras.losses.SparseCategoricalCrossentropy(),
      input_spec=input_spec,
      metrics=[tf.keras.metrics.SparseCategoricalAccuracy(name='accuracy')])


class HalvedSGD(tf.keras.optimizers.SGD):
  """SGD that takes half of the step that it was asked for."""

  def __init__(self, learning_rate=0.1, **kwargs):
    super().__init__(learning_rate=learning_rate / 2.0, **kwargs)


def train(*args, **kwargs):
  process = tff.learning.build_federated_averaging_process(model_fn, *args, **kwargs)
  state = process.initialize()
  rounds = []
  for _ in range(3):
    state, metrics = process.next(state, federated_train_data)
    rounds.append([float(metrics['train']['loss']), float(metrics['train']['accuracy'])])
  evaluation = tff.learning.build_federated_evaluation(model_fn)
  test = evaluation(state.model, [client_dataset(9, 4)])
  return {
      'initialize': str(process.initialize.type_signature),
      'next': str(process.next.type_signature),
      'get_model_weights': str(process.get_model_weights.type_signature),
      'rounds': rounds,
      'counts': [int(metrics['train']['num_examples']), int(metrics['train']['num_batches'])],
      'aggregation': sorted(metrics['aggregation']),
      'test': {name: float(value) for name, value in test['eval'].items()},
      'trainable': [np.ravel(v).tolist() for v in process.get_model_weights(state).trainable],
      'optimizer_state': [np.ravel(v).tolist() for v in tf.nest.flatten(state.optimizer_state)],
      'is_server_state': isinstance(state, tff.learning.framework.ServerState),
  }


print(json.dumps({
    'momentum_and_adam': train(
        client_optimizer_fn=lambda: tf.keras.optimizers.SGD(lr=0.1, momentum=0.9),
        server_optimizer_fn=lambda: tf.keras.optimizers.Adam(0.1, epsilon=1e-2)),
    'user_optimizer': train(lambda: HalvedSGD(0.4), lambda: HalvedSGD(2.0, momentum=0.5)),
    'uniform': train(
        lambda: tf.keras.optimizers.SGD(0.2, decay=0.5),
        client_weighting=tff.learning.ClientWeighting.UNIFORM,
        use_experimental_simulation_loop=True),
    'callable': train(
        lambda: tf.keras.optimizers.SGD(0.2),
        client_weighting=lambda metrics: tf.sqrt(metrics['accuracy'][1])),
    'factory': train(
        tff.learning.optimizers.build_sgdm(0.2),
        tff.learning.optimizers.build_sgdm(1.0, 0.5),
        model_update_aggregation_factory=tff.aggregators.zeroing_factory(
            100.0, tff.aggregators.MeanFactory())),
}))
