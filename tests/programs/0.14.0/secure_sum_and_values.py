"""Types of sums of few bits, minima, values in federated computations and maps over sequences in 0.14."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

# Of the runtimes of this release only this one maps over sequences.
tff.framework.set_default_context(tff.test.ReferenceExecutor())


@tff.federated_computation(
    tff.FederatedType(tf.int32, tff.CLIENTS),
    tff.FederatedType((tf.int64, tf.int64), tff.CLIENTS))
def secure(counts, pairs):
  return (
      tff.federated_secure_sum(counts, 8),
      tff.federated_secure_sum(pairs, bitwidth=[8, 16]),
  )


@tff.federated_computation(tff.FederatedType(tf.float32, tff.CLIENTS))
def extremes(values):
  return tff.utils.federated_min(values), tff.utils.federated_max(values)


@tff.tf_computation(tf.int32)
def square(x):
  return x * x


@tff.tf_computation(tf.int32, tf.int32)
def add(x, y):
  return x + y


@tff.federated_computation(tff.SequenceType(tf.int32))
def sum_of_squares(values):
  zero = tff.to_value(0, tf.int32)
  squares = tff.sequence_map(mapping_fn=square, value=values)
  return tff.sequence_reduce(squares, zero, add)


@tff.federated_computation(tf.int32)
def pack(x):
  pair = tff.to_value(collections.OrderedDict(
      first=x, second=tff.to_value(1.5, tf.float32)))
  return pair


@tff.federated_computation
def constant():
  return tff.to_value(val=[10, True], type_spec=(tf.int32, tf.bool))


low_and_high = extremes([2.0, -1.0, 7.0])
packed = pack(3)
made = constant()
print(json.dumps({
    'types': [str(c.type_signature) for c in (secure, extremes, sum_of_squares, pack, constant)],
    'extremes': [float(x) for x in low_and_high],
    'sum_of_squares': int(sum_of_squares([1, 2, 3])),
    'packed': [int(packed.first), float(packed.second)],
    'constant': [int(made[0]), bool(made[1])],
}))
