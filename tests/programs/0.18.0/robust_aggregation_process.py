"""A smoothed median of the clients' updates, by measured processes for both ways of the model."""

import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

CLIENTS = ['ann', 'ben', 'cem']


def create_dataset(client_id):
  index = CLIENTS.index(client_id)
  x = np.arange(12, dtype=np.float32).reshape([6, 2]) * 0.1 - index * 0.3
  y = x[:, :1] * 2.0 - x[:, 1:] + (5.0 if index == 2 else 0.1)
  return tf.data.Dataset.from_tensor_slices(collections.OrderedDict(x=x, y=y)).batch(3)


data = tff.simulation.client_data.ConcreteClientData(CLIENTS, create_dataset)
train_data = [data.create_tf_dataset_for_client(client) for client in data.client_ids]


def create_model():
  keras_model = tf.keras.models.Sequential([
      tf.keras.layers.Dense(1, kernel_initializer='ones', input_shape=(2,))
  ])
  return tff.learning.from_keras_model(
      keras_model=keras_model,
      input_spec=train_data[0].element_spec,
      loss=tf.keras.losses.MeanSquaredError())


def create_robust_process(model, iterations, v):

  @tff.federated_computation()
  def initialize():
    return tff.federated_value((), tff.SERVER)

  @tff.tf_computation(tf.float32, model, model)
  def calculate_beta(alpha, server_weights, client_weights):
    differences = tf.nest.map_structure(
        lambda a, b: tf.reduce_sum(tf.square(a - b)), server_weights, client_weights)
    return alpha / tf.maximum(v, tf.sqrt(sum(tf.nest.flatten(differences))))

  @tff.federated_computation(
      tff.type_at_server(()), tff.type_at_clients(model), tff.type_at_clients(tf.float32))
  def weiszfeld(state, weights, alpha):
    aggregate = tff.federated_mean(weights, weight=alpha)
    for _ in range(iterations):
      at_clients = tff.federated_broadcast(aggregate)
      beta = tff.federated_map(calculate_beta, (alpha, at_clients, weights))
      aggregate = tff.federated_mean(weights, weight=beta)
    return tff.templates.MeasuredProcessOutput(
        state, aggregate, tff.federated_value((), tff.SERVER))

  return tff.templates.MeasuredProcess(initialize, weiszfeld)


def create_broadcast_process(weights):

  @tff.federated_computation()
  def initialize():
    return tff.federated_value(0, tff.SERVER)

  @tff.tf_computation(tf.int32)
  def add_one(count):
    return count + 1

  @tff.federated_computation(tff.type_at_server(tf.int32), tff.type_at_server(weights))
  def broadcast(state, value):
    state = tff.federated_map(add_one, state)
    return tff.templates.MeasuredProcessOutput(
        state, tff.federated_broadcast(value), state)

  return tff.templates.MeasuredProcess(initialize, broadcast)


with tf.Graph().as_default():
  weights_type = tff.framework.type_from_tensors(create_model().weights)
robust_process = create_robust_process(weights_type.trainable, iterations=2, v=1e-6)
iterative_process = tff.learning.build_federated_averaging_process(
    create_model,
    client_optimizer_fn=lambda: tf.keras.optimizers.SGD(learning_rate=0.1),
    server_optimizer_fn=lambda: tf.keras.optimizers.SGD(learning_rate=1.0),
    aggregation_process=robust_process,
    broadcast_process=create_broadcast_process(weights_type))

state = iterative_process.initialize()
losses = []
counts = []
for _ in range(3):
  state, metrics = iterative_process.next(state, train_data)
  losses.append(float(metrics['train']['loss']))
  counts.append(int(metrics['broadcast']))

weighted_process = tff.learning.build_federated_averaging_process(
    create_model,
    client_optimizer_fn=lambda: tf.keras.optimizers.SGD(learning_rate=0.1),
    client_weighting=lambda outputs: tf.squeeze(outputs['loss'][1]) + 1.0,
    aggregation_process=robust_process)
weighted_state, _ = weighted_process.next(weighted_process.initialize(), train_data)

print(json.dumps({
    'is server state': isinstance(state, tff.learning.framework.optimizer_utils.ServerState),
    'losses': losses,
    'counts': counts,
    'trainable': [np.ravel(each).tolist() for each in state.model.trainable],
    'weighted': [np.ravel(each).tolist() for each in weighted_state.model.trainable],
}))
