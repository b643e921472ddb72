"""The installed TensorFlow Federated, as it is: its release, its package and its symbols."""

from __future__ import annotations

import functools
import importlib
import sys
import types
from typing import Any

from packaging.version import Version

ROOT = "tensorflow_federated"
OWN = (ROOT, "tff_compat")
"""The packages that are not the program's: their imports mean TFF as it is installed."""

_real: list[types.ModuleType] = []


@functools.cache
def version() -> Version:
    """The release of TensorFlow Federated that is installed here.

    Read from the metadata of the distribution; TensorFlow Federated is not imported.

    Raises:
      ModuleNotFoundError: No TensorFlow Federated is installed in this interpreter.
    """
    import importlib.metadata  # With what parses mail; the release is not always asked for.

    try:
        return Version(importlib.metadata.version("tensorflow-federated"))
    except importlib.metadata.PackageNotFoundError:
        raise ModuleNotFoundError(
            f"TensorFlow Federated is not installed for {sys.executable}. "
            "`tff-compat run PROGRAM` builds an environment that has it.",
            name=ROOT,
        ) from None


def package() -> Any:
    """The real package, a module, also while a view stands in its place in ``sys.modules``."""
    if not _real:
        _real.append(importlib.import_module(ROOT))
    return _real[0]


def symbol(path: str) -> Any:
    """The installed object at a public path.

    Args:
      path: A public path, such as ``"tff.learning.models.VariableModel"``.

    Raises:
      AttributeError: The installed release has no such symbol.
    """
    found = package()
    for name in path.split(".")[1:]:
        found = getattr(found, name)
    return found
