"""What from_keras_model and its companions document to raise."""

from __future__ import absolute_import
from __future__ import division
from __future__ import print_function

import collections
import json

import numpy as np
import tensorflow as tf
from tensorflow_federated import python as tff

tf.compat.v1.enable_v2_behavior()

dummy_batch = collections.OrderedDict([
    ('x', np.ones([1, 2], np.float32)),
    ('y', np.ones([1, 1], np.float32)),
])


def loss_fn(y_true, y_pred):
  return tf.reduce_mean(tf.square(y_true - y_pred))


def keras_model():
  return tf.keras.models.Sequential(
      [tf.keras.layers.Dense(1, kernel_initializer='zeros', input_shape=(2,))])


def compiled_keras_model():
  model = keras_model()
  model.compile(loss='mean_squared_error', optimizer='sgd')
  return model


def outcome(fn):
  try:
    with tf.Graph().as_default():
      return type(fn()).__name__
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


print(json.dumps({
    'not a Keras model': outcome(lambda: tff.learning.from_keras_model(
        object(), dummy_batch, loss_fn)),
    'compiled': outcome(lambda: tff.learning.from_keras_model(
        compiled_keras_model(), dummy_batch, loss_fn)),
    'compiled is not a Keras model': outcome(
        lambda: tff.learning.from_compiled_keras_model(object(), dummy_batch)),
    'weights of something else': outcome(
        lambda: tff.learning.keras_weights_from_tff_weights([1.0])),
    'not a model for evaluation': outcome(
        lambda: tff.learning.build_federated_evaluation(keras_model)),
    'not a trainable model': outcome(
        lambda: tff.learning.build_federated_averaging_process(
            lambda: tff.learning.from_keras_model(keras_model(), dummy_batch,
                                                  loss_fn))),
    'no federated sgd yet': hasattr(tff.learning,
                                    'build_federated_sgd_process'),
    'no federated mean yet': hasattr(tff, 'federated_mean'),
}))
