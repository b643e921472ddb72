"""The package in examples/legacy_package goes all the way: check, upgrade, proof, and alone."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from tff_compat import cli, coverage
from tff_compat.proving import running

EXAMPLE = Path(__file__).parents[1] / "examples" / "legacy_package"


@pytest.fixture
def package(tmp_path, monkeypatch):
    folder = tmp_path / "legacy_package"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    monkeypatch.chdir(folder)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.suffix in (".py", ".ipynb")
    }


def check(capfd) -> list[dict[str, str]]:
    cli.main(["check", ".", "--output-format", "json"])
    found: list[dict[str, str]] = json.loads(capfd.readouterr().out)
    return found


def test_all_of_it_is_exact_and_its_release_is_inferred(package, capfd):
    found = check(capfd)
    assert {each["kind"] for each in found} == {"exact"}
    # The count that its readme gives.
    (count,) = re.findall(r"(\d+) uses", (package / "README.md").read_text())
    assert len(found) == int(count)
    assert {each["code"] for each in found} == {"TFF102", "TFF202", "TFF301", "TFF302", "TFF303"}
    assert cli.main(["check", ".", "--infer"]) == 0
    releases = {line.split(": ")[1] for line in capfd.readouterr().out.splitlines()}
    assert releases == {"0.16.1"}


def test_after_the_upgrade_nothing_is_found_and_nothing_more_is_written(package, capfd):
    before = contents(package)
    assert cli.main(["upgrade", ".", "--diff"]) == 0
    assert contents(package) == before
    assert cli.main(["upgrade", "."]) == 0
    after = contents(package)
    assert {name for name in before if before[name] != after[name]} == {
        "report.ipynb",
        "tests/test_training.py",
        "windfarm/models.py",
        "windfarm/statistics.py",
        "windfarm/training.py",
    }
    capfd.readouterr()
    assert check(capfd) == []
    assert cli.main(["upgrade", ".", "--check"]) == 0
    assert contents(package) == after


@pytest.mark.tff
@pytest.mark.network
def test_it_is_proven_and_then_runs_without_us(package, capfd):
    before = contents(package)
    assert cli.main(["upgrade", ".", "--prove", "pytest tests"]) == 0
    said = capfd.readouterr().err
    assert said.count("Exit status 0, 7 of 7 tests pass") == 2
    assert "The results are the same." in said
    assert contents(package) != before
    python = running.environment(coverage.PRIMARY, "plain", ["pytest>=7"])
    assert not running.has_us(python)
    outcome = running.Project(package, ["train.py"], 600).plain(str(python), {})
    assert outcome.status == 0
    assert outcome.output.startswith("round 1: loss 0.5157")
