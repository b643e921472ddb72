"""Keras models of 0.27 with several named inputs, given nested structures of features."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


def features(num_examples, offset):
  age = ((np.arange(num_examples) * 3 + offset) % 10).astype(np.float32).reshape([-1, 1]) / 10.0
  words = ((np.arange(num_examples * 3) * 5 + offset) % 6).astype(np.int32).reshape([-1, 3])
  label = ((np.arange(num_examples) + offset) % 3 == 0).astype(np.float32).reshape([-1, 1])
  return collections.OrderedDict(
      x=collections.OrderedDict(age=age, words=words), y=label)


def client_dataset(num_examples, offset):
  return tf.data.Dataset.from_tensor_slices(features(num_examples, offset)).batch(2)


train_data = [client_dataset(5, 0), client_dataset(2, 1), client_dataset(0, 0)]


def model_fn():
  age = tf.keras.layers.Input(shape=(1,), name='age')
  words = tf.keras.layers.Input(shape=(3,), dtype=tf.int32, name='words')
  embedded = tf.keras.layers.Embedding(
      6, 2, embeddings_initializer=tf.keras.initializers.Constant(0.2))(words)
  pooled = tf.keras.layers.GlobalAveragePooling1D()(embedded)
  joined = tf.keras.layers.Concatenate()([age, pooled])
  outputs = tf.keras.layers.Dense(
      1, kernel_initializer=tf.keras.initializers.Constant(0.3), activation='sigmoid')(joined)
  return tff.learning.from_keras_model(
      tf.keras.Model(inputs={'age': age, 'words': words}, outputs=outputs),
      loss=tf.keras.losses.BinaryCrossentropy(),
      input_spec=train_data[0].element_spec,
      metrics=[tf.keras.metrics.BinaryAccuracy(), tf.keras.metrics.AUC(num_thresholds=5)])


def train(**kwargs):
  process = tff.learning.build_federated_averaging_process(model_fn, **kwargs)
  state = process.initialize()
  rounds = []
  for _ in range(2):
    state, metrics = process.next(state, train_data)
    rounds.append({name: float(value) for name, value in metrics['train'].items()})
  return {
      'initialize': str(process.initialize.type_signature),
      'next': str(process.next.type_signature),
      'rounds': rounds,
      'trainable': [np.ravel(v).tolist() for v in state.model.trainable],
  }


print(json.dumps({
    'sgd': train(client_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.5)),
    'momentum': train(
        client_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.2, momentum=0.5),
        server_optimizer_fn=lambda: tf.keras.optimizers.Adagrad(0.5)),
}))
