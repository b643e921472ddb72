"""The image classification tutorial: a compiled Keras model, whose weights go back to Keras."""

from __future__ import absolute_import, division, print_function

import collections
import json

import numpy as np
from six.moves import range
import tensorflow as tf

from tensorflow_federated import python as tff

tf.compat.v1.enable_v2_behavior()


def client_dataset(client, num_examples):
  pixels = (np.arange(num_examples * 4) * (client + 3) % 11) / 11.0
  label = (np.arange(num_examples) * 2 + client) % 3

  def element_fn(element):
    return collections.OrderedDict([
        ('x', tf.reshape(element['pixels'], [-1])),
        ('y', tf.reshape(element['label'], [1])),
    ])

  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict([
          ('label', label.astype(np.int32)),
          ('pixels', pixels.reshape(-1, 2, 2).astype(np.float32)),
      ])).repeat(2).map(element_fn).batch(3)


train_data = [client_dataset(i, n) for i, n in enumerate([5, 2, 4])]
sample_batch = tf.nest.map_structure(lambda x: x.numpy(),
                                     iter(train_data[0]).next())


def create_compiled_keras_model():
  model = tf.keras.models.Sequential([
      tf.keras.layers.Dense(
          3,
          activation=tf.nn.softmax,
          kernel_initializer='zeros',
          input_shape=(4,))
  ])
  model.compile(
      loss=tf.keras.losses.SparseCategoricalCrossentropy(),
      optimizer=tf.keras.optimizers.SGD(lr=0.1, decay=0.05),
      metrics=[tf.keras.metrics.SparseCategoricalAccuracy()])
  return model


def model_fn():
  return tff.learning.from_compiled_keras_model(create_compiled_keras_model(),
                                                sample_batch)


iterative_process = tff.learning.build_federated_averaging_process(model_fn)
state = iterative_process.initialize()
rounds = []
for _ in range(3):
  state, metrics = iterative_process.next(state, train_data)
  rounds.append({name: float(value)
                 for name, value in metrics._asdict().items()})

keras_model = create_compiled_keras_model()
tff.learning.assign_weights_to_keras_model(keras_model, state.model)

print(json.dumps({
    'initialize': str(iterative_process.initialize.type_signature),
    'next': str(iterative_process.next.type_signature),
    'rounds': rounds,
    'names': list(state.model.trainable._asdict()),
    'weights': [w.flatten().tolist() for w in keras_model.get_weights()],
    'optimizer_state': [int(v) for v in state.optimizer_state],
}))
