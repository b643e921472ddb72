"""What the error that ended a program tells of its release: another one may have what it misses.

Half of it runs in the program's interpreter, which writes what it knows; the other half reads that
in the process that started the run, and infers the release again.
"""

from __future__ import annotations

import dataclasses
import json
import re
import shlex
import sys
import sysconfig
import types
from collections.abc import Iterator, Sequence
from pathlib import Path

from packaging.version import Version

from tff_compat.source import projects

_ROOT = "tensorflow_federated"
_PACKAGE = Path(__file__).resolve().parent.parent
_NO_ATTRIBUTE = re.compile(
    r"(?:module|type object)? ?'(?P<owner>[\w.]+)'.* has no attribute '(\w+)'"
)
_NO_NAME = re.compile(r"cannot import name '(\w+)' from '([\w.]+)'")
_NO_MODULE = re.compile(r"No module named '([\w.]+)'")
_NO_SUCH_CALL = re.compile(
    r"(?:\w+\.)*?(?P<owner>\w+\.)?(?P<name>\w+)\(\) (?:got |missing |takes |needs )"
)


@dataclasses.dataclass(frozen=True)
class Failure:
    """The error that ended a process of the program.

    Attributes:
      names: What of TFF it missed, such as "tff.learning.Model" or, of a class, "Model.weights".
      called: The name of the function that did not take a call; empty if that was not the error.
      files: The program's own files, as far as they had been loaded.
    """

    names: tuple[str, ...] = ()
    called: str = ""
    files: tuple[str, ...] = ()


# --- In the program's interpreter -----------------------------------------------------------------


def write(path: str, error: BaseException) -> None:
    """Writes what an error tells, if it may come from the wrong release."""
    names, called = tuple(_missed(error)), _called(error)
    if names or called:
        failure = Failure(names, called, tuple(_own_files(error)))
        Path(path).write_text(json.dumps(dataclasses.asdict(failure)), encoding="utf-8")


def _missed(error: BaseException) -> Iterator[str]:
    text = str(error)
    if isinstance(error, AttributeError):
        match = _NO_ATTRIBUTE.match(text)
        if match is None:
            return
        owner, name = match[1], match[2]
        if owner == _ROOT or owner.startswith(f"{_ROOT}."):
            yield _public(f"{owner}.{name}")
        elif _is_ours(getattr(error, "obj", None)):
            yield f"{owner.rpartition('.')[2]}.{name}"
    elif isinstance(error, ModuleNotFoundError):
        match = _NO_MODULE.match(text)
        if match is not None and match[1].startswith(f"{_ROOT}."):
            yield _public(match[1])
    elif isinstance(error, ImportError):
        match = _NO_NAME.match(text)
        if match is not None and match[2].split(".")[0] == _ROOT:
            yield _public(f"{match[2]}.{match[1]}")


def _is_ours(owner: object) -> bool:
    """Whether a value, or its class, is TFF's or stands for one of TFF's."""
    kind = owner if isinstance(owner, type) else type(owner)
    return any(base.__module__.split(".")[0] in (_ROOT, "tff_compat") for base in kind.__mro__)


def _public(dotted: str) -> str:
    internal = dotted.startswith(f"{_ROOT}.python")
    return dotted if internal else f"tff{dotted[len(_ROOT) :]}"


def _called(error: BaseException) -> str:
    match = _NO_SUCH_CALL.match(str(error)) if isinstance(error, TypeError) else None
    if match is None:
        return ""
    constructs = match["name"] in ("__init__", "__new__") and match["owner"]
    return match["owner"].rstrip(".") if constructs else match["name"]


def _own_files(error: BaseException) -> Iterator[str]:
    """Files in the traceback and of loaded modules that belong to nothing installed."""
    files = []
    traceback: types.TracebackType | None = error.__traceback__
    while traceback is not None:
        files.append(traceback.tb_frame.f_code.co_filename)
        traceback = traceback.tb_next
    files += [getattr(module, "__file__", None) or "" for module in list(sys.modules.values())]
    foreign = {Path(place).resolve() for place in sysconfig.get_paths().values()} | {_PACKAGE}
    foreign |= {Path(entry).resolve() for entry in sys.path if projects.holds_packages(Path(entry))}
    for file in dict.fromkeys(files):
        path = Path(file).resolve()
        if path.suffix == ".py" and path.is_file() and not foreign.intersection(path.parents):
            if _ROOT not in path.parts:
                yield str(path)


# --- In the process that started the run ----------------------------------------------------------


def read(folder: Path) -> list[Failure]:
    """The failures that the processes of a run wrote, those of the last ones first."""
    files = sorted(folder.glob("error-*.json"), key=lambda file: file.stat().st_mtime)
    found = []
    for file in reversed(files):
        data = json.loads(file.read_text(encoding="utf-8"))
        found.append(Failure(tuple(data["names"]), data["called"], tuple(data["files"])))
    return found


def advice(
    failure: Failure, program: Path, as_of: Version, installed: Version, command: Sequence[str]
) -> str | None:
    """Which release has what the program missed, and the command to run it as of that one.

    Args:
      failure: What ended it.
      program: The script or notebook.
      as_of: The release that it ran as of.
      installed: The newest release that it can run as of.
      command: How the program was called, with its own arguments.

    Returns:
      None if the release explains nothing, or if no other one has all that the program uses.
    """
    from tff_compat.source import inference

    files = [Path(file) for file in failure.files]
    names = [inference.full_name(name) for name in failure.names]
    missed = [name for name in names if name is not None]
    if not missed and not failure.called:
        return None
    try:
        found = inference.Program(program, also=files, names=missed)
    except inference.SourceError:
        return None
    problems = found.missing(as_of, missed, failure.called)
    other = found.by_evidence(installed).release
    if not problems or other == as_of or found.missing(other, missed, failure.called):
        return None
    again = ["tff-compat", "run", "--as-of", str(other), *command]
    return (
        f"As of TFF {as_of} this cannot work: {problems[0]}. TFF {other} has it; try\n"
        f"    {shlex.join(again)}"
    )
