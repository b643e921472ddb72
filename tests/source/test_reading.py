"""Scripts and notebooks are read as Python runs them and Jupyter does."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
from tff_compat.source.reading import Place, Source, SourceError, read


def _script(tmp_path: Path, content: bytes | str) -> Source:
    path = tmp_path / "program.py"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read(path)


def _notebook(tmp_path: Path, *cells: str | dict) -> Source:
    made = [
        {"cell_type": "code", "source": cell, "outputs": []} if isinstance(cell, str) else cell
        for cell in cells
    ]
    path = tmp_path / "notebook.ipynb"
    path.write_text(json.dumps({"cells": made, "nbformat": 4}), encoding="utf-8")
    return read(path)


def _code(source: Source) -> list[str]:
    return [ast.unparse(part.tree) for part in source.parts]


def _commands(source: Source) -> list[str]:
    return [command for _, command in source.commands]


class TestScripts:
    def test_one_part_without_a_cell(self, tmp_path):
        source = _script(tmp_path, "x = 1\ny = 2\n")
        (part,) = source.parts
        assert (part.cell, part.file, part.text) == (0, "", "x = 1\ny = 2\n")
        assert str(part.place(part.tree.body[1])) == "line 2"
        assert source.path == tmp_path / "program.py"

    def test_the_encoding_that_it_declares(self, tmp_path):
        source = _script(tmp_path, "# coding: latin-1\nx = 'é'\n".encode("latin-1"))
        assert _code(source) == ["x = 'é'"]

    def test_bytes_that_are_no_text(self, tmp_path):
        with pytest.raises(SourceError, match=r"program\.py: is not Python source"):
            _script(tmp_path, b"x = '\xff'\n")

    def test_a_file_that_is_not_there(self, tmp_path):
        with pytest.raises(SourceError, match=r"x\.py: cannot be read: No such file"):
            read(tmp_path / "x.py")

    def test_magics_are_no_python_in_a_script(self, tmp_path):
        with pytest.raises(SourceError, match="line 1"):
            _script(tmp_path, "!pip install x\n")

    @pytest.mark.parametrize("code", ["print 'x'", "exec 'x'\nprint x"])
    def test_python_2_is_named(self, tmp_path, code):
        if code.startswith("print"):
            with pytest.raises(SourceError, match=r"this is Python 2 \(print 'x'\)"):
                _script(tmp_path, code)
        else:
            with pytest.raises(SourceError, match="line 1"):
                _script(tmp_path, code)

    def test_an_error_shows_the_line(self, tmp_path):
        with pytest.raises(SourceError, match=r"program\.py, line 2: .*\(def f\(:\)"):
            _script(tmp_path, "x = 1\ndef f(:\n")

    def test_null_bytes(self, tmp_path):
        with pytest.raises(SourceError, match=r"program\.py, line 1: .*null bytes"):
            _script(tmp_path, "x = '\0'\n")

    def test_invalid_escapes_do_not_warn(self, tmp_path, recwarn):
        _script(tmp_path, r"x = '\d'" + "\n")
        assert not recwarn.list

    def test_the_name_to_show(self, tmp_path):
        (tmp_path / "a.py").write_text("x = 1\n")
        (part,) = read(tmp_path / "a.py", shown_as="lib/a.py").parts
        assert str(part.place(part.tree.body[0])) == "lib/a.py, line 1"


class TestNotebooks:
    def test_code_cells_are_counted_from_1(self, tmp_path):
        text = {"cell_type": "markdown", "source": ["# T\n", "text"]}
        source = _notebook(tmp_path, "x = 1", text, "y = 2")
        assert [part.cell for part in source.parts] == [1, 2]
        assert _code(source) == ["x = 1", "y = 2"]
        assert source.prose == ["# T\ntext"]
        assert str(source.parts[1].place(source.parts[1].tree.body[0])) == "code cell 2, line 1"

    def test_source_in_lines(self, tmp_path):
        cell = {"cell_type": "code", "source": ["x = 1\n", "y = 2"]}
        assert _code(_notebook(tmp_path, cell)) == ["x = 1\ny = 2"]

    def test_format_3(self, tmp_path):
        path = tmp_path / "old.ipynb"
        cells = [{"cell_type": "code", "input": ["x = 1\n", "y = 2"], "outputs": [
            {"output_type": "stream", "text": ["a\n", "b"]}]}]  # fmt: skip
        path.write_text(json.dumps({"worksheets": [{"cells": cells}], "nbformat": 3}))
        source = read(path)
        assert _code(source) == ["x = 1\ny = 2"]
        assert source.outputs == [(Place(1, 1), "a\nb")]

    def test_outputs(self, tmp_path):
        cell = {"cell_type": "code", "source": "1", "outputs": [
            {"output_type": "stream", "text": ["one\n", "two"]},
            {"output_type": "execute_result", "data": {"text/plain": "'0.13.1'"}},
            {"output_type": "display_data", "data": {"image/png": "AAAA"}},
            {"output_type": "error", "traceback": ["no"]},
        ]}  # fmt: skip
        source = _notebook(tmp_path, "0", cell)
        assert [text for _, text in source.outputs] == ["one\ntwo", "'0.13.1'", "", ""]
        assert {place.cell for place, _ in source.outputs} == {2}

    @pytest.mark.parametrize(
        "content",
        [
            "{",
            "[]",
            "{}",
            '{"cells": [{"source": "x"}]}',
            '{"cells": [1]}',
            '{"cells": ["x"]}',
            "3",
        ],
    )
    def test_what_is_none(self, tmp_path, content):
        (tmp_path / "a.ipynb").write_text(content)
        with pytest.raises(SourceError, match=r"a\.ipynb: is not a notebook"):
            read(tmp_path / "a.ipynb")

    def test_a_cell_that_is_no_python_stops_only_itself(self, tmp_path):
        source = _notebook(tmp_path, "x = 1", "this is no Python", "y = 2")
        assert _code(source) == ["x = 1", "y = 2"]
        assert [part.cell for part in source.parts] == [1, 3]
        (problem,) = source.unread
        assert "code cell 2, line 1" in problem

    def test_no_cell_that_is_python(self, tmp_path):
        with pytest.raises(SourceError, match="code cell 1, line 1"):
            _notebook(tmp_path, "this is no Python", "and this too")

    def test_a_notebook_without_code(self, tmp_path):
        assert _notebook(tmp_path, {"cell_type": "markdown", "source": "x"}).parts == []

    def test_cells_that_begin_with_blanks(self, tmp_path):
        source = _notebook(tmp_path, "\n    x = 1\n    if x:\n        y = 2\n", "  !ls\n  z = 1")
        assert _code(source) == ["x = 1\nif x:\n    y = 2", "pass\nz = 1"]
        source = _notebook(tmp_path, "\n  x = 1\ny = 2\n  z = 3\n#\n")
        assert _code(source) == ["x = 1\ny = 2\nz = 3"]

    def test_commands_keep_the_numbers_of_lines(self, tmp_path):
        source = _notebook(tmp_path, "import a\n!pip install b\n%matplotlib inline\nx = 1")
        assert source.commands == [
            (Place(1, 2), "pip install b"),
            (Place(1, 3), "matplotlib inline"),
        ]
        assert source.parts[0].tree.body[-1].lineno == 4

    def test_commands_that_go_on(self, tmp_path):
        source = _notebook(tmp_path, "!pip install \\\n  a==1 \\\n  b\nx = 1")
        assert _commands(source) == ["pip install  a==1  b"]
        assert source.parts[0].tree.body[-1].lineno == 4

    def test_assigned_commands(self, tmp_path):
        source = _notebook(tmp_path, "files = !ls\nif x:\n    a = %pwd\n    !echo")
        assert _code(source) == ["files = None\nif x:\n    a = None\n    pass"]
        assert _commands(source) == ["ls", "pwd", "echo"]

    @pytest.mark.parametrize("line", ["pip install a", "pip3 install a", "conda install a"])
    def test_installing_without_a_mark(self, tmp_path, line):
        source = _notebook(tmp_path, f"{line}\nx = 1")
        assert (_commands(source), _code(source)) == ([line], ["pass\nx = 1"])

    @pytest.mark.parametrize("line", ["tff.learning?", "?tff", "tff.*?", "len??"])
    def test_help(self, tmp_path, line):
        assert _code(_notebook(tmp_path, f"{line}\nx = 1")) == ["x = 1"]

    @pytest.mark.parametrize("magic", ["bash", "sh", "script"])
    def test_shell_cells(self, tmp_path, magic):
        source = _notebook(tmp_path, f"%%{magic}\npip install a\n  ls", "x = 1")
        assert source.commands == [
            (Place(1, 1), f"%%{magic}"),
            (Place(1, 2), "pip install a"),
            (Place(1, 3), "ls"),
        ]
        assert _code(source) == ["", "x = 1"]

    @pytest.mark.parametrize("magic", ["%%html", "%%javascript", "%%latex", "%%writefile a.txt"])
    def test_cells_in_other_languages(self, tmp_path, magic):
        source = _notebook(tmp_path, f"{magic}\n<b> 1", "x = 1")
        assert (_code(source), source.commands) == (["", "x = 1"], [])

    @pytest.mark.parametrize("magic", ["%%time", "%%capture"])
    def test_magics_of_cells_with_python(self, tmp_path, magic):
        source = _notebook(tmp_path, f"{magic}\nx = 1")
        assert _code(source) == ["pass\nx = 1"]

    @pytest.mark.parametrize("option", ["", "-a "])
    def test_a_module_that_a_cell_writes(self, tmp_path, option):
        source = _notebook(tmp_path, f"%%writefile {option}lib.py\nx = 1", "z = 1")
        part = source.parts[0]
        assert (part.file, ast.unparse(part.tree)) == ("lib.py", "x = 1")
        assert str(part.place(part.tree.body[0])) == "lib.py, code cell 1, line 2"

    def test_what_looks_like_a_command_in_a_string(self, tmp_path):
        cell = 'x = """\n!pip install a\n%b\n"""\ny = 1'
        source = _notebook(tmp_path, cell)
        assert (source.commands, _code(source)) == ([], ["x = '\\n!pip install a\\n%b\\n'\ny = 1"])

    def test_what_looks_like_a_command_in_a_formula(self, tmp_path):
        source = _notebook(tmp_path, "x = (a\n  % b)\ny = [c\n  % d\n]\n%magic (\nz = 1")
        assert _code(source) == ["x = a % b\ny = [c % d]\npass\nz = 1"]
        assert _commands(source) == ["magic ("]

    @pytest.mark.parametrize(
        "code",
        [
            "x = {1: '''\n%a''' '}', 2: (a\n%c)}",
            "x = a \\\n% b",
            "x = '\\'' + '\"' # (\\",
            "x = 'a\\\n%b'",
            "x = '' + \"\" + (''''''\n% b)",
            "x = ('a'''\n%b)",
            "x = [')'\n%b]",
            "x = '#' + (c\n%b)",
        ],
    )
    def test_code_that_goes_on_is_no_command(self, tmp_path, code):

        source = _notebook(tmp_path, f"{code}\n%magic\nz = 1")
        assert _code(source) == [ast.unparse(ast.parse(f"{code}\npass\nz = 1"))]
        assert _commands(source) == ["magic"]

    def test_a_string_that_does_not_end_is_not_open_forever(self, tmp_path):
        source = _notebook(tmp_path, "x = 'a\n%magic\n)\n%more", "y = 1")
        assert _commands(source) == ["magic", "more"]

    def test_a_command_with_a_bracket_between_strings(self, tmp_path):
        source = _notebook(tmp_path, 'x = """\n!in\n"""\n!echo "(\n%cd (x\ny = 1')
        assert _commands(source) == ['echo "(', "cd (x"]


def test_places_are_ordered_and_shown():
    assert Place(0, 3) < Place(1, 1) < Place(1, 2)
    assert str(Place(2, 3)) == "code cell 2, line 3"
    assert str(Place(0, 3, "a.py")) == "a.py, line 3"
