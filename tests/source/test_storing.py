"""Files of users are replaced whole, and all or none of them."""

from __future__ import annotations

import os
import random
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
import tff_compat
from tff_compat.source import storing

OLD, NEW = b"old\n" * 500, b"new, and longer\n" * 500


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_contents_and_modes(tmp_path):
    first, second = tmp_path / "a.py", tmp_path / "b.py"
    for path, mode in ((first, 0o755), (second, 0o640)):
        path.write_bytes(OLD)
        path.chmod(mode)
    storing.replace_all({first: NEW, second: b""})
    assert (first.read_bytes(), second.read_bytes()) == (NEW, b"")
    assert stat.S_IMODE(first.stat().st_mode) == 0o755
    assert stat.S_IMODE(second.stat().st_mode) == 0o640
    assert names(tmp_path) == ["a.py", "b.py"]


def test_links_stay_links(tmp_path):
    (tmp_path / "real.py").write_bytes(OLD)
    link = tmp_path / "link.py"
    link.symlink_to("real.py")
    storing.replace_all({link: NEW})
    assert link.is_symlink()
    assert (tmp_path / "real.py").read_bytes() == NEW


def test_a_read_only_file_among_them(tmp_path):
    first, second = tmp_path / "a.py", tmp_path / "b.py"
    first.write_bytes(OLD)
    second.write_bytes(OLD)
    second.chmod(0o444)
    with pytest.raises(storing.StoringError, match=r"b\.py is read-only; nothing is changed"):
        storing.replace_all({first: NEW, second: NEW})
    assert first.read_bytes() == second.read_bytes() == OLD
    assert names(tmp_path) == ["a.py", "b.py"]


@pytest.mark.parametrize("failing", [1, 2, 3])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_where_one_cannot_be_replaced_all_are_as_they_were(tmp_path, monkeypatch, failing, error):
    paths = [tmp_path / name for name in ("a.py", "b.py", "c.py")]
    for path in paths:
        path.write_bytes(OLD)
    replace, calls = os.replace, iter(range(1, 99))

    def fails(source, target):
        if next(calls) == failing:
            raise error
        replace(source, target)

    monkeypatch.setattr(os, "replace", fails)
    raised = storing.StoringError if isinstance(error, OSError) else KeyboardInterrupt
    with pytest.raises(raised):
        storing.replace_all(dict.fromkeys(paths, NEW))
    assert [path.read_bytes() for path in paths] == [OLD] * 3
    assert names(tmp_path) == ["a.py", "b.py", "c.py"]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("method", ["open", "read_bytes"])
def test_where_one_cannot_be_written_nothing_is_left(tmp_path, monkeypatch, method, error):
    paths = [tmp_path / "a.py", tmp_path / "b.py"]
    for path in paths:
        path.write_bytes(OLD)
    real = getattr(Path, method)

    def fails(path, *arguments, **options):
        if "b.py" in path.name:
            raise error
        return real(path, *arguments, **options)

    raised = storing.StoringError if isinstance(error, OSError) else KeyboardInterrupt
    with monkeypatch.context() as patch, pytest.raises(raised):
        patch.setattr(Path, method, fails)
        storing.replace_all(dict.fromkeys(paths, NEW))
    assert [path.read_bytes() for path in paths] == [OLD] * 2
    assert names(tmp_path) == ["a.py", "b.py"]


def test_what_a_killed_run_left_is_removed(tmp_path):
    path = tmp_path / "a.py"
    path.write_bytes(OLD)
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (tmp_path / f".a.py.tff-compat-{ended.pid}").write_bytes(NEW)
    (tmp_path / f".b.py.tff-compat-{os.getppid()}").write_bytes(NEW)  # One that still runs.
    (tmp_path / ".c.py.tff-compat-notes").write_bytes(NEW)  # The user's own.
    storing.replace_all({path: NEW})
    assert names(tmp_path) == [
        f".b.py.tff-compat-{os.getppid()}", ".c.py.tff-compat-notes", "a.py",
    ]  # fmt: skip


def test_what_another_user_writes_right_now_stays(tmp_path, monkeypatch):
    path = tmp_path / "a.py"
    path.write_bytes(OLD)
    (tmp_path / ".b.py.tff-compat-1").write_bytes(NEW)

    def refuses(process, signal):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "kill", refuses)
    storing.replace_all({path: NEW})
    assert names(tmp_path) == [".b.py.tff-compat-1", "a.py"]


@pytest.mark.parametrize("error", [None, PermissionError(1, "Operation not permitted")])
def test_the_owner_stays_where_that_is_allowed(tmp_path, monkeypatch, error):
    path = tmp_path / "a.py"
    path.write_bytes(OLD)
    given = []

    def gives(name, user, group):
        given.append((Path(name).parent, user, group))
        if error is not None:
            raise error

    monkeypatch.setattr(os, "chown", gives)
    storing.replace_all({path: NEW})
    assert given == [(tmp_path, path.stat().st_uid, path.stat().st_gid)]
    assert path.read_bytes() == NEW


SCRIPT = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from tff_compat.source import storing
paths = sorted(Path(sys.argv[1]).rglob("*.py"))
print("ready", flush=True)
storing.replace_all({path: b"new, and longer\\n" * 500 for path in paths})
"""


# How many files there are, and how often a run of them is killed: by default what takes seconds.
# `TFF_COMPAT_KILLS=2000x100` is the long form, of minutes with `--basetemp=/dev/shm/kills`: a disk
# would write each file out at once, though what ends at a kill is the process, not the machine.
FILES, KILLS = map(int, os.environ.get("TFF_COMPAT_KILLS", "200x30").split("x"))


def test_killed_at_any_moment_each_file_is_old_or_new(tmp_path):
    package = str(Path(tff_compat.__file__).parents[1])
    paths = [tmp_path / f"folder{n % 10}" / f"file{n}.py" for n in range(FILES)]
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(OLD)
    chance = random.Random(11)
    longest = 0.05
    ends = set()
    for _ in range(KILLS):
        process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(tmp_path), package], stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        started = time.monotonic()
        try:
            ended = process.wait(chance.uniform(0, longest))
        except subprocess.TimeoutExpired:
            process.kill()
            ended = process.wait()
        process.stdout.close()
        ends.add(ended)
        # The moments are spread over the time that a whole run takes here.
        longest = longest * 0.9 if ended == 0 else max(longest, time.monotonic() - started) * 1.2
        contents = {path: path.read_bytes() for path in paths}
        assert set(contents.values()) <= {OLD, NEW}
        if ended == 0:
            assert set(contents.values()) == {NEW}
        for path, content in contents.items():
            if content == NEW:
                path.write_bytes(OLD)
    assert -signal.SIGKILL in ends
    # The next run tidies up.
    storing.replace_all(dict.fromkeys(paths, NEW))
    assert {path.read_bytes() for path in paths} == {NEW}
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == sorted(paths)
