"""Sums of few bits on the backend for tests, the only one that ran them in 0.19."""
import json

import tensorflow as tf
import tensorflow_federated as tff

tff.backends.test.set_test_execution_context()


@tff.federated_computation(
    tff.type_at_clients(tf.int32), tff.type_at_clients((tf.int64, tf.int64)))
def secure(counts, pairs):
  return (
      tff.federated_secure_sum(counts, 8),
      tff.federated_secure_sum(value=pairs, bitwidth=[8, 16]),
  )


sums = secure([3, 4, 5], [(1, 2), (3, 4), (5, 6)])
print(json.dumps({
    'type': str(secure.type_signature),
    'sums': [int(sums[0]), [int(x) for x in sums[1]]],
}))
