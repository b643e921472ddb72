"""What Python and NumPy themselves offered programs of a release, where the installed ones do not.

While a release is in place, its programs find again:

* in `collections`, the abstract classes of `collections.abc`, which Python took away in 3.10;
* in NumPy, the aliases of Python's own types, such as `np.bool`, which it took away in 1.24.
"""

from __future__ import annotations

import collections.abc
import importlib.util
import sys

from packaging.requirements import Requirement
from packaging.version import Version

from tff_compat.recipes import Recipe, recipe
from tff_compat.replaced_names import ReplacedNames

_FIRST_PYTHON_WITHOUT = Version("3.10")
_FIRST_NUMPY_WITHOUT = Version("1.24")

_NUMPY_ALIASES = {
    "bool": bool,
    "int": int,
    "float": float,
    "complex": complex,
    "object": object,
    "str": str,
    "long": int,
    "unicode": str,
}

_replaced = ReplacedNames()


def apply(release: Version) -> None:
    """Adds the names that programs of a release had and that are gone."""
    restore()
    recipe_then = recipe(release)
    if Version(recipe_then.python) < _FIRST_PYTHON_WITHOUT <= _python():
        for name in collections.abc.__all__:
            if not hasattr(collections, name):
                _replaced.set(collections, name, getattr(collections.abc, name))
    # An interpreter without NumPy has nothing to add to.
    if importlib.util.find_spec("numpy") is None:
        return
    import numpy as np

    if _numpy(recipe_then) < _FIRST_NUMPY_WITHOUT <= Version(np.__version__):
        for name, builtin in _NUMPY_ALIASES.items():
            _replaced.set(np, name, builtin)


def restore() -> None:
    """Takes the names away again. Harmless when nothing is applied."""
    _replaced.restore()


def _python() -> Version:
    return Version(".".join(map(str, sys.version_info[:2])))


def _numpy(recipe_then: Recipe) -> Version:
    """The NumPy that the environment of a release has."""
    pins = map(Requirement, recipe_then.pins)
    return next(Version(next(iter(pin.specifier)).version) for pin in pins if pin.name == "numpy")
