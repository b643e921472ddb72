"""The experiment of 0.60 and 0.61 with meshes of devices; the installed runtime has none."""

from __future__ import annotations

from typing import Any

import attr

from tff_compat import modern
from tff_compat.adapters.registry import AsOf, adapter, helper

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


@adapter(
    "tff.backends.native.DistributedConfiguration",
    releases=">=0.60,<0.63",
    replacement=_CONFIGURATION,
)
@adapter(
    "tff.backends.test.DistributedConfiguration",
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


def _experimental(path: str) -> Any:
    """Declares what makes a context, or makes one the default; without the word it is there yet."""
    now = path.replace("_experimental_distributed", "_local" if ".native." in path else "_test")
    return adapter(
        path,
        releases=">=0.60,<0.63",
        replacement=f"{now}([?default_num_clients={{default_num_clients}}, ?]"
        "[?max_concurrent_computation_calls={max_concurrent_computation_calls}, ?]"
        "[?stream_structs={stream_structs}?])",
        without_effect=("distributed_config",),
    )


@_experimental("tff.backends.native.create_async_experimental_distributed_cpp_execution_context")
@_experimental("tff.backends.native.create_sync_experimental_distributed_cpp_execution_context")
@_experimental("tff.backends.native.set_async_experimental_distributed_cpp_execution_context")
@_experimental("tff.backends.native.set_sync_experimental_distributed_cpp_execution_context")
@_experimental("tff.backends.test.create_async_experimental_distributed_cpp_execution_context")
@_experimental("tff.backends.test.create_sync_experimental_distributed_cpp_execution_context")
@_experimental("tff.backends.test.set_async_experimental_distributed_cpp_execution_context")
@_experimental("tff.backends.test.set_sync_experimental_distributed_cpp_execution_context")
def experimental_context(
    distributed_config,
    default_num_clients=0,
    max_concurrent_computation_calls=-1,
    stream_structs=False,
    *,
    as_of: AsOf,
):
    """A context of the local runtime, of that for tests, or either as the default.

    As of TFF 0.60 and 0.61.

    Args:
      distributed_config: The `DistributedConfiguration`. No effect: the installed runtime has no
        meshes.
      default_num_clients: An integer: the number of clients of computations whose arguments do not
        tell it.
      max_concurrent_computation_calls: An integer: how many calls of computations run at a time; -1
        for no limit.
      stream_structs: A boolean: whether the elements of a structure are sent one by one.

    Returns:
      What makes one gives the context, whose computations are awaited if it is asynchronous.
    """
    as_of.warn(locals())
    now = as_of.adapter.modern.template.partition("(")[0]
    return modern.symbol(now)(
        default_num_clients=default_num_clients,
        max_concurrent_computation_calls=max_concurrent_computation_calls,
        stream_structs=stream_structs,
    )
