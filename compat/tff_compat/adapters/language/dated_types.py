"""Types that know their release: how they print, what they are asked and what they consist of."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf
from packaging.version import Version

from tff_compat import modern
from tff_compat.adapters.language import composites
from tff_compat.adapters.stand_ins import derived
from tff_compat.catalog.boundaries import (
    FIRST_WITH_ASSIGNABLE_ABSTRACT_TYPES,
    FIRST_WITH_CHECKED_TENSORS,
    FIRST_WITH_CONTAINERS,
    FIRST_WITH_NAMED_UNKNOWN_SHAPE,
    FIRST_WITH_NUMPY_DTYPES,
    FIRST_WITH_PREDICATES,
    FIRST_WITH_SHAPE_IN_TUPLE,
    FIRST_WITH_STRUCTS,
    FIRST_WITH_TODAYS_TYPES,
    FIRST_WITH_TUPLES_IN_SEQUENCES,
    FIRST_WITHOUT_DTYPE_OF_UNKNOWN_SHAPE,
    FIRST_WITHOUT_GET_CONTAINER_TYPE,
    FIRST_WITHOUT_PREDICATES,
)

tff = modern.package()


# TFF keeps what it knows of types in weak dictionaries, which compare types too, and asks numpy
# about them, which takes what has a dtype for one.
_OWN = ("tensorflow_federated.", "tff_compat.", "numpy.", "weakref")
# Where a run is traced, this reads the attributes that the program asks for.
_FOR_PROGRAM = "tff_compat.tracing.recorder"


def _asked_by_program() -> bool:
    """Whether it was not TFF or tff-compat that called the method which calls this.

    TFF's own code needs what the installed release has, at the places where a program needs what
    its release had.
    """
    asking = str(sys._getframe(2).f_globals.get("__name__", ""))
    return asking == _FOR_PROGRAM or not asking.startswith(_OWN)


def numpy_dtype(type_spec: Any) -> np.dtype[Any]:
    """The dtype of a `tff.TensorType` as numpy's; types had TensorFlow's up to 0.66."""
    dtype = type_spec.dtype
    if isinstance(dtype, tf.DType):
        return np.dtype(np.str_ if dtype is tf.string else dtype.as_numpy_dtype)
    return np.dtype(dtype)


def tensorflow_dtype(type_spec: Any) -> tf.DType:
    """The dtype of a `tff.TensorType` as TensorFlow's."""
    dtype = numpy_dtype(type_spec)
    return tf.string if dtype.kind in "US" else tf.as_dtype(dtype)


def _dimensions(type_spec: Any) -> list[int | None] | None:
    """The shape of a `tff.TensorType`; None where not even the rank is known."""
    shape = tf.TensorShape(type_spec.shape)
    return None if shape.rank is None else shape.as_list()


def _text(type_spec: Any, release: Version, *, formatted: bool) -> str:
    """What `str` gives, or with `formatted` the form over several lines."""

    def text(each: Any) -> str:
        return _text(each, release, formatted=formatted)

    if isinstance(type_spec, tff.TensorType):
        dtype = tensorflow_dtype(type_spec)
        name = "str" if dtype is tf.string and release >= FIRST_WITH_NUMPY_DTYPES else dtype.name
        shape = _dimensions(type_spec)
        if shape is None:
            if release < FIRST_WITHOUT_DTYPE_OF_UNKNOWN_SHAPE:
                return f"tf.{name}[None]"
            return f"{name!r}(shape=None)"
        sizes = ",".join("?" if size is None else str(size) for size in shape)
        return f"{name}[{sizes}]" if shape else name
    if isinstance(type_spec, tff.SequenceType):
        return f"{text(type_spec.element)}*"
    if isinstance(type_spec, tff.FederatedType):
        member = text(type_spec.member)
        return f"{member if type_spec.all_equal else f'{{{member}}}'}@{type_spec.placement}"
    if isinstance(type_spec, tff.FunctionType):
        parameter = "" if type_spec.parameter is None else text(type_spec.parameter)
        return f"({parameter} -> {text(type_spec.result)})"
    if isinstance(type_spec, tff.StructType):
        elements = [
            text(each) if name is None else f"{name}={text(each)}"
            for name, each in tff.structure.iter_elements(type_spec)
        ]
        if formatted and elements:
            lines = ",\n".join(elements).replace("\n", "\n  ")
            return f"<\n  {lines}\n>"
        return f"<{','.join(elements)}>"
    return str(type_spec.label) if isinstance(type_spec, tff.types.AbstractType) else "placement"


def _representation(type_spec: Any, release: Version) -> str:
    """What `repr` gives."""

    def shown(each: Any) -> str:
        return repr(each) if each is None else _representation(each, release)

    if isinstance(type_spec, tff.TensorType):
        return f"TensorType({', '.join(_of_tensor(type_spec, release))})"
    if isinstance(type_spec, tff.SequenceType):
        return f"SequenceType({shown(_given_element(type_spec))})"
    if isinstance(type_spec, tff.FederatedType):
        member = shown(type_spec.member)
        return f"FederatedType({member}, {type_spec.placement!r}, {type_spec.all_equal!r})"
    if isinstance(type_spec, tff.FunctionType):
        return f"FunctionType({shown(type_spec.parameter)}, {shown(type_spec.result)})"
    if isinstance(type_spec, tff.StructType):
        elements = ", ".join(
            shown(each) if name is None else f"({name!r}, {shown(each)})"
            for name, each in tff.structure.iter_elements(type_spec)
        )
        if release < FIRST_WITH_STRUCTS:
            return f"NamedTupleType([{elements}])"
        if isinstance(type_spec, tff.StructWithPythonType):
            return f"StructType([{elements}]) as {type_spec.python_container.__name__}"
        return f"StructType([{elements}])"
    if isinstance(type_spec, tff.types.AbstractType):
        return f"AbstractType({type_spec.label!r})"
    return "PlacementType()"


def _of_tensor(type_spec: Any, release: Version) -> list[str]:
    dtype = tensorflow_dtype(type_spec)
    shape = _dimensions(type_spec)
    if release >= FIRST_WITH_NUMPY_DTYPES:
        name = "np.str" if dtype is tf.string else f"np.{dtype.name}"
    else:
        name = f"tf.{dtype.name}"
    if shape == []:
        return [name]
    if release >= FIRST_WITH_SHAPE_IN_TUPLE:
        return [name, repr(None if shape is None else tuple(shape))]
    if shape is None and release >= FIRST_WITH_NAMED_UNKNOWN_SHAPE:
        return [name, "shape=None"]
    return [name, repr(shape)]


_KINDS = {
    "tensor": tff.TensorType,
    "sequence": tff.SequenceType,
    "federated": tff.FederatedType,
    "function": tff.FunctionType,
    "abstract": tff.types.AbstractType,
    "placement": tff.types.PlacementType,
}
_STRUCTS = {"struct": tff.StructType, "struct_with_python": tff.StructWithPythonType}
_TUPLES = {"tuple": tff.StructType, "tuple_with_py_container": tff.StructWithPythonType}


def _is(wanted: type) -> Callable[[Any], bool]:
    return lambda self: isinstance(self, wanted)


def _check(wanted: type, *, silent: bool) -> Callable[[Any], None]:
    def check(self: Any) -> None:
        if not silent and not isinstance(self, wanted):
            raise tff.types.UnexpectedTypeError(wanted, self)

    return check


def questions(release: Version | None) -> dict[str, Callable[[Any], Any]]:
    """The methods ``is_tensor()``, ``check_tensor()`` … that types of a release had.

    Args:
      release: None for those of any release.
    """
    if release is None:
        kinds = {**_KINDS, **_STRUCTS, **_TUPLES}
    elif release < FIRST_WITH_PREDICATES:
        kinds = {}
    else:
        kinds = {**_KINDS, **(_TUPLES if release < FIRST_WITH_STRUCTS else _STRUCTS)}
    methods: dict[str, Callable[[Any], Any]] = {}
    for name, wanted in kinds.items():
        if release is None or release < FIRST_WITH_TODAYS_TYPES:
            # Up to 0.56 it made the exception for what is no tensor, and forgot to raise it.
            forgetful = release is not None and release < FIRST_WITH_CHECKED_TENSORS
            silent = forgetful and name == "tensor"
            methods[f"check_{name}"] = _check(wanted, silent=silent)
        if release is None or release < FIRST_WITHOUT_PREDICATES:
            methods[f"is_{name}"] = _is(wanted)
    return methods


def _unasked(real: type, release: Version | None) -> dict[str, property]:
    """What hides from programs the methods of `questions` that only the installed release has."""

    def hidden(name: str) -> property:
        def find(self: Any) -> Any:
            if _asked_by_program():
                raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}.")
            return getattr(real, name).__get__(self)

        return property(find)

    names = questions(None).keys() - questions(release).keys()
    return {name: hidden(name) for name in names if hasattr(real, name)}


def _class_name(real: type, release: Version) -> str:
    """The name that a class had; programs print it, and error messages have it."""
    if not issubclass(real, tff.StructType) or release >= FIRST_WITH_STRUCTS:
        return real.__name__
    contained = real is tff.StructWithPythonType and release >= FIRST_WITH_CONTAINERS
    return "NamedTupleTypeWithPyContainerType" if contained else "NamedTupleType"


@functools.cache
def dated_class(real: Any, release: Version | None) -> Any:
    """A subclass of a type class of the installed TFF, as classes of types were in a release.

    Args:
      real: The class of the installed TFF.
      release: A release, or None for the members that any of them had.
    """
    shown = release or FIRST_WITH_STRUCTS

    def __str__(self: Any) -> str:
        return _text(self, shown, formatted=False)

    def __repr__(self: Any) -> str:
        # TFF goes by it in caches, where it must tell containers apart.
        return _representation(self, shown) if _asked_by_program() else real.__repr__(self)

    def __hash__(self: Any) -> int:
        # TFF keeps one object for equal types: not one for those of two releases, however equal.
        return hash((real.__hash__(self), release))

    def formatted_representation(self: Any) -> str:
        return _text(self, shown, formatted=True)

    def __eq__(self: Any, other: Any) -> bool:
        if _asked_by_program():
            return bool(without_containers(self) == without_containers(other))
        return bool(real.__eq__(self, other))

    def __ne__(self: Any, other: Any) -> bool:
        if _asked_by_program():
            return bool(without_containers(self) != without_containers(other))
        return not real.__eq__(self, other)

    def __reduce__(self: Any) -> Any:
        return _made, (_DATED.index(real), release, _arguments(real, self, shown))

    body: dict[str, Any] = {
        "_release": release,
        "__reduce__": __reduce__,
        "__str__": __str__,
        "__repr__": __repr__,
        "__hash__": __hash__,
        "compact_representation": __str__,
        "formatted_representation": formatted_representation,
        **questions(release),
        **_unasked(real, release),
    }
    if shown < FIRST_WITH_STRUCTS:
        body.update(__eq__=__eq__, __ne__=__ne__)
    bases: tuple[type, ...] = (real,)
    if real is tff.TensorType:
        body.update(_of_tensorflow(release))
    elif real is tff.SequenceType:
        body.update(_with_dated_element(shown))
    elif (
        real is tff.types.AbstractType
        and release
        and release < FIRST_WITH_ASSIGNABLE_ABSTRACT_TYPES
    ):
        body["is_assignable_from"] = lambda self, _source_type: _incomparable()
    elif real is tff.StructWithPythonType:
        # Python asks the subclass first whether two types are equal.
        bases = (real, dated_class(tff.StructType, release))
        if shown >= FIRST_WITH_STRUCTS and shown < FIRST_WITHOUT_GET_CONTAINER_TYPE:
            body["get_container_type"] = classmethod(lambda cls, value: value.python_container)
    made: Any = derived(real, body, name=_class_name(real, shown), bases=bases)
    return made


def _incomparable() -> bool:
    raise TypeError("Abstract types are not comparable.")


def _of_tensorflow(release: Version | None) -> dict[str, Any]:
    """The properties of a tensor type that were TensorFlow's objects."""
    real: Any = tff.TensorType

    def dtype(self: Any) -> Any:
        return tensorflow_dtype(self) if _asked_by_program() else real.dtype.fget(self)

    def shape(self: Any) -> Any:
        found = real.shape.fget(self)
        return tf.TensorShape(found) if _asked_by_program() else found

    made = {}
    if release is None or release < FIRST_WITH_NUMPY_DTYPES:
        made["dtype"] = property(dtype)
    if release is None or release < FIRST_WITH_SHAPE_IN_TUPLE:
        made["shape"] = property(shape)
    return made


def _with_dated_element(release: Version) -> dict[str, Any]:
    """The element of a sequence type, whose structures the installed TFF makes anew."""
    real: Any = tff.SequenceType

    def element(self: Any) -> Any:
        if _asked_by_program():
            return dated(_given_element(self), release)
        return real.element.fget(self)

    def children(self: Any) -> Any:
        return iter([dated(real.element.fget(self), release)])

    return {"element": property(element), "children": children}


def _given_element(type_spec: Any) -> Any:
    """The element of a sequence type with the lists of which TFF makes tuples since 0.58."""
    return getattr(type_spec, "_given", type_spec.element)


def sequence(element: Any, release: Version) -> Any:
    """The type of sequences of an element, as an object of a release up to 0.67."""
    element = composites.element(element, release)
    made = dated_class(tff.SequenceType, release)(dated(element, release))
    if release < FIRST_WITH_TUPLES_IN_SEQUENCES:
        # Types that are equal are one object.
        made._given = element
    return made


def without_containers(type_spec: Any) -> Any:
    """The type with structures that carry no Python container, as an object of the installed TFF.

    What is no type is returned as it is.
    """
    if isinstance(type_spec, tff.StructType):
        elements = [
            (name, without_containers(each))
            for name, each in tff.structure.iter_elements(type_spec)
        ]
        return tff.StructType(
            elements if any(name is not None for name, _ in elements) else [e for _, e in elements]
        )
    if isinstance(type_spec, tff.TensorType):
        return tff.TensorType(type_spec.dtype, type_spec.shape)
    if isinstance(type_spec, tff.SequenceType):
        return tff.SequenceType(without_containers(type_spec.element))
    if isinstance(type_spec, tff.FederatedType):
        member = without_containers(type_spec.member)
        return tff.FederatedType(member, type_spec.placement, type_spec.all_equal)
    if isinstance(type_spec, tff.FunctionType):
        parameter = without_containers(type_spec.parameter)
        return tff.FunctionType(parameter, without_containers(type_spec.result))
    return type_spec


def release_of(type_spec: Any) -> Version | None:
    """The release of which a type, or one that it consists of, is an object; None where none is."""
    release: Version | None = getattr(type(type_spec), "_release", None)
    if release is not None or not isinstance(type_spec, tff.Type):
        return release
    return next(filter(None, map(release_of, type_spec.children())), None)


_DATED = (
    tff.TensorType,
    tff.SequenceType,
    tff.FederatedType,
    tff.FunctionType,
    tff.StructWithPythonType,
    tff.StructType,
    tff.types.AbstractType,
    tff.types.PlacementType,
)


def dated(type_spec: Any, release: Version) -> Any:
    """The same type as an object of a release.

    Args:
      type_spec: A `tff.Type` of the installed TFF or of a release, or None.
      release: The release.
    """
    if type_spec is None:
        return None
    real = next((each for each in _DATED if isinstance(type_spec, each)), None)
    if real is None or release >= FIRST_WITH_TODAYS_TYPES:
        return type_spec
    if type(type_spec) is dated_class(real, release):
        return type_spec
    return _made(_DATED.index(real), release, _arguments(real, type_spec, release))


def _made(kind: int, release: Version, arguments: tuple[Any, ...]) -> Any:
    """The type of a release that a class makes of arguments; what a pickled type is made by.

    Args:
      kind: The position of the installed class among `_DATED`; by its name, what is in place of
        its module would be found where the type is unpickled.
      release: The release.
      arguments: Those of the class.
    """
    if _DATED[kind] is tff.SequenceType:
        return sequence(arguments[0], release)
    return dated_class(_DATED[kind], release)(*arguments)


def _arguments(real: type, type_spec: Any, release: Version) -> tuple[Any, ...]:
    """What the class of a type makes the same type of, with parts that are of a release."""
    if real is tff.TensorType:
        return type_spec.dtype, type_spec.shape
    if real is tff.SequenceType:
        return (dated(_given_element(type_spec), release),)
    if real is tff.FederatedType:
        return dated(type_spec.member, release), type_spec.placement, type_spec.all_equal
    if real is tff.FunctionType:
        return dated(type_spec.parameter, release), dated(type_spec.result, release)
    if real is tff.types.AbstractType:
        return (type_spec.label,)
    if real is tff.types.PlacementType:
        return ()
    elements = [(n, dated(each, release)) for n, each in tff.structure.iter_elements(type_spec)]
    if all(name is None for name, _ in elements):
        elements = [each for _, each in elements]
    if real is tff.StructWithPythonType:
        return elements, type_spec.python_container
    return (elements,)
