"""Each program of its era prints, as of its release, what it printed on the real release."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.tff

_HERE = Path(__file__).parent
_PROGRAMS = _HERE / "programs"
_REFERENCES = _HERE / "references"
_RELATIVE = 1e-5
_TIMEOUT = 600

FALLS_SHORT = json.loads((_PROGRAMS / "falls_short.json").read_text(encoding="utf-8"))
"""What is known not to match, ``"release/name"`` to its cause; an unexpected match fails too."""


def _programs() -> Iterator[object]:
    for path in sorted(_PROGRAMS.glob("*/*.py")):
        name = f"{path.parent.name}/{path.stem}"
        marks = []
        if name in FALLS_SHORT:
            marks.append(pytest.mark.xfail(reason=FALLS_SHORT[name], strict=True))
        yield pytest.param(path.parent.name, path.stem, id=name, marks=marks)


def differences(expected: object, found: object, place: str = "$") -> list[str]:
    """Where two JSON values differ: strings in anything, numbers by more than 1e-5 relative.

    The numbers of one list, such as the weights of a layer, are compared relative to the largest
    of them: a weight that is nearly zero is a difference of larger ones, and has their error.
    """
    return list(_differences(expected, found, place, 0.0))


def _differences(expected: object, found: object, place: str, scale: float) -> Iterator[str]:
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in sorted({*expected, *found}):
            if key not in expected or key not in found:
                yield f"{place}.{key}: only in what was {'found' if key in found else 'expected'}"
            else:
                yield from _differences(expected[key], found[key], f"{place}.{key}", 0.0)
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        scale = max((abs(v) for v in expected if _is_number(v)), default=0.0)
        for index, pair in enumerate(zip(expected, found)):
            yield from _differences(*pair, f"{place}[{index}]", scale)
    elif _is_number(expected) and _is_number(found):
        if not _close(expected, found, scale):
            yield f"{place}: expected {expected!r}, found {found!r}"
    elif expected != found:
        yield f"{place}:\n  expected {expected!r}\n  found    {found!r}"


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _close(expected: float, found: float, scale: float) -> bool:
    if math.isnan(expected) or math.isnan(found):
        return math.isnan(expected) and math.isnan(found)
    return math.isclose(expected, found, rel_tol=_RELATIVE, abs_tol=_RELATIVE * scale)


@pytest.mark.parametrize(("release", "name"), list(_programs()))
def test_prints_what_the_real_release_printed(release: str, name: str, tmp_path: Path) -> None:
    reference = json.loads((_REFERENCES / release / f"{name}.json").read_text(encoding="utf-8"))
    command = [sys.executable, "-m", "tff_compat", "run", "--as-of", release, "--no-summary"]
    out, err = tmp_path / "out", tmp_path / "err"
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    # Output goes to files: what a run may leave behind would hold pipes open.
    with out.open("w") as stdout, err.open("w") as stderr:
        status = subprocess.run(
            [*command, os.fspath(_PROGRAMS / release / f"{name}.py")],
            stdout=stdout,
            stderr=stderr,
            stdin=subprocess.DEVNULL,
            cwd=tmp_path,
            env=environment,
            timeout=_TIMEOUT,
        ).returncode
    assert status == 0, err.read_text(encoding="utf-8", errors="replace")[-6000:]
    lines = out.read_text(encoding="utf-8").strip().splitlines()
    assert not differences(reference["output"], json.loads(lines[-1]))


def test_every_program_has_a_reference_and_every_reference_a_program() -> None:
    programs = {f"{p.parent.name}/{p.stem}" for p in _PROGRAMS.glob("*/*.py")}
    references = {f"{p.parent.name}/{p.stem}" for p in _REFERENCES.glob("*/*.json")}
    assert programs == references
    assert set(FALLS_SHORT) <= programs


def test_differences_are_seen() -> None:
    assert not differences({"a": [1.0, 1e-9]}, {"a": [1.000001, 5e-9]})
    assert differences({"a": 1.0}, {"a": 1.0001})
    assert differences({"a": [1.0, 0.0]}, {"a": [1.0, 1e-3]})
    assert differences({"a": "float32"}, {"a": "float64"})
    assert differences({"a": 1}, {"a": 1, "b": 2})
    assert differences([1.0], [1.0, 2.0])
    assert differences(math.nan, 1.0)
