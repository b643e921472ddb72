"""`tff.utils` of 0.9: encoded aggregation and broadcast, a privacy query of one's own, tensors."""
from __future__ import absolute_import
from __future__ import division
from __future__ import print_function

import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff
from tensorflow_model_optimization.python.core.internal import tensor_encoding as te

tf.compat.v1.enable_v2_behavior()

VALUES = [tf.constant([0.0, 0.0]), tf.constant(0.0)]
VALUE_TYPE = tff.to_type([(tf.float32, [2]), tf.float32])
CLIENTS = [[np.float32([1, 2]), 3.0], [np.float32([-1, 0]), 5.0]]


def encoders_of(make, encoder):
  return tf.nest.map_structure(
      lambda v: make(encoder, tf.TensorSpec(v.shape, v.dtype)), VALUES)


IDENTITY = te.encoders.identity()
gather = encoders_of(te.encoders.as_gather_encoder, IDENTITY)
simple = encoders_of(te.encoders.as_simple_encoder, IDENTITY)


def aggregated(aggregate_fn, value_type, clients, weights=None):

  @tff.tf_computation
  def initialize():
    return aggregate_fn.initialize()

  types = [
      tff.FederatedType(initialize.type_signature.result, tff.SERVER, True),
      tff.FederatedType(value_type, tff.CLIENTS)
  ]
  if weights is None:
    aggregate = tff.federated_computation(
        lambda state, value: aggregate_fn(state, value), types)
    state, result = aggregate(initialize(), clients)
  else:
    types.append(tff.FederatedType(tf.float32, tff.CLIENTS))
    aggregate = tff.federated_computation(
        lambda state, value, weight: aggregate_fn(state, value, weight), types)
    state, result = aggregate(initialize(), clients, weights)
  return aggregate, state, result


def flat(result):
  return [np.ravel(value).tolist() for value in result]


class SumQuery(object):
  """A sum of clipped records, with the methods of a DPQuery."""

  def initial_global_state(self):
    return collections.OrderedDict(clip=tf.constant(4.0))

  def derive_sample_params(self, global_state):
    return global_state['clip']

  def initial_sample_state(self, template):
    return tf.nest.map_structure(
        lambda spec: tf.zeros(spec.shape, spec.dtype), template)

  def preprocess_record(self, params, record):
    clipped, _ = tf.clip_by_global_norm(tf.nest.flatten(record), params)
    return tf.nest.pack_sequence_as(record, clipped)

  def accumulate_preprocessed_record(self, sample_state, record):
    return tf.nest.map_structure(tf.add, sample_state, record)

  def merge_sample_states(self, left, right):
    return tf.nest.map_structure(tf.add, left, right)

  def get_noised_result(self, sample_state, global_state):
    return sample_state, collections.OrderedDict(
        clip=global_state['clip'] / 2.0)


RECORD_TYPE = tff.to_type(
    [('a', (tf.float32, [2])), ('b', tf.float32)])
RECORDS = [
    collections.OrderedDict([('a', np.float32([3, 0])), ('b', np.float32(4))]),
    collections.OrderedDict([('a', np.float32([0, 1])), ('b', np.float32(0))]),
]

encoded_sum, _, sums = aggregated(
    tff.utils.build_encoded_sum(VALUES, gather), VALUE_TYPE, CLIENTS)
encoded_mean, _, means = aggregated(
    tff.utils.build_encoded_mean(VALUES, gather), VALUE_TYPE, CLIENTS,
    [1.0, 3.0])
dp_aggregate_fn, dp_state_type = tff.utils.build_dp_aggregate(SumQuery())
dp_sum, dp_state, dp_result = aggregated(dp_aggregate_fn, RECORD_TYPE, RECORDS)
own_fn, _ = tff.utils.build_dp_aggregate(
    SumQuery(),
    value_type_fn=lambda value: value.type_signature.member[0],
    from_anon_tuple_fn=lambda record: record.a)
own_sum, _, own_result = aggregated(own_fn, RECORD_TYPE, RECORDS)
broadcast_fn = tff.utils.build_encoded_broadcast(VALUES, simple)
broadcast_state_type = tff.tf_computation(
    lambda: broadcast_fn.initialize()).type_signature.result


@tff.federated_computation(
    tff.FederatedType(broadcast_state_type, tff.SERVER, True),
    tff.FederatedType(VALUE_TYPE, tff.SERVER, True),
    tff.FederatedType(tf.int32, tff.CLIENTS))
def broadcast(state, value, numbers):
  _, received = broadcast_fn(state, value)
  return tff.federated_mean(received), tff.federated_sum(numbers)


received, _ = broadcast(
    tff.tf_computation(lambda: broadcast_fn.initialize())(), CLIENTS[0], [1, 2])

try:
  tff.utils.build_encoded_sum(VALUES[:1], gather)
  error = None
except Exception as e:  # pylint: disable=broad-except
  error = type(e).__name__


@tff.tf_computation(tf.int32)
def with_variable(x):
  variable = tff.utils.create_variables('v', tf.int32)
  with tf.control_dependencies([tff.utils.assign(variable, x)]):
    return tff.utils.identity(variable)


print(json.dumps({
    'types': [
        str(each.type_signature) for each in
        [encoded_sum, encoded_mean, dp_sum, own_sum, broadcast, with_variable]
    ],
    'encoded sum': flat(sums),
    'encoded mean': flat(means),
    'different structures': error,
    'broadcast': flat(received),
    'private sum': {
        'state type': str(dp_state_type),
        'clip': float(dp_state.clip),
        'result': flat([dp_result.a, dp_result.b]),
        'own types': np.ravel(own_result).tolist(),
    },
    'variable': int(with_variable(7)),
}))
