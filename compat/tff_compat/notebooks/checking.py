"""`%tff_check`: the static findings of the notebook, from the command `tff-compat check`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tff_compat.notebooks.environment import COMMAND_PYTHON

_ROOT = Path(__file__).resolve().parent.parent.parent


def check(path: Path, arguments: Sequence[str]) -> str:
    """What `tff-compat check` writes about a notebook, in the interpreter that has the command.

    A kernel in the cached environment has only what programs need.
    """
    environment = dict(os.environ)
    path_ = filter(None, [str(_ROOT), environment.get("PYTHONPATH")])
    environment["PYTHONPATH"] = os.pathsep.join(path_)
    python = environment.get(COMMAND_PYTHON, sys.executable)
    return subprocess.run(
        # Unbuffered, so that its summary comes last.
        [python, "-u", "-m", "tff_compat", "check", *arguments, str(path)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        text=True,
    ).stdout
