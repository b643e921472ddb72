"""Where TFF's own worker writes while the program's streams are no files.

TFF hands `sys.stdout` and `sys.stderr` to the worker process that it starts with the first
computation. Where a program or a test has put an `io.StringIO` in their place, that fails; the
runtimes of releases before 0.33 ran in the program's own process and did not mind.
"""

from __future__ import annotations

import functools
import io
import sys
import types
from typing import Any

from tff_compat import installation

_STARTERS = (
    "core.backends.native.execution_contexts",
    "core.backends.test.cpp_execution_contexts",
    "core.impl.executor_stacks.executor_factory",
)
"""The modules that start a worker, below ``tensorflow_federated.python``, in all releases."""


class _System(types.ModuleType):
    """The module `sys` with those streams only that a process can write to."""

    def __getattr__(self, name: str) -> Any:
        return getattr(sys, name)

    @property
    def stdout(self) -> Any:
        return _file(sys.stdout)

    @property
    def stderr(self) -> Any:
        return _file(sys.stderr)


def _file(stream: Any) -> Any:
    """The stream if it is a file, else None, with which a process inherits that of this one."""
    try:
        stream.fileno()
    except (AttributeError, io.UnsupportedOperation):
        return None
    return stream


@functools.cache
def redirect() -> None:
    """Lets TFF start its workers whatever the program's streams are."""
    for name in _STARTERS:
        module = sys.modules.get(f"{installation.ROOT}.python.{name}")
        if module is not None and getattr(module, "sys", None) is sys:
            module.sys = _System("sys")  # type: ignore[attr-defined]
