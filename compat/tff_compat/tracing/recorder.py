"""Records what the objects of a running program are, by the places that read them."""

from __future__ import annotations

import builtins
import json
import numbers
import os
import sys
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tff_compat import whole_files
from tff_compat.adapters import index
from tff_compat.tracing.instrumenting import NAME

_PLAIN = (int, float, str, bytes, bool, type(None), complex)
GIVES = "_tff_compat_gives"
"""The attribute by which an adapter says the role of what it returns."""


class Recorder:
    """What instrumented code calls: each method gives what the plain expression would.

    Attributes:
      roles: By file, the roles of the objects that were read at each place.
      calls: By file, symbol and line: the distinct arguments of the legacy calls there.
    """

    def __init__(self, release: Any) -> None:
        self.roles: dict[str, dict[str, set[str]]] = {}
        self.calls: dict[str, list[dict[str, Any]]] = {}
        # Objects are kept, so that their identities are not used again.
        self._known: dict[int, tuple[object, str]] = {}
        self._release = release
        self._optimizers: dict[int, tuple[object, set[str | None]]] = {}

    def _role(self, value: object) -> str:
        found = self._known.get(id(value))
        return "" if found is None else found[1]

    def _is(self, value: object, role: str) -> None:
        if role and not isinstance(value, _PLAIN):
            self._known[id(value)] = (value, role)

    def _note(self, role: str, place: str) -> None:
        filename = sys._getframe(2).f_code.co_filename
        self.roles.setdefault(filename, {}).setdefault(place, set()).add(role)

    def _given(self, role: str, name: str) -> str:
        return index.given_role(role, name, self._release)

    def attribute(self, owner: Any, name: str, place: str) -> Any:
        """Evaluates ``owner.name``."""
        value = getattr(owner, name)
        known = self._known.get(id(owner))
        if known is not None:
            self._note(known[1], place)
            self._is(value, self._given(known[1], f".{name}"))
        return value

    def item(self, owner: Any, key: Any, place: str) -> Any:
        """Evaluates ``owner[key]``."""
        value = owner[key]
        known = self._known.get(id(owner))
        if known is not None:
            self._note(known[1], place)
            self._is(value, self._given(known[1], f"[{key}]"))
        return value

    def called(self, function: Any, place: str) -> Any:
        """The function to call: itself, or where its result has a role, one that records it."""
        role = self._role(function)
        if role:
            self._note(role, place)
            gives = self._given(role, "()")
        else:
            # Only what adapters offer has it; other objects may answer to any name.
            is_ours = isinstance(function, (types.FunctionType, type))
            gives = vars(function).get(GIVES, "") if is_ours else ""
        if not gives or not isinstance(gives, str):
            return function

        def call(*args: Any, **kwargs: Any) -> Any:
            result = function(*args, **kwargs)
            self._is(result, gives)
            return result

        return call

    def used(self, value: Any, place: str) -> Any:
        """The value that is compared, or that a function of Python is asked about."""
        role = self._role(value)
        if role:
            self._note(role, place)
        return value

    def unpacked(self, value: Any) -> Any:
        """The value that is unpacked into several names."""
        role = self._role(value)
        if role:
            # Iterating may give something else than items do: only what is declared by number.
            declared = index.given_roles(self._release)
            for position, part in enumerate(value):
                self._is(part, declared.get((role, f"[{position}]"), ""))
        return value

    # --- Legacy calls -----------------------------------------------------------------------------

    def legacy_call(
        self, symbol: str, filename: str, lineno: int, column: int, arguments: Mapping[str, object]
    ) -> None:
        """A legacy call with its arguments; each distinct one is kept."""
        self.calls.setdefault(filename, []).append(
            {
                "symbol": symbol,
                "line": lineno,
                "column": column,
                "arguments": {k: value for k, value in arguments.items() if k != "as_of"},
            }
        )

    def optimizer(self, function: object, made: Any) -> None:
        """An optimizer that a function of the program made for TFF."""
        configuration = _configuration(made)
        if configuration is not None:
            _, texts = self._optimizers.setdefault(id(function), (function, set()))
            texts.add(_modern(type(made).__name__, configuration))

    def written(self) -> dict[str, Any]:
        """All that was recorded, as JSON."""
        files: dict[str, dict[str, Any]] = {}
        for filename, roles in self.roles.items():
            files.setdefault(filename, {})["roles"] = {k: sorted(v) for k, v in roles.items()}
        for filename, calls in self.calls.items():
            found: dict[str, dict[str, Any]] = {}
            for call in calls:
                record = {
                    **{key: call[key] for key in ("symbol", "line", "column")},
                    "arguments": {
                        name: described
                        for name, value in call["arguments"].items()
                        if (described := self._described(value))
                    },
                }
                found[json.dumps(record, sort_keys=True)] = record
            files.setdefault(filename, {})["calls"] = list(found.values())
        return files

    def _described(self, value: object) -> dict[str, Any]:
        known = self._optimizers.get(id(value))
        if known is not None:
            texts = known[1]
            return {"optimizer": next(iter(texts)) if len(texts) == 1 else None}
        return {"kind": type(value).__name__}


def _configuration(optimizer: Any) -> Mapping[str, object] | None:
    """What Keras says of an optimizer; None where that would run more than Keras's own code.

    Keras evaluates hyperparameters, which may be functions of the program, variables that it
    changes, or tensors of a graph that is still being built.
    """
    if not type(optimizer).__module__.startswith(("keras.", "tensorflow.python.keras.")):
        return None
    hyperparameters = getattr(optimizer, "_hyper", {}).values()
    if not all(isinstance(value, numbers.Number) for value in hyperparameters):
        return None
    try:
        found: Mapping[str, object] = optimizer.get_config()
    except NotImplementedError:
        return None  # Keras's newer optimizers have variables, which graphs cannot read.
    return found


def _modern(name: str, configuration: Mapping[str, object]) -> str | None:
    """The optimizer of TFF that does the same; None where there is none."""
    from tff_compat.declared.replacement import NotWritable
    from tff_compat.source.keras_optimizers import of_configuration

    try:
        return of_configuration(name, configuration)
    except NotWritable:
        return None


_recorder: list[Recorder] = []


def start(release: Any) -> Recorder:
    """Begins to record in this process."""
    made = Recorder(release)
    setattr(builtins, NAME, made)
    _recorder[:] = [made]
    return made


def active() -> Recorder | None:
    """What records in this process; None where nothing does."""
    return _recorder[0] if _recorder else None


def write(path: str | os.PathLike[str]) -> None:
    """Writes what was recorded, whole or not at all."""
    recorder = active()
    if recorder is None:
        return
    whole_files.write(Path(path), json.dumps({"files": recorder.written()}, indent=1))
