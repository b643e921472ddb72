"""A thread that lasts as long as the process, to start others in.

Linux ends a process that is to end with its parent when the thread ends that has started it, and a
program's own thread may end while others still use what it started. Refers to nothing of TFF's: an
interpreter that ends keeps what a thread refers to.
"""

from __future__ import annotations

import concurrent.futures
import functools
import os
import queue
import threading
from typing import Callable

_Task = Callable[[], None]


def call(task: _Task) -> None:
    """Calls a function in that thread, and waits for it."""
    future: concurrent.futures.Future[None] = concurrent.futures.Future()
    # Threads stay behind in a process that was forked.
    _tasks(os.getpid()).put((future, task))
    future.result()


@functools.cache
def _tasks(process: int) -> queue.SimpleQueue[tuple[concurrent.futures.Future[None], _Task]]:
    tasks: queue.SimpleQueue[tuple[concurrent.futures.Future[None], _Task]] = queue.SimpleQueue()
    threading.Thread(target=_run, args=(tasks,), name=__name__, daemon=True).start()
    return tasks


def _run(tasks: queue.SimpleQueue[tuple[concurrent.futures.Future[None], _Task]]) -> None:
    while True:
        future, task = tasks.get()
        try:
            future.set_result(task())
        except BaseException as error:
            future.set_exception(error)
        del future, task
