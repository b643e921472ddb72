"""What Python and NumPy themselves offered programs of a release, where the installed ones do not.

While a release is in place, its programs find again:

* in `collections`, the abstract classes of `collections.abc`, which Python took away in 3.10;
* in other modules of Python, single functions that it took away from 3.8 on;
* in NumPy, the aliases of Python's own types, such as `np.bool`, which it took away in 1.24, and
  `np.asscalar`.
"""

from __future__ import annotations

import base64
import collections
import collections.abc
import fractions
import importlib.util
import inspect
import math
import sys
import threading
import time
from typing import Any

from packaging.requirements import Requirement
from packaging.version import Version

from tff_compat.recipes import Recipe, recipe
from tff_compat.replaced_names import ReplacedNames

ArgSpec = collections.namedtuple("ArgSpec", "args varargs keywords defaults")


def _getargspec(func: Any) -> ArgSpec:
    """The names and defaults of a function's parameters, as `inspect` gave them until 3.10."""
    found = inspect.getfullargspec(func)
    if found.kwonlyargs or found.annotations:
        raise ValueError(
            "Function has keyword-only parameters or annotations, use inspect.signature() API which"
            " can support them"
        )
    return ArgSpec(*found[:4])


def _as_scalar(a: Any) -> Any:
    """The only element of an array, as a number of Python."""
    return a.item()


_FIRST_PYTHON_WITHOUT = Version("3.10")

_OF_PYTHON: tuple[tuple[Any, str, Any, str], ...] = (
    (time, "clock", time.process_time, "3.8"),
    (threading.Thread, "isAlive", threading.Thread.is_alive, "3.9"),
    (base64, "decodestring", base64.decodebytes, "3.9"),
    (base64, "encodestring", base64.encodebytes, "3.9"),
    (fractions, "gcd", math.gcd, "3.9"),
    (inspect, "getargspec", _getargspec, "3.11"),
)
"""Where a name was, what it meant, and the first Python without it."""

_FIRST_NUMPY_WITHOUT = Version("1.24")
_FIRST_NUMPY_WITHOUT_AS_SCALAR = Version("1.23")

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
    for holder, name, value, first_without in _OF_PYTHON:
        if Version(recipe_then.python) < Version(first_without) <= _python():
            _replaced.set(holder, name, value)
    # An interpreter without NumPy has nothing to add to.
    if importlib.util.find_spec("numpy") is None:
        return
    import numpy as np

    then, now = _numpy(recipe_then), Version(np.__version__)
    if then < _FIRST_NUMPY_WITHOUT_AS_SCALAR <= now:
        _replaced.set(np, "asscalar", _as_scalar)
    if then < _FIRST_NUMPY_WITHOUT <= now:
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
