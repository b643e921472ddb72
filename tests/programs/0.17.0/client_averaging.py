"""Federated averaging on clients by its own class, and with a private mean, in 0.17."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


def create_keras_model():
  return tf.keras.models.Sequential([
      tf.keras.layers.Dense(
          3, kernel_initializer='zeros', activation='softmax', input_shape=(4,)),
  ])


def model_fn():
  return tff.learning.from_keras_model(
      create_keras_model(),
      input_spec=collections.OrderedDict(
          x=tf.TensorSpec([None, 4], tf.float32),
          y=tf.TensorSpec([None, 1], tf.int32)),
      loss=tf.keras.losses.SparseCategoricalCrossentropy(),
      metrics=[tf.keras.metrics.SparseCategoricalAccuracy()])


def client_dataset(num_examples, offset):
  x = ((np.arange(num_examples * 4) + offset) % 9).astype(np.float32).reshape([-1, 4]) / 9.0
  y = ((np.arange(num_examples) + offset) % 3).astype(np.int32).reshape([-1, 1])
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict(x=x, y=y)).batch(3)


federated_train_data = [client_dataset(4, 0), client_dataset(7, 1), client_dataset(2, 5)]


def client_fed_avg(**kwargs):
  return lambda model_fn: tff.learning.ClientFedAvg(
      model_fn(), tf.keras.optimizers.SGD(learning_rate=0.5), **kwargs)


def build(client_delta_fn, **kwargs):
  return tff.learning.framework.build_model_delta_optimizer_process(
      model_fn, client_delta_fn, lambda: tf.keras.optimizers.SGD(learning_rate=1.0), **kwargs)


def run(process):
  state = process.initialize()
  rounds = []
  for _ in range(2):
    state, metrics = process.next(state, federated_train_data)
    rounds.append({name: float(value) for name, value in metrics['train'].items()})
  return {
      'next': str(process.next.type_signature),
      'metrics': list(metrics),
      'rounds': rounds,
      'trainable': [np.ravel(v).tolist() for v in state.model.trainable],
  }


def dp_mean(**kwargs):
  query = tff.utils.build_dp_query(0.5, 0.0, 3.0, **kwargs)
  weights_type = tff.learning.framework.weights_type_from_model(model_fn).trainable
  process = tff.utils.build_dp_aggregate_process(weights_type, query)
  return tff.learning.build_federated_averaging_process(
      model_fn, lambda: tf.keras.optimizers.SGD(learning_rate=0.5),
      aggregation_process=process)


def error(function, *args, **kwargs):
  try:
    function(*args, **kwargs)
    return 'made'
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


adaptive = dict(
    adaptive_clip_learning_rate=0.1, target_unclipped_quantile=0.75,
    clipped_count_budget_allocation=0.2, expected_clients_per_round=3)
print(json.dumps({
    'plain': run(build(client_fed_avg())),
    'weighted': run(build(client_fed_avg(client_weight_fn=lambda outputs: tf.constant(2.0)))),
    'weighted by accuracy': run(build(client_fed_avg(
        client_weight_fn=lambda outputs: outputs['sparse_categorical_accuracy'][1],
        use_experimental_simulation_loop=True))),
    'private': run(dp_mean()),
    'adaptive': run(dp_mean(**adaptive)),
    'adaptive, arithmetic': run(dp_mean(geometric_clip_update=False, **adaptive)),
    'each vector': error(tff.utils.build_dp_query, 1.0, 0.0, 2.0, per_vector_clipping=True),
    'errors': [
        error(tff.utils.build_dp_query, 'clip', 1.0, 2.0),
        error(tff.utils.build_dp_query, 1.0, 1.0, None),
        error(tff.utils.build_dp_query, 1.0, 1.0, 2.0, adaptive_clip_learning_rate=0.1),
        error(tff.learning.ClientFedAvg, 'model', None),
        error(lambda: tff.learning.ClientFedAvg(model_fn(), None, client_weight_fn='text'))],
}))
