"""The warnings for legacy calls, each once per place, and their report."""

from __future__ import annotations

import ast
import inspect
import json
import os
import sys
import warnings
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from packaging.version import Version

from tff_compat import places, whole_files
from tff_compat.declared.replacement import Code, NotWritable, Replacement, recommendation
from tff_compat.places import Place


class LegacyAPIWarning(DeprecationWarning):
    """A program used a form of the API that the installed release no longer has.

    Attributes:
      symbol: Public path of the symbol, such as ``"tff.learning.from_keras_model"``.
      release: The last release that took the use.
      replacement: What to write instead, for this very use; empty where no code can be written.
      code: The source of the legacy call, or an empty string where it cannot be read.
      location: ``(filename, line number)`` of the call.
    """

    def __init__(
        self,
        message: str,
        *,
        symbol: str = "",
        release: str = "",
        replacement: str = "",
        code: str = "",
        location: tuple[str, int] = ("", 0),
    ):
        super().__init__(message)
        self.symbol = symbol
        self.release = release
        self.replacement = replacement
        self.code = code
        self.location = location


class LegacyAPIError(NotImplementedError):
    """A symbol that the asked-for release had cannot be offered faithfully."""


@dataclass
class LegacyCall:
    """One place in a program that uses a legacy form, and how often it was reached."""

    symbol: str
    release: str
    replacement: str
    filename: str
    lineno: int
    code: str
    count: int = 1


_calls: dict[tuple[object, ...], LegacyCall] = {}
"""The legacy calls by symbol, file, and where the call stands in it."""
_of_frames: dict[tuple[object, ...], tuple[object, ...]] = {}
"""The keys of `_calls` by symbol and what a frame executes: one call may be executed by several."""
_not_legacy: set[tuple[object, ...]] = set()
observers: list[Callable[[], None]] = []
"""Called at each new place: a process that may be killed at any time reports it at once."""

_raised: dict[tuple[object, ...], tuple[LegacyAPIWarning, str]] = {}


def _frame_key(symbol: str, place: Place) -> tuple[object, ...]:
    if place.copied:
        # Each conversion makes new code for the same line.
        return symbol, place.filename, place.lineno
    return symbol, place.frame.f_code, place.frame.f_lasti


def warn_legacy(
    symbol: str,
    *,
    last_release: Version,
    template: str,
    note: str = "",
    arguments: Mapping[str, object] | None = None,
    signature: inspect.Signature | None = None,
    only_with_keywords: Collection[str] = (),
    as_of: Version | None = None,
) -> None:
    """Warns once per place that the program uses a legacy form, and counts every use.

    Args:
      symbol: Public path of the symbol used.
      last_release: The last release that had the form.
      template: The replacement, see `declared.replacement.Replacement`.
      note: What to look at in the code, or what to do where there is none.
      arguments: The values that the legacy form received, by parameter name.
      signature: The legacy signature, to find each argument's text in the source of the call.
      only_with_keywords: Where given, the call is legacy only if it uses one of these keywords.
      as_of: The release in place, for what is declared: the advice is then what
        `tff-compat check` finds at the place.
    """
    place = places.user_place()
    frame_key = _frame_key(symbol, place)
    key = _of_frames.get(frame_key)
    if key is not None and key in _calls:
        _trace(symbol, place, arguments)
        _calls[key].count += 1
        if key in _raised:
            _give(key, *_raised.pop(key))
        return
    if frame_key in _not_legacy:
        return
    call = place.call(symbol.rpartition(".")[2])
    if only_with_keywords:
        used = {keyword.arg for keyword in call.keywords} if call is not None else set()
        if used.isdisjoint(only_with_keywords):
            _not_legacy.add(frame_key)
            return
    _trace(symbol, place, arguments)
    lineno = place.lineno if call is None else call.lineno
    key = symbol, place.filename, lineno, 0 if call is None else call.col_offset
    _of_frames[frame_key] = key
    if key in _calls:
        # The same call, executed by another frame: under autograph, say.
        _calls[key].count += 1
        return
    code = ast.unparse(call) if call is not None else place.line()
    message, release, replacement = _advice(
        symbol, place, call, last_release, Replacement(template, note), arguments, signature, as_of
    )
    _calls[key] = LegacyCall(symbol, release, replacement, place.filename, lineno, code)
    for observer in observers:
        observer()
    warning = LegacyAPIWarning(
        message,
        symbol=symbol,
        release=release,
        replacement=replacement,
        code=code,
        location=(place.filename, lineno),
    )
    _give(key, warning, place.frame.f_globals.get("__name__", "<unknown>"))


def _trace(symbol: str, place: Place, arguments: Mapping[str, object] | None) -> None:
    """Records the call where the run is traced: every one, not only the first of its place."""
    recorder = sys.modules.get("tff_compat.tracing.recorder")
    active = recorder.active() if recorder is not None else None
    if active is not None:
        call = place.call(symbol.rpartition(".")[2])
        at = (place.lineno, 0) if call is None else (call.lineno, call.col_offset)
        active.legacy_call(symbol, place.filename, *at, arguments or {})


def count_again(symbol: str) -> bool:
    """Counts one more use of a legacy symbol by the caller's caller, if its place is known.

    It is the short way for what costs nothing but a look: where it says False, `warn_legacy` has
    to find the place.
    """
    frame = sys._getframe(2)
    key = _of_frames.get((symbol, frame.f_code, frame.f_lasti))
    known = None if key is None else _calls.get(key)
    if known is None or key in _raised:
        return False
    known.count += 1
    return True


def _give(key: tuple[object, ...], warning: LegacyAPIWarning, module: str) -> None:
    filename, lineno = warning.location
    try:
        warnings.warn_explicit(warning, LegacyAPIWarning, filename, lineno, module=module)
    except LegacyAPIWarning:
        # As an error it is raised each time that this place is reached, not only the first.
        _raised[key] = (warning, module)
        raise


def _advice(
    symbol: str,
    place: Place,
    call: ast.Call | None,
    last_release: Version,
    modern: Replacement,
    arguments: Mapping[str, object] | None,
    signature: inspect.Signature | None,
    as_of: Version | None,
) -> tuple[str, str, str]:
    """The message, the last release that took the use, and the code to write instead."""
    fault = ""
    if as_of is not None:
        from tff_compat import advice

        finding = None
        try:
            finding = advice.advice(place, call, symbol, as_of)
        except Exception as error:
            # The program is read for the advice alone: where that fails, the program goes on.
            fault = f" (Reading the program failed: {error!r}. Please report it to tff-compat.)"
        if finding is not None:
            release = finding.last_release or str(last_release)
            return finding.message, release, finding.replacement
    text = f"{symbol} as used here was last in TFF {last_release}."
    note = modern.note
    helpers: list[str] = []

    def helper(name: str) -> str:
        helpers.append(name)
        return name

    try:
        given, plain = _given(call, signature, arguments or {})
        code = modern.fill(given, defaults=plain, helper=helper)
    except NotWritable as problem:
        code, note = "", str(problem)
    said = recommendation(code, note, helpers)
    return f"{text} {said}".strip() + fault, str(last_release), code


def _given(
    call: ast.Call | None, signature: inspect.Signature | None, values: Mapping[str, object]
) -> tuple[dict[str, Code], dict[str, str]]:
    """The code of the arguments of a call, and the text of what the others have."""
    plain = {
        name: repr(value)
        for name, value in values.items()
        if isinstance(value, (bool, int, float, str, type(None)))
    }
    if call is None or signature is None or any(isinstance(a, ast.Starred) for a in call.args):
        given = {
            name: Code.of(text)
            for name, text in plain.items()
            if signature is None or text != _default(signature, name)
        }
        return {**({} if call is None else _owner(call)), **given}, plain
    keywords = {kw.arg: kw.value for kw in call.keywords if kw.arg is not None}
    try:
        bound = signature.bind_partial(*call.args, **keywords).arguments
    except TypeError:
        # The call found is another one on the same line: no source text is better than a wrong one.
        return {}, plain
    nodes = {name: node for name, node in bound.items() if isinstance(node, ast.expr)}
    given = {name: Code(ast.unparse(node), node) for name, node in nodes.items()}
    return {**_owner(call), **given}, plain


def _owner(call: ast.Call) -> dict[str, Code]:
    """The object whose method is called."""
    if not isinstance(call.func, ast.Attribute):
        return {}
    return {"self": Code(ast.unparse(call.func.value), call.func.value)}


def _default(signature: inspect.Signature, name: str) -> str:
    parameter = signature.parameters.get(name)
    return "" if parameter is None else repr(parameter.default)


def show_warnings() -> None:
    """Makes `LegacyAPIWarning` visible, unless the user has a filter for it."""
    asked = [option for option in sys.warnoptions if "tff_compat" in option]
    for option in asked:
        # The interpreter reads -W before packages can be imported and drops our category.
        action = option.split(":", 1)[0]
        warnings.simplefilter(action or "default", LegacyAPIWarning)  # type: ignore[arg-type]
    if not any(entry[2] is LegacyAPIWarning for entry in warnings.filters):
        # "always": once per place is our own rule, kept in `_calls`.
        warnings.simplefilter("always", LegacyAPIWarning)


def calls() -> list[LegacyCall]:
    """The legacy calls seen so far in this process, in the order in which they were first made."""
    return list(_calls.values())


def write_report(path: str | os.PathLike[str], *, as_of: str, installed: str) -> None:
    """Writes the legacy calls of this process as JSON, whole or not at all.

    Raises:
      OSError: The file cannot be written.
    """
    data = {"as_of": as_of, "installed": installed, "calls": [asdict(call) for call in calls()]}
    whole_files.write(Path(path), json.dumps(data, indent=1) + "\n")
