"""Classes that stand for TFF's own: which objects are theirs, and by what name and module they go.

There are three ways, since programs do three things with such a class:

* they use it, and TFF's own objects are to pass for its own: `StandIn`, a subclass of TFF's class;
* they call it alone, and TFF's own objects are all that there is: `Maker`, which makes them;
* they derive from it: `StandsFor`. It is a base and no metaclass, as programs' classes would have
  that too, and their other bases may have one.

The tests look at the order of bases alone: those of an abstract class ask its subclasses, and these
are subclasses of the classes that they would ask. Classes that stand for Keras's optimizers and for
queries of tensorflow_privacy are made in `tensorflow_names` and `privacy_names`, which know no
adapters.
"""

from __future__ import annotations

import abc
from collections.abc import Mapping
from typing import Any, NoReturn

from tff_compat import deprecation

AS_OF = "as_of"
"""The keyword-only parameter, or the attribute of a class, which tells an adapter its release."""


def is_offered(cls: type) -> bool:
    """Whether a view offers the class itself, and no program derived it."""
    return AS_OF in cls.__dict__


# --- Which objects are theirs ---------------------------------------------------------------------


class _Standing(abc.ABCMeta):
    """A class that says by its attribute `real` which class of TFF it stands for."""

    real: type

    def _stands_for(cls, kind: type) -> bool:
        # Of two that make TFF's objects, neither is a base of the other.
        stood_for = kind.real if isinstance(kind, Maker) else kind
        return cls.real in stood_for.__mro__


class StandIn(_Standing):
    """The class of adapters that are subclasses of the class of the installed TFF.

    Objects of the installed class pass for theirs, and not for those of subclasses that programs
    make: these have neither `real` nor, as what a view makes of an adapter has, `as_of`.
    """

    @property
    def makes(cls) -> type:
        """The class whose members programs find: that of the objects that they make."""
        return cls

    def _stands_for(cls, kind: type) -> bool:
        return ("real" in vars(cls) or is_offered(cls)) and super()._stands_for(kind)

    def __instancecheck__(cls, instance: Any) -> bool:
        return cls._stands_for(type(instance)) or super().__instancecheck__(instance)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return cls._stands_for(subclass) or super().__subclasscheck__(subclass)


class Maker(_Standing):
    """The class of adapters that make objects of the installed TFF's class, and have none."""

    @property
    def makes(cls) -> type:
        """As of `StandIn`."""
        return cls.real

    def __instancecheck__(cls, instance: Any) -> bool:
        return cls.__subclasscheck__(type(instance))

    def __subclasscheck__(cls, subclass: type) -> bool:
        return cls._stands_for(subclass) or type.__subclasscheck__(cls, subclass)


class StandsFor:
    """A class that a view offers for others, whose instances are its own as well.

    So are those of what other views offer in its place.

    Attributes:
      stands_for: The other classes.
    """

    stands_for: tuple[type, ...] = ()

    @classmethod
    def __subclasshook__(cls, other: type) -> Any:
        # Not of a program's subclass, which inherits this.
        if not is_offered(cls):
            return NotImplemented
        kinds = (cls.__bases__[0], *cls.stands_for)
        return True if any(each in other.__mro__ for each in kinds) else NotImplemented


# --- By what name and module they go --------------------------------------------------------------


def derived(
    real: Any,
    body: Mapping[str, Any],
    *,
    name: str | None = None,
    bases: tuple[type, ...] = (),
    kind: Any = None,
) -> Any:
    """A subclass made while a program runs, which goes by the name and module of its class.

    Args:
      real: The class.
      body: Its own members.
      name: Another name.
      bases: Its bases, if they are others than `real`.
      kind: Its metaclass, if it is another than that of `real`.
    """
    made = {"__module__": real.__module__, **body}
    return (kind or type(real))(name or real.__name__, bases or (real,), made)


def named(name: str, *classes: type, found_by_pickle: bool = False) -> None:
    """Gives classes the name by which programs know them.

    Ours has in it of which releases it is.

    Args:
      name: The name.
      *classes: The classes.
      found_by_pickle: Whether there are pickles of their objects. These hold the qualified name,
        which stays the one that the module knows.
    """
    for each in classes:
        each.__name__ = name
        if not found_by_pickle:
            each.__qualname__ = name


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
        "__qualname__": real.__qualname__,
    }
    # Of whatever metaclass TFF's class has.
    kind = type("Refusing", (StandIn, type(real)), {})
    made: type = derived(real, body, kind=kind)
    return made
