"""Errors of managers that were renamed, or took other arguments.

Those whose successor exists are subclasses of it: what the installed TFF catches of its own, it
catches of programs too.
"""

from __future__ import annotations

from typing import Any

from tff_compat import modern
from tff_compat.adapters.registry import adapter

tff = modern.package()

_ExistsError: Any = tff.program.ProgramStateExistsError
_NotFoundError: Any = tff.program.ProgramStateNotFoundError


class _Message(Exception):
    """An error with any message."""

    def __init__(self, *args: object) -> None:
        Exception.__init__(self, *args)


@adapter(
    "tff.program.ProgramStateManagerStateAlreadyExistsError",
    releases=">=0.20,<0.63",
    replacement="tff.program.ProgramStateExistsError",
)
class ProgramStateManagerStateAlreadyExistsError(_Message, _ExistsError):
    """A state of the same version was saved already, as of TFF 0.20 to 0.61."""


@adapter(
    "tff.program.ProgramStateManagerStateNotFoundError",
    releases=">=0.20,<0.63",
    replacement="tff.program.ProgramStateNotFoundError",
)
class ProgramStateManagerStateNotFoundError(_Message, _NotFoundError):
    """No state of the version was saved, as of TFF 0.20 to 0.61."""


@adapter(
    "tff.program.ProgramStateManagerStructureError",
    releases=">=0.20,<0.63",
    replacement="ValueError",
)
class ProgramStateManagerStructureError(_Message):
    """A saved state does not fit the structure that it is wanted in, as of TFF 0.20 to 0.61."""


@adapter(
    "tff.program.ProgramStateExistsError",
    releases=">=0.63,<0.77",
    replacement="tff.program.ProgramStateExistsError(version={version}, path='')",
    note="`path` is where the state was saved.",
)
class ProgramStateExistsError(_ExistsError):
    """A state of the same version was saved already, as of TFF 0.63 to 0.76.

    Args:
      version: The version.
    """

    def __init__(self, version):
        Exception.__init__(self, f"Program state already exists for version: {version}.")


@adapter(
    "tff.program.FileReleaseManagerIncompatibleFileError",
    releases=">=0.20,<0.63",
    replacement="tff.program.CSVKeyFieldnameNotFoundError",
)
class FileReleaseManagerIncompatibleFileError(_Message):
    """A file that exists has no column for keys, as of TFF 0.20 to 0.61."""


@adapter(
    "tff.program.FileReleaseManagerPermissionDeniedError",
    releases=">=0.20,<0.63",
    replacement="PermissionError",
)
class FileReleaseManagerPermissionDeniedError(_Message):
    """A file cannot be appended to, as of TFF 0.20 to 0.61."""


@adapter(
    "tff.program.FilterMismatchError",
    releases=">=0.59,<0.68",
    replacement="tff.program.NotFilterableError",
)
class FilterMismatchError(_Message):
    """Of a value and its type, one is filtered out and the other is not: TFF 0.59 to 0.67."""
