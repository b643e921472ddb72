"""Starts a run in the interpreter that it is for, then chains to the user's own sitecustomize.

Where that is asked for, downloads are replaced by made-up data before, in any interpreter.

This folder stands first on PYTHONPATH during a run, so every Python started by the program imports
this file, whatever its version: the syntax is that of Python 2 and 3.
"""

import os
import sys

_here = os.path.dirname(os.path.abspath(__file__))
_wanted = os.environ.get("TFF_COMPAT_PREFIX")

if _wanted and os.path.realpath(sys.prefix) == os.path.realpath(_wanted):
    import _tff_compat_startup

    _tff_compat_startup.start()

if os.environ.get("TFF_COMPAT_SYNTHETIC_DATA") and sys.version_info >= (3, 7):
    import _tff_compat_downloads

    _tff_compat_downloads.start()

# The program's own path is then as it would be without us; children read PYTHONPATH again.
sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != _here]
_own = sys.modules.pop("sitecustomize", None)
try:
    import sitecustomize  # noqa: F401
except ImportError as error:
    if getattr(error, "name", "sitecustomize") != "sitecustomize":
        raise
finally:
    if "sitecustomize" not in sys.modules and _own is not None:
        sys.modules["sitecustomize"] = _own
