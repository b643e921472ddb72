"""Data sources: they said what they are capable of, and selected clients by other names."""

from __future__ import annotations

import abc
import enum
import random
from collections.abc import Sequence
from typing import Any, cast

from tff_compat import modern
from tff_compat.adapters import registry
from tff_compat.adapters.language import dated_types
from tff_compat.adapters.program import calls
from tff_compat.adapters.registry import NEVER, AsOf, adapter, member
from tff_compat.catalog.boundaries import FIRST_WITH_NUM_CLIENTS, FIRST_WITHOUT_REPETITION

tff = modern.package()

_Source: Any = tff.program.FederatedDataSource
_Iterator: Any = tff.program.FederatedDataSourceIterator
_DatasetSource: Any = calls.real("DatasetDataSource")
_DatasetIterator: Any = calls.real("DatasetDataSourceIterator")
_ClientIdSource: Any = calls.real("ClientIdDataSource")
_ClientIdIterator: Any = calls.real("ClientIdDataSourceIterator")


_NO_BYTES = "`select` has a parameter `k`, and iterators have `from_bytes` and `to_bytes`."
SOURCE, ITERATOR = "data source", "data source iterator"
member(SOURCE, ".iterator()", releases="<0.63", gives=ITERATOR)
for _releases, _number in ((">=0.20,<0.39", "number_of_clients"), (">=0.39,<0.63", "num_clients")):
    member(
        ITERATOR,
        ".select()",
        releases=_releases,
        replacement=f"{{self}}.select({{{_number}}})",
        parameters=f"({_number}=None)",
    )


@adapter(
    "tff.program.Capability",
    releases=">=0.20,<0.63",
    note="Leave it out: data sources have no capabilities.",
)
class Capability(enum.Enum):
    """What a data source is capable of, as of TFF 0.20 to 0.61.

    Each iterator gives the same data in the same order; none twice; a selection of clients made
    uniformly at random each time; and what is selected can be used several times.
    """

    DETERMINISTIC = 1
    NO_REPETITIONS = 2
    RANDOM_UNIFORM = 3
    SUPPORTS_REUSE = 4


# --- Interfaces -----------------------------------------------------------------------------------


@adapter(
    "tff.program.FederatedDataSource",
    releases=">=0.20,<0.63",
    replacement="tff.program.FederatedDataSource",
    note="A data source has no capabilities.",
)
class FederatedDataSource(calls.Interface, _Source):
    """The base class of data sources, as of TFF 0.20 to 0.61.

    A subclass has `federated_type`, `capabilities` and `iterator`.

    Raises:
      TypeError: A subclass that lacks one of them is instantiated.
    """

    as_of: AsOf
    stands_for = (_Source,)
    _warns = True

    @property
    @abc.abstractmethod
    def capabilities(self):
        """What it is capable of, a list of `tff.program.Capability`."""


class _WithoutBytes(calls.Interface, _Iterator):
    """An iterator up to 0.52, which could not be saved."""

    as_of: AsOf
    stands_for = (_Iterator,)
    _warns = True

    @classmethod
    def from_bytes(cls, buffer: bytes) -> Any:
        """Not part of the interface of that time.

        Raises:
          NotImplementedError: Always.
        """
        raise NotImplementedError(_no_bytes(cls, "from_bytes(cls, buffer)"))

    def to_bytes(self) -> bytes:
        """Not part of the interface of that time.

        Raises:
          NotImplementedError: Always.
        """
        raise NotImplementedError(_no_bytes(type(self), "to_bytes(self)"))


def _no_bytes(kind: Any, method: str) -> str:
    return (
        f"{kind.__name__} is a tff.program.FederatedDataSourceIterator of TFF "
        f"{kind.as_of.release}, which could not be saved; define {method} in it."
    )


@adapter(
    "tff.program.FederatedDataSourceIterator",
    releases=">=0.20,<0.39",
    replacement="tff.program.FederatedDataSourceIterator",
    note=_NO_BYTES,
)
class FederatedDataSourceIterator_0_20(_WithoutBytes):
    """The base class of iterators over data sources, as of TFF 0.20 to 0.38.

    A subclass has `federated_type` and ``select(number_of_clients=None)``.

    Raises:
      TypeError: A subclass that lacks one of them is instantiated.
    """

    as_of: AsOf

    @abc.abstractmethod
    def select(self, number_of_clients=None):
        """The data of so many clients."""


@adapter(
    "tff.program.FederatedDataSourceIterator",
    releases=">=0.39,<0.53",
    replacement="tff.program.FederatedDataSourceIterator",
    note=_NO_BYTES,
)
class FederatedDataSourceIterator_0_39(_WithoutBytes):
    """The base class of iterators over data sources, as of TFF 0.39 to 0.52.

    A subclass has `federated_type` and ``select(num_clients=None)``.

    Raises:
      TypeError: A subclass that lacks one of them is instantiated.
    """

    as_of: AsOf

    @abc.abstractmethod
    def select(self, num_clients=None):
        """The data of so many clients."""


@adapter(
    "tff.program.FederatedDataSourceIterator",
    releases=">=0.53,<0.63",
    replacement="tff.program.FederatedDataSourceIterator",
    note="`select` has a parameter `k`.",
)
class FederatedDataSourceIterator(calls.Interface, _Iterator):
    """The base class of iterators over data sources, as of TFF 0.53 to 0.61.

    A subclass has `federated_type`, ``select(num_clients=None)``, `from_bytes` and `to_bytes`.

    Raises:
      TypeError: A subclass that lacks one of them is instantiated.
    """

    as_of: AsOf
    stands_for = (_Iterator,)
    _warns = True

    @abc.abstractmethod
    def select(self, num_clients=None):
        """The data of so many clients."""


# --- Data sets and clients' ids -------------------------------------------------------------------


def _named(path: str, as_of: AsOf) -> Any:
    """The class that a program finds at a path as of the same release."""
    entry: Any = registry.find(path, as_of.release)
    return entry.bind(as_of.release)


class _Selected(calls.Subclassed):
    """An iterator of the installed TFF whose `select` names the number of clients as then."""

    as_of: AsOf

    @property
    def federated_type(self):
        """The type of what is selected."""
        found = super().federated_type  # type: ignore[misc]
        return dated_types.dated(found, self.as_of.release)

    def _selection(self, number: Any, name: str) -> Any:
        arguments = {name: number}
        calls.warn_method(
            self.as_of, cast(Any, type(self)).select, f"select({{{name}}})", arguments
        )
        return super().select(number)  # type: ignore[misc]


class _DatasetSelected(_Selected):
    @classmethod
    def from_bytes(cls, buffer):
        """The iterator that `to_bytes` was called of."""
        found = _DatasetIterator.from_bytes(buffer)
        return cast(Any, cls)(found._datasets, found.federated_type)


class _ClientIdSelected(_Selected):
    @classmethod
    def from_bytes(cls, buffer):
        """The iterator that `to_bytes` was called of."""
        return cast(Any, cls)(_ClientIdIterator.from_bytes(buffer)._client_ids)


@adapter(
    "tff.program.DatasetDataSourceIterator",
    releases=">=0.21,<0.39",
    replacement="tff.program.DatasetDataSourceIterator",
    changed=(FIRST_WITHOUT_REPETITION,),
    legacy=NEVER,
    gives=ITERATOR,
)
class DatasetDataSourceIterator_0_21(_DatasetSelected, _DatasetIterator):
    """An iterator over the data sets of clients, as of TFF 0.21 to 0.38.

    Up to 0.34 one selection may have a data set several times.

    Args:
      datasets: A sequence of `tf.data.Dataset`, one for a client.
      federated_type: Their type.

    Raises:
      ValueError: There are none, or their elements are not of one type.
    """

    as_of: AsOf

    def __init__(self, datasets, federated_type):
        super().__init__(datasets, federated_type)
        self._all = datasets

    def select(self, number_of_clients=None):
        """The data sets of so many clients, drawn at random.

        Raises:
          ValueError: The number is not between zero and the number of data sets.
        """
        if self.as_of.release >= FIRST_WITHOUT_REPETITION:
            return self._selection(number_of_clients, "number_of_clients")
        return _with_repetition(self._all, number_of_clients)


def _with_repetition(datasets: Sequence[Any], number: Any) -> list[Any]:
    if number is not None and not isinstance(number, int):
        raise TypeError(f"Expected `number_of_clients` to be int, found {type(number).__name__}.")
    if number is None or not 0 <= number <= len(datasets):
        raise ValueError(
            "Expected `number_of_clients` to be a positive integer and at most the number of data "
            f"sets, {len(datasets)}, found {number}."
        )
    return random.choices(datasets, k=number)


@adapter(
    "tff.program.DatasetDataSourceIterator",
    releases=">=0.39,<0.63",
    replacement="tff.program.DatasetDataSourceIterator",
    legacy=NEVER,
    gives=ITERATOR,
)
class DatasetDataSourceIterator(_DatasetSelected, _DatasetIterator):
    """An iterator over the data sets of clients, as of TFF 0.39 to 0.61.

    Args:
      datasets: A sequence of `tf.data.Dataset`, one for a client.
      federated_type: Their type.

    Raises:
      ValueError: There are none, or their elements are not of one type.
    """

    as_of: AsOf

    def select(self, num_clients=None):
        """The data sets of so many clients, drawn at random, none twice.

        Raises:
          ValueError: The number is not between zero and the number of data sets.
        """
        return self._selection(num_clients, "num_clients")


@adapter(
    "tff.program.ClientIdDataSourceIterator",
    releases=">=0.36,<0.39",
    replacement="tff.program.ClientIdDataSourceIterator",
    legacy=NEVER,
    gives=ITERATOR,
)
class ClientIdDataSourceIterator_0_36(_ClientIdSelected, _ClientIdIterator):
    """An iterator over the ids of clients, as of TFF 0.36 to 0.38.

    Args:
      client_ids: A sequence of strings.

    Raises:
      ValueError: There are none.
    """

    as_of: AsOf

    def select(self, number_of_clients=None):
        """The ids of so many clients, drawn at random, none twice.

        Raises:
          ValueError: The number is not between zero and the number of clients.
        """
        return self._selection(number_of_clients, "number_of_clients")


@adapter(
    "tff.program.ClientIdDataSourceIterator",
    releases=">=0.39,<0.63",
    replacement="tff.program.ClientIdDataSourceIterator",
    legacy=NEVER,
    gives=ITERATOR,
)
class ClientIdDataSourceIterator(_ClientIdSelected, _ClientIdIterator):
    """An iterator over the ids of clients, as of TFF 0.39 to 0.61.

    Args:
      client_ids: A sequence of strings.

    Raises:
      ValueError: There are none.
    """

    as_of: AsOf

    def select(self, num_clients=None):
        """The ids of so many clients, drawn at random, none twice.

        Raises:
          ValueError: The number is not between zero and the number of clients.
        """
        return self._selection(num_clients, "num_clients")


class _Capable(calls.Subclassed):
    """A data source of the installed TFF that says what it is capable of."""

    as_of: AsOf

    @property
    def federated_type(self):
        """The type of what its iterators select."""
        found = super().federated_type  # type: ignore[misc]
        return dated_types.dated(found, self.as_of.release)

    @property
    def capabilities(self):
        """What it is capable of: selections at random."""
        return [Capability.RANDOM_UNIFORM]


@adapter(
    "tff.program.DatasetDataSource",
    releases=">=0.21,<0.63",
    replacement="tff.program.DatasetDataSource",
    changed=(FIRST_WITHOUT_REPETITION, FIRST_WITH_NUM_CLIENTS),
    legacy=NEVER,
    gives=SOURCE,
)
class DatasetDataSource(_Capable, _DatasetSource):
    """A data source of the data sets of clients, as of TFF 0.21 to 0.61.

    Args:
      datasets: A sequence of `tf.data.Dataset`, one for a client.

    Raises:
      ValueError: There are none, or their elements are not of one type.
    """

    as_of: AsOf

    def __init__(self, datasets):
        super().__init__(datasets)
        self._all = datasets

    def iterator(self):
        """A new iterator over the data sets."""
        kind = _named("tff.program.DatasetDataSourceIterator", self.as_of)
        return kind(self._all, self.federated_type)


@adapter(
    "tff.program.ClientIdDataSource",
    releases=">=0.36,<0.63",
    replacement="tff.program.ClientIdDataSource",
    changed=(FIRST_WITH_NUM_CLIENTS,),
    legacy=NEVER,
    gives=SOURCE,
)
class ClientIdDataSource(_Capable, _ClientIdSource):
    """A data source of the ids of clients, as of TFF 0.36 to 0.61.

    Args:
      client_ids: A sequence of strings.

    Raises:
      ValueError: There are none.
    """

    as_of: AsOf

    def __init__(self, client_ids):
        super().__init__(client_ids)
        self._all = client_ids

    def iterator(self):
        """A new iterator over the ids."""
        return _named("tff.program.ClientIdDataSourceIterator", self.as_of)(self._all)
