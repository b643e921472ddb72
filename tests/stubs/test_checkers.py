"""What mypy and Pyright make of programs with the stubs of their release, and of the stubs."""

from __future__ import annotations

import functools
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from tff_compat import catalog, cli

pytestmark = pytest.mark.checkers

PROGRAMS = Path(__file__).parents[1] / "programs"
RELEASES = ("0.4.0", "0.9.0", "0.20.0", "0.52.0", "0.86.0")

# What the real release did not take either; objects given for what a class of the program says are
# numbers; and calls with `*pieces`, of which mypy supposes that they are for all parameters.
MISTAKES = {
    ("0.52.0", "functional_model_with_loss.py", 90),
    ("0.20.0", "program_managers.py", 158),
    ("0.20.0", "program_managers.py", 171),
    ("0.20.0", "map_reduce_form.py", 158),
    ("0.20.0", "map_reduce_form.py", 180),
}

Place = tuple[str, int]


class Said(NamedTuple):
    """What a checker says of the lines of a release's programs."""

    errors: Mapping[Place, str]
    legacy: Mapping[Place, str]


def _run(*command: str, folder: Path = PROGRAMS) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, timeout=900
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.stdout


def _mypy(folder: Path) -> Said:
    options = ["--ignore-missing-imports", "--check-untyped-defs", "--no-error-summary"]
    names = [path.name for path in folder.glob("*.py")]
    legacy = ["--enable-error-code", "deprecated"]
    out = _run("mypy", *options, *legacy, "--config-file", "mypy.ini", *names, folder=folder)
    said = Said({}, {})
    for line in out.splitlines():
        match = re.match(r"(\w+\.py):(\d+): error: (.*)", line)
        if match:
            group = said.legacy if match[3].endswith("[deprecated]") else said.errors
            group[match[1], int(match[2])] = match[3]
    return said


def _pyright(folder: Path) -> Said:
    said = Said({}, {})
    for each in json.loads(_run("pyright", "--outputjson", folder=folder))["generalDiagnostics"]:
        group = {"error": said.errors, "warning": said.legacy}[each["severity"]]
        place = Path(each["file"]).name, each["range"]["start"]["line"] + 1
        group[place] = each["message"]
    return said


CHECKERS = {"mypy": _mypy, "pyright": _pyright}

# Programs may name the parameters of their methods, and set properties, as they like.
SETTINGS = {
    "exclude": ["typings"],
    "reportDeprecated": "warning",
    "reportMissingImports": False,
    "reportMissingModuleSource": False,
    "reportIncompatibleMethodOverride": False,
    "reportIncompatibleVariableOverride": False,
    "reportAssignmentType": False,
}


@pytest.fixture(scope="module", params=RELEASES)
def release(request):
    return request.param


@pytest.fixture(scope="module")
def said(release, tmp_path_factory):
    """What each checker says with the stubs, and without."""

    @functools.cache
    def said(checker: str, with_stubs: bool) -> Said:
        folder = tmp_path_factory.mktemp("checked")
        for path in (PROGRAMS / release).glob("*.py"):
            shutil.copy(path, folder)
        (folder / "pyrightconfig.json").write_text(json.dumps(SETTINGS))
        (folder / "mypy.ini").write_text("[mypy]\nmypy_path = typings\n")
        if with_stubs:
            assert cli.main(["stubs", release, "--output", str(folder / "typings")]) == 0
        return CHECKERS[checker](folder)

    return said


@pytest.mark.parametrize("checker", CHECKERS)
def test_what_the_release_took_is_no_error(checker, release, said):
    without = said(checker, False).errors
    new = {
        place: text for place, text in said(checker, True).errors.items() if place not in without
    }
    assert {place: new[place] for place in new if (release, *place) not in MISTAKES} == {}


@pytest.mark.parametrize("checker", CHECKERS)
def test_what_is_struck_through_is_what_check_finds(checker, release, said):
    legacy = said(checker, True).legacy
    found: dict[Place, set[str]] = {}
    files = sorted(map(str, (PROGRAMS / release).glob("*.py")))
    findings = json.loads(
        _run("tff_compat", "check", "--as-of", release, "--output-format", "json", *files)
    )
    for finding in findings:
        for line in range(finding["line"], finding["end_line"] + 1):
            found.setdefault((Path(finding["path"]).name, line), set()).add(finding["code"])
    # A call that neither release takes is an error for a checker, and nothing for `check`.
    unfound = {place: text for place, text in legacy.items() if place not in found}
    assert {place: unfound[place] for place in unfound if (release, *place) not in MISTAKES} == {}
    gone = {
        (Path(finding["path"]).name, finding["line"])
        for finding in findings
        if finding["code"] in ("TFF101", "TFF102") and finding["symbol"].startswith("tff.")
    }
    missed = sorted(gone - set(legacy))
    assert len(missed) <= len(gone) * 0.1, missed


@pytest.mark.parametrize("release", catalog.load().releases, ids=str)
def test_stubs_are_right_by_themselves(release, tmp_path):
    assert cli.main(["stubs", str(release), "--output", str(tmp_path)]) == 0
    assert _run("mypy", "tensorflow_federated", folder=tmp_path).startswith("Success:")
