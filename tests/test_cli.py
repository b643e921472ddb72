"""Checks what the command line refuses, before anything runs, and how it says so."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tff_compat import cli
from tff_compat.commands import run
from tff_compat.commands import words as division


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    Path("program.py").write_text("raise SystemExit('was run')\n")
    return "program.py"


@pytest.fixture
def notebook(script: str) -> str:
    Path("program.ipynb").write_text(
        json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 4})
    )
    return "program.ipynb"


def _refusal(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert cli.main(["run", *words]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err


def test_without_a_command_the_help_is_shown(capsys):
    assert cli.main([]) == 0
    assert "run a script or notebook as of an earlier release" in capsys.readouterr().out


def test_unknown_release_lists_the_near_ones(script, capsys):
    text = _refusal(capsys, script, "--as-of", "0.13.7")
    assert text.startswith("tff-compat: --as-of: ")
    assert "0.13.7" in text
    assert "0.13.1" in text


def test_missing_program(script, capsys):
    assert "missing.py" in _refusal(capsys, "missing.py")


def test_a_program_that_cannot_be_read_as_python(script, capsys):
    Path("broken.py").write_text("def f(:\n")
    text = _refusal(capsys, "broken.py")
    assert text.startswith("tff-compat: broken.py:1: ")


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--output", "out.ipynb", "program.py"], "--output is for notebooks"),
        (["--keep-going", "program.py"], "are for notebooks"),
        (["-p", "rate", "1", "program.py"], "are for notebooks"),
        (
            ["program.py", "--report", "missing/report.json"],
            "--report: missing/report.json cannot be written",
        ),
    ],
)
def test_options_that_a_script_cannot_have(script, capsys, words, text):
    assert text in _refusal(capsys, "--as-of", "0.9", *words)


@pytest.mark.parametrize(
    ("words", "ours", "programs"),
    [
        ("x.py --rounds 3", "x.py", "--rounds 3"),
        ("x.py --as-of 0.9 --rounds 3 --output o", "x.py --as-of 0.9", "--rounds 3 --output o"),
        ("x.py --rounds 3 --as-of 0.9", "x.py --as-of 0.9", "--rounds 3"),
        ("x.py --rounds 3 --as-of=0.9 -v", "x.py --as-of=0.9", "--rounds 3 -v"),
        ("x.py train --report r", "x.py", "train --report r"),
        ("x.py --report r train -- more", "x.py --report r", "train -- more"),
        ("x.py -- --as-of 0.9 -- x", "x.py", "--as-of 0.9 -- x"),
        ("x.py a -- --as-of 0.9", "x.py", "a -- --as-of 0.9"),
        ("x.py --help", "x.py", "--help"),
        ("x.py -p 1", "x.py", "-p 1"),
        ("--quiet x.py -Wignore -q", "--quiet x.py -Wignore", "-q"),
        ("-m package.module --rounds 3", "-m package.module", "--rounds 3"),
        ("--as-of 0.9 -mpackage one", "--as-of 0.9 -mpackage", "one"),
        ("- --rounds 3", "-", "--rounds 3"),
        ("x.py --with a b==1 --rounds 3", "x.py --with=a --with=b==1", "--rounds 3"),
        ("--with a b x.py c", "--with=a --with=b x.py", "c"),
        ("x.ipynb -p rate 0.1 --timeout 9", "x.ipynb -p rate 0.1 --timeout 9", ""),
        ("x.ipynb --help", "x.ipynb --help", ""),
        ("--asof 0.9 x.py", "--asof 0.9", "x.py"),
    ],
)
def test_what_is_ours_and_what_is_the_programs(words, ours, programs):
    parser = division.commands_of(cli._parser("run"))["run"]
    found = division.divide(words.split(), parser, run.ONLY_NOTEBOOKS)
    assert found == (ours.split(), programs.split())


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["rnu", "x.py"], "There is no command `rnu`. Did you mean `run`?"),
        (["env", "creat", "0.9"], "There is no command `env creat`. Did you mean `create`?"),
        (["program.py"], "To run it: tff-compat run program.py"),
        (["frobnicate"], "coverage, env, explain,"),
        (["run", "--asof", "0.9", "program.py"], "Did you mean `--as-of`?"),
        (["env", "list", "--jsn"], "Did you mean `--json`?"),
    ],
)
def test_what_is_misspelled_gets_a_suggestion(script, capsys, words, text):
    assert cli.main(words) == 2
    captured = capsys.readouterr()
    assert text in captured.err and captured.out == ""


def test_a_notebook_for_another_language_is_refused(script, capsys):
    data = {"cells": [], "nbformat": 4, "nbformat_minor": 4}
    for metadata, language in (
        ({"kernelspec": {"name": "ir", "display_name": "R"}}, "R"),
        ({"kernelspec": {"name": "ir", "language": "R", "display_name": "R"}}, "R"),
        ({"language_info": {"name": "julia"}}, "julia"),
    ):
        Path("other.ipynb").write_text(json.dumps({**data, "metadata": metadata}))
        assert f"a notebook for {language}, not for Python" in _refusal(capsys, "other.ipynb")


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--", "argument"], "A notebook takes no arguments"),
        (["--output", "program.ipynb"], "never changed"),
        (["--output", "missing/out.ipynb"], "cannot be written"),
    ],
)
def test_options_that_a_notebook_cannot_have(notebook, capsys, words, text):
    assert text in _refusal(capsys, notebook, "--as-of", "0.9", *words)


def test_not_a_notebook(script, capsys):
    Path("program.ipynb").write_text("{")
    assert "program.ipynb" in _refusal(capsys, "program.ipynb")


def test_who_reads_may_stop_reading():
    command = [sys.executable, "-m", "tff_compat", "explain", "tff.learning.*", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.read(1)
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_help_loads_next_to_nothing():
    slow = {
        "dataclasses",
        "packaging",
        "tff_compat.commands.run",
        "rich",
        "tempfile",
        "tff_compat.activation",
        "tff_compat.catalog",
    }
    code = (
        "import sys\nfrom tff_compat.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        f"sys.exit(repr(sorted({slow!r} & set(sys.modules))))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert ended.stderr == "[]\n"


def test_learning_without_tff_says_what_activate_says():
    def said(statement: str) -> str:
        code = (
            "import importlib.metadata as m, sys\n"
            "def missing(name): raise m.PackageNotFoundError(name)\n"
            f"m.version = missing\nimport tff_compat\n{statement}\n"
        )
        ended = subprocess.run([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True)
        return ended.stderr.splitlines()[-1]

    wanted = said("tff_compat.activate('0.9')")
    assert "ModuleNotFoundError: TensorFlow Federated is not installed" in wanted
    assert said("tff_compat.learning") == wanted
    assert said("import tff_compat.learning") == wanted
