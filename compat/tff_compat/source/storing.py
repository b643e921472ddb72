"""Replaces files of users: each is the old or the new one at any moment, and all or none are."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
from collections.abc import Mapping
from pathlib import Path


class StoringError(OSError):
    """A file cannot be replaced; all are as they were."""


_PARTIAL = re.compile(r"\..+\.tff-compat-(\d+)")


def check_writable(paths: Mapping[Path, bytes]) -> None:
    """Raises where a file could not be replaced, before anything is done.

    Raises:
      StoringError: It is read-only, or its folder is.
    """
    for path in paths:
        real = path.resolve()
        if not real.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
            raise StoringError(f"{path} is read-only; nothing is changed. chmod u+w {path}")
        if not os.access(real, os.W_OK) or not os.access(real.parent, os.W_OK):
            raise StoringError(f"{path} cannot be written by this user; nothing is changed.")


def replace_all(contents: Mapping[Path, bytes]) -> None:
    """Gives files other contents; modes and symbolic links stay.

    Raises:
      StoringError: One cannot be written; then all have what they had.
    """
    check_writable(contents)
    partial: dict[Path, Path] = {}
    before: dict[Path, bytes] = {}
    try:
        for folder in {path.resolve().parent for path in contents}:
            _remove_stale(folder)
        for path, content in contents.items():
            real = path.resolve()
            partial[real] = _partial(real)
            _write(real, content)
            before[real] = real.read_bytes()
    except BaseException as error:
        for name in partial.values():
            name.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise StoringError(f"{error}; nothing is changed.") from error
        raise
    replaced: list[Path] = []
    try:
        for real, name in partial.items():
            os.replace(name, real)
            replaced.append(real)
    except BaseException as error:
        for real in replaced:
            _write(real, before[real])
            os.replace(_partial(real), real)
        for name in partial.values():
            name.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise StoringError(f"{error}; nothing is changed.") from error
        raise


def _partial(real: Path) -> Path:
    return real.with_name(f".{real.name}.tff-compat-{os.getpid()}")


def _write(real: Path, content: bytes) -> None:
    """Writes a new file beside another one, with its mode, that is whole on the disk."""
    name = _partial(real)
    with name.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    shutil.copymode(real, name)
    with contextlib.suppress(PermissionError):
        owner = real.stat()
        os.chown(name, owner.st_uid, owner.st_gid)


def _remove_stale(folder: Path) -> None:
    """Removes what a killed run has left."""
    for path in folder.glob(".*.tff-compat-*"):
        match = _PARTIAL.fullmatch(path.name)
        if match is not None and not _is_running(int(match[1])):
            path.unlink(missing_ok=True)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
