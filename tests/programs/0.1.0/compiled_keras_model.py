"""Federated averaging of a compiled Keras model, as in the image classification tutorial."""

from __future__ import absolute_import
from __future__ import division
from __future__ import print_function

import collections
import json

import numpy as np
import tensorflow as tf
from tensorflow.python.keras.optimizer_v2 import gradient_descent
from tensorflow_federated import python as tff

nest = tf.contrib.framework.nest

tf.enable_eager_execution()
tf.enable_resource_variables()
tf.compat.v1.enable_v2_behavior()


def client_dataset(client, num_examples):
  x = (np.arange(num_examples * 4).reshape(-1, 4) % (5 + client)) / 4.0
  y = (np.arange(num_examples) * (client + 1)) % 3
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict([
          ('x', x.astype(np.float32)),
          ('y', y.astype(np.int64)),
      ])).repeat(2).batch(3)


federated_train_data = [
    client_dataset(client, num_examples)
    for client, num_examples in enumerate([4, 7, 2])
]
sample_batch = nest.map_structure(lambda x: x.numpy(),
                                  iter(federated_train_data[0]).next())


def create_compiled_keras_model():
  model = tf.keras.models.Sequential([
      tf.keras.layers.Flatten(input_shape=(4,)),
      tf.keras.layers.Dense(
          3, activation=tf.nn.softmax, kernel_initializer='zeros')
  ])

  def loss_fn(y_true, y_pred):
    return tf.reduce_mean(
        tf.keras.metrics.sparse_categorical_crossentropy(y_true, y_pred))

  model.compile(
      loss=loss_fn,
      optimizer=gradient_descent.SGD(learning_rate=0.1),
      metrics=[])
  return model


def model_fn():
  return tff.learning.from_compiled_keras_model(create_compiled_keras_model(),
                                                sample_batch)


iterative_process = tff.learning.build_federated_averaging_process(model_fn)
state = iterative_process.initialize()
losses = []
for _ in range(3):
  state, loss = iterative_process.next(state, federated_train_data)
  losses.append(float(loss))

keras_weights = tff.learning.keras_weights_from_tff_weights(state.model)

print(json.dumps({
    'initialize': str(iterative_process.initialize.type_signature),
    'next': str(iterative_process.next.type_signature),
    'losses': losses,
    'state': type(state).__name__,
    'trainable_names': sorted(dir(state.model.trainable)),
    'kernel': np.asarray(getattr(state.model.trainable, 'dense/kernel')
                        ).flatten().tolist(),
    'bias': np.asarray(getattr(state.model.trainable, 'dense/bias')
                      ).flatten().tolist(),
    'keras_weights': [np.asarray(w).flatten().tolist() for w in keras_weights],
}))
