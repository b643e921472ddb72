"""Data by name: values of federated computations that only an address stands for."""

from __future__ import annotations

from typing import Any

from google.protobuf import any_pb2, wrappers_pb2
from packaging.version import Version

from tff_compat import installation, modern
from tff_compat.adapters.language import types, values
from tff_compat.adapters.registry import AsOf, adapter, helper
from tff_compat.catalog.boundaries import FIRST_WITHOUT_TENSORFLOW_IN_BLOCKS

tff = modern.package()

_FIRST_WITH_CONTENT = Version("0.78")


helper(
    "data_at",
    '''\
def data_at(address, type_signature):
  """The value that stands for the data at an address."""
  from google.protobuf import any_pb2, wrappers_pb2

  content = any_pb2.Any()
  content.Pack(wrappers_pb2.StringValue(value=address))
  return tff.to_value(tff.framework.Data(content, type_signature), None)
''',
)


@adapter(
    "tff.data",
    releases=">=0.19,<0.76",
    replacement="{!data_at}({uri}, {type_spec:type})",
    gives=values.ROLE,
    changed=(FIRST_WITHOUT_TENSORFLOW_IN_BLOCKS,),
)
def data(uri, type_spec, *, as_of: AsOf):
    """A value for the data at an address, as of TFF 0.19 to 0.75.

    It can be passed on and described. What runs it needs to know what is at the address, which
    TFF's own local runtimes never did.

    Args:
      uri: The address, a string.
      type_spec: The type of the data, or what converts to it.

    Returns:
      A `tff.Value`, inside a federated computation.

    Raises:
      TypeError: An argument is something else.
    """
    as_of.warn(locals())
    if not isinstance(uri, str):
        raise TypeError(f"Expected the address as a str, found {type(uri).__name__}.")
    content: Any = uri
    if installation.version() >= _FIRST_WITH_CONTENT:
        content = any_pb2.Any()
        content.Pack(wrappers_pb2.StringValue(value=uri))
    block = tff.framework.Data(content, types.to_type(type_spec, as_of.release))
    return values.dated(tff.to_value(block, None), as_of.release)
