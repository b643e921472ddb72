"""Type expressions give, as of a release, what `tools/record_types.py` recorded on the real one."""

from __future__ import annotations

import collections
import functools
import importlib.util
import json
import sys
import warnings
from pathlib import Path
from typing import Any

import attr
import numpy as np
import pytest
import tensorflow as tf
import tff_compat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packaging.version import Version

pytestmark = [pytest.mark.tff, pytest.mark.filterwarnings("ignore")]

_TESTS = Path(__file__).parents[2]
_RECORDED = _TESTS / "references" / "types"
RELEASES = sorted((each.stem for each in _RECORDED.glob("*.json")), key=Version)


def _expressions() -> Any:
    place = _TESTS / "type_expressions.py"
    spec = importlib.util.spec_from_file_location(place.stem, place)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[place.stem] = module  # Dataclasses look their module up there.
    spec.loader.exec_module(module)
    return module


expressions = _expressions()


@functools.cache
def recorded(release: str) -> dict[str, dict[str, str]]:
    text = (_RECORDED / f"{release}.json").read_text(encoding="utf-8")
    values: dict[str, dict[str, str]] = json.loads(text)["values"]
    return values


def _evaluated(release: str, code: str) -> Any:
    names = {
        "attr": attr,
        "collections": collections,
        "np": np,
        "tf": tf,
        "tff": tff_compat.as_of(release),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return eval(code, names)


def _difference(release: str, code: str, expected: dict[str, str]) -> str | None:
    try:
        value = _evaluated(release, code)
        found = {"str": str(value), "repr": repr(value)}
    except Exception as error:
        # A subclass of what was raised then is caught by the same handlers.
        if expected.get("error") in {each.__name__ for each in type(error).__mro__}:
            return None
        found = {"error": f"{type(error).__name__}: {error}"}
    # What types have learnt since is not taken away.
    gained = expected.get("error") == "AttributeError" or code.endswith("['y']")
    if found == expected or gained:
        return None
    return f"{code}\n  expected {expected}\n  found    {found}"


@pytest.mark.parametrize("release", RELEASES)
def test_gives_what_the_real_release_gave(release: str) -> None:
    found = [_difference(release, code, each) for code, each in recorded(release).items()]
    wrong = [each for each in found if each is not None]
    assert not wrong, "\n".join(wrong)


def _strings(release: str) -> dict[str, str]:
    """By the code of a type, what it printed as on the real release."""
    values = {code: each["str"] for code, each in recorded(release).items() if "str" in each}
    for code, printed in list(values.items()):
        if code.startswith("tff.to_type("):
            values[code[len("tff.to_type(") : -1]] = printed
    return values


def _struct(release: str) -> str:
    return "NamedTupleType" if Version(release) < Version("0.16") else "StructType"


def _leaves(release: str) -> list[Any]:
    strings = _strings(release)
    return [each for each in expressions.tensors() if each.code in strings]


@pytest.mark.parametrize("release", RELEASES)
def test_the_law_is_that_of_the_real_release(release: str) -> None:
    strings = _strings(release)
    known = expressions.composites(120, _leaves(release), _struct(release))
    held = [each for each in known if each.code in strings]
    assert len(held) > 90
    for each in held:
        assert each.printed(strings) == strings[each.code]


@st.composite
def _types(draw: Any, release: str) -> Any:
    """A type expression as programs of a release wrote it."""
    struct = _struct(release)
    leaves = st.sampled_from(_leaves(release))
    named = [
        style
        for style in expressions.NAMED
        if style != "attrs" or Version(release) >= Version("0.5")
    ]

    def structures(inner: Any) -> Any:
        fields = st.lists(
            st.tuples(st.sampled_from(["a", "b", "x", "y", "str", "int32", "weights"]), inner),
            min_size=1,
            max_size=3,
            unique_by=lambda field: field[0],
        )
        return st.one_of(
            st.builds(
                functools.partial(expressions.unnamed, struct=struct),
                st.sampled_from(expressions.UNNAMED),
                st.lists(inner, min_size=1, max_size=3),
            ),
            st.builds(
                functools.partial(expressions.named, struct=struct),
                st.sampled_from(sorted(named)),
                fields,
            ),
        )

    local = st.recursive(leaves, structures, max_leaves=6)
    placed = st.builds(
        expressions.federated,
        st.one_of(local, local.map(expressions.sequence)),
        st.sampled_from(["CLIENTS", "SERVER"]),
        st.sampled_from([None, True, False]),
    )
    several = structures(st.one_of(local, placed))
    functions = st.builds(
        expressions.function,
        st.one_of(st.none(), local, several),
        st.one_of(local, placed, several),
    )
    return draw(st.one_of(local, local.map(expressions.sequence), placed, several, functions))


@pytest.mark.parametrize("release", RELEASES)
def test_any_type_prints_by_the_law(release: str) -> None:
    strings = _strings(release)

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(_types(release))
    def prints_by_the_law(expression: Any) -> None:
        made = _evaluated(release, f"tff.to_type({expression.code})")
        assert str(made) == expression.printed(strings)

    prints_by_the_law()
