"""A process of 0.14 whose `next` is called inside other federated computations."""
import collections
import json

import attr
import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()


def client_dataset(num_examples, offset):
  x = ((np.arange(num_examples * 2) + offset) % 5).astype(np.float32).reshape([-1, 2]) / 5.0
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict([('x', x), ('y', x[:, :1] * 3.0)])).batch(2)


def model_fn():
  keras_model = tf.keras.Sequential([
      tf.keras.layers.Dense(1, kernel_initializer='zeros', input_shape=(2,))])
  return tff.learning.from_keras_model(
      keras_model,
      loss=tf.keras.losses.MeanSquaredError(),
      input_spec=client_dataset(1, 0).element_spec)


process = tff.learning.build_federated_averaging_process(
    model_fn,
    client_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.2),
    server_optimizer_fn=lambda: tf.keras.optimizers.Adagrad(0.3))
evaluation = tff.learning.build_federated_evaluation(model_fn)
server_state_type = process.initialize.type_signature.result
data_type = process.next.type_signature.parameter[1]


@tff.federated_computation(server_state_type, data_type)
def two_rounds(state, data):
  state, _ = process.next(state, data)
  state, metrics = process.next(state, data)
  return state, metrics


@attr.s(auto_attribs=True, frozen=True)
class CountingState(object):
  inner: tff.learning.framework.ServerState
  num_rounds: int


@tff.tf_computation(server_state_type.member, tf.int32)
def pack(inner, num_rounds):
  return CountingState(inner, num_rounds)


@tff.tf_computation
def zero():
  return tf.constant(0, tf.int32)


@tff.federated_computation
def initialize():
  return tff.federated_map(
      pack, (process.initialize(), tff.federated_value(zero(), tff.SERVER)))


@tff.tf_computation(tf.int32)
def add_one(x):
  return x + 1


@tff.federated_computation(initialize.type_signature.result, data_type)
def next_fn(state, data):
  inner, metrics = process.next(state.inner, data)
  num_rounds = tff.federated_map(add_one, state.num_rounds)
  return tff.federated_map(pack, (inner, num_rounds)), metrics


counting = tff.templates.IterativeProcess(initialize_fn=initialize, next_fn=next_fn)
train_data = [client_dataset(3, 0), client_dataset(4, 2)]

state = process.initialize()
state, metrics = two_rounds(state, train_data)

counting_state = counting.initialize()
losses = []
for _ in range(3):
  counting_state, counting_metrics = counting.next(counting_state, train_data)
  losses.append(float(counting_metrics.loss))

print(json.dumps({
    'two_rounds': str(two_rounds.type_signature),
    'initialize': str(counting.initialize.type_signature),
    'next': str(counting.next.type_signature),
    'loss': float(metrics.loss),
    'trainable': [np.ravel(v).tolist() for v in state.model.trainable],
    'optimizer_state': [np.ravel(v).tolist() for v in state.optimizer_state],
    'num_rounds': int(counting_state.num_rounds),
    'losses': losses,
    'counting_trainable': [np.ravel(v).tolist() for v in counting_state.inner.model.trainable],
    'test_loss': float(evaluation(state.model, train_data).loss),
    'counting_test_loss': float(evaluation(counting_state.inner.model, train_data).loss),
}))
