"""Calls of computations that TFF itself made, such as those of aggregators, as of a release.

Once this is imported, and while a release is in place of the installed one, they take arguments as
that release took them. Computations that programs make know their release themselves; see
`structures.Computation`.
"""

from __future__ import annotations

import atexit
import functools
from typing import Any

from tff_compat import in_place, installation
from tff_compat.adapters.language import structures

_call = structures.Concrete.__call__


@functools.wraps(_call)
def _call_as_of_the_active_release(self: Any, *args: Any, **kwargs: Any) -> Any:
    release = in_place.release()
    # Not by `isinstance`: what views offer as `tff.framework.ConcreteComputation` takes TFF's too.
    knows_its_release = structures.Computation in type(self).__mro__
    if release not in (None, installation.version()) and not knows_its_release:
        parameter = self.type_signature.parameter
        if parameter is not None:
            args, kwargs = structures.arguments_as_installed(parameter, args, kwargs, release)
    return _call(self, *args, **kwargs)


structures.Concrete.__call__ = _call_as_of_the_active_release
# Else it keeps TFF's modules until they are emptied, and TFF complains of that.
atexit.register(setattr, structures.Concrete, "__call__", _call)
