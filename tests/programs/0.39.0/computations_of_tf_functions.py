"""Computations of 0.39 that are traced as TensorFlow functions, which no runtime ran then."""
import collections
import json

import tensorflow as tf
import tensorflow_federated as tff


@tff.experimental_tf_fn_computation(tf.TensorSpec([None], tf.float32))
def total(x):
  return tf.reduce_sum(x)


@tff.experimental_tf_fn_computation(tf.int32, tf.TensorSpec([2], tf.int32))
def pair(x, y):
  return collections.OrderedDict(sum=x + y, first=[y[0], x])


@tff.experimental_tf_fn_computation
def nothing():
  return tf.constant(3), 'text'


def error(function, *args):
  try:
    function(*args)
    return 'made'
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


print(json.dumps({
    'types': [str(each.type_signature) for each in (total, pair, nothing)],
    'are': [isinstance(each, tff.Computation) for each in (total, nothing)],
    'errors': [
        error(tff.experimental_tf_fn_computation, lambda x: x + 'a', tf.int32)],
}))
