"""Two outputs with weighted losses, a learning rate schedule, and user code around `next`, in 0.33."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

Y_SPEC = tf.TensorSpec([None, 1], tf.float32)
INPUT_SPEC = (tf.TensorSpec([None, 2], tf.float32), (Y_SPEC, Y_SPEC))


def client_dataset(num_examples, offset):
  x = ((np.arange(num_examples * 2) * 3 + offset) % 7).astype(np.float32).reshape([-1, 2]) / 7.0
  return tf.data.Dataset.from_tensor_slices(
      (x, (x[:, :1] + 1.0, 0.5 - x[:, 1:]))).batch(2)


def model_fn(loss_weights=None):
  inputs = tf.keras.layers.Input(shape=(2,))
  hidden = tf.keras.layers.Dense(
      2, activation='tanh', kernel_initializer=tf.keras.initializers.Constant(0.3))(inputs)
  outputs = [
      tf.keras.layers.Dense(1, kernel_initializer=tf.keras.initializers.Constant(0.2))(hidden),
      tf.keras.layers.Dense(1, kernel_initializer=tf.keras.initializers.Constant(-0.1))(hidden),
  ]
  return tff.learning.from_keras_model(
      tf.keras.Model(inputs=inputs, outputs=outputs),
      loss=[tf.keras.losses.MeanSquaredError(), tf.keras.losses.LogCosh()],
      input_spec=INPUT_SPEC,
      loss_weights=loss_weights)


train_data = [client_dataset(5, 0), client_dataset(2, 1)]


def train(process):
  state = process.initialize()
  losses = []
  for _ in range(3):
    result = process.next(state, train_data)
    state = result.state
    losses.append(float(result.metrics['client_work']['train']['loss']))
  return {
      'initialize': str(process.initialize.type_signature),
      'next': str(process.next.type_signature),
      'losses': losses,
      'trainable': [np.ravel(v).tolist()
                    for v in process.get_model_weights(state).trainable],
  }


equal = tff.learning.algorithms.build_unweighted_fed_avg(
    model_fn, lambda: tf.keras.optimizers.SGD(0.1))
weighted = tff.learning.algorithms.build_unweighted_fed_avg(
    lambda: model_fn([0.1, 2.0]), lambda: tf.keras.optimizers.Adam(0.05, epsilon=0.01))
scheduled = tff.learning.algorithms.build_weighted_fed_avg_with_optimizer_schedule(
    lambda: model_fn([1.0, 0.5]),
    client_learning_rate_fn=lambda round_num: tf.where(round_num < 2, 0.2, 0.05),
    client_optimizer_fn=lambda learning_rate: tf.keras.optimizers.SGD(learning_rate))

state_type = equal.initialize.type_signature.result
data_type = equal.next.type_signature.parameter[1]


@tff.federated_computation(state_type, data_type)
def two_rounds(state, data):
  first = equal.next(state, data)
  second = equal.next(first.state, data)
  return collections.OrderedDict(
      state=second.state,
      losses=(first.metrics.client_work.train.loss, second.metrics.client_work.train.loss))


nested = two_rounds(equal.initialize(), train_data)

print(json.dumps({
    'equal': train(equal),
    'weighted': train(weighted),
    'scheduled': train(scheduled),
    'two_rounds': str(two_rounds.type_signature),
    'nested_losses': [float(loss) for loss in nested['losses']],
    'nested_trainable': [
        np.ravel(v).tolist() for v in nested['state'].global_model_weights.trainable],
}))
