"""The client's optimizer as an argument: image classification in the style of early 2020."""

import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()


def client_dataset(client, num_examples):
  pixels = (np.arange(num_examples * 4) * (client + 3) % 13) / 13.0
  label = (np.arange(num_examples) * 2 + client) % 3

  def batch_format_fn(element):
    return collections.OrderedDict(
        x=tf.reshape(element['pixels'], [-1, 4]),
        y=tf.reshape(element['label'], [-1, 1]))

  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict(
          label=label.astype(np.int32),
          pixels=pixels.reshape(-1, 2, 2).astype(
              np.float32))).repeat(2).batch(4).map(batch_format_fn)


train_data = [client_dataset(i, n) for i, n in enumerate([6, 3, 1])]
sample_batch = tf.nest.map_structure(lambda x: x.numpy(),
                                     next(iter(train_data[0])))


def create_keras_model():
  return tf.keras.models.Sequential([
      tf.keras.layers.Input(shape=(4,)),
      tf.keras.layers.Dense(3, kernel_initializer='zeros'),
      tf.keras.layers.Softmax(),
  ])


def model_fn():
  return tff.learning.from_keras_model(
      create_keras_model(),
      dummy_batch=sample_batch,
      loss=tf.keras.losses.SparseCategoricalCrossentropy(),
      metrics=[tf.keras.metrics.SparseCategoricalAccuracy()])


def train(client_optimizer_fn, server_optimizer_fn):
  process = tff.learning.build_federated_averaging_process(
      model_fn,
      client_optimizer_fn=client_optimizer_fn,
      server_optimizer_fn=server_optimizer_fn)
  state = process.initialize()
  rounds = []
  for _ in range(3):
    state, metrics = process.next(state, train_data)
    rounds.append([[name, float(value)]
                   for name, value in metrics._asdict().items()])
  keras_model = create_keras_model()
  tff.learning.assign_weights_to_keras_model(keras_model, state.model)
  return {
      'initialize': str(process.initialize.type_signature),
      'next': str(process.next.type_signature),
      'rounds': rounds,
      'weights': [w.flatten().tolist() for w in keras_model.get_weights()],
      'optimizer_state': [np.asarray(v).flatten().tolist()
                          for v in state.optimizer_state],
      'trainable': [np.asarray(w).flatten().tolist()
                    for w in state.model.trainable],
  }


print(json.dumps({
    'sgd': train(
        lambda: tf.keras.optimizers.SGD(learning_rate=0.1),
        lambda: tf.keras.optimizers.SGD(learning_rate=1.0)),
    'adam': train(
        lambda: tf.keras.optimizers.Adam(lr=0.02, epsilon=0.1),
        lambda: tf.keras.optimizers.SGD(lr=0.5, momentum=0.9)),
}))
