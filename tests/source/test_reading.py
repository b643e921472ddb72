"""Scripts and notebooks are read with their commands set aside and every line in its place."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
from tff_compat.source.reading import Place, Source, SourceError, read


def _notebook(tmp_path: Path, *cells: str, nbformat: int = 4) -> Path:
    if nbformat == 3:
        made = [{"cell_type": "code", "input": text} for text in cells]
        content: dict = {"worksheets": [{"cells": made}], "nbformat": 3}
    else:
        made = [{"cell_type": "code", "source": text.splitlines(keepends=True)} for text in cells]
        made.insert(0, {"cell_type": "markdown", "source": ["# title\n"]})
        content = {"cells": made, "nbformat": 4}
    path = tmp_path / "notebook.ipynb"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def _code(source: Source) -> list[str]:
    return [ast.unparse(part.tree) for part in source.parts]


def test_script_with_a_declared_encoding(tmp_path):
    path = tmp_path / "a.py"
    path.write_bytes("# -*- coding: latin-1 -*-\nx = 'ä'\n".encode("latin-1"))
    assert _code(read(path)) == ["x = 'ä'"]


def test_commands_are_set_aside_and_lines_stay_in_place(tmp_path):
    text = "%matplotlib inline\nif True:\n  !pip install a \\\n    b\n  x = 1\nfiles = !ls\ny = 2"
    source = read(_notebook(tmp_path, "z = 0", text))
    assert _code(source)[1] == "pass\nif True:\n    pass\n    x = 1\nfiles = None\ny = 2"
    assert [(str(place), command) for place, command in source.commands] == [
        ("code cell 2, line 1", "matplotlib inline"),
        ("code cell 2, line 3", "pip install a  b"),
        ("code cell 2, line 6", "ls"),
    ]
    last = source.parts[1].tree.body[-1]
    assert source.parts[1].place(last) == Place(2, 7)


@pytest.mark.parametrize("text", ["%%time\nx = 1", "%%capture out\nx = 1"])
def test_cell_magic_over_python(tmp_path, text):
    assert _code(read(_notebook(tmp_path, text))) == ["pass\nx = 1"]


def test_cells_in_another_language(tmp_path):
    source = read(_notebook(tmp_path, "%%bash\npip install x==1", "%%html\n<b>no</b>"))
    assert _code(source) == ["", ""]
    assert "pip install x==1" in [command for _, command in source.commands]


def test_text_that_only_looks_like_a_command(tmp_path):
    text = 'x = """\n!pip install tensorflow_federated==0.1.0\n% percent\n"""\ny = (7\n% 3)'
    source = read(_notebook(tmp_path, text))
    assert "!pip install" in _code(source)[0]
    assert source.commands == []


def test_help_lines(tmp_path):
    assert _code(read(_notebook(tmp_path, "print?\n?print\nx = 1"))) == ["x = 1"]


def test_notebook_of_format_3(tmp_path):
    assert _code(read(_notebook(tmp_path, "x = 1", nbformat=3))) == ["x = 1"]


def test_await_outside_a_function(tmp_path):
    assert _code(read(_notebook(tmp_path, "await f()"))) == ["await f()"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.py", "x = 1\nprint 'hello'\n", r"a\.py, line 2: this is Python 2"),
        ("a.py", "x = 1\nx = (\n", r"a\.py, line 2"),
        ("a.py", "x = 1\x00", r"a\.py"),
        ("a.ipynb", "{", r"a\.ipynb: is not a notebook"),
        ("a.ipynb", "{}", r"a\.ipynb: is not a notebook"),
        ("a.ipynb", "[1]", r"a\.ipynb: is not a notebook"),
    ],
)
def test_what_cannot_be_read(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SourceError, match=message):
        read(path)


def test_an_error_in_a_notebook_names_the_cell(tmp_path):
    with pytest.raises(SourceError, match=r"code cell 2, line 1: this is Python 2"):
        read(_notebook(tmp_path, "x = 1", "print 'a'"))


def test_bytes_that_are_no_text(tmp_path):
    path = tmp_path / "a.py"
    path.write_bytes(b"x = '\xff'\n")
    with pytest.raises(SourceError, match="not Python source"):
        read(path)


def test_missing_file(tmp_path):
    with pytest.raises(SourceError, match="cannot be read"):
        read(tmp_path / "nothing.py")
