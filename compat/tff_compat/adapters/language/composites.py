"""Elements of data sets that the installed TFF does not take: they travel in parts.

Sparse and ragged tensors are structures of the tensors that they are made of, as types of TFF 0.19
to 0.67 described them. What has names in another order than the alphabet's travels as a dict: the
installed runtime would mistake one field for another. To TensorFlow code each comes as it was.
"""

from __future__ import annotations

import collections
import functools
from collections.abc import Callable, Mapping
from typing import Any

import attr
import tensorflow as tf
import tree
from packaging.version import Version

from tff_compat import modern
from tff_compat.adapters.stand_ins import derived, named
from tff_compat.catalog.boundaries import (
    FIRST_IN_ALPHABETICAL_ORDER,
    FIRST_WITH_COMPOSITE_TENSORS,
    FIRST_WITH_TODAYS_TYPES,
)

tff = modern.package()


class Parts(collections.OrderedDict):
    """What a value is made of, by name; subclasses know how it is put together."""

    whole: Callable[..., Any]


class SparseParts(Parts):
    """The parts of a `tf.SparseTensor`."""

    names = ("indices", "values", "dense_shape")
    whole = tf.SparseTensor


def _ragged(flat_values: Any, nested_row_splits: Any, rank: int | None = None) -> Any:
    if rank is not None:
        flat_values = tf.ensure_shape(flat_values, [None] * rank)
    return tf.RaggedTensor.from_nested_row_splits(flat_values, nested_row_splits, validate=False)


class RaggedParts(Parts):
    """The parts of a `tf.RaggedTensor`; subclasses know the rank of its flat values."""

    names = ("flat_values", "nested_row_splits")
    whole = staticmethod(_ragged)


# Types print the name of their container.
named("SparseTensor", SparseParts, found_by_pickle=True)
named("RaggedTensor", RaggedParts, found_by_pickle=True)


@functools.cache
def ragged_parts(rank: int | None) -> Any:
    """The class of the parts of ragged tensors whose flat values have a rank, or any."""
    if rank is None:
        return RaggedParts
    body = {"whole": staticmethod(functools.partial(_ragged, rank=rank))}
    return derived(RaggedParts, body)


@functools.cache
def _fields_of(container: Any) -> Any:
    """The class of the fields of named tuples of a class, or of the objects of an attrs class."""
    return derived(Parts, {"whole": container}, name=container.__name__)


def container(tensor: Any) -> Any:
    """The container of the parts of a sparse or ragged tensor."""
    if isinstance(tensor, tf.RaggedTensor):
        return ragged_parts(tensor.flat_values.shape.rank)
    return SparseParts


def element(type_spec: Any, release: Version) -> Any:
    """The type of a data set's element, in the containers in which it travels."""
    if release >= FIRST_IN_ALPHABETICAL_ORDER or not isinstance(type_spec, tff.StructType):
        return type_spec
    elements = [(n, element(each, release)) for n, each in tff.structure.iter_elements(type_spec)]
    names = [name for name, _ in elements]
    kind = getattr(type_spec, "python_container", None)
    if None in names or kind is None:
        return type_spec
    if not issubclass(kind, Mapping) and names != sorted(names):
        kind = _fields_of(kind)
    return tff.StructWithPythonType(elements, kind)


def are_in(type_spec: Any) -> bool:
    """Whether values of a type hold sparse or ragged tensors outside of data sets."""
    if isinstance(type_spec, tff.FederatedType):
        return are_in(type_spec.member)
    if isinstance(type_spec, tff.StructType):
        kind = getattr(type_spec, "python_container", None)
        if kind is not None and issubclass(kind, (SparseParts, RaggedParts)):
            return True
        return any(are_in(each) for _, each in tff.structure.iter_elements(type_spec))
    return False


def taken_apart(value: Any) -> Any:
    """The value with `Parts` for each sparse and ragged tensor, and of elements of data sets."""

    def convert(each: Any) -> Any:
        if isinstance(each, (tf.SparseTensor, tf.RaggedTensor)):
            return _parts(each)
        if isinstance(each, tf.data.Dataset) and _travels_in_parts(each.element_spec):
            return _mapped(each, _element_in_parts)
        return None

    return _replaced(value, convert)


def put_together(value: Any) -> Any:
    """The value with what `Parts` are those of, also of elements of data sets."""

    def convert(each: Any) -> Any:
        if isinstance(each, Parts):
            return type(each).whole(**{name: put_together(part) for name, part in each.items()})
        if isinstance(each, tf.data.Dataset) and _holds(each.element_spec, Parts):
            return _mapped(each, put_together)
        return None

    return _replaced(value, convert)


def sendable(dataset: tf.data.Dataset) -> tf.data.Dataset:
    """The data set with plain dicts for the parts of elements, as the installed runtime takes it.

    It is returned as it is where there are none.
    """
    spec = dataset.element_spec
    if not _holds(spec, Parts) and not _travels_in_parts(spec):
        return dataset
    return _mapped(dataset, lambda each: _plain(_element_in_parts(each)))


def have_types(release: Version) -> bool:
    """Whether there were types of sparse and ragged tensors in a release."""
    return FIRST_WITH_COMPOSITE_TENSORS <= release < FIRST_WITH_TODAYS_TYPES


def for_tensorflow(function: Callable[..., Any], release: Version) -> Callable[..., Any]:
    """A function of TensorFlow code that is given its arguments whole, and may return such."""
    if release >= FIRST_WITH_TODAYS_TYPES:
        return function

    @functools.wraps(function)
    def with_wholes(*args: Any, **kwargs: Any) -> Any:
        result = function(*put_together(args), **put_together(kwargs))
        return taken_apart(result) if have_types(release) else result

    return with_wholes


def _parts(tensor: Any) -> Parts:
    kind: Any = container(tensor)
    made: Parts = kind((name, getattr(tensor, name)) for name in kind.names)
    if isinstance(made, RaggedParts) and not tf.executing_eagerly():
        # Types did not tell the rank of flat values.
        flat = made["flat_values"]
        made["flat_values"] = tf.compat.v1.placeholder_with_default(flat, tf.TensorShape(None))
    return made


def _field_names(value: Any) -> list[str]:
    """The names of the fields of a named tuple or of an object of an attrs class."""
    if isinstance(value, tuple):
        return list(getattr(value, "_fields", ()))
    return [each.name for each in attr.fields(type(value))] if attr.has(type(value)) else []


def _element_in_parts(value: Any) -> Any:
    def convert(each: Any) -> Any:
        if isinstance(each, (tf.SparseTensor, tf.RaggedTensor)):
            return _parts(each)
        names = _field_names(each)
        if names == sorted(names):
            return None
        fields = ((name, _element_in_parts(getattr(each, name))) for name in names)
        kind: Any = type(each)
        return _fields_of(kind)(fields)  # type: ignore[arg-type]

    return _replaced(value, convert)


def _plain(value: Any) -> Any:
    def convert(each: Any) -> Any:
        if not isinstance(each, Parts):
            return None
        return collections.OrderedDict((name, _plain(part)) for name, part in each.items())

    return _replaced(value, convert)


def _travels_in_parts(spec: Any) -> bool:
    """Whether elements of a spec are not taken as they are."""
    found = False

    def visit(each: Any) -> None:
        nonlocal found
        names = _field_names(each)
        composite = isinstance(each, (tf.SparseTensorSpec, tf.RaggedTensorSpec))
        found = found or composite or names != sorted(names)

    tree.traverse(visit, spec)
    return found


def _holds(value: Any, kind: type) -> bool:
    found = False

    def visit(each: Any) -> None:
        nonlocal found
        found = found or isinstance(each, kind)

    tree.traverse(visit, value)
    return found


def _replaced(value: Any, convert: Callable[[Any], Any]) -> Any:
    """The value with what a function gives, unless that is None, for what is inside it."""
    found = False

    def visit(each: Any) -> Any:
        nonlocal found
        made = convert(each)
        found = found or made is not None
        return made

    replaced = tree.traverse(visit, value)
    return replaced if found else value


def _mapped(dataset: tf.data.Dataset, convert: Callable[[Any], Any]) -> tf.data.Dataset:
    spec = dataset.element_spec

    def one(*each: Any) -> Any:
        return convert(tf.nest.pack_sequence_as(spec, tf.nest.flatten(each)))

    return dataset.map(one)
