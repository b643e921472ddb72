"""Compares two runs of a program: exit status, standard output, tests, files written."""

from __future__ import annotations

import json
import math
import re
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

_NUMBER = re.compile(r"[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?|\b(?:nan|inf)\b")
RELATIVE = 1e-5
"""By how much numbers may differ, relative to the larger."""


@dataclass(frozen=True)
class Outcome:
    """What a run left.

    Attributes:
      status: Its exit status.
      output: What it wrote to standard output.
      files: The files that it wrote or changed, by their path in the project.
      tests: For pytest: each test, and how it ended; then the output does not count.
      errors: The end of what it wrote to standard error.
    """

    status: int
    output: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    tests: Mapping[str, str] | None = None
    errors: str = ""


def differences(before: Outcome, after: Outcome) -> list[str]:
    """Where two runs differ, each as a sentence; empty where they do not."""
    return list(_differences(before, after))


def _differences(before: Outcome, after: Outcome) -> Iterator[str]:
    if before.status != after.status:
        yield f"The exit status was {before.status}, and is {after.status}."
    if before.tests is not None and after.tests is not None:
        for name in sorted({*before.tests, *after.tests}):
            then, now = before.tests.get(name, "not run"), after.tests.get(name, "not run")
            if then != now:
                yield f"The test {name} {then} before, and {now} after."
    else:
        difference = of_texts(before.output, after.output)
        if difference:
            yield f"Standard output differs: {difference}"
    for name in sorted({*before.files, *after.files}):
        if name not in after.files:
            yield f"The file {name} is not written any more."
        elif name not in before.files:
            yield f"The file {name} was not written before."
        elif not same_files(name, before.files[name], after.files[name]):
            yield f"The file {name} differs."


def of_texts(before: str, after: str) -> str:
    """The first line in which two texts differ, numbers by more than 1e-5; "" where none does."""
    then, now = before.splitlines(), after.splitlines()
    for position in range(max(len(then), len(now))):
        old = then[position] if position < len(then) else "(nothing)"
        new = now[position] if position < len(now) else "(nothing)"
        if not _same_line(old, new):
            return f"line {position + 1} was {old[:200]!r}, and is {new[:200]!r}"
    return ""


def _same_line(old: str, new: str) -> bool:
    if old == new:
        return True
    if _NUMBER.sub("0", old) != _NUMBER.sub("0", new):
        return False
    # A number that is nearly zero beside larger ones, as in a list, has the error of these.
    values = [float(text) for text in _NUMBER.findall(old)]
    scale = max((abs(v) for v in values if math.isfinite(v)), default=0.0)
    return all(
        _close(value, float(text), scale) for value, text in zip(values, _NUMBER.findall(new))
    )


def _close(old: float, new: float, scale: float) -> bool:
    if math.isnan(old) or math.isnan(new):
        return math.isnan(old) and math.isnan(new)
    return math.isclose(old, new, rel_tol=RELATIVE, abs_tol=RELATIVE * min(scale, 1.0))


def same_files(name: str, before: bytes, after: bytes) -> bool:
    """Whether two files hold the same: texts by their numbers, archives by their members."""
    if before == after:
        return True
    if name.endswith(".json"):
        try:
            return _same_values(json.loads(before), json.loads(after))
        except ValueError:
            return False
    try:
        return not of_texts(before.decode("utf-8"), after.decode("utf-8"))
    except UnicodeDecodeError:
        return _members(before) == _members(after) != {}


def _same_values(old: object, new: object) -> bool:
    return not of_texts(
        json.dumps(old, indent=0, sort_keys=True), json.dumps(new, indent=0, sort_keys=True)
    )


def _members(content: bytes) -> dict[str, bytes]:
    import io

    if not zipfile.is_zipfile(io.BytesIO(content)):
        return {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def tests(report: Path) -> dict[str, str]:
    """The tests of a report of pytest (`--junitxml`), and how each ended.

    Raises:
      OSError: There is no report.
      xml.etree.ElementTree.ParseError: It is none.
    """
    found = {}
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        ends = {child.tag for child in case} & {"failure", "error", "skipped"}
        ended = {"failure": "fails", "error": "fails", "skipped": "is skipped"}
        name = f"{case.get('classname')}::{case.get('name')}"
        found[name] = ended[ends.pop()] if ends else "passes"
    return found
