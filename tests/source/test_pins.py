"""Pinned releases are found where they are installed, and resolved to published ones."""

from __future__ import annotations

import json

import pytest
from tff_compat.source.inference import infer

_IMPORT = "import tensorflow_federated as tff\n"


@pytest.fixture
def notebook(tmp_path):
    def make(*cells: str):
        path = tmp_path / "notebook.ipynb"
        made = [{"cell_type": "code", "source": cell} for cell in cells]
        path.write_text(json.dumps({"cells": made, "nbformat": 4}), encoding="utf-8")
        return infer(path)

    return make


@pytest.fixture
def script(tmp_path):
    def make(text: str, **files: str):
        for name, content in files.items():
            (tmp_path / name.replace("__", ".")).write_text(content, encoding="utf-8")
        path = tmp_path / "script.py"
        path.write_text(text, encoding="utf-8")
        return infer(path)

    return make


@pytest.mark.parametrize(
    ("command", "release"),
    [
        ("!pip install tensorflow_federated==0.13.1", "0.13.1"),
        ("!pip install --quiet tensorflow-federated==0.17.0 nest_asyncio", "0.17.0"),
        ("%pip install 'tensorflow-federated == 0.17.0'", "0.17.0"),
        ("!pip3 install -U tensorflow_federated==0.9", "0.9.0"),
        ("!{sys.executable} -m pip install tensorflow-federated==0.20.0", "0.20.0"),
        ("!pip install tensorflow-federated==0.13.*", "0.13.1"),
        ("!pip install 'tensorflow-federated~=0.16.0'", "0.16.1"),
        ("!pip install 'tensorflow-federated>=0.18,<0.20'", "0.19.0"),
        ("!pip install 'tensorflow-federated<=0.12'", "0.12.0"),
        ("!pip install tensorflow-federated[extra]==0.12.0", "0.12.0"),
        ("!conda install tensorflow-federated=0.17.0", "0.17.0"),
        ("%%bash\npip install tensorflow-federated==0.12.0", "0.12.0"),
    ],
)
def test_install_lines(notebook, command, release):
    found = notebook(command, _IMPORT)
    assert str(found.release) == release
    assert "pins" in found.reason and "code cell 1, line" in found.reason


@pytest.mark.parametrize(
    "command",
    [
        "# !pip install tensorflow_federated==0.13.1",
        "#!pip install tensorflow_federated==0.13.1",
        "# tensorflow_federated==0.13.1",
        "!echo tensorflow_federated==0.13.1",
        "x = 'tensorflow_federated==0.13.1'",
        "!pip install nest_asyncio # tensorflow_federated==0.13.1",
        "!pip install my-tensorflow-federated==0.13.1",
        "!pip install tensorflow-federated",
        "!pip install --upgrade 'tensorflow-federated>=0.13.1'",
        "!pip install tensorflow-federated!=0.86.0",
    ],
)
def test_what_is_no_pin(notebook, command):
    assert str(notebook(command, _IMPORT).release) == "0.87.0"


def test_the_last_install_line_wins(notebook):
    found = notebook(
        "!pip install tensorflow-federated==0.12.0\n!pip install tensorflow-federated==0.14.0"
    )
    assert str(found.release) == "0.14.0"


@pytest.mark.parametrize(
    "line",
    [
        "os.system('pip install tensorflow_federated==0.14.0')",
        "subprocess.check_call([sys.executable, '-m', 'pip', 'install',"
        " 'tensorflow_federated==0.14.0'])",
        "get_ipython().system('pip install tensorflow_federated==0.14.0')",
    ],
)
def test_install_lines_in_python(script, line):
    assert str(script(f"{_IMPORT}{line}\n").release) == "0.14.0"


@pytest.mark.parametrize(
    ("text", "releases"),
    [("0.8.0", {"0.7.0", "0.9.0"}), ("0.62.0", {"0.61.0", "0.63.0"}), ("0.88.0", {"0.87.0"})],
)
def test_unpublished_pins_take_the_nearest(notebook, text, releases):
    found = notebook(f"!pip install tensorflow_federated=={text}", _IMPORT)
    assert str(found.release) in releases
    assert "never published" in found.reason


def test_of_two_nearest_the_one_that_fits(notebook):
    pinned = "!pip install tensorflow_federated==0.8.0"
    older = notebook(pinned, f"{_IMPORT}tff.utils.get_variables('a', b)")
    newer = notebook(pinned, f"{_IMPORT}tff.utils.create_variables('a', b)")
    assert (str(older.release), str(newer.release)) == ("0.7.0", "0.9.0")


@pytest.mark.parametrize("name", ["tensorflow_federated_nightly", "tensorflow-federated-nightly"])
def test_the_nightly_build_has_no_release(notebook, name):
    found = notebook(
        f"!pip install --quiet --upgrade {name}",
        f"{_IMPORT}tff.learning.from_compiled_keras_model(k, b)",
    )
    assert str(found.release) == "0.12.0"
    assert f"installs {name}, which is no release" in found.reason


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("requirements__txt", "numpy\ntensorflow-federated==0.17.0  # old\n"),
        ("Pipfile", '[packages]\ntensorflow-federated = "==0.17.0"\n'),
        ("Pipfile", '[packages]\ntensorflow-federated = {version = "==0.17.0"}\n'),
        ("environment__yml", "dependencies:\n  - pip:\n    - tensorflow-federated==0.17.0\n"),
        ("environment__yml", "dependencies:\n  - tensorflow-federated=0.17.0\n"),
        ("pyproject__toml", '[project]\ndependencies = ["tensorflow_federated==0.17.0"]\n'),
        ("pyproject__toml", '[tool.poetry.dependencies]\ntensorflow-federated = "^0.17.0"\n'),
        ("setup__cfg", "[options]\ninstall_requires =\n    tensorflow_federated==0.17.0\n"),
    ],
)
def test_files_beside_the_program(script, name, content):
    found = script(_IMPORT, **{name: content})
    assert str(found.release) == "0.17.0"
    assert name.replace("__", ".") in found.reason


def test_comments_in_requirements_do_not_count(script):
    found = script(_IMPORT, requirements__txt="# tensorflow-federated==0.17.0\n")
    assert str(found.release) == "0.87.0"


def test_an_install_line_wins_over_the_files_beside(script):
    found = script(
        f"{_IMPORT}os.system('pip install tensorflow_federated==0.14.0')\n",
        requirements__txt="tensorflow-federated==0.17.0\n",
    )
    assert str(found.release) == "0.14.0"
