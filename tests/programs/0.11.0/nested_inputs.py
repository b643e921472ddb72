"""A subclassed Keras model with several inputs, which are nested in the batch."""

import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()


class WideAndDeep(tf.keras.Model):

  def __init__(self):
    super().__init__(name='wide_and_deep')
    self.embedding = tf.keras.layers.Embedding(
        4, 2, embeddings_initializer='ones', name='embedding')
    self.wide = tf.keras.layers.Dense(
        1, kernel_initializer='zeros', name='wide')
    self.deep = tf.keras.layers.Dense(
        1, kernel_initializer='ones', use_bias=False, name='deep')

  def call(self, inputs, training=None):
    deep = tf.reduce_sum(self.embedding(inputs['words']), axis=1)
    return tf.sigmoid(self.wide(inputs['numbers']) + 0.1 * self.deep(deep))


def client_dataset(client, num_examples):
  numbers = (np.arange(num_examples * 2).reshape(-1, 2) % (3 + client)) / 3.0
  words = (np.arange(num_examples * 3).reshape(-1, 3) * (client + 1)) % 4
  y = (np.arange(num_examples).reshape(-1, 1) + client) % 2
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict(
          x=collections.OrderedDict(
              numbers=numbers.astype(np.float32),
              words=words.astype(np.int32)),
          y=y.astype(np.float32))).batch(2)


data = [client_dataset(0, 3), client_dataset(1, 5)]
sample_batch = tf.nest.map_structure(lambda x: x.numpy(), next(iter(data[0])))


def model_fn():
  return tff.learning.from_keras_model(
      WideAndDeep(),
      dummy_batch=sample_batch,
      loss=tf.keras.losses.BinaryCrossentropy(),
      metrics=[tf.keras.metrics.BinaryAccuracy()])


process = tff.learning.build_federated_sgd_process(
    model_fn, lambda: tf.keras.optimizers.SGD(learning_rate=0.5))
evaluate = tff.learning.build_federated_evaluation(model_fn)
state = process.initialize()
rounds = []
for _ in range(2):
  state, metrics = process.next(state, data)
  rounds.append([float(metrics.binary_accuracy), float(metrics.loss)])
evaluation = evaluate(state.model, data)

print(json.dumps({
    'initialize': str(process.initialize.type_signature),
    'next': str(process.next.type_signature),
    'evaluate': str(evaluate.type_signature),
    'rounds': rounds,
    'evaluation': [float(evaluation.binary_accuracy), float(evaluation.loss)],
    'trainable': {name: np.asarray(w).flatten().tolist()
                  for name, w in state.model.trainable._asdict().items()},
}))
