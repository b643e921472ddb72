"""Names of other modules that are replaced for a while, and put back."""

from __future__ import annotations

from typing import Any

_MISSING: Any = object()


class ReplacedNames:
    """What has been set, with what was there before."""

    def __init__(self) -> None:
        self._before: list[tuple[Any, str, Any]] = []

    def set(self, holder: Any, name: str, value: Any) -> None:
        """Sets a name of a module or class until `restore`."""
        self._before.append((holder, name, holder.__dict__.get(name, _MISSING)))
        setattr(holder, name, value)

    def __bool__(self) -> bool:
        return bool(self._before)

    def restore(self) -> None:
        """Puts back what was there. Harmless when nothing is replaced."""
        while self._before:
            holder, name, value = self._before.pop()
            if value is _MISSING:
                delattr(holder, name)
            else:
                setattr(holder, name, value)
