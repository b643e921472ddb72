"""The hook in the place of ``builtins.__import__``, which refers to nothing of ours once removed.

Extension modules keep what stood there at their import until the interpreter has ended. What
that refers to stays as long; were TFF's modules among it, they would be emptied before TFF's own
objects have gone.
"""

from __future__ import annotations

import builtins
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Optional

Answer = Callable[[str, Optional[Mapping[str, Any]], Sequence[str]], Optional[types.ModuleType]]
"""From a module's name, the importing module's names and what it asks for, to the module."""


class ImportHook:
    """Asks for the imports of a package's modules; all others are as ever.

    Args:
      package: Its full name.
      answer: Gives the module, or None where it leaves the import as it is.
    """

    def __init__(self, package: str, answer: Answer):
        self._package = package
        self._answer: Answer | None = answer
        self._original = builtins.__import__

    def install(self) -> None:
        """From now on."""
        builtins.__import__ = self

    def remove(self) -> None:
        """Not from now on; who has wrapped this in the meantime goes on to call it in vain."""
        if builtins.__import__ is self:
            builtins.__import__ = self._original
        self._answer = None

    def __call__(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,
        locals: Mapping[str, Any] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> types.ModuleType:
        # First the test that nearly all imports fail: importing TensorFlow makes 70,000.
        if (
            level == 0
            and name.startswith(self._package)
            and name[len(self._package) :][:1] in ("", ".")
            and self._answer is not None
        ):
            found = self._answer(name, globals, fromlist or ())
            if found is not None:
                return found
        return self._original(name, globals, locals, fromlist or (), level)
