"""Abstract classes that programs derive from, of which each view offers one of its own.

The class that a view offers has `as_of` in itself; a program's class inherits it.
"""

from __future__ import annotations

from typing import Any

from tff_compat.adapters.registry import AS_OF, AsOf


def is_offered(cls: type) -> bool:
    """Whether a view offers the class itself, and no program derived it."""
    return AS_OF in cls.__dict__


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


class StandsFor:
    """A class that a view offers for others, whose instances are its own as well.

    So are those of what other views offer in its place.

    Attributes:
      stands_for: The other classes.
    """

    stands_for: tuple[type, ...] = ()

    @classmethod
    def __subclasshook__(cls, other: type) -> Any:
        # Not of a program's subclass, which inherits this. The MRO is asked and not `issubclass`,
        # which would come back here.
        if not is_offered(cls):
            return NotImplemented
        kinds = (cls.__bases__[0], *cls.stands_for)
        return True if any(each in other.__mro__ for each in kinds) else NotImplemented
