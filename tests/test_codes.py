"""docs/codes.md: each code has its section, and what stands there is what `check` says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import tff_compat
from packaging.version import Version
from tff_compat.declared.codes import CODES
from tff_compat.source import programs

PAGE = (Path(__file__).parents[1] / "docs" / "codes.md").read_text("utf-8")
SECTION = re.compile(
    r"\*\*(?P<title>.+?)\.\*\*.*?As of TFF (?P<release>[\d.]+):\n\n"
    r"```python\n(?P<before>.*?)```\n\nOn TFF (?P<target>[\d.]+):\n\n```python\n(?P<after>.*?)```",
    re.S,
)
SECTIONS = dict(
    zip(re.findall(r"^## (\w+)$", PAGE, re.M), re.split(r"^## \w+$", PAGE, flags=re.M)[1:])
)


def codes(path: Path, text: str, release: str, target: str) -> set[str]:
    path.write_text(text, "utf-8")
    (program,) = programs.programs([path])
    checked = programs.check(program, Version(release), Version(target))
    assert checked.errors == {}
    return {finding.code for findings in checked.findings.values() for finding in findings}


def test_each_code_has_a_section():
    assert list(SECTIONS) == list(CODES)


def test_each_code_that_is_given_is_explained():
    package = Path(tff_compat.__file__).parent
    given = {
        code
        for path in package.rglob("*.py")
        for code in re.findall(r"TFF\d{3}\b", path.read_text("utf-8"))
    }
    assert given == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_what_a_section_shows(code, tmp_path):
    section = SECTION.search(SECTIONS[code])
    assert section is not None
    assert section["title"].lower() == CODES[code].lower()
    release, target = section["release"], section["target"]
    assert code in codes(tmp_path / "before.py", section["before"], release, target)
    assert codes(tmp_path / "after.py", section["after"], release, target) == set()
    assert codes(tmp_path / "after.py", section["after"], target, target) == set()
