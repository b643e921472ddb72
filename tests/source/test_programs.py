"""Which files belong together: by their imports."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from packaging.version import Version
from tff_compat import catalog, coverage, eras
from tff_compat.source import programs

_TFF = "import tensorflow_federated as tff\n"


def _written(folder: Path, files: dict[str, str]) -> list[Path]:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    return programs.files([folder])


def _groups(folder: Path, files: dict[str, str]) -> list[list[str]]:
    found = programs.programs(_written(folder, files))
    return [[path.relative_to(folder).as_posix() for path in each.paths] for each in found]


def _notebook(*lines: str) -> str:
    return json.dumps({"cells": [{"cell_type": "code", "source": list(lines)}]}, indent=1)


@pytest.mark.parametrize(
    "statement",
    [
        "import helpers",
        "import os, helpers as h",
        "import os, \\\n  helpers",
        "from helpers import make",
        "  from helpers import (make,\n  other)",
        "try:\n  import helpers\nexcept ImportError:\n  pass",
    ],
)
def test_a_script_and_what_it_imports_from_beside_it(tmp_path, statement):
    files = {"main.py": statement, "helpers.py": _TFF}
    assert _groups(tmp_path, files) == [["helpers.py", "main.py"]]


@pytest.mark.parametrize(
    "statement",
    [
        "from . import b",
        "from .b import x",
        "from .. import p\nfrom ..p.b import x",
        "from p import b",
        "from p import (\n  c,  # first\n  b,\n)",
        "from p.b import x",
        "import p.b",
    ],
)
def test_a_module_of_a_package(tmp_path, statement):
    files = {"p/__init__.py": "", "p/a.py": statement, "p/b.py": _TFF, "p/c.py": "", "b.py": _TFF}
    assert ["p/a.py", "p/b.py"] in _groups(tmp_path, files)


def test_what_a_package_gives_on(tmp_path):
    files = {
        "main.py": "from p import make\n",
        "p/__init__.py": "from p.inner.impl import make\n",
        "p/inner/__init__.py": "",
        "p/inner/impl.py": _TFF,
    }
    assert _groups(tmp_path, files) == [["main.py", "p/__init__.py", "p/inner/impl.py"]]


def test_what_imports_a_module_that_imports_one_of_tff(tmp_path):
    files = {"a.py": "import b", "b.py": "import c", "c.py": _TFF, "d.py": "import e", "e.py": ""}
    assert _groups(tmp_path, files) == [["a.py", "b.py", "c.py"]]


def test_modules_that_import_each_other(tmp_path):
    files = {"a.py": "import b\n" + _TFF, "b.py": "import a\nimport c", "c.py": "import a"}
    assert _groups(tmp_path, files) == [["a.py", "b.py", "c.py"]]


@pytest.mark.parametrize("line", ["from helpers import make\n", "import helpers"])
def test_a_notebook_imports(tmp_path, line):
    files = {"n.ipynb": _notebook("x = 1\n", line), "helpers.py": _TFF}
    assert _groups(tmp_path, files) == [["helpers.py", "n.ipynb"]]


def test_a_notebook_is_not_imported(tmp_path):
    files = {"n.ipynb": _notebook(_TFF), "main.py": "import n\n" + _TFF}
    assert _groups(tmp_path, files) == [["main.py"], ["n.ipynb"]]


def test_modules_of_the_same_name_in_other_packages_are_others(tmp_path):
    files = {}
    for name in ("one", "two"):
        files[f"{name}/utils.py"] = _TFF
        files[f"{name}/main.py"] = "import utils\n"
        files[f"{name}/p/__init__.py"] = ""
        files[f"{name}/p/core.py"] = "from distutils.core import setup\nfrom q.utils import x\n"
    assert _groups(tmp_path, files) == [
        ["one/main.py", "one/utils.py"],
        ["two/main.py", "two/utils.py"],
    ]


def test_a_name_that_many_modules_have_tells_none(tmp_path):
    files = {f"p{number}/utils.py": _TFF for number in range(8)}
    files["t/main.py"] = _TFF + "import utils\n"
    assert len(_groups(tmp_path / "many", files)) == 9
    del files["p0/utils.py"]
    assert len(_groups(tmp_path / "few", files)) == 1


def test_modules_of_the_library_of_python_are_not_those_of_the_program(tmp_path):
    # Python before 3.10 does not tell their names, and the program's own may be meant.
    files = {"main.py": "import json\n", "json.py": _TFF}
    grouped = _groups(tmp_path, files)
    assert grouped == [["json.py"]] if programs.importing.STANDARD_LIBRARY else [sorted(files)]


def test_dotted_names_lead_from_folders_beside_the_program(tmp_path):
    files = {
        "src/p/__init__.py": "",
        "src/p/training.py": _TFF + "def make(fn):\n"
        "  return tff.learning.build_federated_averaging_process(fn)\n",
        "tests/test_training.py": "from p import training\nprocess = training.make(None)\n"
        "print(process.initialize().model)\n",
    }
    (program,) = programs.programs(_written(tmp_path, files))
    checked = programs.check(program, Version("0.9.0"), coverage.PRIMARY)
    found = {path.name: [each.symbol for each in f] for path, f in checked.findings.items()}
    assert [symbol.rpartition(".")[2] for symbol in found["test_training.py"]] == ["model"]
    assert tmp_path / "src" in program.bases


def test_a_program_is_as_old_as_its_oldest_file(tmp_path):
    files = {
        "main.py": _TFF + "import old\nprint(tff.learning.models.VariableModel)\n",
        "old.py": _TFF + "t = tff.NamedTupleType([('a', tff.TensorType(int))])\n",
        "other.py": _TFF + "print(tff.learning.models.VariableModel)\n",
    }
    found = {}
    for program in programs.programs(_written(tmp_path, files)):
        checked = programs.check(program, None, coverage.PRIMARY)
        found.update(dict.fromkeys([path.name for path in program.paths], str(checked.as_of)))
        assert checked.reason.startswith(str(tmp_path))
    last = str(catalog.load().symbol("tff.NamedTupleType").last)
    assert found == {"main.py": last, "old.py": last, "other.py": str(coverage.PRIMARY)}


_TWO = {
    "old_lib/__init__.py": "",
    "old_lib/training.py": _TFF + "def make(fn):\n"
    "  return tff.learning.build_federated_averaging_process(fn)\n"
    "def run(fn, data):\n"
    "  process = make(fn)\n"
    "  return process.next(process.initialize(), data)[0]\n",
    "main.py": _TFF + "from old_lib import training\n"
    "evaluation = tff.learning.build_federated_averaging_process\n"
    "state = training.run(None, [])\n"
    "print(state.model, tff.federated_computation)\n",
}


def _by_file(tmp_path, as_of):
    (program,) = programs.programs(_written(tmp_path, _TWO))
    checked = programs.check(program, eras.parse([as_of]), coverage.PRIMARY)
    found = {path.name: [each.symbol for each in f] for path, f in checked.findings.items()}
    return found, {path.name: str(each) for path, each in checked.releases.items()}


def test_each_package_is_read_as_of_its_release(tmp_path):
    found, releases = _by_file(tmp_path, "old_lib=0.9, 0.52")
    assert releases["training.py"] == "0.9.0" and releases["main.py"] == "0.52.0"
    assert "tff.learning.build_federated_averaging_process" in found["training.py"]
    process, *members = found["main.py"]
    # It was gone by 0.52; the state is of the release that made it.
    assert process == "tff.learning.build_federated_averaging_process"
    assert any(each.endswith(".model") for each in members), members


def test_what_has_no_release_beside_packages_is_for_the_target(tmp_path):
    found, releases = _by_file(tmp_path, "old_lib.training=0.9")
    assert releases["training.py"] == "0.9.0" and releases["main.py"] == str(coverage.PRIMARY)
    assert "tff.learning.build_federated_averaging_process" in found["training.py"]


def test_a_package_without_an_init_is_followed(tmp_path):
    files = {name: text for name, text in _TWO.items() if not name.endswith("__init__.py")}
    (program,) = programs.programs(_written(tmp_path, files))
    checked = programs.check(program, Version("0.9.0"), coverage.PRIMARY)
    found = {path.name: [each.symbol for each in f] for path, f in checked.findings.items()}
    assert any(each.endswith(".model") for each in found["main.py"]), found
