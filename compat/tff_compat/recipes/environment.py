"""Builds the environment of a recipe with `uv`, once, also when asked twice at the same time."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from packaging.version import Version

from tff_compat.recipes.data import Recipe, RecipeError

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
    from another recipe or with other extra requirements, is built again.

    The packages are the recipe's pins; only for another Python than the recipe's, for which there
    are none, uv resolves the recipe's requirements.

    Args:
      recipe: What to install.
      path: The environment's folder; it is made, with its parents, where it does not exist.
      extra_requirements: Requirements to install along, under the recipe's constraints.
      python: A version ("3.9") or an interpreter to use instead of the recipe's Python.
      progress: Called with each line of progress, without its end of line.

    Returns:
      The environment's Python interpreter.

    Raises:
      RecipeError: `uv` or a fitting Python is not found, the requirements cannot be resolved or
        installed, or `path` holds something that is not an environment.
    """
    path = Path(path).absolute()
    interpreter = path / "bin" / "python"
    wanted = {
        **_contents(recipe),
        "extra_requirements": list(extra_requirements),
        "asked_python": None if python is None else os.fspath(python),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with _locked(path.with_name(path.name + ".lock"), progress):
        if interpreter.exists() and _read_marker(path) == wanted:
            return interpreter
        uv = _find_uv()
        _clear(path)
        base = _find_python(uv, recipe.python if python is None else os.fspath(python), progress)
        progress(
            f"Building an environment for TensorFlow Federated {recipe.release} "
            f"(Python {recipe.python if python is None else python}, "
            f"TensorFlow {recipe.tensorflow}) in {path}"
        )
        _run([uv, "venv", "--no-project", "--python", base, os.fspath(path)], progress)
        _install(uv, recipe, extra_requirements, path, progress)
        (path / _MARKER).write_text(json.dumps(wanted, indent=1, sort_keys=True) + "\n", "utf-8")
    return interpreter


@dataclasses.dataclass(frozen=True)
class Files:
    """The files with which uv resolves a recipe together with other packages.

    Attributes:
      constraints: The pins of the recipe.
      overrides: The release, its TensorFlow, and what replaces the requirements that packages
        declare.
    """

    constraints: Path
    overrides: Path


def write_files(recipe: Recipe, folder: Path, *, python: str = "") -> Files:
    """Writes the files for `uv pip install --constraint … --override …`, each at one stroke.

    Args:
      recipe: The recipe.
      folder: Where to; it is made, with its parents, where it does not exist.
      python: The Python they are for, as "3.9"; empty for the recipe's. For another one there are
        no pins: the recipe's own constraints take their place.
    """
    folder = Path(folder)
    files = Files(folder / "constraints.txt", folder / "overrides.txt")
    pinned = python in ("", recipe.python)
    folder.mkdir(parents=True, exist_ok=True)
    for file, lines in (
        (files.constraints, recipe.pins if pinned else (*_exact(recipe), *recipe.constraints)),
        (files.overrides, overrides(recipe)),
    ):
        partial = file.with_name(f".{file.name}.{os.getpid()}")
        partial.write_text("".join(f"{line}\n" for line in lines), "utf-8")
        os.replace(partial, file)
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


def status(recipe: Recipe, path: Path) -> str:
    """What is in a folder: "ready", "outdated" (the recipe has changed), "unfinished" or ""."""
    if not path.exists():
        return ""
    found = _read_marker(path)
    if not isinstance(found, dict):
        return "unfinished"
    wanted = _contents(recipe)
    return "ready" if wanted == {key: found.get(key) for key in wanted} else "outdated"


def remove(path: Path, *, progress: Callable[[str], None]) -> None:
    """Removes an environment, once nobody builds it any more.

    Raises:
      RecipeError: `path` holds something that is not an environment.
    """
    path = Path(path).absolute()
    with _locked(path.with_name(path.name + ".lock"), progress):
        _clear(path)


def _contents(recipe: Recipe) -> dict[str, object]:
    return {
        "release": str(recipe.release),
        "python": recipe.python,
        "pins": list(recipe.pins),
        "requirements": list(recipe.requirements),
        "constraints": list(recipe.constraints),
        "overrides": list(recipe.overrides),
    }


def _read_marker(path: Path) -> object:
    try:
        return json.loads((path / _MARKER).read_text("utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None


@contextlib.contextmanager
def _locked(lock: Path, progress: Callable[[str], None]) -> Iterator[None]:
    # Not on Windows, where there is no TFF either; reading recipes must work there.
    import fcntl

    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress(f"Waiting for another process that holds {lock}")
            fcntl.flock(file, fcntl.LOCK_EX)
        # The file stays: removing it would let a third process lock another file of that name.
        yield


def _clear(path: Path) -> None:
    """Removes an environment that cannot be used, and nothing else."""
    if not path.exists() and not path.is_symlink():
        return
    if path.is_symlink() or not path.is_dir():
        raise RecipeError(f"{path} is not a folder. Name another one, or remove it yourself.")
    if any(path.iterdir()) and not (path / "pyvenv.cfg").exists():
        raise RecipeError(
            f"{path} is not empty and is not a Python environment. Name another folder, or "
            "remove it yourself."
        )
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
            f"your system's packages or with `pyenv install {wanted}`, then try again.\n{error}"
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


def _install(
    uv: str,
    recipe: Recipe,
    extra_requirements: Sequence[str],
    path: Path,
    progress: Callable[[str], None],
) -> None:
    command = [uv, "pip", "install", "--python", os.fspath(path / "bin" / "python")]
    python = _version(path)
    pinned = python in ("", recipe.python)
    if not pinned:
        progress(
            f"The pins of the recipe are for Python {recipe.python}; for {python}, what its "
            "requirements leave open is resolved now, to packages nobody has tried together"
        )
    with tempfile.TemporaryDirectory(prefix="tff-compat-") as scratch:
        files = write_files(recipe, Path(scratch), python=python)
        bounds = ["--constraint", os.fspath(files.constraints)]
        bounds += ["--override", os.fspath(files.overrides)]
        wanted = [f"tensorflow-federated=={recipe.release}", *recipe.requirements]
        try:
            if not pinned:
                _run([*command, *bounds, *wanted, *extra_requirements], progress)
            else:
                _run([*command, "--no-deps", "-r", os.fspath(files.constraints)], progress)
                if extra_requirements:
                    _run([*command, *bounds, *extra_requirements], progress)
        except RecipeError as error:
            raise RecipeError(
                f"TensorFlow Federated {recipe.release} could not be installed in {path}. Look at "
                "the last lines below: where an index is not reached, set UV_DEFAULT_INDEX or "
                "HTTPS_PROXY for uv; where no wheel fits the platform, use Linux on x86-64.\n"
                f"{error}"
            ) from None


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
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        # A pyproject.toml or uv.toml of the user's project must not add to the recipe.
        cwd=tempfile.gettempdir(),
        env=_environment(),
        text=True,
    )
    lines: list[str] = []
    assert process.stdout is not None
    with process.stdout:
        for line in process.stdout:
            lines.append(line.rstrip("\n"))
            if _is_progress(line):
                progress(line.rstrip("\n"))
    if process.wait() != 0:
        shown = "\n".join(f"  {line}" for line in lines[-_LINES_OF_AN_ERROR:])
        raise RecipeError(f"`{' '.join(command)}` failed:\n{shown}")


def _is_progress(line: str) -> bool:
    # uv also lists every package (" + name==version"), tells how to activate what nobody needs to
    # activate, warns of every interpreter it cannot start, and repeats the paths that we have told,
    # as seen from a folder that nobody knows.
    return bool(re.match(r"\S", line)) and not line.startswith(
        (
            "Activate with:",
            "Creating virtual environment at:",
            "Using Python ",
            "warning: Failed to inspect Python interpreter",
        )
    )
