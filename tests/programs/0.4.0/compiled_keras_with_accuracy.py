"""A compiled Keras model with accuracy, server momentum, and a client without any data."""

from __future__ import absolute_import, division, print_function

import collections
import json

import numpy as np
from six.moves import range
import tensorflow as tf
from tensorflow.python.keras.optimizer_v2 import gradient_descent
from tensorflow_federated import python as tff

nest = tf.contrib.framework.nest

tf.compat.v1.enable_v2_behavior()


def client_dataset(client, num_examples):
  pixels = (np.arange(num_examples * 4) * (client + 2) % 7).reshape(-1, 2, 2)
  label = (np.arange(num_examples) + client) % 3
  dataset = tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict([
          ('label', label.astype(np.int32)),
          ('pixels', (pixels / 7.0).astype(np.float32)),
      ]))

  def element_fn(element):
    return collections.OrderedDict([
        ('x', tf.reshape(element['pixels'], [-1])),
        ('y', tf.reshape(element['label'], [1])),
    ])

  return dataset.repeat(2).map(element_fn).batch(4)


train_data = [
    client_dataset(0, 6),
    client_dataset(1, 3),
    client_dataset(2, 1),
    client_dataset(3, 2).take(0),
]
sample_batch = nest.map_structure(lambda x: x.numpy(),
                                  iter(train_data[0]).next())


def create_compiled_keras_model():
  model = tf.keras.models.Sequential([
      tf.keras.layers.Dense(
          3,
          activation=tf.nn.softmax,
          kernel_initializer='zeros',
          input_shape=(4,))
  ])

  def loss_fn(y_true, y_pred):
    return tf.reduce_mean(
        tf.keras.losses.sparse_categorical_crossentropy(y_true, y_pred))

  model.compile(
      loss=loss_fn,
      optimizer=gradient_descent.SGD(learning_rate=0.1),
      metrics=[tf.keras.metrics.SparseCategoricalAccuracy()])
  return model


def model_fn():
  return tff.learning.from_compiled_keras_model(create_compiled_keras_model(),
                                                sample_batch)


iterative_process = tff.learning.build_federated_averaging_process(
    model_fn,
    lambda: gradient_descent.SGD(learning_rate=0.7, momentum=0.5))

state = iterative_process.initialize()
rounds = []
for round_num in range(3):
  state, metrics = iterative_process.next(state, train_data)
  rounds.append([float(metrics.sparse_categorical_accuracy),
                 float(metrics.loss)])

weights = tff.learning.keras_weights_from_tff_weights(state.model)
with tf.Graph().as_default():
  with tf.Session() as session:
    keras_model = create_compiled_keras_model()
    session.run(tf.global_variables_initializer())
    keras_model.set_weights(weights)
    predictions = session.run(
        keras_model(tf.constant([[0.0, 0.5, 1.0, 0.25]])))

print(json.dumps({
    'initialize': str(iterative_process.initialize.type_signature),
    'next': str(iterative_process.next.type_signature),
    'rounds': rounds,
    'weights': [np.asarray(w).flatten().tolist() for w in weights],
    'optimizer_state': [np.asarray(v).flatten().tolist()
                        for v in state.optimizer_state],
    'predictions': predictions.flatten().tolist(),
}))
