"""The algorithms of `tff.learning.algorithms` in 0.20, with Keras and with TFF optimizers."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


def client_dataset(num_examples, offset):
  x = ((np.arange(num_examples * 2) * 3 + offset) % 7).astype(np.float32).reshape([-1, 2]) / 7.0
  y = x[:, :1] * 2.0 + x[:, 1:] * 3.0 - 0.5
  return tf.data.Dataset.from_tensor_slices(collections.OrderedDict(x=x, y=y)).batch(2)


federated_train_data = [client_dataset(3, 0), client_dataset(6, 1), client_dataset(1, 4)]


def model_fn():
  keras_model = tf.keras.Sequential([
      tf.keras.layers.Dense(1, kernel_initializer='zeros', input_shape=(2,))])
  return tff.learning.from_keras_model(
      keras_model,
      loss=tf.keras.losses.MeanSquaredError(),
      input_spec=federated_train_data[0].element_spec)


def keras_sgd(learning_rate, **kwargs):
  return lambda: tf.keras.optimizers.SGD(learning_rate, **kwargs)


def train(process):
  state = process.initialize()
  losses = []
  for _ in range(3):
    output = process.next(state, federated_train_data)
    state = output.state
    losses.append(float(output.metrics['client_work']['train']['loss']))
  weights = process.get_model_weights(state)
  return {
      'initialize': str(process.initialize.type_signature),
      'next': str(process.next.type_signature),
      'get_model_weights': str(process.get_model_weights.type_signature),
      'losses': losses,
      'num_examples': int(output.metrics['client_work']['train']['num_examples']),
      'trainable': [np.ravel(v).tolist() for v in weights.trainable],
      'global_trainable': [np.ravel(v).tolist() for v in state.global_model_weights.trainable],
      'containers': [type(output).__name__, type(state).__name__, type(weights).__name__],
  }


algorithms = tff.learning.algorithms
uniform = tff.learning.ClientWeighting.UNIFORM
print(json.dumps({
    'weighted_fed_avg': train(
        algorithms.build_weighted_fed_avg(
            model_fn, client_optimizer_fn=keras_sgd(0.1), server_optimizer_fn=keras_sgd(1.0))),
    # 0.20 took the client weighting by position.
    'weighted_fed_avg_uniform': train(
        algorithms.build_weighted_fed_avg(
            model_fn, keras_sgd(0.1, momentum=0.5), keras_sgd(0.8), uniform)),
    'adam_on_both_sides': train(
        algorithms.build_weighted_fed_avg(
            model_fn,
            lambda: tf.keras.optimizers.Adam(0.1, epsilon=1e-2),
            lambda: tf.keras.optimizers.Adam(lr=0.2, epsilon=1e-2))),
    'tff_optimizers': train(
        algorithms.build_weighted_fed_avg(
            model_fn,
            tff.learning.optimizers.build_sgdm(0.1),
            tff.learning.optimizers.build_sgdm(1.0, momentum=0.9))),
    'unweighted_fed_avg': train(
        algorithms.build_unweighted_fed_avg(
            model_fn, keras_sgd(0.1), use_experimental_simulation_loop=True)),
    'fed_prox': train(
        algorithms.build_weighted_fed_prox(model_fn, 0.5, keras_sgd(0.1), keras_sgd(1.0), uniform)),
    'unweighted_fed_prox': train(
        algorithms.build_unweighted_fed_prox(
            model_fn, proximal_strength=2.0, client_optimizer_fn=keras_sgd(0.1))),
    'fed_sgd': train(algorithms.build_fed_sgd(model_fn, keras_sgd(0.2))),
    'mime_lite': train(
        algorithms.build_weighted_mime_lite(
            model_fn, optimizer=tff.learning.optimizers.build_sgdm(0.1, momentum=0.9))),
    'unweighted_mime_lite': train(
        algorithms.build_unweighted_mime_lite(
            model_fn, tff.learning.optimizers.build_adagrad(0.1))),
}))
