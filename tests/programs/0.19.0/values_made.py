"""Values that a program makes of constants, structures and computations, in 0.19."""
import collections
import json

import tensorflow as tf
import tensorflow_federated as tff


@tff.tf_computation(tf.int32)
def double(x):
  return x * 2


def error(function, *args):
  try:
    return str(function(*args).type_signature)
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


described = {}


@tff.federated_computation(tff.FederatedType(tf.int32, tff.CLIENTS))
def of_constants(numbers):
  ten = tff.to_value(10, tff.TensorType(tf.int32))
  pair = tff.to_value(collections.OrderedDict([('a', ten), ('b', 2.5)]), None)
  function = tff.to_value(double, None)
  hinted = tff.to_value(tff.tf_computation(lambda x: x + 1), None, parameter_type_hint=tf.int32)
  called = hinted(function(ten))
  described['types'] = [str(each.type_signature) for each in (ten, pair, called, pair.a, hinted)]
  described['same'] = tff.to_value(arg=ten, type_spec=tf.int32) is ten
  described['errors'] = [error(tff.to_value, object(), None),
                         error(tff.to_value, [ten, 1], None), error(tff.to_value, 10)]
  total = tff.federated_sum(tff.federated_map(function, numbers))
  return total, tff.federated_value(called, tff.SERVER), pair


total, called, pair = of_constants([1, 2, 3])
described['results'] = [int(total), int(called), {name: float(value) for name, value in pair.items()}]
print(json.dumps(described))
