"""Types of 0.15 are asked for their kind, with names that no later release had."""
import collections
import json

import tensorflow as tf
import tensorflow_federated as tff

TYPES = [
    tff.TensorType(tf.float32, [None, 2]),
    tff.SequenceType(tf.int32),
    tff.FederatedType(tf.int32, tff.CLIENTS),
    tff.FunctionType(None, tf.int32),
    tff.NamedTupleType([('x', tf.int32), tf.bool], convert=True),
    tff.to_type(collections.OrderedDict([('x', tf.int32), ('y', [tf.bool])])),
]
KINDS = ('tensor', 'sequence', 'federated', 'function', 'tuple', 'tuple_with_py_container',
         'abstract', 'placement')


def checked(type_spec, kind):
  try:
    getattr(type_spec, 'check_' + kind)()
    return True
  except TypeError as e:
    return type(e).__name__


print(json.dumps({
    'strings': [str(t) for t in TYPES],
    'representations': [repr(t) for t in TYPES],
    'formatted': [t.formatted_representation() for t in TYPES],
    'classes': [type(t).__name__ for t in TYPES],
    'are_types': [isinstance(t, tff.Type) for t in TYPES],
    'is': [[getattr(t, 'is_' + kind)() for kind in KINDS] for t in TYPES],
    'check': [[checked(t, kind) for kind in KINDS] for t in TYPES],
    'children': [[str(c) for c in t.children()] for t in TYPES],
    'no_struct': [hasattr(t, 'is_struct') for t in TYPES],
    'dtype': [TYPES[0].dtype == tf.float32, TYPES[0].dtype.is_floating],
    'shape': TYPES[0].shape.as_list(),
    'equal': TYPES[5] == tff.NamedTupleType([('x', tf.int32), ('y', (tf.bool,))]),
    'assignable': TYPES[0].is_assignable_from(tff.TensorType(tf.float32, [3, 2])),
    'equivalent': TYPES[0].is_equivalent_to(tff.TensorType(tf.float32, [3, 2])),
}))
