"""The core language of 0.16: struct types, sequences, results and their containers."""
import collections
import json

import attr
import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

Pair = collections.namedtuple('Pair', ['first', 'second'])


@attr.s(auto_attribs=True)
class Accumulator(object):
  total: tf.Tensor
  count: tf.Tensor


@tff.tf_computation(tff.SequenceType(tf.int32))
def count_and_sum(ds):
  total, count = ds.reduce(
      (tf.constant(0), tf.constant(0)), lambda s, x: (s[0] + x, s[1] + 1))
  return Accumulator(total, count)


@tff.tf_computation(tf.int32, tf.int32)
def divide(a, b):
  return Pair(a // b, tf.cast(a, tf.float32) / tf.cast(b, tf.float32))


@tff.federated_computation(tff.FederatedType(tff.SequenceType(tf.int32), tff.CLIENTS))
def mean_of_sums(data):
  local = tff.federated_map(count_and_sum, data)
  total = tff.federated_sum(local.total)
  count = tff.federated_sum(local.count)
  return tff.federated_map(divide, (total, count)), local


@tff.tf_computation
def zero():
  return collections.OrderedDict(largest=tf.constant(-100), seen=tf.constant(0))


@tff.tf_computation(zero.type_signature.result, tf.int32)
def accumulate(state, value):
  return collections.OrderedDict(
      largest=tf.maximum(state['largest'], value), seen=state['seen'] + 1)


@tff.tf_computation(zero.type_signature.result, zero.type_signature.result)
def merge(a, b):
  return collections.OrderedDict(
      largest=tf.maximum(a['largest'], b['largest']), seen=a['seen'] + b['seen'])


@tff.tf_computation(zero.type_signature.result)
def report(state):
  return [state['largest'], state['seen']]


@tff.federated_computation(tff.FederatedType(tf.int32, tff.CLIENTS))
def largest(values):
  return tff.federated_aggregate(values, zero(), accumulate, merge, report)


@tff.federated_computation(
    tff.FederatedType(tf.float32, tff.SERVER), tff.FederatedType(tf.float32, tff.CLIENTS))
def named_results(server_value, client_value):
  return collections.OrderedDict([
      ('mean', tff.federated_mean(client_value)),
      ('pair', (server_value, tff.federated_broadcast(server_value))),
  ])


@tff.tf_computation(collections.OrderedDict([('a', tf.int32), ('b', tf.string)]))
def swap(x):
  return collections.OrderedDict([('b', x['b']), ('a', x['a'] + 1)])


averages, local = mean_of_sums([[1, 2, 3], [10], [4, 4]])
named = named_results(3.0, [5.0, 6.0])
swapped = swap(collections.OrderedDict([('a', 1), ('b', 'text')]))
print(json.dumps({
    'types': [
        str(count_and_sum.type_signature),
        str(divide.type_signature),
        str(mean_of_sums.type_signature),
        str(largest.type_signature),
        str(named_results.type_signature),
        str(swap.type_signature),
        str(tff.StructType([('x', tf.int32), tf.float32, ('z', [tf.bool])])),
        str(tff.to_type(Pair(tf.int32, (tf.float32, [2, None])))),
        str(tff.FederatedType(tff.SequenceType((tf.int32, tf.bool)), tff.CLIENTS)),
        str(tff.FunctionType(None, tf.int32)),
    ],
    'divided': [int(divide(7, 2).first), float(divide(7, 2).second)],
    'averages': [int(averages.first), float(averages.second)],
    'local': [[int(each.total), int(each.count)] for each in local],
    'containers': [type(each).__name__ for each in (
        divide(7, 2), averages, local, local[0], named, swapped, largest([3, 9, -2]))],
    'largest': [int(x) for x in largest([3, 9, -2])],
    'named': [float(named['mean']), [float(x) for x in named['pair']]],
    'swapped': [swapped['b'].decode() if isinstance(swapped['b'], bytes)
                else swapped['b'].numpy().decode(), int(swapped['a'])],
    'checks': [tff.to_type(tf.int32).is_tensor(), tff.to_type([tf.int32]).is_struct(),
               tff.FederatedType(tf.int32, tff.SERVER).is_federated(),
               tff.FederatedType(tf.int32, tff.SERVER).is_assignable_from(tff.FederatedType(tf.int32, tff.SERVER))],
}))
