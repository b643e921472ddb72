"""The sizes of what travels to clients and back, as the sizing executors until TFF 0.47 saw it.

These stood before each client and noted the tensors that went through them. The installed runtime
has no such place, and need not: which values pass it follows from the computation as it was
written, and how large they are from their types. Only strings are measured one by one.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from packaging.version import Version

from tff_compat import deprecation, modern
from tff_compat.adapters.framework import runtimes
from tff_compat.adapters.language import collecting
from tff_compat.adapters.registry import adapter
from tff_compat.catalog import PRIMARY
from tff_compat.catalog.boundaries import (
    FIRST_ASKING_ONCE,
    FIRST_JOINED_AT_FANOUT,
    FIRST_NATIVE_WITH_REPEATED,
    FIRST_WITH_SIZE_INFO,
    FIRST_WITH_UNUSED_CALLS,
    FIRST_WITHOUT_CACHES,
)

tff = modern.package()


_TO_CLIENTS = frozenset({"federated_broadcast", "federated_value_at_clients"})

_MAPS = frozenset({"federated_map", "federated_map_all_equal"})

_FROM_CLIENTS = frozenset(
    {
        "federated_aggregate",
        "federated_collect",
        "federated_mean",
        "federated_reduce",
        "federated_select",
        "federated_sum",
        "federated_weighted_mean",
    }
)


@adapter(
    "tff.framework.SizeInfo",
    releases=">=0.15,<0.48",
    replacement="tff.types.type_to_tf_tensor_specs",
)
@dataclasses.dataclass(frozen=True, eq=False)
class SizeInfo:
    """What went to the clients and back, as of TFF 0.15 to 0.47.

    Attributes:
      broadcast_history: By the number of clients, pairs of the number of elements and their dtype
        for each tensor that was sent to a client.
      aggregate_history: The same for what came from clients.
      broadcast_bits: The sizes of the histories, in the same order.
      aggregate_bits: The same for what came from clients.
    """

    broadcast_history: Any
    aggregate_history: Any
    broadcast_bits: Any
    aggregate_bits: Any


class _Log:
    """The tensors that went to or from the clients of one number of clients, by client."""

    def __init__(self, num_clients: int, together: bool):
        self._by_client: list[list[list[Any]]] = [[] for _ in range(num_clients)]
        self._all: list[list[Any]] | None = [] if together else None

    def add(self, client: int, tensors: Sequence[Sequence[Any]]) -> None:
        target = self._by_client[client] if self._all is None else self._all
        target.extend(list(each) for each in tensors)

    def __iter__(self) -> Iterator[list[Any]]:
        return itertools.chain.from_iterable(self._by_client if self._all is None else [self._all])


class Traffic:
    """What went to the clients and back for one number of clients."""

    def __init__(self, num_clients: int, levels: int, release: Version):
        self.num_clients = num_clients
        self.levels = levels
        # One executor served all clients, else one each.
        together = FIRST_ASKING_ONCE <= release < FIRST_WITHOUT_CACHES
        self.sent = _Log(num_clients, together)
        self.received = _Log(num_clients, together)


@dataclasses.dataclass(frozen=True, eq=False)
class _Value:
    """A value that is no structure here, and what tells it from others of the same invocation.

    Attributes:
      type_signature: Its type.
      key: What tells it from others.
      serialized: The type of which it is the serialized tensors, for the sequence of collected
        values; the executors sent these as they were.
    """

    type_signature: Any
    key: Any
    serialized: Any = None


@dataclasses.dataclass(frozen=True, eq=False)
class _Struct:
    """A structure of values."""

    elements: Sequence[tuple[str | None, Any]]

    @property
    def key(self) -> Any:
        return ("struct", *((name, each.key) for name, each in self.elements))


@dataclasses.dataclass(frozen=True, eq=False)
class _Function:
    """A lambda with the values of what it refers to, an intrinsic or compiled code."""

    block: Any
    scope: Mapping[str, Any]

    @property
    def key(self) -> Any:
        return self.block.proto.SerializeToString(deterministic=True)


class Counter:
    """Counts what one invocation of a computation sends, from what it consists of.

    Args:
      traffic: What is added to.
      release: The release whose executors are meant.
      native: Whether the computation was compiled before, to the native form.
    """

    def __init__(self, traffic: Traffic, release: Version, *, native: bool = False):
        self._traffic = traffic
        self._release = release
        self._lazy = native or release < FIRST_WITH_UNUSED_CALLS
        with_repeated = FIRST_NATIVE_WITH_REPEATED if native else FIRST_WITHOUT_CACHES
        self._merges = release < with_repeated
        self._by_value = release < FIRST_WITHOUT_CACHES
        self._called: dict[Any, Any] = {}
        self._asked = False

    def argument(self, value: Any, type_spec: Any) -> Any:
        """What an argument is for the computation; counts what of it clients are given."""
        if isinstance(type_spec, tff.StructType):
            types = list(tff.structure.iter_elements(type_spec))
            values = list(tff.structure.from_container(value))
            return _Struct(
                [(name, self.argument(each, of)) for (name, of), each in zip(types, values)]
            )
        made = _Value(type_spec, self._key(value, type_spec))
        if not _is_at_clients(type_spec):
            return made
        if self._merges and made.key in self._called:
            return self._called[made.key]
        self._called[made.key] = made
        if not type_spec.all_equal:
            self._ask_how_many()
        for client in range(self._traffic.num_clients):
            given = value if type_spec.all_equal else value[client]
            self._traffic.sent.add(client, _tensors(type_spec.member, given))
        return made

    def _key(self, value: Any, type_spec: Any) -> Any:
        """Equal for arguments which caches took for the same: hashable ones and arrays."""
        if not self._by_value or not isinstance(type_spec, tff.FederatedType):
            return object()
        values = [value] if type_spec.all_equal else value
        keys = [_hashable(each) for each in values]
        return object() if None in keys else ("argument", str(type_spec), *keys)

    def _ask_how_many(self) -> None:
        """What executors that joined others sent to learn how many clients these had."""
        levels, release = self._traffic.levels, self._release
        if not levels or (self._asked and release < FIRST_WITHOUT_CACHES):
            return
        self._asked = True
        cached = FIRST_ASKING_ONCE <= release < FIRST_WITHOUT_CACHES
        self._sends([[1, tf.int32]] * (1 if cached else levels))
        self._receives([[1, tf.int32]] * levels)

    def _divide_by_how_many(self) -> None:
        """What the uppermost of such executors sent for a mean, where it kept no number."""
        if FIRST_ASKING_ONCE <= self._release < FIRST_WITHOUT_CACHES:
            return
        if not (self._asked and self._release < FIRST_ASKING_ONCE):
            self._sends([[1, tf.int32]])
        self._receives([[1, tf.int32]])

    def _sends(self, tensors: Sequence[Sequence[Any]]) -> None:
        for client in range(self._traffic.num_clients):
            self._traffic.sent.add(client, tensors)

    def _receives(self, tensors: Sequence[Sequence[Any]]) -> None:
        for client in range(self._traffic.num_clients):
            self._traffic.received.add(client, tensors)

    def call(self, computation: Any, argument: Any) -> Any:
        """What a computation returns; counts what it sends."""
        return self._call(self._evaluate(computation.to_building_block(), {}), argument)

    def result(self, made: Any, value: Any) -> None:
        """Counts what comes from clients when what was returned is handed to the program.

        Args:
          made: What `call` returned.
          value: The same as the runtime computed it, a `tff.structure.Struct` for structures.
        """
        if isinstance(made, _Struct):
            for (_, each), of in zip(made.elements, tff.structure.from_container(value)):
                self.result(each, of)
        elif _is_at_clients(made.type_signature):
            values = [value] if made.type_signature.all_equal else value
            for client, each in enumerate(values):
                tensors = _tensors(made.type_signature.member, each)
                self._traffic.received.add(client, tensors)

    def _evaluate(self, block: Any, scope: Mapping[str, Any]) -> Any:
        framework = tff.framework
        if isinstance(block, framework.Reference):
            found = scope[block.name]
            return found() if isinstance(found, _Later) else found
        if isinstance(block, framework.Selection):
            return self._selected(self._evaluate(block.source, scope), block)
        if isinstance(block, framework.Struct):
            return _Struct(
                [
                    (name, self._evaluate(each, scope))
                    for name, each in tff.structure.iter_elements(block)
                ]
            )
        if isinstance(block, framework.Block):
            for name, each in block.locals:
                local = _Later(self, each, scope)
                scope = {**scope, name: local if self._lazy else local()}
            return self._evaluate(block.result, scope)
        if isinstance(block, framework.Call):
            function = self._evaluate(block.function, scope)
            argument = None
            if block.argument is not None:
                argument = self._evaluate(block.argument, scope)
            return self._call(function, argument)
        if isinstance(block.type_signature, tff.FunctionType):
            return _Function(block, scope)
        return _Value(block.type_signature, block.proto.SerializeToString(deterministic=True))

    def _selected(self, source: Any, selection: Any) -> Any:
        if isinstance(source, _Struct):
            index = selection.index
            if index is None:
                names = [name for name, _ in source.elements]
                index = names.index(selection.name)
            return source.elements[index][1]
        which = selection.index if selection.name is None else selection.name
        return _Value(selection.type_signature, ("selected", source.key, which))

    def _call(self, function: Any, argument: Any) -> Any:
        if isinstance(function.block, tff.framework.Lambda):
            scope = function.scope
            if function.block.parameter_name is not None and argument is not None:
                scope = {**scope, function.block.parameter_name: argument}
            return self._evaluate(function.block.result, scope)
        key = ("called", function.key, None if argument is None else argument.key)
        if self._merges and key in self._called:
            return self._called[key]
        made = _Value(function.block.type_signature.result, key, _serialized(function, argument))
        self._called[key] = made
        if isinstance(function.block, tff.framework.Intrinsic):
            self._intrinsic(function.block, made, argument)
        return made

    def _intrinsic(self, block: Any, made: _Value, argument: Any) -> None:
        if block.uri in _TO_CLIENTS:
            self._sends(_tensors(made.type_signature.member))
        elif block.uri in _FROM_CLIENTS:
            parameter = block.type_signature.parameter
            members = [parameter] if _is_at_clients(parameter) else list(parameter)
            if block.uri == "federated_aggregate":
                members[0] = _sent_type(argument) or members[0]
            sizes = [_tensors(each.member) for each in members if _is_at_clients(each)]
            self._receives([tensor for tensors in sizes for tensor in tensors])
        if block.uri == "federated_mean" and self._traffic.levels:
            self._divide_by_how_many()


class _Later:
    """A local value that is computed where it is first used."""

    def __init__(self, counter: Counter, block: Any, scope: Mapping[str, Any]):
        self._counter = counter
        self._block = block
        self._scope = scope
        self._made: Any = None

    def __call__(self) -> Any:
        if self._made is None:
            self._made = self._counter._evaluate(self._block, self._scope)
        return self._made


def _serialized(function: _Function, argument: Any) -> Any:
    """The type at clients of which a call makes serialized tensors that are then collected."""
    block = function.block
    if not isinstance(block, tff.framework.Intrinsic) or block.uri not in _MAPS:
        return None
    if not isinstance(argument, _Struct):
        return None
    mapped = argument.elements[0][1].block
    return block.type_signature.parameter[1] if collecting.is_serializing(mapped) else None


def _sent_type(argument: Any) -> Any:
    """The type of what an aggregation is given, where it is given that serialized."""
    value = argument.elements[0][1] if isinstance(argument, _Struct) else None
    return value.serialized if isinstance(value, _Value) else None


def _is_at_clients(type_spec: Any) -> bool:
    return isinstance(type_spec, tff.FederatedType) and type_spec.placement is tff.CLIENTS


def _hashable(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return (str(value.dtype), value.shape, value.tobytes())
    if isinstance(value, (bool, int, float, str, bytes, np.generic)):
        return (type(value), value)
    return None


_UNKNOWN: Any = object()


def _tensors(type_spec: Any, value: Any = _UNKNOWN) -> list[list[Any]]:
    """The number of elements and the dtype of each tensor; what is in data sets was not counted."""
    if isinstance(type_spec, tff.TensorType):
        dtype = tf.dtypes.as_dtype(type_spec.dtype)
        if dtype == tf.string:
            return [[_Bytes() if value is _UNKNOWN else _length(value), dtype]]
        shape = type_spec.shape
        known = shape is not None and all(each is not None for each in shape)
        return [[math.prod(shape) if known else None, dtype]]
    if not isinstance(type_spec, tff.StructType):
        return []
    types = [of for _, of in tff.structure.iter_elements(type_spec)]
    values = [_UNKNOWN] * len(types)
    if value is not _UNKNOWN:
        values = list(tff.structure.from_container(value))
    return [tensor for of, each in zip(types, values) for tensor in _tensors(of, each)]


class _Bytes:
    """The length of strings which were neither an argument nor a result: it is not known."""

    def __rmul__(self, other: Any) -> Any:
        return self * other

    def __mul__(self, other: Any) -> Any:
        raise deprecation.LegacyAPIError(
            "How long the strings are which a computation sends between its steps cannot be seen "
            f"from outside of the runtime of TFF {PRIMARY}; those of arguments and results "
            "are counted."
        )


def _length(value: Any) -> Any:
    strings = np.asarray(value, dtype=object).ravel()
    count = sum(len(each.encode() if isinstance(each, str) else each) for each in strings)
    return tf.constant(count, tf.int32)


def _bits(history: Sequence[Sequence[Any]]) -> Any:
    total: Any = 0
    for number, dtype in history:
        total += number * {tf.string: 8, tf.bool: 1}.get(dtype, dtype.size * 8)
    return total


def levels(num_clients: int, max_fanout: int, release: Version) -> int:
    """How many executors that join others were above each client."""
    executors = math.ceil(num_clients / max_fanout)
    if num_clients == max_fanout and release >= FIRST_JOINED_AT_FANOUT:
        return 1
    joined = 0
    while executors > 1:
        executors = math.ceil(executors / max_fanout)
        joined += 1
    return joined


class SizingRuntime(runtimes.LocalRuntime):
    """The local runtime, with the sizes of what computations send.

    Args:
      release: The release whose sizing executors are meant.
      num_clients: See `runtimes.LocalRuntime`.
      max_fanout: How many executors one that joined them had; each such level sent more.
      fixed: See `runtimes.LocalRuntime`.
      native: Whether computations were compiled before they were counted.
    """

    def __init__(
        self,
        release: Version,
        num_clients: int | None,
        max_fanout: int,
        *,
        fixed: bool,
        native: bool = False,
    ):
        super().__init__(num_clients, fixed=fixed)
        self._release = release
        self._max_fanout = max_fanout
        self._native = native
        self._traffic: dict[Any, list[Traffic]] = {}
        self._sources: list[tuple[Any, Any]] = []

    @property
    def is_as_installed(self) -> bool:
        """False: it also counts."""
        return False

    def compile(self, computation: Any) -> Any:
        """The computation as its executors run it; what it was compiled from is counted."""
        compiled = super().compile(computation)
        self._sources.append((compiled, computation))
        return compiled

    def source(self, compiled: Any) -> Any:
        """The computation, as it was written, which was compiled to the one given."""
        return next(source for made, source in self._sources if made is compiled)

    def create_executor(self, cardinalities: Any) -> Any:
        """An executor that counts what it is sent and what it returns."""
        executor = super().create_executor(cardinalities)
        key = tuple(sorted((str(place), number) for place, number in cardinalities.items()))
        if key not in self._traffic:
            given = cardinalities.get(tff.CLIENTS)
            number = (self.num_clients or 0) if given is None else given
            # Without arguments at clients none were joined; in 0.13 they were.
            alone = given is None and self._release >= FIRST_ASKING_ONCE
            joined = 0 if alone else levels(number, self._max_fanout, self._release)
            earlier = [each[-1] for each in self._traffic.values()]
            # A list of all executors there were stood behind each number of clients.
            self._traffic[key] = [*earlier, Traffic(number, joined, self._release)]
        counter = Counter(self._traffic[key][-1], self._release, native=self._native)
        return SizingExecutor(self, executor, counter)

    def get_size_info(self) -> Any:
        """What went to the clients and back since the runtime was made.

        Returns:
          A `SizeInfo`; as of TFF 0.13 and 0.14 a tuple of the same four.
        """
        sent = {key: self._history(each, "sent") for key, each in self._traffic.items()}
        received = {key: self._history(each, "received") for key, each in self._traffic.items()}
        bits = [[_bits(each) for each in all_of.values()] for all_of in (sent, received)]
        if self._release < FIRST_WITH_SIZE_INFO:
            return sent, received, *bits
        return SizeInfo(sent, received, *bits)

    @staticmethod
    def _history(traffic: Sequence[Traffic], direction: str) -> list[list[Any]]:
        return [tensor for each in traffic for tensor in getattr(each, direction)]


class SizingExecutor(runtimes.Executor):  # type: ignore[misc]
    """An executor of the local runtime, which counts what a sizing executor would have sent.

    Args:
      runtime: The runtime, which knows the computations as they were written.
      executor: What executes.
      counter: What counts.
    """

    def __init__(self, runtime: SizingRuntime, executor: Any, counter: Counter):
        self._runtime = runtime
        self._executor = executor
        self._counter = counter

    def as_factory(self) -> SizingRuntime:
        """The runtime, which a release also took an executor for."""
        return self._runtime

    def close(self) -> None:
        """Ends the executor; what was counted stays."""
        self._executor.close()

    async def create_value(self, value: Any, type_spec: Any = None) -> Any:
        """Hands a value or a computation to the runtime, and to the counter."""
        created = await self._executor.create_value(value, type_spec)
        if isinstance(type_spec, tff.FunctionType):
            return _CountedValue(created, self._runtime.source(value), self._counter)
        return _CountedValue(created, self._counter.argument(value, type_spec), self._counter)

    async def create_struct(self, elements: Any) -> Any:
        """A structure of values, in the runtime and for the counter."""
        pairs = tff.structure.to_elements(tff.structure.from_container(elements))
        created = await self._executor.create_struct(
            tff.structure.Struct([(name, each.inner) for name, each in pairs])
        )
        made = _Struct([(name, each.made) for name, each in pairs])
        return _CountedValue(created, made, self._counter)

    async def create_call(self, comp: Any, arg: Any = None) -> Any:
        """Calls a computation in the runtime, and counts what that sends."""
        called = await self._executor.create_call(comp.inner, None if arg is None else arg.inner)
        made = self._counter.call(comp.made, None if arg is None else arg.made)
        return _CountedValue(called, made, self._counter)

    async def create_selection(self, source: Any, index: int) -> Any:
        """An element of a structure, by its position."""
        selected = await self._executor.create_selection(source.inner, index)
        return _CountedValue(selected, source.made.elements[index][1], self._counter)


class _CountedValue(runtimes.ExecutorValue):  # type: ignore[misc]
    """A value of the runtime beside what it is for the counter."""

    def __init__(self, inner: Any, made: Any, counter: Counter):
        self.inner = inner
        self.made = made
        self._counter = counter

    @property
    def type_signature(self) -> Any:
        return self.inner.type_signature

    @property
    def reference(self) -> Any:
        return self.inner.reference

    async def compute(self) -> Any:
        value = await self.inner.compute()
        self._counter.result(self.made, value)
        return value


def sizing_runtime(
    release: Version,
    num_clients: int | None,
    max_fanout: int = 100,
    *,
    fixed: bool = False,
    least: int = 0,
    native: bool = False,
) -> SizingRuntime:
    """The local runtime that counts; see `SizingRuntime` and `runtimes.local_runtime`."""
    runtimes.local_runtime(num_clients, max_fanout, fixed=fixed, least=least)
    return SizingRuntime(release, num_clients, max_fanout, fixed=fixed, native=native)
