"""Contexts that run computations on the workers behind gRPC channels."""

from __future__ import annotations

from tff_compat import modern
from tff_compat.adapters.framework.remote import (
    NOTE,
    check_rpc_mode,
    factory_from_channels,
)
from tff_compat.adapters.framework.runtimes import ROLE, given
from tff_compat.adapters.registry import AsOf, adapter

tff = modern.package()


@adapter(
    "tff.backends.native.create_remote_execution_context",
    releases=">=0.17,<0.20",
    note=NOTE,
    gives=ROLE,
    forms=True,
)
@adapter(
    "tff.backends.native.create_remote_python_execution_context",
    releases=">=0.20,<0.50",
    note=NOTE,
    gives=ROLE,
    forms=True,
)
@adapter(
    "tff.backends.native.set_remote_execution_context",
    releases=">=0.17,<0.20",
    note=NOTE,
    forms=True,
)
@adapter(
    "tff.backends.native.set_remote_python_execution_context",
    releases=">=0.20,<0.49",
    note=NOTE,
    forms=True,
)
def remote_execution_context(
    channels,
    thread_pool_executor,
    dispose_batch_size,
    max_fanout,
    default_num_clients=None,
    rpc_mode="REQUEST_REPLY",
    *,
    as_of: AsOf,
):
    """A context of several workers, or what makes it the default, as of TFF 0.17 to 0.49.

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

    Raises:
      TypeError: An argument has another type.
      ValueError: There are no channels, or no such `rpc_mode`.
    """
    as_of.warn(locals())
    check_rpc_mode(rpc_mode)
    factory = factory_from_channels(
        channels, thread_pool_executor, dispose_batch_size, max_fanout, default_num_clients
    )
    return given(factory, as_of)
