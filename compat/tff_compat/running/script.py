"""Runs a script, module, folder or standard input as of a release: like `python PATH ARGS`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from tff_compat.running import processes
from tff_compat.running.console import notice
from tff_compat.running.interpreter import Interpreter
from tff_compat.running.programs import Program
from tff_compat.running.session import STARTUP, Session


def run(
    program: Program, arguments: Sequence[str], session: Session, interpreter: Interpreter
) -> int:
    """Runs a program to its end.

    Returns:
      The program's exit status; 128 + n where signal n ended it.

    Raises:
      OSError: The interpreter cannot be started.
    """
    command = [interpreter.executable]
    if sys.flags.ignore_environment and not interpreter.cached:
        notice(
            "This Python ignores the environment (-I or -E): the script is run by `runpy`, and "
            "other Python programs that it starts see TensorFlow Federated as it is installed."
        )
        command += ["-I" if sys.flags.isolated else "-E", str(STARTUP / "isolated.py")]
    elif session.traced and program.command[0] != "-":
        command.append(str(STARTUP / "traced.py"))
    environment = session.environment(interpreter)
    return processes.run([*command, *program.command, *arguments], environment, stdin=program.stdin)
