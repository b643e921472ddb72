"""Runs a script as of a release in an interpreter that ignores the environment (`python -I`)."""

from __future__ import annotations

import os
import runpy
import sys


def main() -> None:
    """Runs `sys.argv[1]` as `__main__` with the arguments that follow it."""
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path.insert(0, here)
    import _tff_compat_startup

    sys.path.remove(here)
    _tff_compat_startup.start()
    del sys.argv[0]
    path = sys.argv[0]
    if not getattr(sys.flags, "safe_path", sys.flags.isolated):
        sys.path[0] = os.path.dirname(os.path.abspath(path))
    runpy.run_path(path, run_name="__main__")


main()
