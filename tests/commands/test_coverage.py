"""The tables and lists of `tff-compat coverage`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tff_compat import cli

PAGE = Path(__file__).parents[2] / "docs" / "coverage.md"


def _output(capsys, *words: str) -> str:
    assert cli.main(["coverage", *words]) == 0
    return capsys.readouterr().out


def test_a_line_for_each_release(capsys):
    lines = _output(capsys).splitlines()
    statuses = ["native", "moved", "adapted", "refused", "missing"]
    assert lines[1].replace("|", " ").split() == ["release", *statuses, *statuses]
    assert len(lines) == 2 + 86
    assert lines[-1].split()[0] == "0.87.0"


def test_table_as_json(capsys):
    rows = json.loads(_output(capsys, "--json"))
    assert len(rows) == 86
    last = rows[-1]["symbols"]
    assert last["native"] > 400
    assert sum(last.values()) == last["native"]


def test_list_of_one_release(capsys):
    lines = _output(capsys, "--as-of", "0.9").splitlines()
    assert "adapted  tff.learning.from_keras_model" in lines
    assert "native   tff.TypedObject" in lines
    assert lines[-1].startswith("As of 0.9.0: symbols: ")


def test_list_of_one_release_as_json(capsys):
    data = json.loads(_output(capsys, "--as-of", "0.9", "--json"))
    assert data["as_of"] == "0.9.0"
    (found,) = [row for row in data["symbols"] if row["symbol"] == "tff.learning.from_keras_model"]
    assert found["status"] == "adapted"
    assert found["translated_in"] == "tff_compat/adapters/learning/keras.py"


@pytest.mark.parametrize("words", [["--missing"], ["--missing", "--as-of", "0.12"]])
def test_lists_of_what_is_missing(capsys, words):
    as_json = json.loads(_output(capsys, *words, "--json"))
    rows = as_json["symbols"] if isinstance(as_json, dict) else as_json
    assert {row["status"] for row in rows} <= {"missing"}
    assert len(_output(capsys, *words).splitlines()) == len(rows) + 1


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--as-of", "0.13.7"], "0.13.1"),
        (["--markdown", "--missing"], "--markdown"),
        (["--", "word"], "no arguments"),
    ],
)
def test_refusals_of_the_command(capsys, words, text):
    assert cli.main(["coverage", *words]) == 2
    assert text in capsys.readouterr().err


def test_the_page_is_current(capsys):
    assert _output(capsys, "--markdown") == PAGE.read_text(encoding="utf-8"), (
        "run `tff-compat coverage --markdown > docs/coverage.md`"
    )
