"""References to values, and the context that gives them, which were waited for in several ways."""

from __future__ import annotations

import asyncio
import collections
import functools
import inspect
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Union

import attr
import numpy as np
from packaging.version import Version

from tff_compat import modern
from tff_compat.adapters import registry
from tff_compat.adapters.async_utils.tasks import Shared
from tff_compat.adapters.language import dated_types
from tff_compat.adapters.program import calls
from tff_compat.adapters.registry import NEVER, AsOf, adapter, move
from tff_compat.catalog.boundaries import (
    FIRST_ASYNCHRONOUS,
    FIRST_WITH_ASYNC_CONTEXTS,
    FIRST_WITH_AWAITABLES,
)

tff = modern.package()

_Reference: Any = calls.real("MaterializableValueReference")
_Context: Any = calls.real("NativeFederatedContext")


move(
    "tff.program.ServerArrayReference",
    "tff.program.MaterializableValueReference",
    releases=">=0.20,<0.21",
)
move(
    "tff.program.MaterializableTffType",
    "tff.program.MaterializableTypeSignature",
    releases=">=0.21,<0.44",
)
adapter(
    "tff.program.MaterializablePythonType",
    releases=">=0.21,<0.44",
    replacement="tff.program.MaterializedValue",
)(Union[np.generic, np.ndarray, Iterable[Union[np.generic, np.ndarray]]])


async def materialized(value: Any, release: Version) -> Any:
    """A structure with the values of its references in their places.

    Args:
      value: A structure of values and references; up to 0.21 references give their values at once.
      release: As of which the structure is read: up to 0.56 objects of attrs classes belong to it.
    """
    values = await asyncio.gather(*map(_value, calls.flat(value, release)))
    return calls.unflat(value, values, release)


async def _value(value: Any) -> Any:
    if not isinstance(value, _Reference):
        return value
    found = value.get_value()
    return await found if inspect.isawaitable(found) else found


@adapter(
    "tff.program.materialize_value",
    releases=">=0.20,<0.22",
    replacement="asyncio.run(tff.program.materialize_value({value}))",
)
@adapter(
    "tff.program.materialize_value",
    releases=">=0.22,<0.57",
    replacement="tff.program.materialize_value",
    legacy=NEVER,
)
def materialize_value(value, *, as_of: AsOf):
    """A structure with the values of its references in their places, as of TFF 0.20 to 0.56.

    Up to 0.21 it is an ordinary function, since then a coroutine function. Objects of attrs classes
    belong to the structure.

    Args:
      value: A value, a reference, or a structure of them.
    """
    if as_of.release < FIRST_ASYNCHRONOUS:
        as_of.warn(locals())
        return calls.run(materialized(value, as_of.release))
    return materialized(value, as_of.release)


_STARTED = "It starts now, in a running event loop, and not when the value is asked for."


# --- References -----------------------------------------------------------------------------------


class _Lazy(calls.Subclassed, _Reference):
    """A reference to a value that is computed when it is asked for, as of TFF 0.21 to 0.80."""

    def _refer(self, get: Callable[[], Awaitable[Any]], type_signature: Any, key: Any) -> None:
        self._get = get
        self._type_signature = type_signature
        self._key = key
        self._value: Any = None

    @property
    def type_signature(self) -> Any:
        """The type of the value."""
        return self._type_signature

    async def _get_value(self) -> Any:
        if self._value is None:
            self._value = await self._get()
        return self._value

    def __eq__(self, other):
        """Whether the other refers to the value of the same computation with the same type."""
        if self is other:
            return True
        if not isinstance(other, _Lazy):
            return NotImplemented
        return self._type_signature == other._type_signature and self._key == other._key

    __hash__ = None  # type: ignore[assignment]


def _check_type(type_signature: Any) -> None:
    if not isinstance(type_signature, (tff.TensorType, tff.SequenceType)):
        raise TypeError(
            "Expected `type_signature` to be a tff.TensorType or a tff.SequenceType, found "
            f"{type(type_signature).__name__}."
        )


def _check_coroutine(coro: Any) -> None:
    if not asyncio.iscoroutine(coro):
        raise TypeError(f"Expected `coro` to be a coroutine, found {type(coro).__name__}.")


async def _awaited(awaitable: Any) -> Any:
    return await awaitable


@adapter(
    "tff.program.CoroValueReference",
    releases=">=0.21,<0.22",
    replacement="tff.program.NativeValueReference(asyncio.create_task({coro}), {type_signature})",
    note=_STARTED,
)
class CoroValueReference_0_21(_Lazy):
    """A reference to the result of a coroutine, which runs when it is asked for, as of TFF 0.21.

    Args:
      coro: A coroutine.
      type_signature: The `tff.TensorType` or `tff.SequenceType` of its result.

    Raises:
      TypeError: An argument is something else.
    """

    as_of: AsOf

    def __init__(self, coro, type_signature):
        self.as_of.warn({"coro": coro, "type_signature": type_signature})
        _check_coroutine(coro)
        _check_type(type_signature)
        self._refer(functools.partial(_awaited, coro), type_signature, coro)

    def get_value(self):
        """The value."""
        return calls.run(self._get_value())

    def __eq__(self, other):
        """Whether the values are equal, for which both are computed."""
        if self is other:
            return True
        if not isinstance(other, CoroValueReference_0_21):
            return NotImplemented
        if self._type_signature != other._type_signature:
            return False
        if isinstance(self._type_signature, tff.SequenceType):
            return list(self.get_value()) == list(other.get_value())
        return self.get_value() == other.get_value()

    __hash__ = None  # type: ignore[assignment]


@adapter(
    "tff.program.CoroValueReference",
    releases=">=0.22,<0.37",
    replacement="tff.program.NativeValueReference(asyncio.create_task({coro}), {type_signature})",
    note=_STARTED,
)
class CoroValueReference(_Lazy):
    """A reference to the result of a coroutine, which runs when it is asked for: TFF 0.22 to 0.36.

    Args:
      coro: A coroutine.
      type_signature: The `tff.TensorType` or `tff.SequenceType` of its result.

    Raises:
      TypeError: An argument is something else.
    """

    as_of: AsOf

    def __init__(self, coro, type_signature):
        self.as_of.warn({"coro": coro, "type_signature": type_signature})
        _check_coroutine(coro)
        _check_type(type_signature)
        self._refer(functools.partial(_awaited, coro), type_signature, coro)

    async def get_value(self):
        """The value."""
        return await self._get_value()


@adapter(
    "tff.program.AwaitableValueReference",
    releases=">=0.37,<0.44",
    replacement=(
        "tff.program.NativeValueReference(asyncio.ensure_future({awaitable}), {type_signature})"
    ),
    note=_STARTED,
)
class AwaitableValueReference_0_37(_Lazy):
    """A reference to the result of an awaitable, awaited when it is asked for: TFF 0.37 to 0.43.

    Args:
      awaitable: A coroutine or another awaitable.
      type_signature: The `tff.TensorType` or `tff.SequenceType` of its result.

    Raises:
      TypeError: An argument is something else.
    """

    as_of: AsOf

    def __init__(self, awaitable, type_signature):
        self.as_of.warn({"awaitable": awaitable, "type_signature": type_signature})
        if not inspect.isawaitable(awaitable):
            raise TypeError(
                f"Expected `awaitable` to be an awaitable, found {type(awaitable).__name__}."
            )
        _check_type(type_signature)
        self._refer(functools.partial(_awaited, awaitable), type_signature, awaitable)

    async def get_value(self):
        """The value."""
        return await self._get_value()


@adapter(
    "tff.program.AwaitableValueReference",
    releases=">=0.44,<0.81",
    replacement="tff.program.NativeValueReference(asyncio.ensure_future({fn}()), {type_signature})",
    note=_STARTED,
)
class AwaitableValueReference(_Lazy):
    """A reference to an awaitable that a function returns when it is asked for: TFF 0.44 to 0.80.

    Args:
      fn: A function without arguments that returns an awaitable.
      type_signature: The `tff.TensorType` or `tff.SequenceType` of what is awaited.

    Raises:
      TypeError: An argument is something else.
    """

    as_of: AsOf

    def __init__(self, fn, type_signature):
        self.as_of.warn({"fn": fn, "type_signature": type_signature})
        if not callable(fn):
            raise TypeError(
                f"Expected `fn` to be a function that returns an awaitable, found "
                f"{type(fn).__name__}."
            )
        _check_type(type_signature)
        self._refer(fn, type_signature, fn)

    async def get_value(self):
        """The value."""
        return await self._get_value()


def _reference(get: Callable[[], Awaitable[Any]], type_signature: Any, release: Version) -> Any:
    """A reference of the class that the context of a release gave."""
    name = "CoroValueReference" if release < FIRST_WITH_AWAITABLES else "AwaitableValueReference"
    entry: Any = registry.find(f"tff.program.{name}", release)
    kind = entry.bind(release)
    made = kind.__new__(kind)
    made._refer(get, dated_types.dated(type_signature, release), get)
    return made


# --- The context ----------------------------------------------------------------------------------


@adapter(
    "tff.program.NativeFederatedContext",
    releases=">=0.21,<0.81",
    replacement="tff.program.NativeFederatedContext({context})",
    note="Computations run when they are called, inside a running event loop.",
    changed=(FIRST_ASYNCHRONOUS, FIRST_WITH_AWAITABLES, FIRST_WITH_ASYNC_CONTEXTS),
)
class NativeFederatedContext(calls.Subclassed, _Context):
    """A context whose computations run when their results are asked for, as of TFF 0.21 to 0.80.

    Since 0.81 they run when they are called, which is possible inside a running event loop only.

    Args:
      context: A context of TFF with an asynchronous `invoke`.

    Raises:
      TypeError: `context` is no such context.
      ValueError: Up to 0.43: its `invoke` is not asynchronous.
    """

    as_of: AsOf

    def __init__(self, context):
        self.as_of.warn({"context": context})
        _check_context(context, self.as_of.release)
        super().__init__(context)
        self._executing = context

    def invoke(self, comp, arg):
        """References to the results of a computation, which runs when one of them is asked for.

        Args:
          comp: A `tff.Computation`.
          arg: Its argument, a structure of values, references and clients' data; None for none.

        Raises:
          TypeError: `comp` is no computation.
          ValueError: Its result is not placed at the server alone.
        """
        if not isinstance(comp, tff.Computation):
            raise TypeError(f"Expected `comp` to be a tff.Computation, found {type(comp)}.")
        result_type = comp.type_signature.result
        if not tff.program.contains_only_server_placed_data(result_type):
            raise ValueError(
                "Expected the result type of `comp` to contain only structures, server-placed "
                f"values, or tensors, found {result_type}."
            )
        whole = functools.cache(lambda: Shared(self._execute(comp, arg)))
        return _references(whole, result_type, self.as_of.release)

    async def _execute(self, comp: Any, arg: Any) -> Any:
        parameter = comp.type_signature.parameter
        if parameter is not None:
            arg = await _argument(arg, parameter)
        return await self._executing.invoke(comp, arg)


def _check_context(context: Any, release: Version) -> None:
    # Installed releases up to 0.37 have one class of contexts for all.
    asynchronous = getattr(tff.framework, "AsyncContext", None)
    if asynchronous is not None and isinstance(context, asynchronous):
        return
    if release < FIRST_WITH_ASYNC_CONTEXTS and hasattr(context, "invoke"):
        if asyncio.iscoroutinefunction(context.invoke):
            return
        raise ValueError(f"Expected a context with an asynchronous `invoke`, found {context}.")
    raise TypeError(f"Expected an asynchronous context, found {type(context).__name__}.")


async def _argument(value: Any, type_signature: Any) -> Any:
    """An argument with the values of its references in their places."""
    if isinstance(type_signature, tff.FederatedType):
        if type_signature.placement is not tff.SERVER:
            return value
        return await _argument(value, type_signature.member)
    if not isinstance(type_signature, tff.StructType):
        return await _value(value)
    elements = list(tff.structure.iter_elements(type_signature))
    given = tff.structure.from_container(value)
    values = await asyncio.gather(
        *(_argument(each, kind) for each, (_, kind) in zip(given, elements))
    )
    return tff.structure.Struct([(name, each) for (name, _), each in zip(elements, values)])


def _references(get: Callable[[], Awaitable[Any]], type_signature: Any, release: Version) -> Any:
    """A structure of references to the parts of what `get` gives to await."""
    if isinstance(type_signature, tff.FederatedType):
        return _references(get, type_signature.member, release)
    if not isinstance(type_signature, tff.StructType):
        return _reference(get, type_signature, release)

    async def part(index: int) -> Any:
        whole = await get()
        return tff.structure.from_container(whole)[index]

    def shared(index: int) -> Callable[[], Awaitable[Any]]:
        return functools.cache(lambda: Shared(part(index)))

    elements = [
        (name, _references(shared(index), kind, release))
        for index, (name, kind) in enumerate(tff.structure.iter_elements(type_signature))
    ]
    return _contained(elements, type_signature)


def _contained(elements: list[tuple[str | None, Any]], type_signature: Any) -> Any:
    values = [value for _, value in elements]
    if not isinstance(type_signature, tff.StructWithPythonType):
        if all(name is None for name, _ in elements):
            return tuple(values)
        return collections.OrderedDict((str(name), value) for name, value in elements)
    container = type_signature.python_container
    if hasattr(container, "_fields") or attr.has(container):
        return container(**{str(name): value for name, value in elements})
    if issubclass(container, (list, tuple)):
        return container(values)
    return container(elements)
