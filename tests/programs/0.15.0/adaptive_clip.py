"""Averaging of 0.15 by a query of differential privacy whose clip adapts."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

SPEC = collections.OrderedDict(
    x=tf.TensorSpec([None, 2], tf.float32), y=tf.TensorSpec([None, 1], tf.float32))


def client_dataset(client, num_examples):
  x = (np.arange(num_examples * 2).reshape(-1, 2) % (3 + client)) / 3.0
  y = x[:, :1] + client
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict(x=x.astype(np.float32), y=y.astype(np.float32))).batch(2)


def model_fn():
  keras_model = tf.keras.models.Sequential([
      tf.keras.layers.Dense(1, kernel_initializer='zeros', input_shape=(2,))])
  return tff.learning.from_keras_model(keras_model, tf.keras.losses.MeanSquaredError(), SPEC)


query = tff.utils.build_dp_query(
    clip=0.2,
    noise_multiplier=0.0,
    expected_total_weight=3,
    adaptive_clip_learning_rate=0.1,
    target_unclipped_quantile=0.75,
    clipped_count_budget_allocation=0.2,
    expected_num_clients=3)
dp_aggregate_fn, _ = tff.utils.build_dp_aggregate(query)
process = tff.learning.build_federated_averaging_process(
    model_fn,
    client_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.1),
    stateful_delta_aggregate_fn=dp_aggregate_fn)
state = process.initialize()
clients = [client_dataset(client, 4) for client in range(3)]
losses = []
for _ in range(3):
  state, metrics = process.next(state, clients)
  losses.append(float(metrics.train.loss))
print(json.dumps({
    'losses': losses,
    'weights': [np.ravel(w).tolist() for w in state.model.trainable],
}))
