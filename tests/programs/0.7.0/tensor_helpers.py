"""The helpers of `tensor_utils` that research code of 0.7 imports."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff
from tensorflow_federated.python.tensorflow_libs import tensor_utils

tf.compat.v1.enable_v2_behavior()


def outcome(fn, *args, **kwargs):
  try:
    return str(fn(*args, **kwargs))
  except (TypeError, ValueError) as e:
    return type(e).__name__


def zeroed(structure):
  tensors, flag = tensor_utils.zero_all_if_any_non_finite(structure)
  return [np.asarray(t).tolist() for t in tf.nest.flatten(tensors)] + [int(flag)]


weights = [tf.Variable([1.0, 2.0], name='kernel'), tf.Variable(0.5, name='layer/bias')]
by_name = tensor_utils.to_var_dict(weights)
shape = tf.TensorShape
nested = collections.OrderedDict([('a', [1, 2]), ('b', (3.0, 'four'))])


@tff.tf_computation(tff.NamedTupleType([('a', (tf.float32, [2])), ('b', tf.float32)]))
def guarded(delta):
  delta = collections.OrderedDict([('a', delta.a), ('b', delta.b)])
  delta, has_non_finite = tensor_utils.zero_all_if_any_non_finite(delta)
  return tf.reduce_sum(delta['a']) + delta['b'], has_non_finite


print(json.dumps({
    'by_name': [list(by_name), type(by_name).__name__, by_name['kernel'] is weights[0]],
    'by_name_refused': [
        outcome(tensor_utils.to_var_dict, [tf.constant(1.0)]),
        outcome(tensor_utils.to_var_dict, [weights[0], weights[0]]),
    ],
    'sorted': [
        list(tensor_utils.to_odict({'b': 1, 'a': {'d': 2, 'c': 3}}).items()),
        type(tensor_utils.to_odict({})).__name__,
        list(tensor_utils.to_odict(collections.OrderedDict([('z', 1), ('y', 2)]))),
        outcome(tensor_utils.to_odict, [('a', 1)]),
        outcome(tensor_utils.to_odict, {1: 'a'}),
    ],
    'equal': [
        outcome(tensor_utils.check_nested_equal, nested, nested),
        outcome(tensor_utils.check_nested_equal, [1, 2], [1, 3]),
        outcome(tensor_utils.check_nested_equal, [1, 2], [1, 3], lambda x, y: True),
        outcome(tensor_utils.check_nested_equal, [1, 2], [1, [3]]),
        outcome(tensor_utils.check_nested_equal, [1, 2], (1, 2)),
        outcome(tensor_utils.check_nested_equal, {'a': 1}, {'b': 1}),
    ],
    'zeroed': [
        zeroed([tf.constant([1.0, 2.0]), {'a': tf.constant(3.0)}]),
        zeroed([tf.constant([1.0, float('nan')]), {'a': tf.constant(3.0)}]),
        zeroed((tf.constant(float('inf')), tf.constant([[1.0]]))),
        zeroed([]),
    ],
    'guarded': [
        [float(x) for x in guarded([np.float32([1.0, 2.0]), 3.0])],
        [float(x) for x in guarded([np.float32([1.0, 2.0]), float('-inf')])],
    ],
    'scalar': [
        outcome(tensor_utils.is_scalar, tf.constant(1.0)),
        outcome(tensor_utils.is_scalar, tf.constant([[1]])),
        outcome(tensor_utils.is_scalar, tf.constant([1, 2])),
        outcome(tensor_utils.is_scalar, weights[1]),
        outcome(tensor_utils.is_scalar, 1.0),
    ],
    'same_shape': [
        tensor_utils.same_shape(shape([1, None]), shape([1, None])),
        tensor_utils.same_shape(shape([1, None]), shape([1, 2])),
        tensor_utils.same_shape(shape(None), shape(None)),
        tensor_utils.same_shape(shape(None), shape([])),
        tensor_utils.same_shape(shape([2]), shape([2, 1])),
    ],
}))
