"""Python functions in TensorFlow code, and what initializers draw, at clients and alone."""

import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

VECTOR = tff.TensorType(tf.float32, [2])
VECTORS = [np.array([1, 2], np.float32), np.array([3, 5], np.float32)]


def double(v):
  return np.asarray(v, np.float32) * 2


def exclaim(text):
  return text + b'!'


counted = []


def count(v):
  counted.append(float(v.sum()))
  return np.float32(len(counted))


@tff.tf_computation(VECTOR)
def by_numpy(v):
  return tf.reshape(tf.numpy_function(double, [v], tf.float32), [2])


@tff.tf_computation(VECTOR)
def counting(v):
  return tf.reshape(tf.numpy_function(count, [v], tf.float32), [])


@tff.tf_computation(tff.TensorType(tf.string))
def text(t):
  return tf.reshape(tf.numpy_function(exclaim, [t], tf.string), [])


ROWS = collections.OrderedDict(x=tff.TensorType(tf.float32, [None, 2]))


@tff.tf_computation(tff.SequenceType(ROWS))
def reduced(rows):
  return rows.reduce(
      0.0, lambda total, row: total + tf.reshape(
          tf.numpy_function(np.sum, [row['x']], tf.float32), []))


def mean_of(computation, member=VECTOR):

  @tff.federated_computation(tff.FederatedType(member, tff.CLIENTS))
  def mean(values):
    return tff.federated_mean(tff.federated_map(computation, values))

  return mean


def rows(n):
  data = collections.OrderedDict(x=np.ones([n, 2], np.float32))
  return tf.data.Dataset.from_tensor_slices(data).batch(2)


def array(value):
  return np.asarray(value).tolist()


@tff.tf_computation
def made():
  return by_numpy(tf.constant([1.0, 4.0])) + 1.0


@tff.federated_computation
def made_at_server():
  return tff.federated_eval(made, tff.SERVER)


results = {
    'alone': array(by_numpy(VECTORS[1])),
    'text': str(text('a')),
    'mean': array(mean_of(by_numpy)(VECTORS)),
    'counts': [float(counting(v)) for v in VECTORS],
    'rows': [float(reduced(rows(n))) for n in (0, 3)],
    'mean of rows': float(mean_of(reduced, tff.SequenceType(ROWS))([rows(1), rows(4)])),
    'made': [array(made()), array(made_at_server())],
}


def drawn(initializer):

  @tff.tf_computation(tf.int32)
  def draw(client):
    values = tf.stack([initializer([2, 2]), initializer([2, 2])])
    return tf.reshape(tf.one_hot(client, 2), [2, 1, 1, 1]) * values

  @tff.federated_computation(tff.FederatedType(tf.int32, tff.CLIENTS))
  def both(clients):
    return tff.federated_sum(tff.federated_map(draw, clients))

  first, second = both([0, 1]), both([0, 1])
  pairs = [(first[0][0], first[0][1]), (first[0], first[1]), (first[0], second[0])]
  return [bool(np.allclose(a, b)) for a, b in pairs], array(first)


K = tf.keras.initializers
results['unseeded'] = {
    name: drawn(K.get(name))[0] for name in ('glorot_uniform', 'orthogonal', 'random_normal')}
results['seeded'] = drawn(K.TruncatedNormal(seed=5))
tf.random.set_seed(7)
layer = tf.keras.layers.Dense(2)
layer.build((None, 2))
results['after set_seed'] = array(layer.kernel)
print(json.dumps(results))
