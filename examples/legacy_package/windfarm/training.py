"""Federated averaging over the turbines of a farm."""

import collections

import tensorflow as tf
import tensorflow_federated as tff

from windfarm import data, models

Result = collections.namedtuple('Result', ['state', 'losses'])


def build_process(learning_rate=0.1):
  return tff.learning.build_federated_averaging_process(
      models.model_fn,
      client_optimizer_fn=lambda: tf.keras.optimizers.SGD(learning_rate),
      server_optimizer_fn=lambda: tf.keras.optimizers.SGD(1.0, momentum=0.5))


def train(num_turbines, num_rounds):
  """Trains the model; the state of the server and the loss of each round."""
  process = build_process()
  state = process.initialize()
  farm = data.datasets(num_turbines)
  losses = []
  for _ in range(num_rounds):
    state, metrics = process.next(state, farm)
    losses.append(float(metrics['train']['loss']))
  return Result(state, losses)


def evaluate(state, num_turbines):
  """How well the model of the server does on all turbines."""
  evaluation = tff.learning.build_federated_evaluation(models.model_fn)
  metrics = evaluation(state.model, data.datasets(num_turbines))
  return float(metrics['mean_absolute_error'])


def export(state):
  """A Keras model with the weights of the server."""
  keras_model = models.create_keras_model()
  tff.learning.assign_weights_to_keras_model(keras_model, state.model)
  return keras_model
