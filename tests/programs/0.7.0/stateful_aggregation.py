"""Aggregation and broadcast that keep a state from round to round."""

from __future__ import absolute_import, division, print_function

import collections
import json

import numpy as np
from six.moves import range
import tensorflow as tf

tf.compat.v1.enable_v2_behavior()

import tensorflow_federated as tff

tff.framework.set_default_executor(tff.framework.create_local_executor(3))


def client_dataset(client, num_examples):
  x = (np.arange(num_examples * 2).reshape(-1, 2) % (3 + client)) / 3.0
  y = x[:, :1] + client
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict([('x', x.astype(np.float32)),
                               ('y', y.astype(np.float32))])).batch(2)


def model_fn():
  keras_model = tf.keras.models.Sequential([
      tf.keras.layers.Dense(1, kernel_initializer='ones', input_shape=(2,))
  ])
  return tff.learning.from_keras_model(
      keras_model,
      dummy_batch=collections.OrderedDict([
          ('x', np.zeros([1, 2], np.float32)),
          ('y', np.zeros([1, 1], np.float32)),
      ]),
      loss=tf.keras.losses.MeanSquaredError(),
      metrics=[tf.keras.metrics.MeanAbsoluteError()],
      optimizer=tf.keras.optimizers.SGD(learning_rate=0.1))


def warm_up():
  """A mean that grows to its full size in four rounds."""

  def next_fn(state, value, weight=None):
    mean = tff.federated_mean(value, weight)

    @tff.tf_computation(tf.int32)
    def add_one(rounds):
      return rounds + 1

    @tff.tf_computation(tf.int32, mean.type_signature.member)
    def scale(rounds, delta):
      factor = tf.minimum(1.0, tf.cast(rounds, tf.float32) / 4.0)
      return collections.OrderedDict([
          ('dense/kernel', factor * getattr(delta, 'dense/kernel')),
          ('dense/bias', factor * getattr(delta, 'dense/bias')),
      ])

    new_state = tff.federated_apply(add_one, state)
    return new_state, tff.federated_apply(scale, (new_state, mean))

  return tff.utils.StatefulAggregateFn(
      initialize_fn=lambda: tf.constant(0), next_fn=next_fn)


def counting_broadcast():

  def next_fn(state, value):

    @tff.tf_computation(tf.float32)
    def add_half(x):
      return x + 0.5

    return tff.federated_apply(add_half, state), tff.federated_broadcast(value)

  return tff.utils.StatefulBroadcastFn(
      initialize_fn=lambda: tf.constant(10.0), next_fn=next_fn)


def train(process):
  state = process.initialize()
  rounds = []
  for _ in range(3):
    state, metrics = process.next(state, [
        client_dataset(0, 4), client_dataset(1, 3), client_dataset(2, 1)
    ])
    rounds.append({
        'mean_absolute_error': float(metrics.mean_absolute_error),
        'loss': float(metrics.loss),
        'delta_aggregate_state': int(state.delta_aggregate_state),
        'model_broadcast_state': float(state.model_broadcast_state),
        'weights': [np.asarray(w).flatten().tolist()
                    for w in state.model.trainable],
    })
  return {
      'initialize': str(process.initialize.type_signature),
      'next': str(process.next.type_signature),
      'rounds': rounds,
  }


print(json.dumps(train(
    tff.learning.build_federated_averaging_process(
        model_fn,
        stateful_delta_aggregate_fn=warm_up(),
        stateful_model_broadcast_fn=counting_broadcast()))))
