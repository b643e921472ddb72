"""Operators on sequences, as TensorFlow code where the runtime does not run them."""

from __future__ import annotations

from typing import Any

from tff_compat import modern
from tff_compat.adapters.registry import Legacy, Replacement
from tff_compat.modern import stand_ins

tff = modern.package()

WITH_CAPTURES_IN_OP = Legacy(values={"op": "captures"})
"""The runtime of 0.87.0 does not run what is applied to sequences and uses what is around it."""
WITH_CAPTURES_IN_FN = Legacy(values={"fn": "captures"})
CASES_OF_REDUCE = {"captures": Replacement("{!sequence_reduce}({value}, {zero}, {op})")}
CASES_OF_MAP = {
    "captures": Replacement(
        "",
        "Reduce the sequence with an operator that does this to each element, or map it in a "
        "`tff.tensorflow.computation` that takes what is used from outside too.",
    )
}


def mapped(function: Any, value: Any) -> Any:
    """The sequence of what a function gives for the elements of one, as a `tff.Value`.

    Args:
      function: A computation, or what makes one. For a sequence that is not federated it may use
        values from outside of it.
      value: A sequence or a federated one.
    """
    value = tff.to_value(value, None)
    kind = value.comp.type_signature
    member = kind.member if isinstance(kind, tff.FederatedType) else kind
    if not isinstance(member, tff.SequenceType):
        # The installed TFF says what is wrong.
        return tff.sequence_map(function, value)
    op = tff.to_value(function, None, parameter_type_hint=member.element)
    block, outside = _with_outside(function, op)
    if not outside:
        return stand_ins.sequence_map(value, op)
    if member is not kind:
        return tff.sequence_map(op, value)
    blocks = tff.framework
    given = tff.to_value([tff.Value(each) for each in outside], None)
    parameter = blocks.Reference(
        "outside_and_element", tff.StructType([given.type_signature, member.element])
    )
    body = blocks.Block(
        _selected(outside, blocks.Selection(parameter, index=0)),
        blocks.Call(block, blocks.Selection(parameter, index=1)),
    )
    closed = blocks.Lambda(parameter.name, parameter.type_signature, body)
    return stand_ins.sequence_map(value, tff.Value(closed), given)


def total(value: Any) -> Any:
    """The sum of the elements of a sequence or of federated ones, as a `tff.Value`."""
    value = tff.to_value(value, None)
    kind = value.comp.type_signature
    member = kind.member if isinstance(kind, tff.FederatedType) else kind
    if not isinstance(member, tff.SequenceType):
        return tff.sequence_sum(value)
    return stand_ins.sequence_sum(value)


def reduced(value: Any, zero: Any, op: Any) -> Any:
    """What an operator makes of a sequence, one element after the other, as a `tff.Value`.

    The runtimes run operators that use nothing from outside; what others use travels with the
    accumulator.

    Args:
      value: A sequence or a federated one.
      zero: What to start with.
      op: A computation of two arguments, or what makes one.
    """
    value, zero = tff.to_value(value, None), tff.to_value(zero, None)
    kind = value.comp.type_signature
    if not isinstance(kind, tff.SequenceType):
        # Of federated ones, or no sequence: the installed TFF says what is wrong.
        return tff.sequence_reduce(value, zero, op)
    hint = tff.StructType([zero.comp.type_signature, kind.element])
    made = tff.to_value(op, None, parameter_type_hint=hint)
    block, outside = _with_outside(op, made)
    if not outside:
        return stand_ins.sequence_reduce(value, zero, made)
    blocks = tff.framework
    start = tff.to_value([zero, *map(tff.Value, outside)], None)
    parameter = blocks.Reference(
        "accumulator_and_element", tff.StructType([start.type_signature, kind.element])
    )
    carried = blocks.Selection(parameter, index=0)
    step = blocks.Call(
        block,
        blocks.Struct([blocks.Selection(carried, index=0), blocks.Selection(parameter, index=1)]),
    )
    body = blocks.Block(_selected(outside, carried, first=1), blocks.Struct([step, *outside]))
    closed = blocks.Lambda(parameter.name, parameter.type_signature, body)
    return stand_ins.sequence_reduce(value, start, tff.Value(closed))[0]


def uses_outside(op: Any) -> bool:
    """Whether a computation uses values from outside of it."""
    return isinstance(op, tff.framework.ConcreteComputation) and bool(_free(op.to_building_block()))


def _with_outside(op: Any, made: Any) -> tuple[Any, list[Any]]:
    """The building block of an operator, and references to what it uses from outside of it.

    Args:
      op: The operator as given, of which `made` is the `tff.Value`: that of a computation hides
        what the computation consists of.
    """
    block = op.to_building_block() if uses_outside(op) else made.comp
    return block, [tff.framework.Reference(name, kind) for name, kind in _free(block)]


def _selected(outside: list[Any], source: Any, first: int = 0) -> list[tuple[str, Any]]:
    """For a block: the names from outside, bound to the elements of a struct."""
    return [
        (each.name, tff.framework.Selection(source, index=first + index))
        for index, each in enumerate(outside)
    ]


def _free(block: Any) -> list[tuple[str, Any]]:
    """The names and types of the references in a building block that are bound outside of it."""
    found: dict[str, Any] = {}
    _collect(block, frozenset(), found)
    return list(found.items())


def _collect(block: Any, bound: frozenset[str], found: dict[str, Any]) -> None:
    blocks = tff.framework
    if isinstance(block, blocks.Reference):
        if block.name not in bound:
            found.setdefault(block.name, block.type_signature)
    elif isinstance(block, blocks.Lambda):
        _collect(block.result, bound | {block.parameter_name}, found)
    elif isinstance(block, blocks.Block):
        for name, local in block.locals:
            _collect(local, bound, found)
            bound |= {name}
        _collect(block.result, bound, found)
    else:
        for child in block.children():
            _collect(child, bound, found)
