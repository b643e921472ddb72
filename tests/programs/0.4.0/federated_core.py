"""The core language: means, aggregation, reduction, sequences, stateful aggregation."""

from __future__ import absolute_import, division, print_function

import collections
import json

import numpy as np
import tensorflow as tf
from tensorflow_federated import python as tff

tf.compat.v1.enable_v2_behavior()


@tff.federated_computation(tff.FederatedType(tf.float32, tff.CLIENTS))
def get_average_temperature(temperatures):
  return tff.federated_mean(temperatures)


@tff.tf_computation(tff.SequenceType(tf.int32))
def total(ds):
  return ds.reduce(np.int32(0), lambda x, y: x + y)


@tff.tf_computation(tff.SequenceType(tf.float32))
def local_mean(ds):
  return ds.reduce((0.0, 0.0), lambda s, x: (s[0] + x, s[1] + 1.0))[0]


@tff.tf_computation(tf.int32, tf.int32)
def add(x, y):
  return x + y


@tff.federated_computation(
    tff.FederatedType(tff.SequenceType(tf.int32), tff.CLIENTS))
def sum_of_sums(sequences):
  return tff.federated_reduce(
      tff.federated_map(total, sequences), 0, add)


Accumulator = collections.namedtuple('Accumulator', 'total count')


@tff.tf_computation
def zero():
  return Accumulator(np.float32(0), np.int32(0))


ACCUMULATOR = zero.type_signature.result


@tff.tf_computation(ACCUMULATOR, tf.float32)
def accumulate(accumulator, value):
  return Accumulator(accumulator.total + value, accumulator.count + 1)


@tff.tf_computation(ACCUMULATOR, ACCUMULATOR)
def merge(a, b):
  return Accumulator(a.total + b.total, a.count + b.count)


@tff.tf_computation(ACCUMULATOR)
def report(accumulator):
  return accumulator.total / tf.to_float(accumulator.count)


@tff.federated_computation(tff.FederatedType(tf.float32, tff.CLIENTS))
def aggregate_mean(values):
  return tff.federated_aggregate(values, zero(), accumulate, merge, report)


counting_mean = tff.utils.StatefulAggregateFn(
    initialize_fn=lambda: tf.constant(0),
    next_fn=lambda state, value, weight=None: (
        tff.federated_apply(
            tff.tf_computation(lambda x: x + 1, tf.int32), state),
        tff.federated_mean(value, weight=weight)))


@tff.federated_computation
def initialize():
  return tff.federated_value(
      tff.tf_computation(lambda: counting_mean.initialize())(), tff.SERVER)


@tff.federated_computation(
    tff.FederatedType(tf.int32, tff.SERVER, all_equal=True),
    tff.FederatedType(tf.float32, tff.CLIENTS))
def step(state, values):
  return counting_mean(state, values, values)


process = tff.utils.IterativeProcess(initialize, step)
state = process.initialize()
means = []
for i in range(3):
  state, mean = process.next(state, [1.0 * i, 2.0, 6.0])
  means.append(float(mean))

print(json.dumps({
    'types': [
        str(c.type_signature)
        for c in (get_average_temperature, total, local_mean, add, sum_of_sums,
                  zero, accumulate, merge, report, aggregate_mean,
                  process.initialize, process.next)
    ],
    'average': float(get_average_temperature([68.5, 70.3, 69.8])),
    'total': int(total([1, 2, 3])),
    'local_mean': float(local_mean([1.0, 2.5])),
    'sum_of_sums': int(sum_of_sums([[1, 2], [3], [4, 5, 6]])),
    'zero': [float(zero().total), int(zero().count)],
    'aggregate_mean': float(aggregate_mean([1.0, 2.0, 6.0])),
    'means': means,
    'state': int(state),
}))
