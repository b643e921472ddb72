"""The forms in which earlier runtimes returned results: eager tensors, lists and text.

What does it is made of a type, once, and is None where results are as the installed TFF gives them.
"""

from __future__ import annotations

import collections
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Optional

import tensorflow as tf

from tff_compat import modern
from tff_compat.adapters.language import dated_types

tff = modern.package()

Form = Optional[Callable[[Any], Any]]
"""From a result of the installed TFF to that of a release; None where it is the same."""


def of_executors(type_spec: Any) -> Form:
    """The form in which the executors of TFF 0.7 to 0.19 returned results.

    What each client has came as eager tensors, what the server has as numpy's.

    Args:
      type_spec: The `tff.Type` of the result.
    """
    if isinstance(type_spec, tff.FederatedType):
        return None if type_spec.all_equal else _of_clients(_of_leaves(type_spec.member, _tensor))
    if isinstance(type_spec, tff.StructType):
        return _of_struct(type_spec, of_executors)
    return None


def of_interpreter(
    type_spec: Any, contained: Callable[[Any], Any], *, of_tensorflow: bool = False
) -> Form:
    """The form in which the executor that interpreted computations returned results, up to 0.19.

    Sequences came as lists, and strings as text but for those in what TensorFlow code returned.

    Args:
      type_spec: The `tff.Type` of the result.
      contained: From the type of a sequence's element to the same with the release's containers.
      of_tensorflow: Whether the result is that of TensorFlow code.
    """

    def leaf(each: Any) -> Form:
        return _list(each, contained, text=False)

    def whole(each: Any) -> Form:
        return _list(each, contained, text=not of_tensorflow) or _text_of(each)

    def of(each: Any) -> Form:
        if isinstance(each, tff.FederatedType):
            structured = isinstance(each.member, tff.StructType)
            form = _of_leaves(each.member, leaf) if structured else whole(each.member)
            return form if each.all_equal else _of_clients(form)
        if isinstance(each, tff.StructType):
            return _of_leaves(each, leaf) if of_tensorflow else _of_struct(each, of)
        return whole(each)

    return of(type_spec)


def _of_leaves(type_spec: Any, form_of: Callable[[Any], Form]) -> Form:
    """The form of a structure whose leaves have their own."""
    if isinstance(type_spec, tff.StructType):
        return _of_struct(type_spec, lambda each: _of_leaves(each, form_of))
    return form_of(type_spec)


def _of_clients(form: Form) -> Form:
    return None if form is None else lambda value: [form(each) for each in value]


def _of_struct(type_spec: Any, form_of: Callable[[Any], Form]) -> Form:
    forms = [form_of(each) for _, each in tff.structure.iter_elements(type_spec)]
    return _rebuilding(type_spec, forms) if any(forms) else None


def _rebuilding(type_spec: Any, forms: Sequence[Form]) -> Callable[[Any], Any]:
    """From a container to that of the type, with the forms of its elements."""
    names = [name for name, _ in tff.structure.iter_elements(type_spec)]
    pack = _packing(names, type_spec.python_container)

    def convert(value: Any) -> Any:
        elements = _unpacked(value, names)
        return pack([form(each) if form else each for form, each in zip(forms, elements)])

    return convert


def _unpacked(value: Any, names: Sequence[str | None]) -> list[Any]:
    """The elements of a container, in the order of their names."""
    if isinstance(value, Mapping):
        return [value[name] for name in names]
    if isinstance(value, (list, tuple, tff.structure.Struct)):
        return list(value)
    # Of an attrs class.
    return [getattr(value, str(name)) for name in names]


def _packing(names: Sequence[str | None], container: Any) -> Callable[[list[Any]], Any]:
    """What puts elements into a container, as TFF's runtime does."""
    if not any(names):
        return container or tuple
    if container is None or issubclass(container, (Mapping, tff.structure.Struct)):
        return lambda elements: (container or collections.OrderedDict)(zip(names, elements))
    return lambda elements: container(**dict(zip(names, elements)))  # type: ignore[arg-type]


def _tensor(type_spec: Any) -> Form:
    """Eager tensors; sequences are data sets of them already."""
    if not isinstance(type_spec, tff.TensorType):
        return None
    dtype = dated_types.tensorflow_dtype(type_spec)
    return lambda value: tf.convert_to_tensor(value, dtype)


def _text_of(type_spec: Any) -> Form:
    """Text for a string; strings in an array remained bytes."""
    return _text if _is_string(type_spec) else None


def _is_string(type_spec: Any) -> bool:
    return (
        isinstance(type_spec, tff.TensorType)
        and dated_types.tensorflow_dtype(type_spec) is tf.string
    )


def _text(value: Any) -> Any:
    return value.decode() if isinstance(value, bytes) else value


def _list(type_spec: Any, contained: Callable[[Any], Any], *, text: bool) -> Form:
    """A list for a data set, with elements in the containers of the release.

    Args:
      type_spec: A `tff.Type`.
      contained: See `of_interpreter`.
      text: Whether strings become text, as those did that clients' values were collected from.
    """
    if not isinstance(type_spec, tff.SequenceType):
        return None
    form = _of_element(contained(type_spec.element))
    if text and _is_string(type_spec.element):
        form = _text

    def convert(value: Any) -> Any:
        elements = value.as_numpy_iterator() if isinstance(value, tf.data.Dataset) else value
        return [form(each) for each in elements] if form else list(elements)

    return convert


def _of_element(type_spec: Any) -> Form:
    """From an element of a data set to the same in the containers of its type."""
    if not isinstance(type_spec, tff.StructType):
        return None
    elements = tff.structure.iter_elements(type_spec)
    return _rebuilding(type_spec, [_of_element(each) for _, each in elements])
