"""Views: the module objects that present ``tensorflow_federated`` as of a release."""

from __future__ import annotations

import contextlib
import functools
import types
from typing import Any, NoReturn

from packaging.version import Version

from tff_compat import catalog, deprecation, installation, internals, modern
from tff_compat.adapters import registry, stand_ins


class View(types.ModuleType):
    """A module or namespace of TensorFlow Federated as one release offered it.

    The names are those of the catalog; a value is made on first use and then kept.
    """

    _path: str
    _release: Version

    def __init__(self, path: str, release: Version):
        super().__init__(_full_name(path), f"`{path}` as of TFF {release}.")
        self._path = path
        self._release = release

    def __getattr__(self, name: str) -> object:
        if name == "__all__":
            # What `from … import *` takes: the values are not made yet.
            return list(catalog.load().members(self._path, self._release))
        if name.startswith("__") and name != "__version__":
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        value, keep = resolve(f"{self._path}.{name}", self._release)
        if keep:
            self.__dict__[name] = value
        else:
            setattr(type(self), name, _Moved(f"{self._path}.{name}", self._release, value))
        return value

    def __dir__(self) -> list[str]:
        return sorted({*self.__dict__, *catalog.load().members(self._path, self._release)})

    def __reduce__(self) -> tuple[object, ...]:
        # By its name it would be what is in place where it is unpickled.
        return view, (self._release, *([] if self._path == "tff" else [self._path]))

    def __repr__(self) -> str:
        return f"<view of {self._path!r} as of TFF {self._release}>"


class _Moved:
    """A moved symbol, as a descriptor on the class of a view: each place that uses it is told."""

    def __init__(self, path: str, release: Version, value: object):
        self._path = path
        self._release = release
        self._value = value

    def __get__(self, view: View, kind: type) -> object:
        if not deprecation.count_again(self._path):
            resolve(self._path, self._release)
        return self._value


class Refused:
    """Stands for a refused symbol: importing it is fine, using it raises `LegacyAPIError`."""

    def __init__(self, path: str, message: str):
        self._path = path
        self._message = message

    def _refuse(self) -> NoReturn:
        raise deprecation.LegacyAPIError(self._message)

    def __call__(self, *args: object, **kwargs: object) -> NoReturn:
        """Refuses: raises the `LegacyAPIError` of the symbol."""
        self._refuse()

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        self._refuse()

    def __mro_entries__(self, bases: tuple[object, ...]) -> NoReturn:
        self._refuse()

    def __instancecheck__(self, instance: object) -> NoReturn:
        self._refuse()

    def __subclasscheck__(self, subclass: type) -> NoReturn:
        self._refuse()

    def __repr__(self) -> str:
        return f"<refused: {self._message}>"


@functools.cache
def view(release: Version, path: str = "tff") -> View:
    """The view of `path`, by default the whole of ``tensorflow_federated``, as of `release`."""
    # A class of its own, for the descriptors of what is moved.
    made: View = type("View", (View,), {})(path, release)
    if path == "tff":
        real = installation.package()
        for name in ("__path__", "__file__", "__spec__", "__package__", "__loader__"):
            made.__dict__[name] = getattr(real, name)
        made.__dict__["__version__"] = str(release)
    return made


def resolve(path: str, release: Version) -> tuple[object, bool]:
    """What a program as of `release` finds at `path`, and whether a view may keep it.

    Raises:
      AttributeError: The release had no such symbol.
    """
    entry = registry.needed(path, release, installation.version())
    if isinstance(entry, registry.Adapter):
        if entry.is_silent and not _is_installed(path):
            deprecation.warn_legacy(
                path,
                last_release=entry.last_release,
                template=entry.replacement,
                note=entry.note,
                as_of=release,
            )
            return entry.bind(release), False
        return entry.bind(release), True
    if isinstance(entry, registry.Refusal):
        return Refused(path, _refusal(entry, release)), True
    if isinstance(entry, registry.Move):
        deprecation.warn_legacy(
            path, last_release=entry.last_release, template=entry.target, as_of=release
        )
        # Not kept, so that each place which uses the old path is told.
        return _with_refusals(modern.symbol(entry.target), path, release), False
    symbol = catalog.load().symbol(path)
    if symbol is None or not symbol.exists_in(release):
        internal = catalog.load().loaded_with(path, release)
        owner, _, name = path.rpartition(".")
        if internal is None and owner == catalog.INTERNAL:
            # The public package took all its names from there.
            return resolve(f"tff.{name}", release)
        if internal is None:
            imported = _imported_there(path)
            if imported is None:
                _no_such_symbol(path, release)
            return imported, True
        return internals.module(internal, release), True
    if path.startswith(f"{catalog.INTERNAL}."):
        return internals.resolve(symbol, release)
    if symbol.kind == "module":
        return view(release, path), True
    # An earlier installed release may have elsewhere what later ones have at this path.
    for find in (installation.symbol, modern.symbol):
        with contextlib.suppress(AttributeError):
            return _with_refusals(find(path), path, release), True
    message = (
        f"{path} was in TFF {symbol.first} to {symbol.last} and is not in the installed "
        f"{installation.version()}. This version of tff-compat does not translate it yet."
    )
    return Refused(path, message), True


def _is_installed(path: str) -> bool:
    symbol = catalog.load().symbol(path)
    return symbol is not None and symbol.exists_in(installation.version())


def _refusal(entry: registry.Refusal, release: Version) -> str:
    return f"{entry.path} as of TFF {release}: {entry.reason} Use instead: {entry.replacement}"


def _with_refusals(found: object, path: str, release: Version) -> object:
    """What a view offers for an installed object: for a class, with the members that it refuses."""
    return _class_with_refusals(found, path, release) if isinstance(found, type) else found


@functools.cache
def _class_with_refusals(found: Any, path: str, release: Version) -> object:
    installed = installation.version()
    entries = (
        (name, registry.needed(f"{path}.{name}", release, installed))
        for name in catalog.load().members(path, release)
    )
    refused = {
        name: _refusal(entry, release)
        for name, entry in entries
        if isinstance(entry, registry.Refusal)
    }
    return stand_ins.refusing(found, refused) if refused else found


def _imported_there(path: str) -> types.ModuleType | None:
    """What a module of TFF itself imports, such as `tff.structure.collections`.

    Programs that were written with the help of an editor reach modules so. Only a file has them,
    since packages import nothing but their own parts.
    """
    owner, _, name = path.rpartition(".")
    with contextlib.suppress(AttributeError, ImportError):
        module = installation.symbol(owner)
        found = getattr(module, name)
        if isinstance(module, types.ModuleType) and not hasattr(module, "__path__"):
            if isinstance(found, types.ModuleType) and not found.__name__.startswith(
                installation.OWN
            ):
                return found
    return None


def _full_name(path: str) -> str:
    return installation.ROOT + path[len("tff") :] if path.split(".")[0] == "tff" else path


def _no_such_symbol(path: str, release: Version) -> NoReturn:
    parent, _, name = path.rpartition(".")
    symbol = catalog.load().symbol(path)
    message = f"module {_full_name(parent)!r} has no attribute {name!r}"
    if symbol is not None:
        message += f" as of TFF {release} (it was there from {symbol.first} to {symbol.last})"
    raise AttributeError(message)
