"""Checks which lines of a cell are taken out, and that everything else stays."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
from tff_compat.running import requirements
from tff_compat.running.reinstalls import without_reinstalls


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


@pytest.mark.parametrize(
    "line",
    [
        "!pip install tensorflow_federated",
        "!pip install --quiet --upgrade tensorflow_federated",
        "!pip install -q tensorflow-federated==0.9.0",
        "!pip3 install 'tensorflow>=2.0'",
        '!pip install "tensorflow==1.15" ',
        "!pip install tf-nightly-gpu-2.0-preview",
        "!pip install tensorflow-cpu tf_nightly",
        "!pip uninstall -y tensorflow tensorflow-gpu",
        "!yes | pip uninstall tensorflow",
        "!python -m pip install tensorflow==2.0.0",
        "!{sys.executable} -m pip install tensorflow_federated",
        "!/usr/bin/python3.7 -m pip install --user tensorflow_federated",
        "!sudo -H pip install tensorflow",
        "%pip install tensorflow_federated",
        "% pip install tensorflow_federated",
        "pip install tensorflow_federated",
        "!!pip install tensorflow_federated",
        "!uv pip install tensorflow_federated",
        "!conda install -y tensorflow",
        "!pip install git+https://github.com/tensorflow/federated.git@v0.9.0",
        "!pip install https://example.org/tensorflow-1.15.0-cp37-cp37m-linux_x86_64.whl",
        "!pip install --quiet tensorflow_federated > /dev/null 2>&1",
        "!pip install tensorflow_federated && pip install tensorflow",
        "%tensorflow_version 2.x",
    ],
)
def test_is_skipped(line):
    new, skipped = without_reinstalls(_lines(f"a = 1\n    {line}\nb = 2\n"))
    assert (new[0], new[2]) == ("a = 1\n", "b = 2\n")
    assert new[1].startswith(("    print('tff-compat: ", '    print("tff-compat: '))
    ast.parse(new[1].strip())
    assert [each.kept for each in skipped] == [""]
    assert skipped[0].statement == line.strip()


@pytest.mark.parametrize(
    "line",
    [
        "!pip install matplotlib",
        "!pip install tensorflow-privacy",
        "!pip install --upgrade nest_asyncio",
        "!pip install tensorflow_datasets tensorflow-addons",
        "!pip list | grep tensorflow",
        "!pip show tensorflow",
        "!pip freeze",
        "!echo pip",
        "!ls tensorflow",
        "import tensorflow as tf",
        "# !pip install tensorflow",
        "print('!pip install tensorflow')",
        "pip = install('tensorflow')",
        "%matplotlib inline",
        "%load_ext tensorboard",
        "x = 5 % tensorflow_version",
    ],
)
def test_is_left(line):
    lines = _lines(f"{line}\n")
    assert without_reinstalls(lines) == (lines, [])


_SUBSTITUTED = f'"$({sys.executable} -m tff_compat.running.requirements '


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("%pip install -r requirements.txt", f'%pip install -r {_SUBSTITUTED}requirements.txt)"'),
        ("!pip install -rmore.txt; ls", f'!pip install -r {_SUBSTITUTED}more.txt)"; ls'),
    ],
)
def test_files_of_requirements_are_looked_at_when_they_are_installed(line, kept):
    new, (skipped,) = without_reinstalls(_lines(f"{line}\n"))
    assert (skipped.kept, skipped.told) == (kept, False)
    ast.parse(new[0])
    assert "print" not in new[0]


def test_requirements_without_tensorflow(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TFF_COMPAT_REPORTS", str(tmp_path))
    (tmp_path / "all.txt").write_text(
        "# for training\nsix==1.0 ; python_version > '3'\ntensorflow>=2.1,<3\n-r sub/more.txt\n"
        "tensorflow-federated==0.13.1 \\\n    --hash=sha256:1\n--no-index\n./own\n"
    )
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "more.txt").write_text("tf-nightly\nattrs\n-c bounds.txt\n-e .\n")
    requirements.main("all.txt")
    told = capsys.readouterr()
    assert Path(told.out.strip()).read_text().splitlines() == [
        "# for training", "six==1.0 ; python_version > '3'", "attrs",
        f"-c {tmp_path}/sub/bounds.txt", f"-e {tmp_path}/sub", "--no-index", f"{tmp_path}/own",
    ]  # fmt: skip
    assert [line.split("`")[1].split()[0] for line in told.err.splitlines()] == [
        "tensorflow>=2.1,<3", "tf-nightly", "tensorflow-federated==0.13.1",
    ]  # fmt: skip
    requirements.main("missing.txt")
    assert capsys.readouterr() == ("missing.txt\n", "")


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("!pip install -q tensorflow_federated matplotlib", "!pip install -q matplotlib"),
        ("%pip install tensorflow nest_asyncio", "%pip install nest_asyncio"),
        ("pip install tensorflow nest_asyncio", "%pip install nest_asyncio"),
        ("!pip install tensorflow && pip install attrs", "!pip install attrs"),
        ("!pip install tensorflow; ls", "!ls"),
        ("!pip install tensorflow || ls", "!true || ls"),
        ("!ls || pip install tensorflow", "!ls || true"),
        ("!cd a ; pip install tensorflow six && ls || pwd", "!cd a ; pip install six && ls || pwd"),
        ("!ls && pip install tensorflow", "!ls"),
        ("!pip install 'tensorflow >=2, <3' 'numpy <2'", "!pip install 'numpy <2'"),
        ("!pip install \"tensorflow; python_version>'3'\" six", "!pip install six"),
        ("!pip install tensorflow six | tail -1", "!pip install six | tail -1"),
        ("!pip install tensorflow six  # and tensorboard", "!pip install six"),
        ("!pip install tensorflow -r more.txt", f'!pip install -r {_SUBSTITUTED}more.txt)"'),
    ],
)
def test_the_rest_of_the_line_is_kept(line, kept):
    new, (skipped,) = without_reinstalls(_lines(f"{line}\n"))
    assert skipped.kept == kept
    assert len(new) == 1
    ast.parse(new[0])
    assert "get_ipython()." in new[0]


def test_continuation_lines_go_with_it_and_line_numbers_stay():
    cell = "!pip install --quiet \\\n    tensorflow_federated \\\n    tensorflow\nprint(1)\n"
    new, (skipped,) = without_reinstalls(_lines(cell))
    assert skipped.statement == "!pip install --quiet tensorflow_federated tensorflow"
    assert len(new) == 4
    assert new[1:] == ["\n", "\n", "print(1)\n"]


def test_shell_cells():
    new, skipped = without_reinstalls(_lines("%%bash\npip install 'tensorflow'\nls\n"))
    assert new[0] == "%%bash\n"
    assert new[1].startswith("echo 'tff-compat: ")
    assert new[2] == "ls\n"
    assert len(skipped) == 1


def test_a_line_of_python_that_looks_like_a_shell_command_is_left():
    lines = _lines("text = '''\n!pip is nice\n'''\n")
    assert without_reinstalls(lines) == (lines, [])
