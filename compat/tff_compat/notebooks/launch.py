"""Starts a kernel of a release: the program that an installed kernel names.

`python -m tff_compat.notebooks.launch RELEASE CONNECTION_FILE [--cached]` becomes, by `exec`, the
kernel in the interpreter that has TFF, so that Jupyter's signals reach it as they reach any kernel.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from tff_compat.notebooks import environment, watcher
from tff_compat.running import interpreter


def main(arguments: Sequence[str]) -> None:
    """Becomes the kernel."""
    release, file, *options = arguments
    python = interpreter.choose(cached="--cached" in options, notebook=True)
    session = environment.new_session(release)
    # A child of the kernel to be: it sees its end, and is not what it ends.
    watcher.start(session.folder, os.getpid())
    os.execve(
        python.executable,
        [python.executable, "-m", "ipykernel_launcher", "-f", file, "--ext=tff_compat"],
        environment.of_kernel(session, python),
    )


if __name__ == "__main__":
    main(sys.argv[1:])
