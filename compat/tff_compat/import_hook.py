"""The hook on imports, by statement or by `importlib`; once removed, it refers to nothing of ours.

Extension modules keep what stood in the place of ``builtins.__import__`` at their import until the
interpreter has ended, and programs what stood in that of `importlib.import_module`. What that
refers to stays as long; were TFF's modules among it, they would be emptied before TFF's own objects
have gone.

Its own frames are in no traceback, see `own_frames`; `__tracebackhide__` is for IPython and pytest
where Python shows them.
"""

from __future__ import annotations

import builtins
import functools
import importlib
import importlib.util
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Optional

from tff_compat import own_frames

Answer = Callable[[str, Mapping[str, Any], Sequence[str]], Optional[types.ModuleType]]
"""From a module's name, the importing module's names and what it asks for, to the module.

Where nothing is asked for, to the package that the module is in, as ``__import__`` does.
"""


_OF_C: tuple[list[str], ...] = ([], ["__doc__"])
"""What C code such as that of pickle asks for, which then takes what is in `sys.modules`.

Statements ask with tuples.
"""


class ImportHook:
    """Answers the imports of a package's modules; all others work as ever.

    Args:
      package: Its full name.
      answer: Gives the module, or None where it leaves the import as it is.
    """

    def __init__(self, package: str, answer: Answer):
        self._package = package
        self._answer: Answer | None = answer
        self._original = builtins.__import__
        self._original_by_name = importlib.import_module
        self._by_name = self._import_module()

    def install(self) -> None:
        """Puts the hook in place."""
        builtins.__import__ = self
        importlib.import_module = self._by_name

    def remove(self) -> None:
        """Takes the hook away; a wrapper put around it meanwhile calls it without effect."""
        if builtins.__import__ is self:
            builtins.__import__ = self._original
        if importlib.import_module is self._by_name:
            importlib.import_module = self._original_by_name
        self._answer = None

    def _answer_for(self, name: str) -> Answer | None:
        # First the test that nearly all imports fail: importing TensorFlow makes 70,000.
        if name.startswith(self._package) and name[len(self._package) :][:1] in ("", "."):
            return self._answer
        return None

    def __call__(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,
        locals: Mapping[str, Any] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> types.ModuleType:
        """Imports a module for the module whose globals these are, as `__import__` does."""
        __tracebackhide__ = True
        try:
            answer = self._answer_for(name) if level == 0 else None
            if answer is not None and fromlist not in _OF_C:
                # A program may call this itself, without the names of its module.
                importing = sys._getframe(1).f_globals if globals is None else globals
                found = answer(name, importing, fromlist or ())
                if found is not None:
                    return found
            return self._original(name, globals, locals, fromlist or (), level)
        except BaseException as error:
            own_frames.hide(error)
            raise

    def _import_module(self) -> Callable[..., types.ModuleType]:
        original = self._original_by_name

        @functools.wraps(original)
        def import_module(name: str, package: str | None = None) -> types.ModuleType:
            __tracebackhide__ = True
            try:
                relative = name.startswith(".") and package is not None
                full = importlib.util.resolve_name(name, package) if relative else name
                answer = self._answer_for(full)
                if answer is not None:
                    found = answer(full, sys._getframe(1).f_globals, ("__name__",))
                    if found is not None:
                        return found
                return original(name, package)
            except BaseException as error:
                own_frames.hide(error)
                raise

        return import_module
