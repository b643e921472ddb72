"""MapReduce forms of 0.48 and the computation that gives the state before the first round."""
import collections
import json

import tensorflow as tf
import tensorflow_federated as tff


@tff.tf_computation
def initial_state():
  return collections.OrderedDict(rounds=0, limit=30.0)


@tff.federated_computation
def initialize():
  return tff.federated_eval(initial_state, tff.SERVER)


@tff.federated_computation
def at_clients():
  return tff.federated_eval(initial_state, tff.CLIENTS)


@tff.tf_computation(initial_state.type_signature.result, tf.float32)
def next_state(state, found):
  return collections.OrderedDict(rounds=state['rounds'] + 1, limit=state['limit'] + found)


@tff.federated_computation(
    tff.type_at_server(initial_state.type_signature.result), tff.type_at_clients(tf.float32))
def round_fn(state, readings):
  found = tff.federated_sum(readings)
  return tff.federated_map(next_state, (state, found)), found


make_state = tff.backends.mapreduce.get_state_initialization_computation_for_map_reduce_form(
    initialize)
form = tff.backends.mapreduce.get_map_reduce_form_for_computation(round_fn)
state = make_state()
context = form.prepare(state)
accumulator = form.zero()
for reading in (1.0, 2.5):
  accumulator = form.accumulate(accumulator, form.work(reading, context)[0])
state, found = form.update(state, (form.report(accumulator), (), (), ()))

errors = []
for comp in (at_clients, round_fn, initial_state):
  try:
    tff.backends.mapreduce.get_state_initialization_computation_for_map_reduce_form(comp)
    errors.append(None)
  except Exception as e:  # pylint: disable=broad-except
    errors.append(type(e).__name__)

print(json.dumps({
    'types': [str(make_state.type_signature), str(form.type_signature)],
    'state': [int(state['rounds']), float(state['limit'])],
    'found': float(found),
    'errors': errors,
}))
