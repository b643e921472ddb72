"""Classes that stand for TFF's own, with the members and constructors of earlier releases."""

from __future__ import annotations

import abc
from collections.abc import Mapping
from typing import Any, NoReturn

from tff_compat import deprecation
from tff_compat.adapters.subclassing import is_offered


class _StandsFor(type):
    """Decides whether objects of TFF's own class pass for those of a class that stands for it.

    The tests look at the order of bases alone: those of an abstract class ask its subclasses, and
    these are subclasses of the classes that they would ask.
    """

    real: type

    def _stands_for(cls, kind: type) -> bool:
        # Neither is inherited by the subclasses that programs make.
        return ("real" in vars(cls) or is_offered(cls)) and cls.real in kind.__mro__

    def __instancecheck__(cls, instance: Any) -> bool:
        return cls._stands_for(type(instance)) or super().__instancecheck__(instance)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return cls._stands_for(subclass) or super().__subclasscheck__(subclass)


class StandIn(_StandsFor, abc.ABCMeta):
    """The class of adapters that are subclasses of the class of the installed TFF.

    Objects of the installed class pass for theirs. An adapter says what it stands for by its
    attribute `real`; what a view makes of it, by having `as_of`.
    """

    @property
    def makes(cls) -> type:
        """The class whose members programs find: that of the objects that they make."""
        return cls


class _RefusedMember:
    """A member that raises `LegacyAPIError` where it is used."""

    def __init__(self, message: str):
        self._message = message

    def __get__(self, instance: object, owner: type) -> NoReturn:
        raise deprecation.LegacyAPIError(self._message)


def refusing(real: type, refused: Mapping[str, str]) -> type:
    """A subclass whose refused members say so; what TFF itself makes lacks them as before.

    Args:
      real: A class of the installed TFF.
      refused: The messages by name of member.
    """
    body = {
        **{name: _RefusedMember(message) for name, message in refused.items()},
        "real": real,
        "__doc__": real.__doc__,
        "__module__": real.__module__,
        "__qualname__": real.__qualname__,
    }
    kind: Any = type("Refusing", (_StandsFor, type(real)), {})
    made: type = kind(real.__name__, (real,), body)
    return made
