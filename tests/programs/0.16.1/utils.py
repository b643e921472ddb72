"""What `tff.utils` of 0.16 has beside its stateful functions: encoding, privacy, zeroing, tensors."""
import collections
import json

import attr
import numpy as np
import tensorflow as tf
import tensorflow_federated as tff
from tensorflow_model_optimization.python.core.internal import tensor_encoding as te

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
  return [np.ravel(v).tolist() for v in tf.nest.flatten(value)]


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
quantizing = encoders_of(
    te.encoders.as_gather_encoder,
    te.core.EncoderComposer(
        te.testing.PlusOneOverNEncodingStage()).add_parent(
            te.testing.TimesTwoEncodingStage(),
            te.testing.TimesTwoEncodingStage.ENCODED_VALUES_KEY).make())


def run_process(process, *arguments):
  state = process.initialize()
  output = None
  for _ in range(2):
    output = process.next(state, *arguments)
    state = output['state']
  return {
      'initialize': str(process.initialize.type_signature),
      'next': str(process.next.type_signature),
      'container': type(output).__name__,
      'state': flat(state),
      'result': flat(output['result']),
      'measurements': [float(v) for v in tf.nest.flatten(output['measurements'])],
  }


def run_aggregate(aggregate_fn, weighted=False):

  @tff.tf_computation
  def initialize():
    return aggregate_fn.initialize()

  state_type = tff.FederatedType(initialize.type_signature.result, tff.SERVER)
  value_type = tff.FederatedType(VALUE_TYPE, tff.CLIENTS)

  if weighted:

    @tff.federated_computation(
        state_type, value_type, tff.FederatedType(tf.float32, tff.CLIENTS))
    def aggregate(state, value, weight):
      return aggregate_fn(state, value, weight)

    arguments = [CLIENTS, [1.0, 2.0, 1.0]]
  else:

    @tff.federated_computation(state_type, value_type)
    def aggregate(state, value):
      return aggregate_fn(state, value)

    arguments = [CLIENTS]
  state = initialize()
  for _ in range(2):
    state, result = aggregate(state, *arguments)
  return {
      'type': str(aggregate.type_signature),
      'state': flat(state),
      'result': flat(result),
  }


def run_broadcast(state, state_type, broadcast_fn):

  @tff.federated_computation(
      tff.FederatedType(state_type, tff.SERVER),
      tff.FederatedType(VALUE_TYPE, tff.SERVER),
      tff.FederatedType(tf.int32, tff.CLIENTS))
  def broadcast(state, value, numbers):
    new_state, received = broadcast_fn(state, value)
    return new_state, tff.federated_mean(received), tff.federated_sum(numbers)

  _, received, _ = broadcast(state, VALUES, [1, 2])
  return {'type': str(broadcast.type_signature), 'received': flat(received)}


def run_broadcast_fn(broadcast_fn):

  @tff.tf_computation
  def initialize():
    return broadcast_fn.initialize()

  return run_broadcast(
      initialize(), initialize.type_signature.result, broadcast_fn)


def run_broadcast_process(process):

  def broadcast_fn(state, value):
    output = process.next(state, value)
    return output.state, output.result

  found = run_broadcast(
      process.initialize(), process.initialize.type_signature.result.member,
      broadcast_fn)
  return dict(found, next=str(process.next.type_signature))


def dp(adaptive, **kwargs):
  if adaptive:
    kwargs.update(
        adaptive_clip_learning_rate=0.5,
        target_unclipped_quantile=0.9,
        clipped_count_budget_allocation=0.1,
        expected_num_clients=3)
  query = tff.utils.build_dp_query(6.0, 0.0, 2.0, **kwargs)
  aggregate_fn, state_type = tff.utils.build_dp_aggregate(query)
  return dict(run_aggregate(aggregate_fn), state_type=str(state_type))


class Model(object):
  """Has what a query looks at in a model."""

  @property
  def weights(self):
    return collections.namedtuple('Weights', ['trainable'])(
        collections.OrderedDict(
            a=tf.Variable([0.0, 0.0]), b=tf.Variable([[0.0]])))


@tff.federated_computation(tff.FederatedType(VALUE_TYPE, tff.CLIENTS))
def sample(value):
  return tff.utils.federated_sample(value, max_num_samples=5)


@tff.federated_computation(tff.FederatedType(tf.int32, tff.CLIENTS))
def sample_numbers(value):
  return tff.utils.federated_sample(value, 2)


@tff.tf_computation(tf.float32)
def with_variables(x):
  variables = tff.utils.create_variables('v', [('a', tf.float32), ('b', (tf.int32, [2]))])
  assigned = tff.utils.assign(
      variables.a, x), tf.group(variables.b.assign([3, 4]))
  with tf.control_dependencies(assigned):
    return tff.utils.identity(
        collections.OrderedDict(a=variables.a, b=variables.b))


@attr.s
class Inner(object):
  x = attr.ib()


@attr.s
class State(object):
  inner = attr.ib()
  count = attr.ib()


Pair = collections.namedtuple('Pair', ['a', 'b'])
updated = tff.utils.update_state(State(Inner(1), 2), count=3)
mapping = {'a': 1}

samples = sample(CLIENTS)
print(json.dumps({
    'encoded sum': run_aggregate(tff.utils.build_encoded_sum(VALUES, gather)),
    'quantized sum': run_aggregate(
        tff.utils.build_encoded_sum(VALUES, quantizing)),
    'encoded mean': run_aggregate(
        tff.utils.build_encoded_mean(VALUES, gather), weighted=True),
    'encoded broadcast': run_broadcast_fn(
        tff.utils.build_encoded_broadcast(VALUES, simple)),
    'sum process': run_process(
        tff.utils.build_encoded_sum_process(VALUE_TYPE, gather), CLIENTS),
    'quantized sum process': run_process(
        tff.utils.build_encoded_sum_process(VALUE_TYPE, quantizing), CLIENTS),
    'mean process': run_process(
        tff.utils.build_encoded_mean_process(VALUE_TYPE, gather), CLIENTS,
        [1.0, 2.0, 1.0]),
    'broadcast process': run_broadcast_process(
        tff.utils.build_encoded_broadcast_process(VALUE_TYPE, simple)),
    'zeroing': run_process(
        tff.utils.build_adaptive_zeroing_mean_process(
            VALUE_TYPE,
            initial_threshold=10.0,
            target_quantile=0.9,
            multiplier=2.0,
            learning_rate=0.5,
            norm_order=2), CLIENTS, [1.0, 2.0, 1.0]),
    'encoding errors': [
        error_of(tff.utils.build_encoded_sum, VALUES, simple),
        error_of(tff.utils.build_encoded_sum, VALUES, list(gather.values())),
        error_of(tff.utils.build_encoded_sum_process, VALUE_TYPE, gather['a']),
        error_of(tff.utils.build_encoded_sum_process, tff.to_type(tf.float32), gather),
        error_of(tff.utils.build_encoded_mean_process, 'float32', gather),
        error_of(tff.utils.build_encoded_broadcast,
                 collections.OrderedDict(a=VALUES['b'], b=VALUES['a']), simple),
    ],
    'fixed clip': dp(False),
    'adaptive clip': dp(True),
    'clip by vector': dp(False, per_vector_clipping=True, model=Model()),
    'adaptive by vector': dp(
        True, per_vector_clipping=True, geometric_clip_update=False,
        model=Model()),
    'additive clip': dp(True, geometric_clip_update=False),
    'privacy errors': [
        error_of(tff.utils.build_dp_query, 'clip', 1.0, 2.0),
        error_of(tff.utils.build_dp_query, 1.0, 1.0, 2.0,
                 adaptive_clip_learning_rate=0.1),
    ],
    'sample': {
        'types': [str(sample.type_signature), str(sample_numbers.type_signature)],
        'container': type(samples).__name__,
        'values': sorted(zip(samples.a.tolist(), samples.b.tolist())),
        'size': len(sample_numbers([1, 2, 3, 4])),
    },
    'variables': {
        'type': str(with_variables.type_signature),
        'values': flat(with_variables(2.5)),
    },
    'update_state': {
        'attrs': [type(updated).__name__, type(updated.inner).__name__,
                  updated.inner['x'], updated.count],
        'named tuple': list(tff.utils.update_state(Pair(1, 2), b=5)),
        'mapping': [tff.utils.update_state(mapping, a=7) is mapping, mapping],
        'errors': [
            error_of(tff.utils.update_state, [1], a=2),
            error_of(tff.utils.update_state, {'a': 1}, b=2),
            error_of(tff.utils.update_state, Pair(1, 2), c=2),
            error_of(tff.utils.update_state, State(1, 2), c=2),
        ],
    },
    'tensor errors': [
        error_of(tff.utils.create_variables, 1, tf.int32),
        error_of(tff.utils.create_variables, 'v', tff.SequenceType(tf.int32)),
        error_of(tff.utils.identity, 'text'),
    ],
}))
