"""Aggregation factories and a measured broadcast for `build_federated_averaging_process` of 0.19."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


def client_dataset(num_examples, offset):
  x = ((np.arange(num_examples * 2) + offset) % 7).astype(np.float32).reshape([-1, 2]) / 7.0
  y = 2.0 * x[:, :1] - x[:, 1:] + 0.5
  return tf.data.Dataset.from_tensor_slices(collections.OrderedDict(x=x, y=y)).batch(2)


federated_train_data = [client_dataset(5, 0), client_dataset(2, 3), client_dataset(4, 6)]


def model_fn():
  keras_model = tf.keras.Sequential([
      tf.keras.layers.Dense(1, kernel_initializer='zeros', input_shape=(2,))])
  return tff.learning.from_keras_model(
      keras_model,
      loss=tf.keras.losses.MeanSquaredError(),
      input_spec=federated_train_data[0].element_spec)


def train(process):
  state = process.initialize()
  losses = []
  for _ in range(3):
    state, metrics = process.next(state, federated_train_data)
    losses.append(float(metrics['train']['loss']))
  return metrics, {
      'initialize': str(process.initialize.type_signature),
      'next': str(process.next.type_signature),
      'losses': losses,
      'trainable': [np.ravel(v).tolist() for v in state.model.trainable],
  }


def build(**kwargs):
  return tff.learning.build_federated_averaging_process(
      model_fn, client_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.2), **kwargs)


def broadcast_process():
  weights_type = tff.learning.framework.weights_type_from_model(model_fn)

  @tff.federated_computation
  def initialize():
    return tff.federated_value(1, tff.SERVER)

  @tff.tf_computation(tf.int32)
  def double(x):
    return 2 * x

  @tff.federated_computation(tff.type_at_server(tf.int32), tff.type_at_server(weights_type))
  def next_fn(state, weights):
    return tff.templates.MeasuredProcessOutput(
        state=tff.federated_map(double, state),
        result=tff.federated_broadcast(weights),
        measurements=state)

  return tff.templates.MeasuredProcess(initialize, next_fn)


_, weighted_mean = train(build(model_update_aggregation_factory=tff.aggregators.MeanFactory()))
_, unweighted_mean = train(
    build(model_update_aggregation_factory=tff.aggregators.UnweightedMeanFactory()))
metrics, clipped = train(
    build(model_update_aggregation_factory=tff.aggregators.clipping_factory(
        0.25, tff.aggregators.MeanFactory())))
clipped['measurements'] = sorted(metrics['aggregation'])
metrics, broadcast = train(build(broadcast_process=broadcast_process()))
broadcast['measurements'] = int(metrics['broadcast'])

try:
  build(
      client_weighting=tff.learning.ClientWeighting.NUM_EXAMPLES,
      model_update_aggregation_factory=tff.aggregators.UnweightedMeanFactory())
  refused = 'accepted'
except ValueError as e:
  refused = type(e).__name__

print(json.dumps({
    'weighted_mean': weighted_mean,
    'unweighted_mean': unweighted_mean,
    'clipped': clipped,
    'broadcast': broadcast,
    'weighted_with_unweighted_factory': refused,
}))
