"""tff-compat: code for any release of TensorFlow Federated runs on the installed one.

The public API is small: ``activate``, ``as_of``, ``deactivate``, ``installed`` and the warning and
error classes. Importing this package imports neither TensorFlow nor TensorFlow Federated.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tff_compat.activation import (
        ReleaseNotReachedError,
        activate,
        as_of,
        deactivate,
        installed,
    )
    from tff_compat.catalog import UnknownReleaseError
    from tff_compat.deprecation import LegacyAPIError, LegacyAPIWarning

    __version__: str

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


_MODULES = {
    "ReleaseNotReachedError": "activation",
    "activate": "activation",
    "as_of": "activation",
    "deactivate": "activation",
    "installed": "activation",
    "UnknownReleaseError": "catalog",
    "LegacyAPIError": "deprecation",
    "LegacyAPIWarning": "deprecation",
}


def __getattr__(name: str) -> object:
    # Only on first use: the command line starts in a blink without them, and `learning` drives
    # TensorFlow Federated, whose import takes seconds.
    if name == "learning":
        return importlib.import_module("tff_compat.learning")
    if name in _MODULES:
        value: object = getattr(importlib.import_module(f"tff_compat.{_MODULES[name]}"), name)
        globals()[name] = value
        return value
    if name == "__version__":
        return _version()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _version() -> str:
    import importlib.metadata

    try:
        return importlib.metadata.version("tff-compat")
    except importlib.metadata.PackageNotFoundError:
        return "0.0.0.dev0"  # A source tree on the path, which knows no more than pyproject.toml.


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def load_ipython_extension(shell: Any) -> None:
    """Called by IPython's `%load_ext tff_compat`: gives the shell `%tff_as_of` and more."""
    from tff_compat.notebooks import extension

    extension.load(shell)
