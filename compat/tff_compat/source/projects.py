"""The project around a program: its folders up to the root, and when the program last changed."""

from __future__ import annotations

import datetime
import os
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

_REPOSITORY = (".git", ".hg", ".svn")
_PROJECT = ("setup.py", "pyproject.toml", "setup.cfg", "Pipfile", "requirements.txt")
# Parts of a project may have these too.
_DESCRIPTION = ("README.md", "README.rst", "README", "Dockerfile", "environment.yml")


def folders(path: Path) -> tuple[Path, ...]:
    """The folder of a program and those above it, up to the root of its project.

    The root is that of the repository. Outside of one it is the nearest folder that has the files
    of a project, the nearest one that has a description, the working directory, or the folder of
    the outermost package, whichever is highest. The folders of the user and of temporary files are
    no projects.
    """
    parents = list(path.absolute().parents)  # Python 3.9 has no slices of it.
    # Unlike `Path.home`, this is no error for a user without a home.
    home = Path(os.path.expanduser("~"))
    shared = {home, Path(tempfile.gettempdir()), Path(path.absolute().anchor)}
    above = [parents[0]]
    for folder in parents[1:]:
        if folder in shared:
            break
        above.append(folder)
    for index, folder in enumerate(above):
        if any((folder / name).exists() for name in _REPOSITORY):
            return tuple(above[: index + 1])
    last = 0
    if Path.cwd() in above:
        last = above.index(Path.cwd())
    for names in (_PROJECT, _DESCRIPTION):
        having = (i for i, f in enumerate(above) if any((f / name).is_file() for name in names))
        last = max(last, next(having, 0))
    package = 0
    while package + 1 < len(above) and (above[package] / "__init__.py").is_file():
        package += 1
    return tuple(above[: max(last, package) + 1])


def holds_packages(folder: Path) -> bool:
    """Whether packages are installed in a folder, as by `pip install --target`."""
    return next(folder.glob("*.dist-info"), None) is not None


def last_changed(path: Path, others: Iterable[Path] = ()) -> datetime.date | None:
    """The day of the last commit that changed a program.

    Args:
      path: The program's file.
      others: Its other files; those in other repositories do not count.

    Returns:
      None where no git tells, or where the files differ from what was committed.
    """
    root = folders(path)[-1]
    if not any((folder / ".git").exists() for folder in (root, *root.parents)):
        return None  # Asking git takes long where there are many programs.
    files = [str(file) for file in (path.absolute(), *others) if root in file.absolute().parents]
    if _git(root, "status", "--porcelain", "--", *files) != "":
        return None
    day = _git(root, "log", "-1", "--date=short", "--format=%cd", "--", *files)
    return datetime.date.fromisoformat(day) if day else None


def _git(folder: Path, *arguments: str) -> str | None:
    """What git answers; None where it does not, as outside of a repository."""
    try:
        answer = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            text=True,
            check=True,
            timeout=20,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()
