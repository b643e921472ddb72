"""Checks which lines of a cell are taken out, and that everything else stays."""

from __future__ import annotations

import ast

import pytest
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
        "%pip install -r requirements.txt",
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


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("!pip install -q tensorflow_federated matplotlib", "!pip install -q matplotlib"),
        ("%pip install tensorflow nest_asyncio", "%pip install nest_asyncio"),
        ("pip install tensorflow nest_asyncio", "%pip install nest_asyncio"),
        ("!pip install tensorflow && pip install attrs", "!pip install attrs"),
        ("!pip install tensorflow; ls", "!ls"),
        ("!pip install tensorflow -r more.txt", "!pip install -r more.txt"),
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
