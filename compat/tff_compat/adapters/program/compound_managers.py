"""Release managers that hand values on to others, with their types as of TFF 0.31 to 0.71."""

from __future__ import annotations

import asyncio
import collections
import functools
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attr
import tree

from tff_compat import modern
from tff_compat.adapters.language import dated_types
from tff_compat.adapters.program import calls, errors
from tff_compat.adapters.program.calls import NOT_GIVEN
from tff_compat.adapters.program.release_managers import MANAGER, OptionalKey, Typed, forward
from tff_compat.adapters.registry import NEVER, AsOf, adapter
from tff_compat.catalog.boundaries import (
    FIRST_TO_DROP_EMPTY,
    FIRST_WITH_OPTIONAL_RELEASED_TYPES,
    FIRST_WITH_REQUIRED_KEY,
)

tff = modern.package()

_Manager: Any = tff.program.ReleaseManager
_Filtering: Any = calls.real("FilteringReleaseManager")
_Grouping: Any = calls.real("GroupingReleaseManager")
_Periodic: Any = calls.real("PeriodicReleaseManager")
_Delayed: Any = calls.real("DelayedReleaseManager")


_FILTERED = object()


class _Pairs(_Manager):
    """Stands for a manager before one that does not look at values: it gets pairs with the type."""

    def __init__(self, manager: Any):
        self._manager = manager

    async def release(self, value: Any, key: Any) -> None:
        inner, type_signature = value
        await forward(self._manager, inner, type_signature, key)


class _HandingOnPairs(Typed):
    async def _release(self, value: Any, type_signature: Any, key: Any) -> None:
        await self._put((value, type_signature), type_signature, key)


@adapter(
    "tff.program.PeriodicReleaseManager",
    releases=">=0.63,<0.72",
    replacement="tff.program.PeriodicReleaseManager",
    changed=(FIRST_WITH_OPTIONAL_RELEASED_TYPES,),
    legacy=NEVER,
    gives=MANAGER,
)
class PeriodicReleaseManager(_HandingOnPairs, _Periodic):
    """A manager that hands on every n-th value, or one per period, as of TFF 0.63 to 0.71.

    Args:
      release_manager: The manager that gets them.
      periodicity: An integer or a `datetime.timedelta`.

    Raises:
      ValueError: `periodicity` is not positive.
    """

    as_of: AsOf

    def __init__(self, release_manager, periodicity):
        super().__init__(_Pairs(release_manager), periodicity)


@adapter(
    "tff.program.DelayedReleaseManager",
    releases=">=0.67,<0.72",
    replacement="tff.program.DelayedReleaseManager",
    changed=(FIRST_WITH_OPTIONAL_RELEASED_TYPES,),
    legacy=NEVER,
    gives=MANAGER,
)
class DelayedReleaseManager(_HandingOnPairs, _Delayed):
    """A manager that hands values on from the n-th, as of TFF 0.67 to 0.71.

    Args:
      release_manager: The manager that gets them.
      delay: Which value is the first.

    Raises:
      ValueError: `delay` is not positive.
    """

    as_of: AsOf

    def __init__(self, release_manager, delay):
        super().__init__(_Pairs(release_manager), delay)


@adapter(
    "tff.program.GroupingReleaseManager",
    releases=">=0.31,<0.72",
    replacement="tff.program.GroupingReleaseManager",
    changed=(FIRST_WITH_REQUIRED_KEY, FIRST_WITH_OPTIONAL_RELEASED_TYPES),
    legacy=NEVER,
    gives=MANAGER,
)
class GroupingReleaseManager(OptionalKey, _Grouping):
    """A manager that hands values on to several, as of TFF 0.31 to 0.71.

    Args:
      release_managers: The managers.

    Raises:
      ValueError: There are none.
    """

    as_of: AsOf

    def __init__(self, release_managers):
        super().__init__(release_managers)
        self._managers = release_managers

    async def _release(self, value: Any, type_signature: Any, key: Any) -> None:
        await asyncio.gather(
            *(forward(each, value, type_signature, key) for each in self._managers)
        )


@adapter(
    "tff.program.FilteringReleaseManager",
    releases=">=0.31,<0.72",
    replacement="tff.program.FilteringReleaseManager",
    changed=(FIRST_WITH_REQUIRED_KEY, FIRST_TO_DROP_EMPTY, FIRST_WITH_OPTIONAL_RELEASED_TYPES),
    legacy=NEVER,
    gives=MANAGER,
)
class FilteringReleaseManager(OptionalKey, _Filtering):
    """A manager that hands on the parts of values whose path passes a filter: TFF 0.31 to 0.71.

    Up to 0.58 a structure stays where nothing is left in it, and tuples become lists.

    Args:
      release_manager: The manager that gets them.
      filter_fn: From the path of a part, a tuple of names and indices, to whether it stays.

    Raises:
      TypeError: An argument is something else.
    """

    as_of: AsOf

    def __init__(self, release_manager, filter_fn):
        if not callable(filter_fn):
            raise TypeError(
                f"Expected `filter_fn` to be a function, found {type(filter_fn).__name__}."
            )
        super().__init__(release_manager, filter_fn)
        self._manager = release_manager
        self._stays = filter_fn

    async def _release(self, value: Any, type_signature: Any, key: Any) -> None:
        release = self.as_of.release
        if release >= FIRST_WITH_OPTIONAL_RELEASED_TYPES:
            await self._put(value, type_signature, key)
            return
        if type_signature is NOT_GIVEN:
            type_signature = calls.type_of(value, release)
        drop_empty = release >= FIRST_TO_DROP_EMPTY
        if drop_empty:
            kept = await self._filtered(value, key)
        else:
            kept = tree.traverse_with_path(self._visit, value, top_down=False)
        kept_type = _filtered_type(type_signature, value, self._stays, drop_empty)
        if drop_empty and (kept is _FILTERED or kept_type is _FILTERED):
            if kept is not kept_type:
                raise errors.FilterMismatchError(
                    "Of the value and its type one is filtered out and the other is not: "
                    f"{value}, {type_signature}."
                )
            return
        await forward(self._manager, kept, dated_types.dated(kept_type, release), key)

    async def _filtered(self, value: Any, key: Any) -> Any:
        """What the installed TFF leaves of a value."""
        kept: list[Any] = []
        filtering = tff.program.FilteringReleaseManager(_Kept(kept), self._stays)
        await calls.call_release(filtering.release, value, key)
        return kept[0] if kept else _FILTERED

    def _visit(self, path: tuple[str | int, ...], part: Any) -> Any:
        if not tree.is_nested(part):
            return None if self._stays(path) else _FILTERED
        if isinstance(part, Mapping):
            left = [(name, each) for name, each in part.items() if each is not _FILTERED]
            return type(part)(left)  # type: ignore[call-arg]
        if isinstance(part, Sequence) and not hasattr(part, "_fields"):
            return [each for each in part if each is not _FILTERED]
        raise NotImplementedError(f"Unexpected type found: {type(part)}.")


class _Kept(_Manager):
    """Keeps the value that is released in a list."""

    def __init__(self, values: list[Any]):
        self._values = values

    async def release(self, value: Any, *args: Any, **kwargs: Any) -> None:
        self._values.append(value)


def _filtered_type(
    type_signature: Any,
    value: Any,
    stays: Callable[[tuple[str | int, ...]], bool],
    drop_empty: bool,
    path: tuple[str | int, ...] = (),
) -> Any:
    """The type of what the filter leaves of a value, of which `path` leads to the part in hand."""
    container = getattr(type_signature, "python_container", None)
    if (
        not isinstance(type_signature, tff.StructType)
        or (container is not None and attr.has(container))
        or (len(type_signature) == 0 and functools.reduce(operator.getitem, path, value) is None)
    ):
        return type_signature if stays(path) else _FILTERED
    elements = []
    for index, (name, each) in enumerate(tff.structure.iter_elements(type_signature)):
        inside = (*path, index if name is None else name)
        left = _filtered_type(each, value, stays, drop_empty, inside)
        if left is not _FILTERED:
            elements.append((name, left))
    if not elements and drop_empty:
        return _FILTERED
    if not drop_empty:
        named = any(name is not None for name, _ in elements)
        container = collections.OrderedDict if named else list
    if container is None:
        return tff.StructType(elements)
    return tff.StructWithPythonType(elements, container)
