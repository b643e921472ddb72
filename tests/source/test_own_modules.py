"""A program's own modules are found as Python would find them, also by names in its code."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
from tff_compat.source import own_modules
from tff_compat.source.reading import read


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")
    monkeypatch.delenv("PYTHONPATH", raising=False)


def _write(tmp_path: Path, files: dict[str, str]) -> Path:
    """Writes files; the first one is the program."""
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / next(iter(files))


def _result(tmp_path: Path, files: dict[str, str]) -> own_modules.OwnModules:
    return own_modules.find(read(_write(tmp_path, files)))


def _found(tmp_path: Path, files: dict[str, str]) -> list[str]:
    """The modules that are found, as paths from the folder of the test."""
    found = _result(tmp_path, files).sources
    return [source.path.resolve().relative_to(tmp_path).as_posix() for source in found]


class TestImports:
    @pytest.mark.parametrize(
        "statement",
        ["import lib", "import lib as l", "from lib import x", "from lib import *", "import lib.x"],
    )
    def test_beside_the_program(self, tmp_path, statement):
        files = {"p/main.py": f"def f():\n    {statement}\n" if "*" not in statement else statement}
        assert _found(tmp_path, {**files, "p/lib.py": "x = 1"})[:1] == (
            [] if statement == "import lib.x" else ["p/lib.py"]
        )

    def test_packages_around_a_module_are_run_too(self, tmp_path):
        files = {"main.py": "import a.b.c", "a/__init__.py": "", "a/b/__init__.py": "",
                 "a/b/c.py": "", "a/d.py": ""}  # fmt: skip
        assert _found(tmp_path, files) == ["a/__init__.py", "a/b/__init__.py", "a/b/c.py"]

    def test_a_module_that_is_imported_from_its_package(self, tmp_path):
        files = {
            "main.py": "from a import b, x",
            "a/__init__.py": "x = 1",
            "a/b.py": "",
            "a/c.py": "",
        }
        assert _found(tmp_path, files) == ["a/__init__.py", "a/b.py"]

    def test_a_package_goes_before_a_module(self, tmp_path):
        files = {"main.py": "import a", "a/__init__.py": "", "a.py": ""}
        assert _found(tmp_path, files) == ["a/__init__.py"]

    def test_modules_are_followed_and_read_once(self, tmp_path):
        files = {"main.py": "import a", "a.py": "import b, main", "b.py": "import a\nimport b"}
        assert _found(tmp_path, files) == ["a.py", "b.py"]

    def test_what_cannot_be_read_is_left_to_python(self, tmp_path):
        files = {"main.py": "import a, b", "a.py": "print 'x'", "b.py": ""}
        assert _found(tmp_path, files) == ["b.py"]

    def test_not_tff_itself(self, tmp_path):
        files = {"main.py": "import tensorflow_federated.x", "tensorflow_federated/__init__.py": "",
                 "tensorflow_federated/x.py": ""}  # fmt: skip
        assert _found(tmp_path, files) == []

    def test_how_they_are_shown(self, tmp_path):
        files = {
            "p/main.py": "import a",
            "p/a.py": "x = 1\nimport lib.b",
            ".git": "",
            "lib/b.py": "y = 1",
        }
        a, b = _result(tmp_path, files).sources
        assert str(a.parts[0].place(a.parts[0].tree.body[1])) == "a.py, line 2"
        assert str(b.parts[0].place(b.parts[0].tree.body[0])) == "../lib/b.py, line 1"

    def test_no_more_than_a_hundred(self, tmp_path):
        files = {"main.py": "\n".join(f"import m{i}" for i in range(105))}
        files.update({f"m{i}.py": "" for i in range(105)})
        found = _found(tmp_path, files)
        assert found == [f"m{i}.py" for i in range(100)]

    def test_files_that_are_known(self, tmp_path):
        program = _write(tmp_path, {"main.py": "", "other/x.py": "import y", "other/y.py": ""})
        found = own_modules.find(read(program), [tmp_path / "other/x.py", program])
        assert [source.path.name for source in found.sources] == ["x.py"]

    def test_notebooks(self, tmp_path):
        cell = {"cell_type": "code", "source": "import lib"}
        files = {"a.ipynb": json.dumps({"cells": [cell]}), "lib.py": ""}
        assert _found(tmp_path, files) == ["lib.py"]


class TestRelative:
    @pytest.mark.parametrize(
        ("statement", "expected"),
        [
            ("from . import a", ["p/q/__init__.py", "p/q/a.py"]),
            ("from .a import x", ["p/q/a.py"]),
            ("from .. import b", ["p/__init__.py", "p/b.py"]),
            ("from ..b import x", ["p/b.py"]),
            ("from ..r.c import x", ["p/r/c.py"]),
        ],
    )
    def test_relative_imports(self, tmp_path, statement, expected):
        files = {"p/q/main.py": statement, "p/q/__init__.py": "", "p/__init__.py": "",
                 "p/q/a.py": "", "p/b.py": "", "p/r/c.py": "", "a.py": "", "b.py": ""}  # fmt: skip
        assert _found(tmp_path, files) == expected

    def test_more_dots_than_folders(self, tmp_path):
        assert _found(tmp_path, {"main.py": f"from {'.' * 60} import a"}) == []

    def test_in_a_module_they_are_relative_to_it(self, tmp_path):
        files = {"main.py": "import p.a", "p/a.py": "from .b import x", "p/b.py": "", "b.py": ""}
        assert _found(tmp_path, files) == ["p/a.py", "p/b.py"]


class TestRoots:
    def test_python_path(self, tmp_path, monkeypatch):
        monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'none'}:{tmp_path / 'root'}:")
        files = {"p/main.py": "import lib.a", "root/lib/a.py": ""}
        assert _found(tmp_path, files) == ["root/lib/a.py"]

    def test_a_relative_python_path(self, tmp_path, monkeypatch):
        monkeypatch.setenv("PYTHONPATH", "../root")
        assert _found(tmp_path, {"p/main.py": "import a", "root/a.py": ""}) == ["root/a.py"]

    def test_installed_packages_are_not_the_programs_own(self, tmp_path, monkeypatch):
        monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'packages'}:{tmp_path / 'root'}")
        files = {"p/main.py": "import pandas, a", "root/a.py": "", "packages/pandas.py": "",
                 "packages/pandas-2.1.4.dist-info/METADATA": ""}  # fmt: skip
        assert _found(tmp_path, files) == ["root/a.py"]

    def test_the_working_directory(self, tmp_path):
        assert _found(tmp_path, {"p/main.py": "import a", "cwd/a.py": ""}) == ["cwd/a.py"]

    @pytest.mark.parametrize("place", ["lib/a.py", "src/lib/a.py", "p/lib/a.py", "p/src/lib/a.py"])
    def test_the_folders_of_the_project(self, tmp_path, place):
        files = {"p/q/main.py": "import lib.a", "setup.py": "", place: ""}
        assert _found(tmp_path, files) == [place]

    def test_the_root_of_the_enclosing_package(self, tmp_path):
        files = {"r/p/q/main.py": "from p.b import x", "r/p/__init__.py": "", "r/p/b.py": "",
                 "r/p/q/__init__.py": ""}  # fmt: skip
        assert _found(tmp_path, files) == ["r/p/__init__.py", "r/p/b.py"]

    def test_the_first_folder_counts(self, tmp_path, monkeypatch):
        monkeypatch.setenv("PYTHONPATH", str(tmp_path / "root"))
        files = {"p/main.py": "import a, b, c", "p/a.py": "", "root/a.py": "", "root/b.py": "",
                 "cwd/b.py": "", "cwd/c.py": ""}  # fmt: skip
        assert _found(tmp_path, files) == ["p/a.py", "root/b.py", "cwd/c.py"]

    def test_nothing_outside_of_the_project(self, tmp_path):
        assert _found(tmp_path, {"p/main.py": "import a", "a.py": ""}) == []

    @pytest.mark.parametrize(
        "statement",
        [
            "sys.path.append('../lib')",
            "sys.path.insert(0, '../lib')",
            "sys.path.extend(['x', '../lib'])",
            "sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))",
            "path.append('../lib')",
        ],
    )
    def test_what_the_code_adds(self, tmp_path, statement):
        files = {"p/main.py": f"{statement}\nimport a", "lib/a.py": ""}
        assert _found(tmp_path, files) == ["lib/a.py"]

    def test_what_it_adds_from_the_working_directory(self, tmp_path):
        files = {"p/main.py": "sys.path.append('lib')\nimport a", "cwd/lib/a.py": ""}
        assert _found(tmp_path, files) == ["cwd/lib/a.py"]

    def test_other_lists_are_no_paths(self, tmp_path):
        files = {"p/main.py": "paths.append('../lib')\nimport a", "lib/a.py": ""}
        assert _found(tmp_path, files) == []


class TestNamesInTheCode:
    @pytest.mark.parametrize(
        "call",
        [
            "importlib.import_module('lib.a')",
            "import_module('lib.a')",
            "__import__('lib.a')",
            "__import__('lib.a', fromlist=['x'])",
            "importlib.import_module('lib' + '.' + 'a')",
            "importlib.import_module('%s.%s' % ('lib', 'a'))",
            "importlib.import_module('lib.%s' % 'a')",
            "importlib.import_module('{}.{}'.format('lib', 'a'))",
            "importlib.import_module(f'lib.{name}')\nname = 'a'",
            "importlib.import_module(NAME)\nNAME = 'lib.' + LAST\nLAST = 'a'",
            "for n in ('a', 'none'):\n    importlib.import_module('lib.' + n)",
            "[importlib.import_module('lib.' + n) for n in ['a']]",
            "for n in {'a': 1}:\n    importlib.import_module('lib.' + n)",
            "importlib.import_module('.a', package='lib')",
            "importlib.import_module('.a', 'lib')",
            "importlib.util.find_spec('lib.a')",
        ],
    )
    def test_written_names(self, tmp_path, call):
        result = _result(tmp_path, {"main.py": call, "lib/a.py": "", "lib/b.py": ""})
        assert [source.path.name for source in result.sources] == ["a.py"]
        assert result.unknown == []

    @pytest.mark.parametrize(
        "call",
        [
            "importlib.import_module('lib.' + name)",
            "importlib.import_module(f'lib.{name}')",
            "importlib.import_module(f'lib.{get()!r}')",
            "importlib.import_module('lib.%s' % name)",
            "importlib.import_module('lib.{}'.format(name))",
            "importlib.import_module('lib.' + args.name)",
        ],
    )
    def test_names_that_match(self, tmp_path, call):
        files = {"main.py": call, "lib/a.py": "", "lib/b.py": "", "lib/c/__init__.py": "",
                 "lib/c/d.py": "", "e.py": ""}  # fmt: skip
        assert sorted(_found(tmp_path, files)) == ["lib/a.py", "lib/b.py", "lib/c/__init__.py"]

    def test_part_of_a_name(self, tmp_path):
        files = {
            "main.py": "__import__('alg_' + n)",
            "alg_a.py": "",
            "alg_b.py": "",
            "other.py": "",
        }
        assert _found(tmp_path, files) == ["alg_a.py", "alg_b.py"]

    def test_relative_names_of_the_own_package(self, tmp_path):
        files = {
            "p/main.py": "importlib.import_module('.a', __package__)",
            "p/a.py": "",
            "a.py": "",
        }
        assert _found(tmp_path, files) == ["p/a.py"]
        files = {"p/q/main.py": "importlib.import_module('..b', package=__package__)", "p/b.py": ""}
        assert _found(tmp_path / "2", files) == ["p/b.py"]

    @pytest.mark.parametrize(
        "text",
        [
            "glob.glob('algs/*.py')",
            "os.listdir('algs')",
            "pkgutil.iter_modules(['algs'])",
            "parser.add_argument('--alg', default='algs.a', choices=['algs.b'])",
            "pathlib.Path('algs').glob('*.py')",
        ],
    )
    def test_names_that_the_code_hints_at(self, tmp_path, text):
        files = {"main.py": f"{text}\nimportlib.import_module(name)", "algs/a.py": "",
                 "algs/b.py": "", "other/c.py": ""}  # fmt: skip
        result = _result(tmp_path, files)
        assert sorted(source.path.name for source in result.sources) == ["a.py", "b.py"]
        assert result.unknown == []

    def test_texts_count_only_for_names_that_are_not_told(self, tmp_path):
        files = {"main.py": "x = 'lib'\n__import__('a')", "lib.py": "", "a.py": ""}
        assert _found(tmp_path, files) == ["a.py"]

    @pytest.mark.parametrize(
        "call", ["__import__(name)", "importlib.import_module(f()[0])", "__import__('x' + name)"]
    )
    def test_names_that_nothing_tells(self, tmp_path, call):
        result = _result(tmp_path, {"main.py": f"x = '.'\n{call}", "a.py": ""})
        assert (result.sources, result.unknown) == ([], ["line 2"])

    def test_names_defined_by_one_another(self, tmp_path):
        files = {"main.py": "a = b\nb = a\n__import__('lib_' + a)", "lib_x.py": ""}
        assert _found(tmp_path, files) == ["lib_x.py"]

    def test_a_module_that_is_imported_by_its_name_too(self, tmp_path):
        text = "import importlib, m_a\nimportlib.import_module('m_' + f(x))\n"
        result = _result(tmp_path, {"main.py": text, "m_a.py": ""})
        assert ([source.path.name for source in result.sources], result.unknown) == (["m_a.py"], [])

    def test_modules_of_others_are_no_unknown_ones(self, tmp_path):
        result = _result(tmp_path, {"main.py": "__import__('tensorflow')"})
        assert (result.sources, result.unknown) == ([], [])


class TestScriptsAndText:
    @pytest.mark.parametrize(
        "call",
        [
            "subprocess.run([sys.executable, 'train.py', '--x'])",
            "exec(open('train.py').read())",
            "runpy.run_path('train.py')",
            "importlib.util.spec_from_file_location('t', 'train.py')",
        ],
    )
    def test_scripts_that_are_named(self, tmp_path, call):
        files = {"main.py": call, "train.py": "import lib", "lib.py": ""}
        assert _found(tmp_path, files) == ["train.py", "lib.py"]

    @pytest.mark.parametrize(
        "command", ["!python train.py --x", "%run train.py", "%run -i ./train.py"]
    )
    def test_scripts_that_a_notebook_runs(self, tmp_path, command):
        cell = {"cell_type": "code", "source": command}
        files = {"a.ipynb": json.dumps({"cells": [cell]}), "train.py": ""}
        assert _found(tmp_path, files) == ["train.py"]

    def test_scripts_in_the_working_directory(self, tmp_path):
        assert _found(tmp_path, {"p/main.py": "run('a.py')", "cwd/a.py": ""}) == ["cwd/a.py"]

    def test_a_text_that_is_too_long_for_a_file(self, tmp_path):
        assert _found(tmp_path, {"main.py": f"x = '{'a' * 5000}.py'"}) == []

    def test_code_in_a_string(self, tmp_path):
        text = '''x = """
            import tensorflow_federated as tff
            tff.y
        """
        '''
        (source,) = _result(tmp_path, {"main.py": f"y = 1\n{text}"}).sources
        (part,) = source.parts
        assert ast.unparse(part.tree) == "import tensorflow_federated as tff\ntff.y"
        assert str(part.place(part.tree.body[1])) == "line 4"

    @pytest.mark.parametrize(
        "text", ["'uses tensorflow_federated'", "'tensorflow_federated'", "'import lib'"]
    )
    def test_other_strings(self, tmp_path, text):
        assert _found(tmp_path, {"main.py": f"x = {text}", "lib.py": ""}) == []
