"""Serving a part of other programs' work: `run_server` and `server_context` run TFF's worker."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from typing import Any

import grpc
from packaging.version import Version

from tff_compat import deprecation, installation, modern, worker
from tff_compat.adapters.framework.runtimes import LocalExecutor, LocalRuntime
from tff_compat.adapters.registry import AsOf, adapter
from tff_compat.catalog import PRIMARY

tff = modern.package()

_FIRST_WITHOUT = Version("0.54")
"""Earlier installed releases have a server of their own."""

_NOTE = "TFF serves no executors any more: workers of the C++ runtime are programs of their own."


@adapter("tff.simulation.run_server", releases=">=0.9,<0.17", note=_NOTE)
def run_server_0_9(executor, num_threads, port, credentials=None, options=None, *, as_of: AsOf):
    """Serves the local runtime until it is interrupted, as of TFF 0.9 to 0.16.

    Args:
      executor: A local executor; its number of clients does not matter, since the programs that are
        served tell theirs.
      num_threads: At least 1. The worker chooses its number of threads by itself.
      port: Where to listen, on every network interface.
      credentials: None; the worker that comes with TFF cannot encrypt.
      options: What gRPC is told about limits; those of the worker are wide.

    Raises:
      LegacyAPIError: `credentials` are given, or `executor` is not local.
      ValueError: `num_threads` or `port` is not positive.
    """
    as_of.warn(locals())
    _run_server(executor, num_threads, port, credentials, options)


@adapter("tff.simulation.run_server", releases=">=0.17,<0.54", note=_NOTE)
def run_server_0_17(ex_factory, num_threads, port, credentials=None, options=None, *, as_of: AsOf):
    """Serves the local runtime until it is interrupted, as of TFF 0.17 to 0.53.

    Args:
      ex_factory: A local executor factory; its default number of clients does not matter, since the
        programs that are served tell theirs.
      num_threads: At least 1. The worker chooses its number of threads by itself.
      port: Where to listen, on every network interface.
      credentials: None; the worker that comes with TFF cannot encrypt.
      options: What gRPC is told about limits; those of the worker are wide.

    Raises:
      LegacyAPIError: `credentials` are given, or `ex_factory` is not local.
      ValueError: `num_threads` or `port` is not positive.
    """
    as_of.warn(locals())
    _run_server(ex_factory, num_threads, port, credentials, options)


@adapter("tff.simulation.server_context", releases=">=0.17,<0.54", note=_NOTE)
def server_context(ex_factory, num_threads, port, credentials=None, options=None, *, as_of: AsOf):
    """Serves the local runtime within a `with` statement, as of TFF 0.17 to 0.53.

    Args:
      ex_factory: A local executor factory, see `run_server`.
      num_threads: At least 1. The worker chooses its number of threads by itself.
      port: Where to listen, on every network interface.
      credentials: None; the worker that comes with TFF cannot encrypt.
      options: What gRPC is told about limits; those of the worker are wide.

    Returns:
      A context manager; its value can `stop(grace)` and `wait_for_termination()`, as a server of
      gRPC can.

    Raises:
      LegacyAPIError: `credentials` are given, or `ex_factory` is not local.
      ValueError: `num_threads` or `port` is not positive.
    """
    as_of.warn(locals())
    _check(ex_factory, num_threads, port, credentials)
    if installation.version() < _FIRST_WITHOUT:
        serve = installation.symbol("tff.simulation.server_context")
        return serve(_factory(ex_factory), num_threads, port, credentials, options)
    return _serving(port)


class Server:
    """A worker, with those methods of a gRPC server that programs call.

    Args:
      process: The worker.
    """

    def __init__(self, process: subprocess.Popen[bytes]):
        self._process = process

    def start(self) -> None:
        """Does nothing: the worker runs already."""

    def stop(self, grace: float | None) -> None:
        """Ends the worker; `grace`, in seconds, is not waited for."""
        self._process.terminate()

    def wait_for_termination(self, timeout: float | None = None) -> bool:
        """Waits until the worker has ended, and says whether `timeout`, in seconds, came first."""
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return True
        return False


@contextlib.contextmanager
def _serving(port: int) -> Iterator[Server]:
    try:
        with worker.running(port) as process:
            yield Server(process)
    except KeyboardInterrupt:
        # As the servers of those releases did: the program goes on behind the `with` statement.
        return


def _check(executor: Any, num_threads: int, port: int, credentials: Any) -> None:
    for name, value in (("num_threads", num_threads), ("port", port)):
        if not isinstance(value, int):
            raise TypeError(f"`{name}`: found {type(value).__name__}.")
        if value < 1:
            raise ValueError(f"`{name}` must be a positive number, found {value}.")
    if not isinstance(credentials, (grpc.ServerCredentials, type(None))):
        raise TypeError(f"`credentials`: found {type(credentials).__name__}.")
    if credentials is not None and installation.version() >= _FIRST_WITHOUT:
        raise deprecation.LegacyAPIError(
            f"`credentials`: the worker that comes with TFF {PRIMARY} cannot encrypt. Run it in a "
            "network that you trust, or behind a proxy that encrypts."
        )
    if not isinstance(executor, (LocalRuntime, LocalExecutor, tff.framework.RemoteExecutor)):
        raise deprecation.LegacyAPIError(
            f"A server of {type(executor).__name__}: the worker that comes with TFF {PRIMARY} runs "
            "its own local runtime and nothing else."
        )


def _factory(executor: Any) -> Any:
    """What an earlier installed release serves; programs tell it how many clients there are."""
    runtime = getattr(executor, "runtime", executor)
    return LocalRuntime(getattr(runtime, "num_clients", None))


def _run_server(executor: Any, num_threads: int, port: int, credentials: Any, options: Any) -> None:
    _check(executor, num_threads, port, credentials)
    if installation.version() < _FIRST_WITHOUT:
        # Its own local runtime is not yet a worker.
        serve = installation.symbol("tff.simulation.run_server")
        serve(_factory(executor), num_threads, port, credentials, options)
        return
    try:
        with worker.running(port) as process:
            status = process.wait()
    except KeyboardInterrupt:
        return
    raise worker.WorkerError(f"The worker ended by itself, with status {status}.")
