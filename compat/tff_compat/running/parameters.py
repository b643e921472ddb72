"""The parameters of a notebook, given and set as papermill does it."""

from __future__ import annotations

import json
import keyword
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat

from tff_compat.running.programs import ProgramError

_TAG = "parameters"
_INJECTED = "injected-parameters"


def given(pairs: Sequence[Sequence[str]]) -> dict[str, Any]:
    """The parameters of pairs of a name and a text: numbers, True, False and None are read as such.

    Raises:
      ProgramError: A name is none that Python could assign to.
    """
    return _checked({name: _value(text) for name, text in pairs})


def _value(text: str) -> Any:
    words = {"true": True, "false": False, "none": None, "null": None}
    if text.lower() in words:
        return words[text.lower()]
    for number in (int, float):
        try:
            value = number(text)
        except ValueError:
            continue
        # What has no literal in Python stays a text.
        if math.isfinite(value):
            return value
    return text


def read(file: Path) -> dict[str, Any]:
    """The parameters in a JSON file, or in a YAML file where PyYAML is installed.

    Raises:
      ProgramError: The file cannot be read, or is no table of names and values.
    """
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ProgramError(f"--parameters: {file}: {error}") from None
    try:
        found = json.loads(text)
    except ValueError as problem:
        if file.suffix not in (".yml", ".yaml"):
            raise ProgramError(f"--parameters: {file}: not JSON: {problem}") from None
        found = _yaml(file, text)
    if not isinstance(found, dict):
        raise ProgramError(f"--parameters: {file}: not a table of names and values")
    return _checked(found)


def _yaml(file: Path, text: str) -> Any:
    try:
        import yaml
    except ImportError:
        raise ProgramError(
            f"--parameters: {file} needs PyYAML (python -m pip install pyyaml), or write JSON"
        ) from None
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ProgramError(f"--parameters: {file}: not YAML: {error}") from None


def _checked(found: Mapping[str, Any]) -> dict[str, Any]:
    for name in found:
        if not str(name).isidentifier() or keyword.iskeyword(name):
            raise ProgramError(f"`{name}` is no name of a parameter")
    return dict(found)


def inject(notebook: Any, parameters: Mapping[str, Any]) -> None:
    """Puts a cell that sets the parameters after the one that has their defaults.

    That is the cell with the tag `parameters`; without one, the new cell is the first. A cell that
    was injected before is replaced.
    """
    if not parameters:
        return
    source = "# Parameters\n" + "\n".join(
        f"{name} = {value!r}" for name, value in parameters.items()
    )
    cell = nbformat.v4.new_code_cell(source, metadata={"tags": [_INJECTED]})
    if notebook.nbformat_minor < 5:
        # Cells have names since format 4.5 only.
        cell.pop("id", None)
    cells = notebook.cells
    for tag, replaced in ((_INJECTED, 1), (_TAG, 0)):
        for index, each in enumerate(cells):
            if tag in each.metadata.get("tags", ()):
                cells[index + 1 - replaced : index + 1] = [cell]
                return
    cells.insert(0, cell)
