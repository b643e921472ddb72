"""What the internal module `tensor_utils` had as of TFF 0.1 to 0.82: helpers for nested tensors."""

from __future__ import annotations

import collections
import operator

import tensorflow as tf

from tff_compat.adapters.registry import AsOf, adapter

_MODULE = "tensorflow_federated.python.tensorflow_libs.tensor_utils"


@adapter(
    "tensorflow_federated.python.tensorflow_libs.tensor_utils.check_nested_equal",
    releases="<0.83",
    copied=True,
)
def check_nested_equal(nested_x, nested_y, eq_fn=operator.eq, *, as_of: AsOf):
    """Accepts only nested structures that are equal value by value, as of TFF 0.1 to 0.82.

    Args:
      nested_x: A nested structure.
      nested_y: Another.
      eq_fn: Whether two values are equal.

    Raises:
      TypeError: The structures have other types of containers.
      ValueError: They have other numbers or names of elements, or `eq_fn` is false for two values.
    """
    as_of.warn(locals())
    tf.nest.assert_same_structure(nested_x, nested_y)
    for x, y in zip(tf.nest.flatten(nested_x), tf.nest.flatten(nested_y)):
        if not eq_fn(x, y):
            raise ValueError(f"{x} differs from {y}.")


@adapter(
    "tensorflow_federated.python.tensorflow_libs.tensor_utils.to_var_dict",
    releases="<0.83",
    copied=True,
)
def to_var_dict(variables, *, as_of: AsOf):
    """Variables by their names without the ":0", in the order given, as of TFF 0.1 to 0.82.

    Args:
      variables: `tf.Variable`s.

    Returns:
      An `OrderedDict`.

    Raises:
      TypeError: Something is no `tf.Variable`.
      ValueError: Two have the same name, or a name does not end in ":0".
    """
    as_of.warn(locals())
    by_name: collections.OrderedDict[str, tf.Variable] = collections.OrderedDict()
    for variable in variables:
        if not isinstance(variable, tf.Variable):
            raise TypeError(f"Expected a tf.Variable, found {type(variable)}.")
        name, _, index = variable.name.rpartition(":")
        if index != "0":
            raise ValueError(f"The name of a variable must end in ':0': {variable.name!r}.")
        if name in by_name:
            raise ValueError(f"Several variables have the name {name!r}.")
        by_name[name] = variable
    return by_name


@adapter(
    "tensorflow_federated.python.tensorflow_libs.tensor_utils.to_odict",
    releases="<0.64",
    copied=True,
)
def to_odict(d, *, as_of: AsOf):
    """Turns a dict into an `OrderedDict`, as of TFF 0.1 to 0.63.

    An `OrderedDict` is returned as it is; a plain dict is sorted by its keys.

    Args:
      d: A dict with strings as keys.

    Raises:
      TypeError: `d` is no dict, or one of its keys no string.
    """
    as_of.warn(locals())
    if isinstance(d, collections.OrderedDict):
        return d
    if not isinstance(d, dict):
        raise TypeError(f"Expected a dict, found {type(d)}.")
    for key in d:
        if not isinstance(key, str):
            raise TypeError(f"The keys must be strings, found {key!r}.")
    return collections.OrderedDict(sorted(d.items()))


@adapter(
    "tensorflow_federated.python.tensorflow_libs.tensor_utils.zero_all_if_any_non_finite",
    releases="<0.83",
    copied=True,
)
def zero_all_if_any_non_finite(structure, *, as_of: AsOf):
    """Zeros for all tensors if one of them is not finite, as of TFF 0.1 to 0.82.

    Args:
      structure: Tensors of floats in containers of `tf.nest`.

    Returns:
      The tensors and an int32 scalar: 0 for those given, 1 for zeros.
    """
    as_of.warn(locals())
    tensors = tf.nest.flatten(structure)
    if not tensors:
        return structure, tf.constant(0)
    return tf.cond(
        tf.reduce_all([tf.reduce_all(tf.math.is_finite(each)) for each in tensors]),
        true_fn=lambda: (structure, tf.constant(0)),
        false_fn=lambda: (tf.nest.map_structure(tf.zeros_like, structure), tf.constant(1)),
    )


@adapter(
    "tensorflow_federated.python.tensorflow_libs.tensor_utils.is_scalar",
    releases="<0.83",
    copied=True,
)
def is_scalar(tensor, *, as_of: AsOf):
    """Whether all dimensions of a tensor are 1, as of TFF 0.1 to 0.82.

    Args:
      tensor: A tensor.

    Raises:
      TypeError: It is no tensor.
    """
    as_of.warn(locals())
    if not tf.is_tensor(tensor):
        raise TypeError(f"Expected a tensor, found {type(tensor)}.")
    return all(dim == 1 for dim in tensor.shape)


@adapter(
    "tensorflow_federated.python.tensorflow_libs.tensor_utils.same_shape",
    releases="<0.65",
    copied=True,
)
def same_shape(x, y, *, as_of: AsOf):
    """Whether two `tf.TensorShape`s are the same, unknown dimensions too, as of TFF 0.1 to 0.64.

    Args:
      x: A `tf.TensorShape`.
      y: Another.
    """
    as_of.warn(locals())
    if x.rank is None or y.rank is None:
        return x.rank is y.rank
    return x.as_list() == y.as_list()
