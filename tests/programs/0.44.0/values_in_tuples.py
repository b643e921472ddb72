"""Values of clients in lists, tuples and other containers, and numbers of another precision."""

import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

FLOATS = tff.FederatedType(tf.float32, tff.CLIENTS)
INTS = tff.FederatedType(tf.int32, tff.CLIENTS)
PAIRS = tff.FederatedType([('a', tf.float32), ('b', tf.int32)], tff.CLIENTS)
BATCHES = tff.FederatedType(tff.SequenceType(tf.int32), tff.CLIENTS)
Pair = collections.namedtuple('Pair', ['a', 'b'])


@tff.federated_computation(FLOATS)
def total(values):
  return tff.federated_sum(values)


@tff.federated_computation(INTS)
def total_of_ints(values):
  return tff.federated_sum(values)


@tff.federated_computation(FLOATS, INTS)
def totals(first, second):
  return tff.federated_sum(first), tff.federated_sum(second)


@tff.federated_computation(tff.FederatedType(tf.float32, tff.SERVER), FLOATS)
def shifted(shift, values):
  return shift, tff.federated_sum(values)


@tff.federated_computation(PAIRS)
def total_of_pairs(pairs):
  return tff.federated_sum(pairs)


@tff.tf_computation(tff.SequenceType(tf.int32))
def add_up(numbers):
  return numbers.reduce(0, lambda a, b: a + b)


@tff.federated_computation(BATCHES)
def total_of_batches(batches):
  return tff.federated_sum(tff.federated_map(add_up, batches))


def plain(value):
  if isinstance(value, dict):
    return [plain(each) for each in value.values()]
  if isinstance(value, (list, tuple)) or type(value).__name__ in ('AnonymousTuple', 'Struct'):
    return [plain(value[index]) for index in range(len(value))]
  return np.asarray(value).tolist()


def outcome(call, *args):
  try:
    return plain(call(*args))
  except Exception as error:  # pylint: disable=broad-except
    return 'refused: ' + ('type' if isinstance(error, TypeError) else 'other')


results = collections.OrderedDict()
for name, container in (('list', list), ('tuple', tuple), ('array', np.array)):
  results[name] = [
      outcome(total, container([1.0, 2.0, 5.0])),
      outcome(total, container([1, 2, 5])),
      outcome(total_of_ints, container([1, 2, 5])),
      outcome(totals, container([1.0, 2.5]), container([3, 4])),
      outcome(shifted, 1.0, container([1.5, 2.0])),
  ]
for name, container in (('list', list), ('tuple', tuple)):
  results[name + ' of others'] = [
      outcome(total, container([np.float32(1.5), np.float64(2.25)])),
      outcome(total, container([tf.constant(1.5), 2.25])),
      outcome(total_of_pairs, container([collections.OrderedDict(a=1.5, b=2)] * 2)),
      outcome(total_of_pairs, container([Pair(1, 2), Pair(2.5, 3)])),
      outcome(total_of_batches, container([[1, 2], [3]])),
      outcome(total_of_batches, container([tf.data.Dataset.range(3).map(
          lambda each: tf.cast(each, tf.int32))] * 2)),
  ]
results['none'] = [outcome(total, []), outcome(total, ())]
print(json.dumps(results))
