"""What `dummy_batch` of 0.13 may be made of: tuples, lists, nested structures, arrays, tensors."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()

Batch = collections.namedtuple('Batch', ['x', 'y'])
X = np.arange(6, dtype=np.float32).reshape([2, 3])
Y = np.array([[1], [0]], np.int32)


def classifier():
  return tf.keras.Sequential([
      tf.keras.layers.Dense(2, activation='softmax', kernel_initializer='zeros', input_shape=(3,))
  ])


def from_dummy_batch(dummy_batch):
  return tff.learning.from_keras_model(
      classifier(), tf.keras.losses.SparseCategoricalCrossentropy(), dummy_batch=dummy_batch)


def type_of(dummy_batch):
  return str(tff.to_type(from_dummy_batch(dummy_batch).input_spec))


def two_inputs_model_fn():
  left = tf.keras.layers.Input(shape=(2,))
  right = tf.keras.layers.Input(shape=(1,))
  joined = tf.keras.layers.Concatenate()([left, right])
  outputs = tf.keras.layers.Dense(1, kernel_initializer='zeros')(joined)
  return tff.learning.from_keras_model(
      tf.keras.Model(inputs=[left, right], outputs=outputs),
      loss=tf.keras.losses.MeanSquaredError(),
      dummy_batch=collections.OrderedDict([
          ('x', (np.zeros([1, 2], np.float32), tf.zeros([1, 1]))),
          ('y', np.zeros([1, 1], np.float32)),
      ]))


def client_dataset(num_examples, offset):
  left = ((np.arange(num_examples * 2) * 3 + offset) % 7).astype(np.float32).reshape([-1, 2]) / 7.0
  right = left[:, :1] * 0.5 + 0.25
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict([('x', (left, right)), ('y', left[:, 1:] * 2.0 + 1.0)])).batch(2)


process = tff.learning.build_federated_averaging_process(
    two_inputs_model_fn, lambda: tf.keras.optimizers.Adagrad(0.1))
state = process.initialize()
losses = []
for _ in range(2):
  state, metrics = process.next(state, [client_dataset(3, 0), client_dataset(5, 2)])
  losses.append(float(metrics.loss))

print(json.dumps({
    'ordered_dict': type_of(collections.OrderedDict([('x', X), ('y', Y)])),
    'named_tuple': type_of(Batch(X, Y)),
    'tuple': type_of((X, Y)),
    'list': type_of([X, Y]),
    'tensors': type_of(collections.OrderedDict([('x', tf.constant(X)), ('y', tf.constant(Y))])),
    'one_example': type_of((X[:1], Y[:1])),
    'labels_of_another_type': type_of((X, Y.astype(np.int64))),
    'nested': str(tff.to_type(two_inputs_model_fn().input_spec)),
    'initialize': str(process.initialize.type_signature),
    'next': str(process.next.type_signature),
    'losses': losses,
    'trainable': [np.ravel(v).tolist() for v in state.model.trainable],
}))
