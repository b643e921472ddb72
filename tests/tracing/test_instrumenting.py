"""What instrumented code tells of the objects that a program uses; its results stay."""

from __future__ import annotations

import ast
import builtins
from typing import Any

import pytest
from packaging.version import Version
from tff_compat.tracing import instrumenting
from tff_compat.tracing.recorder import Recorder


class State:
    """An object of a role."""


def _roles(monkeypatch: pytest.MonkeyPatch, source: str) -> tuple[Any, list[str]]:
    """What an expression of ``state`` gives, and what the trace says that ``state`` is in it."""
    recorder = Recorder(Version("0.13.1"))
    monkeypatch.setattr(builtins, instrumenting.NAME, recorder, raising=False)
    state = State()
    recorder._is(state, "training state")
    tree = instrumenting.instrumented(ast.parse(f"found = {source}\n"))
    names: dict[str, Any] = {"state": state, "State": State}
    exec(compile(tree, "p.py", "exec"), names)
    place = source.index("state") + len("found = ")
    at_place = recorder.roles.get("p.py", {}).get(f"1:{place}:1:{place + len('state')}", set())
    return names["found"], sorted(at_place)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("state == 1", False),
        ("1 != state", True),
        ("(lambda: state == state)()", True),
        ("isinstance(state, State)", True),
        ("hasattr(state, 'model')", False),
        ("1 == 1 != state", True),
        ("state.__class__ is State", True),
    ],
)
def test_what_is_compared_or_asked_about_is_told(
    monkeypatch: pytest.MonkeyPatch, source: str, value: object
) -> None:
    found, roles = _roles(monkeypatch, source)
    assert found == value
    assert roles == ([] if source.startswith("1 == 1") else ["training state"])


@pytest.mark.parametrize("source", ["state is None", "isinstance(*[state, State])", "print(state)"])
def test_other_uses_are_not(monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    assert _roles(monkeypatch, source)[1] == []
