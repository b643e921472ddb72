"""Classes that stand for others: whose instances are theirs, and by which names they go."""

from __future__ import annotations

import abc
import pickle
import sys

import pytest
from tff_compat import deprecation
from tff_compat.adapters.stand_ins import (
    Maker,
    StandIn,
    StandsFor,
    derived,
    is_offered,
    named,
    refusing,
)


class Base(abc.ABC):  # noqa: B024
    """Stands for an abstract class of TFF."""


class Real(Base):
    """Stands for a class of TFF."""


class Other(Base):
    """Another one."""


class AsBefore(Real, metaclass=StandIn):
    """An adapter that is a subclass of its class."""

    real = Real


class Made(metaclass=Maker):
    """An adapter that makes objects of its class."""

    real = Real

    def __new__(cls):
        return Real()


class MadeBase(metaclass=Maker):
    """An adapter of the base of the same classes."""

    real = Base


class Interface(StandsFor, Base):
    """An adapter that programs derive from."""

    stands_for = (Real,)


def offered(adapter: type) -> type:
    """What a view makes of an adapter."""
    made: type = derived(adapter, {"as_of": None}, name="Real")
    return made


@pytest.mark.parametrize("adapter", [AsBefore, Made])
def test_objects_of_tff_are_those_of_what_stands_for_their_class(adapter):
    view = offered(adapter)
    assert isinstance(Real(), view) and isinstance(view(), view)
    assert issubclass(Real, view)
    assert not isinstance(Other(), view) and not isinstance(3, view)
    assert not issubclass(Other, view)
    assert isinstance(view(), Real)


def test_objects_of_tff_are_not_those_of_a_subclass_that_a_program_makes():
    class OfProgram(offered(AsBefore)):
        pass

    assert not is_offered(OfProgram)
    assert not isinstance(Real(), OfProgram) and not isinstance(AsBefore(), OfProgram)
    assert isinstance(OfProgram(), OfProgram) and isinstance(OfProgram(), offered(AsBefore))


def test_of_two_that_make_objects_one_is_a_subclass_as_of_those_that_they_stand_for():
    assert issubclass(offered(Made), offered(MadeBase))
    assert not issubclass(offered(MadeBase), offered(Made))
    assert (AsBefore.makes, Made.makes) == (AsBefore, Real)


def test_what_programs_derive_from_has_the_objects_of_others():
    view = offered(Interface)
    assert isinstance(Real(), view) and not isinstance(Other(), view)

    class OfProgram(view):
        pass

    assert isinstance(OfProgram(), view) and not isinstance(Real(), OfProgram)
    # The class of a program's class is that of TFF's.
    assert type(OfProgram) is abc.ABCMeta


def test_what_is_derived_goes_by_the_name_and_module_of_its_class():
    made = derived(Real, {"more": 1})
    assert (made.__name__, made.__module__, made.more) == ("Real", Real.__module__, 1)
    other = derived(Real, {}, name="Then", bases=(Other, Real), kind=StandIn)
    assert (other.__name__, other.__module__) == ("Then", Real.__module__)
    assert other.__bases__ == (Other, Real) and type(other) is StandIn


def test_names(monkeypatch):
    class Result_0_13:
        pass

    named("Result", Result_0_13)
    assert (Result_0_13.__name__, Result_0_13.__qualname__) == ("Result", "Result")
    kept = type("Parts", (), {"__module__": __name__})
    monkeypatch.setattr(sys.modules[__name__], "Parts", kept, raising=False)
    named("Tensor", kept, found_by_pickle=True)
    assert kept.__name__ == "Tensor"
    assert type(pickle.loads(pickle.dumps(kept()))) is kept


def test_refused_members_say_so():
    made = refusing(Real, {"unnamed": "There are no unnamed ones."})
    assert (made.__name__, made.__module__) == (Real.__name__, Real.__module__)
    assert (made.__qualname__, made.__doc__) == (Real.__qualname__, Real.__doc__)
    with pytest.raises(deprecation.LegacyAPIError, match="no unnamed ones"):
        _ = made.unnamed
    assert isinstance(Real(), made) and not isinstance(Other(), made)
