"""The forms of `input_spec` that 0.14 takes: structures of TensorSpec, tff.Type, lists, dicts."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()

X_SPEC = tf.TensorSpec(shape=[None, 3], dtype=tf.float32)
Y_SPEC = tf.TensorSpec(shape=[None], dtype=tf.int64)


def features(num_examples, offset):
  x = ((np.arange(num_examples * 3) * 5 + offset) % 7).astype(np.float32).reshape([-1, 3]) / 7.0
  y = ((np.arange(num_examples) + offset) % 2).astype(np.int64)
  return x, y


def dict_dataset(num_examples, offset):
  x, y = features(num_examples, offset)
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict([('x', x), ('y', y)])).batch(3)


def tuple_dataset(num_examples, offset):
  return tf.data.Dataset.from_tensor_slices(features(num_examples, offset)).batch(3)


def make_keras_model():
  return tf.keras.models.Sequential([
      tf.keras.layers.Dense(
          2, activation='softmax', kernel_initializer='zeros', input_shape=(3,)),
  ])


def train(input_spec, dataset_fn):

  def model_fn():
    return tff.learning.from_keras_model(
        make_keras_model(), tf.keras.losses.SparseCategoricalCrossentropy(), input_spec,
        metrics=[tf.keras.metrics.SparseCategoricalAccuracy(name='accuracy')])

  process = tff.learning.build_federated_averaging_process(
      model_fn,
      client_optimizer_fn=lambda: tf.keras.optimizers.Adam(0.1),
      server_optimizer_fn=lambda: tf.keras.optimizers.SGD(1.0, momentum=0.9, nesterov=True))
  state = process.initialize()
  losses = []
  for _ in range(2):
    state, metrics = process.next(state, [dataset_fn(4, 0), dataset_fn(7, 3)])
    losses.append([float(metrics.accuracy), float(metrics.loss)])
  return {
      'initialize': str(process.initialize.type_signature),
      'next': str(process.next.type_signature),
      'metrics': losses,
      'trainable': [np.ravel(v).tolist() for v in state.model.trainable],
      'optimizer_state': [np.ravel(v).tolist() for v in state.optimizer_state],
  }


def error_of(input_spec):
  try:
    train(input_spec, dict_dataset)
    return 'accepted'
  except (KeyError, TypeError, ValueError) as e:
    return type(e).__name__


print(json.dumps({
    'ordered_dict': train(
        collections.OrderedDict([('x', X_SPEC), ('y', Y_SPEC)]), dict_dataset),
    'tuple': train((X_SPEC, Y_SPEC), tuple_dataset),
    'element_spec': train(tuple_dataset(1, 0).element_spec, tuple_dataset),
    'type': train(
        tff.to_type(collections.OrderedDict([
            ('x', tff.TensorType(tf.float32, [None, 3])),
            ('y', tff.TensorType(tf.int64, [None])),
        ])), dict_dataset),
    'unnamed_type': train(
        tff.NamedTupleType([tff.TensorType(tf.float32, [None, 3]),
                            tff.TensorType(tf.int64, [None])]), tuple_dataset),
    # 0.14 wants the order of a mapping to be said.
    'unordered_dict': error_of({'x': X_SPEC, 'y': Y_SPEC}),
    'three_elements': error_of((X_SPEC, Y_SPEC, Y_SPEC)),
}))
