"""Files are read and written as text: what changes is told by cell, and all other bytes stay."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tff_compat.source import documents
from tff_compat.source.documents import Document, SourceError

SCRIPT = Path("program.py")
NOTEBOOK = Path("notebook.ipynb")


def code(*texts: str | list[str], key: str = "source") -> list[dict]:
    return [{"cell_type": "code", key: text, "outputs": []} for text in texts]


def notebook(cells: list[dict], **options) -> Document:
    return documents.document(NOTEBOOK, json.dumps({"cells": cells}, **options).encode())


def test_a_script_that_is_no_python() -> None:
    document = documents.document(SCRIPT, b"x = 1\ny = (\n")
    (problem,) = document.problems
    assert not document.units
    assert (problem.cell, problem.line) == (0, 2)
    assert "never closed" in problem.message or "EOF" in problem.message


@pytest.mark.parametrize("broken", ["x = (", "x = '\0'", "(" * 3000 + ")" * 3000])
def test_a_cell_that_is_no_python_leaves_the_others(broken: str) -> None:
    cells = [{"cell_type": "markdown", "source": "# Text"}, *code("a = 1", broken, "b = 2")]
    document = notebook(cells)
    assert [(unit.cell, unit.position, unit.text) for unit in document.units] == [
        (1, 1, "a = 1"),
        (3, 3, "b = 2"),
    ]
    assert [problem.cell for problem in document.problems] == [2]


def test_cells_whose_texts_are_known() -> None:
    units = documents.cells(NOTEBOOK, ["%matplotlib inline\nx = 1", "no python", "y = 2"])
    assert [(unit.cell, unit.text) for unit in units] == [
        (1, "%matplotlib inline\nx = 1"),
        (3, "y = 2"),
    ]


@pytest.mark.parametrize(
    "content",
    [b"", b"x = 1", b"[]", b"{}", b'{"cells": 1}', b'{"worksheets": [{}]}', b"\xff",
     b'{"cells": ' + b"[" * 100_000],
)  # fmt: skip
def test_what_is_no_notebook(content: bytes) -> None:
    with pytest.raises(SourceError, match=r"notebook\.ipynb: is not a notebook"):
        documents.document(NOTEBOOK, content)


@pytest.mark.parametrize("indent", [None, 1, "\t"])
@pytest.mark.parametrize("new", ["y = 'é'", "y = 1\nz = 2\n"])
@pytest.mark.parametrize("old", ["x = 2", ["x = 2\n", "x"]])
def test_only_the_source_of_a_cell_changes(indent, new: str, old: str | list[str]) -> None:
    cells = [{"cell_type": "markdown", "source": ["{"]}, *code("x = 1", old, "é = 3")]
    document = notebook(cells, indent=indent)
    before = document.with_texts({})
    after = document.with_texts({document.units[1]: new})
    lines = new.splitlines(keepends=True) if isinstance(old, list) else new
    assert json.loads(after) == {"cells": [*cells[:2], *code(lines), cells[3]]}
    kept = before.index(b'"x = 2')
    assert after[:kept] == before[:kept]
    assert after[-20:] == before[-20:]
    assert document.with_texts({document.units[1]: document.units[1].text}) == before


def test_notebooks_of_the_third_format() -> None:
    sheets = [{"cells": code("a = 1", "b = 2", key="input")}, {"cells": code("c", key="input")}]
    content = json.dumps({"metadata": {}, "worksheets": sheets, "nbformat": 3}).encode()
    document = documents.document(NOTEBOOK, content)
    assert [unit.text for unit in document.units] == ["a = 1", "b = 2", "c"]
    after = document.with_texts({document.units[1]: "b", document.units[2]: "d = 4"})
    assert after == content.replace(b'"b = 2"', b'"b"').replace(b'"c"', b'"d = 4"')


@pytest.mark.parametrize("text", ["x = 'é'; y = 2\n", "x = 'e'; y = 2\n"])
def test_places_are_those_of_characters(text: str) -> None:
    (unit,) = documents.document(SCRIPT, text.encode()).units
    node = unit.tree.body[1]
    assert unit.segment(node) == "y = 2"
    assert unit.position_of(unit.span(node)[0]) == (1, 10)
