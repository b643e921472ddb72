"""Whether a call passes a computation values in the forms that it takes, as the source says."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tff_compat.source.binding import has_stars
from tff_compat.source.resolving import Resolution
from tff_compat.source.values import Container, Instance, Literal, Symbol, Value, Values

_FLOATS = frozenset({"float16", "float32", "float64", "half", "double", "bfloat16"})
_MOST_NESTED = 6


@dataclass(frozen=True)
class _Type:
    """A type of TFF as far as the source says it.

    Attributes:
      kind: "tensor", "clients" or "struct".
      dtype: Of a tensor: the name of its dtype.
      elements: Those of a struct, or the member of the clients; None where one is not known.
      names: The names of the elements of a struct, where all have one.
    """

    kind: str
    dtype: str = ""
    elements: tuple[_Type | None, ...] = ()
    names: tuple[str, ...] = field(default=())


def is_in_another_form(computation: Values, call: ast.Call, resolution: Resolution) -> bool | None:
    """Whether an argument is of a form that computations no longer take.

    These are tuples for the values of clients, integers for floats, ranges, and containers with
    more elements than their type.

    Returns:
      None where ``*`` or ``**`` gives the arguments, so that they cannot be seen.
    """
    if has_stars(call):
        return None
    given = [resolution.known(argument) for argument in call.args]
    if any(_has_range(value, _MOST_NESTED) for values in given for value in values):
        return True
    for value in computation:
        types = _parameters(value, resolution)
        names: Sequence[str] = _names(value)
        whole = types[0] if len(types) == 1 < len(given) + len(call.keywords) else None
        if whole is not None:
            types, names = whole.elements, whole.names
        pairs = list(zip(types, given))
        by_name = dict(zip(names, types))
        for keyword in call.keywords:
            pairs.append((by_name.get(str(keyword.arg)), resolution.known(keyword.value)))
        for type_spec, values in pairs:
            if any(_differs(type_spec, each, _MOST_NESTED) for each in values):
                return True
    return False


def _has_range(value: Value, depth: int) -> bool:
    if isinstance(value, Instance):
        return value.role == "builtins.range"
    if isinstance(value, Container) and depth:
        return any(_has_range(each, depth - 1) for each in value.elements)
    return False


def _parameters(computation: Value, resolution: Resolution) -> Sequence[_Type | None]:
    """The types of the parameters that a decorator, or what stands in its place, says."""
    if not isinstance(computation, Instance) or computation.call is None:
        return ()
    specs = [resolution.known(argument) for argument in computation.call.args]
    if specs and any(_is_function(value) for value in specs[0]):
        specs = specs[1:]
    return [_type(values, _MOST_NESTED) for values in specs]


def _names(computation: Value) -> list[str]:
    """The names of the parameters of the function that a computation was made of."""
    function = computation.function if isinstance(computation, Instance) else None
    return [] if function is None else [each.arg for each in function.node.args.args]


def _is_function(value: Value) -> bool:
    return not isinstance(value, (Symbol, Container, Literal)) and not (
        isinstance(value, Instance) and value.role == "legacy type"
    )


def _type(values: Values, depth: int) -> _Type | None:
    """What the source says of a type; None where it may be several."""
    if len(values) != 1 or not depth:
        return None
    (value,) = values
    if isinstance(value, Symbol):
        return _Type("tensor", value.path.rpartition(".")[2])
    if isinstance(value, Container):
        return _of_container(value, depth)
    if isinstance(value, Instance) and value.call is not None:
        return _of_call(value, depth)
    return None


def _of_container(value: Container, depth: int) -> _Type | None:
    if value.rest:
        return None
    items = list(value.items.values())
    if value.kind == "tuple" and len(items) == 2 and _is_shape(items[1]):
        return _type(items[0], depth - 1)
    if value.kind == "dict":
        names = tuple(str(name) for name in value.items)
        return _Type("struct", "", tuple(_type(each, depth - 1) for each in items), names)
    pairs = [_pair(each) for each in items]
    if pairs and all(name for name, _ in pairs):
        elements = tuple(_type(each, depth - 1) for _, each in pairs)
        return _Type("struct", "", elements, tuple(str(name) for name, _ in pairs))
    return _Type("struct", "", tuple(_type(each, depth - 1) for each in items), value.names)


def _is_shape(values: Values) -> bool:
    return bool(values) and all(
        isinstance(value, Container)
        and not value.rest
        and all(isinstance(each, Literal) for each in value.elements)
        for value in values
    )


def _pair(values: Values) -> tuple[str, Values]:
    """The name and the type of an element that is written as a pair; "" for another."""
    for value in values:
        if isinstance(value, Container) and value.kind == "tuple" and set(value.items) == {0, 1}:
            for name in value.items[0]:
                if isinstance(name, Literal) and isinstance(name.value, str):
                    return name.value, value.items[1]
    return "", values


def _of_call(value: Instance, depth: int) -> _Type | None:
    """The type that a call makes: its class is known by the name of what is called."""
    assert value.call is not None
    given: Mapping[ast.expr, Values] = dict(value.given)
    arguments = [given.get(argument, frozenset()) for argument in value.call.args]
    if not arguments:
        return None
    name = value.maker.rpartition(".")[2]
    inner = _type(arguments[0], depth - 1)
    if name == "type_at_clients" or (name == "FederatedType" and _is_at_clients(arguments[1:])):
        alone = len(arguments) + len(value.call.keywords) == (1 if name.startswith("type") else 2)
        return _Type("clients", "", (inner,)) if alone else None
    if name in ("type_at_server", "FederatedType", "TensorType", "to_type", "NamedTupleType"):
        return inner
    return inner if name == "StructType" else None


def _is_at_clients(arguments: Sequence[Values]) -> bool:
    return bool(arguments) and {
        value.path if isinstance(value, Symbol) else "" for value in arguments[0]
    } == {"tff.CLIENTS"}


def _differs(type_spec: _Type | None, value: Value, depth: int) -> bool:
    """Whether a value is of another form than those which a parameter of a type takes."""
    if type_spec is None or not depth:
        return False
    if type_spec.kind == "tensor":
        return isinstance(value, Literal) and value.kind == "int" and type_spec.dtype in _FLOATS
    if not isinstance(value, Container):
        return False
    if type_spec.kind == "clients":
        return value.kind == "tuple" or any(
            _differs(type_spec.elements[0], each, depth - 1) for each in value.elements
        )
    if len(value.items) > len(type_spec.elements):
        return True
    by_name = dict(zip(type_spec.names, type_spec.elements)) if value.kind == "dict" else {}
    return any(
        _differs(by_name.get(str(key), element), each, depth - 1)
        for (key, values), element in zip(value.items.items(), type_spec.elements)
        for each in values
    )
