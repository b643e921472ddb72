"""Keras optimizer functions for the algorithms of 0.80, beside TFF's own optimizers."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


def client_dataset(num_examples, offset):
  x = ((np.arange(num_examples * 3) * 4 + offset) % 11).astype(np.float32).reshape([-1, 3]) / 11.0
  y = x[:, :1] + 2.0 * x[:, 1:2] + 0.5 * x[:, 2:] + 0.25
  return tf.data.Dataset.from_tensor_slices(collections.OrderedDict(x=x, y=y)).batch(2)


train_data = [client_dataset(5, 0), client_dataset(1, 4), client_dataset(8, 2)]


def model_fn():
  keras_model = tf.keras.Sequential([
      tf.keras.layers.InputLayer(input_shape=(3,)),
      tf.keras.layers.Dense(1, kernel_initializer='zeros'),
  ])
  return tff.learning.models.from_keras_model(
      keras_model,
      loss=tf.keras.losses.MeanSquaredError(),
      input_spec=train_data[0].element_spec,
      metrics=[tf.keras.metrics.MeanAbsoluteError])


def sgd(learning_rate, **kwargs):
  return lambda: tf.keras.optimizers.SGD(learning_rate, **kwargs)


def train(process):
  state = process.initialize()
  rounds = []
  for _ in range(2):
    state, metrics = process.next(state, train_data)
    rounds.append({name: float(value)
                   for name, value in metrics['client_work']['train'].items()})
  doubled = tff.learning.models.ModelWeights(
      trainable=[2.0 * v for v in process.get_model_weights(state).trainable],
      non_trainable=[])
  state, metrics = process.next(process.set_model_weights(state, doubled), train_data)
  return {
      'initialize': str(process.initialize.type_signature),
      'next': str(process.next.type_signature),
      'rounds': rounds,
      'loss_of_doubled': float(metrics['client_work']['train']['loss']),
      'trainable': [np.ravel(v).tolist() for v in process.get_model_weights(state).trainable],
      'metrics': {name: sorted(metrics[name]) for name in metrics},
  }


algorithms = tff.learning.algorithms
optimizers = tff.learning.optimizers
print(json.dumps({
    'default_server': train(algorithms.build_weighted_fed_avg(model_fn, sgd(0.1))),
    'keras': train(algorithms.build_weighted_fed_avg(
        model_fn,
        client_optimizer_fn=sgd(0.1, momentum=0.5),
        server_optimizer_fn=lambda: tf.keras.optimizers.Adam(0.2, epsilon=0.01),
        client_weighting=tff.learning.ClientWeighting.UNIFORM)),
    'mixed': train(algorithms.build_unweighted_fed_avg(
        model_fn,
        client_optimizer_fn=optimizers.build_sgdm(0.1),
        server_optimizer_fn=optimizers.build_adagrad(0.5),
        use_experimental_simulation_loop=True)),
    'fed_prox': train(algorithms.build_weighted_fed_prox(
        model_fn, 0.5, sgd(0.1), sgd(0.5, momentum=0.5))),
    'fed_sgd': train(algorithms.build_fed_sgd(
        model_fn, lambda: tf.keras.optimizers.RMSprop(0.05, epsilon=0.01))),
    'mime_lite': train(algorithms.build_unweighted_mime_lite(
        model_fn, optimizers.build_sgdm(0.1, 0.9),
        server_optimizer=optimizers.build_sgdm(0.8))),
    'schedule': train(algorithms.build_weighted_fed_avg_with_optimizer_schedule(
        model_fn,
        client_learning_rate_fn=lambda round_num: 0.2 / tf.cast(round_num + 1, tf.float32),
        client_optimizer_fn=lambda learning_rate: tf.keras.optimizers.SGD(learning_rate),
        server_optimizer_fn=sgd(1.0))),
}))
