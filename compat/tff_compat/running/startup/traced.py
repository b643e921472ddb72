"""Runs a script or module as of a release, instrumented for `tff-compat run --trace`."""

from __future__ import annotations

import os
import runpy
import sys


def main() -> None:
    """Runs what `sys.argv[1]` names as `__main__` with the arguments that follow it."""
    del sys.argv[0]
    path = sys.argv[0]
    from tff_compat.tracing import importing

    if path == "-m":
        sys.path[0] = os.getcwd()
        del sys.argv[0]
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    elif path.endswith(".py"):
        sys.path[0] = os.path.dirname(os.path.abspath(path))
        importing.run_script(path)
    else:
        del sys.path[0]
        runpy.run_path(path, run_name="__main__")


try:
    main()
except BaseException as error:
    from tff_compat import own_frames

    own_frames.hide(error)
    raise
