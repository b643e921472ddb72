"""Builds the environment of a recipe with `uv`, once, also when asked twice at the same time."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from packaging.version import Version

from tff_compat import whole_files
from tff_compat.recipes.data import Mend, Recipe, RecipeError
from tff_compat.running import processes

# Written last: an environment without it was interrupted and is built again.
_MARKER = "tff-compat-recipe.json"

# These would be added to what the recipe says, and tox and users do set them.
_UV_VARIABLES_WITH_REQUIREMENTS = (
    "UV_BUILD_CONSTRAINT",
    "UV_CONSTRAINT",
    "UV_EXCLUDE",
    "UV_EXCLUDE_NEWER",
    "UV_OVERRIDE",
    "UV_PRERELEASE",
    "UV_PYTHON",
    "UV_RESOLUTION",
    "UV_SYSTEM_PYTHON",
)

_LINES_OF_AN_ERROR = 25


def build(
    recipe: Recipe,
    path: Path,
    *,
    extra_requirements: Sequence[str] = (),
    python: str | os.PathLike[str] | None = None,
    progress: Callable[[str], None],
) -> Path:
    """Makes the environment of a recipe, unless it is there already.

    Two calls at once for the same folder are safe, in two processes too: the second waits and
    then uses what the first has built. An environment that was interrupted, or that was built
    from another recipe, is built again. One that lacks some of the extra requirements gets them
    added, and stays as it is where that cannot be done.

    The packages are the recipe's pins, and pip; only for another Python than the recipe's, for
    which there are none, uv resolves the recipe's requirements.

    Args:
      recipe: What to install.
      path: The environment's folder; it is made, with its parents, where it does not exist.
      extra_requirements: Requirements to install along, under the recipe's constraints, as uv's
        command line takes them: also `-e FOLDER` and `-r FILE` as two of them.
      python: A version ("3.9") or an interpreter to use instead of the recipe's Python.
      progress: Called with each line of progress, without its end of line.

    Returns:
      The environment's Python interpreter.

    Raises:
      RecipeError: `uv` or a fitting Python is not found, the requirements cannot be resolved or
        installed, the folder cannot be written, or it holds something that is not an environment.
        The first line of its text is the cause.
    """
    path = Path(path).absolute()
    try:
        return _build(recipe, path, tuple(extra_requirements), python, progress)
    except OSError as error:
        raise RecipeError(_cause_of(error, path)) from None


def _build(
    recipe: Recipe,
    path: Path,
    extra_requirements: tuple[str, ...],
    python: str | os.PathLike[str] | None,
    progress: Callable[[str], None],
) -> Path:
    interpreter = path / "bin" / "python"
    wanted = {
        **_contents(recipe),
        "asked_python": None if python is None else os.fspath(python),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with _locked(path, progress) as work:
        found = _read_marker(path)
        there = found.pop("extra_requirements", []) if found else []
        if found == wanted and interpreter.exists():
            lacking = _lacking(extra_requirements, there)
            if lacking:
                uv = _find_uv()
                _add(uv, recipe, lacking, path, progress, tried=True)
                (path / _MARKER).unlink()
                work.begin()
                _add(uv, recipe, lacking, path, progress)
                _write_marker(path, {**wanted, "extra_requirements": [*there, *lacking]})
                work.finish()
            return interpreter
        uv = _find_uv()
        _check_clearable(path, ours=work.begun)
        base = _find_python(uv, recipe.python if python is None else os.fspath(python), progress)
        work.begin()
        _clear(path)
        progress(
            f"Building an environment for TensorFlow Federated {recipe.release} "
            f"(Python {recipe.python if python is None else python}, "
            f"TensorFlow {recipe.tensorflow}) in {path}"
        )
        try:
            _run([uv, "venv", "--no-project", "--python", base, os.fspath(path)], progress)
        except RecipeError as error:
            told = _cause(str(error)) or f"uv cannot make an environment in {path}."
            raise RecipeError(f"{told}{_said(error)}") from None
        _install(uv, recipe, path, progress)
        if extra_requirements:
            _add(uv, recipe, extra_requirements, path, progress)
        _write_marker(path, {**wanted, "extra_requirements": list(extra_requirements)})
        work.finish()
    return interpreter


def _lacking(wanted: Sequence[str], there: Sequence[str]) -> tuple[str, ...]:
    """The extra requirements that an environment lacks; options stay with their values."""
    groups: list[tuple[str, ...]] = []
    words = iter(wanted)
    for word in words:
        groups.append((word, next(words)) if word in ("-e", "-r") else (word,))
    known = " ".join(there) + " "
    return tuple(
        word
        for group in groups
        # What a file or a project asks for may have changed.
        if group[0] in ("-e", "-r") or f" {group[0]} " not in f" {known}"
        for word in group
    )


@dataclasses.dataclass(frozen=True)
class Files:
    """The files with which uv resolves a recipe together with other packages.

    Attributes:
      constraints: The pins of the recipe, and bounds on what is often installed beside it.
      overrides: The release, its TensorFlow, and what replaces the requirements that packages
        declare.
    """

    constraints: Path
    overrides: Path


def write_files(recipe: Recipe, folder: Path, *, python: str = "") -> Files:
    """Writes the files for `uv pip install --constraint … --override …`, each whole or not at all.

    Args:
      recipe: The recipe.
      folder: Where to; it is made, with its parents, where it does not exist.
      python: The Python they are for, as "3.9"; empty for the recipe's. For another one there are
        no pins: the recipe's own constraints take their place.
    """
    folder = Path(folder)
    files = Files(folder / "constraints.txt", folder / "overrides.txt")
    pinned = python in ("", recipe.python)
    bounds = recipe.pins if pinned else (*_exact(recipe), *recipe.constraints)
    folder.mkdir(parents=True, exist_ok=True)
    for file, lines in (
        (files.constraints, (*bounds, *recipe.companions)),
        (files.overrides, overrides(recipe)),
    ):
        whole_files.write(file, "".join(f"{line}\n" for line in lines))
    return files


def overrides(recipe: Recipe) -> tuple[str, ...]:
    """What uv is to replace declared requirements by, wherever a recipe is installed."""
    # The release as well: who installs it beside a project that pins another one wants this one.
    return (*_exact(recipe), *recipe.overrides)


def _exact(recipe: Recipe) -> tuple[str, ...]:
    return (f"tensorflow-federated=={recipe.release}", f"tensorflow=={recipe.tensorflow}")


def cached_path(release: Version, purpose: str = "") -> Path:
    """The folder of an environment in the user's cache, whether it is there or not.

    Args:
      release: The TFF release.
      purpose: What sets it apart from the release's plain environment.
    """
    import platformdirs

    cache = Path(platformdirs.user_cache_dir("tff-compat", appauthor=False))
    return cache / "environments" / "-".join(filter(None, (f"tff{release}", purpose)))


def cached_paths(release: Version) -> list[Path]:
    """The folder of a release's plain environment, and those that are there for other purposes."""
    plain = cached_path(release)
    others = [path for path in plain.parent.glob(f"{plain.name}-*") if path.suffix != ".lock"]
    return [plain, *sorted(others)]


def size(path: Path) -> int:
    """The bytes that a folder takes on the disk, each file once; 0 where there is none."""
    seen: dict[tuple[int, int], int] = {}
    for folder, _, files in os.walk(path):
        for name in files:
            with contextlib.suppress(FileNotFoundError):
                found = os.lstat(os.path.join(folder, name))
                seen[found.st_dev, found.st_ino] = found.st_blocks * 512
    return sum(seen.values())


def status(recipe: Recipe, path: Path) -> str:
    """What is in a folder: "ready", "outdated" (the recipe has changed), "unfinished" or ""."""
    if not path.exists():
        return ""
    found = _read_marker(path)
    if found is None:
        return "unfinished"
    wanted = _contents(recipe)
    return "ready" if wanted == {key: found.get(key) for key in wanted} else "outdated"


def remove(path: Path, *, progress: Callable[[str], None]) -> None:
    """Removes an environment, once nobody builds it any more.

    Raises:
      RecipeError: `path` holds something that is not an environment.
    """
    path = Path(path).absolute()
    with _locked(path, progress) as work:
        _check_clearable(path, ours=work.begun)
        work.begin()
        _clear(path)
        work.finish()


def _contents(recipe: Recipe) -> dict[str, object]:
    return {
        "release": str(recipe.release),
        "python": recipe.python,
        "pins": list(recipe.pins),
        "requirements": list(recipe.requirements),
        "constraints": list(recipe.constraints),
        "overrides": list(recipe.overrides),
        # Not where there are none, so that earlier environments stay what they are.
        **({"mends": [dataclasses.asdict(each) for each in recipe.mends]} if recipe.mends else {}),
    }


def _read_marker(path: Path) -> dict[str, Any] | None:
    """What an environment was built from; None where it is not one, or not whole."""
    try:
        found = json.loads((path / _MARKER).read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError):
        return None
    return found if isinstance(found, dict) else None


def _write_marker(path: Path, contents: Mapping[str, object]) -> None:
    partial = path / f".{_MARKER}"
    partial.write_text(json.dumps(contents, indent=1, sort_keys=True) + "\n", "utf-8")
    os.replace(partial, path / _MARKER)


@dataclasses.dataclass(frozen=True)
class _Work:
    """The lock of an environment: who holds it says in it that its folder is being changed.

    What says so still when the next one comes was killed; whatever is in the folder then is ours.
    """

    file: TextIO

    @property
    def begun(self) -> bool:
        """Whether work on the folder was begun and not finished."""
        self.file.seek(0)
        return bool(self.file.read())

    def begin(self) -> None:
        if not self.begun:
            self.file.write("unfinished\n")
            self.file.flush()

    def finish(self) -> None:
        self.file.truncate(0)
        self.file.flush()


@contextlib.contextmanager
def _locked(path: Path, progress: Callable[[str], None]) -> Iterator[_Work]:
    # Not on Windows, where there is no TFF either; reading recipes must work there.
    import fcntl

    lock = path.with_name(path.name + ".lock")
    with lock.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress(f"Waiting for another process that holds {lock}")
            fcntl.flock(file, fcntl.LOCK_EX)
        # The file stays: removing it would let a third process lock another file of that name.
        yield _Work(file)


def _check_clearable(path: Path, *, ours: bool) -> None:
    """Refuses to remove anything but an environment, or what we had begun."""
    if ours or not (path.exists() or path.is_symlink()):
        return
    if path.is_symlink() or not path.is_dir():
        raise RecipeError(f"{path} is not a folder. Name another one, or remove it yourself.")
    if any(path.iterdir()) and not (path / "pyvenv.cfg").exists():
        raise RecipeError(
            f"{path} is not empty and is not a Python environment. Name another folder, or "
            "remove it yourself."
        )


def _clear(path: Path) -> None:
    """Removes a folder, its marker first: half of an environment must not pass for a whole one."""
    (path / _MARKER).unlink(missing_ok=True)
    if path.exists():
        shutil.rmtree(path)


def _find_uv() -> str:
    """The `uv` executable: the one installed beside us, else the one on PATH."""
    try:
        import uv

        return str(uv.find_uv_bin())
    except (ImportError, FileNotFoundError):
        found = shutil.which("uv")
    if found is None:
        raise RecipeError(
            "Building an environment needs `uv`, which is neither installed beside tff-compat "
            "nor on PATH. Install it: python -m pip install uv"
        )
    return found


def _find_python(uv: str, wanted: str, progress: Callable[[str], None]) -> str:
    """A base interpreter: one that uv finds, one of pyenv's, or one that uv downloads."""
    if os.sep in wanted:
        return wanted
    # Not `_run`: that it finds none is no failure.
    found = subprocess.run(
        [uv, "python", "find", "--system", "--no-project", "--no-python-downloads", wanted],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        env=_environment(),
        text=True,
    )
    if found.returncode == 0 and found.stdout.strip():
        return found.stdout.strip()
    # uv stops at pyenv's shims, which fail for every version but the selected ones.
    pyenv = _pyenv_python(wanted)
    if pyenv is not None:
        return os.fspath(pyenv)
    progress(f"Python {wanted} was not found here; asking uv to download it")
    try:
        _run([uv, "python", "install", wanted], progress)
    except RecipeError as error:
        raise RecipeError(
            f"No Python {wanted} was found, and uv could not download one. Install it with "
            f"your system's packages or with `pyenv install {wanted}`, then try again."
            f"{_said(error)}"
        ) from None
    return wanted


def _pyenv_python(wanted: str) -> Path | None:
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    found = []
    for folder in (root / "versions").glob("*"):
        version = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)", folder.name)
        python = folder / "bin" / "python"
        if version and f"{folder.name}.".startswith(f"{wanted}.") and python.exists():
            found.append((tuple(int(part) for part in version.groups()), python))
    return max(found)[1] if found else None


def _install(uv: str, recipe: Recipe, path: Path, progress: Callable[[str], None]) -> None:
    """Installs the packages of a recipe into an empty environment."""
    command = [*_pip_install(uv, path)]
    python = _version(path)
    pinned = python in ("", recipe.python)
    if not pinned:
        progress(
            f"The pins of the recipe are for Python {recipe.python}; for {python}, what its "
            "requirements leave open is resolved now, to packages nobody has tried together"
        )
    with tempfile.TemporaryDirectory(prefix="tff-compat-") as scratch:
        if pinned:
            pins = Path(scratch) / "pins.txt"
            pins.write_text("".join(f"{line}\n" for line in recipe.pins), "utf-8")
            # With pip, which programs and their users expect.
            wanted = ["--no-deps", "-r", os.fspath(pins), "pip"]
        else:
            wanted = [*_bounds(recipe, Path(scratch), python), *_asked(recipe), "pip"]
        try:
            _run([*command, *wanted], progress)
        except RecipeError as error:
            raise RecipeError(
                f"{_cause(str(error)) or 'Its packages could not be installed.'} TensorFlow "
                f"Federated {recipe.release} is not in {path}.{_said(error)}"
            ) from None
    for mend in recipe.mends:
        _mend(path, mend)


def _add(
    uv: str,
    recipe: Recipe,
    requirements: Sequence[str],
    path: Path,
    progress: Callable[[str], None],
    *,
    tried: bool = False,
) -> None:
    """Installs more into an environment, or only tries whether that can be done."""
    if tried and "-e" in requirements:
        # The dry run of some versions of uv builds projects, which takes as long as to do it.
        return
    with tempfile.TemporaryDirectory(prefix="tff-compat-") as scratch:
        bounds = _bounds(recipe, Path(scratch), _version(path))
        command = [*_pip_install(uv, path), *(["--dry-run"] if tried else [])]
        try:
            _run([*command, *bounds, *requirements], progress)
        except RecipeError as error:
            named = " ".join(requirements)
            raise RecipeError(
                f"{_cause(str(error)) or _refused(str(error), named, recipe)}{_said(error)}"
            ) from None


def _pip_install(uv: str, path: Path) -> list[str]:
    return [uv, "pip", "install", "--python", os.fspath(path / "bin" / "python")]


def _asked(recipe: Recipe) -> list[str]:
    return [f"tensorflow-federated=={recipe.release}", *recipe.requirements]


def _bounds(recipe: Recipe, scratch: Path, python: str) -> list[str]:
    files = write_files(recipe, scratch, python=python)
    return ["--constraint", os.fspath(files.constraints), "--override", os.fspath(files.overrides)]


def _refused(said: str, named: str, recipe: Recipe) -> str:
    if "No solution found" in said or "unsatisfiable" in said:
        return (
            f"{named} cannot stand beside TensorFlow Federated {recipe.release}, whose packages "
            "are pinned. The reason, by uv:"
        )
    return f"{named} could not be installed beside TensorFlow Federated {recipe.release}."


_CAUSES = (
    (
        r"` was ended by SIG[A-Z]+:",
        "uv was ended from outside, as happens where memory is short: try again.",
    ),
    (
        r"No space left on device|Disk quota exceeded",
        "There is no space left on the disk: an environment needs 2 to 3 GB, and uv's cache as "
        "much. Set UV_CACHE_DIR and XDG_CACHE_HOME to folders on a larger one.",
    ),
    (
        r"(Read-only file system|Permission denied).*\(os error|Failed to initialize cache",
        "A folder cannot be written, see below. Set XDG_CACHE_HOME for the environments and "
        "UV_CACHE_DIR for uv's cache to folders that can be.",
    ),
    (
        r"(?i)dns error|failed to lookup address|error sending request|connection refused"
        r"|could not connect|network (connectivity )?(is|was) disabled|network is unreachable"
        r"|tcp connect error|operation timed out|tunnel error",
        "No package index is reached: this machine is offline, or set UV_DEFAULT_INDEX or "
        "HTTPS_PROXY for uv.",
    ),
    (
        r"has no wheels with a matching|no wheels are available|doesn't have a source distribution "
        r"or wheel for the current platform",
        "No wheel fits this platform: use Linux on x86-64.",
    ),
)


def _cause(said: str) -> str:
    """Why uv failed, in one line, where its words tell; else an empty string."""
    return next((text for pattern, text in _CAUSES if re.search(pattern, said, re.DOTALL)), "")


def _cause_of(error: OSError, path: Path) -> str:
    """Why we failed ourselves, in one line."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _CAUSES[0][1]
    place = error.filename or path
    text = f"{place}: {error.strerror or error}."
    if error.errno in (
        errno.ENOENT,
        errno.EACCES,
        errno.EPERM,
        errno.EROFS,
        errno.ENOTDIR,
        errno.EEXIST,
    ):
        text = (
            f"{place} cannot be written ({error.strerror}). Set XDG_CACHE_HOME to a folder that "
            "can be; `tff-compat env create` also takes --path."
        )
    return text


def _said(error: RecipeError) -> str:
    return f"\n{error}"


def _mend(path: Path, mend: Mend) -> None:
    """Changes a file of an installed package, once, and not in uv's cache.

    Raises:
      RecipeError: The file is not what the recipe expects.
    """
    (packages,) = path.glob("lib/python*/site-packages")
    file = packages / mend.file
    source = file.read_text("utf-8")
    if source.count(mend.old) != 1:
        raise RecipeError(f"{file} is not what the recipe expects: it cannot be mended.")
    # uv links files from its cache: a new one takes the place, and the cache stays.
    partial = file.with_name(f".{file.name}")
    partial.write_text(source.replace(mend.old, mend.new), "utf-8")
    os.replace(partial, file)


def _version(path: Path) -> str:
    """The Python of a virtual environment, as "3.7"; empty where it does not tell."""
    match = re.search(
        r"^version_info\s*=\s*(\d+\.\d+)", (path / "pyvenv.cfg").read_text("utf-8"), re.MULTILINE
    )
    return match.group(1) if match else ""


def _environment() -> dict[str, str]:
    environment = dict(os.environ)
    for name in _UV_VARIABLES_WITH_REQUIREMENTS:
        environment.pop(name, None)
    return environment


def _run(command: Sequence[str], progress: Callable[[str], None]) -> None:
    """Runs uv, handing on its lines as they come.

    Raises:
      RecipeError: uv failed; the text is the command and the last lines that uv wrote.
    """
    lines: list[str] = []
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        # A pyproject.toml or uv.toml of the user's project must not add to the recipe.
        cwd=tempfile.gettempdir(),
        env=_environment(),
        text=True,
        # It ends even where we are killed.
        preexec_fn=processes.ending_with_parent(),
    )
    assert process.stdout is not None
    try:
        with process.stdout:
            for line in process.stdout:
                lines.append(line.rstrip("\n"))
                if _is_progress(line):
                    progress(line.rstrip("\n"))
    except BaseException:
        process.kill()
        process.wait()
        raise
    code = process.wait()
    if code != 0:
        shown = "\n".join(f"  {line}" for line in lines[-_LINES_OF_AN_ERROR:])
        ended = "failed" if code > 0 else f"was ended by {signal.Signals(-code).name}"
        raise RecipeError(f"`{' '.join(command)}` {ended}:\n{shown}")


def _is_progress(line: str) -> bool:
    # uv also lists every package (" + name==version"), tells how to activate what nobody needs to
    # activate, warns of every interpreter it cannot start, and repeats the paths that we have told,
    # as seen from a folder that nobody knows.
    return bool(re.match(r"\S", line)) and not line.startswith(
        (
            "Activate with:",
            "Creating virtual environment at:",
            "Using Python ",
            # What ends it is told at the end, the cause first.
            "error: ",
            "hint: ",
            "warning: Failed to inspect Python interpreter",
        )
    )
