"""The helpers of `anonymous_tuple` and `py_typecheck` that research code of 0.13 imports."""
import collections
import json

import attr
import tensorflow as tf
import tensorflow_federated as tff
from tensorflow_federated.python.common_libs import anonymous_tuple
from tensorflow_federated.python.common_libs import py_typecheck

tf.compat.v1.enable_v2_behavior()


@attr.s
class Point(object):
  x = attr.ib()
  y = attr.ib()


def outcome(fn, *args, **kwargs):
  try:
    return str(fn(*args, **kwargs))
  except (TypeError, ValueError) as e:
    return type(e).__name__


nested = anonymous_tuple.AnonymousTuple([
    ('a', 1),
    ('b', anonymous_tuple.AnonymousTuple([('c', 2), ('d', 3)])),
])
unnamed = anonymous_tuple.AnonymousTuple([(None, 4), (None, 5)])

print(json.dumps({
    'elements': [[name, str(value)] for name, value in anonymous_tuple.iter_elements(nested)],
    'names': [anonymous_tuple.name_list(nested), anonymous_tuple.name_list(unnamed)],
    'containers': [
        json.dumps(anonymous_tuple.to_container_recursive(nested, collections.OrderedDict)),
        json.dumps(anonymous_tuple.to_container_recursive(unnamed, list)),
        outcome(anonymous_tuple.to_container_recursive, {'a': nested}, dict),
    ],
    'callable': [
        outcome(lambda: py_typecheck.check_callable(len) is len),
        outcome(py_typecheck.check_callable, 3, 'fn'),
    ],
    'none': [
        outcome(py_typecheck.check_none, None),
        outcome(py_typecheck.check_none, 0, 'label'),
        outcome(py_typecheck.check_not_none, 0),
        outcome(py_typecheck.check_not_none, None, label='label'),
    ],
    'subclass': [
        outcome(lambda: py_typecheck.check_subclass(bool, int) is bool),
        outcome(py_typecheck.check_subclass, int, bool),
    ],
    'len': [
        outcome(py_typecheck.check_len, [1, 2], 2),
        outcome(py_typecheck.check_len, [1, 2], length=3),
    ],
    'attrs': [
        py_typecheck.is_attrs(Point(1, 2)),
        py_typecheck.is_attrs(Point),
        py_typecheck.is_attrs(collections.OrderedDict()),
    ],
    'name_value_pair': [
        py_typecheck.is_name_value_pair(('a', 1)),
        py_typecheck.is_name_value_pair(['a', 1]),
        py_typecheck.is_name_value_pair((None, 1)),
        py_typecheck.is_name_value_pair((None, 1), name_required=False),
        py_typecheck.is_name_value_pair(('a', 1), value_type=str),
        py_typecheck.is_name_value_pair(('a', 1, 2)),
        py_typecheck.is_name_value_pair('ab'),
    ],
}))
