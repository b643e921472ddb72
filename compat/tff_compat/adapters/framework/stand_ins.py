"""Classes that stand for TFF's own, with the members and constructors of earlier releases."""

from __future__ import annotations

import abc
from typing import Any


class StandIn(abc.ABCMeta):
    """The class of classes that views offer for those of the installed TFF, their base.

    Objects of TFF's own class pass for theirs. A class says what it stands for by its attribute
    `real`; what a view makes of it, by having `as_of`.

    The tests look at the order of bases alone: those of an abstract class ask its subclasses, and
    these are subclasses of the classes that they would ask.
    """

    real: type

    @property
    def makes(cls) -> type:
        """The class whose members programs find: that of the objects that they make."""
        return cls

    def _stands_for(cls, kind: type) -> bool:
        # Neither is inherited by the subclasses that programs make.
        return ("real" in vars(cls) or "as_of" in vars(cls)) and cls.real in kind.__mro__

    def __instancecheck__(cls, instance: Any) -> bool:
        return cls._stands_for(type(instance)) or super().__instancecheck__(instance)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return cls._stands_for(subclass) or super().__subclasscheck__(subclass)
