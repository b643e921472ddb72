"""Runs a script as of a release in an interpreter that ignores the environment (`python -I`)."""

from __future__ import annotations

import os
import runpy
import sys


def main() -> None:
    """Runs what `sys.argv[1]` names as `__main__` with the arguments that follow it."""
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path.insert(0, here)
    import _tff_compat_downloads
    import _tff_compat_startup

    sys.path.remove(here)
    _tff_compat_startup.start()
    if os.environ.get("TFF_COMPAT_SYNTHETIC_DATA"):
        _tff_compat_downloads.start()
    del sys.argv[0]
    path = sys.argv[0]
    if not getattr(sys.flags, "safe_path", sys.flags.isolated):
        # What stands first is this file's folder; Python puts the program's there.
        if path in ("-", "-m"):
            sys.path[0] = os.getcwd() if path == "-m" else ""
        elif path.endswith(".py"):
            sys.path[0] = os.path.dirname(os.path.abspath(path))
        else:
            del sys.path[0]
    if path == "-m":
        del sys.argv[0]
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    elif path == "-":
        code = compile(sys.stdin.read(), "<stdin>", "exec")
        exec(code, {"__name__": "__main__", "__builtins__": __builtins__})
    else:
        runpy.run_path(path, run_name="__main__")


try:
    main()
except BaseException as error:
    from tff_compat import own_frames

    own_frames.hide(error)
    raise
