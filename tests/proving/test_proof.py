"""What a proof writes, takes back and refuses; the program that it runs is not real."""

from __future__ import annotations

import pytest
from tff_compat import cli
from tff_compat.proving import running
from tff_compat.proving.comparing import Outcome

SOURCE = """import tensorflow as tf
import tensorflow_federated as tff

READINGS = tff.SequenceType(tf.float32)
TOTAL = tff.TensorType(tf.int64)


@tff.tf_computation(READINGS)
def total(readings):
  return readings.reduce(0.0, lambda a, b: a + b)
"""


class FakeProject:
    """Gives what a test says for the contents that a run finds."""

    needs = ()

    def __init__(self, folder, command, seconds):
        self.folder = folder
        self.script = (folder / command[0]).resolve()
        FakeProject.runs = []

    def as_of(self, release, python):
        FakeProject.runs.append(f"as of {release}")
        return FakeProject.before(self.script.read_text())

    def plain(self, python, contents):
        FakeProject.runs.append(f"plain {python}")
        given = {path.resolve(): text for path, text in contents.items()}.get(self.script)
        text = self.script.read_text() if given is None else given.decode()
        if python == "real":
            return FakeProject.real(text)
        return FakeProject.after(text)


@pytest.fixture
def upgrade(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    script = tmp_path / "train.py"
    script.write_text(SOURCE)
    monkeypatch.setattr(running, "Project", FakeProject)

    def environment(release, purpose, packages):
        return "plain" if str(release) == "0.87.0" else "real"

    monkeypatch.setattr(running, "environment", environment)
    FakeProject.before = staticmethod(lambda text: Outcome(0, "loss 0.5\n"))
    FakeProject.after = staticmethod(lambda text: Outcome(0, "loss 0.5\n"))

    def upgrade(*options: str) -> tuple[int, str, str]:
        command = ["upgrade", "train.py", "--as-of", "0.16.1", "--prove", "train.py", *options]
        status = cli.main(command)
        return status, script.read_text(), capfd.readouterr().err

    return upgrade


def test_what_holds_is_written(upgrade):
    status, text, said = upgrade()
    assert status == 0
    assert "tff.tensorflow.computation(READINGS)" in text
    assert "tff.TensorType(np.int64)" in text
    assert "Before: as of TFF 0.16.1" in said
    assert "The results are the same." in said
    assert said.count("Exit status 0, 0 files written.") == 2
    assert FakeProject.runs == ["as of 0.16.1", "plain plain"]


def test_what_the_runs_gave_is_told(upgrade):
    tests = {"test_a::one": "passes", "test_a::two": "passes", "test_a::three": "is skipped"}
    given = Outcome(0, "", {"a.txt": b"1"}, tests)
    FakeProject.before = FakeProject.after = staticmethod(lambda text: given)
    _, _, said = upgrade()
    assert said.count("Exit status 0, 2 of 3 tests pass, 1 file written.") == 2


def test_the_release_is_that_of_the_program_which_is_run(upgrade, tmp_path):
    head = "import tensorflow_federated as tff\n"
    (tmp_path / "train.py").write_text(f"{head}tff.utils.StatefulAggregateFn(a, b)\n")
    (tmp_path / "older.py").write_text(f"{head}tff.federated_average(x)\n")
    assert cli.main(["upgrade", ".", "--diff", "--prove", "train.py"]) == 0
    assert FakeProject.runs[0] == "as of 0.16.1"
    # Tests may be of any of the programs: the earliest release is that of all.
    FakeProject.before = staticmethod(lambda text: Outcome(1, ""))
    (tmp_path / "test_nothing.py").write_text("")
    cli.main(["upgrade", ".", "--prove", "test_nothing.py"])
    assert FakeProject.runs[0] == "as of 0.2.0"


def test_a_wrong_edit_is_taken_back_and_the_rest_is_kept(upgrade):
    def after(text):
        if "tff.tf_computation" in text:
            return Outcome(1, "", errors="AttributeError: tf_computation\n")
        return Outcome(0, "loss 0.7\n" if "np.int64" in text else "loss 0.5\n")

    FakeProject.after = staticmethod(after)
    status, text, said = upgrade()
    assert status == 0
    assert "TOTAL = tff.TensorType(tf.int64)" in text
    assert "tff.tensorflow.computation(READINGS)" in text
    assert "tff.types.tensorflow_to_type(tf.float32)" in text
    assert "line 1 was 'loss 0.5', and is 'loss 0.7'" in said
    assert "Taken back: train.py:5: TFF202 tff.TensorType" in said
    assert "1 left (TFF202 1)" in said


def test_nothing_changes_where_nothing_can_be_taken_back(upgrade):
    FakeProject.after = staticmethod(lambda text: Outcome(1, "", errors="TypeError: no\n"))
    status, text, said = upgrade()
    assert status == 1
    assert text == SOURCE
    assert "It ended with: TypeError: no" in said
    assert "No part of the edits can be taken back" in said
    assert "Nothing is changed." in said


def test_names_that_are_gone_are_not_tried_again(upgrade, tmp_path):
    (tmp_path / "train.py").write_text(
        "import tensorflow_federated as tff\n\n\n@tff.tf_computation\ndef one():\n  return 1\n"
    )
    FakeProject.after = staticmethod(lambda text: Outcome(1, ""))
    status, text, said = upgrade()
    assert status == 1
    assert "tff.tf_computation" in text
    assert "Without any of the 1 edits it would not run on TFF 0.87.0." in said
    assert "Trying" not in said


@pytest.mark.parametrize("option", ["--diff", "--check"])
def test_nothing_is_written_where_that_was_not_asked(upgrade, option):
    status, text, _ = upgrade(option)
    assert status == (option == "--check")
    assert text == SOURCE


def test_only_what_was_asked_for_is_written(upgrade):
    def after(text):
        return Outcome(0, "loss 0.7\n" if "np.int64" in text else "loss 0.5\n")

    FakeProject.after = staticmethod(after)
    status, text, _ = upgrade("--select", "TFF202")
    assert status == 0
    assert "@tff.tf_computation" in text
    assert "tensorflow_to_type" in text


def test_a_program_that_does_not_run_before(upgrade):
    FakeProject.before = staticmethod(lambda text: Outcome(1, "", errors="ImportError: pandas\n"))
    status, text, said = upgrade()
    assert status == 2
    assert text == SOURCE
    assert "Before the upgrade, it ends with status 1 (ImportError: pandas)" in said
    assert FakeProject.runs == ["as of 0.16.1"]


def test_a_program_that_gives_other_results_each_time(upgrade):
    numbers = iter(range(9))
    FakeProject.before = staticmethod(lambda text: Outcome(0, f"{next(numbers)}\n"))
    status, text, said = upgrade()
    assert status == 2
    assert text == SOURCE
    assert "gives other results each time" in said


def test_the_real_release(upgrade):
    FakeProject.real = staticmethod(lambda text: Outcome(0, "loss 0.5\n"))
    status, _, said = upgrade("--real")
    assert status == 0
    assert FakeProject.runs == ["as of 0.16.1", "plain real", "plain plain"]
    assert said.count("The results are the same.") == 2
    assert "Before, on the real TFF 0.16.1." in said
    assert said.count("Exit status 0, 0 files written.") == 3


def test_the_real_release_differs(upgrade):
    FakeProject.real = staticmethod(lambda text: Outcome(0, "loss 0.4\n"))
    status, text, said = upgrade("--real")
    assert "The real TFF 0.16.1 differs from tff-compat. Standard output differs" in said
    # What is proven is that nothing changes against the run as of the release.
    assert status == 0
    assert text != SOURCE


def test_folders_elsewhere_are_refused(upgrade, tmp_path, capfd, monkeypatch):
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "run.py").write_text("")
    monkeypatch.chdir(inside)
    assert cli.main(["upgrade", str(tmp_path / "train.py"), "--prove", "run.py"]) == 2
    assert "of which a copy is run" in capfd.readouterr().err


def test_no_file_uses_tff(upgrade, tmp_path):
    (tmp_path / "train.py").write_text("print(1)\n")
    status, _, said = upgrade()
    assert status == 2
    assert "nothing to prove" in said


def test_a_command_that_no_shell_takes(upgrade, capfd):
    assert cli.main(["upgrade", "train.py", "--prove", "train.py 'x"]) == 2
    assert "No closing quotation" in capfd.readouterr().err


@pytest.mark.parametrize("option", ["--real", "--with=pandas"])
def test_options_that_go_with_a_proof(option, tmp_path, capfd):
    (tmp_path / "a.py").write_text("")
    assert cli.main(["upgrade", str(tmp_path / "a.py"), option]) == 2
    assert f"{option.partition('=')[0]} goes with --prove." in capfd.readouterr().err
