"""The release of a program is inferred from what it uses, and the reason names the line."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from packaging.version import Version
from tff_compat import catalog
from tff_compat.source import inference
from tff_compat.source.reading import SourceError

_NEWEST = str(catalog.PRIMARY)
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
        ("tff.tensorflow.computation", _NEWEST, "newest"),
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
    found = _inferred(tmp_path, source)
    assert str(found.release) == "0.12.0" and found.uses_tff


def test_guarded_names_do_not_count(tmp_path):
    source = _IMPORT + "if hasattr(tff, 'federated_average'):\n    tff.federated_average(v)\n"
    assert str(_inferred(tmp_path, source).release) == _NEWEST


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


def test_cells_are_read_as_ipython_takes_them(tmp_path):
    texts = [
        "  import tensorflow_federated as tff\n  x = 1",
        "this is no Python",
        "\n>>> def f(m, b):\n...   return tff.learning.from_keras_model(m, dummy_batch=b, loss=0)",
    ]
    cells = [{"cell_type": "code", "source": text, "metadata": {}} for text in texts]
    notebook = tmp_path / "a.ipynb"
    notebook.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}), "utf-8")
    found = inference.infer(notebook)
    assert str(found.release) == "0.13.1" and "code cell 3, line 3" in found.reason
    notebook.write_text(json.dumps({"cells": cells[1:2], "metadata": {}, "nbformat": 4}), "utf-8")
    with pytest.raises(inference.SourceError, match="code cell 1"):
        inference.infer(notebook)


def test_a_pin_of_the_folder_counts(tmp_path):
    (tmp_path / "requirements.txt").write_text("tensorflow-federated==0.17.0\n", encoding="utf-8")
    found = _inferred(tmp_path, _IMPORT)
    assert str(found.release) == "0.17.0"
    assert found.reason == "requirements.txt, line 1 pins tensorflow-federated==0.17.0."


def test_a_program_without_tff(tmp_path):
    found = _inferred(tmp_path, "print(1)\n")
    assert str(found.release) == _NEWEST and not found.uses_tff
    assert "does not use" in found.reason


@pytest.mark.parametrize("source", ["print 'x'\n", "def f(:\n"])
def test_what_cannot_be_read_is_named_with_its_line(tmp_path, source):
    with pytest.raises(SourceError, match=r"program\.py, line 1"):
        _inferred(tmp_path, source)


def _git(folder: Path, *arguments: str) -> None:
    environment = {
        **os.environ,
        "GIT_COMMITTER_DATE": "2020-05-20T12:00:00 +0000",
        "GIT_AUTHOR_DATE": "2020-05-20T12:00:00 +0000",
    }
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(folder)]
    subprocess.run([*command, *arguments], check=True, env=environment, capture_output=True)


class TestOwnModules:
    def test_what_they_use_counts(self, tmp_path):
        (tmp_path / "lib.py").write_text(_IMPORT + "tff.NamedTupleType\n")
        found = _inferred(tmp_path, _IMPORT + "import lib\ntff.federated_sum(v)\n")
        assert str(found.release) == "0.15.0"
        assert found.reason == (
            "lib.py, line 2 uses tff.NamedTupleType: 0.15.0 was the last release that had it."
        )

    def test_their_classes_results_and_foreign_names_count_too(self, tmp_path):
        (tmp_path / "lib.py").write_text(_IMPORT + "import tensorflow as tf\ntf.to_float(x)\n")
        assert str(_inferred(tmp_path, _IMPORT + "import lib\n").release) == "0.7.0"
        (tmp_path / "lib.py").write_text(
            _IMPORT
            + "p = tff.learning.build_federated_averaging_process(f, client_optimizer_fn=o)\n"
            + "s, m = p.next(s, d)\nm.train.loss\n"
        )
        assert str(_inferred(tmp_path, _IMPORT + "import lib\n").release) == "0.15.0"
        (tmp_path / "lib.py").write_text(
            _IMPORT + "class M(tff.learning.Model):\n  def report_local_outputs(self): pass\n"
        )
        found = _inferred(tmp_path, _IMPORT + "import lib\n")
        assert (
            f"lib.py, line 2 subclasses tff.learning.Model: 0.53.0 to {_NEWEST}" in found.evidence
        )

    def test_that_use_tff_alone(self, tmp_path):
        (tmp_path / "lib.py").write_text(_IMPORT + "tff.federated_sum\n")
        assert "does not use" not in _inferred(tmp_path, "import lib\n").reason

    def test_files_that_are_known_to_belong_to_it(self, tmp_path):
        (tmp_path / "hidden.py").write_text(_IMPORT + "tff.NamedTupleType\n")
        (tmp_path / "main.py").write_text(_IMPORT)
        found = inference.infer(tmp_path / "main.py", also=[tmp_path / "hidden.py"])
        assert str(found.release) == "0.15.0"

    def test_names_that_it_does_not_spell(self, tmp_path):
        (tmp_path / "main.py").write_text(_IMPORT)
        found = inference.infer(tmp_path / "main.py", names=["tff.NamedTupleType"])
        assert str(found.release) == "0.15.0"
        assert found.reason.startswith("the program uses tff.NamedTupleType: ")


class TestPins:
    def test_of_another_release(self, tmp_path):
        (tmp_path / "requirements.txt").write_text("tensorflow-federated==0.8.0\n")
        found = _inferred(tmp_path, _IMPORT)
        assert str(found.release) == "0.9.0"
        assert found.reason == (
            "requirements.txt, line 1 pins tensorflow-federated==0.8.0, which was never published;"
            " 0.9.0 is the nearest release."
        )
        # The code decides between the two that are near.
        found = _inferred(tmp_path, _IMPORT + "import tensorflow as tf\ntf.to_float(x)\n")
        assert str(found.release) == "0.7.0"

    def test_of_a_nightly_build_with_a_day(self, tmp_path):
        pin = "tensorflow-federated-nightly==0.16.1.dev20200811"
        (tmp_path / "requirements.txt").write_text(pin)
        found = _inferred(tmp_path, _IMPORT)
        assert str(found.release) == "0.17.0"
        assert found.reason == (
            f"requirements.txt, line 1 pins {pin}, a nightly build; 0.17.0 is the release that it"
            " preceded."
        )

    def test_of_a_nightly_build_without_one(self, tmp_path):
        (tmp_path / "requirements.txt").write_text("tensorflow-federated-nightly\n")
        found = _inferred(tmp_path, _IMPORT + "tff.NamedTupleType\n")
        assert str(found.release) == "0.15.0"
        assert found.reason == (
            "requirements.txt, line 1 installs tensorflow-federated-nightly, which is no release;"
            " going by the code, line 2 uses tff.NamedTupleType: 0.15.0 was the last release that"
            " had it."
        )

    def test_lower_bounds(self, tmp_path):
        (tmp_path / "requirements.txt").write_text("tensorflow-federated>=0.16\n")
        source = _IMPORT + "tff.NamedTupleType\ntff.federated_sum\n"
        found = _inferred(tmp_path, source)
        assert len(found.misfits) == 1
        assert any(
            f"requires tensorflow-federated>=0.16: 0.16.0 to {_NEWEST}" in e for e in found.evidence
        )

    def test_of_tensorflow(self, tmp_path):
        (tmp_path / "requirements.txt").write_text("tensorflow==2.1.0\n")
        found = _inferred(tmp_path, _IMPORT + "tff.federated_sum\n")
        assert str(found.release) == "0.13.1"
        assert found.doubt == "only habits, dates or prose speak against newer releases"

    def test_the_pin_wins_over_the_installed_release(self, tmp_path):
        (tmp_path / "requirements.txt").write_text("tensorflow-federated==0.80.0\n")
        program = tmp_path / "program.py"
        program.write_text(_IMPORT)
        assert str(inference.infer(program, newest=Version("0.64.0")).release) == "0.80.0"


class TestWhatItStates:
    def test_tests_of_the_version(self, tmp_path):
        found = _inferred(tmp_path, _IMPORT + "assert tff.__version__ < '0.17'\n")
        assert str(found.release) == "0.16.1"
        assert found.reason == "line 2 tests tff.__version__ < '0.17': it stops 0.17.0."
        assert found.doubt is None

    def test_a_docstring(self, tmp_path):
        found = _inferred(tmp_path, '"""For TFF 0.13.1."""\n' + _IMPORT + "tff.federated_sum\n")
        assert str(found.release) == "0.13.1"
        assert found.doubt == "only habits, dates or prose speak against newer releases"

    def test_a_docstring_that_does_not_say_of_what(self, tmp_path):
        found = _inferred(
            tmp_path, '"""Training as of 0.13.1."""\n' + _IMPORT + "tff.federated_sum\n"
        )
        assert str(found.release) == "0.13.1"
        assert found.reason.startswith("line 1 names as of 0.13.1")

    def test_code_wins_over_a_docstring(self, tmp_path):
        found = _inferred(tmp_path, '"""For TFF 0.17."""\n' + _IMPORT + "tff.NamedTupleType\n")
        assert str(found.release) == "0.15.0"

    @pytest.mark.parametrize("folder", [".", "p/q"])
    def test_a_readme(self, tmp_path, folder):
        (tmp_path / ".git").touch()
        (tmp_path / "README.md").write_text("For TFF 0.13.1.")
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        found = _inferred(tmp_path / folder, _IMPORT + "tff.federated_sum\n")
        assert str(found.release) == "0.13.1"

    def test_the_day_of_the_last_commit(self, tmp_path):
        _git(tmp_path, "init")
        found = _inferred(tmp_path, _IMPORT + "tff.federated_sum\n")
        assert str(found.release) == _NEWEST
        _git(tmp_path, "add", ".")
        _git(tmp_path, "commit", "-m", "x")
        found = inference.infer(tmp_path / "program.py")
        assert str(found.release) == "0.14.0"
        assert found.reason == (
            "the history has its last change on 2020-05-20: 0.15.0 came on 2020-07-16."
        )
        assert found.doubt is not None

    def test_a_nightly_build_of_the_day_of_the_last_commit(self, tmp_path):
        _git(tmp_path, "init")
        # Nothing that came by that day explains it: a nightly build before the next release did.
        source = _IMPORT + "tff.FederatedType.check_abstract\n"
        assert str(_inferred(tmp_path, source).release) == "0.67.0"
        _git(tmp_path, "add", ".")
        _git(tmp_path, "commit", "-m", "x")
        assert str(inference.infer(tmp_path / "program.py").release) == "0.15.0"

    def test_an_own_module_that_changed_later(self, tmp_path):
        _git(tmp_path, "init")
        (tmp_path / "lib.py").write_text("")
        _inferred(tmp_path, _IMPORT + "import lib\ntff.federated_sum\n")
        _git(tmp_path, "add", ".")
        _git(tmp_path, "commit", "-m", "x")
        (tmp_path / "lib.py").write_text("x = 1\n")
        assert str(inference.infer(tmp_path / "program.py").release) == _NEWEST


class TestDoubt:
    def test_strong_evidence(self, tmp_path):
        found = _inferred(tmp_path, _IMPORT + "tff.NamedTupleType\n")
        assert (found.doubt, found.others) == (None, ())
        found = _inferred(tmp_path, _IMPORT + "tff.tensorflow.computation\n")
        assert (found.doubt, found.others) == (None, ())

    def test_what_every_release_has(self, tmp_path):
        found = _inferred(tmp_path, _IMPORT + "tff.federated_sum\n")
        assert str(found.release) == _NEWEST
        assert found.doubt == "all that it uses is in every release"
        assert [str(release) for release in found.others] == ["0.86.0", "0.69.0"]

    def test_names_at_run_time(self, tmp_path):
        found = _inferred(tmp_path, _IMPORT + "tff.NamedTupleType\n__import__(name)\n")
        assert found.doubt == "line 3 imports modules by names that are not in the code"
        assert len(found.others) == 2

    def test_misfits(self, tmp_path):
        source = _IMPORT + "tff.federated_average\ntff.NamedTupleType\ntff.tensorflow.computation\n"
        found = _inferred(tmp_path, source)
        assert str(found.release) == "0.2.0"
        assert found.doubt == "no release fits all that it does (1 of 3 do not fit)"
        assert found.misfits == ("line 4 uses tff.tensorflow.computation: 0.2.0 does not have it",)
        assert found.reason == (
            "no release fits everything, and 0.2.0 fits best; line 2 uses tff.federated_average:"
            " 0.2.0 was the last release that had it."
        )

    def test_habits(self, tmp_path):
        source = _IMPORT + "import tensorflow as tf\ntf.compat.v1.enable_v2_behavior()\n"
        found = _inferred(tmp_path, source)
        assert str(found.release) == "0.14.0"
        assert found.doubt == "only habits, dates or prose speak against newer releases"

    def test_members(self, tmp_path):
        found = _inferred(tmp_path, _IMPORT + "tff.federated_sum\nm.report_local_outputs()\n")
        assert str(found.release) == "0.20.0"

    def test_arguments_that_are_handed_on(self, tmp_path):
        source = "def f(**k): tff.learning.from_keras_model(m, b, l, **k)\nf(optimizer=o)\n"
        assert str(_inferred(tmp_path, _IMPORT + source).release) == "0.12.0"

    def test_no_members_of_what_does_not_use_tff(self, tmp_path):
        assert str(_inferred(tmp_path, "m.report_local_outputs()\n").release) == _NEWEST

    def test_others_are_no_newer_than_the_installed_one(self, tmp_path):
        program = tmp_path / "program.py"
        program.write_text(_IMPORT + "tff.federated_sum\n")
        found = inference.infer(program, newest=Version("0.64.0"))
        assert [str(release) for release in found.others] == ["0.49.0", "0.27.0"]


class TestEvidence:
    def test_what_bounds_the_release(self, tmp_path):
        found = _inferred(
            tmp_path, _IMPORT + "tff.NamedTupleType\ntff.federated_sum\ntff.to_type\n"
        )
        assert found.evidence == ("line 2 uses tff.NamedTupleType: 0.1.0 to 0.15.0",)

    def test_one_release(self, tmp_path):
        found = _inferred(tmp_path, _IMPORT + "assert tff.__version__ == '0.9.0'\n")
        assert found.evidence == (
            f"line 2 uses tff.__version__: 0.9.0 to {_NEWEST}",
            "line 2 tests tff.__version__ == '0.9.0': 0.9.0",
        )

    def test_names_of_no_release_are_misfits(self, tmp_path):
        found = _inferred(tmp_path, _IMPORT + "tff.nothing\n")
        assert found.misfits == ("line 2 uses tff.nothing: no release had it",)
        assert found.reason == f"everything that it uses is in {_NEWEST}, the newest release."


class TestProgram:
    def _program(self, tmp_path: Path, source: str) -> inference.Program:
        (tmp_path / "main.py").write_text(_IMPORT + source + "\n")
        return inference.Program(tmp_path / "main.py")

    def test_by_code_alone(self, tmp_path):
        (tmp_path / "requirements.txt").write_text("tensorflow-federated==0.9.0\n")
        program = self._program(tmp_path, "'TFF 0.9.0'\ntff.NamedTupleType")
        assert str(program.by_code().release) == "0.15.0"
        assert str(program.by_code(Version("0.12.0")).release) == "0.12.0"

    def test_what_a_release_lacks(self, tmp_path):
        program = self._program(
            tmp_path,
            "tff.NamedTupleType\ntff.learning.from_keras_model(m, optimizer=o)\n"
            "tff.learning.Model\ntff.TensorType(tf.int32)",
        )
        assert program.missing(Version("0.12.0")) == [
            "line 3 calls tff.learning.from_keras_model(1 by position, optimizer): that of 0.12.0"
            " needs 'dummy_batch'"
        ]
        found = program.missing(Version("0.18.0"))
        assert [text.split(":")[0] for text in found] == [
            "line 2 uses tff.NamedTupleType",
            "line 3 calls tff.learning.from_keras_model(1 by position, optimizer)",
        ]
        release = Version("0.53.0")
        assert len(program.missing(release)) == 3
        assert len(program.missing(release, ["tff.learning.Model"])) == 1
        assert program.missing(release, []) == []
        assert len(program.missing(release, [], "from_keras_model")) == 1
        assert len(program.missing(release, ["tff.learning.Model"], "NamedTupleType")) == 2

    def test_differences(self, tmp_path):
        program = self._program(
            tmp_path, "tff.learning.build_federated_averaging_process(m, o)\ntff.NamedTupleType"
        )
        assert program.differences(Version("0.10.0"), Version("0.11.0")) == []
        assert program.differences(Version("0.11.0"), Version("0.12.0")) == [
            "line 2 calls tff.learning.build_federated_averaging_process(2 by position): it means"
            " something else"
        ]
        assert program.differences(Version("0.15.0"), Version("0.16.0")) == [
            "line 3 uses tff.NamedTupleType: 0.15.0 was the last release that had it"
        ]
        assert program.differences(Version("0.16.0"), Version("0.15.0")) == program.differences(
            Version("0.15.0"), Version("0.16.0")
        )
        # What neither has is no difference, and a habit is none.
        assert program.differences(Version("0.17.0"), Version("0.18.0")) == []
        program = self._program(tmp_path, "m.report_local_outputs()")
        assert program.differences(Version("0.20.0"), Version("0.21.0")) == []

    @pytest.mark.parametrize(
        ("name", "path"),
        [
            ("tff.learning.X", "tff.learning.X"),
            ("tensorflow_federated.python.x", "tensorflow_federated.python.x"),
            ("tensorflow_federated.python.learning.Model", "tff.learning.Model"),
            ("Model.report_local_outputs", "tff.learning.Model.report_local_outputs"),
            ("Model.nothing", None),
            ("tffx", None),
        ],
    )
    def test_full_names(self, name, path):
        assert inference.full_name(name) == path
