"""Canonical forms of 0.9: a process taken apart, put together again, and one made by hand."""
from __future__ import absolute_import
from __future__ import division
from __future__ import print_function

import collections
import json

import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()

STATE = collections.OrderedDict([('rounds', tf.int32), ('limit', tf.float32)])
TOTALS = collections.OrderedDict([('over', tf.float32), ('count', tf.float32)])


@tff.tf_computation
def initial_state():
  return collections.OrderedDict([('rounds', 0), ('limit', 30.0)])


@tff.federated_computation
def initialize():
  return tff.federated_value(initial_state(), tff.SERVER)


@tff.tf_computation(STATE)
def limit_of(state):
  return state['limit']


@tff.tf_computation(tff.SequenceType(tf.float32), tf.float32)
def readings_over(readings, limit):
  return collections.OrderedDict([
      ('over', readings.reduce(
          0.0, lambda n, x: n + tf.cast(tf.greater(x, limit), tf.float32))),
      ('count', readings.reduce(0.0, lambda n, x: n + 1.0)),
  ])


@tff.tf_computation
def zero():
  return collections.OrderedDict([('over', 0.0), ('count', 0.0)])


@tff.tf_computation(TOTALS, TOTALS)
def add(a, b):
  return collections.OrderedDict(
      [('over', a['over'] + b['over']), ('count', a['count'] + b['count'])])


@tff.tf_computation(TOTALS)
def fraction(totals):
  return totals['over'] / totals['count']


@tff.tf_computation(STATE, tf.float32)
def next_state(state, found):
  return collections.OrderedDict(
      [('rounds', state['rounds'] + 1), ('limit', state['limit'] + found)])


@tff.federated_computation(
    tff.FederatedType(STATE, tff.SERVER),
    tff.FederatedType(tff.SequenceType(tf.float32), tff.CLIENTS))
def round_fn(state, readings):
  limit = tff.federated_broadcast(tff.federated_apply(limit_of, state))
  counted = tff.federated_map(readings_over, [readings, limit])
  found = tff.federated_aggregate(counted, zero(), add, add, fraction)
  return tff.federated_apply(next_state, [state, found]), found


def run(process, data):
  state = process.initialize()
  found = []
  for _ in range(2):
    output = process.next(state, data)
    state = output[0]
    found.append(float(output[1]))
  return [len(output), int(state.rounds), float(state.limit), found]


def map_and_reduce(form, data):
  """What a system for MapReduce does with the pieces: two reducers, one result."""
  state = form.initialize()
  found = []
  for _ in range(2):
    context = form.prepare(state)
    partial = []
    for part in (data[:1], data[1:]):
      accumulator = form.zero()
      for values in part:
        update, _ = form.work(values, context)
        accumulator = form.accumulate(accumulator, update)
      partial.append(accumulator)
    state, result = form.update(state, form.report(form.merge(partial[0], partial[1])))
    found.append(float(result))
  return [int(state.rounds), float(state.limit), found]


process = tff.utils.IterativeProcess(initialize, round_fn)
form = tff.backends.mapreduce.get_canonical_form_for_iterative_process(process)
again = tff.backends.mapreduce.get_iterative_process_for_canonical_form(form)
data = [[1.0, 40.0], [30.5, 31.0, 2.0]]


# By hand: the server counts the sums of clients that are above its threshold.
@tff.tf_computation
def start():
  return tf.constant(0)


@tff.tf_computation(tf.int32)
def threshold(total):
  return total + 10


@tff.tf_computation(tff.SequenceType(tf.int32), tf.int32)
def is_above(values, limit):
  total = values.reduce(0, lambda a, b: a + b)
  return tf.cast(tf.greater(total, limit), tf.int32), total


@tff.tf_computation
def none_yet():
  return tf.constant(0)


@tff.tf_computation(tf.int32, tf.int32)
def plus(a, b):
  return a + b


@tff.tf_computation(tf.int32)
def as_reported(total):
  return total


@tff.tf_computation(tf.int32, tf.int32)
def keep(total, above):
  return total + above, above


by_hand = tff.backends.mapreduce.CanonicalForm(
    start, threshold, is_above, none_yet, plus, plus, as_reported, keep)
counting = tff.backends.mapreduce.get_iterative_process_for_canonical_form(by_hand)
total, above, sums = counting.next(0, [[1, 2], [10, 20], [30]])
taken_apart = tff.backends.mapreduce.get_canonical_form_for_iterative_process(counting)
put_together = tff.backends.mapreduce.get_iterative_process_for_canonical_form(taken_apart)
total_again, above_again, sums_again = put_together.next(0, [[1, 2], [10, 20], [30]])

errors = []
for call in (
    lambda: tff.backends.mapreduce.CanonicalForm(
        start, threshold, is_above, none_yet, plus, plus, plus, keep),
    lambda: tff.backends.mapreduce.CanonicalForm(
        initialize, threshold, is_above, none_yet, plus, plus, as_reported, keep),
    lambda: tff.backends.mapreduce.get_canonical_form_for_iterative_process(3),
    lambda: tff.backends.mapreduce.get_iterative_process_for_canonical_form(process)):
  try:
    call()
    errors.append(None)
  except Exception as e:  # pylint: disable=broad-except
    errors.append(type(e).__name__)

parts = ['initialize', 'prepare', 'work', 'zero', 'accumulate', 'merge', 'report', 'update']
print(json.dumps({
    'types': [
        str(form.initialize.type_signature), str(form.work.type_signature.parameter[0]),
        str(again.initialize.type_signature), str(again.next.type_signature)],
    'before': run(process, data),
    'after': run(again, data),
    'pieces': map_and_reduce(form, data),
    'by_hand_types': [str(getattr(by_hand, part).type_signature) for part in parts],
    'by_hand_process': str(counting.next.type_signature),
    'by_hand': [int(total), int(above), [int(each) for each in sums]],
    'by_hand_again': [int(total_again), int(above_again), [int(each) for each in sums_again]],
    'by_hand_process_again': str(put_together.next.type_signature),
    'errors': errors,
}))
