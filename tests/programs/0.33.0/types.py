"""Types of 0.33: made of TensorFlow's specs, inferred from values, taken apart, asked for kinds."""
import collections
import json

import attr
import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


@attr.s(auto_attribs=True)
class Sample:
  features: object
  label: object


SAMPLE_TYPE = tff.to_type(Sample(tf.TensorSpec([None, 3], tf.float32), (tf.string, [2])))
TYPES = [
    SAMPLE_TYPE,
    tff.to_type(tf.RaggedTensorSpec([2, None], tf.int32)),
    tff.to_type(tf.SparseTensorSpec([4, 3], tf.float32)),
    tff.TensorType(np.float32, None),
    tff.TensorType(tf.int64, tf.TensorShape(None)),
    tff.types.AbstractType('T'),
    tff.types.PlacementType(),
    tff.StructWithPythonType([tf.int32, tf.bool], tuple),
    tff.StructType([('a', tf.int32), tf.bool]),
    tff.SequenceType(collections.OrderedDict(x=tf.int32)),
    tff.type_at_clients(SAMPLE_TYPE, all_equal=True),
    tff.FunctionType(SAMPLE_TYPE, [tf.int32]),
]
KINDS = ('tensor', 'sequence', 'federated', 'function', 'struct', 'struct_with_python', 'abstract',
         'placement')


def error(call):
  try:
    call()
    return 'none'
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


VALUES = [
    3, 2**40, 1.5, True, 'text', np.zeros([2, 3], np.float32), tf.constant([1, 2]),
    {'b': 1, 'a': [2.0]}, (1, 2.5), Sample(1, 'a'), tf.data.Dataset.range(3).batch(2),
    tff.structure.Struct([('a', 1), (None, 2.0)]), tf.ragged.constant([[1], [2, 3]])
]

print(json.dumps({
    'strings': [str(t) for t in TYPES],
    'representations': [repr(t) for t in TYPES],
    'formatted': tff.type_at_clients(SAMPLE_TYPE).formatted_representation(),
    'is': [[getattr(t, 'is_' + kind)() for kind in KINDS] for t in TYPES],
    'check': [[error(getattr(t, 'check_' + kind)) for kind in KINDS] for t in TYPES],
    'dtypes': [SAMPLE_TYPE.features.dtype is tf.float32, SAMPLE_TYPE.label.dtype is tf.string],
    'shapes': [SAMPLE_TYPE.features.shape.as_list(), SAMPLE_TYPE['label'].shape.num_elements(),
               TYPES[3].shape.rank, TYPES[4].shape.rank],
    'zeros': tf.zeros(SAMPLE_TYPE.label.shape, SAMPLE_TYPE.features.dtype).numpy().tolist(),
    'inferred': [str(tff.types.infer_unplaced_type(v)) for v in VALUES],
    'containers': [
        t.python_container.__name__ if t.is_struct_with_python() else None
        for t in map(tff.types.infer_unplaced_type, VALUES)
    ],
    'inferred_none': tff.types.infer_unplaced_type(None),
    'too_large': error(lambda: tff.types.infer_unplaced_type(2**70)),
    'contains': [tff.types.contains(SAMPLE_TYPE, lambda t: t.is_tensor() and t.dtype.is_floating),
                 tff.types.count(SAMPLE_TYPE, lambda t: t.is_tensor())],
    'floats': [tff.types.is_structure_of_floats(SAMPLE_TYPE),
               tff.types.is_structure_of_tensors(SAMPLE_TYPE)],
    'errors': [error(lambda: tff.to_type({'a': tf.int32})), error(lambda: tff.to_type(float)),
               error(lambda: tff.FederatedType(tf.int32, 'clients')),
               error(lambda: tff.TensorType('int32')),
               error(lambda: SAMPLE_TYPE.check_assignable_from(TYPES[7])),
               error(lambda: TYPES[5].is_assignable_from(TYPES[5]))],
    'equal': [tff.to_type([tf.int32]) == tff.to_type((tf.int32,)),
              tff.to_type([tf.int32]).is_equivalent_to(tff.to_type((tf.int32,))),
              TYPES[3] == tff.TensorType(tf.float32, [])],
}))
