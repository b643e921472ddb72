"""A Keras model with two outputs, losses and loss weights keyed by the names of the outputs.

Documented behaviour: `loss` and `loss_weights` may be dictionaries keyed by output name; 0.13.1
raises TypeError.
Expected from: losses_in_a_list
"""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()

INPUT_SPEC = collections.OrderedDict([
    ('x', tf.TensorSpec(shape=[None, 2], dtype=tf.float32)),
    ('y', (
        tf.TensorSpec(shape=[None, 1], dtype=tf.float32),
        tf.TensorSpec(shape=[None, 1], dtype=tf.float32),
    )),
])


def make_batches(num_batches, offset):
  for i in range(num_batches):
    x = (np.arange(4, dtype=np.float32).reshape([2, 2]) + offset + i) / 8.0
    yield collections.OrderedDict([
        ('x', x),
        ('y', (x[:, :1] * 2.0 - 0.5, x[:, 1:] - 0.75)),
    ])


def client_dataset(num_batches, offset):
  return tf.data.Dataset.from_generator(
      lambda: make_batches(num_batches, offset),
      output_types=collections.OrderedDict([('x', tf.float32), ('y', (tf.float32, tf.float32))]),
      output_shapes=collections.OrderedDict([
          ('x', tf.TensorShape([None, 2])),
          ('y', (tf.TensorShape([None, 1]), tf.TensorShape([None, 1]))),
      ]))


def model_fn():
  inputs = tf.keras.layers.Input(shape=(2,), name='inputs')
  price = tf.keras.layers.Dense(1, kernel_initializer='zeros', name='price')(inputs)
  demand = tf.keras.layers.Dense(1, kernel_initializer='zeros', name='demand')(inputs)
  keras_model = tf.keras.Model(inputs=inputs, outputs=[price, demand])
  return tff.learning.from_keras_model(
      keras_model,
      loss={
          'demand': tf.keras.losses.MeanAbsoluteError(),
          'price': tf.keras.losses.MeanSquaredError(),
      },
      input_spec=INPUT_SPEC,
      loss_weights={'price': 0.75, 'demand': 0.25})


process = tff.learning.build_federated_averaging_process(
    model_fn, lambda: tf.keras.optimizers.SGD(learning_rate=0.1))
state = process.initialize()
losses = []
for _ in range(3):
  state, metrics = process.next(state, [client_dataset(2, 0), client_dataset(3, 3)])
  losses.append(float(metrics.loss))

print(json.dumps({
    'initialize': str(process.initialize.type_signature),
    'next': str(process.next.type_signature),
    'losses': losses,
    'trainable': [np.ravel(v).tolist() for v in state.model.trainable],
}))
