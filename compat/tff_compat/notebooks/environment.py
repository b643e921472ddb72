"""What the processes of a kernel find in their environment, beside what every run has."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from tff_compat.running.interpreter import Interpreter
from tff_compat.running.session import Session

COMMAND_PYTHON = "TFF_COMPAT_PYTHON"
"""The variable with the interpreter that has all that the commands of tff-compat need."""


def quiet() -> None:
    """Keeps what TensorFlow says of the machine at its start out of this kernel's notebook.

    Who has set the variable, as to "0", is told it.
    """
    # Its errors too: that CUDA is registered twice or not found is one to TensorFlow 2.14.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def new_session(as_of: str) -> Session:
    """A session with a folder of its own, which `watcher` removes."""
    return Session(as_of, Path(tempfile.mkdtemp(prefix="tff-compat-")))


def of_kernel(session: Session, interpreter: Interpreter) -> dict[str, str]:
    """The environment variables of a kernel as of the session's release."""
    environment = session.environment(interpreter)
    environment[COMMAND_PYTHON] = sys.executable
    # The kernel that we are in may have named a backend of its own Python.
    if environment.get("MPLBACKEND", "").startswith("module://"):
        del environment["MPLBACKEND"]
    return environment
