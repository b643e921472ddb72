"""Federated evaluation of a Keras model.

Documented behaviour: `build_federated_evaluation` takes a function that returns any
`tff.learning.Model`; with a model from `from_keras_model`, 0.1.0 mixes up its graphs and raises.
Expected from: custom_evaluation
"""

from __future__ import absolute_import
from __future__ import division
from __future__ import print_function

import collections
import json

import numpy as np
import tensorflow as tf
from tensorflow_federated import python as tff

tf.compat.v1.enable_v2_behavior()


def client_dataset(client, num_examples):
  x = (np.arange(num_examples * 3).reshape(-1, 3) % (4 + client)) / 3.0
  y = np.sum(x, axis=1, keepdims=True) - client
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict([('x', x.astype(np.float32)),
                               ('y', y.astype(np.float32))])).batch(2)


def mean_squared_error(y_true, y_pred):
  return tf.reduce_mean(tf.square(y_true - y_pred))


def model_fn():
  keras_model = tf.keras.models.Sequential([
      tf.keras.layers.Dense(
          1, kernel_initializer='zeros', input_shape=(3,), name='dense')
  ])
  return tff.learning.from_keras_model(
      keras_model=keras_model,
      dummy_batch=collections.OrderedDict([
          ('x', np.zeros([1, 3], np.float32)),
          ('y', np.zeros([1, 1], np.float32)),
      ]),
      loss=mean_squared_error,
      metrics=[tf.keras.metrics.MeanAbsoluteError()])


evaluate = tff.learning.build_federated_evaluation(model_fn)
model = collections.OrderedDict([
    ('trainable', collections.OrderedDict([
        ('dense/kernel', np.array([[0.5], [-0.25], [0.125]], np.float32)),
        ('dense/bias', np.array([1.0], np.float32)),
    ])),
    ('non_trainable', collections.OrderedDict()),
])
metrics = evaluate(model, [client_dataset(0, 5), client_dataset(1, 2)])

print(json.dumps({
    'evaluate': str(evaluate.type_signature),
    'metrics': [float(metrics.mean_absolute_error), float(metrics.loss)],
}))
