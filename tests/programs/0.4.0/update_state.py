"""`tff.utils.update_state` takes named tuples only in 0.4."""
from __future__ import absolute_import
from __future__ import division
from __future__ import print_function

import collections
import json

import tensorflow as tf
import tensorflow_federated as tff

State = collections.namedtuple('State', ['total', 'num_rounds'])


@tff.tf_computation
def initialize():
  return State(tf.constant(0.5), tf.constant(0))


@tff.tf_computation(initialize.type_signature.result)
def next_fn(state):
  state = State(state.total, state.num_rounds)
  return tff.utils.update_state(
      state, total=2.0 * state.total, num_rounds=state.num_rounds + 1)


errors = []
for state, fields in [({'total': 1}, {'total': 2}), ((1, 2), {'total': 2}),
                      (State(1, 2), {'loss': 2})]:
  try:
    tff.utils.update_state(state, **fields)
    errors.append(None)
  except Exception as e:  # pylint: disable=broad-except
    errors.append(type(e).__name__)

state = initialize()
for _ in range(3):
  state = next_fn(state)
print(json.dumps({
    'next': str(next_fn.type_signature),
    'state': [float(state.total), int(state.num_rounds)],
    'errors': errors,
}))
