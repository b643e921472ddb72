"""Canonical forms of 0.18: names of parameters, options of grappler, and checks of processes."""
import collections
import json

import tensorflow as tf
import tensorflow_federated as tff

STATE = collections.OrderedDict(rounds=tf.int32, limit=tf.float32)
TOTALS = collections.OrderedDict(over=tf.float32, count=tf.float32)


@tff.tf_computation
def initial_state():
  return collections.OrderedDict(rounds=0, limit=30.0)


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
  limit = tff.federated_broadcast(tff.federated_map(limit_of, state))
  counted = tff.federated_map(readings_over, [readings, limit])
  found = tff.federated_aggregate(counted, zero(), add, add, fraction)
  return tff.federated_map(next_state, [state, found]), found


def run(process, data):
  state = process.initialize()
  found = []
  for _ in range(2):
    output = process.next(state, data)
    state = output[0]
    found.append(float(output[1]))
  return [len(output), int(state['rounds']), float(state['limit']), found]


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
        accumulator = form.accumulate(accumulator, form.work(values, context)[0])
      partial.append(accumulator)
    state, result = form.update(
        state, (form.report(form.merge(partial[0], partial[1])), ()))
    found.append(float(result))
  return [int(state['rounds']), float(state['limit']), found]


process = tff.templates.IterativeProcess(initialize, round_fn)
options = tf.compat.v1.ConfigProto()
options.graph_options.rewrite_options.disable_meta_optimizer = True
form = tff.backends.mapreduce.get_canonical_form_for_iterative_process(process, options)
again = tff.backends.mapreduce.get_iterative_process_for_canonical_form(form)
data = [[1.0, 40.0], [30.5, 31.0, 2.0]]


# By hand: the server adds up what clients give, and securely how many gave something.
@tff.tf_computation
def start():
  return tf.constant(0)


@tff.tf_computation(tf.int32)
def threshold(total):
  return total + 10


@tff.tf_computation(tff.SequenceType(tf.int32), tf.int32)
def sum_of(values, limit):
  total = values.reduce(0, lambda a, b: a + b)
  return total, tf.cast(tf.greater(total, limit), tf.int32)


@tff.tf_computation
def none_yet():
  return tf.constant(0)


@tff.tf_computation(tf.int32, tf.int32)
def plus(a, b):
  return a + b


@tff.tf_computation(tf.int32)
def as_reported(total):
  return total


@tff.tf_computation
def bits():
  return tf.constant(8)


@tff.tf_computation(tf.int32, (tf.int32, tf.int32))
def keep(total, sums):
  return total + sums[0], sums[1]


pieces = [start, threshold, sum_of, none_yet, plus, plus, as_reported, bits, keep]
by_hand = tff.backends.mapreduce.CanonicalForm(
    *pieces, server_state_label='total', client_data_label='values')
summing = tff.backends.mapreduce.get_iterative_process_for_canonical_form(by_hand)
taken_apart = tff.backends.mapreduce.get_canonical_form_for_iterative_process(summing)
put_together = tff.backends.mapreduce.get_iterative_process_for_canonical_form(taken_apart)
updates = [by_hand.work(values, by_hand.prepare(0)) for values in ([1, 2], [10, 20])]
summed = [[int(update[0]), int(update[1])] for update in updates]
state, above = by_hand.update(5, (33, 1))

summary = []
by_hand.summary(print_fn=summary.append)

blocks = tff.backends.mapreduce.check_iterative_process_compatible_with_canonical_form(process)

no_state = tff.templates.IterativeProcess(
    tff.federated_computation(lambda: tff.federated_value(1.0, tff.SERVER)),
    tff.federated_computation(
        lambda state: state, tff.FederatedType(tf.float32, tff.SERVER)))

errors = []
for call in (
    lambda: tff.backends.mapreduce.CanonicalForm(*pieces, server_state_label=3),
    lambda: tff.backends.mapreduce.get_canonical_form_for_iterative_process(process, 3),
    lambda: tff.backends.mapreduce.get_canonical_form_for_iterative_process(no_state),
    lambda: tff.backends.mapreduce.check_iterative_process_compatible_with_canonical_form(
        no_state),
    lambda: tff.backends.mapreduce.CanonicalForm(*(pieces[:6] + [plus] + pieces[7:])),
    lambda: tff.backends.mapreduce.CanonicalForm(*([initialize] + pieces[1:])),
    lambda: tff.backends.mapreduce.CanonicalForm(*(pieces[:-1] + [plus])),
    lambda: tff.backends.mapreduce.get_canonical_form_for_iterative_process(3),
    lambda: tff.backends.mapreduce.get_iterative_process_for_canonical_form(process)):
  try:
    call()
    errors.append(None)
  except Exception as e:  # pylint: disable=broad-except
    errors.append(type(e).__name__)

print(json.dumps({
    'types': [
        str(form.initialize.type_signature), str(form.work.type_signature.parameter[0]),
        str(again.initialize.type_signature), str(again.next.type_signature)],
    'before': run(process, data),
    'pieces': map_and_reduce(form, data),
    'labels': [
        each for f in (form, by_hand, taken_apart)
        for each in (f.server_state_label, f.client_data_label, f.securely_aggregates_tensors)],
    'blocks': [str(each.type_signature) for each in blocks],
    'summary': summary,
    'processes': [str(each.next.type_signature) for each in (summing, put_together)],
    'bitwidth': int(by_hand.bitwidth()),
    'summed': summed,
    'updated': [int(state), int(above)],
    'errors': errors,
}))
