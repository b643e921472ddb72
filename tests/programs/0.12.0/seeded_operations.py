"""Operations with a seed of their own begin anew with each call of a computation."""

import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()


@tff.tf_computation
def draw():
  return collections.OrderedDict([
      ('uniform', tf.random.uniform([2], seed=7)),
      ('numbers', tf.random.uniform([], maxval=1000, dtype=tf.int32, seed=2)),
  ])


@tff.tf_computation(tf.float32)
def noisy(x):
  return x + tf.random.normal([], seed=5)


@tff.tf_computation
def in_a_loop():
  return tf.map_fn(
      lambda i: tf.random.uniform([], seed=3), tf.range(3), dtype=tf.float32,
      parallel_iterations=1)


@tf.function
def drawn_in_a_function():
  return tf.random.uniform([], seed=9)


@tff.tf_computation
def in_functions():
  return drawn_in_a_function() + 1.0


@tff.tf_computation(tff.SequenceType(tf.float32))
def in_a_data_set(xs):
  return xs.reduce(0.0, lambda total, x: total + x * tf.random.uniform([], seed=4))


@tff.tf_computation
def initial_values():
  initializer = tf.compat.v1.initializers.glorot_uniform(seed=11)
  return initializer([2, 2])


@tff.federated_computation(tff.FederatedType(tf.float32, tff.CLIENTS))
def round_of(xs):
  noise = tff.federated_map(noisy, xs)
  total = tff.federated_sum(noise)
  return noise, tff.federated_apply(noisy, total)


@tff.federated_computation(tff.FederatedType(tff.SequenceType(tf.float32), tff.CLIENTS))
def round_of_data_sets(xs):
  return tff.federated_map(in_a_data_set, xs)


@tff.federated_computation
def twice():
  return draw(), draw()


def plain(value):
  if hasattr(value, '_asdict'):
    value = value._asdict()
  if isinstance(value, dict):
    return {name: plain(each) for name, each in value.items()}
  if isinstance(value, (list, tuple)):
    return [plain(each) for each in value]
  return np.asarray(value).tolist()


def elements(value):
  return [plain(value[0]), plain(value[1])]


rounds = []
for _ in range(3):
  noise, applied = round_of([1.0, 2.0, 3.0])
  rounds.append({
      'drawn': plain(draw()),
      'twice': elements(twice()),
      'noise': plain(noise),
      'applied': plain(applied),
      'loop': plain(in_a_loop()),
      'functions': plain(in_functions()),
      'data sets': plain(round_of_data_sets([[1.0, 2.0], [3.0], []])),
      'initial values': plain(initial_values()),
  })

print(json.dumps({'rounds': rounds}))
