"""A measured process of one's own, alone and inside of a computation, in 0.14."""
import collections
import json

import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()


@tff.federated_computation
def initialize():
  return tff.federated_value(1.5, tff.SERVER)


@tff.tf_computation(tf.float32, tf.float32)
def multiply(x, y):
  return x * y


@tff.tf_computation(tf.float32)
def describe(x):
  return collections.OrderedDict(half=x / 2.0, is_large=x > 10.0)


@tff.federated_computation(
    tff.FederatedType(tf.float32, tff.SERVER),
    tff.FederatedType(tf.float32, tff.CLIENTS))
def next_fn(state, values):
  total = tff.federated_sum(values)
  new_state = tff.federated_map(multiply, (state, total))
  return collections.OrderedDict(
      state=new_state,
      result=total,
      measurements=tff.federated_map(describe, new_state))


process = tff.templates.MeasuredProcess(initialize, next_fn)


@tff.federated_computation(tff.FederatedType(tf.float32, tff.CLIENTS))
def two_rounds(values):
  output = process.next(process.initialize(), values)
  output = process.next(output.state, values)
  return output.state, output.measurements


state = process.initialize()
outputs = []
for _ in range(2):
  output = process.next(state, [1.0, 2.0])
  state = output['state']
  outputs.append([float(output['state']), float(output['result'])])

errors = []
for wrong in [next_fn, initialize, multiply]:
  try:
    tff.templates.MeasuredProcess(wrong, next_fn)
    errors.append(None)
  except Exception as e:  # pylint: disable=broad-except
    errors.append(isinstance(e, TypeError))

last_state, measured = two_rounds([1.0, 2.0])
print(json.dumps({
    'next': str(process.next.type_signature),
    'containers': [type(output).__name__, type(output['measurements']).__name__],
    'outputs': outputs,
    'half': float(output['measurements'].half
                  if hasattr(output['measurements'], 'half')
                  else output['measurements']['half']),
    'two rounds': [str(two_rounds.type_signature), float(last_state)],
    'errors': errors,
}))
