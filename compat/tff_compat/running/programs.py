"""The program to run: found and readable, or an error that says why not."""

from __future__ import annotations

import ast
import dataclasses
import importlib.machinery
import json
import os
import sys
import warnings
import zipfile
from collections.abc import Sequence
from pathlib import Path


class ProgramError(ValueError):
    """The program cannot be run; the text says why and what to do."""


@dataclasses.dataclass(frozen=True)
class Program:
    """A program that can be run.

    Attributes:
      command: What the interpreter is given to run it: a path, "-", or "-m" and a module.
      source: The file to infer the release from.
      notebook: Whether it is a notebook.
      stdin: What is its standard input, where we have read that ourselves.
    """

    command: tuple[str, ...]
    source: Path
    notebook: bool = False
    stdin: Path | None = None

    @property
    def name(self) -> str:
        """The program as its user named it."""
        return " ".join(self.command)


def program(path: str, scratch: Path) -> Program:
    """Looks at a file or folder without running it; "-" is the standard input.

    Args:
      path: The script, notebook, or folder or zip file that has a `__main__.py`.
      scratch: A folder to put sources in that are no files.

    Raises:
      ProgramError: It does not exist, is nothing of these, or cannot be parsed.
    """
    if path == "-":
        return _standard_input(scratch)
    file = Path(path)
    if not file.exists():
        raise ProgramError(f"{path}: there is no such file")
    if file.is_dir():
        main = file / "__main__.py"
        if not main.is_file():
            raise ProgramError(f"{path}: a folder without a __main__.py")
        _check_script(str(main), _content(main))
        return Program((path,), main)
    if zipfile.is_zipfile(file):
        return _archive(path, scratch)
    content = _content(file)
    if file.suffix == ".ipynb":
        _check_notebook(path, content)
        return Program((path,), file, notebook=True)
    if file.suffix != ".py" and _is_notebook(content):
        raise ProgramError(f"{path}: a notebook; rename it to {file.stem}.ipynb")
    _check_script(path, content)
    return Program((path,), file)


def module(name: str, scratch: Path) -> Program:
    """Finds a module or package without importing it, as `python -m` would.

    Where it is neither in the working directory nor on PYTHONPATH, the program's interpreter is
    left to find it among its own packages.

    Raises:
      ProgramError: It is a package without a `__main__`, or cannot be parsed.
    """
    folders: list[str] = [os.getcwd()]
    folders += filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    origin = _origin(name, folders) or _origin(f"{name}.__main__", folders)
    if origin is None:
        if _is_package(name, folders):
            raise ProgramError(f"{name}: a package without a __main__.py")
        source = scratch / "installed.py"
        source.write_text(f"import {name}\n" if _is_name(name) else "", "utf-8")
        if not _is_name(name):
            raise ProgramError(f"-m {name}: not the name of a module")
        return Program(("-m", name), source)
    _check_script(str(origin), _content(origin))
    return Program(("-m", name), origin)


def _is_name(name: str) -> bool:
    return all(part.isidentifier() for part in name.split("."))


def _origin(name: str, folders: Sequence[str]) -> Path | None:
    """The file of a module that is no package; None where there is none."""
    spec = _spec(name, folders)
    if spec is None or spec.submodule_search_locations is not None or spec.origin is None:
        return None
    return Path(spec.origin) if spec.origin.endswith(".py") else None


def _is_package(name: str, folders: Sequence[str]) -> bool:
    spec = _spec(name, folders)
    # A namespace package has no file; a folder of that name may be anything.
    return spec is not None and spec.origin is not None and bool(spec.submodule_search_locations)


def _spec(name: str, folders: Sequence[str]) -> importlib.machinery.ModuleSpec | None:
    parts = name.split(".")
    found: importlib.machinery.ModuleSpec | None = None
    for number in range(1, len(parts) + 1):
        found = importlib.machinery.PathFinder.find_spec(".".join(parts[:number]), list(folders))
        if found is None:
            return None
        folders = list(found.submodule_search_locations or ())
    return found


def _standard_input(scratch: Path) -> Program:
    content = sys.stdin.buffer.read()
    _check_script("<stdin>", content)
    source = scratch / "stdin.py"
    source.write_bytes(content)
    return Program(("-",), source, stdin=source)


def _archive(path: str, scratch: Path) -> Program:
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.endswith(".py")]
        if "__main__.py" not in names:
            raise ProgramError(f"{path}: a zip file without a __main__.py")
        archive.extractall(scratch, names)
    main = scratch / "__main__.py"
    _check_script(f"{path}/__main__.py", main.read_bytes())
    return Program((path,), main)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ProgramError(f"{file}: cannot be read: {error.strerror}") from None


def _check_script(path: str, content: bytes) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(content, path)
    except SyntaxError as error:
        place = path if error.lineno is None else f"{path}:{error.lineno}"
        text = f"{place}: {error.msg}"
        if error.text:
            text += f"\n    {error.text.strip()}"
        if "print" in (error.msg or "") and "parenthes" in (error.msg or ""):
            text += "\nThis is Python 2. Translate it first: python3.9 -m lib2to3 --write FILE"
        raise ProgramError(text) from None
    except ValueError as error:
        raise ProgramError(f"{path}: not Python source: {error}") from None


def _is_notebook(content: bytes) -> bool:
    try:
        data = json.loads(content)
    except ValueError:
        return False
    return isinstance(data, dict) and "nbformat" in data


def _check_notebook(path: str, content: bytes) -> None:
    try:
        data = json.loads(content)
    except ValueError as error:
        raise ProgramError(f"{path}: not a notebook: its JSON is damaged ({error})") from None
    if not isinstance(data, dict) or not isinstance(data.get("nbformat"), int):
        raise ProgramError(f"{path}: not a notebook: it does not say its `nbformat`")
    if not ("cells" in data or "worksheets" in data):
        raise ProgramError(f"{path}: not a notebook: it has no cells")
    language = _language(data.get("metadata") or {})
    if language is not None:
        raise ProgramError(
            f"{path}: a notebook for {language}, not for Python: it cannot be run here"
        )


# Kernels whose notebooks do not always say their language.
_KERNELS = {"ir": "R", "bash": "Bash", "julia": "Julia", "iruby": "Ruby", "scala": "Scala"}


def _language(metadata: dict[str, object]) -> str | None:
    """The language of a notebook's kernel where that is another one than Python."""
    kernel, information = (
        each if isinstance(each, dict) else {}
        for each in (metadata.get("kernelspec"), metadata.get("language_info"))
    )
    name = str(kernel.get("name", "")).lower().split("-")[0]
    language = str(kernel.get("language") or information.get("name") or _KERNELS.get(name, ""))
    return None if language.lower() in ("", "python", "ipython") else language
