"""Checks what the command line refuses, before anything runs, and how it says so."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tff_compat import cli


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
        (["--output", "out.ipynb"], "--output is for notebooks"),
        (["--report", "missing/report.json"], "--report: missing/report.json cannot be written"),
    ],
)
def test_options_that_a_script_cannot_have(script, capsys, words, text):
    assert text in _refusal(capsys, script, "--as-of", "0.9", *words)


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
