"""Tasks: that waiting can be cancelled, that threads end, what is told."""

from __future__ import annotations

import asyncio
import gc
import threading
import warnings

import pytest

pytestmark = pytest.mark.tff

pytest.importorskip("tensorflow_federated")

import tff_compat  # noqa: E402


@pytest.fixture(autouse=True)
def _quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def test_who_stops_waiting_stops_no_other():
    old = tff_compat.as_of("0.64.0")

    async def main():
        ready = asyncio.Event()

        async def work():
            await ready.wait()
            return 7

        shared = old.async_utils.SharedAwaitable(work())

        async def wait():
            return await shared

        first, second = asyncio.create_task(wait()), asyncio.create_task(wait())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        first.cancel()
        ready.set()
        return await asyncio.gather(first, second, return_exceptions=True)

    cancelled, result = asyncio.run(main())
    assert isinstance(cancelled, asyncio.CancelledError)
    assert result == 7


def test_the_thread_of_a_runner_ends_with_it():
    runner = tff_compat.as_of("0.64.0").async_utils.AsyncThreadRunner()
    before = threading.active_count()
    assert runner.run_coro_and_return_result(asyncio.sleep(0, 5)) == 5
    del runner
    gc.collect()
    assert threading.active_count() == before - 1


def test_tasks_need_a_running_loop_and_are_told():
    with pytest.warns(tff_compat.LegacyAPIWarning, match="tff.async_utils.OrderedTasks"):
        with pytest.raises(RuntimeError):
            tff_compat.as_of("0.48.0").async_utils.OrderedTasks()
