"""Learning rates by schedules and optimizers of a program that do not say what they consist of."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


class Warmup(tf.keras.optimizers.schedules.LearningRateSchedule):

  def __call__(self, step):
    return 0.01 * tf.minimum(tf.cast(step, tf.float32) + 1.0, 2.0)


class OwnSGD(tf.keras.optimizers.SGD):

  def get_config(self):
    raise NotImplementedError('Not to be saved.')


def model_fn():
  net = tf.keras.Sequential([
      tf.keras.layers.Dense(1, input_shape=(2,), kernel_initializer='ones', use_bias=False)])
  return tff.learning.from_keras_model(
      net,
      loss=tf.keras.losses.MeanSquaredError(),
      input_spec=collections.OrderedDict(
          x=tf.TensorSpec([None, 2], tf.float32), y=tf.TensorSpec([None, 1], tf.float32)))


def sgd(rate, **kwargs):
  return lambda: tf.keras.optimizers.SGD(rate, **kwargs)


batch = collections.OrderedDict(x=[[1.0, 2.0], [3.0, 4.0]], y=[[1.0], [2.0]])
data = [tf.data.Dataset.from_tensor_slices(batch).batch(1)]


def trained(process, rounds):
  state = process.initialize()
  for _ in range(rounds):
    output = process.next(state, data)
    state = output[0] if isinstance(output, tuple) else output.state
  weights = process.get_model_weights(state).trainable
  return [np.asarray(each).tolist() for each in weights]


averaging = tff.learning.build_federated_averaging_process
print(json.dumps({
    'client schedule': trained(
        averaging(model_fn, sgd(Warmup(), momentum=0.5), sgd(1.0)), 3),
    'server schedule': trained(
        averaging(model_fn, sgd(0.01), lambda: tf.keras.optimizers.Adam(Warmup())), 3),
    'own optimizer': trained(
        averaging(model_fn, lambda: OwnSGD(0.01), lambda: OwnSGD(1.0)), 2),
    'gradients': trained(
        tff.learning.algorithms.build_fed_sgd(model_fn, sgd(Warmup())), 2),
}))
