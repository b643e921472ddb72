"""Structures with more elements than their type: the first ones are taken."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

Pair = collections.namedtuple('Pair', ['x', 'y'])


@tff.tf_computation(tff.to_type([('a', tf.float32), ('state', ())]))
def without_state(value):
  return value['a']


@tff.tf_computation(tff.to_type([('x', tf.float32), ('y', (tf.float32, [2]))]))
def total(value):
  return value['x'] + tf.reduce_sum(value['y'])


@tff.tf_computation(tff.to_type([tf.float32, tf.float32]))
def difference(value):
  return value[0] - value[1]


def outcome(fn, value):
  try:
    return float(fn(value))
  except (TypeError, IndexError) as e:
    return type(e).__name__


xy = collections.OrderedDict(x=1.0, y=np.float32([2.0, 3.0]))
print(json.dumps({
    'without_state': [
        outcome(without_state, collections.OrderedDict(a=1.0, state=state))
        for state in [(), collections.OrderedDict(q=1.0), [1.0, 2.0], Pair(1, 2), None, 3.0]
    ],
    'total': [
        outcome(total, value) for value in [
            xy,
            collections.OrderedDict(xy, z=4.0),
            [1.0, np.float32([2.0, 3.0]), 'more'],
            collections.OrderedDict(x=1.0),
        ]
    ],
    'difference': [
        outcome(difference, [5.0, 2.0, 1.0]),
        outcome(difference, (5.0, 2.0, 1.0)),
        outcome(difference, [5.0]),
    ],
}))
