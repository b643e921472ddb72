"""What is left to `tox -e full`: tests that there are, and not the only programs of a release."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

_TESTS = Path(__file__).parent
_ROOT = _TESTS.parent
SLOW = (_TESTS / "slow.txt").read_text("utf-8").splitlines()


def _tool():
    path = _ROOT / "tools" / "mark_slow.py"
    spec = importlib.util.spec_from_file_location("mark_slow", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_each_is_a_test_that_there_is():
    assert sorted(set(SLOW)) == SLOW
    for test in SLOW:
        path, *names = test.split("::")
        text = (_ROOT / path).read_text("utf-8")
        for name in names:
            assert re.search(rf"(def|class) {name.partition('[')[0]}\b", text), test


def test_each_release_with_programs_keeps_one():
    slow = {each.partition("[")[2].rstrip("]") for each in SLOW}
    for folder in _TESTS.glob("programs/[0-9]*"):
        programs = {f"{folder.name}/{each.stem}" for each in folder.glob("*.py")}
        assert programs - slow, folder.name


def test_programs_that_there_are():
    for each in SLOW:
        name = each.partition("[")[2].rstrip("]")
        if each.startswith("tests/test_programs.py"):
            assert (_TESTS / "programs" / f"{name}.py").exists(), each


def test_the_slowest_go(tmp_path):
    cases = {
        ("tests.test_programs", "test_p[0.9.0/a]"): 50,
        ("tests.test_programs", "test_p[0.12.0/a]"): 30,
        ("tests.test_programs", "test_p[0.12.0/b]"): 10,
        ("tests.source.test_x.TestY", "test_z"): 8,
        ("tests.test_views", "test_v"): 2,
    }
    junit = tmp_path / "times.xml"
    junit.write_text(
        "<testsuites><testsuite>"
        + "".join(
            f'<testcase classname="{module}" name="{name}" time="{seconds}"/>'
            for (module, name), seconds in cases.items()
        )
        + "</testsuite></testsuites>"
    )
    tool = _tool()
    seconds = tool.times(junit)
    assert seconds["tests/source/test_x.py::TestY::test_z"] == 8
    # The only program of its release stays, whatever it takes.
    assert tool.slow(seconds, 0.70) == ["tests/test_programs.py::test_p[0.12.0/a]"]
    assert tool.slow(seconds, 0.65) == [
        "tests/source/test_x.py::TestY::test_z",
        "tests/test_programs.py::test_p[0.12.0/a]",
    ]
    assert tool.slow(seconds, 1.0) == []
