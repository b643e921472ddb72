"""Two outputs with losses and weights keyed by output name in 0.16.

Documented behaviour: `loss` and `loss_weights` may be dictionaries keyed by output name; 0.16.1
raises TypeError.
Expected from: losses_in_a_list
"""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


@tff.tf_computation(tf.int32)
def dataset_computation(client):
  num_examples = client + 2
  index = tf.cast(tf.range(num_examples * 2), tf.float32)
  x = tf.reshape(index, [-1, 2]) / 8.0
  first = x[:, :1] * 2.0 - 0.5
  second = tf.cast(x[:, 1:] > 0.5, tf.float32)
  dataset = tf.data.Dataset.from_tensor_slices((x, first, second))
  return dataset.batch(2).map(
      lambda x, first, second: collections.OrderedDict(x=x, y=(first, second)))


INPUT_SPEC = collections.OrderedDict(
    x=tf.TensorSpec([None, 2], tf.float32),
    y=(tf.TensorSpec([None, 1], tf.float32), tf.TensorSpec([None, 1], tf.float32)))


def model_fn():
  inputs = tf.keras.layers.Input(shape=(2,))
  amount = tf.keras.layers.Dense(1, kernel_initializer='zeros', name='amount')(inputs)
  chance = tf.keras.layers.Dense(
      1, kernel_initializer='zeros', activation='sigmoid', name='chance')(inputs)
  return tff.learning.from_keras_model(
      tf.keras.Model(inputs=inputs, outputs=[amount, chance]),
      loss={
          'chance': tf.keras.losses.BinaryCrossentropy(),
          'amount': tf.keras.losses.MeanSquaredError(),
      },
      input_spec=INPUT_SPEC,
      loss_weights={'amount': 0.25, 'chance': 2.0})


process = tff.learning.build_federated_averaging_process(
    model_fn, lambda: tf.keras.optimizers.Adagrad(0.2))
composed = tff.simulation.compose_dataset_computation(dataset_computation, process)
state = composed.initialize()
losses = []
for _ in range(3):
  state, metrics = composed.next(state, [0, 3, 1])
  losses.append(float(metrics['train']['loss']))

print(json.dumps({
    'dataset_computation': str(dataset_computation.type_signature),
    'initialize': str(composed.initialize.type_signature),
    'next': str(composed.next.type_signature),
    'process_next': str(process.next.type_signature),
    'losses': losses,
    'trainable': [np.ravel(v).tolist() for v in state.model.trainable],
}))
