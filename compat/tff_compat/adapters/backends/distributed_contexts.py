"""The experiment of 0.60 and 0.61 with meshes of devices; the installed runtime has none."""

from __future__ import annotations

from typing import Any

import attr

from tff_compat import modern
from tff_compat.adapters.registry import AsOf, adapter, helper

tff = modern.package()

_NATIVE, _TEST = "tff.backends.native", "tff.backends.test"

helper(
    "DistributedConfiguration",
    '''\
class DistributedConfiguration:
  """The meshes of devices of the server and of a client, which no runtime asks for any more."""

  def __init__(self, server_mesh=None, client_mesh=None):
    if server_mesh is None and client_mesh is None:
      raise ValueError('At least one of `server_mesh` and `client_mesh` must be given.')
    self.server_mesh = server_mesh
    self.client_mesh = client_mesh
''',
)
_CONFIGURATION = "{!DistributedConfiguration}"


def _advice(action: str, kind: str, namespace: str) -> str:
    """The template of the modern code, in the words of the namespace."""
    name = "local" if namespace == _NATIVE else "test"
    return (
        f"{namespace}.{action}_{kind}_{name}_cpp_execution_context("
        "[?default_num_clients={default_num_clients}, ?]"
        "[?max_concurrent_computation_calls={max_concurrent_computation_calls}, ?]"
        "[?stream_structs={stream_structs}?])"
    )


@adapter(
    f"{_NATIVE}.DistributedConfiguration",
    releases=">=0.60,<0.63",
    replacement=_CONFIGURATION,
)
@adapter(
    f"{_TEST}.DistributedConfiguration",
    releases=">=0.60,<0.63",
    replacement=_CONFIGURATION,
)
@attr.define
class DistributedConfiguration:
    """The meshes of devices of the server and of a client, as of TFF 0.60 and 0.61.

    Raises:
      ValueError: There is neither.
    """

    server_mesh: Any = None
    client_mesh: Any = None

    def __attrs_post_init__(self) -> None:
        if self.server_mesh is None and self.client_mesh is None:
            raise ValueError("At least one of `server_mesh` and `client_mesh` must be given.")


def _experimental(action: str, kind: str, namespace: str) -> Any:
    path = f"{namespace}.{action}_{kind}_experimental_distributed_cpp_execution_context"
    return adapter(
        path,
        releases=">=0.60,<0.63",
        replacement=_advice(action, kind, namespace),
        without_effect=("distributed_config",),
    )


@_experimental("create", "async", _NATIVE)
def create_async_native(
    distributed_config,
    default_num_clients=0,
    max_concurrent_computation_calls=-1,
    stream_structs=False,
    *,
    as_of: AsOf,
):
    """A context of the local runtime whose computations are awaited.

    As of TFF 0.60 and 0.61.

    Args:
      distributed_config: The `DistributedConfiguration`. No effect: the installed runtime has no
        meshes.
      default_num_clients: The number of clients of computations whose arguments do not tell it.
      max_concurrent_computation_calls: How many calls of computations run at a time; -1 for no
        limit.
      stream_structs: Whether the elements of a structure are sent one by one.
    """
    as_of.warn(locals())
    return tff.backends.native.create_async_local_cpp_execution_context(
        default_num_clients, max_concurrent_computation_calls, stream_structs
    )


@_experimental("create", "sync", _NATIVE)
def create_sync_native(
    distributed_config,
    default_num_clients=0,
    max_concurrent_computation_calls=-1,
    stream_structs=False,
    *,
    as_of: AsOf,
):
    """A context of the local runtime.

    As of TFF 0.60 and 0.61.

    Args:
      distributed_config: The `DistributedConfiguration`. No effect: the installed runtime has no
        meshes.
      default_num_clients: The number of clients of computations whose arguments do not tell it.
      max_concurrent_computation_calls: How many calls of computations run at a time; -1 for no
        limit.
      stream_structs: Whether the elements of a structure are sent one by one.
    """
    as_of.warn(locals())
    return tff.backends.native.create_sync_local_cpp_execution_context(
        default_num_clients, max_concurrent_computation_calls, stream_structs
    )


@_experimental("set", "async", _NATIVE)
def set_async_native(
    distributed_config,
    default_num_clients=0,
    max_concurrent_computation_calls=-1,
    stream_structs=False,
    *,
    as_of: AsOf,
):
    """Makes the local runtime, whose computations are awaited, the default.

    As of TFF 0.60 and 0.61.

    Args:
      distributed_config: The `DistributedConfiguration`. No effect: the installed runtime has no
        meshes.
      default_num_clients: The number of clients of computations whose arguments do not tell it.
      max_concurrent_computation_calls: How many calls of computations run at a time; -1 for no
        limit.
      stream_structs: Whether the elements of a structure are sent one by one.
    """
    as_of.warn(locals())
    tff.backends.native.set_async_local_cpp_execution_context(
        default_num_clients, max_concurrent_computation_calls, stream_structs
    )


@_experimental("set", "sync", _NATIVE)
def set_sync_native(
    distributed_config,
    default_num_clients=0,
    max_concurrent_computation_calls=-1,
    stream_structs=False,
    *,
    as_of: AsOf,
):
    """Makes the local runtime the default.

    As of TFF 0.60 and 0.61.

    Args:
      distributed_config: The `DistributedConfiguration`. No effect: the installed runtime has no
        meshes.
      default_num_clients: The number of clients of computations whose arguments do not tell it.
      max_concurrent_computation_calls: How many calls of computations run at a time; -1 for no
        limit.
      stream_structs: Whether the elements of a structure are sent one by one.
    """
    as_of.warn(locals())
    tff.backends.native.set_sync_local_cpp_execution_context(
        default_num_clients, max_concurrent_computation_calls, stream_structs
    )


@_experimental("create", "async", _TEST)
def create_async_test(
    distributed_config,
    default_num_clients=0,
    max_concurrent_computation_calls=-1,
    stream_structs=False,
    *,
    as_of: AsOf,
):
    """A context for tests whose computations are awaited.

    As of TFF 0.60 and 0.61.

    Args:
      distributed_config: The `DistributedConfiguration`. No effect: the installed runtime has no
        meshes.
      default_num_clients: The number of clients of computations whose arguments do not tell it.
      max_concurrent_computation_calls: How many calls of computations run at a time; -1 for no
        limit.
      stream_structs: Whether the elements of a structure are sent one by one.
    """
    as_of.warn(locals())
    return tff.backends.test.create_async_test_cpp_execution_context(
        default_num_clients=default_num_clients,
        max_concurrent_computation_calls=max_concurrent_computation_calls,
        stream_structs=stream_structs,
    )


@_experimental("create", "sync", _TEST)
def create_sync_test(
    distributed_config,
    default_num_clients=0,
    max_concurrent_computation_calls=-1,
    stream_structs=False,
    *,
    as_of: AsOf,
):
    """A context for tests.

    As of TFF 0.60 and 0.61.

    Args:
      distributed_config: The `DistributedConfiguration`. No effect: the installed runtime has no
        meshes.
      default_num_clients: The number of clients of computations whose arguments do not tell it.
      max_concurrent_computation_calls: How many calls of computations run at a time; -1 for no
        limit.
      stream_structs: Whether the elements of a structure are sent one by one.
    """
    as_of.warn(locals())
    return tff.backends.test.create_sync_test_cpp_execution_context(
        default_num_clients=default_num_clients,
        max_concurrent_computation_calls=max_concurrent_computation_calls,
        stream_structs=stream_structs,
    )


@_experimental("set", "async", _TEST)
def set_async_test(
    distributed_config,
    default_num_clients=0,
    max_concurrent_computation_calls=-1,
    stream_structs=False,
    *,
    as_of: AsOf,
):
    """Makes a context for tests, whose computations are awaited, the default.

    As of TFF 0.60 and 0.61.

    Args:
      distributed_config: The `DistributedConfiguration`. No effect: the installed runtime has no
        meshes.
      default_num_clients: The number of clients of computations whose arguments do not tell it.
      max_concurrent_computation_calls: How many calls of computations run at a time; -1 for no
        limit.
      stream_structs: Whether the elements of a structure are sent one by one.
    """
    as_of.warn(locals())
    tff.backends.test.set_async_test_cpp_execution_context(
        default_num_clients=default_num_clients,
        max_concurrent_computation_calls=max_concurrent_computation_calls,
        stream_structs=stream_structs,
    )


@_experimental("set", "sync", _TEST)
def set_sync_test(
    distributed_config,
    default_num_clients=0,
    max_concurrent_computation_calls=-1,
    stream_structs=False,
    *,
    as_of: AsOf,
):
    """Makes a context for tests the default.

    As of TFF 0.60 and 0.61.

    Args:
      distributed_config: The `DistributedConfiguration`. No effect: the installed runtime has no
        meshes.
      default_num_clients: The number of clients of computations whose arguments do not tell it.
      max_concurrent_computation_calls: How many calls of computations run at a time; -1 for no
        limit.
      stream_structs: Whether the elements of a structure are sent one by one.
    """
    as_of.warn(locals())
    tff.backends.test.set_sync_test_cpp_execution_context(
        default_num_clients=default_num_clients,
        max_concurrent_computation_calls=max_concurrent_computation_calls,
        stream_structs=stream_structs,
    )
