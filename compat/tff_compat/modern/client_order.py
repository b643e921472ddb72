"""The order of clients in aggregations of the runtimes in Python, up to TFF 0.52.

These take the clients' values in the order in which they become ready, which differs from run to
run. The runtimes of before and after take them in the order of the clients, so that collected
values and sums of floats are the same each time.
"""

from __future__ import annotations

import asyncio
import functools
import sys
import types
from collections.abc import Awaitable, Iterable, Iterator
from typing import Any

from tff_compat import installation

_AGGREGATING = (
    "core.impl.executors.federated_composing_strategy",
    "core.impl.executors.federated_resolving_strategy",
)
"""The modules that aggregate, below ``tensorflow_federated.python``."""


class _Ordered(types.ModuleType):
    """The module `asyncio`, whose `as_completed` keeps the order of what it is given."""

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)

    def as_completed(self, awaitables: Iterable[Awaitable[Any]]) -> Iterator[Awaitable[Any]]:
        """What to await one after the other, while all of them are under way."""
        return iter([asyncio.ensure_future(each) for each in awaitables])


@functools.cache
def keep() -> None:
    """Lets these runtimes aggregate in the order of the clients."""
    for name in _AGGREGATING:
        module = sys.modules.get(f"{installation.ROOT}.python.{name}")
        if module is not None and getattr(module, "asyncio", None) is asyncio:
            module.asyncio = _Ordered("asyncio")  # type: ignore[attr-defined]
