"""The API of the primary release on the installed one: the one place by which adapters reach it.

Adapters are written for one API. `locations` says where other releases have a part of it,
`stand_ins` has what they lack. On the primary release it is the installed package itself, and so it
is on a later one that the catalog does not know: what that lacks is told where it is used.
"""

from __future__ import annotations

import functools
import importlib
import types
from typing import Any

from tff_compat import catalog, installation
from tff_compat.catalog import PRIMARY
from tff_compat.modern import locations


class _Modern(types.ModuleType):
    """A module or namespace of the modern API, put together from another release."""

    def __init__(self, path: str):
        super().__init__(path)
        self._path = path

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        value = _find(f"{self._path}.{name}")
        self.__dict__[name] = value
        return value


@functools.cache
def package() -> Any:
    """What adapters know as ``tff``: the API of the primary release on the installed one."""
    release = installation.version()
    unknown = release > PRIMARY and release not in catalog.load().releases
    return installation.package() if release == PRIMARY or unknown else _Modern("tff")


def symbol(path: str) -> Any:
    """The object that the installed release has for a path of the modern API.

    Args:
      path: A public path of the primary release, such as ``"tff.learning.models.VariableModel"``.

    Raises:
      AttributeError: The installed release has nothing that does what this symbol does.
    """
    found = package()
    for name in path.split(".")[1:]:
        found = getattr(found, name)
    return found


def internal(path: str) -> Any:
    """What stands in an internal module of the primary release, wherever the installed one has it.

    Args:
      path: Its path under ``tensorflow_federated.python``, such as
        ``"core.impl.compiler.tree_analysis.check_has_unique_names"``.

    Raises:
      AttributeError: The installed release lacks it.
    """
    release = installation.version()
    known = catalog.load()
    for place in (path, *locations.ELSEWHERE_INTERNAL.get(path, ())):
        full = f"{catalog.INTERNAL}.{place}"
        symbol = known.symbol(full)
        if release not in known.releases or (symbol is not None and symbol.exists_in(release)):
            module, _, name = full.rpartition(".")
            return getattr(importlib.import_module(module), name)
    raise AttributeError(f"TFF {release} has no {path.rpartition('.')[2]}.")


def internal_module(path: str) -> types.ModuleType:
    """A module of the installed TFF that is not public, for what left the public API and stayed.

    Args:
      path: Its path below ``tensorflow_federated.python``, such as ``"common_libs.tracing"``.
    """
    return importlib.import_module(f"{installation.ROOT}.python.{path}")


def _find(path: str) -> Any:
    release = installation.version()
    stand_in = locations.stand_in(path, release)
    if stand_in is not None:
        return stand_in
    known = catalog.load()
    for place in (path, *locations.ELSEWHERE.get(path, ())):
        if place.startswith(installation.ROOT):
            module, _, name = place.rpartition(".")
            return getattr(importlib.import_module(module), name)
        symbol = known.symbol(place)
        if symbol is not None and symbol.exists_in(release):
            return _Modern(path) if symbol.kind == "module" else installation.symbol(place)
    if path in locations.MODULES:
        return _Modern(path)
    raise AttributeError(
        f"TFF {release} has nothing that does what {path} does in {PRIMARY}; install {PRIMARY}."
    )
