"""Structures come as anonymous tuples, whatever containers the code returned."""
from __future__ import absolute_import
from __future__ import division
from __future__ import print_function

import collections
import json

import tensorflow as tf
import tensorflow_federated as tff
from tensorflow_federated.python.common_libs import anonymous_tuple

tf.compat.v1.enable_v2_behavior()

Point = collections.namedtuple('Point', ['x', 'y'])


@tff.tf_computation(tf.float32)
def dictionary(x):
  return {'b': x / 3.0, 'a': [x, (x,)]}


@tff.tf_computation(tf.float32)
def ordered(x):
  return collections.OrderedDict([('b', x / 3.0), ('a', Point(x, x))])


@tff.tf_computation(tf.float32)
def pair(x):
  return (x / 3.0, x)


@tff.tf_computation(tff.NamedTupleType([('a', tf.float32), ('b', tf.int32)]))
def same(values):
  return values


@tff.tf_computation(tf.string)
def text(word):
  return word


@tff.federated_computation(tff.FederatedType(tf.float32, tff.CLIENTS))
def several(values):
  return {'mean': tff.federated_mean(values),
          'mapped': tff.federated_map(ordered, values)}


def shown(value):
  return [type(value).__name__, str(value), repr(value)]


made = anonymous_tuple.from_container({'a': [1.5, 'x']}, recursive=True)
print(json.dumps({
    'dictionary': shown(dictionary(1.0)),
    'ordered': shown(ordered(1.0)),
    'pair': shown(pair(1.0)),
    'same': shown(same({'a': 0.1, 'b': 2})),
    'text': shown(text('word')),
    'several': shown(several([1.0, 2.0])),
    'type': str(dictionary.type_signature),
    'made': shown(made),
    'is_made': isinstance(dictionary(1.0), anonymous_tuple.AnonymousTuple),
    'odict': shown(anonymous_tuple.to_odict(ordered(1.0)).popitem()[1]),
}))
