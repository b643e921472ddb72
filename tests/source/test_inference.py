"""The release of a program is inferred from what it uses, and the reason names the line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from packaging.version import Version
from tff_compat.source import inference
from tff_compat.source.reading import SourceError

_IMPORT = "import tensorflow_federated as tff\n"


def _inferred(tmp_path: Path, source: str) -> inference.Inference:
    program = tmp_path / "program.py"
    program.write_text(source, encoding="utf-8")
    return inference.infer(program)


@pytest.mark.parametrize(
    ("source", "release", "reason"),
    [
        ("tff.learning.from_compiled_keras_model(k, b)", "0.12.0", "from_compiled_keras_model"),
        (
            "tff.learning.from_keras_model(m, dummy_batch=b, loss=l, optimizer=o)",
            "0.12.0",
            "line 2",
        ),
        ("tff.learning.from_keras_model(m, l, dummy_batch=b)", "0.13.1", "dummy_batch"),
        ("tff.learning.build_federated_sgd_process(f, client_weighting=w)", "0.19.0", "line 2"),
        (
            "tff.learning.algorithms.build_fed_sgd(f, use_experimental_simulation_loop=True)",
            "0.84.0",
            "use_experimental_simulation_loop",
        ),
        ("tff.federated_average(v)", "0.2.0", "federated_average"),
        ("tff.tensorflow.computation", "0.87.0", "newest"),
    ],
)
def test_newest_release_that_fits(tmp_path, source, release, reason):
    found = _inferred(tmp_path, _IMPORT + source + "\n")
    assert str(found.release) == release
    assert reason in found.reason
    assert not found.misfits


def test_no_release_later_than_the_installed_one(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(_IMPORT + "tff.federated_sum(v)\n", encoding="utf-8")
    found = inference.infer(program, newest=Version("0.64.0"))
    assert (str(found.release), found.misfits) == ("0.64.0", ())
    assert "the installed release" in found.reason


def test_results_tell_the_release(tmp_path):
    source = _IMPORT + (
        "process = tff.learning.build_federated_averaging_process(f, client_optimizer_fn=o)\n"
        "state, metrics = process.next(state, data)\n"
        "print(metrics.train.loss)\n"
    )
    assert str(_inferred(tmp_path, source).release) == "0.15.0"


def test_aliases_are_followed(tmp_path):
    source = "from tensorflow_federated import learning as L\nL.from_compiled_keras_model(k, b)\n"
    assert str(_inferred(tmp_path, source).release) == "0.12.0"


def test_guarded_names_do_not_count(tmp_path):
    source = _IMPORT + "if hasattr(tff, 'federated_average'):\n    tff.federated_average(v)\n"
    assert str(_inferred(tmp_path, source).release) == "0.87.0"


def test_a_pin_in_a_notebook_wins(tmp_path):
    cell = {
        "cell_type": "code",
        "source": ["!pip install -q tensorflow_federated==0.13.1\n", _IMPORT],
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }
    notebook = tmp_path / "a.ipynb"
    notebook.write_text(
        json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 2}),
        encoding="utf-8",
    )
    found = inference.infer(notebook)
    assert str(found.release) == "0.13.1"
    assert "pins" in found.reason


def test_a_pin_of_the_folder_counts(tmp_path):
    (tmp_path / "requirements.txt").write_text("tensorflow-federated==0.17.0\n", encoding="utf-8")
    assert str(_inferred(tmp_path, _IMPORT).release) == "0.17.0"


def test_a_program_without_tff(tmp_path):
    found = _inferred(tmp_path, "print(1)\n")
    assert str(found.release) == "0.87.0"
    assert "does not use" in found.reason


@pytest.mark.parametrize("source", ["print 'x'\n", "def f(:\n"])
def test_what_cannot_be_read_is_named_with_its_line(tmp_path, source):
    with pytest.raises(SourceError, match=r"program\.py, line 1"):
        _inferred(tmp_path, source)
