"""The aggregators that were recommended for learning, with their switches by position."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


def model_fn():
  keras_model = tf.keras.models.Sequential([
      tf.keras.layers.Dense(
          3, kernel_initializer='zeros', activation='softmax', input_shape=(4,)),
  ])
  return tff.learning.from_keras_model(
      keras_model,
      input_spec=collections.OrderedDict(
          x=tf.TensorSpec([None, 4], tf.float32),
          y=tf.TensorSpec([None, 1], tf.int32)),
      loss=tf.keras.losses.SparseCategoricalCrossentropy())


def client_dataset(num_examples, offset):
  x = ((np.arange(num_examples * 4) + offset) % 9).astype(np.float32).reshape([-1, 4]) / 9.0
  y = ((np.arange(num_examples) + offset) % 3).astype(np.int32).reshape([-1, 1])
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict(x=x, y=y)).batch(3)


federated_train_data = [client_dataset(4, 0), client_dataset(7, 1), client_dataset(2, 5)]


def run(factory):
  process = tff.learning.build_federated_averaging_process(
      model_fn, lambda: tf.keras.optimizers.SGD(0.5),
      model_update_aggregation_factory=factory)
  state = process.initialize()
  for _ in range(2):
    state, metrics = process.next(state, federated_train_data)
  return {
      'loss': float(metrics['train']['loss']),
      'trainable': [np.ravel(v).tolist() for v in state.model.trainable],
      'aggregation': sorted(metrics['aggregation']),
  }


print(json.dumps({
    'robust': run(tff.learning.robust_aggregator()),
    'robust without': run(tff.learning.robust_aggregator(False, False)),
    'clipping': run(tff.learning.robust_aggregator(False)),
    'compression': run(tff.learning.compression_aggregator(False, True)),
    'secure': isinstance(
        tff.learning.secure_aggregator(True, False), tff.aggregators.WeightedAggregationFactory),
    'parameters': tff.learning.framework.parameter_count_from_model(model_fn()),
}))
