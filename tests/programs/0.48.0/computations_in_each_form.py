"""Computations of 0.48 in each calling form, of TensorFlow functions, graphs and JAX."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


@tff.tf_computation
def polymorphic(x):
  return x + x


@tff.tf_computation()
def nothing():
  return 7


@tff.tf_computation(tf.int32)
def one(x):
  return x + 1


@tff.tf_computation(tf.int32, (tf.float32, [2]))
def two(x, y):
  return collections.OrderedDict(a=x, b=[y, tf.cast(x, tf.float32) * y])


@tff.tf_computation([('a', tf.int32), ('b', tf.bool)])
def unpacked(a, b):
  return tf.where(b, a, -a)


# No runtime of 0.48 runs these yet.
@tff.experimental_tf_fn_computation(tf.TensorSpec([None], tf.float32))
def of_a_function(x):
  return tf.reduce_sum(x)


wrapped = tff.tf_computation(lambda x, y: x * y, tf.int32, tf.int32)
of_tf_function = tff.tf_computation(tf.function(lambda x: x * 2.0), tf.float32)


@tff.jax_computation(np.float32)
def of_jax(x):
  return x * 2.0


@tff.federated_computation
def federated_nothing():
  return tff.federated_value([1, 2.0], tff.SERVER)


@tff.federated_computation(tff.type_at_clients(tf.int32))
def on_clients(values):
  return tff.federated_map(one, values), tff.federated_map(polymorphic, values)


@tff.tf_computation
@tff.check_returns_type(collections.OrderedDict(a=tf.int32))
def checked():
  return collections.OrderedDict(a=3)


@tff.federated_computation
@tff.check_returns_type([tf.int32, tf.int32])
def checked_polymorphic(x):
  return [x, x]


def error(call):
  try:
    call()
    return 'none'
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


b = two(3, [1.0, 2.0])
print(json.dumps({
    'types': [str(c.type_signature) for c in (nothing, one, two, unpacked, of_a_function, wrapped,
                                              of_tf_function, of_jax, federated_nothing, on_clients, checked)],
    'polymorphic': [int(polymorphic(2)), float(polymorphic(1.25)), polymorphic([1.0, 2.0]).tolist()
                    if hasattr(polymorphic([1.0, 2.0]), 'tolist') else [float(x) for x in polymorphic([1.0, 2.0])]],
    'two': [type(b).__name__, int(b['a']), [np.asarray(x).tolist() for x in b['b']]],
    'unpacked': [int(unpacked(3, True)), int(unpacked(a=3, b=False))],
    'values': [int(nothing()), int(one(1)), int(wrapped(3, 4)),
               float(of_tf_function(1.5))],
    'on_clients': [[int(x) for x in each] for each in on_clients([1, 2])],
    'checked': int(checked()['a']),
    'checked_polymorphic': [int(x) for x in checked_polymorphic(5)],
    'not_checked': error(lambda: tff.tf_computation(tff.check_returns_type(lambda: 1.0, tf.int32))),
}))
