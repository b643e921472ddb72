"""An error that comes of the wrong release ends in the command for the right one."""

from __future__ import annotations

import json
import sys
import types
from pathlib import Path

import pytest
from packaging.version import Version
from tff_compat.running import failures
from tff_compat.running.failures import Failure

_PROCESS = "t.learning.build_federated_averaging_process"


class TestRuns:
    @pytest.mark.parametrize(
        "statement",
        [
            "getattr(tff.learning, 'build_federated_' + 'averaging_process')",
            "__import__('importlib').import_module('made').f()",
            "exec('from tensorflow_federated.learning import build_federated_averaging_process')",
        ],
    )
    def test_as_of_the_installed_release(self, run, fake_tff, statement):
        fake_tff.code("import tensorflow_federated.learning as learning")
        (fake_tff.folder / "tensorflow_federated" / "learning.py").touch()
        run.write(
            "program.py",
            f"""
            import os, sys, tempfile
            import tensorflow_federated as tff
            folder = tempfile.mkdtemp()
            sys.path.insert(0, folder)
            lines = ["import tensor" + "flow_federated as t", "def f():", "    {_PROCESS}"]
            open(os.path.join(folder, "ma" + "de.py"), "w").write("\\n".join(lines))
            {statement}
            """,
        )
        ended = run("program.py", "--as-of", "0.87.0", "--", "--x", "a b")
        assert ended.status == 1
        assert "As of TFF 0.87.0 this cannot work: " in ended.err
        assert "tff.learning.build_federated_averaging_process" in ended.err
        assert "0.27.0 was the last release that had it. TFF 0.27.0 has it; try" in ended.err
        assert "tff-compat run --as-of 0.27.0 program.py -- --x 'a b'" in ended.err

    def test_a_module_that_was_there_earlier(self, run, fake_tff):
        for name in ("python", "python/core"):
            (fake_tff.folder / "tensorflow_federated" / name).mkdir()
            (fake_tff.folder / "tensorflow_federated" / name / "__init__.py").touch()
        run.write(
            "program.py",
            """
            import importlib
            import tensorflow_federated
            importlib.import_module('tensorflow_federated.python.core.' + 'api')
            """,
        )
        ended = run("program.py", "--as-of", "0.87.0")
        assert "tensorflow_federated.python.core.api" in ended.err
        assert "pip install" not in ended.err
        assert "tff-compat run --as-of 0." in ended.err

    def test_a_call_that_another_release_took(self, run, fake_tff):
        fake_tff.code(
            """
            class learning:
                class algorithms:
                    def build_fed_sgd(model_fn): pass
            """
        )
        (run.folder / "made").mkdir()
        (run.folder / "made" / "model.py").write_text(
            "import tensorflow_federated as tff\n"
            "tff.learning.algorithms.build_fed_sgd(1, use_experimental_simulation_loop=True)\n"
        )
        run.write(
            "program.py",
            """
            import sys
            import tensorflow_federated
            sys.path.append(chr(109) + 'ade')
            exec('import mo' + 'del')
            """,
        )
        ended = run("program.py", "--as-of", "0.87.0")
        assert "made/model.py, line 2 calls tff.learning.algorithms.build_fed_sgd(" in ended.err
        assert "has no parameter 'use_experimental_simulation_loop'. TFF 0.84.0 has it" in ended.err
        assert "--as-of 0.84.0" in ended.err

    def test_in_a_notebook(self, run):
        pytest.importorskip("ipykernel")
        cells = ["import tensorflow_federated as tff", "getattr(tff, 'Named' + 'TupleType')"]
        made = [
            {"cell_type": "code", "source": cell, "outputs": [], "execution_count": None,
             "metadata": {}}
            for cell in cells
        ]  # fmt: skip
        notebook = {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 2}
        run.write("program.ipynb", json.dumps(notebook))
        ended = run("program.ipynb", "--as-of", "0.87.0")
        assert ended.status == 1
        assert "the program uses tff.NamedTupleType: 0.15.0 was the last release" in ended.err
        assert "tff-compat run --as-of 0.15.0 program.ipynb" in ended.err

    @pytest.mark.parametrize(
        "statement",
        [
            "tff.nothing",
            "tff.federated_sum",
            "object().x",
            "None.build_federated_averaging_process",
            "import nothing",
            "from os import nothing",
            "len()",
            "(lambda x: x)()",
            "1 / 0",
            "sys.exit(3)",
            "raise AttributeError('x')",
        ],
    )
    def test_other_errors(self, run, statement):
        run.write("program.py", f"import sys\nimport tensorflow_federated as tff\n{statement}\n")
        ended = run("program.py", "--as-of", "0.87.0")
        assert ended.status != 0
        assert "cannot work" not in ended.err

    def test_an_error_that_the_program_caught(self, run):
        run.write(
            "program.py",
            """
            import sys
            import tensorflow_federated as tff
            try:
                getattr(tff, 'federated_' + 'average')
            except AttributeError:
                sys.exit(1)
            """,
        )
        assert "cannot work" not in run("program.py", "--as-of", "0.87.0").err


def _module(name: str) -> types.ModuleType:
    return types.ModuleType(name)


class _Foreign:
    pass


_Ours = type("Model", (), {"__module__": "tensorflow_federated.python.learning.model"})
_Standing = type("Model", (_Ours,), {"__module__": "program"})


def _raised(action) -> BaseException:
    try:
        action()
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


def _error(kind: type[Exception], text: str, **attributes: object) -> Exception:
    error = kind(text)
    for name, value in attributes.items():
        setattr(error, name, value)
    return error


def _read(tmp_path: Path, error: BaseException) -> Failure | None:
    failures.write(str(tmp_path / "error-1.json"), error)
    found = failures.read(tmp_path)
    return found[0] if found else None


class TestRecords:
    @pytest.mark.parametrize(
        ("error", "names"),
        [
            (lambda: _raised(lambda: _module("tensorflow_federated").abc), ["tff.abc"]),
            (lambda: _raised(lambda: _module("tensorflow_federated.x").abc), ["tff.x.abc"]),
            (
                lambda: _raised(lambda: _module("tensorflow_federated.python.x").abc),
                ["tensorflow_federated.python.x.abc"],
            ),
            (
                lambda: _error(
                    AttributeError,
                    "module 'tensorflow_federated' has no attribute 'a' as of TFF 0.9.0 (it was x)",
                ),
                ["tff.a"],
            ),
            (lambda: _raised(lambda: _Ours.abc), ["Model.abc"]),
            (lambda: _raised(lambda: _Ours().abc), ["Model.abc"]),
            (lambda: _raised(lambda: _Standing().abc), ["Model.abc"]),
            (
                lambda: _error(
                    ImportError, "cannot import name 'a' from 'tensorflow_federated.x' (b)"
                ),
                ["tff.x.a"],
            ),
            (
                lambda: _error(ModuleNotFoundError, "No module named 'tensorflow_federated.x'"),
                ["tff.x"],
            ),
        ],
    )
    def test_names(self, tmp_path, error, names):
        if sys.version_info < (3, 10) and names == ["Model.abc"]:
            pytest.skip("errors do not tell yet whose attribute is missing")
        found = _read(tmp_path, error())
        assert found is not None
        assert (list(found.names), found.called) == (names, "")

    @pytest.mark.parametrize(
        ("text", "called"),
        [
            ("f() got an unexpected keyword argument 'x'", "f"),
            ("f() missing 1 required positional argument: 'x'", "f"),
            ("f() takes 1 positional argument but 2 were given", "f"),
            ("f() got multiple values for argument 'x'", "f"),
            ("M.__init__() missing 1 required argument", "M"),
            ("N.M.__init__() got an unexpected keyword argument 'x'", "M"),
            ("M.__new__() got an unexpected keyword argument 'x'", "M"),
            ("M.f() got an unexpected keyword argument 'x'", "f"),
            ("outer.<locals>.f() got an unexpected keyword argument 'x'", ""),
            ("f() must be called", ""),
            ("unsupported operand", ""),
        ],
    )
    def test_calls(self, tmp_path, text, called):
        found = _read(tmp_path, TypeError(text))
        assert (found.called if found else "") == called

    @pytest.mark.parametrize(
        "error",
        [
            lambda: _raised(lambda: _module("tensorflow_federated_x").abc),
            lambda: _raised(lambda: _module("os").abc),
            lambda: _raised(lambda: _Foreign().abc),
            lambda: ImportError("cannot import name 'a' from 'tensorflow_federated_x' (b)"),
            lambda: ImportError("x"),
            lambda: ModuleNotFoundError("No module named 'tensorflow_federated'"),
            lambda: ModuleNotFoundError("No module named 'tensorflow_federated_x.y'"),
            lambda: ValueError("f() got an unexpected keyword argument 'x'"),
            lambda: ValueError("module 'tensorflow_federated' has no attribute 'a'"),
        ],
    )
    def test_other_errors(self, tmp_path, error):
        assert _read(tmp_path, error()) is None

    def test_files_of_the_program(self, tmp_path, monkeypatch):
        installed = tmp_path / "packages"
        (installed / "pandas-2.1.4.dist-info").mkdir(parents=True)
        monkeypatch.syspath_prepend(installed)
        for name in ("own.py", "loaded.py", "tensorflow_federated/x.py", "packages/pandas.py"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text("def f(x): pass\n")
        loaded = _module("loaded")
        loaded.__file__ = str(tmp_path / "loaded.py")
        monkeypatch.setitem(sys.modules, "loaded", loaded)
        other = _module("x")
        other.__file__ = str(tmp_path / "tensorflow_federated/x.py")
        monkeypatch.setitem(sys.modules, "x_of_tff", other)
        package = _module("pandas")
        package.__file__ = str(installed / "pandas.py")
        monkeypatch.setitem(sys.modules, "pandas", package)
        code = compile("def f(x): pass\nf()", str(tmp_path / "own.py"), "exec")
        found = _read(tmp_path, _raised(lambda: exec(code)))
        assert found is not None
        files = [Path(file).name for file in found.files]
        assert {"own.py", "loaded.py"} <= set(files)
        assert not {"x.py", "pandas.py", "pytest.py", "failures.py", "json.py"} & set(files)
        assert len(found.files) == len(set(found.files))

    def test_the_last_process_comes_first(self, tmp_path):
        import os

        for number, name in ((1, "a"), (2, "b")):
            data = {"names": [f"tff.{name}"], "called": "", "files": []}
            path = tmp_path / f"error-{number}.json"
            path.write_text(json.dumps(data))
            os.utime(path, (number, number))
        assert [found.names for found in failures.read(tmp_path)] == [("tff.b",), ("tff.a",)]


class TestAdvice:
    def _advice(self, tmp_path: Path, code: str, failure: Failure, as_of: str = "0.87.0"):
        path = tmp_path / "main.py"
        path.write_text(f"import tensorflow_federated as tff\n{code}\n")
        return failures.advice(failure, path, Version(as_of), Version("0.87.0"), ["main.py"])

    def test_a_member_of_a_class(self, tmp_path):
        failure = Failure(("Model.report_local_outputs",))
        text = self._advice(tmp_path, "", failure)
        assert text is not None and "--as-of 0.20.0" in text

    def test_a_name_that_came_later(self, tmp_path):
        text = self._advice(tmp_path, "", Failure(("tff.tensorflow",)), "0.9.0")
        assert text is not None and text.endswith("--as-of 0.87.0 main.py")
        assert "As of TFF 0.9.0 this cannot work: the program uses tff.tensorflow: 0.9.0" in text

    def test_what_else_the_program_uses_counts(self, tmp_path):
        failure = Failure(("tff.learning.build_federated_averaging_process",))
        text = self._advice(tmp_path, "getattr(tff, x)\ntff.NamedTupleType", failure)
        assert text is not None and text.endswith("run --as-of 0.15.0 main.py")

    @pytest.mark.parametrize(
        "failure",
        [
            Failure(("tff.no_release_had_this",)),
            Failure(("Model.no_such_member",)),
            Failure((), "no_such_function"),
            Failure(),
            Failure(("tff.federated_sum",)),
        ],
    )
    def test_none(self, tmp_path, failure):
        assert self._advice(tmp_path, "", failure) is None

    def test_a_release_that_has_it_all(self, tmp_path):
        # What two releases had that share none: neither would do.
        code = "tff.tensorflow.computation\ntff.learning.optimizers.build_sgdm\ntff.program"
        failure = Failure(("tff.federated_average",))
        assert self._advice(tmp_path, code, failure) is None

    def test_calls_that_are_not_of_this_function_do_not_count(self, tmp_path):
        code = "tff.learning.from_keras_model(m, dummy_batch=b, loss=l)"
        assert self._advice(tmp_path, code, Failure((), "other"), "0.52.0") is None
        text = self._advice(tmp_path, code, Failure((), "from_keras_model"), "0.52.0")
        assert text is not None and "--as-of 0.13.1" in text

    def test_a_program_that_cannot_be_read(self, tmp_path):
        assert self._advice(tmp_path, "def f(:", Failure(("tff.federated_average",))) is None
