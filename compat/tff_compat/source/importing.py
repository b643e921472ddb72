"""Tells which files of a tree import which, by the text of their imports: nothing is parsed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tff_compat.source.resolving import STANDARD_LIBRARY

_IMPORT = re.compile(
    rb"^[ \t>.\",]*(?:"
    rb"from[ \t]+(?P<module>[\w.]+)[ \t]+import[ \t]*(?P<names>\([^)]*\)|(?:\\\r?\n|[^\n])*)"
    rb"|import[ \t]+(?P<modules>(?:\\\r?\n|[^\n])*))",
    re.M,
)
"""An import in a script, or in the JSON of a notebook if its line ends are such."""

_WORD = re.compile(r"\w+")
_MODULE = re.compile(r"(?:^|,)[\s\\]*([\w.]+)")

_MOST_NAMESAKES = 8
"""Where so many modules of a large tree have one name, an import of it tells none of them."""


class Modules:
    """The modules that files are, to be found by the dotted names of imports.

    Args:
      paths: The files; notebooks among them import, and are not imported.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        self._files: dict[str, Path] = {}
        self._by_name: dict[str, list[str]] = {}
        for path in paths:
            if path.suffix != ".py":
                continue
            module = os.path.abspath(path)[: -len(".py")]
            folder, name = os.path.split(module)
            module = folder if name == "__init__" else module
            self._files[module] = path
            self._by_name.setdefault(os.path.basename(module), []).append(module)

    def imported(self, path: Path, content: bytes) -> Iterator[tuple[Path, Path | None]]:
        """Yields the files that a file with this content imports, the packages around them too.

        An absolute import means modules that are found from a folder around the file; where there
        are none, as in tests beside `src`, those anywhere.

        Yields:
          Each file, perhaps several times, and the folder from which its dotted name leads to it;
          None for a relative import.
        """
        folder = os.path.dirname(os.path.abspath(path))
        if path.suffix == ".ipynb":
            content = content.replace(b"\\n", b"\n")
        for names in _imports(content):
            level = next((at for at, name in enumerate(names) if name), len(names))
            if level:
                module = os.path.join(folder, *[os.pardir] * (level - 1), *names[level:])
                file = self._files.get(os.path.normpath(module))
                if file is not None:
                    yield file, None
            elif names[0] not in STANDARD_LIBRARY:
                end = os.sep + os.path.join(*names)
                for module in self._ending(end, names[-1], folder):
                    yield self._files[module], Path(module[: -len(end)] or os.sep)

    def _ending(self, end: str, name: str, folder: str) -> Sequence[str]:
        found = [module for module in self._by_name.get(name, ()) if module.endswith(end)]
        around = [m for m in found if f"{folder}{os.sep}".startswith(m[: -len(end)] + os.sep)]
        return around or (found if len(found) < _MOST_NAMESAKES else [])


def _imports(content: bytes) -> Iterator[Sequence[str]]:
    """The names of each module that may be imported; a relative one begins with "" per level."""
    for match in _IMPORT.finditer(content):
        if match["module"] is None:
            for dotted in _MODULE.findall(match["modules"].decode(errors="replace")):
                yield from _with_packages(dotted.split("."))
        else:
            dotted = match["module"].decode(errors="replace")
            rest = dotted.lstrip(".")
            names = [""] * (len(dotted) - len(rest)) + (rest.split(".") if rest else [])
            yield from _with_packages(names)
            for name in _WORD.findall(match["names"].decode(errors="replace")):
                yield (*names, name)


def _with_packages(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for end in range(1, len(names) + 1):
        yield names[:end]
