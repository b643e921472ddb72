"""Activation: puts the view of a release in the place of ``tensorflow_federated``."""

from __future__ import annotations

import atexit
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
import types
from collections.abc import Sequence
from typing import Any

from packaging.version import Version

from tff_compat import catalog, deprecation, in_place, installation, internals


def installed() -> Version:
    """The release of TensorFlow Federated that is installed in this interpreter.

    Raises:
      ModuleNotFoundError: None is installed.
    """
    return installation.version()


def as_of(release: str | Version) -> types.ModuleType:
    """The module ``tensorflow_federated`` as of a release; nothing global changes.

    Args:
      release: A release such as ``"0.9.0"``, or a part such as ``"0.9"`` for the newest match.

    Raises:
      UnknownReleaseError: No release matches; the message lists the near ones.
      ReleaseNotReachedError: The installed TFF is of an earlier release.
      ModuleNotFoundError: TensorFlow Federated is not installed.
    """
    wanted = _wanted(release)
    deprecation.show_warnings()
    return _presented(wanted)


class ReleaseNotReachedError(ValueError):
    """A release was asked for that is later than the installed one."""


def _wanted(release: str | Version) -> Version:
    """The release that is meant, which the installed one must have reached."""
    wanted = catalog.load().resolve(release)
    if wanted > installed():
        raise ReleaseNotReachedError(
            f"TFF {installed()} is installed, which cannot do what came later in {wanted}. Install "
            f"{wanted} or later, or ask for a release up to {installed()}."
        )
    return wanted


def _presented(release: Version) -> types.ModuleType:
    """What stands for `tensorflow_federated` as of a release: the real one for its own."""
    if release == installed():
        real: types.ModuleType = installation.package()
        return real
    from tff_compat import views
    from tff_compat.modern import client_order, keras_classes, python_functions, workers

    shown = views.view(release)
    client_order.keep()
    keras_classes.keep()
    python_functions.keep()
    workers.prepare()
    return shown


class Activation:
    """A release in place of the installed one; as a context manager, until the block ends."""

    def __init__(self, release: Version):
        self.release = release

    def __enter__(self) -> Activation:
        return self

    def __exit__(self, *exc_info: object) -> None:
        deactivate()

    def __repr__(self) -> str:
        return f"<tensorflow_federated as of {self.release}>"


class _ViewFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Answers the program's first ``import tensorflow_federated`` with the view."""

    def __init__(self, release: Version):
        self.release = release

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
            _put_in_place(self.release)
        except BaseException:
            sys.meta_path.insert(0, self)
            raise


class _TensorFlowFinder(importlib.abc.MetaPathFinder):
    """Gives TensorFlow the names of the release once the program has imported it.

    Programs import TensorFlow before TFF and use names that are gone at once.
    """

    def __init__(self, release: Version):
        self.release = release

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: types.ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != "tensorflow":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            spec.loader = _AfterImport(spec.loader, self.release)
        return spec


class _AfterImport(importlib.abc.Loader):
    """Does what another loader does, and then applies the names of a release."""

    def __init__(self, loader: Any, release: Version):
        self._loader = loader
        self._release = release

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType | None:
        return self._loader.create_module(spec)  # type: ignore[no-any-return]

    def exec_module(self, module: types.ModuleType) -> None:
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        _apply_names(self._release)


def _apply_names(release: Version) -> None:
    if release == installed():
        return
    from tff_compat import tensorflow_names
    from tff_compat.recipes import recipe

    tensorflow_names.apply(Version(recipe(release).tensorflow))


_imports: list[internals.Imports] = []


def _put_in_place(release: Version) -> None:
    installation.package()
    sys.modules[installation.ROOT] = _presented(release)


def activate(release: str | Version) -> Activation:
    """Makes ``import tensorflow_federated`` give the release asked for, in this process.

    Call it before the program's own import: names that a module has already bound stay as they are.

    Args:
      release: A release such as ``"0.9.0"``, or a part such as ``"0.9"`` for the newest match.

    Returns:
      A context manager whose end calls `deactivate`.

    Raises:
      UnknownReleaseError: No release matches; the message lists the near ones.
      ReleaseNotReachedError: The installed TFF is of an earlier release.
      ModuleNotFoundError: TensorFlow Federated is not installed.
    """
    wanted = _wanted(release)
    deactivate()
    deprecation.show_warnings()
    in_place.put(wanted)
    if "tensorflow" in sys.modules:
        _apply_names(wanted)
    else:
        sys.meta_path.insert(0, _TensorFlowFinder(wanted))
    if installation.ROOT in sys.modules:
        _put_in_place(wanted)
    else:
        sys.meta_path.insert(0, _ViewFinder(wanted))
    if wanted != installed():
        from tff_compat import python_names

        python_names.apply(wanted)
        _imports.append(internals.Imports(wanted))
        _imports[0].install()
    return Activation(wanted)


def active() -> Version | None:
    """The release now in place of the installed one; None where none is."""
    return in_place.release()


def deactivate() -> None:
    """Puts the installed TensorFlow Federated back in its place.

    Harmless when nothing is active.
    """
    in_place.clear()
    while _imports:
        _imports.pop().remove()
    ours = (_ViewFinder, _TensorFlowFinder)
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, ours)]
    for name in ("python_names", "tensorflow_names"):
        names = sys.modules.get(f"tff_compat.{name}")
        if names is not None:
            names.restore()
    if installation.ROOT in sys.modules and "tff_compat.views" in sys.modules:
        from tff_compat import views

        if isinstance(sys.modules[installation.ROOT], views.View):
            sys.modules[installation.ROOT] = installation.package()


# Else the hook on imports keeps TFF's modules until they are emptied, and TFF complains of that.
atexit.register(deactivate)
