"""Slices of a value of the server by secret keys, in 0.33."""
import json

import tensorflow as tf
import tensorflow_federated as tff

KEYS_TYPE = tff.TensorType(tf.int32, [2])


@tff.tf_computation(tff.TensorType(tf.float32, [4]), tf.int32)
def select(value, key):
  return value[key]


@tff.federated_computation(
    tff.type_at_clients(KEYS_TYPE), tff.type_at_server(tff.TensorType(tf.float32, [4])))
def plain(keys, value):
  max_key = tff.federated_value(4, tff.SERVER)
  return tff.federated_select(keys, max_key, value, select)


@tff.federated_computation(
    tff.type_at_clients(KEYS_TYPE), tff.type_at_server(tff.TensorType(tf.float32, [4])))
def secure(keys, value):
  max_key = tff.federated_value(4, tff.SERVER)
  return tff.federated_secure_select(keys, max_key, value, select)


slices = plain([[0, 3], [1, 1]], [0.5, 1.5, 2.5, 3.5])
print(json.dumps({
    'types': [str(plain.type_signature), str(secure.type_signature)],
    'slices': [[float(x) for x in each] for each in slices],
}))
