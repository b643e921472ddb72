"""An aggregation with measurements of what comes in and of what comes out."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

seen = []


def client_measurement_fn(value):
  seen.append([str(value.type_signature), value.type_signature.is_federated()])
  return collections.OrderedDict(client_sum=tff.federated_sum(value))


def server_measurement_fn(value):
  seen.append([str(value.type_signature), str(value.type_signature.member.dtype)])
  return collections.OrderedDict(server_value=value)


factory = tff.aggregators.add_measurements(
    tff.aggregators.UnweightedMeanFactory(),
    client_measurement_fn=client_measurement_fn,
    server_measurement_fn=server_measurement_fn)
process = factory.create(tff.TensorType(tf.float32))
output = process.next(process.initialize(), [1.0, 2.0, 6.0])

print(json.dumps({
    'next': str(process.next.type_signature),
    'seen': seen,
    'result': float(output.result),
    'client_sum': float(output.measurements['client_sum']),
    'server_value': float(output.measurements['server_value']),
    'names': sorted(output.measurements),
}))
