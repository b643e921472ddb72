"""Takes our frames out of the tracebacks of errors that only pass through them.

Python hides the frames of its own imports in the same way.
"""

from __future__ import annotations

import importlib
import os
import runpy
import types

_OWN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "")
_PYTHONS = ("<frozen ", importlib.__file__, runpy.__file__)
_HOOK = os.path.join(_OWN, "import_hook.py")


def hide(error: BaseException) -> None:
    """Takes the frame that handles an error, and those of ours behind it, out of its traceback.

    It is called before a bare ``raise``. Frames of others stay, with all that they call. An error
    that began in ours stays whole, as that is where to look, unless it says that an import failed.
    Up to Python 3.10 the frame that calls this is shown, whatever is done.
    """
    shown = error.__traceback__
    if shown is None:
        return
    last, rest = shown, shown.tb_next
    while rest is not None and _passes_on(rest):
        last, rest = rest, rest.tb_next
    began_here = rest is None and last is not shown and _file(last).startswith(_OWN)
    if began_here and not isinstance(error, ImportError):
        return
    shown.tb_next = rest
    while rest is not None:
        # Those that could not be hidden.
        while rest.tb_next is not None and _file(rest.tb_next) == _HOOK:
            rest.tb_next = rest.tb_next.tb_next
        rest = rest.tb_next
    error.__traceback__ = shown.tb_next


def _passes_on(entry: types.TracebackType) -> bool:
    return _file(entry).startswith((_OWN, *_PYTHONS))


def _file(entry: types.TracebackType) -> str:
    return entry.tb_frame.f_code.co_filename
