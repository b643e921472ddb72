"""Tasks in order, awaitables for several, and an event loop in a thread, as of TFF 0.23 to 0.80."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import weakref
from collections.abc import AsyncIterator, Generator
from typing import Any

from absl import logging

from tff_compat.adapters.profiler import tracing
from tff_compat.adapters.registry import AsOf, adapter


async def _logged(awaitable: Any) -> None:
    try:
        await awaitable
    except BaseException:
        # An error of one task stops no other.
        logging.exception("Error running task")


class _Tasks:
    """Tasks that run one after another."""

    def __init__(self) -> None:
        self._last: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._last.set_result(None)

    def add(self, awaitable):
        """Awaits `awaitable` when all that was added before is done."""
        self._last = asyncio.create_task(self._after(self._last, awaitable))

    def add_all(self, *awaitables):
        """Awaits the `awaitables` at the same time when all that was added before is done."""
        # Tasks start at once; those that were added before are waited for with them.
        together = asyncio.gather(*map(_logged, awaitables))
        self._last = asyncio.create_task(self._after(self._last, together))

    def add_callable(self, function):
        """Calls `function` without arguments when all that was added before is done."""
        self._last = asyncio.create_task(self._call_after(self._last, function))

    async def wait(self):
        """Returns when all that was added so far is done."""
        await self._last

    async def aclose(self):
        """The same as `wait`, for `contextlib.aclosing`."""
        await self.wait()

    async def _after(self, previous: Any, awaitable: Any) -> None:
        await previous
        await _logged(awaitable)

    async def _call_after(self, previous: Any, function: Any) -> None:
        await previous
        try:
            function()
        except BaseException:
            logging.exception("Error running synchronous task")


_IN_ORDER = "Await one after another, or those that may run at a time with `asyncio.gather`."


@adapter(
    "tff.async_utils.OrderedTasks",
    releases=">=0.23,<0.59",
    note=_IN_ORDER,
)
class OrderedTasks(_Tasks):
    """Tasks that run one after another, as of TFF 0.23 to 0.58.

    What a task raises is logged, and the following tasks run.

    Raises:
      RuntimeError: There is no running event loop.
    """

    as_of: AsOf

    def __init__(self):
        self.as_of.warn()
        super().__init__()


@adapter(
    "tff.async_utils.ordered_tasks",
    releases=">=0.23,<0.59",
    note=_IN_ORDER,
)
def ordered_tasks(*, as_of: AsOf):
    """A context manager with `OrderedTasks` that are done when it ends, as of TFF 0.23 to 0.58.

    Raises:
      RuntimeError: On entering, there is no running event loop.
    """
    as_of.warn()
    return _ordered_tasks()


@contextlib.asynccontextmanager
async def _ordered_tasks() -> AsyncIterator[_Tasks]:
    tasks = _Tasks()
    try:
        yield tasks
    finally:
        await tasks.wait()


class Shared:
    """An awaitable that can be awaited from several places: it runs once, at the first of them."""

    def __init__(self, awaitable: Any):
        self._awaitable = awaitable
        self._task: asyncio.Task[Any] | None = None

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._result().__await__()

    async def _result(self) -> Any:
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        if not self._task.done():
            # One that stops waiting stops no other.
            await asyncio.wait([self._task])
        return self._task.result()

    async def _run(self) -> Any:
        return await self._awaitable


@adapter(
    "tff.async_utils.SharedAwaitable",
    releases=">=0.23,<0.81",
    replacement="asyncio.ensure_future({awaitable})",
    note="It starts now, in the running event loop, and not when it is awaited first.",
)
class SharedAwaitable(Shared):
    """An awaitable that can be awaited from several places, as of TFF 0.23 to 0.80.

    It runs once, when it is awaited first; what it raises, each place gets.

    Args:
      awaitable: A coroutine or another awaitable.
    """

    as_of: AsOf

    def __init__(self, awaitable):
        self.as_of.warn({"awaitable": awaitable})
        super().__init__(awaitable)


def _stop(loop: asyncio.AbstractEventLoop, thread: threading.Thread) -> None:
    loop.call_soon_threadsafe(loop.stop)
    if thread is not threading.current_thread():
        thread.join()


@adapter(
    "tff.async_utils.AsyncThreadRunner",
    releases=">=0.26,<0.81",
    note="`asyncio.run` runs a coroutine; where a loop runs already, await it.",
)
class AsyncThreadRunner:
    """An event loop in a thread of its own, as of TFF 0.26 to 0.80.

    The thread ends when the object is no longer used.
    """

    as_of: AsOf

    def __init__(self):
        self.as_of.warn()
        self._loop = asyncio.new_event_loop()
        self._loop.set_task_factory(tracing.real.propagate_trace_context_task_factory)
        thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        thread.start()
        self._stop = weakref.finalize(self, _stop, self._loop, thread)

    def run_coro_and_return_result(self, coro):
        """The result of a coroutine, for which the calling thread waits."""
        return asyncio.run_coroutine_threadsafe(coro, self._loop).result()

    async def await_coro_and_return_result(self, coro):
        """The result of a coroutine that runs in the other thread."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coro, self._loop))
