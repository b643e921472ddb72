"""Evaluation of a trained model, and the forms of its state and metrics."""

from __future__ import absolute_import, division, print_function

import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()

Batch = collections.namedtuple('Batch', ['x', 'y'])


def client_dataset(client, num_examples):
  x = (np.arange(num_examples * 2).reshape(-1, 2) % (3 + client)) / 2.0
  y = x[:, :1] - x[:, 1:] + client
  return tf.data.Dataset.from_tensor_slices(
      Batch(x.astype(np.float32), y.astype(np.float32))).batch(2)


def model_fn(optimizer=None):
  keras_model = tf.keras.models.Sequential([
      tf.keras.layers.Dense(1, kernel_initializer='ones', input_shape=(2,)),
      tf.keras.layers.BatchNormalization(momentum=0.5),
  ])
  return tff.learning.from_keras_model(
      keras_model,
      Batch(np.zeros([2, 2], np.float32), np.zeros([2, 1], np.float32)),
      loss=tf.keras.losses.MeanAbsoluteError(),
      metrics=[
          tf.keras.metrics.MeanSquaredError(name='mse'),
          tf.keras.metrics.MeanAbsoluteError(),
      ],
      optimizer=optimizer)


process = tff.learning.build_federated_averaging_process(
    lambda: model_fn(tf.keras.optimizers.SGD(lr=0.1)))
evaluate = tff.learning.build_federated_evaluation(model_fn)

state = process.initialize()
state, train_metrics = process.next(
    state, [client_dataset(0, 4), client_dataset(1, 2)])
evaluations = [
    evaluate(state.model, data)
    for data in ([client_dataset(2, 5)],
                 [client_dataset(2, 1), client_dataset(3, 3)])
]

print(json.dumps({
    'initialize': str(process.initialize.type_signature),
    'next': str(process.next.type_signature),
    'evaluate': str(evaluate.type_signature),
    'members': list(state._asdict()),
    'train_metrics': [[name, float(value)]
                      for name, value in train_metrics._asdict().items()],
    'by_index': float(train_metrics[0]),
    'number_of_metrics': len(train_metrics),
    'evaluations': [{name: float(value)
                     for name, value in metrics._asdict().items()}
                    for metrics in evaluations],
    'trainable': {name: np.asarray(w).flatten().tolist()
                  for name, w in state.model.trainable._asdict().items()},
    'non_trainable': {
        name: np.asarray(w).flatten().tolist()
        for name, w in state.model.non_trainable._asdict().items()
    },
}))
