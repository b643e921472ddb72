"""Type expressions as programs of each release wrote them, and the law of how they print.

An `Expression` is Python code, which a release and a view evaluate, and the parts of the string
that the type prints as: text, and the strings of the leaves, which `tools/record_types.py` takes
from the real releases.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

DTYPES = ("bool", "int8", "uint8", "int32", "int64", "float16", "float32", "float64", "string")


@dataclass(frozen=True)
class Leaf:
    """A part that is what the code of a tensor type printed as."""

    code: str


@dataclass(frozen=True)
class Brace:
    """A part that is there if values at a placement may differ by default."""

    text: str
    placement: str

    @property
    def code(self) -> str:
        """The expression whose string tells."""
        return f"tff.FederatedType([], tff.{self.placement})"


@dataclass(frozen=True)
class Expression:
    """A type expression.

    Attributes:
      code: Python code over `tff`, `tf`, `np`, `collections` and `attr`.
      parts: What its string is made of.
    """

    code: str
    parts: tuple[str | Leaf | Brace, ...]

    def printed(self, recorded: Mapping[str, str]) -> str:
        """What it prints as, by the law, where the leaves print as recorded."""
        made = []
        for part in self.parts:
            if isinstance(part, Leaf):
                made.append(recorded[part.code])
            elif isinstance(part, Brace):
                made.append(part.text if recorded[part.code].startswith("{") else "")
            else:
                made.append(part)
        return "".join(made)


def leaf(code: str) -> Expression:
    return Expression(code, (Leaf(code),))


def tensors() -> list[Expression]:
    """Tensor types in each form, of TensorFlow's terms and numpy's."""
    codes = [f"tf.{dtype}" for dtype in DTYPES]
    codes += [f"np.{_numpy(dtype)}" for dtype in DTYPES if dtype not in ("bool", "string")]
    for dtype in ("int32", "float32", "string"):
        codes += [
            f"(tf.{dtype}, [3])",
            f"(tf.{dtype}, (None, 2))",
            f"(tf.{dtype}, [])",
            f"(tf.{dtype}, tf.TensorShape([None, 28, 28, 1]))",
            f"tff.TensorType(tf.{dtype})",
            f"tff.TensorType(tf.{dtype}, [1])",
            f"tff.TensorType(tf.{dtype}, (2, None))",
            f"tff.TensorType(tf.{dtype}, None)",
            f"tff.TensorType(tf.{dtype}, tf.TensorShape([5, None]))",
            f"tff.TensorType(tf.{dtype}, tf.TensorShape(None))",
            f"tf.TensorSpec([None, 4], tf.{dtype})",
            f"tf.TensorSpec([], tf.{dtype})",
        ]
    for dtype in ("bool_", "int32", "float32", "str_"):
        codes += [
            f"(np.{dtype}, [3])",
            f"tff.TensorType(np.{dtype})",
            f"tff.TensorType(np.{dtype}, (2, None))",
            f"tff.TensorType(np.{dtype}, shape=[])",
        ]
    codes += [
        "tff.TensorType(dtype=tf.int64, shape=[7])",
        "tff.TensorType(np.dtype('int16'), [2])",
        "tff.TensorType(np.float32, None)",
        "tf.as_dtype('uint16')",
        "tf.TensorSpec(shape=[2], dtype=tf.bool, name='x')",
    ]
    return [leaf(code) for code in codes]


def _numpy(dtype: str) -> str:
    return {"bool": "bool_", "string": "str_"}.get(dtype, dtype)


def _joined(
    prefix: str, elements: Sequence[tuple[str | None, Expression]]
) -> tuple[str | Leaf | Brace, ...]:
    parts: list[str | Leaf | Brace] = [prefix]
    for index, (name, element) in enumerate(elements):
        parts.append(("," if index else "") + (f"{name}=" if name is not None else ""))
        parts += element.parts
    return (*parts, ">")


UNNAMED = ("list", "tuple", "struct")
NAMED = ("pairs", "tuple of pairs", "struct", "ordered", "namedtuple", "attrs")


def unnamed(style: str, elements: Sequence[Expression], struct: str) -> Expression:
    """A structure without names; `struct` is the name of the class of such types then."""
    inner = ", ".join(each.code for each in elements)
    code = {
        "list": f"[{inner}]",
        "tuple": f"({inner},)",
        "struct": f"tff.{struct}([{inner}])",
    }[style]
    return Expression(code, _joined("<", [(None, each) for each in elements]))


def named(style: str, fields: Sequence[tuple[str, Expression]], struct: str) -> Expression:
    """A structure of named fields."""
    pairs = ", ".join(f"({name!r}, {each.code})" for name, each in fields)
    values = ", ".join(each.code for _, each in fields)
    names = [name for name, _ in fields]
    code = {
        "pairs": f"[{pairs}]",
        "tuple of pairs": f"({pairs},)",
        "struct": f"tff.{struct}([{pairs}])",
        "ordered": f"collections.OrderedDict([{pairs}])",
        "namedtuple": f"collections.namedtuple('Point', {names})({values})",
        "attrs": f"attr.make_class('Batch', {names})({values})",
    }[style]
    return Expression(code, _joined("<", fields))


def sequence(element: Expression) -> Expression:
    return Expression(f"tff.SequenceType({element.code})", (*element.parts, "*"))


def federated(member: Expression, placement: str, all_equal: bool | None) -> Expression:
    """The type of a value at a placement; None is the default of `all_equal`."""
    if all_equal is None:
        given = ""
        left: str | Brace = Brace("{", placement)
        right: str | Brace = Brace("}", placement)
    else:
        given = f", all_equal={all_equal}"
        left, right = ("", "") if all_equal else ("{", "}")
    code = f"tff.FederatedType({member.code}, tff.{placement}{given})"
    return Expression(code, (left, *member.parts, right, f"@{placement}"))


def function(parameter: Expression | None, result: Expression) -> Expression:
    code = f"tff.FunctionType({parameter.code if parameter else None}, {result.code})"
    parts = parameter.parts if parameter else ()
    return Expression(code, ("(", *parts, " -> ", *result.parts, ")"))


def composites(count: int, leaves: Sequence[Expression], struct: str) -> list[Expression]:
    """Nested expressions, the same ones each time."""
    draw = random.Random(struct)

    def local(depth: int) -> Expression:
        kind = draw.choice(["leaf", "unnamed", "named", "named"]) if depth else "leaf"
        if kind == "leaf":
            return draw.choice(leaves)
        size = draw.randint(1, 3)
        elements = [local(depth - 1) for _ in range(size)]
        if kind == "unnamed":
            return unnamed(draw.choice(UNNAMED), elements, struct)
        names = draw.sample(["a", "b", "x", "y", "str", "weights"], size)
        return named(draw.choice(NAMED), list(zip(names, elements)), struct)

    def whole() -> Expression:
        kind = draw.choice(["local", "sequence", "placed", "placed", "function", "several"])
        if kind == "local":
            return local(3)
        if kind == "sequence":
            return sequence(local(2))
        if kind == "placed":
            return placed()
        if kind == "function":
            parameter = draw.choice([None, local(1), placed()])
            return function(parameter, draw.choice([local(1), placed()]))
        return named("ordered", [("p", placed()), ("q", placed())], struct)

    def placed() -> Expression:
        member = draw.choice([local(2), sequence(local(1))])
        return federated(
            member, draw.choice(["CLIENTS", "SERVER"]), draw.choice([None, None, True, False])
        )

    return [whole() for _ in range(count)]


_TENSORFLOW_DTYPE = re.compile(r"\btf\.(int32|float32|float64|bool|string)\b")


def _as_numpy(found: re.Match[str]) -> str:
    return f"np.{_numpy(found[1])}"


_POINT = "collections.OrderedDict([('x', tf.int32), ('y', (tf.float32, [2]))])"
_PAIRS = "[('x', tf.int32), ('y', (tf.float32, [2]))]"
_TYPES = {
    "tensor": "tff.TensorType(tf.float32, [None, 2])",
    "sequence": "tff.SequenceType(tf.int32)",
    "federated": "tff.FederatedType(tf.int32, tff.CLIENTS)",
    "function": "tff.FunctionType(tf.int32, tf.int32)",
    "struct": f"tff.to_type({_PAIRS})",
    "struct_with_python": f"tff.to_type({_POINT})",
}


def questions(*, of_numpy: bool = False) -> list[str]:
    """What else programs asked of types, and forms of which the law knows nothing.

    Args:
      of_numpy: Whether dtypes are numpy's, as later releases want them.
    """
    if of_numpy:
        return [_TENSORFLOW_DTYPE.sub(_as_numpy, code) for code in questions()]
    codes = [
        "tff.to_type(None)",
        "tff.to_type(3)",
        "tff.to_type('int32')",
        "tff.to_type(float)",
        "tff.to_type({'b': tf.int32, 'a': tf.bool})",
        "tff.to_type(('a', tf.int32))",
        "tff.to_type([('a', tf.int32), tf.bool])",
        "tff.to_type([(None, tf.int32)])",
        "tff.to_type(())",
        "tff.to_type([])",
        "tff.to_type(collections.OrderedDict())",
        "tff.to_type(spec=tf.int32)",
        "tff.to_type(obj=tf.int32)",
        "tff.to_type((tf.int32, 3))",
        "tff.to_type((tf.int32, tf.TensorShape(None)))",
        "tff.to_type(tf.data.DatasetSpec(tf.TensorSpec([2], tf.int32)))",
        "tff.to_type(tf.RaggedTensorSpec([None, None], tf.int32))",
        "tff.to_type(tf.RaggedTensorSpec([2, None, None], tf.float32, ragged_rank=2))",
        "tff.to_type(tf.SparseTensorSpec([None, 3], tf.float32))",
        "tff.to_type(tff.FederatedType([], tff.CLIENTS))",
        "tff.TensorType(tf.int32, 3)",
        "tff.TensorType(int)",
        "tff.TensorType('int32')",
        "tff.FederatedType(tf.int32, 'clients')",
        "tff.FederatedType([], tff.CLIENTS)",
        "tff.FederatedType([], tff.SERVER)",
        "tff.FederatedType(tf.int32, tff.CLIENTS, True)",
        "tff.type_at_clients(tf.int32)",
        "tff.type_at_clients((tf.int32, [2]), all_equal=True)",
        "tff.type_at_server([tf.int32, tf.bool])",
        "tff.types.at_clients(tf.int32)",
        "tff.types.at_server(tf.int32)",
        "tff.types.AbstractType('T')",
        "tff.types.PlacementType()",
        "tff.types.to_type([tf.int32])",
        f"tff.StructWithPythonType({_PAIRS}, collections.OrderedDict)",
        f"tff.StructWithPythonType({_PAIRS}, dict)",
        "tff.StructWithPythonType([tf.int32, tf.bool], list)",
        f"tff.StructWithPythonType.get_container_type(tff.to_type({_POINT}))",
        f"tff.to_type({_POINT}).python_container",
        "tff.FunctionType(tff.AbstractType, tf.int32)",
        f"tff.to_type({_POINT}) == tff.to_type({_PAIRS})",
        f"tff.to_type({_PAIRS}) == tff.to_type({_POINT})",
        f"tff.to_type({_POINT}) != tff.to_type({_PAIRS})",
        "tff.to_type([tf.int32]) == tff.to_type((tf.int32,))",
        "tff.to_type([tf.int32]) == tff.to_type([('a', tf.int32)])",
        "tff.TensorType(tf.int32) == tff.TensorType(tf.int32, [])",
        "tff.TensorType(tf.int32) == tf.int32",
        "tff.TensorType(tf.int32, [None]) == tff.TensorType(tf.int32, [None])",
        "tff.TensorType(tf.float32).dtype is tf.float32",
        "tff.TensorType(tf.string).dtype == tf.string",
        "tff.TensorType(tf.float32).dtype.is_floating",
        "tff.TensorType(tf.int32).dtype.is_integer",
        "tff.TensorType(tf.int32).dtype.as_numpy_dtype is np.int32",
        "tff.TensorType(tf.string).dtype.name",
        "tff.TensorType(tf.bool).dtype.name",
        "isinstance(tff.TensorType(tf.int32).dtype, tf.DType)",
        "isinstance(tff.TensorType(tf.int32).shape, tf.TensorShape)",
        "tff.TensorType(tf.int32, [2, None]).shape.as_list()",
        "tff.TensorType(tf.int32).shape.ndims",
        "tff.TensorType(tf.int32, [2, None]).shape.rank",
        "tff.TensorType(tf.int32, [2, 3]).shape.num_elements()",
        "tff.TensorType(tf.int32, [2, 3]).shape == (2, 3)",
        "tff.TensorType(tf.int32, [2, 3]).shape == [2, 3]",
        "tf.zeros(tff.TensorType(tf.int32, [2]).shape, tff.TensorType(tf.int32, [2]).dtype).dtype",
        f"tff.to_type({_POINT}).x",
        f"tff.to_type({_POINT})['y']",
        f"tff.to_type({_POINT})[1]",
        f"tff.to_type({_POINT})[1].dtype.name",
        f"len(tff.to_type({_POINT}))",
        f"[str(each) for each in tff.to_type({_POINT})]",
        f"tff.to_type({_POINT}).z",
        "tff.SequenceType([tf.int32, [tf.bool]]).element",
        "tff.SequenceType([tf.int32, [tf.bool]]).element[0].dtype.name",
        "tff.FederatedType(tf.int32, tff.CLIENTS).member.dtype.name",
        "tff.FederatedType(tf.int32, tff.CLIENTS).placement",
        "tff.FederatedType(tf.int32, tff.SERVER).all_equal",
        "tff.FunctionType(tf.int32, tf.bool).parameter",
        "tff.FunctionType(tf.int32, tf.bool).result.dtype.name",
        "tff.FunctionType(None, tf.bool).parameter",
        f"tff.to_type({_POINT}).formatted_representation()",
        f"tff.FederatedType({_POINT}, tff.CLIENTS).formatted_representation()",
        f"tff.FunctionType([{_PAIRS}, tf.string], tff.SequenceType({_POINT}))"
        ".formatted_representation()",
        f"tff.to_type({_POINT}).compact_representation()",
        "tff.CLIENTS",
        "issubclass(tff.TensorType, tff.Type)",
        "isinstance(tff.to_type(tf.int32), tff.Type)",
        "type(tff.to_type(tf.int32)).__name__",
        f"type(tff.to_type({_PAIRS})).__name__",
        f"type(tff.to_type({_POINT})).__name__",
        "tff.TensorType(tf.int32, [None]).is_assignable_from(tff.TensorType(tf.int32, [3]))",
        "tff.TensorType(tf.int32, [3]).check_assignable_from(tff.TensorType(tf.int32, [None]))",
        f"tff.to_type({_POINT}).is_equivalent_to(tff.to_type({_PAIRS}))",
        f"tff.to_type({_POINT}).is_identical_to(tff.to_type({_PAIRS}))",
        "tff.types.is_structure_of_floats(tff.to_type([tf.float32, tf.float64]))",
        "tff.types.is_structure_of_integers(tff.to_type([tf.int32, tf.float64]))",
        "tff.types.is_structure_of_tensors(tff.to_type([tf.int32, [tf.bool]]))",
        "tff.types.is_tensorflow_compatible_type(tff.SequenceType(tf.int32))",
        "tff.types.contains(tff.to_type([tf.int32]), lambda t: t.is_tensor())",
        "tff.types.contains(tff.to_type([tf.int32]), lambda t: t.dtype.is_integer)",
        "tff.types.count(tff.to_type([tf.int32, tf.bool]), lambda t: t.is_tensor())",
        "tff.types.type_to_tf_tensor_specs(tff.to_type((tf.int32, [2])))",
        "tff.types.infer_unplaced_type(3)",
        "tff.types.infer_unplaced_type([1.5, True])",
        "tff.types.infer_unplaced_type(collections.OrderedDict(a=np.zeros([2], np.float32)))",
        "tff.types.infer_unplaced_type('text')",
        "tff.types.infer_unplaced_type(None)",
        "tff.types.infer_unplaced_type(tf.constant([1, 2]))",
        "tff.types.infer_unplaced_type(tf.data.Dataset.range(3))",
        "tff.types.infer_unplaced_type({'b': 1, 'a': 2.0})",
        "tff.types.type_from_tensors([tf.constant(1), tf.constant([1.0])])",
        "tff.types.type_from_tensors({'a': tf.constant('x')})",
        "tff.types.MAX_LINE_LEN",
        "tff.structure_from_tensor_type_tree(lambda t: t.dtype.name, tff.to_type([tf.int32]))",
        "tff.structure_from_tensor_type_tree(lambda t: t.shape.as_list(), [(tf.int32, [2])])",
        f"tff.types.deserialize_type(tff.types.serialize_type(tff.to_type({_PAIRS})))",
    ]
    for kind, code in _TYPES.items():
        for asked in (*_TYPES, "tuple", "tuple_with_py_container", "abstract", "placement"):
            codes.append(f"({code}).is_{asked}()")
        codes += [f"({code}).check_{kind}()", f"({code}).check_placement()"]
        codes.append(f"[str(each) for each in ({code}).children()]")
    return codes
