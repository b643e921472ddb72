"""Any nested value survives the way into and out of a federated computation, as of each era.

The containers that come out are those that `tests/programs/*/nested_values.py` recorded.
"""

from __future__ import annotations

import collections
from dataclasses import dataclass
from typing import Any

import attr
import numpy as np
import pytest
import tensorflow as tf
import tff_compat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packaging.version import Version
from tensorflow_federated import structure

pytestmark = [pytest.mark.tff, pytest.mark.filterwarnings("ignore")]

_FIRST_WITH_MIRRORED_CONTAINERS = Version("0.16")
_FIRST_WITH_DEFAULT_CONTAINERS = Version("0.20")

_NAMES = st.sampled_from(["a", "b", "weights", "x"])


@dataclass(frozen=True)
class Case:
    """A value, what describes its type, and what it is made of.

    Attributes:
      spec: A type specification.
      value: A value of that type.
      container: The Python container that the type carries; None for none.
      children: The values in it by name (or None); empty for a leaf.
    """

    spec: Any
    value: Any
    container: type | None = None
    children: tuple[tuple[str | None, Case], ...] = ()


def _numbers() -> st.SearchStrategy[Case]:
    return st.one_of(
        st.integers(-(2**31), 2**31 - 1).map(lambda n: Case(tf.int32, n)),
        st.floats(width=32, allow_nan=False, allow_infinity=False).map(
            lambda x: Case(tf.float32, x)
        ),
        st.booleans().map(lambda b: Case(tf.bool, b)),
        st.text(st.characters(codec="ascii", min_codepoint=32), max_size=5).map(
            lambda s: Case(tf.string, s)
        ),
        st.lists(st.integers(-9, 9), min_size=1, max_size=3).map(
            lambda xs: Case((tf.float32, [len(xs)]), np.array(xs, np.float32))
        ),
    )


def _unnamed(kind: type, cases: list[Case]) -> Case:
    children = tuple((None, each) for each in cases)
    specs, values = kind(c.spec for c in cases), kind(c.value for c in cases)
    return Case(specs, values, kind, children)


def _named(kind: str, fields: list[tuple[str, Case]]) -> Case:
    names = [name for name, _ in fields]
    specs, values = [c.spec for _, c in fields], [c.value for _, c in fields]
    if kind == "pairs":
        given = collections.OrderedDict(zip(names, values))
        return Case(list(zip(names, specs)), given, None, tuple(fields))
    if kind == "ordered":

        def make(parts: list[Any]) -> Any:
            return collections.OrderedDict(zip(names, parts))

    elif kind == "namedtuple":
        make = collections.namedtuple("Point", names)._make  # type: ignore[misc]
    else:
        batch = attr.make_class("Batch", names)

        def make(parts: list[Any]) -> Any:
            return batch(*parts)

    spec, value = make(specs), make(values)
    return Case(spec, value, type(spec), tuple(fields))


def _structures(inner: st.SearchStrategy[Case]) -> st.SearchStrategy[Case]:
    fields = st.lists(
        st.tuples(_NAMES, inner), min_size=1, max_size=3, unique_by=lambda field: field[0]
    )
    kinds = st.sampled_from(["ordered", "namedtuple", "attrs", "pairs"])
    elements = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        st.builds(_unnamed, st.sampled_from([list, tuple]), elements),
        st.builds(_named, kinds, fields),
    )


CASES = st.recursive(_numbers(), _structures, max_leaves=6)


def _check(found: Any, case: Case, release: Version) -> None:
    """Asserts that a result is a value, in the containers of a release."""
    if not case.children:
        expected = case.value
        if isinstance(expected, str):
            found = found.decode() if isinstance(found, bytes) else found
            assert found == expected
        else:
            np.testing.assert_array_equal(np.asarray(found), np.asarray(expected))
        return
    kind = type(found).__name__
    if release < _FIRST_WITH_MIRRORED_CONTAINERS:
        assert kind == "AnonymousTuple"
    elif case.container is not None:
        assert kind == case.container.__name__
    elif release < _FIRST_WITH_DEFAULT_CONTAINERS:
        assert kind == "Struct"
    else:
        assert kind == "OrderedDict"
    parts = _parts(found)
    assert [name for name, _ in parts] == [name for name, _ in case.children]
    for (_, part), (_, child) in zip(parts, case.children):
        _check(part, child, release)


def _parts(value: Any) -> list[tuple[str | None, Any]]:
    """The names and values of what is in a container."""
    if isinstance(value, structure.Struct):
        return structure.to_elements(value)
    if isinstance(value, collections.OrderedDict):
        return list(value.items())
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return list(value._asdict().items())
    if attr.has(type(value)):
        return list(attr.asdict(value, recurse=False).items())
    return [(None, each) for each in value]


@pytest.mark.parametrize("release", ["0.9.0", "0.15.0", "0.17.0", "0.19.0", "0.33.0", "0.64.0"])
def test_any_value_survives(release: str) -> None:
    tff = tff_compat.as_of(release)

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(CASES)
    def survives(case: Case) -> None:
        at_server = tff.FederatedType(case.spec, tff.SERVER, True)
        identity = tff.federated_computation(lambda value: value, at_server)
        _check(identity(case.value), case, Version(release))
        at_clients = tff.FederatedType(case.spec, tff.CLIENTS)
        identity = tff.federated_computation(lambda value: value, at_clients)
        for found in identity([case.value, case.value]):
            _check(found, case, Version(release))

    survives()
