"""Runs a script as of a release: like `python PATH ARGS`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from tff_compat.running import processes
from tff_compat.running.console import say
from tff_compat.running.interpreter import Interpreter
from tff_compat.running.session import STARTUP, Session


def run(path: Path, arguments: Sequence[str], session: Session, interpreter: Interpreter) -> int:
    """Runs a script to its end.

    Returns:
      The script's exit status; 128 + n where signal n ended it.

    Raises:
      OSError: The interpreter cannot be started.
    """
    command = [interpreter.executable]
    if sys.flags.ignore_environment and not interpreter.cached:
        say(
            "This Python ignores the environment (-I or -E): the script is run by `runpy`, and "
            "other Python programs that it starts see TensorFlow Federated as it is installed."
        )
        command += ["-I" if sys.flags.isolated else "-E", str(STARTUP / "isolated.py")]
    environment = session.environment(interpreter)
    return processes.run([*command, str(path), *arguments], environment)
