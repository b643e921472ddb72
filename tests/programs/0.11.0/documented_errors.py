"""The errors that `from_keras_model` and `from_compiled_keras_model` document."""

import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()

dummy_batch = collections.OrderedDict(
    x=np.zeros([1, 2], np.float32), y=np.zeros([1, 1], np.float32))
two_targets = collections.OrderedDict(
    x=np.zeros([1, 2], np.float32),
    y=(np.zeros([1, 1], np.float32), np.zeros([1, 1], np.float32)))
mse = tf.keras.losses.MeanSquaredError()


def keras_model():
  return tf.keras.models.Sequential([
      tf.keras.layers.Dense(1, kernel_initializer='zeros', input_shape=(2,))
  ])


def two_outputs():
  inputs = tf.keras.layers.Input(shape=(2,))
  return tf.keras.Model(
      inputs=inputs,
      outputs=[
          tf.keras.layers.Dense(1, kernel_initializer='zeros', name=name)(inputs)
          for name in ('a', 'b')
      ])


def compiled():
  model = keras_model()
  model.compile(loss=mse, optimizer='sgd')
  return model


def outcome(fn):
  try:
    with tf.Graph().as_default():
      fn()
      return 'fine'
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


from_keras_model = tff.learning.from_keras_model
print(json.dumps({
    'fine': outcome(lambda: from_keras_model(keras_model(), dummy_batch, mse)),
    'not a model': outcome(
        lambda: from_keras_model('model', dummy_batch, mse)),
    'compiled': outcome(
        lambda: from_keras_model(compiled(), dummy_batch, mse)),
    'plain callable': outcome(lambda: from_keras_model(
        keras_model(), dummy_batch, lambda y_true, y_pred: 0.0)),
    'weights of a single loss': outcome(lambda: from_keras_model(
        keras_model(), dummy_batch, mse, loss_weights=[1.0])),
    'too few losses': outcome(
        lambda: from_keras_model(two_outputs(), two_targets, [mse])),
    'too few weights': outcome(lambda: from_keras_model(
        two_outputs(), two_targets, [mse, mse], [1.0])),
    'wrong names of losses': outcome(lambda: from_keras_model(
        two_outputs(), two_targets, {'a': mse, 'c': mse})),
    'wrong names of weights': outcome(lambda: from_keras_model(
        two_outputs(), two_targets, {'a': mse, 'b': mse},
        loss_weights={'a': 1.0, 'c': 2.0})),
    'plain dict': outcome(
        lambda: from_keras_model(keras_model(), dict(dummy_batch), mse)),
    'compiled fine': outcome(lambda: tff.learning.from_compiled_keras_model(
        compiled(), dummy_batch)),
    'not compiled': outcome(lambda: tff.learning.from_compiled_keras_model(
        keras_model(), dummy_batch)),
    'server optimizer of sgd': outcome(
        lambda: tff.learning.build_federated_sgd_process(
            lambda: tff.learning.from_compiled_keras_model(
                compiled(), dummy_batch))),
}))
