"""Each program of its era prints, as of its release, what it printed on the real release."""

from __future__ import annotations

import importlib.util
import json
import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tff_compat
from packaging.version import Version
from tff_compat import catalog, coverage

pytestmark = pytest.mark.tff

_HERE = Path(__file__).parent
_TOOL = _HERE.parent / "tools" / "program_servers.py"
_spec = importlib.util.spec_from_file_location("program_servers", _TOOL)
assert _spec is not None and _spec.loader is not None
program_servers = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(program_servers)
_PROGRAMS = _HERE / "programs"
_REFERENCES = _HERE / "references"
_RELATIVE = 1e-5
_TIMEOUT = 600

LEGACY_CALLS = json.loads((_REFERENCES / "legacy_calls.json").read_text(encoding="utf-8"))
"""The lines and symbols that each program is warned of, by `tools/record_traces.py`."""

FALLS_SHORT = json.loads((_PROGRAMS / "falls_short.json").read_text(encoding="utf-8"))
"""What is known not to match, by installed release: ``"release/name"`` to its cause.

An unexpected match fails too.
"""


def _installed() -> Version | None:
    try:
        return tff_compat.installed()
    except ModuleNotFoundError:
        return None


def _programs() -> Iterator[object]:
    """The programs of releases up to the installed one, which can stand for no later one."""
    installed = _installed()
    for path in sorted(_PROGRAMS.glob("*/*.py")):
        if installed is None or Version(path.parent.name) > installed:
            continue
        name = f"{path.parent.name}/{path.stem}"
        marks = []
        cause = FALLS_SHORT.get(str(installed), {}).get(name)
        if cause is not None:
            marks.append(pytest.mark.xfail(reason=cause, strict=True))
        yield pytest.param(path.parent.name, path.stem, id=name, marks=marks)


def differences(expected: object, found: object, place: str = "$") -> list[str]:
    """Where two JSON values differ: floats by more than 1e-5 relative, all else in anything.

    So 1 is neither 1.0 nor true.

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
        scale = max((abs(v) for v in expected if isinstance(v, float)), default=0.0)
        for index, pair in enumerate(zip(expected, found)):
            yield from _differences(*pair, f"{place}[{index}]", scale)
    elif isinstance(expected, float) and isinstance(found, float):
        if not _close(expected, found, scale):
            yield f"{place}: expected {expected!r}, found {found!r}"
    elif type(expected) is not type(found) or expected != found:
        yield f"{place}:\n  expected {expected!r}\n  found    {found!r}"


def _close(expected: float, found: float, scale: float) -> bool:
    if math.isnan(expected) or math.isnan(found):
        return math.isnan(expected) and math.isnan(found)
    return math.isclose(expected, found, rel_tol=_RELATIVE, abs_tol=_RELATIVE * scale)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The process that runs programs, see `program_server`; one for each worker of the tests."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    log = tmp_path_factory.mktemp("server") / "log"
    started = program_servers.Server("program_server.py", log, environment)
    yield started
    started.close()


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")


def test_the_installed_release_is_the_one_that_the_environment_is_named_after() -> None:
    environment = os.environ.get("TFF_COMPAT_TOX_ENVIRONMENT")
    if environment is None:
        pytest.skip("not run by a tox environment that is named after a release")
    named = environment.rpartition("tff")[2]
    assert tff_compat.installed() == catalog.load().resolve(named)


@pytest.mark.parametrize(("release", "name"), list(_programs()))
def test_prints_what_the_real_release_printed(
    release: str, name: str, server: Any, tmp_path: Path
) -> None:
    reference = json.loads((_REFERENCES / release / f"{name}.json").read_text(encoding="utf-8"))
    answer = server.run(_PROGRAMS / release / f"{name}.py", tmp_path, _TIMEOUT, release=release)
    assert answer["status"] == 0, f"{answer}\n{_text(tmp_path / 'err')[-6000:]}"
    lines = _text(tmp_path / "out").strip().splitlines()
    assert not differences(reference["output"], json.loads(lines[-1]))
    calls = sorted({(call["lineno"], call["symbol"]) for call in answer["legacy_calls"]})
    if Version(release) == tff_compat.installed():
        assert calls == []
    elif tff_compat.installed() == coverage.PRIMARY:
        known = LEGACY_CALLS.get(f"{release}/{name}")
        assert known is not None, f"run `python tools/record_traces.py {release}/{name}` and look"
        assert calls == [tuple(call) for call in known]


def test_every_program_has_a_reference_and_every_reference_a_program() -> None:
    programs = {f"{p.parent.name}/{p.stem}" for p in _PROGRAMS.glob("*/*.py")}
    references = {f"{p.parent.name}/{p.stem}" for p in _REFERENCES.glob("[0-9]*/*.json")}
    assert programs == references
    assert {name for each in FALLS_SHORT.values() for name in each} <= programs


def test_differences_are_seen() -> None:
    assert not differences({"a": [1.0, 1e-9]}, {"a": [1.000001, 5e-9]})
    assert differences({"a": 1.0}, {"a": 1.0001})
    assert differences({"a": [1.0, 0.0]}, {"a": [1.0, 1e-3]})
    assert differences({"a": "float32"}, {"a": "float64"})
    assert differences({"a": 1}, {"a": 1, "b": 2})
    assert differences({"a": 1}, {"a": 1.0})
    assert differences([1_000_000], [1_000_001])
    assert differences({"a": [1]}, {"a": [True]})
    assert differences([0.0], [False])
    assert not differences([1, True, None], [1, True, None])
    assert differences([1.0], [1.0, 2.0])
    assert differences(math.nan, 1.0)
