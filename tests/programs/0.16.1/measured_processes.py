"""Aggregation as a measured process and as a `StatefulAggregateFn`, for FedAvg and FedSGD, in 0.16."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


def client_dataset(num_examples, offset):
  x = ((np.arange(num_examples * 3) * 2 + offset) % 5).astype(np.float32).reshape([-1, 3]) / 5.0
  y = x[:, :1] - x[:, 1:2] + 0.5
  return tf.data.Dataset.from_tensor_slices((x, y)).batch(4)


INPUT_SPEC = client_dataset(1, 0).element_spec
federated_train_data = [client_dataset(6, 0), client_dataset(2, 1), client_dataset(9, 4)]


def model_fn():
  keras_model = tf.keras.Sequential([
      tf.keras.layers.Dense(1, kernel_initializer='zeros', input_shape=(3,))])
  return tff.learning.from_keras_model(
      keras_model, loss=tf.keras.losses.MeanSquaredError(), input_spec=INPUT_SPEC)


delta_type = tff.to_type([tff.TensorType(tf.float32, [3, 1]), tff.TensorType(tf.float32, [1])])


@tff.tf_computation(tf.int32)
def add_one(x):
  return x + 1


@tff.tf_computation
def zero_norm():
  return tf.constant(0.0)


@tff.federated_computation
def aggregate_init():
  return tff.federated_eval(zero_norm, tff.SERVER)


@tff.tf_computation(delta_type)
def norm_of(delta):
  return tf.linalg.global_norm(tf.nest.flatten(list(delta)))


@tff.tf_computation(tf.float32, tf.float32)
def add(a, b):
  return a + b


@tff.federated_computation(
    tff.FederatedType(tf.float32, tff.SERVER),
    tff.FederatedType(delta_type, tff.CLIENTS),
    tff.FederatedType(tf.float32, tff.CLIENTS))
def aggregate_next(state, value, weight):
  mean = tff.federated_mean(value, weight)
  norm = tff.federated_map(norm_of, mean)
  new_state = tff.federated_map(add, (state, norm))
  return collections.OrderedDict(
      state=new_state,
      result=mean,
      measurements=tff.federated_zip(
          collections.OrderedDict(
              norm=norm, largest=tff.utils.federated_max(weight))))


def summarize(process):
  state = process.initialize()
  rounds = []
  for _ in range(3):
    state, metrics = process.next(state, federated_train_data)
    rounds.append(float(metrics['train']['loss']))
  return state, metrics, {
      'initialize': str(process.initialize.type_signature),
      'next': str(process.next.type_signature),
      'losses': rounds,
      'trainable': [np.ravel(v).tolist() for v in state.model.trainable],
      'delta_aggregate_state': np.ravel(state.delta_aggregate_state).tolist(),
  }


aggregation_process = tff.templates.MeasuredProcess(
    initialize_fn=aggregate_init, next_fn=aggregate_next)
state, metrics, measured = summarize(
    tff.learning.build_federated_averaging_process(
        model_fn,
        client_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.1),
        client_weight_fn=lambda outputs: outputs['loss'][1],
        aggregation_process=aggregation_process))
measured['aggregation'] = [float(metrics['aggregation']['norm']), float(metrics['aggregation']['largest'])]


def next_aggregate(state, value, weight=None):
  return tff.federated_map(add_one, state), tff.federated_mean(value, weight)


_, _, stateful = summarize(
    tff.learning.build_federated_averaging_process(
        model_fn, lambda: tf.keras.optimizers.SGD(0.1), lambda: tf.keras.optimizers.SGD(0.5),
        lambda outputs: 1.0,
        tff.utils.StatefulAggregateFn(lambda: tf.constant(5), next_aggregate)))
_, _, sgd = summarize(
    tff.learning.build_federated_sgd_process(
        model_fn,
        server_optimizer_fn=lambda: tf.keras.optimizers.RMSprop(0.05, epsilon=0.01),
        aggregation_process=aggregation_process))

print(json.dumps({'measured': measured, 'stateful': stateful, 'sgd': sgd}))
