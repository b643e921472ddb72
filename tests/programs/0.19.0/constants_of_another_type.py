"""Constants that are not of the type that they are given, in 0.19."""

import json

import tensorflow as tf
import tensorflow_federated as tff

GIVEN = [('a', tf.int32), (1, tf.int32), (1, tf.float32), (1.5, tf.int32), (True, tf.int32),
         ([1, 2], [tf.int32, tf.float32])]


def told(value, spec):
  try:
    return str(tff.to_value(value, tff.to_type(spec)).type_signature)
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


found = []


@tff.federated_computation
def traced():
  found.extend(told(value, spec) for value, spec in GIVEN)
  return tff.federated_value(len(found), tff.SERVER)


print(json.dumps({'found': found, 'type': str(traced.type_signature)}))
