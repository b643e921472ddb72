"""The internal module `anonymous_tuple` as of TFF 0.1 to 0.16: it became `tff.structure`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from packaging.version import Version

from tff_compat import modern
from tff_compat.adapters.language.structures import (
    AnonymousTuple,
    EarlyAnonymousTuple,
    anonymous_tuple_class,
)
from tff_compat.adapters.registry import AsOf, Replacement, adapter, helper, move
from tff_compat.adapters.structure import containers

tff = modern.package()

helper(
    "as_struct",
    '''\
def as_struct(value):
  """A structure as a `tff.structure.Struct`, whichever container it is in."""
  if isinstance(value, tff.structure.Struct):
    return value
  return tff.structure.from_container(value, recursive=True)
''',
)


def _of_result(name: str, parameter: str, further: str = "") -> dict[str, Replacement]:
    """What takes what a computation gave, which comes in containers of Python now."""
    code = f"tff.structure.{name}({{!as_struct}}({{{parameter}}}){further})"
    return {"result": Replacement(code)}


_CASES = {
    "isinstance()": Replacement(
        "(tff.structure.Struct, dict, list, tuple)",
        "results come in the containers that computations return, as other values do",
    )
}
for _class, _releases in ((EarlyAnonymousTuple, "<0.9"), (AnonymousTuple, ">=0.9,<0.16.1")):
    adapter(
        "tensorflow_federated.python.common_libs.anonymous_tuple.AnonymousTuple",
        releases=_releases,
        replacement="tff.structure.Struct",
        cases=_CASES,
    )(_class)
move(
    "tensorflow_federated.python.common_libs.anonymous_tuple.has_field",
    "tff.structure.has_field",
    releases=">=0.15,<0.16.1",
)
move(
    "tensorflow_federated.python.common_libs.anonymous_tuple.is_same_structure",
    "tff.structure.is_same_structure",
    releases="<0.16.1",
)
move(
    "tensorflow_federated.python.common_libs.anonymous_tuple.flatten",
    "tff.structure.flatten",
    releases=">=0.16,<0.16.1",
)
move(
    "tensorflow_federated.python.common_libs.anonymous_tuple.iter_elements",
    "tff.structure.iter_elements",
    releases=">=0.16,<0.16.1",
)
move(
    "tensorflow_federated.python.common_libs.anonymous_tuple.name_list",
    "tff.structure.name_list",
    releases=">=0.16,<0.16.1",
)
move(
    "tensorflow_federated.python.common_libs.anonymous_tuple.to_elements",
    "tff.structure.to_elements",
    releases=">=0.16,<0.16.1",
)
move(
    "tensorflow_federated.python.common_libs.anonymous_tuple.to_odict",
    "tff.structure.to_odict",
    releases=">=0.16,<0.16.1",
)


def _anonymous(value: Any, release: Version) -> Any:
    """The value with each struct in it as an `AnonymousTuple` of a release."""
    if not isinstance(value, tff.structure.Struct):
        return value
    elements = tff.structure.iter_elements(value)
    kind = anonymous_tuple_class(release)
    return kind([(name, _anonymous(each, release)) for name, each in elements])


@adapter(
    "tensorflow_federated.python.common_libs.anonymous_tuple.flatten",
    releases="<0.16",
    replacement="tff.structure.flatten({structure})",
    cases=_of_result("flatten", "structure"),
    gives="elements",
)
def flatten(structure, *, as_of: AsOf):
    """The leaves of nested structures, in order, as of TFF 0.1 to 0.15.

    Args:
      structure: An `AnonymousTuple`, nested or not.

    Returns:
      A list.
    """
    as_of.warn(locals())
    return tff.structure.flatten(structure)


@adapter(
    "tensorflow_federated.python.common_libs.anonymous_tuple.iter_elements",
    releases=">=0.9,<0.16",
    replacement="tff.structure.iter_elements({an_anonymous_tuple})",
    cases=_of_result("iter_elements", "an_anonymous_tuple"),
    gives="elements by name",
)
def iter_elements(an_anonymous_tuple, *, as_of: AsOf):
    """An iterator over pairs of name (or None) and value, as of TFF 0.9 to 0.15.

    Args:
      an_anonymous_tuple: An `AnonymousTuple`.
    """
    as_of.warn(locals())
    return tff.structure.iter_elements(an_anonymous_tuple)


@adapter(
    "tensorflow_federated.python.common_libs.anonymous_tuple.name_list",
    releases=">=0.10,<0.16",
    replacement="tff.structure.name_list({an_anonymous_tuple})",
    cases=_of_result("name_list", "an_anonymous_tuple"),
)
def name_list(an_anonymous_tuple, *, as_of: AsOf):
    """The names of the elements that have one, as of TFF 0.10 to 0.15.

    Args:
      an_anonymous_tuple: An `AnonymousTuple`.

    Returns:
      A list of strings.
    """
    as_of.warn(locals())
    return tff.structure.name_list(an_anonymous_tuple)


@adapter(
    "tensorflow_federated.python.common_libs.anonymous_tuple.to_elements",
    releases="<0.16",
    replacement="tff.structure.to_elements({an_anonymous_tuple})",
    cases=_of_result("to_elements", "an_anonymous_tuple"),
    gives="elements by name",
)
def to_elements(an_anonymous_tuple, *, as_of: AsOf):
    """A list of pairs of name (or None) and value, as of TFF 0.1 to 0.15.

    Args:
      an_anonymous_tuple: An `AnonymousTuple`.
    """
    as_of.warn(locals())
    return tff.structure.to_elements(an_anonymous_tuple)


@adapter(
    "tensorflow_federated.python.common_libs.anonymous_tuple.to_odict",
    releases="<0.9",
    replacement="tff.structure.to_odict({anon_tuple})",
    cases=_of_result("to_odict", "anon_tuple"),
)
def to_odict_0_1(anon_tuple, *, as_of: AsOf):
    """An `OrderedDict` of named elements, as of TFF 0.1 to 0.7.

    Args:
      anon_tuple: An `AnonymousTuple` whose elements all have names.

    Raises:
      ValueError: An element has no name.
    """
    as_of.warn(locals())
    return tff.structure.to_odict(anon_tuple)


@adapter(
    "tensorflow_federated.python.common_libs.anonymous_tuple.to_odict",
    releases=">=0.9,<0.16",
    replacement="tff.structure.to_odict({anon_tuple}[?, {recursive}?])",
    cases=_of_result("to_odict", "anon_tuple", "[?, {recursive}?]"),
)
def to_odict_0_9(anon_tuple, recursive=False, *, as_of: AsOf):
    """An `OrderedDict` of named elements, as of TFF 0.9 to 0.15.

    Args:
      anon_tuple: An `AnonymousTuple` whose elements all have names.
      recursive: Whether tuples in it become dicts too.

    Raises:
      ValueError: An element has no name.
    """
    as_of.warn(locals())
    return tff.structure.to_odict(anon_tuple, recursive)


@adapter(
    "tensorflow_federated.python.common_libs.anonymous_tuple.from_container",
    releases="<0.16.1",
    replacement="tff.structure.from_container({value}[?, {recursive}?])",
)
def from_container(value, recursive=False, *, as_of: AsOf):
    """An `AnonymousTuple` of a Python container, as of TFF 0.1 to 0.16.

    Args:
      value: A dict, list, tuple, named tuple or attrs object.
      recursive: Whether containers in it become tuples too.

    Raises:
      TypeError: `value` is no container.
    """
    as_of.warn(locals())
    made = tff.structure.from_container(value, recursive)
    if recursive:
        return _anonymous(made, as_of.release)
    return anonymous_tuple_class(as_of.release)(tff.structure.to_elements(made))


@adapter(
    "tensorflow_federated.python.common_libs.anonymous_tuple.pack_sequence_as",
    releases="<0.16.1",
    replacement="tff.structure.pack_sequence_as({structure}, {flat_sequence})",
)
def pack_sequence_as(structure, flat_sequence, *, as_of: AsOf):
    """The values of a list in the shape of a structure, as of TFF 0.1 to 0.16.

    Args:
      structure: An `AnonymousTuple`, nested or not.
      flat_sequence: At least as many values as it has leaves, in their order; further ones are
        ignored.

    Raises:
      IndexError: There are fewer values than leaves.
      TypeError: A leaf of `structure` is a container.
    """
    as_of.warn(locals())
    return _anonymous(tff.structure.pack_sequence_as(structure, flat_sequence), as_of.release)


@adapter(
    "tensorflow_federated.python.common_libs.anonymous_tuple.map_structure",
    releases="<0.4",
    replacement="tff.structure.map_structure({func}, {*structure})",
)
def map_structure_0_1(func, *structure, as_of: AsOf):
    """An `AnonymousTuple` of what a function gives for the leaves, as of TFF 0.1 to 0.3.

    Args:
      func: Called with one leaf of each structure.
      *structure: Tuples of one structure, at least one.

    Raises:
      TypeError: The structures differ, or the first one is none.
      ValueError: There is no structure.
    """
    as_of.warn({"func": func, "structure": structure})
    return _mapped(func, structure, as_of.release)


@adapter(
    "tensorflow_federated.python.common_libs.anonymous_tuple.map_structure",
    releases=">=0.4,<0.16",
    replacement="tff.structure.map_structure({fn}, {*structure})",
)
def map_structure_0_4(fn, *structure, as_of: AsOf):
    """An `AnonymousTuple` of what a function gives for the leaves, as of TFF 0.4 to 0.15.

    Args:
      fn: Called with one leaf of each structure.
      *structure: Tuples of one structure, at least one.

    Raises:
      TypeError: The structures differ, or the first one is none.
      ValueError: There is no structure.
    """
    as_of.warn({"fn": fn, "structure": structure})
    return _mapped(fn, structure, as_of.release)


@adapter(
    "tensorflow_federated.python.common_libs.anonymous_tuple.map_structure",
    releases=">=0.16,<0.16.1",
    replacement="tff.structure.map_structure({fn}, {*structures})",
)
def map_structure_0_16(fn, *structures, as_of: AsOf):
    """An `AnonymousTuple` of what a function gives for the leaves, as of TFF 0.16.0.

    Args:
      fn: Called with one leaf of each structure.
      *structures: Tuples of one structure, at least one.

    Raises:
      TypeError: The structures differ, or the first one is none.
      ValueError: There is no structure.
    """
    as_of.warn({"fn": fn, "structures": structures})
    return _mapped(fn, structures, as_of.release)


def _mapped(function: Any, structures: tuple[Any, ...], release: Version) -> Any:
    if structures and not isinstance(structures[0], tff.structure.Struct):
        raise TypeError(f"Expected an AnonymousTuple, found {type(structures[0]).__name__}.")
    return _anonymous(tff.structure.map_structure(function, *structures), release)


@adapter(
    "tensorflow_federated.python.common_libs.anonymous_tuple.to_container_recursive",
    releases=">=0.9,<0.16.1",
    replacement=containers.REPLACEMENT,
)
def to_container_recursive(value, container_fn, *, as_of: AsOf):
    """A nested container of a function's choice, as of TFF 0.9 to 0.16.

    Args:
      value: An `AnonymousTuple`; inner ones are converted too.
      container_fn: From a list of pairs of name and value to the container.

    Raises:
      TypeError: `value` is no `AnonymousTuple`, or `container_fn` cannot be called.
    """
    as_of.warn(locals())
    if not isinstance(value, tff.structure.Struct):
        raise TypeError(f"Expected an AnonymousTuple, found {type(value).__name__}.")
    if not callable(container_fn):
        raise TypeError(f"container_fn must be callable, found {type(container_fn).__name__}.")
    return _converted(value, container_fn)


def _converted(value: Any, container_fn: Callable[[list[tuple[str | None, Any]]], Any]) -> Any:
    if not isinstance(value, tff.structure.Struct):
        return value
    elements = tff.structure.iter_elements(value)
    return container_fn([(name, _converted(each, container_fn)) for name, each in elements])
