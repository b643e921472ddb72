"""Data sources that fetch the data of coming rounds in advance, as of TFF 0.38 to 0.69."""

from __future__ import annotations

import struct
import threading
from collections.abc import Mapping
from typing import Any

from tff_compat import modern
from tff_compat.adapters import registry
from tff_compat.adapters.program import calls, data_sources
from tff_compat.adapters.registry import AsOf, adapter
from tff_compat.catalog import PRIMARY

tff = modern.package()

_Ingestable: Any = tff.framework.Ingestable
_CardinalityCarrying: Any = tff.framework.CardinalityCarrying
_Source: Any = tff.program.FederatedDataSource
_Iterator: Any = tff.program.FederatedDataSourceIterator

_NUMBERS = "!QQQQ"

# How far ahead, and by what: the data of a round are the same.
_NUMBERS_IN_ADVANCE = (
    "total_rounds",
    "num_rounds_to_prefetch",
    "num_clients_to_prefetch",
    "total_iterations",
    "iterations_to_prefetch",
    "k_to_prefetch",
    "prefetch_threshold",
)
_IN_ADVANCE = (*_NUMBERS_IN_ADVANCE, "context", "buffer_size")

_ABSENT: Any = object()
"""For a parameter that a form lacks."""


@adapter(
    "tff.program.FetchedValue",
    releases=">=0.38,<0.49",
    note=f"TFF {PRIMARY} fetches nothing in advance; derive from `tff.framework.Ingestable`.",
)
@adapter(
    "tff.program.FetchedValue",
    releases=">=0.58,<0.70",
    note=f"TFF {PRIMARY} fetches nothing in advance; derive from `tff.framework.Ingestable`.",
)
class FetchedValue(_Ingestable, _CardinalityCarrying):
    """Data of clients that an executor holds already, as of TFF 0.38 to 0.69.

    Args:
      executor: The `tff.framework.Executor`.
      executor_value: What it holds.
      cardinality: The number of participants by placement.
      defining_coro_fn: From another executor, which may take its place, to a coroutine that gives
        the same data in it.
    """

    def __init__(self, executor, executor_value, cardinality, defining_coro_fn):
        self._executor = executor
        self._executor_value = executor_value
        self._cardinality = cardinality
        self._defining_coro_fn = defining_coro_fn

    @property
    def type_signature(self):
        """The type of the data."""
        return self._executor_value.type_signature

    @property
    def cardinality(self):
        """The number of participants by placement."""
        return self._cardinality

    async def ingest(self, executor):
        """The data in an executor."""
        if self._executor is not executor:
            self._executor_value = await self._defining_coro_fn(executor)
            self._executor = executor
        return self._executor_value


class _Round(threading.Thread):
    """Fetches the data of one round in the background."""

    def __init__(self, iterator: Any, count: int, factory: Any):
        super().__init__()
        self._iterator = iterator
        self._count = count
        self._factory = factory
        self.fetched: FetchedValue | None = None

    def run(self) -> None:
        data = self._iterator.select(self._count)
        federated_type = self._iterator.federated_type

        async def in_executor(executor: Any) -> Any:
            if isinstance(data, _Ingestable):
                return await data.ingest(executor)
            return await executor.create_value(data, federated_type)

        cardinality: Mapping[Any, int] = {tff.CLIENTS: self._count}
        # Executors are cached, so the one that a computation will use is this one.
        executor = self._factory.create_executor(cardinality)
        value = calls.run(in_executor(executor))
        self.fetched = FetchedValue(executor, value, cardinality, in_executor)


class _Prefetching(calls.Subclassed, _Iterator):
    """An iterator that holds the data of some rounds in advance."""

    as_of: AsOf

    def _start(
        self, iterator: Any, factory: Any, total: int, ahead: int, count: int, threshold: int
    ) -> None:
        self._iterator = iterator
        self._factory = factory
        self._total = total
        self._ahead = ahead
        self._count = count
        self._threshold = threshold
        self._started = 0
        self._rounds: list[_Round] = []
        self._fetched: list[FetchedValue] = []
        self._fetch()

    def _fetch(self) -> None:
        if self._rounds or len(self._fetched) > self._threshold:
            # Fetching each round as soon as there is room would be a thread at a time.
            return
        number = min(self._ahead - len(self._fetched), self._total - self._started)
        for _ in range(number):
            fetching = _Round(self._iterator, self._count, self._factory)
            fetching.start()
            self._rounds.append(fetching)
            self._started += 1

    def _take(self, count: Any, name: str) -> FetchedValue:
        if count is None or count != self._count:
            raise ValueError(
                f"Expected `{name}` to be the number that is fetched in advance, {self._count}, "
                f"found {count}."
            )
        for fetching in self._rounds:
            fetching.join()
            if fetching.fetched is not None:
                self._fetched.append(fetching.fetched)
        self._rounds = []
        if not self._fetched:
            raise RuntimeError("Failed to prefetch at least one item.")
        first = self._fetched.pop(0)
        self._fetch()
        return first

    @property
    def federated_type(self):
        """The type of what is selected."""
        return self._iterator.federated_type

    @classmethod
    def from_bytes(cls, buffer):
        """The iterator that `to_bytes` was called of, which starts to fetch; since 0.58.

        Raises:
          RuntimeError: The current context is not asynchronous.
        """
        size = struct.calcsize(_NUMBERS)
        numbers = struct.unpack(_NUMBERS, buffer[-size:])
        serialization = modern.internal_module("program.serialization_utils")
        iterator, _ = serialization.unpack_serializable_from(buffer[:-size])
        return cls(iterator, *numbers)

    def to_bytes(self):
        """The iterator in bytes, without what it has fetched; since 0.58."""
        serialization = modern.internal_module("program.serialization_utils")
        numbers = (self._total, self._ahead, self._count, self._threshold)
        packed: bytes = serialization.pack_serializable(self._iterator)
        return packed + struct.pack(_NUMBERS, *numbers)

    def __eq__(self, other):
        """Whether the other fetches the same by the same executors; since 0.58."""
        if self is other:
            return True
        if not isinstance(other, _Prefetching):
            return NotImplemented
        names = ("_iterator", "_factory", "_total", "_ahead", "_count", "_threshold")
        return all(getattr(self, name) == getattr(other, name) for name in names)

    __hash__ = None  # type: ignore[assignment]


def _check_number(number: Any, name: str) -> None:
    if number < 1:
        raise ValueError(f"Expected `{name}` to be greater than 1, found {number}.")


def _numbers(arguments: Mapping[str, Any]) -> tuple[Any, ...]:
    """How many there are, how many are fetched in advance, of how many each, and the threshold.

    They are checked as of TFF 0.39 and later: all are integers, and the third is positive.
    """
    given = {
        name: arguments[name]
        for name in _NUMBERS_IN_ADVANCE
        if arguments.get(name, _ABSENT) is not _ABSENT
    }
    for name, number in given.items():
        if not isinstance(number, int):
            raise TypeError(f"Expected `{name}` to be an int, found {type(number).__name__}.")
    count = list(given)[2]
    _check_number(given[count], count)
    return tuple(given.values())


def _check_context(context: Any) -> None:
    if not isinstance(context, tff.framework.AsyncExecutionContext):
        raise TypeError(
            "Expected `context` to be a tff.framework.AsyncExecutionContext, found "
            f"{type(context).__name__}."
        )


def _check_iterator(iterator: Any) -> None:
    if not isinstance(iterator, _Iterator):
        raise TypeError(
            "Expected `iterator` to be a tff.program.FederatedDataSourceIterator, found "
            f"{type(iterator).__name__}."
        )


def _check_source(data_source: Any) -> None:
    if not isinstance(data_source, _Source):
        raise TypeError(
            "Expected `data_source` to be a tff.program.FederatedDataSource, found "
            f"{type(data_source).__name__}."
        )


def _factory(context: Any) -> Any:
    """The executor factory of a context, or of the current one where none could be given."""
    if context is not _ABSENT:
        return context.executor_factory
    context = tff.framework.get_context_stack().current
    if not isinstance(context, tff.framework.AsyncExecutionContext):
        raise RuntimeError(
            "Expected the iterator to be constructed in a tff.framework.AsyncExecutionContext, "
            f"found {context}."
        )
    return context.executor_factory


@adapter(
    "tff.program.PrefetchingDataSourceIterator",
    releases=">=0.38,<0.39",
    replacement="{data_iterator}",
    without_effect=_IN_ADVANCE,
    gives=data_sources.ITERATOR,
)
class PrefetchingDataSourceIterator_0_38(_Prefetching):
    """An iterator that fetches the data of coming rounds in advance, as of TFF 0.38.

    Args:
      data_iterator: The iterator that selects them.
      total_rounds: How many there are.
      num_rounds_to_prefetch: How many are fetched in advance.
      num_clients_to_prefetch: The number of clients in each.
      context: The `tff.framework.AsyncExecutionContext` whose executors hold them.
      buffer_size: With how many left more are fetched.
    """

    as_of: AsOf

    def __init__(
        self,
        data_iterator,
        total_rounds,
        num_rounds_to_prefetch,
        num_clients_to_prefetch,
        context,
        buffer_size=0,
    ):
        self.as_of.warn({"data_iterator": data_iterator})
        self._start(
            data_iterator,
            context.executor_factory,
            total_rounds,
            num_rounds_to_prefetch,
            num_clients_to_prefetch,
            buffer_size,
        )

    def select(self, number_of_clients=None):
        """The data of the next round.

        Raises:
          ValueError: It is another number of clients.
          RuntimeError: All rounds were selected.
        """
        return self._take(number_of_clients, "number_of_clients")


@adapter(
    "tff.program.PrefetchingDataSourceIterator",
    releases=">=0.39,<0.49",
    replacement="{iterator}",
    without_effect=_IN_ADVANCE,
    gives=data_sources.ITERATOR,
    forms=True,
)
@adapter(
    "tff.program.PrefetchingDataSourceIterator",
    releases=">=0.58,<0.63",
    replacement="{iterator}",
    without_effect=_IN_ADVANCE,
    gives=data_sources.ITERATOR,
    forms=True,
)
class PrefetchingDataSourceIterator_0_39(_Prefetching):
    """An iterator that fetches the data of coming rounds in advance, as of TFF 0.39 to 0.61.

    Args:
      iterator: The iterator that selects them.
      context: The `tff.framework.AsyncExecutionContext` whose executors hold them, up to 0.48;
        since 0.58 it is the current one.
      total_rounds: How many there are.
      num_rounds_to_prefetch: How many are fetched in advance.
      num_clients_to_prefetch: The number of clients in each.
      prefetch_threshold: With how many left more are fetched.

    Raises:
      TypeError: `iterator` or `context` is something else, or a number no integer.
      ValueError: The number of clients is less than one.
      RuntimeError: The current context is another one.
    """

    as_of: AsOf

    def __init__(
        self,
        iterator,
        context=_ABSENT,
        total_rounds=_ABSENT,
        num_rounds_to_prefetch=_ABSENT,
        num_clients_to_prefetch=_ABSENT,
        prefetch_threshold=0,
    ):
        self.as_of.warn({"iterator": iterator})
        _check_iterator(iterator)
        if context is not _ABSENT:
            _check_context(context)
        numbers = _numbers(locals())
        self._start(iterator, _factory(context), *numbers)

    def select(self, num_clients=None):
        """The data of the next round.

        Raises:
          ValueError: It is another number of clients.
          RuntimeError: All rounds were selected.
        """
        return self._take(num_clients, "num_clients")


@adapter(
    "tff.program.PrefetchingDataSourceIterator",
    releases=">=0.63,<0.70",
    replacement="{iterator}",
    without_effect=_IN_ADVANCE,
    gives=data_sources.ITERATOR,
)
class PrefetchingDataSourceIterator(_Prefetching):
    """An iterator that fetches coming selections in advance, as of TFF 0.63 to 0.69.

    The executors of the current context, a `tff.framework.AsyncExecutionContext`, hold them.

    Args:
      iterator: The iterator that selects them.
      total_iterations: How many there are.
      iterations_to_prefetch: How many are fetched in advance.
      k_to_prefetch: The number of elements in each.
      prefetch_threshold: With how many left more are fetched.

    Raises:
      ValueError: The number of elements is less than one.
      RuntimeError: The current context is another one.
    """

    as_of: AsOf

    def __init__(
        self,
        iterator,
        total_iterations,
        iterations_to_prefetch,
        k_to_prefetch,
        prefetch_threshold=0,
    ):
        self.as_of.warn({"iterator": iterator})
        _check_iterator(iterator)
        self._start(iterator, _factory(_ABSENT), *_numbers(locals()))

    def select(self, k=None):
        """The next selection.

        Raises:
          ValueError: It is another number of elements.
          RuntimeError: All were selected.
        """
        return self._take(k, "k")


class _PrefetchingSource(calls.Subclassed, _Source):
    """A data source whose iterators fetch in advance."""

    as_of: AsOf
    _context: Any = _ABSENT
    _numbers: tuple[Any, ...]

    @property
    def federated_type(self):
        """The type of what its iterators select."""
        return self._data_source.federated_type

    @property
    def capabilities(self):
        """What the data source behind it is capable of; up to 0.61."""
        return self._data_source.capabilities

    def iterator(self):
        """A new iterator, which starts to fetch."""
        path = "tff.program.PrefetchingDataSourceIterator"
        entry: Any = registry.find(path, self.as_of.release)
        kind = entry.bind(self.as_of.release)
        # Not by its constructor, which is the program's.
        made = kind.__new__(kind)
        iterator = self._data_source.iterator()
        made._start(iterator, _factory(self._context), *self._numbers)
        return made


@adapter(
    "tff.program.PrefetchingDataSource",
    releases=">=0.38,<0.39",
    replacement="{data_source}",
    without_effect=_IN_ADVANCE,
    gives=data_sources.SOURCE,
)
class PrefetchingDataSource_0_38(_PrefetchingSource):
    """A data source that fetches the data of coming rounds in advance, as of TFF 0.38.

    Args:
      data_source: The data source that it fetches from.
      total_rounds: How many rounds there are.
      num_rounds_to_prefetch: How many are fetched in advance.
      num_clients_to_prefetch: The number of clients in each.
      context: The `tff.framework.AsyncExecutionContext` whose executors hold them.
      buffer_size: With how many left more are fetched.

    Raises:
      TypeError: `data_source` or `context` is something else.
      ValueError: The number of clients is less than one.
    """

    as_of: AsOf

    def __init__(
        self,
        data_source,
        total_rounds,
        num_rounds_to_prefetch,
        num_clients_to_prefetch,
        context,
        buffer_size=0,
    ):
        self.as_of.warn({"data_source": data_source})
        _check_context(context)
        _check_source(data_source)
        _check_number(num_clients_to_prefetch, "num_clients_to_prefetch")
        self._data_source = data_source
        self._context = context
        self._numbers = (total_rounds, num_rounds_to_prefetch, num_clients_to_prefetch, buffer_size)


@adapter(
    "tff.program.PrefetchingDataSource",
    releases=">=0.39,<0.49",
    replacement="{data_source}",
    without_effect=_IN_ADVANCE,
    gives=data_sources.SOURCE,
    forms=True,
)
@adapter(
    "tff.program.PrefetchingDataSource",
    releases=">=0.58,<0.70",
    replacement="{data_source}",
    without_effect=_IN_ADVANCE,
    gives=data_sources.SOURCE,
    forms=True,
)
class PrefetchingDataSource(_PrefetchingSource):
    """A data source that fetches coming selections in advance, as of TFF 0.39 to 0.69.

    Args:
      data_source: The data source that it fetches from.
      context: The `tff.framework.AsyncExecutionContext` whose executors hold them, up to 0.48;
        since 0.58 it is the current one.
      total_rounds: How many selections there are, up to 0.61.
      num_rounds_to_prefetch: How many are fetched in advance, up to 0.61.
      num_clients_to_prefetch: The number of clients in each, up to 0.61.
      total_iterations: `total_rounds` since 0.63.
      iterations_to_prefetch: `num_rounds_to_prefetch` since 0.63.
      k_to_prefetch: `num_clients_to_prefetch` since 0.63.
      prefetch_threshold: With how many left more are fetched.

    Raises:
      TypeError: `data_source` or `context` is something else, or a number no integer.
      ValueError: The number of elements is less than one.
    """

    as_of: AsOf

    def __init__(
        self,
        data_source,
        context=_ABSENT,
        total_rounds=_ABSENT,
        num_rounds_to_prefetch=_ABSENT,
        num_clients_to_prefetch=_ABSENT,
        total_iterations=_ABSENT,
        iterations_to_prefetch=_ABSENT,
        k_to_prefetch=_ABSENT,
        prefetch_threshold=0,
    ):
        self.as_of.warn({"data_source": data_source})
        _check_source(data_source)
        if context is not _ABSENT:
            _check_context(context)
        self._data_source = data_source
        self._context = context
        self._numbers = _numbers(locals())
