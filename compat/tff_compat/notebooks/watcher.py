"""Ends what a kernel leaves behind, once its process is gone, however it went.

A program of its own, `python -m tff_compat.notebooks.watcher PARENT FOLDER LEADER`, started by the
process that it watches: a kernel that is killed cannot clean up after itself.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from tff_compat.running import processes

MARK = "TFF_COMPAT_REPORTS"
"""The environment variable that all processes of a session have; its value is their folder."""

_SECONDS_BETWEEN_LOOKS = 0.3
_LOOKS = 20
_ROOT = Path(__file__).resolve().parent.parent.parent


def start(folder: Path, leader: int) -> None:
    """Starts the watcher of this process, also of the program that it may become by `exec`.

    Args:
      folder: The session's folder, which is removed at the end.
      leader: The process whose session is ended where processes cannot be told by their mark.
    """
    environment = {name: value for name, value in os.environ.items() if name != MARK}
    path = filter(None, [str(_ROOT), environment.get("PYTHONPATH")])
    environment["PYTHONPATH"] = os.pathsep.join(path)
    subprocess.Popen(
        [sys.executable, "-m", __name__, str(os.getpid()), str(folder), str(leader)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
        cwd=os.path.sep,
        # Of a session of its own, so that what ends or interrupts the kernel's does not reach it.
        start_new_session=True,
    )


def end(folder: Path, leader: int) -> None:
    """Ends all processes of a session."""
    processes.end_marked(MARK, str(folder))
    if sys.platform != "linux":
        processes.signal_session(leader, signal.SIGKILL)


def main(parent: int, folder: Path, leader: int) -> None:
    """Waits for the end of its parent, then ends the session and removes its folder."""
    while os.getppid() == parent:
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    for _ in range(_LOOKS):
        end(folder, leader)
        # What was being started at that moment has its mark by now, and may be writing here.
        time.sleep(_SECONDS_BETWEEN_LOOKS)
        end(folder, leader)
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
