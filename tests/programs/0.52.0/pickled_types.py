"""Types are handed to other processes, and copied."""
import copy
import json
import pickle

import tensorflow as tf
import tensorflow_federated as tff

TYPES = [
    tff.TensorType(tf.int32, [2, None]),
    tff.TensorType(tf.string),
    tff.SequenceType(tf.float32),
    tff.FederatedType(tf.int64, tff.SERVER),
    tff.FederatedType(tff.SequenceType(tf.bool), tff.CLIENTS),
    tff.FunctionType(tf.int32, tff.TensorType(tf.float32, [3])),
    tff.tf_computation(lambda x: x + 1, tf.int32).type_signature,
]


def again(make):
  made = [make(type_spec) for type_spec in TYPES]
  return [[str(each), type(each).__name__, each == given]
          for each, given in zip(made, TYPES)]


print(json.dumps({
    'pickled': [again(lambda t, p=protocol: pickle.loads(pickle.dumps(t, p)))
                for protocol in (2, pickle.HIGHEST_PROTOCOL)],
    'copied': again(copy.copy),
    'deeply': again(copy.deepcopy),
    'dtype': str(pickle.loads(pickle.dumps(TYPES[0])).dtype),
    'shape': str(pickle.loads(pickle.dumps(TYPES[0])).shape),
    'placement': pickle.loads(pickle.dumps(TYPES[3])).placement == tff.SERVER,
}))
