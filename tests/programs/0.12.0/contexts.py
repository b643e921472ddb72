"""The default context of 0.12: set, and set back to that of the import."""
import json

import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()


@tff.federated_computation(tff.FederatedType(tf.int32, tff.CLIENTS))
def total(x):
  return tff.federated_sum(x)


@tff.tf_computation(tf.int32)
def add_one(x):
  return x + 1


class Recording(tff.framework.Context):
  """A user's context, which runs nothing."""

  def __init__(self):
    self.invoked = []

  def ingest(self, val, type_spec):
    return [str(type_spec), val]

  def invoke(self, comp, arg):
    self.invoked.append(str(comp.type_signature))
    return len(self.invoked)


def error(function, *args):
  try:
    function(*args)
    return 'set'
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


output = {'as imported': [int(total([1, 2, 3])), int(add_one(1))]}
tff.framework.set_default_context(tff.framework.ReferenceExecutor())
output['reference'] = [int(total([1, 2, 3])), int(add_one(1))]
recording = Recording()
tff.framework.set_default_context(recording)
output['recording'] = [total([4, 5]), add_one(6), recording.invoked]
tff.framework.set_default_context()
output['set back'] = [int(total([1, 2, 3])), int(add_one(1)), len(recording.invoked)]
tff.framework.set_default_context(ctx=None)
output['again'] = [int(total([1]))]
output['errors'] = [error(tff.framework.set_default_context, 3)]
print(json.dumps(output))
