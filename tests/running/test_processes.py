"""Checks that nothing outlives a run, and that signals reach the program."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

_CHILD = """
import os, subprocess, sys, time
child = subprocess.Popen(
    [sys.executable, "-S", "-c", {code!r}], start_new_session={new_session}
)
print("started", flush=True)
{then}
"""
_WAITS = "import os, time; open('child', 'w').write(str(os.getpid())); time.sleep(600)"
_STUBBORN = (
    "import os, signal, time; [signal.signal(n, signal.SIG_IGN) for n in (2, 15, 1)]; "
    "open('child', 'w').write(str(os.getpid())); time.sleep(600)"
)
_WHEN_STARTED = "while not os.path.exists('child'): time.sleep(0.01)"

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere only its session")


def _program(run, code=_WAITS, new_session=False, then=_WHEN_STARTED):
    run.write("program.py", _CHILD.format(code=code, new_session=new_session, then=then))


def test_a_child_that_outlives_the_program_is_ended(run, is_alive):
    _program(run)
    start = time.monotonic()
    assert run("program.py", "--as-of", "0.9").status == 0
    assert not is_alive(run.folder / "child")
    assert time.monotonic() - start < 60


@linux_only
def test_a_child_in_a_session_of_its_own_is_ended(run, is_alive):
    _program(run, new_session=True)
    assert run("program.py", "--as-of", "0.9").status == 0
    assert not is_alive(run.folder / "child")


def test_a_child_that_ignores_signals_is_ended(run, is_alive):
    _program(run, code=_STUBBORN)
    assert run("program.py", "--as-of", "0.9").status == 0
    assert not is_alive(run.folder / "child")


def test_a_pipe_is_closed_at_the_end(run):
    _program(run)
    command = [sys.executable, "-m", "tff_compat", "run", "program.py", "--as-of", "0.9"]
    # A child left behind would hold the pipe: communicate() would not come back.
    piped = subprocess.run(
        command,
        cwd=run.folder,
        env=run.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=60,
    )
    assert piped.stdout == b"started\n"


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_signals_end_the_program_and_its_children(run, is_alive, number, status):
    _program(run, then="time.sleep(600)")
    process = run.start("program.py", "--as-of", "0.9")
    assert is_alive(run.folder / "child")
    process.send_signal(number)
    assert run.wait(process).status == status
    assert not is_alive(run.folder / "child")


def test_a_program_may_handle_an_interrupt(run):
    run.write(
        "program.py",
        """
        import pathlib, sys, time
        try:
            pathlib.Path("ready").touch()
            time.sleep(600)
        except KeyboardInterrupt:
            sys.exit(5)
        """,
    )
    process = run.start("program.py", "--as-of", "0.9")
    while not (run.folder / "ready").exists():
        assert process.poll() is None, (run.folder / "err").read_text()
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGINT)
    assert run.wait(process).status == 5


def test_children_that_were_there_before_are_left_alone(tmp_path):
    from tff_compat.running import processes

    code = "import time; time.sleep(600)"
    before = subprocess.Popen([sys.executable, "-S", "-c", code])
    try:
        assert processes.run([sys.executable, "-c", "pass"], os.environ) == 0
        assert before.poll() is None
    finally:
        before.kill()
        before.wait()
