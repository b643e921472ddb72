"""Every block of code in README and the docs is tried.

Commands that read source or data are executed, and so is Python, where TFF is installed. Of others
it is checked that each command, option, environment and file is there, and a reason stands here why
no more; `pytest -rs` prints those of Python. `docs/codes.md` has a test of its own, which executes
its blocks.
"""

from __future__ import annotations

import ast
import configparser
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import tff_compat
from tff_compat import cli
from tff_compat.adapters import index
from tff_compat.commands import selection

_ROOT = Path(__file__).parents[1]
_PAGES = [
    *(_ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")),
    *sorted(page for page in (_ROOT / "docs").glob("*.md") if page.name != "codes.md"),
    *sorted((_ROOT / "examples").glob("*/README.md")),
    _ROOT / "tests" / "programs" / "README.md",
]
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
_BLOCKS = [
    pytest.param(page, match[1], match[2], id=f"{page.relative_to(_ROOT)}:{number}")
    for page in _PAGES
    for number, match in enumerate(_BLOCK.finditer(page.read_text("utf-8")), 1)
]

_EXECUTED = ("check", "coverage", "explain", "stubs")
"""Commands that need neither TFF nor an environment, and write nothing but what is new."""

_NOT_EXECUTED = {
    "run": "runs a program on TFF",
    "upgrade": "writes files, or runs what proves them; tests/commands/test_upgrade.py executes it",
    "env": "builds environments; tests/commands/test_env.py executes it",
    "kernel": "needs Jupyter; tests/notebooks executes it",
    "worker": "runs until it is ended; tests/commands/test_worker.py executes it",
}
"""Commands of ours of which only the words are checked, and why."""

_FOREIGN = {
    "cd": "is the shell's",
    "conda": "is not a package of the index",
    "git": "would publish",
    "pip": "installs packages; tests/test_distribution.py installs what is built",
    "uv": "installs packages",
    "python3.7": "installs packages",
}
"""Commands that are neither ours nor checked, and why."""

_PYTHON_NOT_EXECUTED = {
    "CONTRIBUTING.md:6": "is an outline of a declaration",
    "docs/architecture.md:1": "is an outline of a declaration",
    "docs/notebooks.md:1": "installs a package; tests/notebooks executes its magics",
    "docs/several-machines.md:1": "needs two machines; programs with this name have two workers",
    "docs/start.md:3": "installs a package; tests/notebooks executes its magics",
}
"""Blocks of Python of which only the names are checked, and why."""

_BEFORE_PYTHON = """
import collections
import numpy as np
import tensorflow as tf

keras_model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,))])
dummy_batch = collections.OrderedDict(
    x=np.zeros([1, 2], np.float32), y=np.zeros([1, 1], np.float32))
loss = tf.keras.losses.MeanSquaredError()
"""
"""What README's code takes as given."""

_PYTHON = [
    pytest.param(
        *each.values,
        id=each.id,
        marks=[pytest.mark.skip(reason=f"{each.id} {_PYTHON_NOT_EXECUTED[each.id]}")]
        if each.id in _PYTHON_NOT_EXECUTED
        else [],
    )
    for each in _BLOCKS
    if each.values[1] == "python"
]

_LEGACY = "import tensorflow_federated as tff\nmodel = tff.learning.from_keras_model(m, batch)\n"


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder with the files that the pages name."""
    for name in ("train.py", "src/train.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(_LEGACY, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _commands(block: str) -> list[list[str]]:
    """The words of each command, without what is set before it and where its output goes."""
    found = []
    for line in block.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        for command in " ".join(map(shlex.quote, words)).split(" '&&' "):
            words = shlex.split(command)
            words = words[: words.index(">")] if ">" in words else words
            while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
                del words[0]
            if words:
                found.append([words[0].rpartition("/")[2], *words[1:]])
    return found


def _environments() -> set[str]:
    text = (_ROOT / "tox.ini").read_text("utf-8")
    found = {"py", "py39"}
    for before, several in re.findall(r"^\[testenv:([^]{]*)(?:\{(.+)\})?\]$", text, re.M):
        found.update(f"{before}{factor}" for factor in several.split(","))
    return found


def _check_tox(words: list[str]) -> None:
    for option, names in zip(words, words[1:]):
        if option == "-e":
            assert set(names.split(",")) <= _environments(), names


def _check_python(words: list[str]) -> None:
    if words[0] == "-m":
        assert words[1] in ("pip", "venv", "tox"), words
    else:
        assert (_ROOT / words[0]).is_file(), words


def _check_pytest(words: list[str]) -> None:
    plugin = (_ROOT / "compat/tff_compat/testing/pytest_plugin.py").read_text("utf-8")
    for word in words:
        if word.startswith("--tff"):
            assert f'"{word.partition("=")[0]}"' in plugin, word


def _check_ours(words: list[str]) -> None:
    if words[0] in _EXECUTED:
        assert cli.main(words) in (0, 1), words
    else:
        assert words[0] in _NOT_EXECUTED, words
        cli._parsed(words, cli._parser(words[0]))


def _check_shell(block: str) -> None:
    commands = _commands(block)
    assert commands
    for name, *words in commands:
        if name == "tff-compat":
            _check_ours(words)
        elif name == "tox":
            _check_tox(words)
        elif name in ("python", "python3"):
            _check_python(words)
        elif name == "pytest":
            _check_pytest(words)
        else:
            assert name in _FOREIGN, name


def _check_code(block: str) -> None:
    code = "\n".join(line for line in block.splitlines() if not line.startswith("%"))
    for node in ast.walk(ast.parse(code)):
        text = ast.unparse(node) if isinstance(node, ast.Attribute) else ""
        if re.fullmatch(r"tff_compat\.\w+", text):
            assert text.partition(".")[2] in tff_compat.__all__, text
        if text.startswith("tff_compat.learning."):
            assert index.entries(text.replace("tff_compat", "tff")), text


def _check_ini(block: str) -> None:
    parser = configparser.ConfigParser()
    parser.read_string(block)
    assert parser.has_option("testenv", "tff_as_of") or parser.has_option("mypy", "mypy_path")


def _check_toml(block: str) -> None:
    Path("pyproject.toml").write_text(block, "utf-8")
    assert selection._of_pyproject(Path("pyproject.toml"))


def _check_yaml(block: str) -> None:
    """Nothing here reads YAML: of hooks and commands it is checked that they are there."""
    hooks = (_ROOT / ".pre-commit-hooks.yaml").read_text("utf-8")
    for hook in re.findall(r"id: (tff-compat\S*)", block):
        assert f"id: {hook}\n" in hooks
    for command in re.findall(r"run: (?:.*&& )?(tff-compat .*)", block):
        cli._parsed(shlex.split(command)[1:], cli._parser(shlex.split(command)[1]))


_CHECKS = {
    "sh": _check_shell,
    "python": _check_code,
    "ini": _check_ini,
    "toml": _check_toml,
    "yaml": _check_yaml,
    "json": json.loads,
}


@pytest.mark.parametrize(("page", "language", "block"), _BLOCKS)
def test_a_block_is_right(page, language, block, project):
    _CHECKS[language](block)


@pytest.mark.tff
@pytest.mark.parametrize(("page", "language", "block"), _PYTHON)
def test_python_runs(page, language, block, project):
    (project / "legacy_training.py").write_text(
        "import tensorflow_federated as tff\nassert not hasattr(tff, 'NamedTupleType')\n", "utf-8"
    )
    (project / "program.py").write_text("import tff_compat\n" + _BEFORE_PYTHON + block, "utf-8")
    done = subprocess.run(
        [sys.executable, "program.py"], capture_output=True, text=True, check=False, cwd=project
    )
    assert done.returncode == 0, done.stderr


def test_readme_is_short():
    assert len((_ROOT / "README.md").read_text("utf-8").splitlines()) <= 150


def test_links_lead_to_files():
    missing = []
    for page in [*_PAGES, _ROOT / "docs" / "codes.md"]:
        for link in re.findall(r"\]\((?![a-z]+:|#)([^)#\s]+)", page.read_text("utf-8")):
            if not (page.parent / link).exists():
                missing.append(f"{page.relative_to(_ROOT)}: {link}")
    assert not missing


def test_a_command_that_is_not_there_is_found(project):
    with pytest.raises(AssertionError):
        _check_shell("tff-compat chekc src/\n")
    with pytest.raises(AssertionError):
        _check_shell("tox -e nothing\n")
    with pytest.raises(cli.CommandError):
        _check_shell("tff-compat run --no-sumary train.py\n")
