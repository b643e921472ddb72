"""Aggregation factories of a program, within those of TFF, that ask what types they are given."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

asked = []


def ask(value_type):
  asked.append([
      str(value_type), value_type.is_tensor(), value_type.is_struct(),
      value_type.is_struct_with_python()
  ])
  if value_type.is_tensor():
    asked[-1] += [
        value_type.dtype.name, value_type.dtype.is_floating, value_type.shape.rank,
        value_type.shape.num_elements()
    ]


class SignedSum(tff.aggregators.UnweightedAggregationFactory):

  def create(self, value_type):
    ask(value_type)
    if not value_type.is_tensor() or value_type.dtype != tf.float32:
      raise ValueError('Expected a float32 tensor.')

    @tff.tf_computation(value_type)
    def signed(value):
      return tf.sign(value) * tf.ones(value_type.shape)

    @tff.federated_computation
    def init_fn():
      return tff.federated_value((), tff.SERVER)

    @tff.federated_computation(init_fn.type_signature.result, tff.type_at_clients(value_type))
    def next_fn(state, value):
      total = tff.federated_sum(tff.federated_map(signed, value))
      return tff.templates.MeasuredProcessOutput(
          state, total, tff.federated_value((), tff.SERVER))

    return tff.templates.AggregationProcess(init_fn, next_fn)


class WeightedTotal(tff.aggregators.WeightedAggregationFactory):

  def create(self, value_type, weight_type):
    ask(value_type)
    ask(weight_type)

    @tff.tf_computation(value_type, weight_type)
    def weighted(value, weight):
      return tf.nest.map_structure(lambda v: v * tf.cast(weight, v.dtype), value)

    @tff.federated_computation
    def init_fn():
      return tff.federated_value(0, tff.SERVER)

    @tff.federated_computation(init_fn.type_signature.result, tff.type_at_clients(value_type),
                               tff.type_at_clients(weight_type))
    def next_fn(state, value, weight):
      total = tff.federated_sum(tff.federated_map(weighted, (value, weight)))
      return tff.templates.MeasuredProcessOutput(state, total, tff.federated_sum(weight))

    return tff.templates.AggregationProcess(init_fn, next_fn)


class SameAgain(SignedSum):

  def create(self, value_type):
    return super().create(value_type)


def plain(value):
  return [np.asarray(each).round(5).tolist() for each in tf.nest.flatten(value)]


PAIR = tff.to_type(collections.OrderedDict(a=(tf.float32, [2]), b=tf.float32))
clients = [
    collections.OrderedDict(a=np.float32([1.0, -2.0]), b=np.float32(3.0)),
    collections.OrderedDict(a=np.float32([0.5, -0.25]), b=np.float32(-1.0)),
]
results = {}
for name, factory in [
    ('concatenated', tff.aggregators.concat_factory(SignedSum())),
    ('rotated', tff.aggregators.concat_factory(
        tff.aggregators.clipping_factory(100.0, SameAgain()))),
]:
  process = factory.create(PAIR)
  results[name] = plain(process.next(process.initialize(), clients).result)
mean = tff.aggregators.MeanFactory(tff.aggregators.concat_factory(SignedSum())).create(
    PAIR, tff.TensorType(tf.float32))
results['mean'] = plain(mean.next(mean.initialize(), clients, [1.0, 3.0]).result)
weighted = tff.aggregators.zeroing_factory(50.0, WeightedTotal()).create(
    PAIR, tff.TensorType(tf.int32))
results['weighted'] = plain(weighted.next(weighted.initialize(), clients, [1, 3]).result)


def model_fn():
  net = tf.keras.Sequential([
      tf.keras.layers.Dense(1, input_shape=(2,), kernel_initializer='ones', use_bias=False)])
  return tff.learning.from_keras_model(
      net,
      loss=tf.keras.losses.MeanSquaredError(),
      input_spec=collections.OrderedDict(
          x=tf.TensorSpec([None, 2], tf.float32), y=tf.TensorSpec([None, 1], tf.float32)))


training = tff.learning.algorithms.build_weighted_fed_avg(
    model_fn, lambda: tf.keras.optimizers.SGD(0.1), model_aggregator=WeightedTotal())
batch = collections.OrderedDict(x=[[1.0, 2.0], [3.0, 4.0]], y=[[1.0], [2.0]])
data = [tf.data.Dataset.from_tensor_slices(batch).batch(2)]
output = training.next(training.initialize(), data)
results['weights'] = plain(training.get_model_weights(output.state).trainable)

kinds = [
    isinstance(SignedSum(), tff.aggregators.UnweightedAggregationFactory),
    isinstance(SignedSum(), tff.aggregators.WeightedAggregationFactory),
    isinstance(tff.aggregators.SumFactory(), tff.aggregators.UnweightedAggregationFactory),
    isinstance(tff.aggregators.MeanFactory(), tff.aggregators.WeightedAggregationFactory),
    isinstance(tff.aggregators.SumFactory(), SignedSum),
    issubclass(SameAgain, SignedSum),
]
try:
  tff.aggregators.concat_factory(SignedSum()).create(tff.to_type(collections.OrderedDict(x=tf.int32)))
except ValueError as e:
  refused = str(e)
print(json.dumps(dict(results=results, asked=asked, kinds=kinds, refused=refused)))
