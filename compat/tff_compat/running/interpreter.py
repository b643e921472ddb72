"""Chooses the interpreter of a run: this one where it has a TFF that works, else a cached one."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import importlib.util
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from packaging.version import Version

from tff_compat import recipes, whole_files
from tff_compat.catalog import PRIMARY
from tff_compat.running.console import notice, say

# For notebooks: a kernel, without whose last one `%cd` warns, and what most of them draw with. The
# recipe bounds IPython.
_EXTRA_REQUIREMENTS = ("ipykernel>=6", "pickleshare>=0.7", "matplotlib>=3.5", "packaging>=22")

_CONSTRAINTS = "tff-compat-constraints.txt"

# pip takes 0.1.0 on a Python for which no newer release exists: its metadata asks for none.
_FIRST_POSSIBLE = Version("0.18.0")


@dataclasses.dataclass(frozen=True)
class Interpreter:
    """A Python with an installed TFF.

    Attributes:
      executable: Its path.
      prefix: Its `sys.prefix`.
      release: The TFF release in it.
      cached: Whether it is that of our cached environment.
    """

    executable: str
    prefix: str
    release: Version
    cached: bool

    @property
    def constraints(self) -> Path | None:
        """The versions that a notebook's own `pip install` must leave as they are."""
        return Path(self.prefix) / _CONSTRAINTS if self.cached else None

    @property
    def advice(self) -> str:
        """What to do when its TFF turns out not to be importable."""
        text = f"TensorFlow Federated {self.release} in {self.prefix} could not be imported. "
        if self.cached:
            return text + f"Remove {self.prefix} to have it built anew."
        return text + "Add --cached, for an environment that works; this one stays as it is."

    def advice_for_missing(self, module: str) -> str:
        """What to do where a module that the program imports is not there."""
        package = package_of(module)
        place = "the cached environment" if self.cached else self.prefix
        add = f"run … --with {package}" if self.cached else f"python -m pip install {package}"
        return (
            f"There is no module `{module}` in {place}. If it comes from a package, add that: {add}"
            ". If it is one of your own, start where it is, or name its folder in PYTHONPATH."
        )


def package_of(module: str) -> str:
    """The package that most likely brings a module."""
    root = module.partition(".")[0]
    return _PACKAGES.get(root, root)


# Where the package has another name than what programs import.
_PACKAGES = {
    "absl": "absl-py",
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python-headless",
    "git": "gitpython",
    "google": "protobuf",
    "PIL": "pillow",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "tensorflow_addons": "tensorflow-addons",
    "yaml": "pyyaml",
}


class InterpreterError(RuntimeError):
    """The chosen interpreter cannot run the program; the text says what to do."""


def choose(
    *, cached: bool = False, notebook: bool = False, packages: Sequence[str] = ()
) -> Interpreter:
    """The interpreter to run a program with, told on standard error; builds one where needed.

    Args:
      cached: Take the cached environment also where this interpreter has TFF.
      notebook: The program is a notebook, which needs a kernel.
      packages: Requirements to add to the cached environment.

    Raises:
      RecipeError: The cached environment cannot be built.
      InterpreterError: This interpreter has TFF, and no kernel for a notebook or not the packages.
    """
    if cached:
        return _cached(packages)
    try:
        release = Version(importlib.metadata.version("tensorflow-federated"))
    except importlib.metadata.PackageNotFoundError:
        notice(f"TensorFlow Federated is not installed for {sys.executable}.")
        return _cached(packages)
    defect = _defect(release)
    if defect is not None:
        say(f"{defect} This run takes an environment of its own instead.")
        return _cached(packages)
    if packages:
        raise InterpreterError(
            f"--with adds packages to the cached environment, and this run takes {sys.executable}: "
            f"{shlex.join([sys.executable, '-m', 'pip', 'install', *packages])}, or add --cached."
        )
    if notebook and importlib.util.find_spec("ipykernel") is None:
        raise InterpreterError(
            f"To run notebooks, {sys.executable} needs ipykernel: python -m pip install ipykernel. "
            "Or add --cached, for an environment that has it."
        )
    notice(f"Running on TensorFlow Federated {release} of {sys.executable}.")
    return Interpreter(sys.executable, sys.prefix, release, cached=False)


def _defect(installed: Version) -> str | None:
    """Why the TFF of this interpreter cannot work, as far as can be seen without importing it."""
    python = ".".join(map(str, sys.version_info[:2]))
    if installed < _FIRST_POSSIBLE:
        return (
            f"The TensorFlow Federated in {sys.executable} is {installed}, which cannot work on "
            f"Python {python}: pip chooses it by mistake where no newer release supports the "
            "Python. To be rid of it: python -m pip uninstall tensorflow-federated"
        )
    for module in ("tensorflow_federated", "tensorflow"):
        if importlib.util.find_spec(module) is None:
            return (
                f"TensorFlow Federated {installed} in {sys.executable} is broken: `{module}` "
                "cannot be found. To repair it: python -m pip install --force-reinstall "
                f"tensorflow-federated=={installed}"
            )
    return None


def cached_path() -> Path:
    """The folder of the cached environment, whether it is there or not."""
    # It holds more than the release, and `tff-compat env create` must not take that away.
    return recipes.cached_path(PRIMARY, "run")


def _cached(packages: Sequence[str]) -> Interpreter:
    from tff_compat.running.console import working

    path = cached_path()
    recipe = recipes.recipe(PRIMARY)
    with working("Building the environment, once; this takes a minute or two") as progress:
        python = recipes.build(
            recipe,
            path,
            extra_requirements=[*_EXTRA_REQUIREMENTS, *packages],
            progress=progress,
        )
    try:
        _write_constraints(python, path)
    except (OSError, subprocess.CalledProcessError) as error:
        raise InterpreterError(
            f"{path} cannot be used: {error}. Remove it, and try again."
        ) from None
    notice(f"Running on TensorFlow Federated {PRIMARY} in the cached environment {path}.")
    return Interpreter(str(python), str(path), PRIMARY, cached=True)


def _write_constraints(python: Path, path: Path) -> None:
    """Writes down once what the fresh environment holds, before a notebook adds to it."""
    file = path / _CONSTRAINTS
    if file.exists():
        return
    frozen = subprocess.run(
        [str(python), "-m", "pip", "list", "--format=freeze", "--disable-pip-version-check"],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    ).stdout
    whole_files.write(file, frozen)
