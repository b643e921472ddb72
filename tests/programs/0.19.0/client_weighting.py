"""`client_weighting` of 0.19, as an enum and as a callable; `get_model_weights`; metrics of a round."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

CLIENT_SIZES = [2, 9, 4]


def client_dataset(client, num_examples):
  x = ((np.arange(num_examples * 4) * 3 + client) % 10).astype(np.float32).reshape([-1, 4]) / 10.0
  y = ((np.arange(num_examples) * 2 + client) % 3).astype(np.int32).reshape([-1, 1])
  return tf.data.Dataset.from_tensor_slices(collections.OrderedDict(x=x, y=y)).batch(4)


federated_train_data = [client_dataset(i, n) for i, n in enumerate(CLIENT_SIZES)]


def model_fn():
  keras_model = tf.keras.models.Sequential([
      tf.keras.layers.InputLayer(input_shape=(4,)),
      tf.keras.layers.Dense(
          3, kernel_initializer='zeros', kernel_regularizer=tf.keras.regularizers.l2(0.01)),
      tf.keras.layers.Softmax(),
  ])
  return tff.learning.from_keras_model(
      keras_model,
      input_spec=federated_train_data[0].element_spec,
      loss=tf.keras.losses.SparseCategoricalCrossentropy(),
      metrics=[tf.keras.metrics.SparseCategoricalAccuracy(),
               tf.keras.metrics.SparseTopKCategoricalAccuracy(k=2, name='top_two')])


def train(process):
  state = process.initialize()
  rounds = []
  for _ in range(2):
    state, metrics = process.next(state, federated_train_data)
    rounds.append({name: float(value) for name, value in metrics['train'].items()})
  weights = process.get_model_weights(state)
  return {
      'initialize': str(process.initialize.type_signature),
      'next': str(process.next.type_signature),
      'get_model_weights': str(process.get_model_weights.type_signature),
      'rounds': rounds,
      'stat': {name: int(value) for name, value in metrics['stat'].items()},
      'metric_groups': list(metrics),
      'trainable': [np.ravel(v).tolist() for v in weights.trainable],
      'optimizer_state': [np.ravel(v).tolist() for v in state.optimizer_state],
  }


def averaging(client_weighting):
  return tff.learning.build_federated_averaging_process(
      model_fn,
      client_optimizer_fn=lambda: tf.keras.optimizers.SGD(lr=0.5, decay=0.25),
      server_optimizer_fn=lambda: tf.keras.optimizers.Adam(0.05, epsilon=1e-3),
      client_weighting=client_weighting)


print(json.dumps({
    'default': train(averaging(None)),
    'num_examples': train(averaging(tff.learning.ClientWeighting.NUM_EXAMPLES)),
    'uniform': train(averaging(tff.learning.ClientWeighting.UNIFORM)),
    'callable': train(averaging(lambda outputs: tf.sqrt(outputs['loss'][1]))),
    'sgd': train(
        tff.learning.build_federated_sgd_process(
            model_fn,
            server_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.5, momentum=0.9),
            client_weighting=tff.learning.ClientWeighting.UNIFORM)),
}))
