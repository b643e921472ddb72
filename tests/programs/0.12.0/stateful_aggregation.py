"""An aggregation and a broadcast with state, and a model with weights given from outside."""

import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()


def client_dataset(client, num_examples):
  x = (np.arange(num_examples * 2).reshape(-1, 2) % (3 + client)) / 3.0
  y = x[:, :1] + client
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict(
          x=x.astype(np.float32), y=y.astype(np.float32))).batch(2)


def model_fn():
  keras_model = tf.keras.models.Sequential([
      tf.keras.layers.Dense(1, kernel_initializer='zeros', input_shape=(2,))
  ])
  return tff.learning.from_keras_model(
      keras_model,
      collections.OrderedDict(
          x=np.zeros([1, 2], np.float32), y=np.zeros([1, 1], np.float32)),
      tf.keras.losses.MeanSquaredError())


@tff.tf_computation(tf.int32)
def add_one(x):
  return x + 1


def next_fn(state, value, weight=None):
  del weight  # All clients count the same.
  return tff.federated_map(add_one, state), tff.federated_mean(value)


def broadcast_next_fn(state, value):
  return tff.federated_map(add_one, state), tff.federated_broadcast(value)


process = tff.learning.build_federated_averaging_process(
    model_fn,
    client_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.1),
    stateful_delta_aggregate_fn=tff.utils.StatefulAggregateFn(
        initialize_fn=lambda: tf.constant(0), next_fn=next_fn),
    stateful_model_broadcast_fn=tff.utils.StatefulBroadcastFn(
        initialize_fn=lambda: tf.constant(100), next_fn=broadcast_next_fn))

state = process.initialize()
state = tff.learning.state_with_new_model_weights(
    state,
    trainable_weights=[
        np.array([[0.25], [-0.5]], np.float32),
        np.array([0.125], np.float32)
    ],
    non_trainable_weights=[])
rounds = []
for _ in range(2):
  state, metrics = process.next(
      state, [client_dataset(0, 5), client_dataset(1, 1), client_dataset(2, 2)])
  rounds.append({
      'loss': float(metrics.loss),
      'aggregate_state': int(state.delta_aggregate_state),
      'broadcast_state': int(state.model_broadcast_state),
      'weights': [np.asarray(w).flatten().tolist()
                  for w in state.model.trainable],
  })

try:
  tff.learning.state_with_new_model_weights(
      state, [np.zeros([3, 1], np.float32), np.zeros([1], np.float32)], [])
  error = None
except Exception as e:  # pylint: disable=broad-except
  error = type(e).__name__

print(json.dumps({
    'initialize': str(process.initialize.type_signature),
    'next': str(process.next.type_signature),
    'rounds': rounds,
    'weights that do not fit': error,
}))
