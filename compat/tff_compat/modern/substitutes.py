"""Modules that stand for others in single modules of TFF, and differ from them in some names."""

from __future__ import annotations

import atexit
import sys
import types
from collections.abc import Sequence
from typing import Any

from tff_compat import installation
from tff_compat.replaced_names import ReplacedNames


class Substitute(types.ModuleType):
    """A module with the names of another one; subclasses define those that differ."""

    def __init__(self, module: types.ModuleType):
        super().__init__(module.__name__)
        self._module = module

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)

    def put(self, places: Sequence[str]) -> None:
        """Takes the place of the module where TFF's own modules have imported it.

        Args:
          places: The paths of these, below ``tensorflow_federated.python``. What the installed
            release lacks or has not imported stays out.
        """
        name = self._module.__name__
        for place in places:
            importing = sys.modules.get(f"{installation.ROOT}.python.{place}")
            if getattr(importing, name, None) is self._module:
                _replaced.set(importing, name, self)


_replaced = ReplacedNames()


def restore() -> None:
    """Gives TFF's modules their own back. Harmless when nothing is replaced."""
    _replaced.restore()


# Else they keep TFF's modules until they are emptied, and TFF complains of that.
atexit.register(restore)
