"""The core API and its containers imported from inside TFF, as research code did."""

from __future__ import absolute_import, division, print_function

import collections
import json

import tensorflow as tf

tf.compat.v1.enable_v2_behavior()

from tensorflow_federated.python.common_libs import anonymous_tuple
from tensorflow_federated.python.common_libs import py_typecheck
from tensorflow_federated.python.core import api as tff
from tensorflow_federated.python.core.api import computation_types
from tensorflow_federated.python.core.api import placements
from tensorflow_federated.python.core.api.computations import tf_computation

READING = collections.OrderedDict([('sum', tf.float32), ('count', tf.int32)])
CLIENT_READINGS = computation_types.FederatedType(
    computation_types.SequenceType(tf.float32), placements.CLIENTS)


@tf_computation(tff.SequenceType(tf.float32))
def summarize(readings):
  total, count = readings.reduce(
      (tf.constant(0.0), tf.constant(0)),
      lambda state, value: (state[0] + value, state[1] + 1))
  return collections.OrderedDict([('sum', total), ('count', count)])


@tff.tf_computation(READING)
def mean_of(reading):
  return reading['sum'] / tf.cast(reading['count'], tf.float32)


@tff.federated_computation(CLIENT_READINGS)
def mean_reading(readings):
  summaries = tff.federated_map(summarize, readings)
  return tff.federated_mean(
      tff.federated_map(mean_of, summaries), tff.federated_map(
          tff.tf_computation(lambda r: tf.cast(r['count'], tf.float32), READING),
          summaries))


summary = summarize([1.0, 2.5, 4.0])
tree = anonymous_tuple.AnonymousTuple([
    ('a', 1),
    ('b', anonymous_tuple.AnonymousTuple([(None, 2), (None, 3)])),
])
doubled = anonymous_tuple.map_structure(lambda x: 2 * x, tree)
try:
  py_typecheck.check_type(3, str)
  wrong_type = None
except TypeError as error:
  wrong_type = type(error).__name__

print(json.dumps({
    'api_has_learning': hasattr(tff, 'learning'),
    'api_has_clients': hasattr(tff, 'CLIENTS'),
    'same_placement': placements.CLIENTS is tff.CLIENTS,
    'same_function': tf_computation is tff.tf_computation,
    'summarize': str(summarize.type_signature),
    'mean_reading': str(mean_reading.type_signature),
    'summary': [float(summary['sum']), int(summary['count'])],
    'mean': float(mean_reading([[1.0, 2.0], [6.0], [1.0, 1.0, 1.0]])),
    'elements': [name for name, _ in anonymous_tuple.to_elements(tree)],
    'flat': anonymous_tuple.flatten(doubled),
    'doubled': str(doubled),
    'inner': doubled.b[1],
    'packed': str(anonymous_tuple.pack_sequence_as(tree, [7, 8, 9])),
    'odict': list(anonymous_tuple.to_odict(
        anonymous_tuple.from_container({'x': 1, 'y': 2})).items()),
    'same_structure': anonymous_tuple.is_same_structure(tree, doubled),
    'is_tuple': isinstance(doubled.b, anonymous_tuple.AnonymousTuple),
    'named': py_typecheck.is_named_tuple(collections.namedtuple('P', 'x y')(1, 2)),
    'type': py_typecheck.type_string(int),
    'wrong_type': wrong_type,
}))
