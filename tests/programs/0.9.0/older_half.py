"""A library that others import: a mean, federated averaging, its evaluation, and what they give."""

from __future__ import absolute_import, division, print_function

import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff
from tensorflow_federated.python.core import api

READINGS = tff.FederatedType(tf.float32, tff.CLIENTS)
PAIR = tff.NamedTupleType([('count', tf.int32), ('mean', tf.float32)])


@tff.tf_computation(tf.float32)
def to_celsius(reading):
  return (reading - 32.0) / 1.8


@tff.federated_computation(READINGS)
def mean_celsius(readings):
  return api.federated_mean(tff.federated_map(to_celsius, readings))


def mean_of(mapped):
  """The mean of what somebody's computation makes of the readings."""

  @tff.federated_computation(READINGS)
  def mean(readings):
    return tff.federated_mean(tff.federated_map(mapped, readings))

  return mean


@tff.federated_computation(PAIR)
def same_pair(pair):
  return pair


@tff.tf_computation(tff.SequenceType(tf.int32))
def summary(values):
  total = values.reduce(np.int32(0), lambda a, b: a + b)
  count = values.reduce(np.int32(0), lambda a, _: a + 1)
  return collections.OrderedDict([
      ('count', count),
      ('mean', tf.cast(total, tf.float32) / tf.cast(count, tf.float32)),
  ])


def client_dataset(client, num_examples):
  x = ((np.arange(num_examples * 2) + client) % 5).reshape([-1, 2]) / 4.0
  y = x[:, :1] - 0.5 * x[:, 1:]
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict([
          ('x', x.astype(np.float32)), ('y', y.astype(np.float32)),
      ])).batch(2)


def create_keras_model():
  return tf.keras.models.Sequential([
      tf.keras.layers.Dense(1, kernel_initializer='zeros', input_shape=(2,)),
  ])


def model_fn():
  keras_model = create_keras_model()
  keras_model.compile(
      optimizer=tf.keras.optimizers.SGD(lr=0.1),
      loss=tf.keras.losses.MeanSquaredError(),
      metrics=[tf.keras.metrics.MeanAbsoluteError()])
  batch = collections.OrderedDict([
      ('x', np.zeros([2, 2], np.float32)), ('y', np.zeros([2, 1], np.float32)),
  ])
  return tff.learning.from_compiled_keras_model(keras_model, batch)


TRAIN_DATA = [client_dataset(0, 4), client_dataset(1, 2)]
TEST_DATA = [client_dataset(2, 3), client_dataset(3, 4)]


def build_process():
  return tff.learning.build_federated_averaging_process(model_fn)


def evaluate(model_weights):
  metrics = tff.learning.build_federated_evaluation(model_fn)(
      model_weights, TEST_DATA)
  return metrics_of(metrics)


def metrics_of(metrics):
  return {name: float(value) for name, value in metrics._asdict().items()}


def report():
  process = build_process()
  state = process.initialize()
  rounds = []
  for _ in range(2):
    state, metrics = process.next(state, TRAIN_DATA)
    rounds.append(metrics_of(metrics))
  result = summary([1, 2, 4])
  pair = same_pair(result)
  return {
      'mean': float(mean_celsius([32.0, 50.0, 68.0])),
      'mean_of': float(mean_of(to_celsius)([14.0, 50.0])),
      'summary': [int(result['count']), float(result['mean']), type(result).__name__],
      'pair': [int(pair.count), float(pair.mean), type(pair).__name__],
      'types': [
          str(each) for each in (
              READINGS, PAIR, summary.type_signature,
              mean_celsius.type_signature, process.initialize.type_signature,
              process.next.type_signature)
      ],
      'rounds': rounds,
      'evaluation': evaluate(state.model),
      'weights': [
          np.ravel(each).tolist() for each in state.model.trainable._asdict().values()
      ],
      'has_algorithms': hasattr(tff.learning, 'algorithms'),
  }


if __name__ == '__main__':
  tf.compat.v1.enable_v2_behavior()
  print(json.dumps(report()))
