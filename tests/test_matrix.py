"""The table of the matrix, from what single runs say."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

TOOL = Path(__file__).parents[1] / "tools" / "matrix.py"
ENVIRONMENT = "py39-tff0.48"
TEST = "test_prints_what_the_real_release_printed"


@pytest.fixture
def tool(tmp_path, monkeypatch):
    spec = importlib.util.spec_from_file_location("matrix", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for program in ("0.9.0/evaluation", "0.9.0/training", "0.48.0/core", "0.80.0/core"):
        file = tmp_path / f"{program}.py"
        file.parent.mkdir(exist_ok=True)
        file.touch()
    monkeypatch.setattr(module, "_PROGRAMS", tmp_path)
    return module


def _run(folder: Path, date: str, **outcomes: str) -> Path:
    cases = "".join(
        f'<testcase name="{TEST}[{name}]">{inside}</testcase>' for name, inside in outcomes.items()
    )
    file = folder / "run.xml"
    file.write_text(
        f'<testsuites><testsuite timestamp="{date}T10:00:00">{cases}'
        '<testcase name="test_differences_are_seen"/></testsuite></testsuites>'
    )
    return file


def test_a_run_of_single_programs_is_merged(tool, tmp_path):
    results = {}
    first = {"0.9.0/evaluation": "<failure/>", "0.9.0/gone": "", "0.48.0/core": ""}
    tool.merge(results, ENVIRONMENT, _run(tmp_path, "2026-01-02", **first))
    assert list(results[ENVIRONMENT]) == ["0.48.0/core", "0.9.0/evaluation"]
    lines = tool.table(results, [ENVIRONMENT]).splitlines()
    assert "| installed | date | 0.9.0 | 0.48.0 | 0.80.0 |" in lines
    assert "| 0.48 | 2026-01-02 | **0/1** | 1/1 |  |" in lines
    assert "Installed releases with programs not run yet: 0.48 (1)." in lines

    second = {"0.9.0/evaluation": "", "0.9.0/training": ""}
    tool.merge(results, ENVIRONMENT, _run(tmp_path, "2026-01-03", **second))
    lines = tool.table(results, [ENVIRONMENT]).splitlines()
    assert "| 0.48 | 2026-01-02 | 2/2 | 1/1 |  |" in lines
    assert not any("not run" in line for line in lines)


def test_what_was_expected_to_fail_is_no_pass(tool, tmp_path):
    results = {}
    tool.merge(results, ENVIRONMENT, _run(tmp_path, "2026-01-02", **{"0.48.0/core": "<skipped/>"}))
    assert results[ENVIRONMENT]["0.48.0/core"]["outcome"] == "failed"
