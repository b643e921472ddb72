"""Contexts that run computations on the workers behind gRPC channels."""

from __future__ import annotations

from tff_compat import modern
from tff_compat.adapters.framework.remote import (
    NOTE,
    check_rpc_mode,
    factory_from_channels,
)
from tff_compat.adapters.framework.runtimes import context, make_default
from tff_compat.adapters.registry import AsOf, adapter

tff = modern.package()

_NATIVE = "tff.backends.native"


@adapter(
    f"{_NATIVE}.create_remote_execution_context",
    releases=">=0.17,<0.19",
    note=NOTE,
)
def create_remote_execution_context_0_17(
    channels,
    rpc_mode="REQUEST_REPLY",
    thread_pool_executor=None,
    dispose_batch_size=20,
    max_fanout=100,
    *,
    as_of: AsOf,
):
    """A context of several workers, as of TFF 0.17 and 0.18.

    Args:
      channels: A list of `grpc.Channel`, one a worker.
      rpc_mode: "REQUEST_REPLY" or "STREAMING"; both send requests in the one way that there is now.
      thread_pool_executor: A `concurrent.futures.Executor`, or None. No effect: requests wait in
        threads of their own.
      dispose_batch_size: How many values on a worker are disposed of by one request.
      max_fanout: How many executors one may have below it. No effect: there is one level here.

    Raises:
      TypeError: An argument has another type.
      ValueError: There are no channels, or no such `rpc_mode`.
    """
    as_of.warn(locals())
    check_rpc_mode(rpc_mode)
    return context(
        factory_from_channels(channels, thread_pool_executor, dispose_batch_size, max_fanout)
    )


@adapter(
    f"{_NATIVE}.set_remote_execution_context",
    releases=">=0.17,<0.19",
    note=NOTE,
)
def set_remote_execution_context_0_17(
    channels,
    rpc_mode="REQUEST_REPLY",
    thread_pool_executor=None,
    dispose_batch_size=20,
    max_fanout=100,
    *,
    as_of: AsOf,
):
    """Makes several workers the default, as of TFF 0.17 and 0.18.

    Args:
      channels: A list of `grpc.Channel`, one a worker.
      rpc_mode: "REQUEST_REPLY" or "STREAMING"; both send requests in the one way that there is now.
      thread_pool_executor: A `concurrent.futures.Executor`, or None. No effect: requests wait in
        threads of their own.
      dispose_batch_size: How many values on a worker are disposed of by one request.
      max_fanout: How many executors one may have below it. No effect: there is one level here.

    Raises:
      TypeError: An argument has another type.
      ValueError: There are no channels, or no such `rpc_mode`.
    """
    as_of.warn(locals())
    check_rpc_mode(rpc_mode)
    make_default(
        factory_from_channels(channels, thread_pool_executor, dispose_batch_size, max_fanout)
    )


@adapter(
    f"{_NATIVE}.create_remote_execution_context",
    releases=">=0.19,<0.20",
    note=NOTE,
)
@adapter(
    f"{_NATIVE}.create_remote_python_execution_context",
    releases=">=0.20,<0.50",
    note=NOTE,
)
def create_remote_execution_context_0_19(
    channels,
    thread_pool_executor=None,
    dispose_batch_size=20,
    max_fanout=100,
    default_num_clients=0,
    *,
    as_of: AsOf,
):
    """A context of several workers, as of TFF 0.19 to 0.49.

    Args:
      channels: A list of `grpc.Channel`, one a worker.
      thread_pool_executor: A `concurrent.futures.Executor`, or None. No effect: requests wait in
        threads of their own.
      dispose_batch_size: How many values on a worker are disposed of by one request.
      max_fanout: How many executors one may have below it. No effect: there is one level here.
      default_num_clients: The number of clients of computations whose arguments do not tell it.

    Raises:
      TypeError: An argument has another type.
      ValueError: There are no channels.
    """
    as_of.warn(locals())
    return context(
        factory_from_channels(
            channels, thread_pool_executor, dispose_batch_size, max_fanout, default_num_clients
        )
    )


@adapter(
    f"{_NATIVE}.set_remote_execution_context",
    releases=">=0.19,<0.20",
    note=NOTE,
)
@adapter(
    f"{_NATIVE}.set_remote_python_execution_context",
    releases=">=0.20,<0.49",
    note=NOTE,
)
def set_remote_execution_context_0_19(
    channels,
    thread_pool_executor=None,
    dispose_batch_size=20,
    max_fanout=100,
    default_num_clients=0,
    *,
    as_of: AsOf,
):
    """Makes several workers the default, as of TFF 0.19 to 0.48.

    Args:
      channels: A list of `grpc.Channel`, one a worker.
      thread_pool_executor: A `concurrent.futures.Executor`, or None. No effect: requests wait in
        threads of their own.
      dispose_batch_size: How many values on a worker are disposed of by one request.
      max_fanout: How many executors one may have below it. No effect: there is one level here.
      default_num_clients: The number of clients of computations whose arguments do not tell it.

    Raises:
      TypeError: An argument has another type.
      ValueError: There are no channels.
    """
    as_of.warn(locals())
    make_default(
        factory_from_channels(
            channels, thread_pool_executor, dispose_batch_size, max_fanout, default_num_clients
        )
    )
