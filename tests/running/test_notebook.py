"""Checks that a notebook is executed in a copy, and how it ends."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("ipykernel")


@pytest.fixture
def notebook(run):
    def write(*cells: str) -> bytes:
        content = {
            "cells": [
                {
                    "cell_type": "code",
                    "execution_count": None,
                    "metadata": {},
                    "outputs": [],
                    "source": source,
                }
                for source in cells
            ],
            "metadata": {"kernelspec": {"display_name": "Gone", "name": "gone"}},
            "nbformat": 4,
            "nbformat_minor": 0,
        }
        (run.folder / "old.ipynb").write_text(json.dumps(content))
        return (run.folder / "old.ipynb").read_bytes()

    return write


def _outputs(path) -> list[str]:
    cells = json.loads(path.read_text())["cells"]
    outputs = [output for cell in cells for output in cell["outputs"]]
    return ["".join(o.get("text") or o["data"]["text/plain"]) for o in outputs]


def test_a_copy_is_executed_as_of_the_release(run, notebook):
    original = notebook(
        "!pip install -q tensorflow_federated==0.9.0",
        "import tensorflow_federated as tff\nprint(tff)",
        "6 * 7",
    )
    ended = run("old.ipynb")
    assert ended.status == 0, ended.err
    assert (run.folder / "old.ipynb").read_bytes() == original
    notice, view, product = _outputs(run.folder / "old.out.ipynb")
    assert "tensorflow_federated==0.9.0` is skipped" in notice
    assert view == "<view of 'tff' as of TFF 0.9.0>\n"
    assert product == "42"
    assert view in ended.out
    assert "pins tensorflow_federated=" in ended.err


def test_the_table_names_the_cell(run, notebook):
    notebook(
        "import tensorflow_federated as tff\nfrom tff_compat import deprecation\n"
        "from packaging.version import Version",
        "x = 1\n"
        "deprecation.warn_legacy(\n"
        "    'tff.old', last_release=Version('0.12.0'), template='tff.new()')",
    )
    ended = run("old.ipynb", "--as-of", "0.9", "--report", "report.json")
    assert ended.status == 0, ended.err
    assert "In [2], line 2" in ended.err
    (call,) = json.loads((run.folder / "report.json").read_text())["calls"]
    assert (call["filename"], call["cell"], call["lineno"]) == ("old.ipynb", 2, 2)


def test_a_cell_that_fails_ends_it_and_what_ran_is_written(run, notebook):
    notebook("print('before')", "1 / 0", "print('after')")
    ended = run("old.ipynb", "--as-of", "0.9", "--output", "mine.ipynb")
    assert ended.status == 1
    assert "old.ipynb, cell 2, In [2]: ZeroDivisionError: division by zero" in ended.err
    cells = json.loads((run.folder / "mine.ipynb").read_text())["cells"]
    assert [len(cell["outputs"]) for cell in cells] == [1, 1, 0]


def test_a_kernel_that_dies_ends_it(run, notebook):
    notebook("import os\nos._exit(1)")
    ended = run("old.ipynb", "--as-of", "0.9")
    assert ended.status == 1
    assert "The kernel died" in ended.err


def test_what_a_cell_starts_does_not_outlive_the_run(run, notebook, is_alive):
    notebook(
        "import subprocess, sys\n"
        'code = \'import os, time; open("child", "w").write(str(os.getpid())); time.sleep(600)\'\n'
        "child = subprocess.Popen([sys.executable, '-S', '-c', code], start_new_session=True)\n"
        "import os, time\n"
        "while not os.path.exists('child'): time.sleep(0.01)"
    )
    assert run("old.ipynb", "--as-of", "0.9").status == 0
    assert not is_alive(run.folder / "child")
