"""Activation: puts the view of a release in the place of ``tensorflow_federated``."""

from __future__ import annotations

import atexit
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
import types
import warnings
from collections.abc import Mapping, Sequence
from typing import Any, Callable

from packaging.version import Version

from tff_compat import catalog, deprecation, eras, in_place, installation, internals, own_frames
from tff_compat.eras import Eras, Release


def installed() -> Version:
    """The release of TensorFlow Federated that is installed in this interpreter.

    Raises:
      ModuleNotFoundError: None is installed.
    """
    return installation.version()


def as_of(release: Release) -> types.ModuleType:
    """The module ``tensorflow_federated`` as of a release; nothing global changes.

    Args:
      release: A release such as ``"0.9.0"``, or a part such as ``"0.9"`` for the newest match.

    Raises:
      UnknownReleaseError: No release matches; the message lists the near ones.
      ReleaseNotReachedError: The installed TFF is of an earlier release.
      ModuleNotFoundError: TensorFlow Federated is not installed.
    """
    wanted = eras.release(release)
    _check_reached(wanted)
    deprecation.show_warnings()
    shown = _presented(wanted)
    if wanted not in _given:
        _given.append(wanted)
    return shown


_given: list[Version] = []
"""The releases whose modules programs still hold, whatever is in place."""


class ReleaseNotReachedError(ValueError):
    """A release was asked for that is later than the installed one."""


def _check_reached(wanted: Version, place: str = "") -> None:
    """Raises an error where the installed release is an earlier one."""
    if wanted > installed():
        raise ReleaseNotReachedError(
            f"{place}TFF {installed()} is installed, which cannot do what came later in {wanted}. "
            f"Install {wanted} or later, or ask for a release up to {installed()}."
        )
    newest = catalog.load().releases[-1]
    if installed() > newest:
        warnings.warn(
            f"TFF {installed()} is installed, which this version of tff-compat does not know: it "
            f"knows the releases up to {newest}. It is tried; what changed since may fail.",
            stacklevel=3,
        )


def _presented(release: Version) -> types.ModuleType:
    """What stands for `tensorflow_federated` as of a release, and what its programs need."""
    shown = internals.root(release)
    if release != installed():
        _prepare(release)
    return shown


def _prepare(release: Version) -> None:
    """Changes in TFF and beside it what programs as of a release need, until `_restore`."""
    from tff_compat.modern import (
        attrs_classes,
        client_order,
        keras_classes,
        python_functions,
        workers,
    )

    attrs_classes.mark(release)
    client_order.keep()
    keras_classes.keep()
    python_functions.keep()
    workers.prepare()


def _restore() -> None:
    """Undoes what `_prepare` did."""
    for name in ("attrs_classes", "keras_classes", "python_functions", "substitutes", "workers"):
        module = sys.modules.get(f"tff_compat.modern.{name}")
        if module is not None:
            module.restore()


class Activation:
    """Releases in place of the installed one; as a context manager, until the block ends.

    Then the releases that were in place before are so again.
    """

    def __init__(self, wanted: Eras):
        self.eras = wanted

    def __enter__(self) -> Activation:
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self in _activations:
            _activations.remove(self)
            _place(active())

    def __repr__(self) -> str:
        return f"<tensorflow_federated as of {self.eras}>"


class _ViewFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Answers the program's first ``import tensorflow_federated`` with the view."""

    def __init__(self, wanted: Eras):
        self._eras = wanted

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: types.ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != installation.ROOT:
            return None
        return importlib.machinery.ModuleSpec(fullname, self)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType | None:
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        # The real package imports itself by its own name, so it must be whole before the view
        # takes its place.
        sys.meta_path.remove(self)
        del sys.modules[installation.ROOT]
        try:
            _put_in_place(self._eras)
        except BaseException as error:
            sys.meta_path.insert(0, self)
            own_frames.hide(error)
            raise


class _NamesFinder(importlib.abc.MetaPathFinder):
    """Gives another package the names of the release once the program has imported it.

    Programs import TensorFlow before TFF, and use names that are gone right after that.
    """

    def __init__(self, package: str, apply: Callable[[Version], None], release: Version):
        self._package = package
        self._apply = apply
        self._release = release

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: types.ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self._package:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            spec.loader = _AfterImport(spec.loader, lambda: self._apply(self._release))
        return spec


class _AfterImport(importlib.abc.Loader):
    """Does what another loader does, and then applies the names of a release."""

    def __init__(self, loader: Any, apply: Callable[[], None]):
        self._loader = loader
        self._apply = apply

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType | None:
        return self._loader.create_module(spec)  # type: ignore[no-any-return]

    def exec_module(self, module: types.ModuleType) -> None:
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        try:
            self._loader.exec_module(module)
        except BaseException as error:
            own_frames.hide(error)
            raise
        self._apply()


def _apply_names(release: Version) -> None:
    from tff_compat import tensorflow_names
    from tff_compat.recipes import recipe

    tensorflow_names.apply(Version(recipe(release).tensorflow))


def _apply_privacy_names(release: Version) -> None:
    from tff_compat import privacy_names

    privacy_names.apply(release)


_imports: list[internals.Imports] = []


def _put_in_place(wanted: Eras) -> None:
    real = installation.package()
    shown = {release: _presented(release) for release in wanted.releases}
    sys.modules[installation.ROOT] = real if wanted.rest is None else shown[wanted.rest]


_activations: list[Activation] = []
"""The activations that have not ended; the last one is in place."""


def activate(release: eras.Asked) -> Activation:
    """Makes ``import tensorflow_federated`` give the release asked for, in this process.

    It does so in all threads, whichever calls it. Call it before the program's own import: names
    that a module has already bound stay as they are, and a warning lists them.

    Args:
      release: A release such as ``"0.9.0"``, or a part such as ``"0.9"`` for the newest match. A
        mapping gives modules their own: ``{"old_lib": "0.9", "*": "0.52"}`` gives `old_lib` and all
        modules in it 0.9.0, and 0.52.0 to the other ones. Of several names that a module is in the
        longest counts. Without ``"*"`` the others get the installed TFF as it is.

    Returns:
      A context manager whose end puts back what was in place before.

    Raises:
      TypeError: A release is no string, such as the number 0.9, or a name is none.
      ValueError: A mapping is empty, or a name in it cannot be that of a program's module.
      UnknownReleaseError: No release matches; the message lists the near ones.
      ReleaseNotReachedError: The installed TFF is of an earlier release.
      ModuleNotFoundError: TensorFlow Federated is not installed.
    """
    wanted = eras.read(release)
    for name, each in wanted.packages.items():
        _check_reached(each, f"{name!r}: ")
    if wanted.rest is not None:
        _check_reached(wanted.rest)
    bound = _bound_names(wanted)
    if bound:
        given = dict(release) if isinstance(release, Mapping) else str(release)
        warnings.warn(
            f"tensorflow_federated was imported before activate({given!r}), which does not "
            f"reach {', '.join(bound)}: these stay as TFF {installed()} has them. Activate a "
            "release before anything imports tensorflow_federated.",
            stacklevel=2,
        )
    made = Activation(wanted)
    _activations.append(made)
    try:
        _place(wanted)
    except BaseException:
        made.__exit__()
        raise
    return made


_MOST_NAMES = 5


def _bound_names(wanted: Eras) -> list[str]:
    """Some names in modules that are bound to the installed package, and should not be."""
    if installation.ROOT not in sys.modules:
        return []
    own = (installation.ROOT, "tff_compat")
    # A module may have several names, of which the first one is its own.
    modules: dict[int, tuple[str, types.ModuleType]] = {}
    for name, module in list(sys.modules.items()):
        modules.setdefault(id(module), (name, module))
    found = [
        f"`{name}` of {home}"
        for home, names in modules.values()
        if home.partition(".")[0] not in own
        and wanted.of(getattr(names, "__dict__", {})) not in (None, installed())
        for name, value in list(getattr(names, "__dict__", {}).items())
        if _is_installed(value)
    ]
    rest = len(found) - _MOST_NAMES
    return found if rest <= 0 else [*found[:_MOST_NAMES], f"{rest} more"]


def _is_installed(value: object) -> bool:
    """Whether a value is a module, class or function of the installed package."""
    # Not `isinstance`, which would load a lazy module.
    kind = type(value)
    if kind is types.ModuleType:
        home = value.__dict__.get("__name__")
    elif kind is types.FunctionType or issubclass(kind, type):
        home = value.__dict__.get("__module__") or getattr(value, "__module__", None)
    else:
        return False
    return isinstance(home, str) and home.partition(".")[0] == installation.ROOT


def _place(wanted: Eras | None) -> None:
    """Puts releases in place of the installed one, or that back, whatever was there before."""
    _clear()
    for each in _given:
        if each != installed():
            _prepare(each)
    if wanted is None:
        return
    deprecation.show_warnings()
    adapted = wanted.releases - {installed()}
    if wanted.rest is not None:
        _apply_everywhere(wanted.rest)
    if installation.ROOT in sys.modules:
        _put_in_place(wanted)
    elif adapted:
        sys.meta_path.insert(0, _ViewFinder(wanted))
    if adapted:
        from tff_compat import python_names

        # Names are only added, so that they get in nobody's way.
        python_names.apply(min(adapted))
        _imports.append(internals.Imports(wanted))
        _imports[0].install()


def _apply_everywhere(release: Version) -> None:
    """Puts in place what is the same for all modules: the names of TensorFlow itself."""
    in_place.put(release)
    if release == installed():
        return
    for package, apply in (
        ("tensorflow", _apply_names),
        ("tensorflow_privacy", _apply_privacy_names),
    ):
        if package in sys.modules:
            apply(release)
        else:
            sys.meta_path.insert(0, _NamesFinder(package, apply, release))


def active() -> Eras | None:
    """What is now in place of the installed TFF; None where nothing is."""
    return _activations[-1].eras if _activations else None


def deactivate() -> None:
    """Puts the installed TensorFlow Federated back in its place, and all that `activate` changed.

    However many activations there are, and harmless when there is none. What programs have got
    from a view stays of its release, modules of `as_of` too: calls of TFF's computations go on to
    look whether they are made of such, and what these modules need stays changed.
    """
    _activations.clear()
    _place(None)


def _clear() -> None:
    in_place.clear()
    while _imports:
        _imports.pop().remove()
    ours = (_ViewFinder, _NamesFinder)
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, ours)]
    for name in ("python_names", "tensorflow_names", "privacy_names"):
        names = sys.modules.get(f"tff_compat.{name}")
        if names is not None:
            names.restore()
    _restore()
    if installation.ROOT in sys.modules and "tff_compat.views" in sys.modules:
        from tff_compat import views

        if isinstance(sys.modules[installation.ROOT], views.View):
            sys.modules[installation.ROOT] = installation.package()


# Else the hook on imports keeps TFF's modules until they are emptied, and TFF complains of that.
atexit.register(_clear)
