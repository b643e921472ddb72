"""Computations of 0.18 compiled for the native runtime."""
import json

import tensorflow as tf
import tensorflow_federated as tff


@tff.tf_computation(tf.int32)
def add_one(x):
  return x + 1


@tff.federated_computation(tf.int32)
def add_three(x):
  return add_one(add_one(add_one(x)))


@tff.federated_computation(tf.int32, tf.int32)
def both(x, y):
  return add_one(x), add_one(y)


@tff.federated_computation(tff.FederatedType(tf.int32, tff.CLIENTS))
def total(values):
  return tff.federated_sum(tff.federated_map(add_three, values))


computations = [add_one, add_three, both, total]
compiled = [
    tff.backends.native.transform_mathematical_functions_to_tensorflow(each)
    for each in computations]
native = tff.backends.native.transform_to_native_form(total)
print(json.dumps({
    'types': [str(each.type_signature) for each in compiled],
    'blocks': [type(each.to_building_block()).__name__ for each in compiled[:3]],
    'values': [int(compiled[0](1)), int(compiled[1](1)), [int(x) for x in compiled[2](1, 2)],
               int(compiled[3]([1, 2])), int(native([1, 2]))],
}))
