"""Where a program stands when it uses a legacy form: its own line, and the call on it."""

from __future__ import annotations

import ast
import functools
import gc
import linecache
import os
import re
import sys
import sysconfig
import threading
import types
from dataclasses import dataclass

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
is_library_file: dict[str, bool] = {}
"""Which files are known to be a library's, or not."""

_parsing = threading.Lock()
"""Two threads that parse at the same time make Python raise SystemError (up to 3.11)."""


def in_library(filename: str) -> bool:
    """Whether a file is none of the program's own."""
    known = is_library_file.get(filename)
    if known is None:
        parts = filename.replace("\\", "/").split("/")
        in_packages = "site-packages" in parts or "dist-packages" in parts
        known = is_library_file[filename] = bool(
            filename.startswith(_own_root)
            or _AUTOGRAPH_COPY.search(filename)
            or filename.startswith("<frozen ")
            or (in_packages and any(part in _LIBRARY_PACKAGES for part in parts))
            or (not in_packages and filename.startswith(_STANDARD_LIBRARY))
        )
    return known


@dataclass(frozen=True)
class Place:
    """A line of the user's program that is being executed."""

    filename: str
    lineno: int
    frame: types.FrameType
    copied: bool
    """Whether the frame executes a copy of the line that autograph made."""

    def text(self) -> str:
        """The source of the file, "" where it cannot be read."""
        return "".join(
            linecache.getlines(self.filename, None if self.copied else self.frame.f_globals)
        )

    def line(self) -> str:
        """The line, without its blanks."""
        return linecache.getline(self.filename, self.lineno).strip()

    def call(self, name: str) -> ast.Call | None:
        """The call of something by a name that is being executed, where it can be read."""
        text = self.text()
        tree = _tree(text) if text else None
        if tree is None:
            return None
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        if sys.version_info >= (3, 11) and not self.copied:
            positions = list(self.frame.f_code.co_positions())[self.frame.f_lasti // 2]
            for node in calls:
                at = node.lineno, node.end_lineno, node.col_offset, node.end_col_offset
                if at == positions:
                    return node
        # Else only the line is known: the call on that line with the right name, the innermost.
        found = _last_on(self.lineno, self.lineno, calls, name)
        if found is None and self.copied:
            # A copy has one line for all lines of a statement, which is that of any of them.
            found = _last_on(*_statement(tree, self.lineno), calls, name)
        return found


def _last_on(first: int, last: int, calls: list[ast.Call], name: str) -> ast.Call | None:
    found = None
    for node in calls:
        called = node.func
        given = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", None)
        if given == name and node.lineno <= last and first <= (node.end_lineno or node.lineno):
            found = node
    return found


def _statement(tree: ast.Module, lineno: int) -> tuple[int, int]:
    """The first and last line of the innermost statement on a line that has no others in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and not hasattr(node, "body"):
            last = node.end_lineno or node.lineno
            if node.lineno <= lineno <= last:
                return node.lineno, last
    return lineno, lineno


@functools.lru_cache(maxsize=16)
def _tree(text: str) -> ast.Module | None:
    try:
        with _parsing:
            return ast.parse(text)
    except SyntaxError:
        return None


def user_place() -> Place:
    """The innermost line of the program that led here."""
    frame = sys._getframe(1)
    while frame.f_back is not None and in_library(frame.f_code.co_filename):
        if _AUTOGRAPH_COPY.search(frame.f_code.co_filename):
            original = _original_line(frame)
            if original is not None and not in_library(original[0]):
                return Place(*original, frame, True)
        frame = frame.f_back
    return Place(frame.f_code.co_filename, frame.f_lineno, frame, False)


def _original_line(frame: types.FrameType) -> tuple[str, int] | None:
    """The line of the program that a line of an autograph copy was made from."""
    for referrer in gc.get_referrers(frame.f_code):
        source_map = getattr(referrer, "ag_source_map", None)
        for copied, origin in (source_map or {}).items():
            if copied.lineno == frame.f_lineno:
                return origin.loc.filename, origin.loc.lineno
    return None
