"""Compares two runs of a program: exit status, standard output, tests, files written."""

from __future__ import annotations

import array
import ast
import io
import json
import math
import re
import struct
import sys
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_NUMBER = re.compile(r"[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?|\b(?:nan|inf)\b")
RELATIVE = 1e-5
"""By how much numbers may differ, relative to the larger."""
TIMED_OUT = -1
"""The status of a run that was ended because it took too long."""


@dataclass(frozen=True)
class Outcome:
    """What a run left.

    Attributes:
      status: Its exit status.
      output: What it wrote to standard output.
      files: The files that it wrote or changed, by their path in the project.
      tests: For pytest: each test, and how it ended; then the output does not count.
      failures: What the tests say that fail.
      errors: The end of what it wrote to standard error.
    """

    status: int
    output: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    tests: Mapping[str, str] | None = None
    failures: Mapping[str, str] = field(default_factory=dict)
    errors: str = ""

    @property
    def problem(self) -> str:
        """Why it shows nothing that another run could be compared with; "" where it does."""
        if self.status == TIMED_OUT:
            return "it ran too long and was ended"
        last = (self.errors.strip().splitlines() or self.output.strip().splitlines() or [""])[-1]
        if self.tests is not None:
            if "passes" in self.tests.values():
                return ""
            why = next(iter(self.failures.values()), last)
            return f"no test passes ({why})" if why else "no test passes"
        return f"it ends with status {self.status} ({last})" if self.status else ""


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
                why = after.failures.get(name, "")
                yield f"The test {name} {then} before, and {now} after{f': {why}' if why else '.'}"
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
    if math.isnan(old) and math.isnan(new):
        return True
    return math.isclose(old, new, rel_tol=RELATIVE, abs_tol=RELATIVE * min(scale, 1.0))


def same_files(name: str, before: bytes, after: bytes) -> bool:
    """Whether two files hold the same: texts and arrays by their numbers, archives by members."""
    if before == after:
        return True
    if name.endswith(".json"):
        try:
            return _same_values(json.loads(before), json.loads(after))
        except ValueError:
            return False
    then, now = _numbers(before), _numbers(after)
    if then is not None and now is not None:
        return then[0] == now[0] and _all_close(then[1], now[1])
    if zipfile.is_zipfile(io.BytesIO(before)) and zipfile.is_zipfile(io.BytesIO(after)):
        old, new = _members(before), _members(after)
        return old.keys() == new.keys() and all(same_files(key, old[key], new[key]) for key in old)
    try:
        return not of_texts(before.decode("utf-8"), after.decode("utf-8"))
    except UnicodeDecodeError:
        return False


def _same_values(old: object, new: object) -> bool:
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(_same_values(old[key], new[key]) for key in old)
    if isinstance(old, list) and isinstance(new, list):
        if len(old) != len(new):
            return False
        if all(isinstance(each, float) for each in (*old, *new)):
            return _all_close(old, new)
        return all(map(_same_values, old, new))
    if isinstance(old, float) and isinstance(new, float):
        return _close(old, new, 0.0)
    return type(old) is type(new) and old == new


def _all_close(old: Sequence[float], new: Sequence[float]) -> bool:
    scale = max((abs(value) for value in old if math.isfinite(value)), default=0.0)
    return len(old) == len(new) and all(_close(a, b, scale) for a, b in zip(old, new))


def _members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


_ARRAY = b"\x93NUMPY"


def _numbers(content: bytes) -> tuple[object, Sequence[float]] | None:
    """The shape and the numbers of a file of NumPy that holds floats; None for another one."""
    if not content.startswith(_ARRAY):
        return None
    start, length = (10, "<H") if content[6] == 1 else (12, "<I")
    (size,) = struct.unpack(length, content[8:start])
    header = ast.literal_eval(content[start : start + size].decode("latin-1"))
    types = {"f4": "f", "f8": "d"}
    described = header["descr"]
    if not isinstance(described, str) or described[1:] not in types:
        return None
    numbers = array.array(types[described[1:]])
    numbers.frombytes(content[start + size :])
    if (described[0] == ">") != (sys.byteorder == "big"):
        numbers.byteswap()
    return (described, header["shape"], header["fortran_order"]), numbers


def tests(report: Path) -> tuple[dict[str, str], dict[str, str]]:
    """The tests of a report of pytest (`--junitxml`) and how each ended; what the failed ones say.

    Raises:
      OSError: There is no report.
      xml.etree.ElementTree.ParseError: It is none.
    """
    found, failures = {}, {}
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        ends = {child.tag: child for child in case}
        name = f"{case.get('classname')}::{case.get('name')}"
        failed = ends.get("failure", ends.get("error"))
        if failed is not None:
            found[name] = "fails"
            failures[name] = (failed.get("message") or "").splitlines()[0][:300]
        else:
            found[name] = "is skipped" if "skipped" in ends else "passes"
    return found, failures
