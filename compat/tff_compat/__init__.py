"""tff-compat: code for any release of TensorFlow Federated runs on the installed one.

The public API is small: ``activate``, ``as_of``, ``deactivate``, ``installed`` and the warning and
error classes. Importing this package imports neither TensorFlow nor TensorFlow Federated.
"""

from __future__ import annotations

from typing import Any

from tff_compat.activation import (
    ReleaseNotReachedError,
    activate,
    as_of,
    deactivate,
    installed,
)
from tff_compat.catalog import UnknownReleaseError
from tff_compat.deprecation import LegacyAPIError, LegacyAPIWarning

__version__ = "0.1.0.dev0"

__all__ = [
    "LegacyAPIError",
    "LegacyAPIWarning",
    "ReleaseNotReachedError",
    "UnknownReleaseError",
    "activate",
    "as_of",
    "deactivate",
    "installed",
    "learning",
]


def __getattr__(name: str) -> object:
    # `learning` drives TensorFlow Federated, whose import takes seconds: only on first use.
    if name == "learning":
        import importlib

        return importlib.import_module("tff_compat.learning")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def load_ipython_extension(shell: Any) -> None:
    """Called by IPython's `%load_ext tff_compat`: gives the shell `%tff_as_of` and more."""
    from tff_compat.notebooks import extension

    extension.load(shell)
