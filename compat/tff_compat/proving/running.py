"""Runs a program in a copy of its project: as of a release, on plain TFF, on a real release."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping, Sequence
from pathlib import Path

from packaging.version import Version

from tff_compat.eras import Eras
from tff_compat.proving import comparing
from tff_compat.proving.comparing import Outcome

_NOT_COPIED = shutil.ignore_patterns(
    ".git", "__pycache__", ".venv", "venv", ".tox", "node_modules", ".pytest_cache", "*.pyc"
)
_LARGEST = 50_000_000
"""Files above so many bytes are compared by their size."""


class ProvingError(RuntimeError):
    """The program cannot be run; the message says why."""


def environment(release: Version, purpose: str, packages: Sequence[str]) -> Path:
    """The interpreter of an environment with a release and nothing of ours; built where needed.

    Raises:
      ProvingError: It cannot be built, or the packages bring tff-compat along.
    """
    from tff_compat import recipes
    from tff_compat.running.console import working

    # Packages of one project have no business in the environment of another.
    digest = hashlib.sha256(repr(sorted(packages)).encode()).hexdigest()[:8]
    path = recipes.cached_path(release, f"{purpose}-{digest}" if packages else purpose)
    with working(f"Building an environment with TFF {release}, once") as progress:
        try:
            python = recipes.build(
                recipes.recipe(release), path, extra_requirements=packages, progress=progress
            )
        except recipes.RecipeError as error:
            raise ProvingError(str(error)) from None
    if has_us(python):
        raise ProvingError(f"tff-compat is installed in {path}, because of {', '.join(packages)}.")
    return python


def has_us(python: Path) -> bool:
    """Whether tff-compat can be imported by an interpreter."""
    code = "import importlib.util, sys; sys.exit(importlib.util.find_spec('tff_compat') is None)"
    done = subprocess.run([str(python), "-I", "-c", code], check=False, capture_output=True)
    return done.returncode == 0


class Project:
    """The folder that a command runs in, of which copies are made.

    Args:
      folder: The folder.
      command: The command, such as ``["train.py", "--rounds", "3"]`` or ``["pytest", "tests"]``.
      seconds: How long one run may take.
    """

    def __init__(self, folder: Path, command: Sequence[str], seconds: float) -> None:
        words = list(command)
        if words[:1] in (["python"], ["python3"]):
            words = words[1:]
        if not words:
            raise ProvingError("--prove: name a script, `-m MODULE`, or `pytest TESTS`.")
        self._folder = folder
        self._seconds = seconds
        self._is_pytest = words[0] in ("pytest", "py.test") or words[:2] == ["-m", "pytest"]
        if self._is_pytest:
            words = ["-m", "pytest", *words[1 + (words[0] == "-m") :]]
        self._words = words
        self.script = None if words[0].startswith("-") else (folder / words[0]).resolve()
        if self.script is None:
            return
        if not self.script.is_file():
            raise ProvingError(f"--prove: there is no script {words[0]} in {folder}.")
        if not self.script.is_relative_to(folder.resolve()):
            raise ProvingError(f"--prove: {words[0]} is not in {folder}, of which a copy is run.")
        if self.script.suffix == ".ipynb":
            raise ProvingError("--prove: plain Python runs no notebook; name a test that does.")

    @property
    def needs(self) -> tuple[str, ...]:
        """The packages that the command itself needs."""
        return ("pytest>=7",) if self._is_pytest else ()

    def as_of(self, as_of: Eras | Version, python: str) -> Outcome:
        """Runs it through tff-compat as of a release, or as of those of its packages."""
        code = "from tff_compat.cli import main; raise SystemExit(main())"
        command = [python, "-c", code, "run", "--as-of", str(as_of), "--quiet"]
        return self._run(command, {}, without_us=False)

    def plain(self, python: str, contents: Mapping[Path, bytes]) -> Outcome:
        """Runs it with other contents of some files, where tff-compat is not installed."""
        return self._run([python], contents, without_us=True)

    def _run(
        self, command: Sequence[str], contents: Mapping[Path, bytes], without_us: bool
    ) -> Outcome:
        with tempfile.TemporaryDirectory(prefix="tff-compat-prove-") as scratch:
            copy = Path(scratch, self._folder.name or "project")
            shutil.copytree(self._folder, copy, symlinks=True, ignore=_NOT_COPIED)
            for path, content in contents.items():
                target = copy / path.resolve().relative_to(self._folder.resolve())
                target.write_bytes(content)
            before = _state(copy)
            report = Path(scratch, "report.xml")
            words = list(self._words)
            if self._is_pytest:
                words += [f"--junitxml={report}", "-p", "no:cacheprovider"]
            status, output, errors = self._finished([*command, *words], copy, without_us)
            tests: dict[str, str] | None = None
            failures: dict[str, str] = {}
            if self._is_pytest:
                try:
                    tests, failures = comparing.tests(report)
                except (OSError, ElementTree.ParseError):
                    tests = {}  # It ended before its tests; its status and output say why.
            files = {
                name: content
                for name, content in _state(copy).items()
                if before.get(name) != content
            }
            for place in (str(copy.resolve()), str(copy)):
                output = output.replace(place, str(self._folder))
            return Outcome(status, output, files, tests, failures, errors[-4000:])

    def _finished(
        self, command: Sequence[str], folder: Path, without_us: bool
    ) -> tuple[int, str, str]:
        variables = dict(os.environ)
        variables["PYTHONDONTWRITEBYTECODE"] = "1"
        variables.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        if without_us:
            for name in [*variables]:
                if name.startswith("TFF_COMPAT") or name == "PYTHONHOME":
                    del variables[name]
        self._set_search_path(variables, folder, without_us)
        # Into files: TFF's worker outlives the program and holds its pipes.
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            process = subprocess.Popen(
                command, cwd=folder, env=variables, stdout=out, stderr=err,
                stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
            try:
                status = process.wait(self._seconds)
            except subprocess.TimeoutExpired:
                status = comparing.TIMED_OUT
            finally:
                _end(process.pid)
            texts = []
            for file in (out, err):
                file.seek(0)
                texts.append(file.read().decode("utf-8", "replace"))
        return status, texts[0], texts[1]

    def _set_search_path(self, variables: dict[str, str], copy: Path, without_us: bool) -> None:
        """Lets modules of the project come from the copy, and hides ours where that is asked."""
        found = []
        for entry in filter(None, variables.pop("PYTHONPATH", "").split(os.pathsep)):
            path = (self._folder / entry).resolve()
            if without_us and (path / "tff_compat").is_dir():
                continue
            if path.is_relative_to(self._folder.resolve()):
                path = copy / path.relative_to(self._folder.resolve())
            found.append(str(path))
        source = copy / "src"
        if source.is_dir() and not (source / "__init__.py").exists():
            # Where a project has its packages there, it is not installed in a clean environment.
            found.append(str(source))
        if found:
            variables["PYTHONPATH"] = os.pathsep.join(found)


def _end(session: int) -> None:
    """Ends what a run has left: it had a session of its own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(session, signal.SIGKILL)


def _state(folder: Path) -> dict[str, bytes]:
    found = {}
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink() and "__pycache__" not in path.parts:
            size = path.stat().st_size
            content = path.read_bytes() if size <= _LARGEST else f"{size} bytes".encode()
            found[str(path.relative_to(folder))] = content
    return found
