"""Operators on sequences, as TensorFlow code where the runtime does not run them."""

from __future__ import annotations

from typing import Any

from tff_compat import modern
from tff_compat.modern import stand_ins

tff = modern.package()


def mapped(function: Any, value: Any) -> Any:
    """The sequence of what a function gives for the elements of one, as a `tff.Value`.

    Args:
      function: A computation, or what makes one.
      value: A sequence or a federated one.
    """
    value = tff.to_value(value, None)
    kind = value.comp.type_signature
    member = kind.member if isinstance(kind, tff.FederatedType) else kind
    if not isinstance(member, tff.SequenceType):
        # The installed TFF says what is wrong.
        return tff.sequence_map(function, value)
    op = tff.to_value(function, None, parameter_type_hint=member.element)
    if _free(op.comp):
        return tff.sequence_map(op, value)
    return stand_ins.sequence_map(value, op)


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

    Args:
      value: A sequence or a federated one.
      zero: What to start with.
      op: A computation of two arguments, or what makes one, which uses nothing from outside of it.
    """
    value, zero = tff.to_value(value, None), tff.to_value(zero, None)
    kind = value.comp.type_signature
    if not isinstance(kind, tff.SequenceType):
        # Of federated ones, or no sequence: the installed TFF says what is wrong.
        return tff.sequence_reduce(value, zero, op)
    hint = tff.StructType([zero.comp.type_signature, kind.element])
    op = tff.to_value(op, None, parameter_type_hint=hint)
    if _free(op.comp):
        return tff.sequence_reduce(value, zero, op)
    return stand_ins.sequence_reduce(value, zero, op)


def captured(op: Any) -> list[tuple[str, Any]]:
    """The names and types of the values that an operator uses from outside of it."""
    if not isinstance(op, tff.framework.ConcreteComputation):
        return []
    return _free(op.to_building_block())


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
