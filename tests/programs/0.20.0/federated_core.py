"""The core language of 0.20: execution contexts, results, TF functions, lambdas."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

tff.backends.native.set_local_python_execution_context()


@tff.tf_computation(tf.int32)
@tf.function
def collatz(x):
  return tf.cond(tf.equal(x % 2, 0), lambda: x // 2, lambda: 3 * x + 1)


@tff.federated_computation(tff.type_at_clients(tf.int32))
def step(values):
  stepped = tff.federated_map(collatz, values)
  return collections.OrderedDict(
      total=tff.federated_sum(stepped),
      mean=tff.federated_mean(tff.federated_map(tff.tf_computation(
          lambda x: tf.cast(x, tf.float32)), stepped)))


@tff.federated_computation(tff.type_at_server(tf.float32), tff.type_at_clients((tf.float32, tf.int32)))
def scale_all(scale, pairs):
  scaled = tff.federated_map(
      tff.tf_computation(lambda pair, scale: (pair[0] * scale, pair[1])),
      (pairs, tff.federated_broadcast(scale)))
  return scaled, tff.federated_value(3, tff.SERVER)


@tff.tf_computation(tff.SequenceType(tf.float32))
def longest_run(values):
  def scan(state, x):
    run, longest, last = state
    run = tf.where(x > last, run + 1, 1)
    return run, tf.maximum(run, longest), x
  return values.reduce((0, 0, -1e9), scan)[1]


@tff.tf_computation
def polymorphic(a, b):
  return a + b


totals = step([6, 7, 1])
scaled, three = scale_all(2.0, [(1.0, 1), (2.5, 2)])
print(json.dumps({
    'types': [
        str(collatz.type_signature),
        str(step.type_signature),
        str(scale_all.type_signature),
        str(longest_run.type_signature),
        str(tff.type_at_clients((tf.float32, tf.int32))),
        str(tff.StructType([('a', tf.int32), tff.StructType([tf.bool])])),
        str(tff.to_type(collections.OrderedDict(b=tf.int32, a=(tf.string, [None])))),
    ],
    'totals': {name: float(value) for name, value in totals.items()},
    'scaled': [[float(a), int(b)] for a, b in scaled],
    'three': int(three),
    'containers': [type(totals).__name__, type(scaled).__name__, type(scaled[0]).__name__],
    'longest_run': int(longest_run([1.0, 2.0, 3.0, 0.0, 5.0])),
    'polymorphic': [int(polymorphic(1, 2)), float(polymorphic(1.5, 2.0)),
                    polymorphic(np.array([1, 2], np.int32), np.array([3, 4], np.int32)).tolist()],
}))
