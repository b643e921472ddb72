"""The helper that TFF marked its own functions with, which two of its namespaces exposed."""

from __future__ import annotations

import functools
import warnings
from typing import Any, TypeVar

from absl import logging

from tff_compat.adapters.registry import AsOf, adapter, helper

R = TypeVar("R")

for _path, _releases in {
    "tff.learning.deprecation.R": ">=0.38,<0.41",
    "tff.learning.framework.deprecation.R": ">=0.38,<0.40",
}.items():
    adapter(_path, releases=_releases, replacement='typing.TypeVar("R")')(R)


helper(
    "deprecated",
    '''\
def deprecated(fn, message):
  """The function, which warns with the message at each call."""
  @functools.wraps(fn)
  def warning(*args, **kwargs):
    warnings.warn(message, DeprecationWarning, stacklevel=2)
    return fn(*args, **kwargs)

  return warning
''',
)


@adapter(
    "tff.learning.framework.deprecation.deprecated",
    releases=">=0.38,<0.40",
    replacement="{!deprecated}",
)
@adapter(
    "tff.learning.deprecation.deprecated",
    releases=">=0.38,<0.41",
    replacement="{!deprecated}",
)
def deprecated(fn, message, *, as_of: AsOf):
    """The function, which warns with the message at each call; as of TFF 0.38 to 0.40.

    Args:
      fn: Any function.
      message: The text of the `DeprecationWarning`, which is logged too.
    """
    as_of.warn(locals())

    @functools.wraps(fn)
    def warning(*args: Any, **kwargs: Any) -> Any:
        warnings.warn(message, DeprecationWarning, stacklevel=2)
        logging.warning("Deprecation: %s", message)
        return fn(*args, **kwargs)

    return warning
