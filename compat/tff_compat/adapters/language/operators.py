"""Operators that are called as they were: their results are values of their release.

Up to TFF 0.67 values could be added, and up to 0.18 their fields be assigned to; see `values`.
"""

from __future__ import annotations

from tff_compat import modern
from tff_compat.adapters.language import sequences, types, values
from tff_compat.adapters.registry import NEVER, AsOf, Legacy, adapter
from tff_compat.catalog.boundaries import FIRST_ZIPPED_TO_CONTAINERS, FIRST_ZIPPED_TO_LISTS

tff = modern.package()

_CHANGED = values.CHANGED


@adapter(
    "tff.federated_aggregate",
    releases="<0.68",
    replacement="tff.federated_aggregate",
    changed=_CHANGED,
    legacy=NEVER,
    gives=values.ROLE,
)
def federated_aggregate(value, zero, accumulate, merge, report, *, as_of: AsOf):
    """Aggregates the clients' values at the server, as of TFF 0.1 to 0.67.

    Args:
      value: A value at the clients.
      zero: The start, a value of the type that `op` returns.
      accumulate: From what is accumulated and a client's value to what is accumulated.
      merge: From two of what is accumulated to one.
      report: From what is accumulated to the result.

    Returns:
      The result at the server.
    """
    result = tff.federated_aggregate(value, zero, accumulate, merge, report)
    return values.dated(result, as_of.release)


@adapter(
    "tff.federated_broadcast",
    releases="<0.68",
    replacement="tff.federated_broadcast",
    changed=_CHANGED,
    legacy=NEVER,
    gives=values.ROLE,
)
def federated_broadcast(value, *, as_of: AsOf):
    """Sends a value of the server to the clients, as of TFF 0.1 to 0.67.

    Args:
      value: A value at the server.

    Returns:
      The same at the clients, equal at all.
    """
    return values.dated(tff.federated_broadcast(value), as_of.release)


@adapter(
    "tff.federated_eval",
    releases=">=0.12,<0.68",
    replacement="tff.federated_eval",
    changed=_CHANGED,
    legacy=NEVER,
    gives=values.ROLE,
)
def federated_eval(fn, placement, *, as_of: AsOf):
    """What a function without parameters gives at a placement, as of TFF 0.12 to 0.67.

    Args:
      fn: A TensorFlow computation without parameters, or a function that one is traced from.
      placement: `tff.CLIENTS` or `tff.SERVER`.

    Returns:
      Its result at the placement; each client evaluates it by itself.
    """
    return values.dated(tff.federated_eval(fn, placement), as_of.release)


@adapter(
    "tff.federated_map",
    releases=">=0.19,<0.68",
    replacement="tff.federated_map",
    changed=_CHANGED,
    legacy=NEVER,
    gives=values.ROLE,
)
def federated_map(fn, arg, *, as_of: AsOf):
    """Maps a function over federated values, as of TFF 0.19 to 0.67.

    Args:
      fn: A computation, or a function that one is traced from, of one member.
      arg: A federated value, or a structure of such that can be zipped.

    Returns:
      A value at the same placement.
    """
    return values.dated(tff.federated_map(fn, arg), as_of.release)


@adapter(
    "tff.federated_mean",
    releases=">=0.3,<0.68",
    replacement="tff.federated_mean",
    changed=_CHANGED,
    legacy=NEVER,
    gives=values.ROLE,
)
def federated_mean(value, weight=None, *, as_of: AsOf):
    """The mean of the clients' values, as of TFF 0.3 to 0.67.

    Args:
      value: A value of numbers at the clients.
      weight: Its weights, numbers at the clients; None for equal ones.

    Returns:
      A value of the same member at the server.
    """
    return values.dated(tff.federated_mean(value, weight), as_of.release)


@adapter(
    "tff.federated_max",
    releases=">=0.63,<0.68",
    replacement="tff.federated_max",
    changed=_CHANGED,
    legacy=NEVER,
    gives=values.ROLE,
)
def federated_max(value, *, as_of: AsOf):
    """The largest of the clients' values, by element, as of TFF 0.63 to 0.67.

    Args:
      value: A value of numbers at the clients.

    Returns:
      A value of the same member at the server.
    """
    return values.dated(tff.federated_max(value), as_of.release)


@adapter(
    "tff.federated_min",
    releases=">=0.63,<0.68",
    replacement="tff.federated_min",
    changed=_CHANGED,
    legacy=NEVER,
    gives=values.ROLE,
)
def federated_min(value, *, as_of: AsOf):
    """The smallest of the clients' values, by element, as of TFF 0.63 to 0.67.

    Args:
      value: A value of numbers at the clients.

    Returns:
      A value of the same member at the server.
    """
    return values.dated(tff.federated_min(value), as_of.release)


@adapter(
    "tff.federated_select",
    releases=">=0.19,<0.68",
    replacement="tff.federated_select",
    changed=_CHANGED,
    legacy=NEVER,
    gives=values.ROLE,
)
def federated_select(client_keys, max_key, server_val, select_fn, *, as_of: AsOf):
    """Slices of the server's value for the keys of each client, as of TFF 0.19 to 0.67.

    Args:
      client_keys: int32 vectors at the clients, all of one length: the keys that each asks for.
      max_key: An int32 at the server: keys go from 0 to one less.
      server_val: The value at the server to take slices of.
      select_fn: From the server's value and an int32 key to a slice.

    Returns:
      A sequence of slices at each client.
    """
    result = tff.federated_select(client_keys, max_key, server_val, select_fn)
    return values.dated(result, as_of.release)


@adapter(
    "tff.federated_secure_select",
    releases=">=0.19,<0.68",
    replacement="tff.federated_secure_select",
    changed=_CHANGED,
    legacy=NEVER,
    gives=values.ROLE,
)
def federated_secure_select(client_keys, max_key, server_val, select_fn, *, as_of: AsOf):
    """Slices of the server's value, for keys that stay secret, as of TFF 0.19 to 0.67.

    Args:
      client_keys: int32 vectors at the clients, all of one length: the keys that each asks for.
      max_key: An int32 at the server: keys go from 0 to one less.
      server_val: The value at the server to take slices of.
      select_fn: From the server's value and an int32 key to a slice.

    Returns:
      A sequence of slices at each client.
    """
    result = tff.federated_secure_select(client_keys, max_key, server_val, select_fn)
    return values.dated(result, as_of.release)


@adapter(
    "tff.federated_secure_sum",
    releases=">=0.20,<0.68",
    replacement="tff.federated_secure_sum",
    changed=_CHANGED,
    legacy=NEVER,
    gives=values.ROLE,
)
def federated_secure_sum(value, max_input, *, as_of: AsOf):
    """The sum of integers of at most `max_input`, as of TFF 0.20 to 0.67.

    Args:
      value: A value of integers at the clients.
      max_input: The largest value of an integer, one or a structure like the value's, at the server
        or a constant.

    Returns:
      The result at the server.
    """
    return values.dated(tff.federated_secure_sum(value, max_input), as_of.release)


@adapter(
    "tff.federated_secure_sum_bitwidth",
    releases=">=0.20,<0.68",
    replacement="tff.federated_secure_sum_bitwidth",
    changed=_CHANGED,
    legacy=NEVER,
    gives=values.ROLE,
)
def federated_secure_sum_bitwidth(value, bitwidth, *, as_of: AsOf):
    """The sum of integers of at most `bitwidth` bits, as of TFF 0.20 to 0.67.

    Args:
      value: A value of integers at the clients.
      bitwidth: The number of bits, one or a structure like the value's.

    Returns:
      The result at the server.
    """
    return values.dated(tff.federated_secure_sum_bitwidth(value, bitwidth), as_of.release)


@adapter(
    "tff.federated_secure_modular_sum",
    releases=">=0.20,<0.82",
    replacement="tff.backends.mapreduce.federated_secure_modular_sum({value}, {modulus})",
    changed=_CHANGED,
    gives=values.ROLE,
)
def federated_secure_modular_sum(value, modulus, *, as_of: AsOf):
    """The remainder of the sum of integers by a modulus, as of TFF 0.20 to 0.81.

    Args:
      value: A value of integers at the clients.
      modulus: An integer, or a structure of them like the value's.

    Returns:
      The result at the server.
    """
    as_of.warn(locals())
    result = tff.backends.mapreduce.federated_secure_modular_sum(value, modulus)
    return values.dated(result, as_of.release)


@adapter(
    "tff.federated_sum",
    releases="<0.68",
    replacement="tff.federated_sum",
    changed=_CHANGED,
    legacy=NEVER,
    gives=values.ROLE,
)
def federated_sum(value, *, as_of: AsOf):
    """The sum of the clients' values, as of TFF 0.1 to 0.67.

    Args:
      value: A value of numbers at the clients.

    Returns:
      The result at the server.
    """
    return values.dated(tff.federated_sum(value), as_of.release)


@adapter(
    "tff.federated_value",
    releases="<0.68",
    replacement="tff.federated_value",
    changed=_CHANGED,
    legacy=NEVER,
    gives=values.ROLE,
)
def federated_value(value, placement, *, as_of: AsOf):
    """A constant at a placement, as of TFF 0.1 to 0.67.

    Args:
      value: A constant, or what `tff.to_value` takes.
      placement: `tff.CLIENTS` or `tff.SERVER`.

    Returns:
      The constant at the placement, equal at all clients.
    """
    return values.dated(tff.federated_value(value, placement), as_of.release)


@adapter(
    "tff.federated_zip",
    releases="<0.68",
    replacement="tff.federated_zip",
    changed=_CHANGED,
    legacy=NEVER,
    gives=values.ROLE,
)
def federated_zip(value, *, as_of: AsOf):
    """Turns a structure of federated values into one federated structure, as of TFF 0.1 to 0.67.

    Args:
      value: A value that is a structure of federated ones at one placement.

    Returns:
      A federated value whose member is the structure.
    """
    value = tff.to_value(value, None)
    named = bool(tff.structure.name_list(value.comp.type_signature))
    if as_of.release < (FIRST_ZIPPED_TO_CONTAINERS if named else FIRST_ZIPPED_TO_LISTS):
        value = values.without_containers(value)
    return values.dated(tff.federated_zip(value), as_of.release)


@adapter(
    "tff.sequence_map",
    releases=">=0.20,<0.68",
    replacement="{!over_sequence}({fn}, {arg})",
    changed=_CHANGED,
    gives=values.ROLE,
)
# Up to 0.19 a reference context ran functions that use values from outside of them.
@adapter(
    "tff.sequence_map",
    releases=">=0.19,<0.20",
    replacement="{!over_sequence}({fn}, {arg})",
    gives=values.ROLE,
)
def sequence_map(fn, arg, *, as_of: AsOf):
    """Maps a function over a sequence, as of TFF 0.19 to 0.67.

    Args:
      fn: A computation, or a function that one is traced from, of one element.
      arg: A sequence, or a federated value of sequences.

    Returns:
      A sequence, or a federated value of sequences.
    """
    as_of.warn(locals())
    return values.dated(sequences.mapped(fn, arg), as_of.release)


@adapter(
    "tff.sequence_reduce",
    releases=">=0.41,<0.68",
    replacement="{!over_sequence}({op}, {value}, {zero})",
    changed=_CHANGED,
    gives=values.ROLE,
)
def sequence_reduce(value, zero, op, *, as_of: AsOf):
    """Reduces a sequence with a binary operator, as of TFF 0.41 to 0.67.

    Args:
      value: A sequence, or a federated value of sequences.
      zero: The start, a value of the type that `op` returns.
      op: From what is accumulated and an element to what is accumulated.

    Returns:
      What is accumulated in the end, at the placement of `value` if it has one.
    """
    as_of.warn(locals())
    return values.dated(sequences.reduced(value, zero, op), as_of.release)


@adapter(
    "tff.sequence_sum",
    releases=">=0.20,<0.68",
    replacement="{!sequence_sum}({value})",
    changed=_CHANGED,
    gives=values.ROLE,
)
# The runtimes of 0.20 to 0.75 do not run it within what is mapped over the clients.
@adapter(
    "tff.sequence_sum", releases="<0.20", replacement="{!sequence_sum}({value})", gives=values.ROLE
)
def sequence_sum(value, *, as_of: AsOf):
    """The sum of the elements of a sequence, as of TFF 0.1 to 0.67.

    The installed runtime has no such operator: TensorFlow code does it.

    Args:
      value: A sequence of numbers, or a federated value of such.

    Returns:
      A value of the type of an element.
    """
    as_of.warn(locals())
    return values.dated(sequences.total(value), as_of.release)


_TO_VALUE = (
    "tff.to_value({arg}, {type_spec:type}[?, parameter_type_hint={parameter_type_hint:type}?]"
)
_OF_SPECS = Legacy(values={"type_spec": "python type", "parameter_type_hint": "python type"})


@adapter(
    "tff.to_value",
    releases=">=0.19,<0.20",
    replacement=f"{_TO_VALUE})",
    legacy=_OF_SPECS,
    gives=values.ROLE,
)
def to_value_0_19(arg, type_spec, parameter_type_hint=None, *, as_of: AsOf):
    """A TFF value from a Python object, inside a federated computation, as of TFF 0.19.

    Args:
      arg: What to make a value of.
      type_spec: Its type, or None.
      parameter_type_hint: The type of the argument, where `arg` is a function without types.
    """
    return _to_value(arg, type_spec, parameter_type_hint, False, as_of)


@adapter(
    "tff.to_value",
    releases=">=0.20,<0.70",
    replacement=f"{_TO_VALUE}[?, zip_if_needed={{zip_if_needed}}?])",
    changed=_CHANGED,
    legacy=_OF_SPECS,
    gives=values.ROLE,
)
def to_value_0_20(arg, type_spec, *, parameter_type_hint=None, zip_if_needed=False, as_of: AsOf):
    """A TFF value from a Python object, inside a federated computation, as of TFF 0.20 to 0.69.

    Args:
      arg: What to make a value of.
      type_spec: Its type, or None.
      parameter_type_hint: The type of the argument, where `arg` is a function without types.
      zip_if_needed: Whether federated values of a structure may become one.
    """
    return _to_value(arg, type_spec, parameter_type_hint, zip_if_needed, as_of)


def _to_value(arg, type_spec, parameter_type_hint, zip_if_needed, as_of: AsOf):
    converted = types.to_type(type_spec, as_of.release)
    hint = types.to_type(parameter_type_hint, as_of.release)
    given = [each for each in (type_spec, parameter_type_hint) if each is not None]
    if not all(isinstance(each, tff.Type) for each in given):
        as_of.warn({"arg": arg, "type_spec": type_spec})
    made = values.of(arg, converted, parameter_type_hint=hint, zip_if_needed=zip_if_needed)
    return values.dated(made, as_of.release)
