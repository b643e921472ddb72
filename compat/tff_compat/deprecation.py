"""The warnings for legacy calls: where they point, what they advise, and their summary."""

from __future__ import annotations

import ast
import gc
import inspect
import json
import linecache
import os
import re
import sys
import sysconfig
import types
import warnings
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from packaging.version import Version


class LegacyAPIWarning(DeprecationWarning):
    """A program used a form of the API that the installed release no longer has.

    Attributes:
      symbol: Public path of the symbol, such as ``"tff.learning.from_keras_model"``.
      release: The last release that had the form used.
      replacement: What to write instead, for this very call.
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
_not_legacy: set[tuple[object, ...]] = set()
_raised: dict[tuple[object, ...], tuple[LegacyAPIWarning, str]] = {}

# Frames of these packages are never "the user's own line".
_LIBRARY_PACKAGES = (
    "tensorflow_federated",
    "tensorflow",
    "keras",
    "tf_keras",
    "tff_compat",
    "attr",
)
_AUTOGRAPH_COPY = re.compile(r"__autograph_generated_file")
_STANDARD_LIBRARY = tuple(
    os.path.join(path, "") for path in {sysconfig.get_path("stdlib"), os.path.dirname(os.__file__)}
)
_own_root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "")
_is_library_file: dict[str, bool] = {}


def _in_library(filename: str) -> bool:
    known = _is_library_file.get(filename)
    if known is None:
        parts = filename.replace("\\", "/").split("/")
        in_packages = "site-packages" in parts or "dist-packages" in parts
        known = _is_library_file[filename] = bool(
            filename.startswith(_own_root)
            or _AUTOGRAPH_COPY.search(filename)
            or filename.startswith("<frozen ")
            or (in_packages and any(part in _LIBRARY_PACKAGES for part in parts))
            or (not in_packages and filename.startswith(_STANDARD_LIBRARY))
        )
    return known


@dataclass(frozen=True)
class _Place:
    """A line of the user's program that is being executed."""

    filename: str
    lineno: int
    frame: types.FrameType
    copied: bool
    """Whether the frame executes a copy of the line that autograph made."""

    def key(self, symbol: str) -> tuple[object, ...]:
        if self.copied:
            # Each conversion makes new code for the same line.
            return symbol, self.filename, self.lineno
        return symbol, self.frame.f_code, self.frame.f_lasti


def _user_place() -> _Place:
    frame = sys._getframe(1)
    while frame.f_back is not None and _in_library(frame.f_code.co_filename):
        if _AUTOGRAPH_COPY.search(frame.f_code.co_filename):
            original = _original_line(frame)
            if original is not None and not _in_library(original[0]):
                return _Place(*original, frame, True)
        frame = frame.f_back
    return _Place(frame.f_code.co_filename, frame.f_lineno, frame, False)


def _original_line(frame: types.FrameType) -> tuple[str, int] | None:
    """The line of the program that a line of an autograph copy was made from."""
    for referrer in gc.get_referrers(frame.f_code):
        source_map = getattr(referrer, "ag_source_map", None)
        for copied, origin in (source_map or {}).items():
            if copied.lineno == frame.f_lineno:
                return origin.loc.filename, origin.loc.lineno
    return None


def warn_legacy(
    symbol: str,
    *,
    last_release: Version,
    template: str,
    arguments: Mapping[str, object] | None = None,
    signature: inspect.Signature | None = None,
    detail: str = "",
    only_with_keywords: Collection[str] = (),
) -> None:
    """Warns once per place that the program uses a legacy form, and counts every use.

    Args:
      symbol: Public path of the symbol used.
      last_release: The last release that had the form.
      template: The replacement, with parameter names of the legacy form as holes, such as
        ``"from_keras_model({keras_model}, loss={loss}[?, loss_weights={loss_weights}?])"``.
        What stands in ``[? ?]`` is kept only where all its holes were given in the call.
      arguments: The values that the legacy form received, by parameter name.
      signature: The legacy signature, to find each argument's text in the source of the call.
      detail: One more sentence for the message.
      only_with_keywords: Where given, the call is legacy only if it uses one of these keywords.
    """
    place = _user_place()
    key = place.key(symbol)
    known = _calls.get(key)
    if known is not None:
        known.count += 1
        if key in _raised:
            _give(key, *_raised.pop(key))
        return
    if key in _not_legacy:
        return
    filename, lineno = place.filename, place.lineno
    call = _call_node(place, symbol.rpartition(".")[2])
    if only_with_keywords:
        used = {keyword.arg for keyword in call.keywords} if call is not None else set()
        if used.isdisjoint(only_with_keywords):
            _not_legacy.add(key)
            return
    code = ast.unparse(call) if call is not None else linecache.getline(filename, lineno).strip()
    replacement = fill(template, arguments or {}, _argument_sources(call, signature))
    found = LegacyCall(symbol, str(last_release), replacement, filename, lineno, code)
    _calls[key] = found
    message = f"{symbol} as used here was last in TFF {last_release}. Write instead: {replacement}"
    if detail:
        message = f"{message} ({detail})"
    warning = LegacyAPIWarning(
        message,
        symbol=symbol,
        release=str(last_release),
        replacement=replacement,
        code=code,
        location=(filename, lineno),
    )
    _give(key, warning, place.frame.f_globals.get("__name__", "<unknown>"))


def count_again(symbol: str) -> bool:
    """Counts one more use of a legacy symbol by the caller's caller, if its place is known.

    It is the short way for what costs nothing but a look: where it says False, `warn_legacy` has
    to find the place.
    """
    frame = sys._getframe(2)
    key = (symbol, frame.f_code, frame.f_lasti)
    known = _calls.get(key)
    if known is None or key in _raised:
        return False
    known.count += 1
    return True


def _give(key: tuple[object, ...], warning: LegacyAPIWarning, module: str) -> None:
    filename, lineno = warning.location
    try:
        warnings.warn_explicit(warning, LegacyAPIWarning, filename, lineno, module=module)
    except LegacyAPIWarning:
        # As an error it stops everybody who comes to this place, not only the first.
        _raised[key] = (warning, module)
        raise


def _call_node(place: _Place, name: str) -> ast.Call | None:
    """The call expression that is being executed, where its source can be read."""
    frame = place.frame
    lines = linecache.getlines(place.filename, None if place.copied else frame.f_globals)
    if not lines:
        return None
    try:
        tree = ast.parse("".join(lines))
    except SyntaxError:
        return None
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    if sys.version_info >= (3, 11) and not place.copied:
        positions = list(frame.f_code.co_positions())[frame.f_lasti // 2]
        for node in calls:
            if (node.lineno, node.end_lineno, node.col_offset, node.end_col_offset) == positions:
                return node
    # Else only the line is known: the call on that line with the right name.
    for node in calls:
        called = node.func
        last = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", None)
        if last == name and node.lineno <= place.lineno <= (node.end_lineno or node.lineno):
            return node
    return None


def _argument_sources(call: ast.Call | None, signature: inspect.Signature | None) -> dict[str, str]:
    if call is None or signature is None:
        return {}
    if any(isinstance(arg, ast.Starred) for arg in call.args):
        return {}
    positional = [ast.unparse(arg) for arg in call.args]
    keywords = {kw.arg: ast.unparse(kw.value) for kw in call.keywords if kw.arg is not None}
    try:
        return dict(signature.bind_partial(*positional, **keywords).arguments)
    except TypeError:
        # The call found is another one on the same line: no source text is better than a wrong one.
        return {}


HOLE = re.compile(r"\{([A-Za-z_]\w*)\}")
"""A hole of a template: a parameter of the legacy form, in braces."""

_OPTIONAL = re.compile(r"\[\?(.*?)\?\]", re.DOTALL)


def fill(template: str, arguments: Mapping[str, object], sources: Mapping[str, str]) -> str:
    """Fills the holes of a replacement template, see `warn_legacy`.

    Args:
      template: The template.
      arguments: The values that the legacy form received, by parameter name.
      sources: The text of the arguments in the source of the call, by parameter name; where there
        are some, only what they name counts as given.
    """

    def text(name: str) -> str:
        if name in sources:
            return sources[name]
        value = arguments.get(name)
        if isinstance(value, (bool, int, float, str, type(None))):
            return repr(value)
        # Without the source text, the parameter's own name reads better than a repr of a model.
        return getattr(value, "__name__", name).replace("<lambda>", name)

    def given(name: str) -> bool:
        return name in sources or (not sources and arguments.get(name) is not None)

    def keep(match: re.Match[str]) -> str:
        inner = match.group(1)
        return inner if all(given(name) for name in HOLE.findall(inner)) else ""

    return HOLE.sub(lambda match: text(match.group(1)), _OPTIONAL.sub(keep, template))


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
    target = Path(path)
    data = {"as_of": as_of, "installed": installed, "calls": [asdict(call) for call in calls()]}
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    partial.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    os.replace(partial, target)
