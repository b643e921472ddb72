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
        **{key: str(value) if key == "release" else value for key, value in _fields(recipe)},
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


def _fields(recipe: Recipe) -> Iterator[tuple[str, object]]:
    for field in dataclasses.fields(recipe):
        value = getattr(recipe, field.name)
        yield field.name, list(value) if isinstance(value, tuple) else value


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
    if not path.exists():
        return
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
    with tempfile.TemporaryDirectory(prefix="tff-compat-") as scratch:
        constraints = Path(scratch, "constraints.txt")
        overrides = Path(scratch, "overrides.txt")
        exact = f"tensorflow=={recipe.tensorflow}"
        constraints.write_text("\n".join([exact, *recipe.constraints]) + "\n", "utf-8")
        overrides.write_text("\n".join(recipe.overrides) + "\n", "utf-8")
        command = [uv, "pip", "install", "--python", os.fspath(path / "bin" / "python")]
        command += ["--constraint", os.fspath(constraints)]
        if recipe.overrides:
            command += ["--override", os.fspath(overrides)]
        command += [f"tensorflow-federated=={recipe.release}", *recipe.requirements]
        try:
            _run([*command, *extra_requirements], progress)
        except RecipeError as error:
            raise RecipeError(
                f"TensorFlow Federated {recipe.release} could not be installed in {path}. Look at "
                "the last lines below: where an index is not reached, set UV_DEFAULT_INDEX or "
                "HTTPS_PROXY for uv; where no wheel fits the platform, use Linux on x86-64.\n"
                f"{error}"
            ) from None


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
