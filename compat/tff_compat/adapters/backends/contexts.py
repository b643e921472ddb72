"""Setters and makers of execution contexts: the installed local runtime stands for them all."""

from __future__ import annotations

from tff_compat import modern
from tff_compat.adapters.framework.executors import local_runtime, make_default, replacement
from tff_compat.adapters.registry import AsOf, adapter, refusal

tff = modern.package()

_NUM_CLIENTS = replacement("num_clients")
_DEFAULT_NUM_CLIENTS = replacement("default_num_clients")
_NATIVE = "tff.backends.native"


@adapter(
    f"{_NATIVE}.set_local_execution_context", releases=">=0.15,<0.17", replacement=_NUM_CLIENTS
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
    """Makes the local runtime the default, as of TFF 0.15 and 0.16."""
    as_of.warn(locals())
    make_default(local_runtime(num_clients))


@adapter(
    f"{_NATIVE}.set_local_execution_context", releases=">=0.17,<0.18", replacement=_NUM_CLIENTS
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
    """Makes the local runtime the default, as of TFF 0.17."""
    as_of.warn(locals())
    make_default(local_runtime(num_clients))


@adapter(
    f"{_NATIVE}.set_local_execution_context", releases=">=0.18,<0.19", replacement=_NUM_CLIENTS
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
    """Makes the local runtime the default, as of TFF 0.18."""
    as_of.warn(locals())
    make_default(local_runtime(num_clients))


@adapter(
    f"{_NATIVE}.set_local_execution_context",
    releases=">=0.19,<0.20",
    replacement=_DEFAULT_NUM_CLIENTS,
)
@adapter(
    f"{_NATIVE}.set_local_python_execution_context",
    releases=">=0.20,<0.49",
    replacement=_DEFAULT_NUM_CLIENTS,
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
    """Makes the local runtime the default, as of TFF 0.19 to 0.48."""
    as_of.warn(locals())
    make_default(local_runtime(default_num_clients))


@adapter(
    f"{_NATIVE}.create_local_execution_context",
    releases=">=0.19,<0.20",
    replacement="tff.backends.native.create_sync_local_cpp_execution_context([?default_num_clients={default_num_clients}?])",
)
@adapter(
    f"{_NATIVE}.create_local_python_execution_context",
    releases=">=0.20,<0.50",
    replacement="tff.backends.native.create_sync_local_cpp_execution_context([?default_num_clients={default_num_clients}?])",
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
    """A context of the local runtime, as of TFF 0.19 to 0.49."""
    as_of.warn(locals())
    return tff.backends.native.create_sync_local_cpp_execution_context(
        default_num_clients=default_num_clients
    )


@adapter(
    f"{_NATIVE}.set_localhost_cpp_execution_context",
    releases=">=0.30,<0.41",
    replacement=_DEFAULT_NUM_CLIENTS,
)
def set_localhost_cpp_execution_context_0_30(
    binary_path, default_num_clients=0, max_concurrent_computation_calls=1, *, as_of: AsOf
):
    """Makes the C++ runtime the default, with its own worker binary, as of TFF 0.30 to 0.40."""
    as_of.warn(locals())
    make_default(local_runtime(default_num_clients))


@adapter(
    f"{_NATIVE}.set_localhost_cpp_execution_context",
    releases=">=0.41,<0.45",
    replacement=_DEFAULT_NUM_CLIENTS,
)
def set_localhost_cpp_execution_context_0_41(
    default_num_clients=0, max_concurrent_computation_calls=1, *, as_of: AsOf
):
    """Makes the C++ runtime the default, as of TFF 0.41 to 0.44."""
    as_of.warn(locals())
    make_default(local_runtime(default_num_clients))


@adapter(
    f"{_NATIVE}.set_thread_debugging_execution_context",
    releases=">=0.19,<0.48",
    replacement=_DEFAULT_NUM_CLIENTS,
)
def set_thread_debugging_execution_context(
    default_num_clients=0, clients_per_thread=1, *, as_of: AsOf
):
    """Makes the local runtime the default, as of TFF 0.19 to 0.47."""
    as_of.warn(locals())
    make_default(local_runtime(default_num_clients))


@adapter(
    "tff.backends.reference.set_reference_context",
    releases=">=0.17,<0.20",
    replacement="tff.backends.native.set_sync_local_cpp_execution_context()",
)
def set_reference_context(*, as_of: AsOf):
    """Keeps the local runtime, which gives what the slow reference executor gave, as of 0.17."""
    as_of.warn(locals())


for _name in ("set_remote_execution_context", "create_remote_execution_context"):
    refusal(
        f"{_NATIVE}.{_name}",
        releases=">=0.17,<0.20",
        reason="Remote workers of Python executors are gone.",
        replacement="tff.backends.native.set_sync_local_cpp_execution_context()",
    )
