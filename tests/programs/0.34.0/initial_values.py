"""Initializers draw anew, and from the state of their seed where they have one."""

import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


def drawn(make):

  @tff.tf_computation(tf.int32)
  def draw(client):
    initializer = make()
    values = tf.stack([initializer([2, 2]), initializer([2, 2])])
    return tf.reshape(tf.one_hot(client, 2), [2, 1, 1, 1]) * values

  @tff.federated_computation(tff.type_at_clients(tf.int32))
  def both(clients):
    return tff.federated_sum(tff.federated_map(draw, clients))

  return draw(0)[0], both([0, 1]), both([0, 1])


@tff.tf_computation
def initial_weights():
  model = tf.keras.Sequential([tf.keras.layers.Dense(2, input_shape=(2,))])
  return tf.convert_to_tensor(model.trainable_variables[0])


K = tf.keras.initializers
results = {}
for name, make in [
    ('normal', lambda: K.RandomNormal()), ('uniform', lambda: K.RandomUniform()),
    ('orthogonal', lambda: K.Orthogonal())]:
  alone, first, second = drawn(make)
  pairs = [(alone[0], alone[1]), (first[0], first[1]), (first[0], second[0])]
  results[name] = [bool(np.allclose(a, b)) for a, b in pairs]
results['model'] = bool(np.allclose(initial_weights(), initial_weights()))
for name, make in [
    ('normal seeded', lambda: K.RandomNormal(seed=5)),
    ('uniform seeded', lambda: K.RandomUniform(seed=5)),
    ('orthogonal seeded', lambda: K.Orthogonal(seed=5))]:
  results[name] = np.asarray(drawn(make)[0]).tolist()
eager = K.GlorotUniform(seed=5)
results['seeded outside'] = [np.asarray(eager([2, 2])).tolist() for _ in range(2)]
tf.random.set_seed(7)
eager = K.GlorotUniform()
results['after set_seed'] = [np.asarray(eager([2, 2])).tolist() for _ in range(2)]
print(json.dumps(results))
