"""Every form of an adapted symbol has a program of its era or a reason why not, on one page."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

TOOL = Path(__file__).parents[1] / "tools" / "list_programs.py"


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("list_programs", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_form_has_a_program_or_says_why_not(tool):
    assert tool.without_program() == []


def test_no_reason_is_stale(tool):
    assert tool.stale_reasons() == []


def test_stale_reasons_are_seen(tool, monkeypatch):
    stated = {
        "tff.learning.from_keras_model": "It has programs.",
        "tff.no_such_symbol": {"0.1.0": "It is none."},
    }
    monkeypatch.setattr(tool, "NOT_SHOWN", stated)
    assert tool.stale_reasons() == [
        "tff.learning.from_keras_model: It has programs.",
        "tff.no_such_symbol: It is none.",
    ]


def test_a_form_without_a_program_and_a_reason_is_seen(tool, monkeypatch):
    (path,) = [path for path in tool.NOT_SHOWN if path.endswith("stackoverflow.load_data")]
    monkeypatch.setattr(tool, "NOT_SHOWN", {})
    assert any(f"`{path}`" in row for row in tool.without_program())


def test_what_gives_an_object_has_programs(tool):
    text = tool.page()
    for path, giver in tool.GIVEN_BY.items():
        rows = [line for line in text.splitlines() if line.startswith(f"| `{path}` |")]
        assert [row for row in rows if f"given by `{giver}`: " in row], path


def test_the_page_is_current(tool):
    assert tool.PAGE.read_text(encoding="utf-8") == tool.page(), (
        "run `python tools/list_programs.py`"
    )


def test_the_data_is_current(tool):
    assert tool.DATA.read_text(encoding="utf-8") == tool.data(), (
        "run `python tools/list_programs.py`"
    )
