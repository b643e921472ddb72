"""Starts a run inside the program's interpreter: cheap, and without importing TensorFlow.

The release is activated when TensorFlow or TensorFlow Federated is first imported. This module is
loaded before the program and outside the package, so that a program that imports neither pays for
nothing.
"""

from __future__ import annotations

import atexit
import os
import sys
from importlib.machinery import ModuleSpec, PathFinder

_ROOT = "tensorflow_federated"


class _PackageFinder:
    """Finds `tff_compat` where the runner is, and nothing else beside it."""

    def __init__(self, package: str):
        self._parent = [os.path.dirname(package)]

    def find_spec(self, fullname, path=None, target=None) -> ModuleSpec | None:
        # A folder on sys.path would bring another interpreter's packages with it.
        return PathFinder.find_spec(fullname, self._parent) if fullname == "tff_compat" else None


class _ActivationFinder:
    """Activates the release of the run at the first import of TensorFlow or TensorFlow Federated.

    TensorFlow counts because programs import it first and use what it had then at once.
    """

    def __init__(self, release: str):
        self._release = release
        self._activated = False
        self.asked = False

    def find_spec(self, fullname, path=None, target=None) -> ModuleSpec | None:
        if fullname not in ("tensorflow", _ROOT):
            return None
        self.asked = self.asked or fullname == _ROOT
        if self._activated:
            return None
        self.activate()
        # The finders of the activation stand before this one now, which is being asked.
        for finder in list(sys.meta_path):
            spec = None if finder is self else finder.find_spec(fullname, path, target)
            if spec is not None:
                return spec
        return None

    def activate(self) -> None:
        from tff_compat import activation, deprecation, eras

        self._activated = True
        # A pool ends its workers without letting them finish.
        deprecation.observers.append(write_report)
        # A program that activates a release itself keeps what it chose.
        if activation.active() is None:
            activation.activate(eras.parse([self._release]))


class _MissingNames:
    """Gives a program the names that Python and NumPy took away, before it imports TensorFlow.

    Nothing is done until a name is looked for in vain in one of the modules that had such.
    """

    modules = ("base64", "collections", "fractions", "inspect", "numpy", "time")

    def __init__(self, release: str):
        self._release = release
        self._hooked: dict = {}
        for name in self.modules:
            if name in sys.modules:
                self.hook(sys.modules[name])

    def hook(self, module) -> None:
        """Has the module ask here for what it lacks."""
        self._hooked[module] = module.__dict__.get("__getattr__")

        def find(name):
            return self._find(module, name)

        module.__getattr__ = find

    def _find(self, module, name: str):
        self._release_modules()
        from packaging.version import Version
        from tff_compat import python_names

        python_names.apply(Version(self._release))
        return getattr(module, name)

    def _release_modules(self) -> None:
        for module, original in self._hooked.items():
            if original is None:
                del module.__getattr__
            else:
                module.__getattr__ = original
        self._hooked = {}
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(self, fullname, path=None, target=None) -> ModuleSpec | None:
        if fullname not in self.modules:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _HookedLoader(spec.loader, self)  # type: ignore[assignment]
        return spec


class _HookedLoader:
    """Does what another loader does, and then has the module ask for the names that it lacks."""

    def __init__(self, loader, missing: _MissingNames):
        self._loader = loader
        self._missing = missing

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module) -> None:
        module.__loader__ = module.__spec__.loader = self._loader
        try:
            self._loader.exec_module(module)
        except BaseException as error:
            from tff_compat import own_frames

            own_frames.hide(error)
            raise
        if self._missing in sys.meta_path:
            self._missing.hook(module)


_finder: _ActivationFinder | None = None
_process = os.getpid()


def start() -> None:
    """Makes `tff_compat` importable, and registers the activation and the report of this run."""
    global _finder
    release = os.environ["TFF_COMPAT_AS_OF"]
    # The interpreter would call these invalid: it reads its own before packages can be imported.
    sys.warnoptions.extend(filter(None, os.environ.get("TFF_COMPAT_WARNINGS", "").split(",")))
    _finder = _ActivationFinder(release)
    sys.meta_path[:0] = [_PackageFinder(os.environ["TFF_COMPAT_PACKAGE"]), _finder]
    if "=" in release:
        # Which module imports decides here, and finders do not know it.
        _finder.activate()
    else:
        sys.meta_path.insert(2, _MissingNames(release))
    if os.environ.get("TFF_COMPAT_TRACE"):
        from packaging.version import Version
        from tff_compat.tracing import importing, recorder

        recorder.start(Version(release))
        importing.install()
    atexit.register(write_report)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_begin_again)


def _begin_again() -> None:
    """In a fork: what its parent has called is not its own, and it reports under its own id."""
    global _process
    _process = os.getpid()
    deprecation = sys.modules.get("tff_compat.deprecation")
    if deprecation is not None:
        for call in deprecation.calls():
            call.count = 0
    util = sys.modules.get("multiprocessing.util")
    if util is not None:
        # Its processes end without what atexit knows. They forget what was registered before the
        # fork, and then do what is registered here.
        util.register_after_fork(
            _finder, lambda _: util.Finalize(None, write_report, exitpriority=0)
        )


def write_report() -> None:
    """Writes what is to be told of this process into the folder of the run, under its id."""
    folder = os.environ["TFF_COMPAT_REPORTS"]
    if os.getpid() != _process or _finder is None or not os.path.isdir(folder):
        return
    missing = getattr(sys, "last_value", None)
    if isinstance(missing, ModuleNotFoundError) and missing.name:
        with open(os.path.join(folder, f"missing-{_process}"), "w") as file:
            file.write(missing.name)
    if not _finder.asked:
        return
    if _ROOT not in sys.modules:
        with open(os.path.join(folder, f"failed-{_process}"), "w"):
            return
    from tff_compat import activation, deprecation
    from tff_compat.tracing import recorder

    recorder.write(os.path.join(folder, f"trace-{_process}.json"))
    # Python and IPython keep here the error that they showed.
    error = getattr(sys, "last_value", None)
    if error is not None:
        from tff_compat.running import failures

        failures.write(os.path.join(folder, f"error-{_process}.json"), error)
    deprecation.write_report(
        os.path.join(folder, f"calls-{_process}.json"),
        as_of=str(activation.active() or os.environ["TFF_COMPAT_AS_OF"]),
        installed=str(activation.installed()),
    )
