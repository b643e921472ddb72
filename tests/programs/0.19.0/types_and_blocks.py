"""The public types module as it began, computations as building blocks, selecting from the server."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

POINT_TYPE = tff.StructWithPythonType([('x', tf.int32), ('y', (tf.float32, [2]))],
                                      collections.OrderedDict)
PAIR_TYPE = tff.StructType([tf.int32, ('b', tf.string)])


@tff.tf_computation(tff.SequenceType(tf.int32), tf.int32)
def larger_count(values, bound):
  return values.reduce(0, lambda n, x: n + tf.cast(x > bound, tf.int32))


@tff.tf_computation(tf.string, tf.int32)
def letter(text, index):
  return tf.strings.substr(text, index, 1)


@tff.federated_computation(
    tff.type_at_clients(tff.TensorType(tf.int32, [2])), tff.type_at_server(tf.string))
def letters(keys, text):
  max_key = tff.federated_value(4, tff.SERVER)
  return tff.federated_select(keys, max_key, text, letter)


@tff.federated_computation(tff.type_at_server(tf.int32), tff.type_at_clients(POINT_TYPE))
def field_mean(offset, points):
  both = tff.federated_broadcast(offset)
  as_float = tff.tf_computation(lambda x: tf.cast(x, tf.float32), tf.int32)
  return tff.federated_mean(tff.federated_map(as_float, points.x), tff.federated_map(as_float, both))


@tff.check_returns_type(tf.int32)
def three():
  return tf.constant(3)


def error(call):
  try:
    call()
    return 'none'
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


class Sum(object):

  def __init__(self):
    self.total = 0

  def __call__(self, type_spec):
    self.total += type_spec.shape.num_elements()
    return self.total


print(json.dumps({
    'types': [str(c.type_signature) for c in (larger_count, letters, field_mean)],
    'strings': [str(t) for t in (POINT_TYPE, PAIR_TYPE, tff.types.AbstractType('T'),
                                 tff.types.PlacementType(), tff.types.at_clients(tf.bool, True),
                                 tff.types.at_server([tf.bool]), tff.types.to_type(spec=tf.bool),
                                 tff.types.TensorType(tf.int32, tf.TensorShape([None, 3])),
                                 tff.types.StructType([('a', tf.int32)]),
                                 tff.types.FunctionType(None, tf.int32),
                                 tff.types.SequenceType(tf.TensorSpec([2], tf.float32)),
                                 tff.types.FederatedType(tf.int32, tff.CLIENTS))],
    'representations': [repr(t) for t in (POINT_TYPE, PAIR_TYPE, tff.types.AbstractType('T'))],
    'containers': [
        tff.StructWithPythonType.get_container_type(POINT_TYPE).__name__,
        tff.types.StructWithPythonType.get_container_type(POINT_TYPE).__name__
    ],
    'kinds': [
        [t.is_struct(), t.is_struct_with_python(), t.is_tensor(), t.is_abstract()]
        for t in (POINT_TYPE, PAIR_TYPE, tff.types.AbstractType('T'))
    ],
    'label': tff.types.AbstractType('T').label,
    'abstract': error(
        lambda: tff.types.AbstractType('T').is_assignable_from(_source_type=PAIR_TYPE)),
    'are_types': [isinstance(POINT_TYPE, tff.Type), isinstance(PAIR_TYPE, tff.types.Type),
                  isinstance(POINT_TYPE, tff.StructType), isinstance(PAIR_TYPE, tff.types.StructWithPythonType)],
    'unchecked': error(lambda: POINT_TYPE.check_tensor()),
    'checked': error(lambda: POINT_TYPE.check_function()),
    'tree': tff.structure_from_tensor_type_tree(lambda t: t.shape.as_list(), POINT_TYPE),
    'sums': list(tff.structure_from_tensor_type_tree(Sum(), [(tf.int32, [2, 3]), tf.bool])),
    'from_tensors': str(tff.types.type_from_tensors([tf.constant(1.5), tf.constant(['a'])])),
    'deserialized': repr(tff.types.deserialize_type(tff.types.serialize_type(PAIR_TYPE))),
    'line': tff.types.MAX_LINE_LEN,
    'block': str(larger_count.to_building_block().type_signature),
    'is_computation': [isinstance(letters, tff.Computation), isinstance(letters, tff.TypedObject)],
    'larger_count': int(larger_count([1, 5, 9], 4)),
    'field_mean': float(field_mean(2, [
        collections.OrderedDict([('x', i), ('y', np.zeros([2], np.float32))]) for i in (1, 4)
    ])),
    'three': int(tff.tf_computation(three)()),
    'not_three': error(lambda: tff.tf_computation(tff.check_returns_type(three, tf.float32))),
}))
