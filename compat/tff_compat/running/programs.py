"""The program to run: a script or a notebook that can be read, or an error that says why not."""

from __future__ import annotations

import ast
import dataclasses
import json
import warnings
from pathlib import Path


class ProgramError(ValueError):
    """The program cannot be run; the text says why and what to do."""


@dataclasses.dataclass(frozen=True)
class Program:
    """A file that was found to be a runnable script or notebook."""

    path: Path
    notebook: bool


def program(path: str) -> Program:
    """Looks at a file without running it.

    Raises:
      ProgramError: It does not exist, is no script or notebook, or cannot be parsed.
    """
    file = Path(path)
    if not file.exists():
        raise ProgramError(f"{path}: there is no such file")
    if file.suffix not in (".py", ".ipynb") or not file.is_file():
        raise ProgramError(f"{path}: not a Python script (.py) or a notebook (.ipynb)")
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ProgramError(f"{path}: cannot be read: {error.strerror}") from None
    if file.suffix == ".py":
        _check_script(path, content)
        return Program(file, notebook=False)
    _check_notebook(path, content)
    return Program(file, notebook=True)


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


def _check_notebook(path: str, content: bytes) -> None:
    try:
        data = json.loads(content)
    except ValueError as error:
        raise ProgramError(f"{path}: not a notebook: its JSON is damaged ({error})") from None
    if not isinstance(data, dict) or not isinstance(data.get("nbformat"), int):
        raise ProgramError(f"{path}: not a notebook: it does not say its `nbformat`")
    if not ("cells" in data or "worksheets" in data):
        raise ProgramError(f"{path}: not a notebook: it has no cells")
