"""Instruments the modules of a program when they are imported, and a script when it is run."""

from __future__ import annotations

import ast
import importlib.abc
import importlib.machinery
import importlib.util
import sys
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tff_compat import places
from tff_compat.tracing.instrumenting import instrumented


def compiled(source: bytes, filename: str) -> types.CodeType:
    """The instrumented code of a module.

    Raises:
      SyntaxError: The source is no Python.
    """
    tree = ast.parse(source, filename)
    return compile(instrumented(tree), filename, "exec", dont_inherit=True)


class _Loader(importlib.machinery.SourceFileLoader):
    def get_code(self, fullname: str) -> types.CodeType:
        path = self.get_filename(fullname)
        return compiled(self.get_data(path), path)


class Finder(importlib.abc.MetaPathFinder):
    """Finds the program's own modules: source files that are no library's."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: types.ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        """The spec of a module of the program, with a loader that instruments it."""
        spec = importlib.machinery.PathFinder.find_spec(fullname, path)
        if spec is None or type(spec.loader) is not importlib.machinery.SourceFileLoader:
            return None
        origin = spec.origin or ""
        if "site-packages" in origin or "dist-packages" in origin or places.in_library(origin):
            return None
        spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec


def install() -> None:
    """Instruments the program's modules from now on."""
    if not any(isinstance(finder, Finder) for finder in sys.meta_path):
        position = next(
            (
                number
                for number, finder in enumerate(sys.meta_path)
                if finder is importlib.machinery.PathFinder
            ),
            len(sys.meta_path),
        )
        sys.meta_path.insert(position, Finder())


def run_script(path: str) -> dict[str, Any]:
    """Runs a script as `__main__`, instrumented."""
    main = sys.modules["__main__"]
    names = main.__dict__
    names.update(__file__=path, __name__="__main__", __builtins__=__builtins__)
    for name in ("__cached__", "__spec__", "__loader__"):
        names[name] = None
    exec(compiled(Path(path).read_bytes(), path), names)
    return names
