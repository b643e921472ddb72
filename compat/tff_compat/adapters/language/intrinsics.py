"""Intrinsics: federated operators under the names, keywords and meanings of each release."""

from __future__ import annotations

from tff_compat import modern
from tff_compat.adapters.language import types
from tff_compat.adapters.registry import AsOf, adapter, refusal

tff = modern.package()


@adapter(
    "tff.federated_average",
    releases="<0.3",
    replacement="tff.federated_mean({value}[?, weight={weight}?])",
)
def federated_average(value, weight=None, *, as_of: AsOf):
    """The mean over the clients, weighted or not, as of TFF 0.1 and 0.2."""
    as_of.warn(locals())
    return tff.federated_mean(value, weight)


@adapter("tff.federated_apply", releases="<0.3", replacement="tff.federated_map({func}, {arg})")
def federated_apply_0_1(func, arg, *, as_of: AsOf):
    """Applies a function to a value at the server, as of TFF 0.1 and 0.2."""
    as_of.warn(locals())
    return tff.federated_map(func, arg)


@adapter(
    "tff.federated_apply", releases=">=0.3,<0.19", replacement="tff.federated_map({fn}, {arg})"
)
def federated_apply_0_3(fn, arg, *, as_of: AsOf):
    """Applies a function to a value at the server, as of TFF 0.3 to 0.18."""
    as_of.warn(locals())
    return tff.federated_map(fn, arg)


_KEYWORDS = ("mapping_fn", "value")


@adapter(
    "tff.federated_map",
    releases="<0.19",
    replacement="tff.federated_map({mapping_fn}, {value})",
)
def federated_map(mapping_fn, value, *, as_of: AsOf):
    """Maps a function over federated values, as of TFF 0.1 to 0.18 (`fn` and `arg` since)."""
    as_of.warn(locals(), only_with_keywords=_KEYWORDS)
    return tff.federated_map(mapping_fn, value)


@adapter(
    "tff.sequence_map",
    releases="<0.19",
    replacement="tff.sequence_map({mapping_fn}, {value})",
)
def sequence_map(mapping_fn, value, *, as_of: AsOf):
    """Maps a function over a sequence, as of TFF 0.1 to 0.18 (`fn` and `arg` since)."""
    as_of.warn(locals(), only_with_keywords=_KEYWORDS)
    return tff.sequence_map(mapping_fn, value)


@adapter(
    "tff.federated_reduce",
    releases="<0.19",
    replacement=(
        "tff.federated_aggregate({value}, {zero}, {op}, {op}, tff.tensorflow.computation("
        "lambda x: x, member_type))"
    ),
)
def federated_reduce(value, zero, op, *, as_of: AsOf):
    """Reduces the clients' values with a binary operator, as of TFF 0.1 to 0.18."""
    as_of.warn(locals())
    value = tff.to_value(value, None)
    zero_type = tff.to_value(zero, None).type_signature

    @tff.tensorflow.computation(zero_type)
    def report(total):
        return total

    return tff.federated_aggregate(value, zero, op, op, report)


@adapter(
    "tff.federated_secure_sum",
    releases=">=0.12,<0.20",
    replacement="tff.federated_secure_sum_bitwidth({value}, {bitwidth})",
)
def federated_secure_sum(value, bitwidth, *, as_of: AsOf):
    """The sum of integers of at most `bitwidth` bits, as of TFF 0.12 to 0.19.

    From 0.20 the second argument of the same name's function is the largest input instead.
    """
    as_of.warn(locals())
    return tff.federated_secure_sum_bitwidth(value, bitwidth)


@adapter("tff.to_value", releases="<0.19", replacement="tff.to_value({val}, {type_spec})")
def to_value_0_1(val, type_spec=None, *, as_of: AsOf):
    """A TFF value from a Python object, inside a federated computation, as of TFF 0.1 to 0.18."""
    converted = types.to_type(type_spec, as_of.release)
    if not types.is_modern(type_spec):
        as_of.warn(replacement="tff.to_value({val}, " + types.source(converted) + ")")
    else:
        as_of.warn(locals(), only_with_keywords=("val",))
    return tff.to_value(val, converted)


@adapter(
    "tff.aggregators.federated_max",
    releases=">=0.19,<0.70",
    replacement="tff.federated_max({value})",
)
@adapter(
    "tff.utils.federated_max", releases=">=0.6,<0.19", replacement="tff.federated_max({value})"
)
def federated_max(value, *, as_of: AsOf):
    """The largest of the clients' values, by element, as of TFF 0.6 to 0.69."""
    as_of.warn(locals())
    return tff.federated_max(value)


@adapter(
    "tff.aggregators.federated_min",
    releases=">=0.19,<0.70",
    replacement="tff.federated_min({value})",
)
@adapter(
    "tff.utils.federated_min", releases=">=0.6,<0.19", replacement="tff.federated_min({value})"
)
def federated_min(value, *, as_of: AsOf):
    """The smallest of the clients' values, by element, as of TFF 0.6 to 0.69."""
    as_of.warn(locals())
    return tff.federated_min(value)


refusal(
    "tff.federated_collect",
    releases="<0.20",
    reason="The runtime of the installed TFF has no operator that collects the clients' values.",
    replacement="tff.federated_aggregate with an accumulator that concatenates",
)
