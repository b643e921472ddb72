"""The aggregation factories of 0.17: clipping, zeroing, privacy, and one's own."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff
import tensorflow_privacy as tfp

VALUE_TYPE = tff.to_type(
    collections.OrderedDict(a=(tf.float32, [2]), b=tf.float32))
CLIENTS = [
    collections.OrderedDict(a=np.float32([3, 0]), b=np.float32(4)),
    collections.OrderedDict(a=np.float32([0, 1]), b=np.float32(0)),
    collections.OrderedDict(a=np.float32([30, 40]), b=np.float32(0)),
]
WEIGHTS = [1.0, 2.0, 1.0]


def flat(value):
  return [np.ravel(v).tolist() for v in tf.nest.flatten(value)]


def run(factory, weights=WEIGHTS):
  process = factory.create(VALUE_TYPE)
  arguments = [CLIENTS] if weights is None else [CLIENTS, weights]
  state = process.initialize()
  for _ in range(2):
    output = process.next(state, *arguments)
    state = output.state
  return {
      'initialize': str(process.initialize.type_signature),
      'next': str(process.next.type_signature),
      'state': flat(state),
      'result': flat(output.result),
      'measurements': flat(output.measurements),
  }


class LastWeighted(tff.aggregators.AggregationProcessFactory):
  """Weighted sums, with the number of rounds as state."""

  def create(self, value_type):

    @tff.federated_computation
    def initialize():
      return tff.federated_value(0, tff.SERVER)

    @tff.tf_computation(value_type, tf.float32)
    def scale(value, weight):
      return tf.nest.map_structure(lambda v: v * weight, value)

    @tff.tf_computation(tf.int32)
    def add_one(x):
      return x + 1

    @tff.federated_computation(
        tff.FederatedType(tf.int32, tff.SERVER),
        tff.FederatedType(value_type, tff.CLIENTS),
        tff.FederatedType(tf.float32, tff.CLIENTS))
    def next_fn(state, value, weight):
      scaled = tff.federated_map(scale, (value, weight))
      return tff.templates.MeasuredProcessOutput(
          tff.federated_map(add_one, state), tff.federated_sum(scaled), state)

    return tff.templates.AggregationProcess(initialize, next_fn)


@tff.tf_computation(tf.float32)
def twice(norm):
  return 2.0 * norm + 1.0


def quantile():
  return tff.aggregators.PrivateQuantileEstimationProcess(
      tfp.NoPrivacyQuantileEstimatorQuery(
          initial_estimate=6.0,
          target_quantile=0.5,
          learning_rate=0.5,
          geometric_update=True))


def train(factory):

  def model_fn():
    keras_model = tf.keras.Sequential([
        tf.keras.layers.Dense(1, kernel_initializer='zeros', input_shape=(2,))
    ])
    return tff.learning.from_keras_model(
        keras_model,
        loss=tf.keras.losses.MeanSquaredError(),
        input_spec=(tf.TensorSpec([None, 2]), tf.TensorSpec([None, 1])))

  process = tff.learning.build_federated_averaging_process(
      model_fn,
      client_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.5),
      model_update_aggregation_factory=factory)
  data = [
      tf.data.Dataset.from_tensor_slices(
          (np.float32([[1, client], [client, 2]]), np.float32([[1], [3]])))
      .batch(2) for client in range(2)
  ]
  state = process.initialize()
  for _ in range(2):
    state, metrics = process.next(state, data)
  return {
      'initialize': str(process.initialize.type_signature),
      'next': str(process.next.type_signature),
      'loss': float(metrics['train']['loss']),
      'weights': flat(state.model.trainable),
  }


mean = tff.aggregators.MeanFactory()
errors = []
for function in [
    lambda: tff.aggregators.ClippingFactory(1, mean),
    lambda: tff.aggregators.ClippingFactory(1.0, 'mean'),
    lambda: tff.aggregators.ZeroingFactory(1.0, mean, norm_order=2),
    lambda: tff.aggregators.ZeroingClippingFactory(1.0, lambda x: x, mean),
    lambda: tff.aggregators.ClippingFactory(1.0, mean).create(
        tff.TensorType(tf.int32)),
    lambda: mean.create(tff.TensorType(tf.int32)),
    tff.aggregators.AggregationProcessFactory,
]:
  try:
    function()
    errors.append(None)
  except Exception as e:  # pylint: disable=broad-except
    errors.append(type(e).__name__)

print(json.dumps({
    'mean': run(mean),
    'mean of own sums': run(
        tff.aggregators.MeanFactory(
            weight_sum_factory=tff.aggregators.SumFactory(),
            no_nan_division=True), [0.0, 0.0, 0.0]),
    'clipped': run(tff.aggregators.ClippingFactory(2.5, mean)),
    'adaptively clipped': run(
        tff.aggregators.ClippingFactory(quantile(), mean)),
    'zeroed': run(tff.aggregators.ZeroingFactory(35.0, mean)),
    'zeroed by L1': run(tff.aggregators.ZeroingFactory(7.5, mean, 1.0)),
    'zeroed, then clipped': run(
        tff.aggregators.ZeroingFactory(
            quantile(), tff.aggregators.ClippingFactory(2.0, mean))),
    'zeroed and clipped': run(
        tff.aggregators.ZeroingClippingFactory(quantile(), twice, mean)),
    'own': run(tff.aggregators.ClippingFactory(2.5, LastWeighted())),
    'private': run(
        tff.aggregators.DifferentiallyPrivateFactory(
            tfp.GaussianSumQuery(2.5, 0.0)), None),
    'is a factory': [
        isinstance(each, tff.aggregators.AggregationProcessFactory) for each in
        [mean, LastWeighted(), tff.aggregators.SumFactory(),
         tff.aggregators.ClippingFactory(1.0, mean), 'mean']
    ],
    'training with clipping': train(
        tff.aggregators.ClippingFactory(0.5, mean)),
    'training with own sums': train(LastWeighted()),
    'errors': errors,
}))
