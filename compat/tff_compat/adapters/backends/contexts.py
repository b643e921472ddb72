"""Setters and makers of execution contexts: the installed local runtime stands for them all."""

from __future__ import annotations

import functools

from tff_compat import modern
from tff_compat.adapters.framework.runtimes import (
    ROLE,
    WITHOUT_EFFECT,
    LocalRuntime,
    context,
    creates,
    given,
    interpreting,
    local_runtime,
    make_default,
    runtime_of,
    sets,
)
from tff_compat.adapters.framework.sizes import sizing_runtime
from tff_compat.adapters.registry import AsOf, adapter
from tff_compat.catalog import PRIMARY

tff = modern.package()

_NOT_MEASURED = f"TFF {PRIMARY} does not measure what is sent: what calls `get_size_info` fails."


def _cpp(default_num_clients: int, max_concurrent_computation_calls: int) -> LocalRuntime:
    """The local runtime, limited in how many clients run at a time."""
    options = {}
    if max_concurrent_computation_calls > 0:
        options["max_concurrent_computation_calls"] = max_concurrent_computation_calls
    return local_runtime(default_num_clients, options=options)


@adapter(
    "tff.backends.native.create_local_execution_context",
    releases=">=0.17,<0.19",
    replacement=creates("num_clients"),
    without_effect=WITHOUT_EFFECT,
    gives=ROLE,
    forms=True,
)
@adapter(
    "tff.backends.native.create_local_execution_context",
    releases=">=0.19,<0.20",
    replacement=creates("default_num_clients"),
    without_effect=WITHOUT_EFFECT,
    gives=ROLE,
    forms=True,
)
@adapter(
    "tff.backends.native.create_local_python_execution_context",
    releases=">=0.20,<0.50",
    replacement=creates("default_num_clients"),
    without_effect=WITHOUT_EFFECT,
    gives=ROLE,
    forms=True,
)
@adapter(
    "tff.backends.native.create_thread_debugging_execution_context",
    releases=">=0.17,<0.19",
    replacement=creates("num_clients"),
    without_effect=WITHOUT_EFFECT,
    gives=ROLE,
    forms=True,
)
@adapter(
    "tff.backends.native.create_thread_debugging_execution_context",
    releases=">=0.19,<0.48",
    replacement=creates("default_num_clients"),
    without_effect=WITHOUT_EFFECT,
    gives=ROLE,
    forms=True,
)
@adapter(
    "tff.backends.native.set_local_execution_context",
    releases=">=0.15,<0.19",
    replacement=sets("num_clients"),
    without_effect=WITHOUT_EFFECT,
    forms=True,
)
@adapter(
    "tff.backends.native.set_local_execution_context",
    releases=">=0.19,<0.20",
    replacement=sets("default_num_clients"),
    without_effect=WITHOUT_EFFECT,
    forms=True,
)
@adapter(
    "tff.backends.native.set_local_python_execution_context",
    releases=">=0.20,<0.49",
    replacement=sets("default_num_clients"),
    without_effect=WITHOUT_EFFECT,
    forms=True,
)
@adapter(
    "tff.backends.native.set_thread_debugging_execution_context",
    releases=">=0.17,<0.19",
    replacement=sets("num_clients"),
    without_effect=WITHOUT_EFFECT,
    forms=True,
)
@adapter(
    "tff.backends.native.set_thread_debugging_execution_context",
    releases=">=0.19,<0.48",
    replacement=sets("default_num_clients"),
    without_effect=WITHOUT_EFFECT,
    forms=True,
)
def local_execution_context(
    num_clients=None,
    default_num_clients=0,
    max_fanout=100,
    clients_per_thread=1,
    num_client_executors=32,
    server_tf_device=None,
    client_tf_devices=(),
    reference_resolving_clients=False,
    *,
    as_of: AsOf,
):
    """A context of the local runtime, or what makes it the default, as of TFF 0.15 to 0.49.

    Args:
      num_clients: An integer, until 0.18: the number of clients, which the arguments of a
        computation have to match; None to take it from them.
      default_num_clients: An integer, since 0.19: the number of clients of computations whose
        arguments do not tell it.
      max_fanout: An integer: how many executors one may have below it, at least 2; the installed
        runtime has one level.
      clients_per_thread: An integer, since 0.17: how many clients share a thread. No effect: the
        installed runtime decides.
      num_client_executors: An integer, until 0.16: how many executors the clients share. No effect.
      server_tf_device: A `tf.config.LogicalDevice` for the server's TensorFlow code. No effect.
      client_tf_devices: Such devices for the clients' TensorFlow code, in turns. No effect.
      reference_resolving_clients: A boolean, since 0.18: whether clients run more than TensorFlow
        code; here they always do.

    Raises:
      TypeError: The number of clients is no integer.
      ValueError: It is negative (in 0.17 and 0.18: less than 1), or `max_fanout` is less than 2.
    """
    as_of.warn(locals())
    return given(runtime_of(as_of, num_clients, default_num_clients, max_fanout), as_of)


@adapter(
    "tff.backends.native.create_local_async_python_execution_context",
    releases=">=0.21,<0.48",
    replacement=creates("default_num_clients", "async_local"),
    without_effect=WITHOUT_EFFECT,
    gives=ROLE,
    forms=True,
)
@adapter(
    "tff.backends.native.set_local_async_python_execution_context",
    releases=">=0.21,<0.48",
    replacement=sets("default_num_clients", "async_local"),
    without_effect=WITHOUT_EFFECT,
    forms=True,
)
def local_async_python_execution_context(
    default_num_clients=0,
    max_fanout=100,
    clients_per_thread=1,
    server_tf_device=None,
    client_tf_devices=(),
    reference_resolving_clients=False,
    *,
    as_of: AsOf,
):
    """A context whose computations are awaited, or what makes it the default, as of 0.21 to 0.47.

    Args:
      default_num_clients: The number of clients of computations whose arguments do not tell it.
      max_fanout: How many executors one may have below it, at least 2; the installed runtime has
        one level.
      clients_per_thread: How many clients share a thread. No effect: the installed runtime decides.
      server_tf_device: A `tf.config.LogicalDevice` for the server's TensorFlow code. No effect.
      client_tf_devices: Such devices for the clients' TensorFlow code, in turns. No effect.
      reference_resolving_clients: Whether clients run more than TensorFlow code; here they always
        do.

    Raises:
      TypeError: The number of clients is no integer.
      ValueError: It is negative, or `max_fanout` is less than 2.
    """
    as_of.warn(locals())
    return given(local_runtime(default_num_clients, max_fanout), as_of, asynchronous=True)


@adapter(
    "tff.backends.native.create_localhost_cpp_execution_context",
    releases=">=0.30,<0.45",
    replacement=creates("default_num_clients"),
    without_effect=WITHOUT_EFFECT,
    gives=ROLE,
    forms=True,
)
@adapter(
    "tff.backends.native.set_localhost_cpp_execution_context",
    releases=">=0.30,<0.45",
    replacement=sets("default_num_clients"),
    without_effect=WITHOUT_EFFECT,
    forms=True,
)
def localhost_cpp_execution_context(
    default_num_clients, max_concurrent_computation_calls, binary_path=None, *, as_of: AsOf
):
    """A context of the C++ runtime, or what makes it the default, as of TFF 0.30 to 0.44.

    Args:
      default_num_clients: An integer: the number of clients of computations whose arguments do not
        tell it.
      max_concurrent_computation_calls: An integer: how many calls of computations run at a time; 0
        or less for no limit.
      binary_path: A string, until 0.40: the worker to start. No effect: the one that comes with the
        installed TFF is started.

    Raises:
      TypeError: The number of clients is no integer.
      ValueError: It is negative.
    """
    as_of.warn(locals())
    return given(_cpp(default_num_clients, max_concurrent_computation_calls), as_of)


@adapter(
    "tff.backends.native.create_sizing_execution_context",
    releases=">=0.17,<0.19",
    replacement=creates("num_clients"),
    note=_NOT_MEASURED,
    without_effect=WITHOUT_EFFECT,
    gives=ROLE,
    forms=True,
)
@adapter(
    "tff.backends.native.create_sizing_execution_context",
    releases=">=0.19,<0.48",
    replacement=creates("default_num_clients"),
    note=_NOT_MEASURED,
    without_effect=WITHOUT_EFFECT,
    gives=ROLE,
    forms=True,
)
def create_sizing_execution_context(
    max_fanout, clients_per_thread, num_clients=None, default_num_clients=0, *, as_of: AsOf
):
    """A context of the local runtime with the sizes of what it sends, as of TFF 0.17 to 0.47.

    Args:
      max_fanout: An integer: how many executors one had below it, at least 2; on each level above
        the clients the sizes are counted once more.
      clients_per_thread: An integer: how many clients share a thread. No effect: the installed
        runtime decides.
      num_clients: An integer, until 0.18: the number of clients, which the arguments of a
        computation have to match; None to take it from them.
      default_num_clients: An integer, since 0.19: the number of clients of computations whose
        arguments do not tell it.

    Raises:
      TypeError: The number of clients is no integer.
      ValueError: It is negative (in 0.17 and 0.18: less than 1), or `max_fanout` is less than 2.
    """
    as_of.warn(locals())
    make = functools.partial(sizing_runtime, as_of.release, native=True)
    return context(runtime_of(as_of, num_clients, default_num_clients, max_fanout, make))


_MERGEABLE = (
    "tff.backends.native.{}_mergeable_comp_execution_context("
    "[tff.backends.native.create_async_local_cpp_execution_context() "
    "for _ in {{executor_factories}}])"
)
_ONE_EACH = "Of `executor_factories` only their number is left, not their numbers of clients."


@adapter(
    "tff.backends.native.create_mergeable_comp_execution_context",
    releases=">=0.20,<0.29",
    replacement=_MERGEABLE.format("create"),
    note=_ONE_EACH,
)
def create_mergeable_comp_execution_context(executor_factories, *, as_of: AsOf):
    """A context that divides the clients among executor factories, as of TFF 0.20 to 0.28.

    Args:
      executor_factories: A list of executor factories, each of which runs a part of the clients.

    Returns:
      An asynchronous context, which runs computations in `tff.framework.MergeableCompForm`.
    """
    as_of.warn(locals())
    return tff.backends.native.create_mergeable_comp_execution_context(
        [context(factory, asynchronous=True) for factory in executor_factories]
    )


@adapter(
    "tff.backends.native.set_mergeable_comp_execution_context",
    releases=">=0.20,<0.29",
    replacement=_MERGEABLE.format("set"),
    note=_ONE_EACH,
)
def set_mergeable_comp_execution_context(executor_factories, *, as_of: AsOf):
    """Makes a context that divides the clients among executor factories the default.

    As of TFF 0.20 to 0.28.

    Args:
      executor_factories: A list of executor factories, each of which runs a part of the clients.
    """
    as_of.warn(locals())
    tff.backends.native.set_mergeable_comp_execution_context(
        [context(factory, asynchronous=True) for factory in executor_factories]
    )


@adapter(
    "tff.backends.reference.create_reference_context",
    releases=">=0.17,<0.20",
    replacement="tff.backends.native.create_sync_local_cpp_execution_context()",
    gives=ROLE,
)
def create_reference_context(*, as_of: AsOf):
    """A context of the local runtime, with the results of the slow reference executor."""
    as_of.warn(locals())
    return interpreting()


@adapter(
    "tff.backends.reference.set_reference_context",
    releases=">=0.17,<0.20",
    replacement="tff.backends.native.set_sync_local_cpp_execution_context()",
)
def set_reference_context(*, as_of: AsOf):
    """Makes the local runtime, with the results of the slow reference executor, the default."""
    as_of.warn(locals())
    make_default(interpreting())
