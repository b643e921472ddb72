"""The order of clients in aggregations of the runtimes in Python, up to TFF 0.52.

These take the clients' values in the order in which they become ready, which differs from run to
run. The runtimes of before and after take them in the order of the clients, so that collected
values and sums of floats are the same each time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Iterator
from typing import Any

from tff_compat.modern.substitutes import Substitute

_AGGREGATING = (
    "core.impl.executors.federated_composing_strategy",
    "core.impl.executors.federated_resolving_strategy",
)
"""The modules that aggregate."""


class _Ordered(Substitute):
    """The module `asyncio`, whose `as_completed` keeps the order of what it is given."""

    def as_completed(self, awaitables: Iterable[Awaitable[Any]]) -> Iterator[Awaitable[Any]]:
        """What to await one after the other, while all of them are under way."""
        return iter([asyncio.ensure_future(each) for each in awaitables])


def keep() -> None:
    """Lets these runtimes aggregate in the order of the clients."""
    _Ordered(asyncio).put(_AGGREGATING)
