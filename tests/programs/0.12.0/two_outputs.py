"""Several outputs, with losses and weights in lists and in dictionaries; evaluation."""

import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()


def create_keras_model():
  a = tf.keras.layers.Input(shape=(1,), name='a')
  b = tf.keras.layers.Input(shape=(2,), name='b')
  both = tf.keras.layers.concatenate([a, b])
  size = tf.keras.layers.Dense(
      1, kernel_initializer='zeros', name='size')(both)
  kind = tf.keras.layers.Dense(
      3, activation='softmax', kernel_initializer='zeros', name='kind')(both)
  return tf.keras.Model(inputs=[a, b], outputs=[size, kind])


def client_dataset(client, num_examples):
  a = (np.arange(num_examples).reshape(-1, 1) % (3 + client)) / 3.0
  b = (np.arange(num_examples * 2).reshape(-1, 2) * 2 % (5 + client)) / 5.0
  kind = (np.arange(num_examples).reshape(-1, 1) + client) % 3
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict(
          x=(a.astype(np.float32), b.astype(np.float32)),
          y=((a - client * b[:, :1]).astype(np.float32),
             kind.astype(np.int32)))).batch(2)


data = [client_dataset(0, 3), client_dataset(1, 5), client_dataset(2, 1)]
dummy_batch = collections.OrderedDict(
    x=(np.zeros([1, 1], np.float32), np.zeros([1, 2], np.float32)),
    y=(np.zeros([1, 1], np.float32), np.zeros([1, 1], np.int32)))
mse = tf.keras.losses.MeanSquaredError()
crossentropy = tf.keras.losses.SparseCategoricalCrossentropy()


def train(**losses):

  def model_fn():
    return tff.learning.from_keras_model(
        create_keras_model(), dummy_batch, **losses)

  process = tff.learning.build_federated_averaging_process(
      model_fn, lambda: tf.keras.optimizers.SGD(0.2))
  evaluate = tff.learning.build_federated_evaluation(model_fn)
  state = process.initialize()
  results = []
  for _ in range(2):
    state, metrics = process.next(state, data)
    results.append(float(metrics.loss))
  return {
      'initialize': str(process.initialize.type_signature),
      'next': str(process.next.type_signature),
      'evaluate': str(evaluate.type_signature),
      'losses': results,
      'evaluation': float(evaluate(state.model, data[1:]).loss),
      'weights': [np.asarray(w).flatten().tolist()
                  for w in state.model.trainable],
  }


print(json.dumps({
    'list': train(loss=[mse, crossentropy]),
    'weighted list': train(loss=[mse, crossentropy], loss_weights=[0.5, 2.0]),
    'weighted dictionary': train(
        loss={'kind': crossentropy, 'size': mse},
        loss_weights={'size': 0.5, 'kind': 2.0}),
}))
