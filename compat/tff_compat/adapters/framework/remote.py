"""Executors on other machines: TFF's own workers, one or several, behind gRPC channels."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent import futures
from typing import Any

import grpc

from tff_compat import deprecation, modern
from tff_compat.adapters.framework import composing, runtimes
from tff_compat.adapters.registry import AsOf, Legacy, adapter, refusal
from tff_compat.catalog import PRIMARY

tff = modern.package()

NOTE = (
    f"TFF {PRIMARY} does not join several workers; for one, give "
    "`tff.framework.ResourceManagingExecutorFactory` a function of cardinalities that makes a "
    "`tff.framework.RemoteExecutor` and calls its `set_cardinalities`."
)


def factory_from_channels(
    channels: Any,
    thread_pool_executor: Any = None,
    dispose_batch_size: int = 20,
    max_fanout: int = 100,
    default_num_clients: int | None = None,
    stream_structs: bool = False,
) -> composing.WorkersFactory:
    """A factory of executors on the workers behind some channels.

    Args:
      channels: A list of `grpc.Channel`.
      thread_pool_executor: Ignored but for its type: requests wait in threads of their own.
      dispose_batch_size: How many values are disposed of with one request.
      max_fanout: Ignored but for its type; there is one level of executors.
      default_num_clients: The number of clients where the arguments of a computation do not tell
        it; None for an error there.
      stream_structs: Whether the elements of a structure are sent one by one.

    Raises:
      TypeError: An argument has another type.
      ValueError: There are no channels.
    """
    _check_list(channels, "channels")
    stubs = [_stub(channel) for channel in channels]
    return factory_from_stubs(
        stubs,
        thread_pool_executor,
        dispose_batch_size,
        max_fanout,
        default_num_clients,
        stream_structs,
        name="channels",
    )


def _stub(channel: Any) -> Any:
    if not isinstance(channel, grpc.Channel):
        raise TypeError(f"Expected a grpc.Channel, found {type(channel).__name__}.")
    return tff.framework.RemoteExecutorGrpcStub(channel)


def factory_from_stubs(
    stubs: Any,
    thread_pool_executor: Any = None,
    dispose_batch_size: int = 20,
    max_fanout: int = 100,
    default_num_clients: int | None = None,
    stream_structs: bool = False,
    *,
    name: str = "stubs",
) -> composing.WorkersFactory:
    """A factory of executors on the workers behind some stubs; see `factory_from_channels`."""
    _check_list(stubs, name)
    _check(thread_pool_executor, (futures.Executor, type(None)), "thread_pool_executor")
    _check(dispose_batch_size, int, "dispose_batch_size")
    _check(max_fanout, int, "max_fanout")
    _check(default_num_clients, (int, type(None)), "default_num_clients")
    options: dict[str, Any] = {"dispose_batch_size": dispose_batch_size}
    if stream_structs:
        options["stream_structs"] = True
    named = {f"{name}[{number}]": stub for number, stub in enumerate(stubs)}
    return composing.WorkersFactory(named, default_num_clients, options)


def _check_list(values: Any, name: str) -> None:
    _check(values, list, name)
    if not values:
        raise ValueError(f"The list of {name} cannot be empty.")


def _check(value: Any, types: Any, name: str) -> None:
    if not isinstance(value, types):
        raise TypeError(f"`{name}`: found {type(value).__name__}.")


def check_rpc_mode(rpc_mode: Any) -> None:
    """Checks how requests were to be sent; there is one way now, with the same results.

    Raises:
      TypeError: It is no text.
      ValueError: There was no such mode.
    """
    _check(rpc_mode, str, "rpc_mode")
    if rpc_mode not in ("REQUEST_REPLY", "STREAMING"):
        raise ValueError(f"Invalid rpc_mode: {rpc_mode}")


@adapter(
    "tff.framework.remote_executor_factory",
    releases=">=0.17,<0.50",
    note=NOTE,
    forms=True,
)
def remote_executor_factory(
    channels,
    thread_pool_executor,
    dispose_batch_size,
    max_fanout,
    default_num_clients=None,
    rpc_mode="REQUEST_REPLY",
    stream_structs=False,
    *,
    as_of: AsOf,
):
    """A factory of executors on workers, as of TFF 0.17 to 0.49.

    Args:
      channels: A list of `grpc.Channel`, one a worker.
      thread_pool_executor: A `concurrent.futures.Executor`, or None. No effect: requests wait in
        threads of their own.
      dispose_batch_size: An integer: how many values on a worker are disposed of by one request.
      max_fanout: An integer: how many executors one may have below it. No effect: there is one
        level here.
      default_num_clients: An integer, since 0.19: the number of clients of computations whose
        arguments do not tell it; before, these fail.
      rpc_mode: Until 0.18, "REQUEST_REPLY" or "STREAMING"; both send requests in the one way that
        there is now.
      stream_structs: A boolean, since 0.47: whether the elements of a structure are sent one by
        one.

    Returns:
      An executor factory.

    Raises:
      TypeError: An argument has another type.
      ValueError: There are no channels, or no such `rpc_mode`.
    """
    as_of.warn(locals())
    check_rpc_mode(rpc_mode)
    return factory_from_channels(
        channels,
        thread_pool_executor,
        dispose_batch_size,
        max_fanout,
        default_num_clients,
        stream_structs,
    )


@adapter(
    "tff.framework.remote_executor_factory_from_stubs",
    releases=">=0.21,<0.53",
    note=NOTE,
    forms=True,
)
def remote_executor_factory_from_stubs(
    stubs,
    thread_pool_executor,
    dispose_batch_size,
    max_fanout,
    default_num_clients,
    stream_structs=False,
    *,
    as_of: AsOf,
):
    """A factory of executors on workers, as of TFF 0.21 to 0.52.

    Args:
      stubs: A list of stubs of workers, such as `tff.framework.RemoteExecutorGrpcStub`.
      thread_pool_executor: A `concurrent.futures.Executor`, or None. No effect: requests wait in
        threads of their own.
      dispose_batch_size: An integer: how many values on a worker are disposed of by one request.
      max_fanout: An integer: how many executors one may have below it. No effect: there is one
        level here.
      default_num_clients: An integer: the number of clients of computations whose arguments do not
        tell it.
      stream_structs: A boolean, since 0.47: whether the elements of a structure are sent one by
        one.

    Returns:
      An executor factory.

    Raises:
      TypeError: An argument has another type.
      ValueError: There are no stubs.
    """
    as_of.warn(locals())
    return factory_from_stubs(
        stubs,
        thread_pool_executor,
        dispose_batch_size,
        max_fanout,
        default_num_clients,
        stream_structs,
    )


@adapter(
    "tff.framework.create_worker_pool_executor",
    releases=">=0.9,<0.12",
    note=NOTE,
)
def create_worker_pool_executor(executors, max_fanout=100, *, as_of: AsOf):
    """An executor that divides the clients among several, as of TFF 0.9 to 0.11.

    Args:
      executors: A list of executors, all local or all remote.
      max_fanout: How many executors one may have below it, at least 2; the installed runtime has
        one level.

    Raises:
      TypeError: `executors` is no list, or `max_fanout` no integer.
      ValueError: There are no executors, or `max_fanout` is less than 2.
    """
    as_of.warn(locals())
    return _pool(executors, max_fanout)


@adapter(
    "tff.framework.worker_pool_executor_factory",
    releases=">=0.12,<0.17",
    note=NOTE,
)
def worker_pool_executor_factory(executors, max_fanout=100, *, as_of: AsOf):
    """A factory of an executor that divides the clients among several, as of TFF 0.12 to 0.16.

    Args:
      executors: A list of executors, all local or all remote.
      max_fanout: How many executors one may have below it, at least 2; the installed runtime has
        one level.

    Raises:
      TypeError: `executors` is no list, or `max_fanout` no integer.
      ValueError: There are no executors, or `max_fanout` is less than 2.
    """
    as_of.warn(locals())
    return _pool(executors, max_fanout)


def _pool(executors: Any, max_fanout: Any) -> runtimes.Factory:
    _check_list(executors, "executors")
    _check(max_fanout, int, "max_fanout")
    runtimes.check_fanout(max_fanout)
    remote = [each for each in executors if isinstance(each, _RemoteExecutor)]
    local = [
        runtime
        for runtime in (getattr(each, "runtime", each) for each in executors)
        if isinstance(runtime, runtimes.LocalRuntime)
    ]
    if len(remote) == len(executors):
        named = {f"executors[{number}]": each.stub for number, each in enumerate(remote)}
        return composing.WorkersFactory(named, None, remote[0].options)
    if len(local) == len(executors):
        numbers = [each.num_clients for each in local if each.num_clients is not None]
        # Each had clients of its own, or those that the arguments of a computation tell.
        known = len(numbers) == len(local)
        return runtimes.local_runtime(sum(numbers) if known else None, fixed=True)
    raise deprecation.LegacyAPIError(
        f"A pool of executors of TFF {PRIMARY} has either only those of "
        "`tff.framework.RemoteExecutor` or only local ones."
    )


class _RemoteExecutor(tff.framework.RemoteExecutor):  # type: ignore[misc, name-defined]
    """An executor on one worker, which until 0.48 could also be used by itself.

    Attributes:
      stub: What talks to the worker.
      options: The keyword arguments of the installed executor.
    """

    def _make(self, stub: Any, name: str, **options: Any) -> None:
        self.stub = stub
        self.options: Mapping[str, Any] = options
        self._stub_name = name
        super().__init__(stub, **options)

    def as_factory(self) -> composing.WorkersFactory:
        """The factory of executors on this worker."""
        return composing.WorkersFactory({self._stub_name: self.stub}, None, self.options)

    def set_cardinalities(self, cardinalities: Mapping[Any, int]) -> None:
        """Tells the worker how many participants there are; no clients where none are named."""
        super().set_cardinalities({tff.CLIENTS: 0, **cardinalities})

    @property
    def is_ready(self) -> bool:
        """Whether the channel to the worker is ready, as of TFF 0.18 to 0.20."""
        return bool(self.stub.is_ready)


class _AwaitedExecutor(_RemoteExecutor):
    """A remote executor as of TFF 0.7 to 0.19, whose cardinalities are set by a coroutine."""

    async def set_cardinalities(  # type: ignore[override]
        self, cardinalities: Mapping[Any, int]
    ) -> None:
        """Tells the worker how many participants there are, as of TFF 0.17 to 0.19."""
        super().set_cardinalities(cardinalities)


def _index(source: Any, index: Any, name: Any) -> int:
    if (index is None) == (name is None):
        raise ValueError("Expected either an index or a name.")
    if index is not None:
        return int(index)
    return tff.structure.name_list_with_nones(source.type_signature).index(name)


_OPTIONS = "[?, dispose_batch_size={dispose_batch_size}?][?, stream_structs={stream_structs}?]"
_OF_CHANNEL = (
    "tff.framework.RemoteExecutor(tff.framework.RemoteExecutorGrpcStub({channel})"
    "[?, dispose_batch_size={dispose_batch_size}?])"
)
# How requests wait for their answers; the installed executor decides it.
_WAITING = ("rpc_mode", "thread_pool_executor")
_WITH_THREADS = Legacy(values={"thread_pool_executor": "not none"})


@adapter(
    "tff.framework.RemoteExecutor",
    releases=">=0.7,<0.19",
    replacement=_OF_CHANNEL,
    without_effect=_WAITING,
    forms=True,
)
class RemoteExecutorWithNames(_AwaitedExecutor):
    """An executor on one worker, as of TFF 0.7 to 0.18: it selects elements by name, too.

    Args:
      channel: A `grpc.Channel` to the worker.
      rpc_mode: Since 0.9, "REQUEST_REPLY" or "STREAMING"; both send requests in the one way that
        there is now.
      thread_pool_executor: Since 0.9, a `concurrent.futures.Executor`, or None. No effect: requests
        wait in threads of their own.
      dispose_batch_size: An integer, since 0.12: how many values on a worker are disposed of by one
        request.

    Raises:
      TypeError: An argument has another type.
      ValueError: There is no such `rpc_mode`.
    """

    as_of: AsOf

    def __init__(
        self,
        channel,
        rpc_mode="REQUEST_REPLY",
        thread_pool_executor=None,
        dispose_batch_size=20,
    ):
        self.as_of.warn(locals())
        check_rpc_mode(rpc_mode)
        self._make(_stub(channel), "channel", dispose_batch_size=dispose_batch_size)

    async def create_selection(self, source, index=None, name=None):
        """An element, by index or by name, of a structure at the worker."""
        return await super().create_selection(source, _index(source, index, name))

    async def create_tuple(self, elements):
        """A structure of what is at the worker, as of TFF 0.7 to 0.15."""
        return await super().create_struct(elements)


@adapter(
    "tff.framework.RemoteExecutor",
    releases=">=0.19,<0.20",
    replacement=_OF_CHANNEL,
    without_effect=_WAITING,
)
class RemoteExecutor_0_19(_AwaitedExecutor):
    """An executor on one worker, as of TFF 0.19.

    Args:
      channel: A `grpc.Channel` to the worker.
      thread_pool_executor: A `concurrent.futures.Executor`, or None. No effect: requests wait in
        threads of their own.
      dispose_batch_size: An integer: how many values on a worker are disposed of by one request.

    Raises:
      TypeError: An argument has another type.
    """

    as_of: AsOf

    def __init__(self, channel, thread_pool_executor=None, dispose_batch_size=20):
        self.as_of.warn(locals())
        self._make(_stub(channel), "channel", dispose_batch_size=dispose_batch_size)


@adapter(
    "tff.framework.RemoteExecutor",
    releases=">=0.20,<0.49",
    replacement=f"tff.framework.RemoteExecutor({{stub}}{_OPTIONS})",
    legacy=_WITH_THREADS,
    without_effect=_WAITING,
    forms=True,
)
class RemoteExecutor(_RemoteExecutor):
    """An executor on one worker, as of TFF 0.20 to 0.48.

    Args:
      stub: A `tff.framework.RemoteExecutorStub` of the worker.
      thread_pool_executor: A `concurrent.futures.Executor`, or None. No effect: requests wait in
        threads of their own.
      dispose_batch_size: An integer: how many values on a worker are disposed of by one request.
      stream_structs: A boolean, since 0.45: whether the elements of a structure are sent one by
        one.

    Raises:
      TypeError: An argument has another type.
    """

    as_of: AsOf

    def __init__(
        self, stub, thread_pool_executor=None, dispose_batch_size=20, stream_structs=False
    ):
        if thread_pool_executor is not None:
            self.as_of.warn(locals())
        options = {"stream_structs": True} if stream_structs else {}
        self._make(stub, "stub", dispose_batch_size=dispose_batch_size, **options)


refusal(
    "tff.framework.RemoteExecutorStub",
    releases=">=0.20,<0.21",
    reason="Workers have been asked otherwise since 0.21: they give an executor for a number of "
    "clients, where the stub of 0.20 set that number.",
    replacement="tff.framework.RemoteExecutorStub",
)
