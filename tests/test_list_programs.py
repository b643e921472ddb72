"""Every adapted symbol has a program of its era, and the page says which."""

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


def test_every_adapted_symbol_has_a_program(tool):
    assert set(tool.without_program()) == set(tool.NOT_SHOWN)


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
