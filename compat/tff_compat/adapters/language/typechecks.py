"""What the internal module `py_typecheck` had as of TFF 0.1 to 0.82: checks in plain Python."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from tff_compat import modern
from tff_compat.adapters.registry import AsOf, adapter, helper

tff = modern.package()


helper(
    "check_callable",
    '''\
def check_callable(target, label=None):
  """Gives back what is callable."""
  if not callable(target):
    raise TypeError(f'{label or "The argument"} must be callable, found {type(target)}.')
  return target
''',
)


@adapter(
    "tensorflow_federated.python.common_libs.py_typecheck.check_callable",
    releases="<0.61",
    replacement="{!check_callable}",
)
def check_callable(target, label=None, *, as_of: AsOf):
    """Returns what is callable, as of TFF 0.1 to 0.60.

    Args:
      target: What is checked.
      label: How the message of the error calls it; None for no name.

    Returns:
      `target`.

    Raises:
      TypeError: `target` is not callable.
    """
    as_of.warn(locals())
    if not callable(target):
        raise TypeError(f"{label or 'The argument'} must be callable, found {type(target)}.")
    return target


helper(
    "check_none",
    '''\
def check_none(target, label=None):
  """Accepts only None."""
  if target is not None:
    raise TypeError(f'{label or "The argument"} must be None, found {type(target)}.')
''',
)


@adapter(
    "tensorflow_federated.python.common_libs.py_typecheck.check_none",
    releases=">=0.7,<0.61",
    replacement="{!check_none}",
)
def check_none(target, label=None, *, as_of: AsOf):
    """Accepts only None, as of TFF 0.7 to 0.60.

    Args:
      target: What is checked.
      label: How the message of the error calls it; None for no name.

    Raises:
      TypeError: `target` is not None.
    """
    as_of.warn(locals())
    if target is not None:
        raise TypeError(f"{label or 'The argument'} must be None, found {type(target)}.")


helper(
    "check_not_none",
    '''\
def check_not_none(target, label=None):
  """Accepts anything but None."""
  if target is None:
    raise TypeError(f'{label or "The argument"} must not be None.')
''',
)


@adapter(
    "tensorflow_federated.python.common_libs.py_typecheck.check_not_none",
    releases=">=0.7,<0.61",
    replacement="{!check_not_none}",
)
def check_not_none(target, label=None, *, as_of: AsOf):
    """Accepts anything but None, as of TFF 0.7 to 0.60.

    Args:
      target: What is checked.
      label: How the message of the error calls it; None for no name.

    Raises:
      TypeError: `target` is None.
    """
    as_of.warn(locals())
    if target is None:
        raise TypeError(f"{label or 'The argument'} must not be None.")


helper(
    "check_subclass",
    '''\
def check_subclass(target_class, parent_class):
  """Gives back a class that has a base."""
  if not issubclass(target_class, parent_class):
    raise TypeError(f'{target_class} must be a subclass of {parent_class}.')
  return target_class
''',
)


@adapter(
    "tensorflow_federated.python.common_libs.py_typecheck.check_subclass",
    releases=">=0.4,<0.61",
    replacement="{!check_subclass}",
)
def check_subclass(target_class, parent_class, *, as_of: AsOf):
    """Returns a class that has a base, as of TFF 0.4 to 0.60.

    Args:
      target_class: The class that is checked.
      parent_class: The base that it is to have.

    Returns:
      `target_class`.

    Raises:
      TypeError: It does not have that base.
    """
    as_of.warn(locals())
    if not issubclass(target_class, parent_class):
        raise TypeError(f"{target_class} must be a subclass of {parent_class}.")
    return target_class


helper(
    "check_len",
    '''\
def check_len(target, length):
  """Accepts only what has a length."""
  if len(target) != length:
    raise ValueError(f'Expected a length of {length}, found {len(target)}: {target}.')
''',
)


@adapter(
    "tensorflow_federated.python.common_libs.py_typecheck.check_len",
    releases=">=0.9,<0.61",
    replacement="{!check_len}",
)
def check_len(target, length, *, as_of: AsOf):
    """Accepts only what has a certain length, as of TFF 0.9 to 0.60.

    Args:
      target: What is checked; has a length.
      length: The length that it is to have.

    Raises:
      ValueError: It has another length.
    """
    as_of.warn(locals())
    if len(target) != length:
        raise ValueError(f"Expected a length of {length}, found {len(target)}: {target}.")


helper(
    "check_non_negative_float",
    '''\
def check_non_negative_float(target, label=None):
  """Accepts only a float from 0.0 on."""
  if not isinstance(target, float):
    raise TypeError(f'{label or "The argument"} must be a float, found {type(target)}.')
  if target < 0.0:
    raise ValueError(f'{label or "The argument"} must not be negative, found {target}.')
''',
)


@adapter(
    "tensorflow_federated.python.common_libs.py_typecheck.check_non_negative_float",
    releases=">=0.20,<0.59",
    replacement="{!check_non_negative_float}",
)
def check_non_negative_float(target, label=None, *, as_of: AsOf):
    """Accepts only a float from 0.0 on, as of TFF 0.20 to 0.58.

    Args:
      target: What is checked.
      label: How the message of the error calls it; None for no name.

    Raises:
      TypeError: `target` is no float.
      ValueError: `target` is negative.
    """
    as_of.warn(locals())
    if not isinstance(target, float):
        raise TypeError(f"{label or 'The argument'} must be a float, found {type(target)}.")
    if target < 0.0:
        raise ValueError(f"{label or 'The argument'} must not be negative, found {target}.")


helper(
    "check_dataclass",
    '''\
def check_dataclass(value):
  """Accepts only a data class or an instance of one."""
  if not dataclasses.is_dataclass(value):
    raise TypeError(f'Expected a data class or an instance of one, found {type(value)}.')
''',
)


@adapter(
    "tensorflow_federated.python.common_libs.py_typecheck.check_dataclass",
    releases=">=0.20,<0.83",
    replacement="{!check_dataclass}",
)
def check_dataclass(value, *, as_of: AsOf):
    """Accepts only a data class or an instance of one, as of TFF 0.20 to 0.82.

    Args:
      value: What is checked.

    Raises:
      TypeError: `value` is neither.
    """
    as_of.warn(locals())
    if not dataclasses.is_dataclass(value):
        raise TypeError(f"Expected a data class or an instance of one, found {type(value)}.")


@adapter(
    "tensorflow_federated.python.common_libs.py_typecheck.is_dataclass",
    releases=">=0.20,<0.61",
    replacement="dataclasses.is_dataclass({value})",
)
def is_dataclass(value, *, as_of: AsOf):
    """Whether it is a data class or an instance of one, as of TFF 0.20 to 0.60.

    Args:
      value: What is checked.
    """
    as_of.warn(locals())
    return dataclasses.is_dataclass(value)


@adapter(
    "tensorflow_federated.python.common_libs.py_typecheck.is_attrs",
    releases=">=0.5,<0.61",
    replacement="hasattr({value}, '__attrs_attrs__')",
)
def is_attrs(value, *, as_of: AsOf):
    """Whether it is an attrs class or an instance of one, as of TFF 0.5 to 0.60.

    Args:
      value: What is checked.
    """
    as_of.warn(locals())
    return hasattr(value, "__attrs_attrs__")


helper(
    "is_named_tuple",
    """def is_named_tuple(value):
    \"\"\"Whether it is a named tuple or a class of such.\"\"\"
    kind = value if isinstance(value, type) else type(value)
    return issubclass(kind, tuple) and hasattr(kind, "_fields")
""",
)
helper(
    "is_name_value_pair",
    """def is_name_value_pair(element, name_required=True, value_type=None):
    \"\"\"Whether it is a sequence of a name and a value.\"\"\"
    from collections.abc import Sequence

    if not isinstance(element, Sequence) or len(element) != 2:
        return False
    name, value = element
    named = isinstance(name, str) or (name is None and not name_required)
    return named and (value_type is None or isinstance(value, value_type))
""",
)


@adapter(
    "tensorflow_federated.python.common_libs.py_typecheck.is_named_tuple",
    releases="<0.5",
    replacement="hasattr(type({value}), '_replace')",
)
def is_named_tuple_0_1(value, *, as_of: AsOf):
    """Whether it is a named tuple, as of TFF 0.1 to 0.4; a class of named tuples is none.

    Args:
      value: What is checked.
    """
    as_of.warn(locals())
    # The structures of TFF themselves had no `_asdict` then.
    return hasattr(type(value), "_asdict") and not isinstance(value, tff.structure.Struct)


@adapter(
    "tensorflow_federated.python.common_libs.py_typecheck.is_named_tuple",
    releases=">=0.5,<0.62",
    replacement="{!is_named_tuple}({value})",
)
def is_named_tuple_0_5(value, *, as_of: AsOf):
    """Whether it is a named tuple or a class of named tuples, as of TFF 0.5 to 0.61.

    Args:
      value: What is checked.
    """
    as_of.warn(locals())
    kind = value if isinstance(value, type) else type(value)
    return issubclass(kind, tuple) and hasattr(kind, "_fields")


@adapter(
    "tensorflow_federated.python.common_libs.py_typecheck.is_name_value_pair",
    releases=">=0.5,<0.62",
    replacement="{!is_name_value_pair}({element}[?, name_required={name_required}?]"
    "[?, value_type={value_type}?])",
)
def is_name_value_pair(element, name_required=True, value_type=None, *, as_of: AsOf):
    """Whether it is a sequence of a name and a value, as of TFF 0.5 to 0.61.

    Args:
      element: Anything.
      name_required: Whether the name must not be None.
      value_type: A class or a tuple of classes of which the value has to be, or None.
    """
    as_of.warn(locals())
    if not isinstance(element, Sequence) or len(element) != 2:
        return False
    name, value = element
    named = isinstance(name, str) or (name is None and not name_required)
    return named and (value_type is None or isinstance(value, value_type))
