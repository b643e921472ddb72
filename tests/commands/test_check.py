"""`tff-compat check`: what it prints, in each format, and with which status."""

from __future__ import annotations

import json
import re

import pytest
from tff_compat import cli
from tff_compat.declared.codes import CODES

LEGACY = """import tensorflow as tf
import tensorflow_federated as tff


@tff.tf_computation
def one():
  return 1


READINGS = tff.SequenceType(tf.float32)
"""
MODERN = "import tensorflow_federated as tff\n\nprint(tff.__version__)\n"
KEYS = [
    "path", "cell", "line", "column", "end_line", "end_column", "code", "symbol", "last_release",
    "kind", "replacement", "message",
]  # fmt: skip


def notebook(*cells: str) -> str:
    written = [
        {"cell_type": "code", "execution_count": 7, "metadata": {}, "outputs": [],
         "source": text.splitlines(keepends=True)}
        for text in cells
    ]  # fmt: skip
    whole = {"cells": written, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    return json.dumps(whole, indent=1) + "\n"


@pytest.fixture
def check(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)

    def check(*options: str) -> tuple[int, str, str]:
        status = cli.main(["check", *options])
        captured = capfd.readouterr()
        return status, captured.out, captured.err

    return check


@pytest.fixture
def legacy(tmp_path):
    path = tmp_path / "legacy.py"
    path.write_text(LEGACY)
    return path


def test_full(check, legacy):
    status, out, err = check("legacy.py", "--as-of", "0.16.1")
    assert status == 1
    assert out == (
        "legacy.py:5:2: TFF102 [exact] a function, class or constant that is gone\n"
        "  | @tff.tf_computation\n"
        "  |  ^^^^^^^^^^^^^^^^^^\n"
        "  tff.tf_computation: last in TFF 0.86.0; write instead:\n"
        "      tff.tensorflow.computation\n"
        "\n"
        "legacy.py:10:12: TFF202 [exact] a type of TensorFlow or Python where TFF takes its own\n"
        "  | READINGS = tff.SequenceType(tf.float32)\n"
        "  |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "  tff.SequenceType: last in TFF 0.69.0; write instead:\n"
        "      tff.SequenceType(tff.types.tensorflow_to_type(tf.float32))\n"
        "\n"
    )
    assert err == (
        "tff-compat: 2 found in 1 file that uses TFF: 2 that `tff-compat upgrade` writes, "
        "0 that it writes with --unsafe, for review, 0 for a person.\n"
    )


def test_concise(check, legacy):
    _, out, err = check("legacy.py", "--as-of", "0.16.1", "--output-format", "concise")
    assert out.splitlines()[0] == (
        "legacy.py:5:2: TFF102 [exact] tff.tf_computation as used here was last in TFF 0.86.0. "
        "Write instead: tff.tensorflow.computation"
    )
    assert len(out.splitlines()) == 2
    assert err == ""


def test_json(check, legacy):
    status, out, err = check("legacy.py", "--as-of", "0.16.1", "--output-format", "json")
    assert (status, err) == (1, "")
    found = json.loads(out)
    assert [list(each) for each in found] == [KEYS, KEYS]
    assert found[0] == {
        "path": "legacy.py", "cell": None, "line": 5, "column": 2, "end_line": 5, "end_column": 20,
        "code": "TFF102", "symbol": "tff.tf_computation", "last_release": "0.86.0",
        "kind": "exact", "replacement": "tff.tensorflow.computation",
        "message": "tff.tf_computation as used here was last in TFF 0.86.0. Write instead: "
        "tff.tensorflow.computation",
    }  # fmt: skip


def test_json_of_nothing_is_an_empty_array(check, tmp_path):
    (tmp_path / "modern.py").write_text(MODERN)
    assert check("modern.py", "--output-format", "json") == (0, "[]\n", "")


def test_cells(check, tmp_path):
    (tmp_path / "a.ipynb").write_text(
        notebook("import tensorflow_federated as tff", "\n@tff.tf_computation\ndef f(): return 1")
    )
    _, out, _ = check("a.ipynb", "--as-of", "0.16.1", "--output-format", "json")
    (found,) = json.loads(out)
    assert (found["cell"], found["line"], found["column"]) == (2, 2, 2)
    _, out, _ = check("a.ipynb", "--as-of", "0.16.1", "--output-format", "concise")
    assert out.startswith("a.ipynb:cell 2:2:2: TFF102")


def test_github(check, legacy, tmp_path):
    status, out, _ = check("legacy.py", "--as-of", "0.16.1", "--output-format", "github")
    assert status == 1
    assert out.splitlines()[0] == (
        "::warning title=tff-compat TFF102,file=legacy.py,line=5,col=2,endLine=5,endColumn=20::"
        "tff.tf_computation as used here was last in TFF 0.86.0. Write instead: "
        "tff.tensorflow.computation"
    )
    for line in out.splitlines():
        assert re.fullmatch(r"::(warning|error) [^:]*::[^\r\n]+", line)
    (tmp_path / "a,b.ipynb").write_text(
        notebook("import tensorflow_federated as tff\n@tff.tf_computation\ndef f(): return 1")
    )
    _, out, _ = check("a,b.ipynb", "--as-of", "0.16.1", "--output-format", "github")
    # The lines of a cell are not those of the file.
    assert out.startswith("::warning title=tff-compat TFF102,file=a%2Cb.ipynb::cell 1, line 2: tff")


def test_full_of_several_lines_and_of_what_is_left(check, tmp_path):
    (tmp_path / "a.py").write_text(
        "import tensorflow_federated as tff\nx = tff.NamedTupleType(\n  [int])\n"
        "tff.framework.EagerTFExecutor(None)\n"
    )
    _, out, _ = check("a.py", "--as-of", "0.13.1")
    lines = out.splitlines()
    assert lines[1:3] == ["  | x = tff.NamedTupleType(", "  |     ^^^^^^^^^^^^^^^^^^^"]
    assert lines[-4] == "  | tff.framework.EagerTFExecutor(None)"
    assert lines[-3].startswith("  | ^^^") and "EagerTFExecutor" in lines[-2]


def test_full_of_what_is_for_review(check, tmp_path):
    (tmp_path / "a.py").write_text("import tensorflow_federated as tff\ntff.learning.Model\n")
    _, out, _ = check("a.py", "--as-of", "0.13.1")
    _, concise, _ = check("a.py", "--as-of", "0.13.1", "--output-format", "concise")
    note = re.search(r" \((.*)\)", concise)
    assert note is not None
    assert f"  Look at it: {note[1]}.\n" in out


def test_findings_stand_in_the_order_of_cells(check, tmp_path):
    cells = ["import tensorflow_federated as tff\n\nx = tff.tf_computation", "tff.tf_computation"]
    made = [{"cell_type": "code", "source": cell, "outputs": []} for cell in cells]
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": made, "nbformat": 4}))
    _, out, _ = check("a.ipynb", "--as-of", "0.16.1", "--output-format", "json")
    assert [(each["cell"], each["line"]) for each in json.loads(out)] == [(1, 3), (2, 1)]


def test_sarif(check, legacy):
    _, out, _ = check("legacy.py", "--as-of", "0.16.1", "--output-format", "sarif")
    log = json.loads(out)
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == ["TFF102", "TFF202"]
    assert [result["ruleId"] for result in run["results"]] == rules
    for result in run["results"]:
        assert result["ruleId"] in rules
        assert result["level"] in ("none", "note", "warning", "error")
        assert result["message"]["text"]
        (location,) = result["locations"]
        physical = location["physicalLocation"]
        assert physical["artifactLocation"] == {"uri": "legacy.py"}
        region = physical["region"]
        assert 1 <= region["startLine"] <= region["endLine"]
        assert region["startColumn"] >= 1


def test_statistics(check, legacy):
    status, out, _ = check("legacy.py", "--as-of", "0.16.1", "--statistics")
    assert status == 1
    assert [line.split()[:3] for line in out.splitlines()] == [
        ["1", "TFF102", "exact"],
        ["1", "TFF202", "exact"],
    ]
    assert CODES["TFF102"] in out


def test_inferred_releases(check, legacy, tmp_path):
    (tmp_path / "old.py").write_text(
        "import tensorflow_federated as tff\ntff.learning.assign_weights_to_keras_model(1, 2)\n"
    )
    status, out, _ = check("old.py", "legacy.py", "--infer")
    assert status == 0
    lines = dict(line.split(": ", 1) for line in out.splitlines())
    assert lines["old.py"].startswith("0.16.1: ")
    assert "assign_weights_to_keras_model" in lines["old.py"]
    assert re.match(r"0\.\d+\.\d+: ", lines["legacy.py"])
    _, out, _ = check("old.py", "--infer", "--as-of", "0.12.0")
    assert out == "old.py: 0.12.0: as asked\n"


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        (["--select", "TFF102"], ["TFF102"]),
        (["--select", "TFF1"], ["TFF102"]),
        (["--select", "TFF102,TFF202"], ["TFF102", "TFF202"]),
        (["--ignore", "TFF2"], ["TFF102"]),
        (["--select", "TFF", "--ignore", "TFF102"], ["TFF202"]),
        (["--select", "TFF301"], []),
    ],
)
def test_selected_codes(check, legacy, options, codes):
    status, out, _ = check("legacy.py", "--as-of", "0.16", "--output-format", "json", *options)
    assert [each["code"] for each in json.loads(out)] == codes
    assert status == (1 if codes else 0)


def test_comments_that_ignore(check, tmp_path):
    (tmp_path / "a.py").write_text(
        "import tensorflow_federated as tff\n"
        "a = tff.tf_computation  # tff-compat: ignore\n"
        "b = tff.tf_computation  # tff-compat: ignore[TFF102]\n"
        "c = tff.tf_computation  # tff-compat: ignore[TFF101, TFF301]\n"
    )
    (tmp_path / "b.py").write_text(
        "import tensorflow_federated as tff; tff.tf_computation  # tff-compat: ignore\n"
    )
    _, out, _ = check("a.py", "b.py", "--as-of", "0.16.1", "--output-format", "json")
    assert [(each["path"], each["line"]) for each in json.loads(out)] == [("a.py", 4)]


PYPROJECT = '[tool.tff-compat]\nas-of = "0.16.1"\nselect = ["TFF2"]\noutput-format = "concise"\n'
SETUP_CFG = "[tff-compat]\nas-of = 0.16.1\nselect = TFF2\noutput-format = concise\n"


@pytest.mark.parametrize(
    ("name", "text"), [("pyproject.toml", PYPROJECT), ("setup.cfg", SETUP_CFG)]
)
def test_settings(check, legacy, tmp_path, monkeypatch, name, text):
    (tmp_path / name).write_text(text)
    _, out, _ = check("legacy.py")
    assert out.startswith("legacy.py:10:12: TFF202 [exact] tff.SequenceType")
    assert len(out.splitlines()) == 1
    # What is asked for goes before what is set.
    _, out, _ = check("legacy.py", "--select", "TFF1", "--output-format", "json")
    assert [each["code"] for each in json.loads(out)] == ["TFF102"]
    # Also in a folder of the project.
    inner = tmp_path / "inner"
    inner.mkdir()
    monkeypatch.chdir(inner)
    _, out, _ = check("../legacy.py")
    assert out.startswith("../legacy.py:10:12: TFF202")


def test_settings_of_a_project_around_are_not_those_of_a_repository(
    check, legacy, tmp_path, monkeypatch
):
    (tmp_path / "setup.cfg").write_text("[tff-compat]\nselect = TFF301\n")
    inner = tmp_path / "inner"
    (inner / ".git").mkdir(parents=True)
    monkeypatch.chdir(inner)
    status, _, _ = check("../legacy.py", "--as-of", "0.16.1")
    assert status == 1


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("pyproject.toml", "[tool.tff-compat]\nselected = []\n", "there is no setting selected"),
        ("pyproject.toml", "[tool.tff-compat\n", "pyproject.toml: "),
        ("pyproject.toml", '[tool.tff-compat]\nselect = ["TFF9999"]\n', "no code TFF9999"),
        ("setup.cfg", "[tff-compat]\nas-of = 12.0\n", "--as-of: "),
        ("setup.cfg", "[tff-compat]\nas_of = 0.12\n", "there is no setting as_of"),
        ("setup.cfg", "no section\n", "setup.cfg: "),
        ("pyproject.toml", '[tool.tff-compat]\noutput-format = "xml"\n', "no format xml"),
        ("pyproject.toml", "[tool.tff-compat]\nselect = 3\n", "select"),
    ],
)
def test_settings_that_cannot_be_used(check, legacy, tmp_path, name, text, message):
    (tmp_path / name).write_text(text)
    status, out, err = check("legacy.py")
    assert (status, out) == (2, "")
    assert message in err


@pytest.mark.parametrize(
    ("setting", "there_are"),
    [
        ("selct = TFF1", "there is no setting selct; there are as-of, "),
        ("output-format = xml", "there is no format xml; there are full, concise, "),
    ],
)
def test_what_can_be_set_is_said(check, legacy, tmp_path, setting, there_are):
    (tmp_path / "setup.cfg").write_text(f"[tff-compat]\n{setting}\n")
    _, _, err = check("legacy.py")
    assert there_are in err


def test_other_settings_are_none_of_ours(check, legacy, tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.ruff]\nline-length = 80\n")
    (tmp_path / "setup.cfg").write_text("[metadata]\nname = 100%\n")
    status, _, _ = check("legacy.py", "--as-of", "0.16.1")
    assert status == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["nowhere.py"], "nowhere.py: there is no such file or folder."),
        (["legacy.py", "--as-of", "9.9"], "--as-of: "),
        (["legacy.py", "--target", "9.9"], "--target: "),
        (["legacy.py", "--select", "TFF9999"], "There is no code TFF9999."),
        (["legacy.py", "--ignore", "F401"], "There is no code F401."),
        (["legacy.py", "--selct", "TFF1"], "there is no such option"),
        (["legacy.py", "--trace", "nowhere.json"], "nowhere.json"),
    ],
)
def test_what_cannot_be_asked(check, legacy, options, message):
    status, out, err = check(*options)
    assert (status, out) == (2, "")
    assert message in err


def test_files_that_cannot_be_read(check, legacy, tmp_path):
    (tmp_path / "latin.py").write_bytes("# tensorflow_federated, d\xe9j\xe0 vu\n".encode("latin-1"))
    (tmp_path / "torn.ipynb").write_text(notebook("import tensorflow_federated")[:-30])
    status, out, err = check(".", "--as-of", "0.16.1", "--output-format", "concise")
    assert status == 2
    # The others are checked all the same.
    assert [line.split(":")[0] for line in out.splitlines()] == ["legacy.py", "legacy.py"]
    assert "latin.py: is not Python source: " in err
    assert "torn.ipynb: is not a notebook: " in err


def test_what_is_no_python_3_is_a_finding(check, tmp_path):
    (tmp_path / "two.py").write_text("import tensorflow_federated as tff\nprint 'two'\n")
    status, out, _ = check("two.py", "--output-format", "json")
    (found,) = json.loads(out)
    assert (status, found["code"], found["line"], found["kind"]) == (1, "TFF100", 2, "none")


def test_nothing_is_run(check, tmp_path):
    (tmp_path / "a.py").write_text(
        "import tensorflow_federated as tff\nopen('ran', 'w').close()\nraise SystemExit(9)\n"
    )
    check("a.py")
    assert not (tmp_path / "ran").exists()


def test_folders(check, tmp_path):
    for name in ("a.py", "sub/b.py", ".venv/c.py", "sub/__pycache__/d.py", "notes.txt", "other.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        text = "print(1)\n" if name == "other.py" else LEGACY
        (tmp_path / name).write_text(text)
    _, out, err = check(".", "--as-of", "0.16.1", "--output-format", "json")
    assert sorted({each["path"] for each in json.loads(out)}) == ["a.py", "sub/b.py"]


def test_many_programs(check, tmp_path):
    for number in range(12):
        (tmp_path / f"program{number}.py").write_text(LEGACY)
    _, out, _ = check(".", "--as-of", "0.16.1", "--output-format", "json")
    assert len(json.loads(out)) == 24


def test_packages_have_releases_of_their_own(check, tmp_path):
    (tmp_path / "old_lib").mkdir()
    (tmp_path / "old_lib" / "types.py").write_text(LEGACY)
    (tmp_path / "program.py").write_text(LEGACY)
    releases = ("--as-of", "old_lib=0.9", "--as-of", "0.52")
    _, out, err = check(".", *releases, "--as-of", "gone=0.3", "--infer")
    assert sorted(out.splitlines()) == [
        "old_lib/types.py: 0.9.0: as asked",
        "program.py: 0.52.0: as asked",
    ]
    assert "no file that uses TFF is in gone" in err
    (tmp_path / "pyproject.toml").write_text('[tool.tff-compat]\nas-of = "old_lib=0.9, 0.87"\n')
    _, out, _ = check(".", "--output-format", "json")
    assert {each["path"] for each in json.loads(out) if each["code"] == "TFF102"} == {
        "old_lib/types.py"
    }


def test_a_trace_is_of_one_release(check, legacy, tmp_path):
    (tmp_path / "trace.json").write_text('{"as_of": "0.9.0", "files": {}}')
    status, _, err = check(
        "legacy.py", "--as-of", "old_lib=0.9,0.52", "--trace", str(tmp_path / "trace.json")
    )
    assert (status, "--trace is of one release" in err) == (2, True), err
