"""The tables of legacy calls."""

from __future__ import annotations

from tff_compat.running import summary
from tff_compat.running.session import LegacyCall


def _call(symbol: str, lineno: int, count: int) -> LegacyCall:
    return LegacyCall(symbol, "0.27.0", "new()", "train.py", None, lineno, count)


CALLS = [_call("tff.a", 3, 2), _call("tff.b", 5, 1), _call("tff.a", 9, 4)]


def test_by_symbol_each_form_has_one_row() -> None:
    lines = [line for line, _ in summary.symbols(CALLS)]
    assert lines[0].split() == ["Legacy", "form", "Calls", "Places", "Last", "in", "First", "place"]
    assert [line.split() for line in lines[2:]] == [
        ["tff.a", "6", "2", "0.27.0", "train.py:3"],
        ["tff.b", "1", "1", "0.27.0", "train.py:5"],
    ]


def test_by_place_each_call_has_its_code() -> None:
    lines = [line for line, _ in summary.table(CALLS)]
    assert lines[2].split() == ["train.py:3", "2", "tff.a", "0.27.0"]
    assert lines[3].strip() == "new()"
