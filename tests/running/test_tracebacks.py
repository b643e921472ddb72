"""Errors of imports show the frames of the program and of TFF, as Python does without us."""

from __future__ import annotations

import subprocess
import sys

import pytest
from tff_compat.running.session import STARTUP

_FILES = {
    "raises.py": "def fail():\n    raise ValueError('at import')\n\n\nfail()\n",
    "imports.py": "import raises\n",
    "wrong.py": "def (\n",
    "misses.py": "import nothing_of_this_name\n",
    "by_name.py": "import importlib\n\nimportlib.import_module('imports')\n",
}

_FAIL = (
    "import raises",
    "import imports",
    "import wrong",
    "import misses",
    "from raises import fail",
    "__import__('imports')",
    "import tensorflow_federated.nothing",
)

# Messages tell as of which release there is no such module; calls of `importlib` lack its frames.
_FAIL_OTHERWISE = (
    "import tensorflow_federated.python.nothing",
    "from tensorflow_federated.python.core.nothing import symbol",
    "import importlib; importlib.import_module('tensorflow_federated.python.nothing')",
    "import importlib; importlib.import_module('imports')",
    "import by_name",
)


def _program(run, *statements: str) -> None:
    """Writes a program in which all these fail but the last one, which ends it."""
    for name, source in _FILES.items():
        run.write(name, source)
    lines = ["import sys", "import traceback", "import tensorflow_federated"]
    for statement in statements[:-1]:
        lines += ["try:", f"    {statement}"]
        lines += ["except Exception:", "    traceback.print_exc()", "    print(file=sys.stderr)"]
    run.write("program.py", "\n".join([*lines, *statements[-1:], ""]))


def _tracebacks(text: str) -> list[str]:
    """The tracebacks in what was written, without the one frame of ours that old Pythons show."""
    found = []
    for part in text.split("Traceback (most recent call last):\n")[1:]:
        lines = part.partition("\n\n")[0].partition("\ntff-compat: ")[0].splitlines()
        hooks = [n for n, line in enumerate(lines) if "tff_compat/import_hook.py" in line]
        if sys.version_info < (3, 11) and hooks:
            (hook,) = hooks
            del lines[hook : hook + 2]
        found.append("\n".join(lines).rstrip())
    return found


def test_tracebacks_are_those_of_python(run):
    _program(run, *_FAIL)
    ended = run("program.py", "--as-of", "0.9")
    command = [sys.executable, "program.py"]
    plain = subprocess.run(
        command, cwd=run.folder, env=run.environment, capture_output=True, text=True
    )
    assert ended.status == plain.returncode == 1
    assert len(_tracebacks(plain.stderr)) == len(_FAIL)
    assert _tracebacks(ended.err) == _tracebacks(plain.stderr)


def test_no_frame_is_ours(run):
    _program(run, *_FAIL_OTHERWISE)
    shown = _tracebacks(run("program.py", "--as-of", "0.9").err)
    assert len(shown) == len(_FAIL_OTHERWISE)
    for each in shown:
        files = [line.split('"')[1] for line in each.splitlines() if line.startswith("  File")]
        assert files[0].endswith("program.py")
        assert not [file for file in files if "tff_compat" in file or "importlib" in file], each


@pytest.mark.parametrize("as_of", ["0.9", "0.87"])
@pytest.mark.parametrize("package", ["tensorflow_federated", "tensorflow", "numpy"])
def test_an_error_of_a_library_shows_the_program_and_the_library(run, fake_tff, as_of, package):
    folder = fake_tff.folder / package
    folder.mkdir(exist_ok=True)
    (folder / "broken.py").write_text("raise ImportError('no library')\n")
    (folder / "__init__.py").write_text(f"import {package}.broken\n")
    run.write("program.py", f"import {package}\n")
    (shown,) = _tracebacks(run("program.py", "--as-of", as_of).err)
    assert shown.endswith("ImportError: no library")
    files = [line.split('"')[1] for line in shown.splitlines() if line.startswith("  File")]
    assert [file.rpartition("/")[2] for file in files] == ["program.py", "__init__.py", "broken.py"]


def test_what_starts_a_traced_program_is_not_shown(run):
    _program(run, "import imports")
    _check_starts_at_program(run("program.py", "--as-of", "0.9", "--trace", "trace.json").err)


def test_what_starts_an_isolated_program_is_not_shown(run):
    _program(run, "import imports")
    environment = {
        **run.environment,
        "TFF_COMPAT_AS_OF": "0.9.0",
        "TFF_COMPAT_PACKAGE": str(STARTUP.parents[1]),
        "TFF_COMPAT_REPORTS": str(run.folder),
    }
    command = [sys.executable, str(STARTUP / "isolated.py"), "program.py"]
    ended = subprocess.run(command, cwd=run.folder, env=environment, capture_output=True, text=True)
    _check_starts_at_program(ended.stderr)


def _check_starts_at_program(err: str) -> None:
    (shown,) = _tracebacks(err)
    own = [line for line in shown.splitlines() if "tff_compat" in line or "runpy" in line]
    # Up to Python 3.10 the outermost frame is shown.
    assert len(own) == (sys.version_info < (3, 11)), shown
    assert shown.endswith("ValueError: at import")


def test_a_notebook_shows_its_cell(run):
    pytest.importorskip("ipykernel")
    import nbformat

    _program(run, "")
    cell = nbformat.v4.new_code_cell("import tensorflow_federated\nimport imports")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), run.folder / "old.ipynb")
    run("old.ipynb", "--as-of", "0.9")
    (cell,) = nbformat.read(run.folder / "old.out.ipynb", as_version=4).cells
    shown = "\n".join(cell.outputs[0].traceback)
    assert "ValueError" in shown and "imports.py" in shown and "tff_compat" not in shown


def test_an_error_of_ours_is_shown_whole(run):
    run.write(
        "program.py",
        "import tensorflow_federated\n"
        "from tff_compat import internals\n"
        "internals.catalog = None\n"
        "import tensorflow_federated.python.core\n",
    )
    (shown,) = _tracebacks(run("program.py", "--as-of", "0.9").err)
    assert shown.endswith("has no attribute 'load'") and "internals.py" in shown
