"""A program of its time, whose parts others import: averaging of the same model, and a computation."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

READINGS = tff.type_at_clients(tf.float32)


@tff.tf_computation(tf.float32)
def to_kelvin(reading):
  return (reading - 32.0) / 1.8 + 273.0


@tff.federated_computation(READINGS)
def mean_kelvin(readings):
  return tff.federated_mean(tff.federated_map(to_kelvin, readings))


@tff.tf_computation(tff.SequenceType(tf.int32))
def summary(values):
  total = values.reduce(np.int32(0), lambda a, b: a + b)
  count = values.reduce(np.int32(0), lambda a, _: a + 1)
  return collections.OrderedDict(
      count=count, mean=tf.cast(total, tf.float32) / tf.cast(count, tf.float32))


def client_dataset(client, num_examples):
  x = ((np.arange(num_examples * 2) + client) % 5).reshape([-1, 2]) / 4.0
  y = x[:, :1] - 0.5 * x[:, 1:]
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict(
          x=x.astype(np.float32), y=y.astype(np.float32))).batch(2)


TRAIN_DATA = [client_dataset(0, 4), client_dataset(1, 2)]
TEST_DATA = [client_dataset(2, 3), client_dataset(3, 4)]


def model_fn():
  keras_model = tf.keras.Sequential([
      tf.keras.layers.InputLayer(input_shape=(2,)),
      tf.keras.layers.Dense(1, kernel_initializer='zeros'),
  ])
  return tff.learning.models.from_keras_model(
      keras_model,
      loss=tf.keras.losses.MeanSquaredError(),
      input_spec=TRAIN_DATA[0].element_spec,
      metrics=[tf.keras.metrics.MeanAbsoluteError()])


def build_process():
  return tff.learning.algorithms.build_weighted_fed_avg(
      model_fn,
      client_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.1),
      server_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.5))


def evaluate(trainable):
  """What the test data give with the weights that somebody has trained."""
  process = tff.learning.algorithms.build_fed_eval(model_fn)
  state = process.set_model_weights(
      process.initialize(),
      tff.learning.models.ModelWeights(trainable=trainable, non_trainable=[]))
  metrics = process.next(state, TEST_DATA).metrics
  return {
      name: float(value) for name, value in
      metrics['client_work']['eval']['current_round_metrics'].items()
  }


def report():
  process = build_process()
  state = process.initialize()
  rounds = []
  for _ in range(2):
    output = process.next(state, TRAIN_DATA)
    state = output.state
    rounds.append({
        name: float(value)
        for name, value in output.metrics['client_work']['train'].items()
    })
  weights = process.get_model_weights(state).trainable
  result = summary([1, 2, 4])
  return {
      'mean': float(mean_kelvin([32.0, 50.0, 68.0])),
      'summary': [int(result['count']), float(result['mean']), type(result).__name__],
      'types': [
          str(each) for each in (
              READINGS, summary.type_signature, mean_kelvin.type_signature,
              process.initialize.type_signature, process.next.type_signature)
      ],
      'rounds': rounds,
      'evaluation': evaluate(weights),
      'weights': [np.ravel(each).tolist() for each in weights],
      'has_algorithms': hasattr(tff.learning, 'algorithms'),
      'has_python': hasattr(tff, 'python'),
  }


if __name__ == '__main__':
  print(json.dumps(report()))
