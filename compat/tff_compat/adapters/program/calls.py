"""How managers of each era take the calls of programs and those of the installed TFF.

Methods were ordinary functions up to 0.21 and are coroutines since. `release` took a type from 0.29
to 0.71, which the installed TFF does not give.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import functools
import inspect
import sys
from collections.abc import Awaitable, Callable, Coroutine, Generator, Mapping
from types import FrameType
from typing import Any

import attr
import numpy as np
import tensorflow as tf
import tree
from packaging.version import Version

from tff_compat import deprecation, installation, modern
from tff_compat.adapters.language import dated_types, types
from tff_compat.adapters.registry import AS_OF, AsOf
from tff_compat.adapters.stand_ins import StandsFor, is_offered
from tff_compat.catalog.boundaries import (
    FIRST_WITH_ATTRS_AS_VALUES,
    FIRST_WITH_OPTIONAL_RELEASED_TYPES,
    FIRST_WITH_RELEASED_TYPES,
)

tff = modern.package()


def real(name: str) -> Any:
    """A class of the installed `tff.program` to build on.

    A release before the class gets `object`: nothing as of it has the class.
    """
    return getattr(tff.program, name, object)


# --- Functions and coroutines ---------------------------------------------------------------------


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """The result of a coroutine, waited for wherever the caller is."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return _run_here(coroutine)
    # A notebook: its loop cannot run another one, and goes on only when this returns.
    with concurrent.futures.ThreadPoolExecutor(1) as thread:
        return thread.submit(_run_here, coroutine).result()


def _run_here(coroutine: Coroutine[Any, Any, Any]) -> Any:
    # Not `asyncio.run`, which leaves the thread without the loop that it had.
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(coroutine)
    finally:
        loop.close()


class _Done:
    """What a method returns that has done its work: nothing, whether it is awaited or not."""

    def __await__(self) -> Generator[Any, Any, None]:
        yield from ()

    def __repr__(self) -> str:
        return "None"


DONE = _Done()


class AwaitableTuple(tuple):  # type: ignore[type-arg]
    """A tuple that is its own result where it is awaited."""

    __slots__ = ()

    def __await__(self) -> Generator[Any, Any, tuple[Any, ...]]:
        yield from ()
        return tuple(self)


def awaitable(result: Any) -> Any:
    """What a method of a synchronous manager returned, so that the installed TFF can await it."""
    if result is None:
        return DONE
    if type(result) is tuple:
        return AwaitableTuple(result)
    return result


# --- Types ----------------------------------------------------------------------------------------


class _NotGiven:
    def __repr__(self) -> str:
        return "<required>"


NOT_GIVEN: Any = _NotGiven()


def sorted_arguments(
    type_signature: Any, key: Any, release: Version, default_key: Any = NOT_GIVEN
) -> tuple[Any, Any, bool]:
    """The type and the key of a call of `release`, and whether it is a form of the era alone.

    The installed TFF calls ``release(value, key)``, which has the key at the place of the type, or
    ``release(value, key=key)``, which leaves the type out.

    Raises:
      TypeError: The call lacks an argument that the release asked for.
    """
    given = type_signature is not NOT_GIVEN
    if key is not NOT_GIVEN:
        return type_signature, key, given
    if given and type_signature is not None and not isinstance(type_signature, tff.types.Type):
        return NOT_GIVEN, type_signature, False
    if default_key is NOT_GIVEN or (not given and release < FIRST_WITH_OPTIONAL_RELEASED_TYPES):
        raise TypeError("release() missing 1 required positional argument: 'key'")
    return type_signature, default_key, True


def type_of(value: Any, release: Version) -> Any:
    """The type of a value or of a structure of values and references, printing as of a release.

    Raises:
      TypeError: The value contains what has no type.
    """
    if value is None:
        return None
    if hasattr(value, "type_signature"):
        return dated_types.dated(value.type_signature, release)
    if isinstance(value, Mapping):
        return _struct(value, type(value), release)
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return _struct(value._asdict(), type(value), release)
    if attr.has(type(value)):
        return _struct(attr.asdict(value, recurse=False), type(value), release)
    if isinstance(value, (list, tuple)):
        elements = [type_of(each, release) for each in value]
        return dated_types.dated(tff.StructWithPythonType(elements, type(value)), release)
    return dated_types.dated(_tensor_type(value), release)


def _struct(fields: Mapping[str, Any], container: type, release: Version) -> Any:
    elements = [(name, type_of(each, release)) for name, each in fields.items()]
    return dated_types.dated(tff.StructWithPythonType(elements, container), release)


def _tensor_type(value: Any) -> Any:
    if isinstance(value, tf.data.Dataset):
        return tff.SequenceType(types.to_type(value.element_spec, installation.version()))
    if isinstance(value, bool):
        return types.to_type(np.bool_, installation.version())
    if isinstance(value, int):
        small = np.iinfo(np.int32).min <= value <= np.iinfo(np.int32).max
        return types.to_type(np.int32 if small else np.int64, installation.version())
    if isinstance(value, float):
        return types.to_type(np.float32, installation.version())
    if isinstance(value, (str, bytes)):
        return types.to_type(np.str_, installation.version())
    try:
        found = value if tf.is_tensor(value) else tf.convert_to_tensor(value)
    except (TypeError, ValueError) as error:
        raise TypeError(f"Could not infer the TFF type of {type(value).__name__}.") from error
    return types.to_type((found.dtype, found.shape), installation.version())


def call_release(
    release: Callable[..., Awaitable[None]], value: Any, key: Any, type_signature: Any = NOT_GIVEN
) -> Awaitable[None]:
    """Calls the `release` of a manager of the installed TFF in the form that it has there."""
    installed = installation.version()
    if FIRST_WITH_RELEASED_TYPES <= installed < FIRST_WITH_OPTIONAL_RELEASED_TYPES:
        if type_signature is NOT_GIVEN:
            type_signature = type_of(value, installed)
        return release(value, type_signature, key)
    return release(value, key=key)


# --- Subclasses of programs -----------------------------------------------------------------------


class Subclassed:
    """What the historical classes share: they are in the class hierarchy of the installed TFF.

    A program's subclass has the methods that its release asked for. `_adapt` makes of them what the
    installed TFF can call as well.
    """

    as_of: AsOf
    _warns = False
    """Whether a program's subclass is warned of, for methods that are not as today's."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if is_offered(cls) or not hasattr(cls, AS_OF):
            return
        cls._adapt(cls.as_of.release)
        if cls._warns and any(map(is_offered, cls.__bases__)):
            cls.as_of.warn()

    @classmethod
    def _adapt(cls, release: Version) -> None:
        """Wraps methods that the class itself defines."""

    def __class_getitem__(cls, item: Any) -> Any:
        # The installed classes are generic; a subclass that gives no parameters is not.
        return cls


class Interface(StandsFor, Subclassed):
    """An abstract class: what is one for the installed TFF is one as of each release."""


def wrap(cls: type, name: str, wrapper: Callable[[Any], Any]) -> None:
    """Puts a wrapper around a method that the class itself defines."""
    method = cls.__dict__.get(name)
    if inspect.isfunction(method):
        setattr(cls, name, functools.wraps(method)(wrapper(method)))


def warn_method(as_of: AsOf, method: Callable[..., Any], template: str, arguments: Any) -> None:
    """Warns at the user's line that a method of an adapted class was called in its legacy form.

    The installed TFF calls such methods too, which is no use of a program.
    """
    if installation.version() in as_of.adapter.releases or _called_by_tff():
        return
    deprecation.warn_legacy(
        f"{as_of.adapter.path}.{method.__name__}",
        last_release=as_of.adapter.last_release,
        template=template,
        arguments=arguments,
        signature=_signature(method),
    )


def _called_by_tff() -> bool:
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and _package(frame) == "tff_compat":
        frame = frame.f_back
    # In a thread of ours there is no frame of the program.
    return frame is not None and _package(frame) in (installation.ROOT, "threading")


def _package(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0]


@functools.cache
def _signature(method: Callable[..., Any]) -> inspect.Signature:
    signature = inspect.signature(method)
    return signature.replace(parameters=list(signature.parameters.values())[1:])


# --- Structures -----------------------------------------------------------------------------------


def _shape(structure: Any, release: Version) -> Any:
    """The containers of a structure; since 0.57 objects of attrs classes are values in it."""
    if release < FIRST_WITH_ATTRS_AS_VALUES:
        return structure

    def visit(part: Any) -> Any:
        nested = tree.is_nested(part) and not attr.has(type(part))
        return None if nested else tree.MAP_TO_NONE

    return tree.traverse(visit, structure)


def flat(structure: Any, release: Version) -> list[Any]:
    """The values of a structure in a list."""
    values: list[Any] = tree.flatten_up_to(_shape(structure, release), structure)
    return values


def flat_by_name(structure: Any, release: Version) -> Any:
    """The values of a structure by their path, such as ``a/0``; a value alone as it is."""
    shape = _shape(structure, release)
    if not tree.is_nested(shape):
        return structure
    pairs = tree.flatten_with_path_up_to(shape, structure)
    return {"/".join(map(str, path)): value for path, value in pairs}


def unflat(structure: Any, values: list[Any], release: Version) -> Any:
    """A list of values in the containers of a structure.

    Raises:
      ValueError: There are more or fewer values than places.
    """
    return tree.unflatten_as(_shape(structure, release), values)
