"""What kind of value an expression has, where the source says it."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass

from tff_compat.source import given
from tff_compat.source.binding import all_arguments
from tff_compat.source.documents import Unit
from tff_compat.source.resolving import COMPUTATION, Resolution
from tff_compat.source.values import (
    NOTHING,
    Class,
    Container,
    Function,
    Instance,
    Literal,
    Object,
    Partial,
    Record,
    Symbol,
    Values,
)

_TENSORFLOW = ("tensorflow.", "tensorflow.compat.v1.", "tensorflow.compat.v2.")
_DTYPES = frozenset(
    "bfloat16 bool complex64 complex128 double float16 float32 float64 half int8 int16 int32 int64 "
    "quint8 quint16 qint8 qint16 qint32 string uint8 uint16 uint32 uint64".split()
)
_SPECS = frozenset({"TensorSpec", "data.DatasetSpec", "RaggedTensorSpec", "SparseTensorSpec"})
_TYPE_CLASSES = re.compile(
    r"tff\.(?:types\.)?(?:Tensor|Federated|Sequence|Struct|StructWithPython|Function|NamedTuple"
    r"|Abstract|Placement)Type(?:WithPyContainerType)?"
)
_MAKES_TYPES = re.compile(
    r"tff\.(?:types\.)?(?:to_type|type_at_\w+|at_clients|at_server|tensorflow_to_type)"
    r"|tff\.(?:framework|types)\.type_from_tensors|tff\.learning\.framework\.weights_type_from_\w+"
    r"|tff\.learning\.models\.weights_type_from_\w+"
)
_KERAS_OPTIMIZER = re.compile(
    r"(?:tensorflow\.(?:compat\.v[12]\.)?)?(?:keras\.)?(?:optimizers|train)"
    r"(?:\.(?:legacy|experimental|schedules))?\.(?P<name>\w+)"
    r"|tensorflow_addons\.optimizers\.(?P<addon>\w+)"
    r"|tensorflow\.python\.keras\.(?:optimizer_v2\.)?(?:gradient_descent|adam|adagrad|adadelta"
    r"|rmsprop|optimizers)\.(?P<private>\w+)"
)

OF_OPTIMIZERS = frozenset({"keras optimizer", "keras optimizer by default"})
"""The kinds of functions that make an optimizer."""
_STATE_OF_OPTIMIZER = re.compile(r"\.(optimizer_state|finalizer)\b")


def is_none_literal(node: ast.expr) -> bool:
    """Whether an expression is written `None`."""
    return isinstance(node, ast.Constant) and node.value is None


def _in_tensorflow(path: str) -> str | None:
    for prefix in reversed(_TENSORFLOW):
        if path.startswith(prefix):
            return path[len(prefix) :]
    return None


def is_tensorflow_type(values: Values, depth: int = 4) -> bool | None:
    """Whether it is a dtype or spec of TensorFlow, or a structure that holds one."""
    answers = [_is_tensorflow_type(value, depth) for value in values]
    return _agreed(answers)


def _agreed(answers: list[bool | None]) -> bool | None:
    if not answers or None in answers:
        return True if True in answers else None
    return True if True in answers else False


def _is_tensorflow_type(value: object, depth: int) -> bool | None:
    if isinstance(value, Symbol):
        name = _in_tensorflow(value.path)
        return name in _DTYPES if name is not None else value.path.startswith("builtins.")
    if isinstance(value, Instance):
        name = _in_tensorflow(value.role)
        if name is not None:
            return name in _SPECS or None
        return False if is_type(frozenset([value])) or value.role == COMPUTATION else None
    if isinstance(value, Container) and depth:
        inner = [is_tensorflow_type(each, depth - 1) for each in value.items.values()]
        if value.rest:
            inner.append(is_tensorflow_type(value.rest, depth - 1))
        return True if True in inner else (None if None in inner else False)
    if isinstance(value, (Literal, Function)):
        return False
    if isinstance(value, Object) and depth:
        # A named tuple or an attrs class: what any of its objects was made of.
        fields = value.cls.scope.names.values()
        return True if True in [is_tensorflow_type(each, depth - 1) for each in fields] else None
    return None


def is_type(values: Values) -> bool:
    """Whether it is surely a type of TFF."""
    return bool(values) and all(_is_type(value) for value in values)


def _is_type(value: object) -> bool:
    return isinstance(value, Instance) and (
        value.role == "legacy type"
        or bool(_TYPE_CLASSES.fullmatch(value.role))
        or bool(_MAKES_TYPES.fullmatch(value.maker))
    )


def is_numpy_dtype(values: Values) -> bool:
    """Whether it is surely a dtype of NumPy."""
    return bool(values) and all(
        isinstance(value, Symbol) and value.path.startswith("numpy.") for value in values
    )


@dataclass(frozen=True)
class KerasOptimizer:
    """An optimizer of Keras or TensorFlow 1 that a program makes.

    Attributes:
      name: Its class, such as "SGD".
      path: Where the program has that class from.
      call: The call that makes it; None for the class itself, called without arguments.
      unit: Where it stands.
    """

    name: str
    path: str
    call: ast.Call | None
    unit: Unit | None


def is_no_number(values: Values) -> bool:
    """Whether it is, or may be, a schedule, function or variable, not a number."""
    return any(
        isinstance(value, (Function, Class, Object, Partial))
        or (isinstance(value, Instance) and _in_tensorflow(value.role) is not None)
        for value in values
    )


def keras_optimizer(values: Values, resolution: Resolution) -> KerasOptimizer | bool | None:
    """The optimizer that a function makes; False where it makes none, None where it is not known.

    True means that it makes one of several.
    """
    found = [_keras_optimizer(value, resolution) for value in values]
    optimizers = [each for each in found if isinstance(each, KerasOptimizer)]
    if optimizers:
        return (
            optimizers[0]
            if len({(o.name, o.call) for o in optimizers}) == 1 == len(found)
            else True
        )
    if not found or None in found:
        return None
    return True if True in found else False


def _keras_optimizer(value: object, resolution: Resolution) -> KerasOptimizer | bool | None:
    if isinstance(value, Function):
        made = returned(value, resolution)
        return keras_optimizer(made, resolution) if made else None
    if isinstance(value, Symbol):
        name = _optimizer_name(value.path)
        return False if name is None else KerasOptimizer(name, value.path, None, None)
    if isinstance(value, Partial):
        name = _optimizer_name(value.symbol.path)
        return (
            None
            if name is None
            else KerasOptimizer(name, value.symbol.path, value.called(), value.unit)
        )
    if isinstance(value, Instance):
        name = _optimizer_name(value.role)
        if name is not None:
            return KerasOptimizer(name, value.role, value.call, value.unit)
        return False if value.role.startswith("tff.") else None
    if isinstance(value, Class):
        bases = value.symbols()
        if any(_optimizer_name(path) for path in bases):
            return True
        return False if any(path.startswith("tff.") for path in bases) else None
    if isinstance(value, Object):
        return _keras_optimizer(value.cls, resolution)
    if isinstance(value, Literal):
        return False
    return None


def _optimizer_name(path: str) -> str | None:
    match = _KERAS_OPTIMIZER.fullmatch(path)
    if match is None:
        return None
    name = match["name"] or match["addon"] or match["private"]
    return name if name is not None and name[0].isupper() else None


def returned(function: Function, resolution: Resolution) -> Values:
    """What a function of the program was seen to return."""
    node = function.node
    if isinstance(node, ast.Lambda):
        return resolution.values(node.body)
    found: Values = NOTHING
    for inner in _own_statements(node.body):
        if isinstance(inner, ast.Return) and inner.value is not None:
            values = resolution.values(inner.value)
            if not values:
                return NOTHING
            found |= values
    return found


def _own_statements(body: list[ast.stmt]) -> list[ast.stmt]:
    found: list[ast.stmt] = []
    for statement in body:
        found.append(statement)
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        for field in ("body", "orelse", "finalbody"):
            found += _own_statements(getattr(statement, field, []))
        for handler in getattr(statement, "handlers", []):
            found += _own_statements(handler.body)
    return found


def matches(
    kind: str, values: Values, node: ast.expr | None, resolution: Resolution
) -> bool | None:
    """Whether an argument is of a kind of `declared.legacy.KINDS`; None where it is not known."""
    test = _TESTS[kind]
    return test(values, node, resolution)


_Test = Callable[[Values, "ast.expr | None", Resolution], "bool | None"]


def _is_given(values: Values, node: ast.expr | None, resolution: Resolution) -> bool | None:
    return node is not None


def _is_not_none(values: Values, node: ast.expr | None, resolution: Resolution) -> bool | None:
    if node is None:
        return False
    nones = [isinstance(value, Literal) and value.value is None for value in values]
    if not nones:
        return True if not isinstance(node, ast.Name) else None
    return not any(nones) if len(set(nones)) == 1 else None


def _is_keras_optimizer(
    values: Values, node: ast.expr | None, resolution: Resolution
) -> bool | None:
    if node is None:
        return False
    found = keras_optimizer(values, resolution)
    return found if isinstance(found, bool) or found is None else True


def reads_state_of_optimizers(resolution: Resolution) -> bool:
    """Whether the program reads the state of an optimizer of the server."""
    return any(_STATE_OF_OPTIMIZER.search(unit.code) for unit in resolution.scopes)


def _is_keras_optimizer_by_default(
    values: Values, node: ast.expr | None, resolution: Resolution
) -> bool | None:
    if node is None:
        return reads_state_of_optimizers(resolution)
    return _is_keras_optimizer(values, node, resolution)


def _is_tf_type(values: Values, node: ast.expr | None, resolution: Resolution) -> bool | None:
    return False if node is None else is_tensorflow_type(values)


def _is_python_type(values: Values, node: ast.expr | None, resolution: Resolution) -> bool | None:
    if node is None or is_type(values):
        return False
    return True if is_numpy_dtype(values) else is_tensorflow_type(values)


def _is_none(values: Values, node: ast.expr | None, resolution: Resolution) -> bool | None:
    found = _is_not_none(values, node, resolution)
    return None if found is None else not found


_TENSORS = frozenset(
    "constant convert_to_tensor zeros ones fill range eye cast reshape stack concat expand_dims "
    "squeeze transpose one_hot linspace zeros_like ones_like random.uniform random.normal "
    "random.stateless_uniform random.stateless_normal random.shuffle".split()
)
"""Functions of TensorFlow that programs make tensors with."""


def _holds_tensors(values: Values, node: ast.expr | None, resolution: Resolution) -> bool | None:
    return _agreed([_is_or_holds_tensors(value, 6) for value in values])


def _is_or_holds_tensors(value: object, depth: int) -> bool | None:
    if isinstance(value, Instance):
        return True if _in_tensorflow(value.role) in _TENSORS else None
    if isinstance(value, Container) and depth:
        inner = [_is_or_holds_tensors(each, depth - 1) for each in value.elements]
        return True if True in inner else None
    return None


def _of_role(role: str) -> _Test:
    def test(values: Values, node: ast.expr | None, resolution: Resolution) -> bool | None:
        return _agreed(
            [value.role == role if isinstance(value, Instance) else None for value in values]
        )

    return test


def _holds_numbers(values: Values, node: ast.expr | None, resolution: Resolution) -> bool | None:
    return any(_is_or_holds_number(value, 6) for value in values) or None


def _is_or_holds_number(value: object, depth: int) -> bool:
    if isinstance(value, Container) and depth:
        return any(_is_or_holds_number(each, depth - 1) for each in value.elements)
    return isinstance(value, Literal) and isinstance(value.value, (bool, int, float, complex))


_WITHOUT_TYPES = frozenset({"SparseTensorSpec", "RaggedTensorSpec"})


def is_untyped(values: Values, depth: int = 4) -> bool:
    """Whether it is, or holds, what TFF makes no type of, though it did."""
    for value in values:
        if isinstance(value, Class):
            return True
        if isinstance(value, Instance) and _in_tensorflow(value.role) in _WITHOUT_TYPES:
            return True
        if isinstance(value, Container) and depth and is_untyped(value.elements, depth - 1):
            return True
    return False


def _is_untyped(values: Values, node: ast.expr | None, resolution: Resolution) -> bool | None:
    return is_untyped(values) or None


def _has_defaults(values: Values, node: ast.expr | None, resolution: Resolution) -> bool | None:
    return _agreed([bool(each.defaults) for each in values if isinstance(each, Function)])


def _is_in_another_form(
    values: Values, node: ast.expr | None, resolution: Resolution
) -> bool | None:
    return isinstance(node, ast.Call) and given.is_in_another_form(values, node, resolution)


def _is_call(values: Values, node: ast.expr | None, resolution: Resolution) -> bool | None:
    return isinstance(node, ast.Call)


def _is_call_with_numbers(
    values: Values, node: ast.expr | None, resolution: Resolution
) -> bool | None:
    if not isinstance(node, ast.Call):
        return False
    return any(
        _may_be_converted(value, 6)
        for each in all_arguments(node)
        for value in resolution.known(each)
    )


def _may_be_converted(value: object, depth: int) -> bool:
    """Whether it is, or holds, an integer, a number of NumPy, or a tuple of any."""
    if isinstance(value, Container) and depth:
        within = any(_may_be_converted(each, depth - 1) for each in value.elements)
        return within or (value.kind == "tuple" and _is_or_holds_number(value, depth))
    if isinstance(value, Instance):
        return value.role.startswith("numpy.")
    return isinstance(value, Literal) and value.kind == "int"


_OF_NO_ELEMENTS = frozenset({"TensorType", "AbstractType", "PlacementType"})


def _compares_structures(
    values: Values, node: ast.expr | None, resolution: Resolution
) -> bool | None:
    """Whether neither side of a comparison is surely a type without elements, or no type."""
    if not isinstance(node, ast.Compare):
        return False
    sides = [resolution.known(each) for each in (node.left, node.comparators[0])]
    return not any(side and all(_has_no_elements(value) for value in side) for side in sides)


def _has_no_elements(value: object) -> bool:
    if isinstance(value, Instance) and value.maker.endswith(".to_type"):
        return any(isinstance(each, Symbol) for _, given in value.given for each in given)
    if isinstance(value, Instance):
        return value.maker.rpartition(".")[2] in _OF_NO_ELEMENTS
    return isinstance(value, (Literal, Symbol))


_ONCE_CONTAINERS = frozenset({"dict", "tuple"})


def _asks_for_container(
    values: Values, node: ast.expr | None, resolution: Resolution
) -> bool | None:
    """Whether `isinstance` asks a result for a class that it has now, or had.

    What TensorFlow code gives came in the containers that it returns.
    """
    if not isinstance(node, ast.Call) or len(node.args) != 2:
        return False
    if all(isinstance(value, Instance) and _of_tf_code(value.maker) for value in values):
        return False
    classes = node.args[1].elts if isinstance(node.args[1], ast.Tuple) else [node.args[1]]
    return any(_is_container_class(each, resolution) for each in classes)


def _of_tf_code(maker: str) -> bool:
    return maker.rpartition(".")[2] == "tf_computation"


def _is_container_class(node: ast.expr, resolution: Resolution) -> bool:
    values = resolution.known(node)
    if not values:
        return isinstance(node, ast.Name) and node.id in _ONCE_CONTAINERS
    return any(
        isinstance(value, (Class, Record))
        or (isinstance(value, Symbol) and value.path.startswith(("collections.", "tff.")))
        for value in values
    )


def _is_dict(values: Values, node: ast.expr | None, resolution: Resolution) -> bool | None:
    if node is None:
        return False
    answers: list[bool | None] = []
    for value in values:
        if isinstance(value, Container):
            answers.append(value.kind == "dict")
        else:
            known = isinstance(value, (Literal, Instance, Function, Symbol))
            answers.append(False if known else None)
    return _agreed(answers)


def _is_number(values: Values, node: ast.expr | None, resolution: Resolution) -> bool | None:
    if node is None:
        return False
    kinds = [value.kind if isinstance(value, Literal) else "" for value in values]
    return _agreed([kind in ("int", "float") if kind else None for kind in kinds])


_TESTS: dict[str, _Test] = {
    "any": _is_given,
    "not none": _is_not_none,
    "none": _is_none,
    "local runtime": _of_role("local runtime"),
    "evaluation": _of_role("evaluation"),
    "tensors": _holds_tensors,
    "keras optimizer": _is_keras_optimizer,
    "keras optimizer by default": _is_keras_optimizer_by_default,
    "tensorflow type": _is_tf_type,
    "python type": _is_python_type,
    "dict": _is_dict,
    "numbers": _holds_numbers,
    "number": _is_number,
    "untyped": _is_untyped,
    "defaults": _has_defaults,
    "call": _is_call,
    "call with numbers": _is_call_with_numbers,
    "structures": _compares_structures,
    "container": _asks_for_container,
    "result": _of_role("result of a computation"),
    "another form": _is_in_another_form,
}
