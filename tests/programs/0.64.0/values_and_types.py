"""Values and types of 0.64: added values, checked kinds, unknown ranks, inference, secure sums."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

tff.backends.test.set_sync_test_cpp_execution_context()
kinds = []


def error(call):
  try:
    call()
    return 'none'
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


@tff.federated_computation(tff.type_at_clients(tf.int32), tff.type_at_server(tf.int32))
def added(values, offset):
  total = tff.federated_sum(values)
  kinds.append(error(total.type_signature.check_federated))
  kinds.append(error(total.type_signature.check_struct))
  kinds.append(hasattr(total.type_signature, 'is_federated'))
  kinds.append(error(lambda: total + 1.5))
  return collections.OrderedDict(
      total=total + offset, modular=tff.federated_secure_modular_sum(values, 4),
      most=tff.federated_max(values), least=tff.federated_min(values), twice=values + values)


@tff.federated_computation(tff.type_at_clients(tf.int32))
def unknown(values):
  return tff.data('anything', tff.TensorType(tf.int32, [2])), values


TYPES = [
    tff.TensorType(tf.float32, None), tff.TensorType(np.float32), tff.TensorType(tf.int32, 3),
    tff.StructWithPythonType([('a', tf.int32)], dict), tff.to_type({'b': tf.int32, 'a': np.bool_}),
    tff.types.AbstractType('T'), tff.types.PlacementType(),
    tff.to_type(tf.data.DatasetSpec(tf.TensorSpec([None], tf.string))),
    tff.StructType([tf.int32, ('b', tf.bool)], convert=True),
    tff.types.at_clients(tf.int32), tff.types.at_server(tf.int32),
]
result = added([1, 2, 4], 10)
print(json.dumps({
    'types': [str(added.type_signature), str(unknown.type_signature)],
    'strings': [str(t) for t in TYPES],
    'representations': [repr(t) for t in TYPES],
    'kinds': kinds,
    'check': [[error(getattr(t, 'check_' + kind)) for kind in ('tensor', 'struct', 'abstract')]
              for t in TYPES],
    'dtype': [TYPES[0].dtype is tf.float32, TYPES[1].dtype.is_floating],
    'shapes': [TYPES[0].shape.rank, TYPES[1].shape.rank, TYPES[2].shape.as_list()],
    'inferred': [str(tff.types.infer_unplaced_type(v))
                 for v in (1, {'b': 1, 'a': 2.0}, [('x', 1)], b'text', np.float16(1.0))],
    'tree': tff.structure_from_tensor_type_tree(lambda t: t.dtype.name, {'a': tf.int32}),
    'from_tensors': str(tff.types.type_from_tensors({'a': tf.constant(1)})),
    'added': {name: np.asarray(value).tolist() for name, value in result.items()},
    'errors': [error(lambda: tff.to_type(None)), error(lambda: tff.to_type(float)),
               error(lambda: tff.FederatedType(tf.int32, 'clients'))],
}))
