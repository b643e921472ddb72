"""`tff-compat upgrade`: which files it writes, and what of them stays."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from tff_compat import cli
from tff_compat.source import rewriting

LEGACY = """import tensorflow_federated as tff


@tff.tf_computation
def one():
  return 1
"""
MODERN = LEGACY.replace("tff.tf_computation", "tff.tensorflow.computation")
LEFT = LEGACY + "\n\ntff.framework.EagerTFExecutor(None)\n"


def notebook(*cells: str, **top: object) -> str:
    written = [
        {"cell_type": "code", "execution_count": 7, "metadata": {"tags": ["ü"]},
         "outputs": [{"name": "stdout", "output_type": "stream", "text": ["1.0\n"]}],
         "source": text.splitlines(keepends=True)}
        for text in cells
    ]  # fmt: skip
    whole = {"cells": written, "metadata": {"z": 1, "a": 2}, "nbformat": 4, "nbformat_minor": 4}
    return json.dumps({**whole, **top}, indent=1, ensure_ascii=False) + "\n"


@pytest.fixture
def upgrade(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)

    def upgrade(*options: str) -> tuple[int, str, str]:
        status = cli.main(["upgrade", "--as-of", "0.16.1", *options])
        captured = capfd.readouterr()
        return status, captured.out, captured.err

    return upgrade


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "a.py"
    path.write_text(LEGACY)
    return path


def test_a_file(upgrade, path):
    assert upgrade("a.py") == (
        0, "", "tff-compat: 1 written in 1 of 1 file (TFF102 1); 0 left.\n",
    )  # fmt: skip
    assert path.read_text() == MODERN
    assert upgrade("a.py")[2] == "tff-compat: 0 written in 0 of 1 file; 0 left.\n"
    assert path.read_text() == MODERN


def test_diff(upgrade, path):
    status, out, err = upgrade("a.py", "--diff")
    assert status == 0
    assert out == (
        "--- a.py\n+++ a.py\n@@ -1,6 +1,6 @@\n import tensorflow_federated as tff\n \n \n"
        "-@tff.tf_computation\n+@tff.tensorflow.computation\n def one():\n   return 1\n"
    )
    assert "1 to be written" in err
    assert path.read_text() == LEGACY


def test_check(upgrade, path):
    assert upgrade("a.py", "--check")[0] == 1
    assert path.read_text() == LEGACY
    path.write_text(MODERN)
    assert upgrade("a.py", "--check")[0] == 0


def test_diff_and_check_exclude_each_other(upgrade, path):
    with pytest.raises(SystemExit) as stopped:
        upgrade("a.py", "--diff", "--check")
    assert stopped.value.code == 2


def test_selected_codes(upgrade, path):
    assert upgrade("a.py", "--ignore", "TFF102")[0] == 0
    assert path.read_text() == LEGACY
    upgrade("a.py", "--select", "TFF1")
    assert path.read_text() == MODERN


def test_what_is_left_is_listed(upgrade, path):
    path.write_text(LEFT)
    status, _, err = upgrade("a.py")
    assert status == 0
    lines = err.splitlines()
    assert lines[0].startswith("a.py:9:1: TFF104 [none] tff.framework.EagerTFExecutor")
    assert lines[-1] == "tff-compat: 1 written in 1 of 1 file (TFF102 1); 1 left (TFF104 1)."


def test_annotations_are_put_once(upgrade, path):
    path.write_text(LEFT)
    upgrade("a.py", "--annotate")
    once = path.read_text()
    lines = once.splitlines()
    assert lines[8].startswith("# TODO(tff-compat TFF104): tff.framework.EagerTFExecutor")
    assert lines[9] == "tff.framework.EagerTFExecutor(None)"
    upgrade("a.py", "--annotate")
    assert path.read_text() == once


def test_annotations_stand_above_statements(upgrade, path):
    path.write_text(
        "import tensorflow_federated as tff\n\n\n"
        "def f(x):\n"
        "  if x:\n"
        "    a = 1 + \\\n"
        "        tff.framework.EagerTFExecutor(None)\n"
        "  elif tff.framework.Executor:\n"
        "    a = 2; b = (1,\n"
        "      tff.framework.EagerTFExecutor(None))\n"
        "  return a\n"
    )
    upgrade("a.py", "--annotate")
    once = path.read_text()
    lines = once.splitlines()
    above = [(each, after) for each, after in zip(lines, lines[1:]) if "TODO" in each]
    assert [(each[: each.index("TODO")], after.strip()[:6]) for each, after in above] == [
        ("    # ", "a = 1 "),
        ("  # ", "elif t"),
        ("    # ", "a = 2;"),
    ]
    upgrade("a.py", "--annotate")
    assert path.read_text() == once


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_marks_stay(upgrade, path, newline, bom):
    text = LEGACY + "\nx = 'ü' \t\n\n\n"
    path.write_bytes(bom + text.replace("\n", newline).encode())
    assert upgrade("a.py")[0] == 0
    wanted = text.replace("tff.tf_computation", "tff.tensorflow.computation")
    assert path.read_bytes() == bom + wanted.replace("\n", newline).encode()


def test_mixed_line_ends_stay(upgrade, path):
    path.write_bytes(LEGACY.replace("\n", "\r\n", 2).encode() + b"x = 1\r\ny = 2")
    upgrade("a.py")
    assert path.read_bytes() == MODERN.replace("\n", "\r\n", 2).encode() + b"x = 1\r\ny = 2"


def test_lines_added_end_as_the_others(upgrade, path):
    text = (
        "import tensorflow as tf\nimport tensorflow_federated as tff\n\n"
        "T = tff.TensorType(tf.int64)\n"
    )
    path.write_bytes(text.replace("\n", "\r\n").encode())
    upgrade("a.py")
    content = path.read_bytes()
    assert b"import numpy as np\r\n" in content
    assert content.count(b"\n") == content.count(b"\r\n")


def test_other_encodings_stay(upgrade, path):
    text = "# -*- coding: latin-1 -*-\n" + LEGACY + "x = 'déjà'\n"
    path.write_bytes(text.encode("latin-1"))
    upgrade("a.py")
    wanted = "# -*- coding: latin-1 -*-\n" + MODERN + "x = 'déjà'\n"
    assert path.read_bytes() == wanted.encode("latin-1")


@pytest.mark.parametrize("mode", [0o644, 0o755, 0o600, 0o664])
def test_modes_stay(upgrade, path, mode):
    path.chmod(mode)
    upgrade("a.py")
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert path.read_text() == MODERN


def test_links_stay(upgrade, path, tmp_path):
    (tmp_path / "real").mkdir()
    target = path.rename(tmp_path / "real" / "b.py")
    path.symlink_to(Path("real", "b.py"))
    upgrade("a.py")
    assert path.is_symlink()
    assert os.readlink(path) == os.path.join("real", "b.py")
    assert target.read_text() == MODERN
    # A file that is reached by two names is written once.
    target.write_text(LEGACY)
    assert upgrade(".")[0] == 0
    assert target.read_text() == MODERN


def test_a_read_only_file_leaves_all_as_they_were(upgrade, path, tmp_path):
    other = tmp_path / "b.py"
    other.write_text(LEGACY)
    other.chmod(0o444)
    status, _, err = upgrade(".")
    assert status == 2
    assert "b.py is read-only; nothing is changed. chmod u+w b.py" in err
    assert path.read_text() == other.read_text() == LEGACY
    assert upgrade(".", "--diff")[0] == 0
    # One that would not change need not be written.
    other.chmod(0o644)
    other.write_text(MODERN)
    other.chmod(0o444)
    assert upgrade(".")[0] == 0
    assert path.read_text() == MODERN


def test_files_that_cannot_be_decoded_stay(upgrade, path, tmp_path):
    content = "# tensorflow_federated, déjà vu\n".encode("latin-1")
    (tmp_path / "b.py").write_bytes(content)
    status, _, err = upgrade(".")
    assert status == 2
    assert "b.py: is not Python source: " in err
    assert (tmp_path / "b.py").read_bytes() == content
    assert path.read_text() == MODERN


@pytest.mark.parametrize(
    "text",
    ["import tensorflow_federated as tff\nprint 'two'\n", "import tensorflow_federated as tff\n("],
)
def test_files_that_are_no_python_3_stay(upgrade, path, text):
    path.write_text(text)
    status, _, err = upgrade("a.py", "--annotate")
    assert status == 0
    assert "TFF100 [none]" in err
    assert path.read_text() == text


def test_files_without_tff_stay(upgrade, path):
    text = b"\xef\xbb\xbfimport os\r\nprint( os )\n\n\n"
    path.write_bytes(text)
    assert upgrade("a.py", "--annotate", "--unsafe")[0] == 0
    assert path.read_bytes() == text


def test_of_a_notebook_only_the_sources_change(upgrade, tmp_path):
    cells = [
        "import tensorflow_federated as tff\nx = 'ü'",
        "%matplotlib inline\n!pip install x\n\n@tff.tf_computation\ndef one():\n  return 1",
        "print(1)",
    ]
    before = notebook(*cells)
    path = tmp_path / "a.ipynb"
    path.write_text(before, "utf-8")
    assert upgrade("a.ipynb")[0] == 0
    after = path.read_text("utf-8")
    assert after == before.replace("tff.tf_computation", "tff.tensorflow.computation")
    upgrade("a.ipynb")
    assert path.read_text("utf-8") == after


def test_a_cell_may_begin_with_a_decorated_function(upgrade, tmp_path):
    cells = [
        "import tensorflow_federated as tff\nimport tensorflow as tf",
        "@tff.federated_computation(tff.FederatedType(tf.int32, tff.SERVER))\n"
        "def f(x):\n  return x\n\nt = tff.TensorType(tf.float32)",
    ]
    path = tmp_path / "a.ipynb"
    path.write_text(notebook(*cells), "utf-8")
    assert upgrade("a.ipynb")[0] == 0
    written = "".join(json.loads(path.read_text("utf-8"))["cells"][1]["source"])
    assert written.startswith("import numpy as np\n@tff.federated_computation(")


@pytest.mark.parametrize("indent", [None, 2, "\t"])
def test_notebooks_in_other_layouts(upgrade, tmp_path, indent):
    whole = json.loads(notebook("import tensorflow_federated as tff\ntff.tf_computation"))
    for cell in whole["cells"]:
        cell["source"] = "".join(cell["source"])
    path = tmp_path / "a.ipynb"
    before = json.dumps(whole, indent=indent, ensure_ascii=True)
    path.write_text(before)
    upgrade("a.ipynb")
    assert path.read_text() == before.replace("tff.tf_computation", "tff.tensorflow.computation")


def test_a_notebook_that_is_torn_stays(upgrade, tmp_path):
    whole = notebook("import tensorflow_federated as tff", "tff.tf_computation")
    path = tmp_path / "a.ipynb"
    for length in range(0, len(whole) - 2, 7):
        path.write_text(whole[:length])
        assert upgrade("a.ipynb")[0] in (0, 2)
        assert path.read_text() == whole[:length]


def test_many_programs_are_all_written(upgrade, tmp_path):
    for number in range(12):
        (tmp_path / f"program{number}.py").write_text(LEGACY)
    assert "12 written in 12 of 12 files" in upgrade(".")[2]
    assert all(path.read_text() == MODERN for path in tmp_path.glob("*.py"))


def test_a_report(upgrade, path, tmp_path):
    path.write_text(LEFT.replace("return 1", "return '<b>' # & " + "long " * 60))
    assert upgrade("a.py", "--report", "out.html")[0] == 0
    page = (tmp_path / "out.html").read_text("utf-8")
    assert page.startswith("<!doctype html>")
    assert '<td class="gone">@tff.tf_computation</td>' in page
    assert "&lt;b&gt;" in page
    assert "<code>a.py:9:1</code> TFF104: tff.framework.EagerTFExecutor" in page


def test_a_report_that_cannot_be_written_leaves_all_as_it_was(upgrade, path):
    status, _, err = upgrade("a.py", "--report", "nowhere/out.html")
    assert status == 2
    assert "--report: nowhere/out.html: No such file or directory." in err
    assert path.read_text() == LEGACY


def test_each_package_is_written_as_of_its_release(upgrade, tmp_path):
    (tmp_path / "new_lib").mkdir()
    for path in ("new_lib/one.py", "other.py"):
        (tmp_path / path).write_text(LEGACY)
    _, _, err = upgrade(".", "--as-of", "new_lib=0.87")
    assert (tmp_path / "other.py").read_text() == MODERN
    assert (tmp_path / "new_lib" / "one.py").read_text() == LEGACY
    assert "new_lib/one.py:4:2: TFF107" in err


def test_a_real_release_is_one(upgrade, path):
    status, _, err = upgrade(".", "--as-of", "new_lib=0.87", "--prove", "legacy.py", "--real")
    assert (status, "--real is of one release" in err) == (2, True), err


def test_code_that_would_be_no_python_is_not_written(upgrade, path, monkeypatch):
    monkeypatch.setattr(rewriting, "_apply", lambda text, edits: f"{text}(")
    status, out, err = upgrade("a.py")
    assert (status, out) == (2, "")
    assert "a.py: the code written would be no Python at line" in err
    assert "Nothing is changed." in err
    assert path.read_text() == LEGACY
