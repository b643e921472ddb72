"""Abstract classes that programs derive from, of which each view offers one of its own.

The class that a view offers has `as_of` in itself; a program's class inherits it.
"""

from __future__ import annotations

from typing import Any

from tff_compat.adapters.registry import AsOf
from tff_compat.adapters.stand_ins import AS_OF, is_offered


class Derived:
    """A class that programs derive from; they are warned at the class statement."""

    as_of: AsOf

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if is_offered(cls):
            return
        for base in cls.__bases__:
            if is_offered(base):
                base.__dict__[AS_OF].warn()
                return
