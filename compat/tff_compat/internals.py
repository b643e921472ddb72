"""The modules under ``tensorflow_federated.python`` as of a release, for programs that import them.

Nobody promised them to users, but research code imports from there. What was public at the same
time is what the view has; else it is the installed object, where that is still called the same way.
"""

from __future__ import annotations

import importlib
import types
from collections.abc import Mapping, Sequence
from typing import Any

from packaging.version import Version

from tff_compat import catalog, installation
from tff_compat.catalog import Symbol, changes
from tff_compat.eras import Eras
from tff_compat.import_hook import ImportHook

_INTERNAL = catalog.INTERNAL

_PICKLES = ("cloudpickle", "dill", "pickle")
"""Modules that import by name, and then take the module from `sys.modules`."""


def module(path: str, release: Version) -> types.ModuleType:
    """The view of an internal module as of a release: that of the public module that it was."""
    from tff_compat import views

    symbol = catalog.load().symbol(path)
    public = None if symbol is None else symbol.public(release)
    return views.view(release, public or path)


def resolve(symbol: Symbol, release: Version) -> tuple[object, bool]:
    """What a program as of `release` finds for an internal symbol that the release had.

    Returns:
      The value, and whether a view may keep it, as in `views.resolve`.
    """
    from tff_compat import views

    if symbol.kind_in(release) == "module":
        return module(symbol.path, release), True
    public = symbol.public(release)
    value: object = None
    keep = True
    if public is not None:
        value, keep = views.resolve(public, release)
        if not isinstance(value, views.Refused):
            return value, keep
    for path in _installed_places(symbol, release):
        owner, _, name = path.rpartition(".")
        found = getattr(importlib.import_module(owner), name, None)
        if found is not None:
            return found, True
    if public is not None:
        return value, keep
    return views.Refused(symbol.path, _refusal(symbol, release)), True


def _installed_places(symbol: Symbol, release: Version) -> list[str]:
    """Where the installed release has an internal symbol that takes the same calls.

    At the same path, else in the only other module that has the name.
    """
    known = catalog.load()
    installed = installation.version()
    if installed not in known.releases:
        return [symbol.path]
    name = symbol.path.rpartition(".")[2]
    elsewhere = [
        other
        for other in known.named(name)
        if other.kind_in(installed) == symbol.kind_in(release) and _defines(other, installed)
    ]
    places = [symbol] if symbol.exists_in(installed) else elsewhere
    if len(places) != 1:
        return []
    old, new = symbol.signature(release), places[0].signature(installed)
    if old is not None and new is not None and changes.breakage(old, new):
        return []
    return [places[0].path]


def _defines(symbol: Symbol, release: Version) -> bool:
    """Whether the module defines the symbol itself: packages also offer what they import."""
    known = catalog.load()
    owner, _, name = symbol.path.rpartition(".")
    members = known.members(owner, release)
    return not any(known.symbol(f"{owner}.{member}.{name}") for member in members)


def _refusal(symbol: Symbol, release: Version) -> str:
    known = catalog.load()
    name = symbol.path.rpartition(".")[2]
    later = {symbol.public(each) for each in symbol.releases} - {None}
    near = sorted(map(str, later)) or [
        path for path in known.near(f"tff.{name}", known.releases[-1]) if path
    ]
    hint = f" Nearest in the public API: {', '.join(near)}." if near else ""
    return (
        f"{symbol.path} was internal to TFF {known.runs(symbol.releases)}; nothing in the "
        f"installed {installation.version()} takes the calls that it took as of {release}.{hint}"
    )


# --- The imports of programs ----------------------------------------------------------------------


class Imports:
    """Answers the imports of TFF that a program makes, as of the release of the importing module.

    TFF imports the same names for itself, so the importing module decides in any case.
    """

    def __init__(self, wanted: Eras):
        self._eras = wanted
        self._hook = ImportHook(installation.ROOT, self._answer)

    def install(self) -> None:
        """Starts to answer imports."""
        self._hook.install()

    def remove(self) -> None:
        """Stops answering imports."""
        self._hook.remove()

    def _answer(
        self, name: str, importing: Mapping[str, Any], fromlist: Sequence[str]
    ) -> types.ModuleType | None:
        if str(importing.get("__name__", "")).partition(".")[0] in (*installation.OWN, *_PICKLES):
            return None
        release = self._eras.of(importing)
        if release is None:
            return None
        if release != installation.version() and f"{name}.".startswith(f"{_INTERNAL}."):
            return self._internal(name, tuple(fromlist), release)
        if release == self._eras.rest or (fromlist and name != installation.ROOT):
            # What is in `sys.modules` is what is meant.
            return None
        importlib.import_module(name)
        return root(release)

    def _internal(self, name: str, fromlist: tuple[str, ...], release: Version) -> types.ModuleType:
        importlib.import_module(installation.ROOT)
        found = _chain(name, release)
        for each in fromlist:
            submodule = catalog.load().symbol(f"{name}.{each}")
            if submodule is not None and submodule.kind_in(release) == "module":
                _chain(submodule.path, release)
        return found if fromlist else root(release)


def root(release: Version) -> types.ModuleType:
    """What stands for `tensorflow_federated` as of a release: the real one for its own."""
    from tff_compat import views

    if release == installation.version():
        real: types.ModuleType = installation.package()
        return real
    return views.view(release)


def _chain(name: str, release: Version) -> types.ModuleType:
    """The view of a module, which becomes an attribute of the packages around it."""
    known = catalog.load()
    around = root(release)
    parts = name.split(".")
    for count in range(2, len(parts) + 1):
        path = ".".join(parts[:count])
        symbol = known.symbol(path)
        if symbol is None or symbol.kind_in(release) != "module":
            raise ModuleNotFoundError(f"No module named {path!r} as of TFF {release}", name=path)
        found = module(path, release)
        around.__dict__.setdefault(parts[count - 1], found)
        around = found
    return around
