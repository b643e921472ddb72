"""Intrinsics: federated operators under the names, keywords and meanings of each release."""

from __future__ import annotations

from tff_compat import modern
from tff_compat.adapters.language import sequences, types, values
from tff_compat.adapters.registry import AsOf, Legacy, adapter, helper
from tff_compat.catalog.boundaries import FIRST_WITH_MIRRORED_CONTAINERS

tff = modern.package()


@adapter(
    "tff.federated_average",
    releases="<0.3",
    replacement="tff.federated_mean({value}[?, weight={weight}?])",
    gives=values.ROLE,
)
def federated_average(value, weight=None, *, as_of: AsOf):
    """The mean over the clients, weighted or not, as of TFF 0.1 and 0.2.

    Args:
      value: A value of numbers at the clients.
      weight: Its weights, numbers at the clients; None for equal ones.

    Returns:
      A value of the same member at the server.
    """
    as_of.warn(locals())
    return values.dated(tff.federated_mean(value, weight), as_of.release)


@adapter(
    "tff.federated_apply",
    releases="<0.3",
    replacement="tff.federated_map({func}, {arg})",
    gives=values.ROLE,
)
def federated_apply_0_1(func, arg, *, as_of: AsOf):
    """Applies a function to a value at the server, as of TFF 0.1 and 0.2.

    Args:
      func: A computation, or a function that one is traced from, of the value's member.
      arg: A value at the server.

    Returns:
      The result at the server.
    """
    as_of.warn(locals())
    return values.dated(tff.federated_map(func, arg), as_of.release)


@adapter(
    "tff.federated_apply",
    releases=">=0.3,<0.19",
    replacement="tff.federated_map({fn}, {arg})",
    gives=values.ROLE,
)
def federated_apply_0_3(fn, arg, *, as_of: AsOf):
    """Applies a function to a value at the server, as of TFF 0.3 to 0.18.

    Args:
      fn: A computation, or a function that one is traced from, of the value's member.
      arg: A value at the server.

    Returns:
      The result at the server.
    """
    as_of.warn(locals())
    return values.dated(tff.federated_map(fn, arg), as_of.release)


_KEYWORDS = ("mapping_fn", "value")
_BY_KEYWORD = Legacy(keywords=_KEYWORDS)


@adapter(
    "tff.federated_map",
    releases="<0.19",
    replacement="tff.federated_map({mapping_fn}, {value})",
    legacy=_BY_KEYWORD,
    gives=values.ROLE,
)
def federated_map(mapping_fn, value, *, as_of: AsOf):
    """Maps a function over federated values, as of TFF 0.1 to 0.18.

    From TFF 0.19 on the parameters are named `fn` and `arg`.

    Args:
      mapping_fn: A computation, or a function that one is traced from, of one member.
      value: A federated value at any placement.

    Returns:
      A value at the same placement.
    """
    as_of.warn(locals(), only_with_keywords=_KEYWORDS)
    return values.dated(tff.federated_map(mapping_fn, value), as_of.release)


@adapter(
    "tff.sequence_map",
    releases="<0.19",
    replacement="{!over_sequence}({mapping_fn}, {value})",
    gives=values.ROLE,
)
def sequence_map(mapping_fn, value, *, as_of: AsOf):
    """Maps a function over a sequence, as of TFF 0.1 to 0.18.

    From TFF 0.19 on the parameters are named `fn` and `arg`.

    Args:
      mapping_fn: A computation, or a function that one is traced from, of one element.
      value: A sequence, or a federated value of sequences.

    Returns:
      A sequence, or a federated value of sequences.
    """
    as_of.warn(locals())
    return values.dated(sequences.mapped(mapping_fn, value), as_of.release)


helper(
    "federated_reduce",
    """def federated_reduce(value, zero, op):
    \"\"\"The values of the clients reduced with a binary operator, at the server.\"\"\"
    zero = tff.to_value(zero, None)
    report = tff.tensorflow.computation(lambda total: total, zero.type_signature)
    return tff.federated_aggregate(value, zero, op, op, report)
""",
)


@adapter(
    "tff.federated_reduce",
    releases="<0.19",
    replacement="{!federated_reduce}({value}, {zero}, {op})",
    gives=values.ROLE,
)
def federated_reduce(value, zero, op, *, as_of: AsOf):
    """Reduces the clients' values with a binary operator, as of TFF 0.1 to 0.18.

    Args:
      value: A value at the clients.
      zero: The start, a value of the type that `op` returns.
      op: From what is accumulated and a value to what is accumulated.

    Returns:
      The result at the server.
    """
    as_of.warn(locals())
    value = tff.to_value(value, None)
    zero_type = tff.to_value(zero, None).type_signature

    @tff.tensorflow.computation(zero_type)
    def report(total):
        return total

    return values.dated(tff.federated_aggregate(value, zero, op, op, report), as_of.release)


@adapter(
    "tff.federated_secure_sum",
    releases=">=0.12,<0.20",
    replacement="tff.federated_secure_sum_bitwidth({value}, {bitwidth})",
    gives=values.ROLE,
)
def federated_secure_sum(value, bitwidth, *, as_of: AsOf):
    """The sum of integers of at most `bitwidth` bits, as of TFF 0.12 to 0.19.

    From TFF 0.20 on the second argument is the largest input instead.

    Args:
      value: A value of integers at the clients.
      bitwidth: The number of bits, one or a structure like the value's.

    Returns:
      The result at the server.
    """
    as_of.warn(locals())
    return values.dated(tff.federated_secure_sum_bitwidth(value, bitwidth), as_of.release)


@adapter(
    "tff.to_value",
    releases="<0.19",
    replacement="tff.to_value({val}, {type_spec:type})",
    gives=values.ROLE,
)
def to_value_0_1(val, type_spec=None, *, as_of: AsOf):
    """A TFF value from a Python object, inside a federated computation, as of TFF 0.1 to 0.18.

    Args:
      val: A TFF value, a computation, a Python function, a constant that TFF knows a type for, or a
        container of such.
      type_spec: Its type, or what describes it; None to infer it.

    Returns:
      A `tff.Value`.

    Raises:
      TypeError: No value can be made of it.
    """
    as_of.warn(locals())
    converted = types.to_type(type_spec, as_of.release)
    value = values.of(val, converted)
    if as_of.release < FIRST_WITH_MIRRORED_CONTAINERS:
        value = values.without_containers(value)
    return values.dated(value, as_of.release)


@adapter(
    "tff.aggregators.federated_max",
    releases=">=0.19,<0.70",
    replacement="tff.federated_max({value})",
    gives=values.ROLE,
)
@adapter(
    "tff.utils.federated_max",
    releases=">=0.6,<0.19",
    replacement="tff.federated_max({value})",
    gives=values.ROLE,
)
def federated_max(value, *, as_of: AsOf):
    """The largest of the clients' values, by element, as of TFF 0.6 to 0.69.

    Args:
      value: A value of numbers at the clients.

    Returns:
      A value of the same member at the server.
    """
    as_of.warn(locals())
    return values.dated(tff.federated_max(value), as_of.release)


@adapter(
    "tff.aggregators.federated_min",
    releases=">=0.19,<0.70",
    replacement="tff.federated_min({value})",
    gives=values.ROLE,
)
@adapter(
    "tff.utils.federated_min",
    releases=">=0.6,<0.19",
    replacement="tff.federated_min({value})",
    gives=values.ROLE,
)
def federated_min(value, *, as_of: AsOf):
    """The smallest of the clients' values, by element, as of TFF 0.6 to 0.69.

    Args:
      value: A value of numbers at the clients.

    Returns:
      A value of the same member at the server.
    """
    as_of.warn(locals())
    return values.dated(tff.federated_min(value), as_of.release)


@adapter(
    "tff.sequence_reduce",
    releases=">=0.20,<0.41",
    replacement="{!over_sequence}({op}, {value}, {zero})",
    gives=values.ROLE,
)
@adapter(
    "tff.sequence_reduce",
    releases="<0.20",
    replacement="{!over_sequence}({op}, {value}, {zero})",
    gives=values.ROLE,
)
def sequence_reduce(value, zero, op, *, as_of: AsOf):
    """Reduces a sequence with a binary operator, as of TFF 0.1 to 0.40.

    The operator may use values from outside of it, which the installed runtime does not run.

    Args:
      value: A sequence, or a federated value of sequences.
      zero: The start, a value of the type that `op` returns.
      op: From what is accumulated and an element to what is accumulated.

    Returns:
      What is accumulated in the end, at the placement of `value` if it has one.
    """
    as_of.warn(locals())
    return values.dated(sequences.reduced(value, zero, op), as_of.release)
