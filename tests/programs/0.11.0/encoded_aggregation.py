"""Averaging of 0.11 whose updates are encoded, as a mean and as a sum."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff
from tensorflow_model_optimization.python.core.internal import tensor_encoding as te

tf.compat.v1.enable_v2_behavior()

BATCH = collections.OrderedDict([('x', np.ones([2, 2], np.float32)),
                                 ('y', np.ones([2, 1], np.float32))])


def model_fn():
  keras_model = tf.keras.models.Sequential([
      tf.keras.layers.Dense(1, kernel_initializer='zeros', input_shape=(2,))])
  keras_model.compile(loss=tf.keras.losses.MeanSquaredError(),
                      optimizer=tf.keras.optimizers.SGD(0.1))
  return tff.learning.from_compiled_keras_model(keras_model, BATCH)


def gather_encoder(value):
  return te.encoders.as_gather_encoder(
      te.encoders.identity(), tf.TensorSpec(value.shape, value.dtype))


def dataset(client):
  x = (np.arange(8).reshape(-1, 2) % (3 + client)) / 3.0
  return tf.data.Dataset.from_tensor_slices(collections.OrderedDict(
      [('x', x.astype(np.float32)), ('y', (x[:, :1] + client).astype(np.float32))])).batch(2)


def run(aggregate):
  process = tff.learning.build_federated_averaging_process(
      model_fn, stateful_delta_aggregate_fn=aggregate)
  state = process.initialize()
  losses = []
  for _ in range(2):
    state, metrics = process.next(state, [dataset(client) for client in range(2)])
    losses.append(float(metrics.loss))
  return losses


print(json.dumps({
    'mean': run(tff.learning.framework.build_encoded_mean_from_model(model_fn, gather_encoder)),
    'sum': run(tff.learning.framework.build_encoded_sum_from_model(model_fn, gather_encoder)),
}))
