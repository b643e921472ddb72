"""Calls of computations that TFF itself made, such as those of aggregators, as of a release.

Once this is imported, they take arguments as the release did whose types they are made of: those
that a view offers know it. Where they are made of TFF's own types, it is the release in place of
the installed one, if any. Computations that programs make know their release themselves; see
`structures.Computation`.
"""

from __future__ import annotations

import atexit
import functools
from typing import Any

from tff_compat import in_place, installation
from tff_compat.adapters.framework import runtimes
from tff_compat.adapters.language import dated_types, structures

_call = structures.Concrete.__call__


@functools.wraps(_call)
def _call_as_of_its_release(self: Any, *args: Any, **kwargs: Any) -> Any:
    # Not by `isinstance`: what views offer as `tff.framework.ConcreteComputation` takes TFF's too.
    if structures.Computation in type(self).__mro__:
        return _call(self, *args, **kwargs)
    release = _release_of(self)
    if release in (None, installation.version()):
        return _call(self, *args, **kwargs)
    if not runtimes.has_context(release):
        return runtimes.in_any_thread(self, *args, **kwargs)
    parameter = self.type_signature.parameter
    if parameter is not None:
        args, kwargs = structures.arguments_as_installed(parameter, args, kwargs, release)
    return _call(self, *args, **kwargs)


def _release_of(computation: Any) -> Any:
    names = computation.__dict__
    if _RELEASE not in names:
        names[_RELEASE] = dated_types.release_of(computation.type_signature)
    return names[_RELEASE] or in_place.release()


_RELEASE = "_tff_compat_release"
"""The attribute in which a computation keeps the release of its types."""


structures.Concrete.__call__ = _call_as_of_its_release
# Else it keeps TFF's modules until they are emptied, and TFF complains of that.
atexit.register(setattr, structures.Concrete, "__call__", _call)
