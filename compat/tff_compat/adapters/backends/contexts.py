"""Setters and makers of execution contexts: the installed local runtime stands for them all."""

from __future__ import annotations

from tff_compat import modern
from tff_compat.adapters.framework.runtimes import (
    ROLE,
    WITHOUT_EFFECT,
    LocalRuntime,
    context,
    creates,
    interpreting,
    local_runtime,
    make_default,
    sets,
)
from tff_compat.adapters.framework.sizes import sizing_runtime
from tff_compat.adapters.registry import AsOf, adapter
from tff_compat.catalog import PRIMARY

tff = modern.package()

_SETS_NUM_CLIENTS = sets("num_clients")
_SETS_DEFAULT_NUM_CLIENTS = sets("default_num_clients")
_NATIVE = "tff.backends.native"
_NOT_MEASURED = f"TFF {PRIMARY} does not measure what is sent: what calls `get_size_info` fails."


def _cpp(default_num_clients: int, max_concurrent_computation_calls: int) -> LocalRuntime:
    """The local runtime, limited in how many clients run at a time."""
    options = {}
    if max_concurrent_computation_calls > 0:
        options["max_concurrent_computation_calls"] = max_concurrent_computation_calls
    return local_runtime(default_num_clients, options=options)


@adapter(
    f"{_NATIVE}.set_local_execution_context",
    releases=">=0.15,<0.17",
    replacement=_SETS_NUM_CLIENTS,
    without_effect=WITHOUT_EFFECT,
)
def set_local_execution_context_0_15(
    num_clients=None,
    max_fanout=100,
    num_client_executors=32,
    server_tf_device=None,
    client_tf_devices=(),
    *,
    as_of: AsOf,
):
    """Makes the local runtime the default, as of TFF 0.15 and 0.16.

    Args:
      num_clients: The number of clients, which the arguments of a computation have to match; None
        to take it from them.
      max_fanout: How many executors one may have below it, at least 2; the installed runtime has
        one level.
      num_client_executors: How many executors the clients share. No effect: the installed runtime
        decides.
      server_tf_device: A `tf.config.LogicalDevice` for the server's TensorFlow code. No effect.
      client_tf_devices: Such devices for the clients' TensorFlow code, in turns. No effect.

    Raises:
      TypeError: The number of clients is no integer.
      ValueError: It is less than 1, or `max_fanout` less than 2.
    """
    as_of.warn(locals())
    make_default(local_runtime(num_clients, max_fanout, fixed=True, least=1))


@adapter(
    f"{_NATIVE}.set_local_execution_context",
    releases=">=0.17,<0.18",
    replacement=_SETS_NUM_CLIENTS,
    without_effect=WITHOUT_EFFECT,
)
def set_local_execution_context_0_17(
    num_clients=None,
    max_fanout=100,
    clients_per_thread=1,
    server_tf_device=None,
    client_tf_devices=(),
    *,
    as_of: AsOf,
):
    """Makes the local runtime the default, as of TFF 0.17.

    Args:
      num_clients: The number of clients, which the arguments of a computation have to match; None
        to take it from them.
      max_fanout: How many executors one may have below it, at least 2; the installed runtime has
        one level.
      clients_per_thread: How many clients share a thread. No effect: the installed runtime decides.
      server_tf_device: A `tf.config.LogicalDevice` for the server's TensorFlow code. No effect.
      client_tf_devices: Such devices for the clients' TensorFlow code, in turns. No effect.

    Raises:
      TypeError: The number of clients is no integer.
      ValueError: It is negative, or `max_fanout` is less than 2.
    """
    as_of.warn(locals())
    make_default(local_runtime(num_clients, max_fanout, fixed=True))


@adapter(
    f"{_NATIVE}.set_local_execution_context",
    releases=">=0.18,<0.19",
    replacement=_SETS_NUM_CLIENTS,
    without_effect=WITHOUT_EFFECT,
)
def set_local_execution_context_0_18(
    num_clients=None,
    max_fanout=100,
    clients_per_thread=1,
    server_tf_device=None,
    client_tf_devices=(),
    reference_resolving_clients=False,
    *,
    as_of: AsOf,
):
    """Makes the local runtime the default, as of TFF 0.18.

    Args:
      num_clients: The number of clients, which the arguments of a computation have to match; None
        to take it from them.
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
    make_default(local_runtime(num_clients, max_fanout, fixed=True))


@adapter(
    f"{_NATIVE}.set_local_execution_context",
    releases=">=0.19,<0.20",
    replacement=_SETS_DEFAULT_NUM_CLIENTS,
    without_effect=WITHOUT_EFFECT,
)
@adapter(
    f"{_NATIVE}.set_local_python_execution_context",
    releases=">=0.20,<0.49",
    replacement=_SETS_DEFAULT_NUM_CLIENTS,
    without_effect=WITHOUT_EFFECT,
)
def set_local_python_execution_context(
    default_num_clients=0,
    max_fanout=100,
    clients_per_thread=1,
    server_tf_device=None,
    client_tf_devices=(),
    reference_resolving_clients=False,
    *,
    as_of: AsOf,
):
    """Makes the local runtime the default, as of TFF 0.19 to 0.48.

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
    make_default(local_runtime(default_num_clients, max_fanout))


@adapter(
    f"{_NATIVE}.create_local_execution_context",
    releases=">=0.19,<0.20",
    replacement=creates("default_num_clients"),
    without_effect=WITHOUT_EFFECT,
    gives=ROLE,
)
@adapter(
    f"{_NATIVE}.create_local_python_execution_context",
    releases=">=0.20,<0.50",
    replacement=creates("default_num_clients"),
    without_effect=WITHOUT_EFFECT,
    gives=ROLE,
)
def create_local_python_execution_context(
    default_num_clients=0,
    max_fanout=100,
    clients_per_thread=1,
    server_tf_device=None,
    client_tf_devices=(),
    reference_resolving_clients=False,
    *,
    as_of: AsOf,
):
    """A context of the local runtime, as of TFF 0.19 to 0.49.

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
    return context(local_runtime(default_num_clients, max_fanout))


@adapter(
    f"{_NATIVE}.set_localhost_cpp_execution_context",
    releases=">=0.30,<0.41",
    replacement=_SETS_DEFAULT_NUM_CLIENTS,
    without_effect=WITHOUT_EFFECT,
)
def set_localhost_cpp_execution_context_0_30(
    binary_path, default_num_clients=0, max_concurrent_computation_calls=1, *, as_of: AsOf
):
    """Makes the C++ runtime the default, with the installed worker, as of TFF 0.30 to 0.40.

    Args:
      binary_path: The worker to start. No effect: the one that comes with the installed TFF is
        started.
      default_num_clients: The number of clients of computations whose arguments do not tell it.
      max_concurrent_computation_calls: How many calls of computations run at a time; 0 or less for
        no limit.

    Raises:
      TypeError: The number of clients is no integer.
      ValueError: It is negative.
    """
    as_of.warn(locals())
    make_default(_cpp(default_num_clients, max_concurrent_computation_calls))


@adapter(
    f"{_NATIVE}.set_localhost_cpp_execution_context",
    releases=">=0.41,<0.45",
    replacement=_SETS_DEFAULT_NUM_CLIENTS,
    without_effect=WITHOUT_EFFECT,
)
def set_localhost_cpp_execution_context_0_41(
    default_num_clients=0, max_concurrent_computation_calls=1, *, as_of: AsOf
):
    """Makes the C++ runtime the default, as of TFF 0.41 to 0.44.

    Args:
      default_num_clients: The number of clients of computations whose arguments do not tell it.
      max_concurrent_computation_calls: How many calls of computations run at a time; 0 or less for
        no limit.

    Raises:
      TypeError: The number of clients is no integer.
      ValueError: It is negative.
    """
    as_of.warn(locals())
    make_default(_cpp(default_num_clients, max_concurrent_computation_calls))


@adapter(
    f"{_NATIVE}.set_thread_debugging_execution_context",
    releases=">=0.19,<0.48",
    replacement=_SETS_DEFAULT_NUM_CLIENTS,
    without_effect=WITHOUT_EFFECT,
)
def set_thread_debugging_execution_context(
    default_num_clients=0, clients_per_thread=1, *, as_of: AsOf
):
    """Makes the local runtime the default, as of TFF 0.19 to 0.47.

    Args:
      default_num_clients: The number of clients of computations whose arguments do not tell it.
      clients_per_thread: How many clients share a thread. No effect: the installed runtime decides.

    Raises:
      TypeError: The number of clients is no integer.
      ValueError: It is negative.
    """
    as_of.warn(locals())
    make_default(local_runtime(default_num_clients))


@adapter(
    f"{_NATIVE}.create_local_execution_context",
    releases=">=0.17,<0.18",
    replacement=creates("num_clients"),
    without_effect=WITHOUT_EFFECT,
    gives=ROLE,
)
def create_local_execution_context_0_17(
    num_clients=None,
    max_fanout=100,
    clients_per_thread=1,
    server_tf_device=None,
    client_tf_devices=(),
    *,
    as_of: AsOf,
):
    """A context of the local runtime, as of TFF 0.17.

    Args:
      num_clients: The number of clients, which the arguments of a computation have to match; None
        to take it from them.
      max_fanout: How many executors one may have below it, at least 2; the installed runtime has
        one level.
      clients_per_thread: How many clients share a thread. No effect: the installed runtime decides.
      server_tf_device: A `tf.config.LogicalDevice` for the server's TensorFlow code. No effect.
      client_tf_devices: Such devices for the clients' TensorFlow code, in turns. No effect.

    Raises:
      TypeError: The number of clients is no integer.
      ValueError: It is negative, or `max_fanout` is less than 2.
    """
    as_of.warn(locals())
    return context(local_runtime(num_clients, max_fanout, fixed=True))


@adapter(
    f"{_NATIVE}.create_local_execution_context",
    releases=">=0.18,<0.19",
    replacement=creates("num_clients"),
    without_effect=WITHOUT_EFFECT,
    gives=ROLE,
)
def create_local_execution_context_0_18(
    num_clients=None,
    max_fanout=100,
    clients_per_thread=1,
    server_tf_device=None,
    client_tf_devices=(),
    reference_resolving_clients=False,
    *,
    as_of: AsOf,
):
    """A context of the local runtime, as of TFF 0.18.

    Args:
      num_clients: The number of clients, which the arguments of a computation have to match; None
        to take it from them.
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
    return context(local_runtime(num_clients, max_fanout, fixed=True))


@adapter(
    f"{_NATIVE}.create_local_async_python_execution_context",
    releases=">=0.21,<0.48",
    replacement=creates("default_num_clients", "async_local"),
    without_effect=WITHOUT_EFFECT,
    gives=ROLE,
)
def create_local_async_python_execution_context(
    default_num_clients=0,
    max_fanout=100,
    clients_per_thread=1,
    server_tf_device=None,
    client_tf_devices=(),
    reference_resolving_clients=False,
    *,
    as_of: AsOf,
):
    """A context of the local runtime whose computations are awaited, as of TFF 0.21 to 0.47.

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
    return context(local_runtime(default_num_clients, max_fanout), asynchronous=True)


@adapter(
    f"{_NATIVE}.set_local_async_python_execution_context",
    releases=">=0.21,<0.48",
    replacement=sets("default_num_clients", "async_local"),
    without_effect=WITHOUT_EFFECT,
)
def set_local_async_python_execution_context(
    default_num_clients=0,
    max_fanout=100,
    clients_per_thread=1,
    server_tf_device=None,
    client_tf_devices=(),
    reference_resolving_clients=False,
    *,
    as_of: AsOf,
):
    """Makes the local runtime, whose computations are awaited, the default, as of 0.21 to 0.47.

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
    make_default(context(local_runtime(default_num_clients, max_fanout), asynchronous=True))


@adapter(
    f"{_NATIVE}.create_localhost_cpp_execution_context",
    releases=">=0.30,<0.41",
    replacement=creates("default_num_clients"),
    without_effect=WITHOUT_EFFECT,
    gives=ROLE,
)
def create_localhost_cpp_execution_context_0_30(
    binary_path, default_num_clients=0, max_concurrent_computation_calls=0, *, as_of: AsOf
):
    """A context of the C++ runtime, with the installed worker, as of TFF 0.30 to 0.40.

    Args:
      binary_path: The worker to start. No effect: the one that comes with the installed TFF is
        started.
      default_num_clients: The number of clients of computations whose arguments do not tell it.
      max_concurrent_computation_calls: How many calls of computations run at a time; 0 or less for
        no limit.

    Raises:
      TypeError: The number of clients is no integer.
      ValueError: It is negative.
    """
    as_of.warn(locals())
    return context(_cpp(default_num_clients, max_concurrent_computation_calls))


@adapter(
    f"{_NATIVE}.create_localhost_cpp_execution_context",
    releases=">=0.41,<0.45",
    replacement=creates("default_num_clients"),
    without_effect=WITHOUT_EFFECT,
    gives=ROLE,
)
def create_localhost_cpp_execution_context_0_41(
    default_num_clients=0, max_concurrent_computation_calls=0, *, as_of: AsOf
):
    """A context of the C++ runtime, as of TFF 0.41 to 0.44.

    Args:
      default_num_clients: The number of clients of computations whose arguments do not tell it.
      max_concurrent_computation_calls: How many calls of computations run at a time; 0 or less for
        no limit.

    Raises:
      TypeError: The number of clients is no integer.
      ValueError: It is negative.
    """
    as_of.warn(locals())
    return context(_cpp(default_num_clients, max_concurrent_computation_calls))


@adapter(
    f"{_NATIVE}.create_thread_debugging_execution_context",
    releases=">=0.17,<0.19",
    replacement=creates("num_clients"),
    without_effect=WITHOUT_EFFECT,
    gives=ROLE,
)
def create_thread_debugging_execution_context_0_17(
    num_clients=None, clients_per_thread=1, *, as_of: AsOf
):
    """A context of the local runtime, as of TFF 0.17 and 0.18.

    Args:
      num_clients: The number of clients, which the arguments of a computation have to match; None
        to take it from them.
      clients_per_thread: How many clients share a thread. No effect: the installed runtime decides.

    Raises:
      TypeError: The number of clients is no integer.
      ValueError: It is negative.
    """
    as_of.warn(locals())
    return context(local_runtime(num_clients, fixed=True))


@adapter(
    f"{_NATIVE}.create_thread_debugging_execution_context",
    releases=">=0.19,<0.48",
    replacement=creates("default_num_clients"),
    without_effect=WITHOUT_EFFECT,
    gives=ROLE,
)
def create_thread_debugging_execution_context_0_19(
    default_num_clients=0, clients_per_thread=1, *, as_of: AsOf
):
    """A context of the local runtime, as of TFF 0.19 to 0.47.

    Args:
      default_num_clients: The number of clients of computations whose arguments do not tell it.
      clients_per_thread: How many clients share a thread. No effect: the installed runtime decides.

    Raises:
      TypeError: The number of clients is no integer.
      ValueError: It is negative.
    """
    as_of.warn(locals())
    return context(local_runtime(default_num_clients))


@adapter(
    f"{_NATIVE}.set_thread_debugging_execution_context",
    releases=">=0.17,<0.19",
    replacement=_SETS_NUM_CLIENTS,
    without_effect=WITHOUT_EFFECT,
)
def set_thread_debugging_execution_context_0_17(
    num_clients=None, clients_per_thread=1, *, as_of: AsOf
):
    """Makes the local runtime the default, as of TFF 0.17 and 0.18.

    Args:
      num_clients: The number of clients, which the arguments of a computation have to match; None
        to take it from them.
      clients_per_thread: How many clients share a thread. No effect: the installed runtime decides.

    Raises:
      TypeError: The number of clients is no integer.
      ValueError: It is negative.
    """
    as_of.warn(locals())
    make_default(local_runtime(num_clients, fixed=True))


@adapter(
    f"{_NATIVE}.create_sizing_execution_context",
    releases=">=0.17,<0.19",
    replacement=creates("num_clients"),
    note=_NOT_MEASURED,
    without_effect=WITHOUT_EFFECT,
    gives=ROLE,
)
def create_sizing_execution_context_0_17(
    num_clients=None, max_fanout=100, clients_per_thread=1, *, as_of: AsOf
):
    """A context of the local runtime with the sizes of what it sends, as of TFF 0.17 and 0.18.

    Args:
      num_clients: The number of clients, which the arguments of a computation have to match; None
        to take it from them.
      max_fanout: How many executors one had below it, at least 2; on each level above the clients
        the sizes are counted once more.
      clients_per_thread: How many clients share a thread. No effect: the installed runtime decides.

    Raises:
      TypeError: The number of clients is no integer.
      ValueError: It is negative, or `max_fanout` is less than 2.
    """
    as_of.warn(locals())
    return context(sizing_runtime(as_of.release, num_clients, max_fanout, fixed=True, native=True))


@adapter(
    f"{_NATIVE}.create_sizing_execution_context",
    releases=">=0.19,<0.48",
    replacement=creates("default_num_clients"),
    note=_NOT_MEASURED,
    without_effect=WITHOUT_EFFECT,
    gives=ROLE,
)
def create_sizing_execution_context_0_19(
    default_num_clients=0, max_fanout=100, clients_per_thread=1, *, as_of: AsOf
):
    """A context of the local runtime with the sizes of what it sends, as of TFF 0.19 to 0.47.

    Args:
      default_num_clients: The number of clients of computations whose arguments do not tell it.
      max_fanout: How many executors one had below it, at least 2; on each level above the clients
        the sizes are counted once more.
      clients_per_thread: How many clients share a thread. No effect: the installed runtime decides.

    Raises:
      TypeError: The number of clients is no integer.
      ValueError: It is negative, or `max_fanout` is less than 2.
    """
    as_of.warn(locals())
    return context(sizing_runtime(as_of.release, default_num_clients, max_fanout, native=True))


_MERGEABLE = (
    "tff.backends.native.{}_mergeable_comp_execution_context("
    "[tff.backends.native.create_async_local_cpp_execution_context() "
    "for _ in {{executor_factories}}])"
)
_ONE_EACH = "Of `executor_factories` only their number is left, not their numbers of clients."


@adapter(
    f"{_NATIVE}.create_mergeable_comp_execution_context",
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
    f"{_NATIVE}.set_mergeable_comp_execution_context",
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


_REFERENCE = "tff.backends.reference"


@adapter(
    f"{_REFERENCE}.create_reference_context",
    releases=">=0.17,<0.20",
    replacement="tff.backends.native.create_sync_local_cpp_execution_context()",
    gives=ROLE,
)
def create_reference_context(*, as_of: AsOf):
    """A context of the local runtime, with the results of the slow reference executor."""
    as_of.warn(locals())
    return interpreting()


@adapter(
    f"{_REFERENCE}.set_reference_context",
    releases=">=0.17,<0.20",
    replacement="tff.backends.native.set_sync_local_cpp_execution_context()",
)
def set_reference_context(*, as_of: AsOf):
    """Makes the local runtime, with the results of the slow reference executor, the default."""
    as_of.warn(locals())
    make_default(interpreting())
