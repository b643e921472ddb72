"""Linear regression over clients that keep their data, with TensorFlow Federated 0.13."""

import collections

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()

WEIGHTS = np.array([[1.0], [-2.0], [0.5]], np.float32)
BATCH_SIZE = 5


def client_dataset(client_id):
  """Ten examples of one client."""
  x = ((np.arange(30) * 7 + client_id * 5) % 13).astype(np.float32).reshape([10, 3]) / 13.0
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict([('x', x), ('y', x @ WEIGHTS + 0.25)]))


def federated_data(num_clients, num_epochs=5):
  return [client_dataset(i).repeat(num_epochs).batch(BATCH_SIZE) for i in range(num_clients)]


def create_keras_model():
  return tf.keras.models.Sequential([
      tf.keras.layers.Dense(1, kernel_initializer='zeros', input_shape=(3,)),
  ])


def model_fn():
  dummy_batch = collections.OrderedDict([
      ('x', np.zeros([1, 3], np.float32)),
      ('y', np.zeros([1, 1], np.float32)),
  ])
  return tff.learning.from_keras_model(
      create_keras_model(),
      dummy_batch=dummy_batch,
      loss=tf.keras.losses.MeanSquaredError(),
      metrics=[tf.keras.metrics.MeanAbsoluteError()])


def train(num_clients, num_rounds, learning_rate=0.1):
  """Federated averaging; returns the server state and the losses of all rounds."""
  process = tff.learning.build_federated_averaging_process(
      model_fn,
      client_optimizer_fn=lambda: tf.keras.optimizers.SGD(lr=learning_rate),
      server_optimizer_fn=lambda: tf.keras.optimizers.SGD(lr=1.0))
  state = process.initialize()
  losses = []
  for _ in range(num_rounds):
    state, metrics = process.next(state, federated_data(num_clients))
    losses.append(float(metrics.loss))
  return state, losses


def evaluate(state, num_clients):
  evaluation = tff.learning.build_federated_evaluation(model_fn)
  return evaluation(state.model, federated_data(num_clients, num_epochs=1))


def to_keras(state):
  """The trained model, for use without TensorFlow Federated."""
  keras_model = create_keras_model()
  tff.learning.assign_weights_to_keras_model(keras_model, state.model)
  return keras_model


@tff.tf_computation(tff.SequenceType(tf.float32))
def count_readings(readings):
  return readings.reduce(0.0, lambda n, _: n + 1.0)


@tff.tf_computation(tff.SequenceType(tf.float32))
def sum_readings(readings):
  return readings.reduce(0.0, lambda total, reading: total + reading)


@tff.tf_computation(tf.float32, tf.float32)
def divide(a, b):
  return a / b


@tff.federated_computation(tff.FederatedType(tff.SequenceType(tf.float32), tff.CLIENTS))
def mean_of_all_readings(readings):
  """The mean over the readings of all clients, which need not have equally many."""
  total = tff.federated_sum(tff.federated_map(sum_readings, readings))
  count = tff.federated_sum(tff.federated_map(count_readings, readings))
  return tff.federated_map(divide, tff.federated_zip([total, count]))
