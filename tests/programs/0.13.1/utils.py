"""`tff.utils` of 0.13: stateful functions with encoders and privacy, samples, tensors."""
import collections
import json

import attr
import numpy as np
import tensorflow as tf
import tensorflow_federated as tff
import tensorflow_privacy
from tensorflow_model_optimization.python.core.internal import tensor_encoding as te

tf.compat.v1.enable_v2_behavior()

VALUES = collections.OrderedDict(
    a=np.array([0.5, -2.0], np.float32), b=np.array([[1.0]], np.float32))
CLIENTS = [
    collections.OrderedDict(a=np.float32([1, 2]), b=np.float32([[3]])),
    collections.OrderedDict(a=np.float32([-1, 0]), b=np.float32([[5]])),
    collections.OrderedDict(a=np.float32([40, 2]), b=np.float32([[1]])),
]
VALUE_TYPE = tff.to_type(
    collections.OrderedDict(a=(tf.float32, [2]), b=(tf.float32, [1, 1])))


def flat(value):
  """The numbers of nested structures, AnonymousTuples among them."""
  if isinstance(value, dict):
    value = list(value.values())
  if isinstance(value, (list, tuple)) or type(value).__name__ == 'AnonymousTuple':
    return [leaf for each in value for leaf in flat(each)]
  return [np.ravel(value).tolist()]


def error_of(function, *args, **kwargs):
  try:
    function(*args, **kwargs)
    return None
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


def encoders_of(make, encoder):
  return tf.nest.map_structure(
      lambda v: make(encoder, tf.TensorSpec(v.shape, tf.float32)), VALUES)


IDENTITY = te.encoders.identity()
gather = encoders_of(te.encoders.as_gather_encoder, IDENTITY)
simple = encoders_of(te.encoders.as_simple_encoder, IDENTITY)
adaptive = encoders_of(
    te.encoders.as_gather_encoder,
    te.core.EncoderComposer(
        te.testing.PlusOneOverNEncodingStage()).add_parent(
            te.testing.TimesTwoEncodingStage(),
            te.testing.TimesTwoEncodingStage.ENCODED_VALUES_KEY).make())


def run_aggregate(aggregate_fn, clients=CLIENTS, weighted=False,
                  value_type=VALUE_TYPE):

  @tff.tf_computation
  def initialize():
    return aggregate_fn.initialize()

  state_type = tff.FederatedType(initialize.type_signature.result, tff.SERVER)
  client_type = tff.FederatedType(value_type, tff.CLIENTS)

  if weighted:

    @tff.federated_computation(
        state_type, client_type, tff.FederatedType(tf.float32, tff.CLIENTS))
    def aggregate(state, value, weight):
      return aggregate_fn(state, value, weight)

    arguments = [clients, [1.0, 2.0, 1.0]]
  else:

    @tff.federated_computation(state_type, client_type)
    def aggregate(state, value):
      return aggregate_fn(state, value)

    arguments = [clients]
  state = initialize()
  for _ in range(2):
    state, result = aggregate(state, *arguments)
  return {
      'type': str(aggregate.type_signature),
      'state': flat(state),
      'result': flat(result),
      'containers': [type(state).__name__, type(result).__name__],
  }


def run_broadcast(broadcast_fn):

  @tff.tf_computation
  def initialize():
    return broadcast_fn.initialize()

  @tff.federated_computation(
      tff.FederatedType(initialize.type_signature.result, tff.SERVER),
      tff.FederatedType(VALUE_TYPE, tff.SERVER),
      tff.FederatedType(tf.int32, tff.CLIENTS))
  def broadcast(state, value, numbers):
    new_state, received = broadcast_fn(state, value)
    return new_state, tff.federated_mean(received), tff.federated_sum(numbers)

  _, received, _ = broadcast(initialize(), VALUES, [1, 2])
  return {'type': str(broadcast.type_signature), 'received': flat(received)}


def dp(adaptive_clip, **kwargs):
  if adaptive_clip:
    kwargs.update(
        adaptive_clip_learning_rate=0.5,
        target_unclipped_quantile=0.9,
        clipped_count_budget_allocation=0.1,
        expected_num_clients=3)
  query = tff.utils.build_dp_query(6.0, 0.0, 2.0, **kwargs)
  aggregate_fn, state_type = tff.utils.build_dp_aggregate(query)
  return dict(run_aggregate(aggregate_fn), state_type=str(state_type))


class ShrinkingSumQuery(tensorflow_privacy.GaussianSumQuery):
  """A sum whose clip shrinks by one in each round."""

  def get_noised_result(self, sample_state, global_state):
    new_state = self._GlobalState(
        tf.maximum(global_state.l2_norm_clip - 1, 0.0), global_state.stddev)
    return sample_state, new_state


def own_query():
  aggregate_fn, _ = tff.utils.build_dp_aggregate(
      ShrinkingSumQuery(4.0, 0.0),
      value_type_fn=lambda value: [tff.TensorType(tf.float32, [2])] * 2,
      from_tff_result_fn=lambda record: [record[0], record[1]])
  return run_aggregate(
      aggregate_fn, [[np.float32([3, 0]), np.float32([0, 4])],
                     [np.float32([1, 1]), np.float32([0, 0])]],
      value_type=tff.to_type([(tf.float32, [2]), (tf.float32, [2])]))


@tff.federated_computation(tff.FederatedType(VALUE_TYPE, tff.CLIENTS))
def sample(value):
  return tff.utils.federated_sample(value, max_num_samples=5)


@tff.tf_computation(VALUE_TYPE)
def double(value):
  return collections.OrderedDict(x=2 * value['a'], y=2 * value['b'])


@tff.federated_computation(tff.FederatedType(VALUE_TYPE, tff.CLIENTS))
def sample_of_doubles(value):
  return tff.utils.federated_sample(tff.federated_map(double, value))


@tff.tf_computation(tf.float32)
def with_variables(x):
  variables = tff.utils.create_variables(
      'v', [('a', tf.float32), ('b', [('c', tf.float32)])])
  assigned = tff.utils.assign(variables.a, x), tff.utils.assign(
      variables.b, tff.utils.identity(variables.b))
  with tf.control_dependencies(assigned):
    return tff.utils.identity(variables)


@attr.s
class State(object):
  inner = attr.ib()
  count = attr.ib()


Pair = collections.namedtuple('Pair', ['a', 'b'])
samples = sample(CLIENTS)
doubles = sample_of_doubles(CLIENTS)


def placements(value):
  errors = []
  aggregate = tff.utils.StatefulAggregateFn(
      lambda: 0, lambda state, value, weight=None: (state, value))
  for arguments in [(value, value), (1, value)]:
    try:
      aggregate(*arguments)
      errors.append(None)
    except Exception as e:  # pylint: disable=broad-except
      errors.append(type(e).__name__)
  return errors


placement_errors = []


@tff.federated_computation(tff.FederatedType(tf.int32, tff.CLIENTS))
def wrong_placements(value):
  placement_errors.extend(placements(value))
  return value


print(json.dumps({
    'encoded sum': run_aggregate(tff.utils.build_encoded_sum(VALUES, gather)),
    'adaptive sum': run_aggregate(
        tff.utils.build_encoded_sum(VALUES, adaptive)),
    'encoded mean': run_aggregate(
        tff.utils.build_encoded_mean(VALUES, gather), weighted=True),
    'encoded broadcast': run_broadcast(
        tff.utils.build_encoded_broadcast(VALUES, simple)),
    'fixed clip': dp(False),
    'adaptive clip': dp(True),
    'own query': own_query(),
    'sample': {
        'types': [str(sample.type_signature),
                  str(sample_of_doubles.type_signature)],
        'container': type(samples).__name__,
        'values': sorted(zip(samples.a.tolist(), samples.b.tolist())),
        'doubles': sorted(zip(doubles.x.tolist(), doubles.y.tolist())),
    },
    'variables': {
        'type': str(with_variables.type_signature),
        'values': flat(with_variables(2.5)),
    },
    'update_state': {
        'attrs': tff.utils.update_state(State(1, 2), count=3).count,
        'named tuple': list(tff.utils.update_state(Pair(1, 2), b=5)),
        'errors': [
            error_of(tff.utils.update_state, [1], a=2),
            error_of(tff.utils.update_state, {'a': 1}, b=2),
        ],
    },
    'placement errors': placement_errors,
    'tensor errors': [
        error_of(tff.utils.create_variables, 1, tf.int32),
        error_of(tff.utils.create_variables, 'v', tff.SequenceType(tf.int32)),
        error_of(tff.utils.identity, 'text'),
    ],
}))
