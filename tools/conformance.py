"""Runs TFF's own tutorials, or any programs, on the real release, through us, and on plain 0.87.0.

    python tools/conformance.py --tff-repo PATH [--tests] [--only PATTERN...] [--jobs N]
    python tools/conformance.py --programs FOLDER [--as-of RELEASE]

takes each distinct version of the tutorials in the tags of a clone of TFF, and runs it (a) on the
real release, built from its recipe, (b) as of that release by `tff-compat run`, (c) on TFF 0.87.0
as it is. Each run is a process of its own with a time limit, downloads are replaced by made-up
data, and lines that install packages are left out. What became of each run is kept in `--results`
(`docs/conformance.json`), which the next call goes on with; `--table docs/conformance.md` writes
the page. Nothing of the clone enters them but the names of notebooks and the errors.

With `--tests` it takes the tests of TFF's examples and research code that use its public API alone,
each with the modules of these folders that it imports, as somebody has them who copied them; only
their imports of each other lose the `tensorflow_federated.python` in front.

Packages that programs import beside TFF are added to the environments (`_PACKAGES`, `--with`).
"""

from __future__ import annotations

import argparse
import ast
import collections
import concurrent.futures
import dataclasses
import datetime
import fnmatch
import functools
import hashlib
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version
from tff_compat import recipes, whole_files
from tff_compat.catalog import PRIMARY
from tff_compat.running import notebook, programs, session
from tff_compat.running.interpreter import Interpreter

_ROOT = Path(__file__).resolve().parent.parent
_TUTORIALS = ("docs/tutorials/", "docs/experimental/tutorials/")
_COPIED = re.compile(r"(?:tensorflow_federated/(?:python/)?)?((?:examples|research)/.*)\.py")
"""The modules of TFF's folders that people copied: their place, and the one in a copy."""

COLUMNS = {"real": "real release", "run": "through us", "plain": f"plain {PRIMARY}"}

_ALWAYS = ("ipykernel>=6", "matplotlib")
_FOR_US = ("nbclient>=0.8", "nbformat>=5.7", "packaging>=22", "platformdirs>=3", "rich>=13")
_PACKAGES = {
    "attr": "attrs",
    "attrs": "attrs",
    "dp_accounting": "dp-accounting",
    "grpc": "grpcio",
    "jax": "jax",
    "nest_asyncio": "nest-asyncio",
    "pandas": "pandas",
    "requests": "requests",
    "seaborn": "seaborn",
    "six": "six",
    "tensorflow_model_optimization": "tensorflow-model-optimization",
    "tensorflow_privacy": "tensorflow-privacy",
    "tensorflow_probability": "tensorflow-probability",
    "tensorflow_text": "tensorflow-text",
}
"""What provides the modules that tutorials import."""

_INSTALL = re.compile(r"\s*[!%]\s*(pip|pip3|conda|apt|apt-get|sudo|tensorflow_version)\b")
_SECONDS_TO_END = 30.0


class ConformanceError(RuntimeError):
    """What was asked for cannot be measured; the text says why."""


# --- What is run ----------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Subject:
    """A version of a notebook or test, or a program.

    Attributes:
      name: The name without its suffix.
      version: The first tag that has it; of a program its release.
      releases: The published releases that had it.
      cells: The code of its cells, without lines that install packages; else that of its files.
      script: The file of a program; None for a notebook.
      files: The files of a test by their places; one of them is the script.
    """

    name: str
    version: str
    releases: tuple[Version, ...]
    cells: tuple[str, ...]
    script: Path | None = None
    files: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"{self.name}@{self.version}"

    @property
    def packages(self) -> set[str]:
        """What it imports beside TFF, as far as we know who provides it."""
        lines = "\n".join(self.cells).splitlines()
        imports = (re.match(r"\s*(?:import|from)\s+(\w+)", line) for line in lines)
        return {_PACKAGES[each[1]] for each in imports if each and each[1] in _PACKAGES}


def _git(repository: Path, *arguments: str) -> str:
    try:
        return subprocess.run(
            ["git", "-C", os.fspath(repository), *arguments],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    except subprocess.CalledProcessError as error:
        raise ConformanceError(error.stderr.strip()) from None


def tutorials(repository: Path) -> tuple[list[Subject], list[str]]:
    """The distinct versions of the tutorials, by their code, and those that the clone lacks.

    Comments, blanks and lines that install packages make no difference.
    """
    found: dict[tuple[str, str], list[Version]] = {}
    for version, tag in _tags(repository):
        for path, object_id in _tree(repository, tag, *_TUTORIALS):
            if path.endswith(".ipynb"):
                found.setdefault((path, object_id), []).append(version)
    merged: dict[tuple[str, str], tuple[tuple[str, ...], list[Version]]] = {}
    absent = []
    for (path, object_id), versions in found.items():
        name = Path(path).stem
        try:
            cells = _cells(json.loads(_git(repository, "cat-file", "-p", object_id)))
        except ConformanceError:
            absent.append(f"{name}@v{versions[0]}")
            continue
        merged.setdefault((name, _digest(cells)), (cells, []))[1].extend(versions)
    subjects = [
        Subject(name, f"v{min(versions)}", _published(versions), cells)
        for (name, _), (cells, versions) in merged.items()
    ]
    return sorted(subjects, key=lambda each: (each.name, Version(each.version))), absent


def tests(repository: Path) -> tuple[list[Subject], list[str]]:
    """The distinct versions of the tests of what people copied, and those that the clone lacks.

    A test counts where it and the modules that it is copied with use TFF's public API alone.
    """
    read = functools.cache(lambda object_id: _git(repository, "cat-file", "-p", object_id))
    merged: dict[tuple[str, str], tuple[dict[str, str], list[Version]]] = {}
    absent = []
    for version, tag in _tags(repository):
        ids = {
            match[1]: object_id
            for path, object_id in _tree(repository, tag)
            if (match := _COPIED.fullmatch(path))
        }
        for name in (each for each in ids if each.endswith("_test")):
            try:
                files = _copied(name, ids, read)
            except ConformanceError:
                absent.append(f"{name}@v{version}")
                continue
            if files is not None:
                digest = _digest(code for _, code in sorted(files.items()))
                merged.setdefault((name, digest), (files, []))[1].append(version)
    subjects = [
        Subject(
            name, f"v{min(versions)}", _published(versions), tuple(files.values()),
            Path(f"{name}.py"), files,
        )
        for (name, _), (files, versions) in merged.items()
    ]  # fmt: skip
    return sorted(subjects, key=lambda each: (each.name, Version(each.version))), absent


def _copied(name: str, ids: Mapping[str, str], read: Callable[[str], str]) -> dict[str, str] | None:
    """A module with those that it imports, by their files; None where they need what is internal.

    Args:
      name: Its place without the suffix.
      ids: The objects of all modules that may be copied.
      read: Gives the text of an object.
    """
    files: dict[str, str] = {}
    todo = [name]
    while todo:
        place = todo.pop()
        code = _OF_COPIED.sub(r"\1", read(ids[place]))
        code = _WITHOUT_DOT.sub("from examples.", code)
        files[f"{place}.py"] = code
        for imported in _imported(ast.parse(code)):
            own = imported.replace(".", "/")
            beside = f"{os.path.dirname(place)}/{own}"
            found = next((each for each in (own, beside) if each in ids), None)
            if found is not None and f"{found}.py" not in files:
                todo.append(found)
            elif found is None and imported.startswith("tensorflow_federated."):
                return None
    return files


_OF_COPIED = re.compile(r"\btensorflow_federated(?:\.python)?\.((?:examples|research)\b)")

_WITHOUT_DOT = re.compile(r"^from examples(?=\w)", re.MULTILINE)
"""What TFF's tags say from 0.75 on: the dot was lost when they were made."""


def _imported(tree: ast.Module) -> Iterator[str]:
    """The modules that a module imports, and what may be one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module not in (None, "tensorflow_federated"):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
            yield str(node.module)


def _tags(repository: Path) -> list[tuple[Version, str]]:
    tags: dict[Version, str] = {}
    for tag in _git(repository, "tag").split():
        try:
            tags[Version(tag)] = tag
        except InvalidVersion:
            print(f"{tag} is no release.", file=sys.stderr)
    return sorted(tags.items())


def _tree(repository: Path, tag: str, *folders: str) -> Iterator[tuple[str, str]]:
    """The files of a tag, each with the id of its object."""
    for line in _git(repository, "ls-tree", "-r", tag, *folders).splitlines():
        object_id, path = line.split(" ", 2)[2].split("\t")
        yield path, object_id


def _published(versions: Iterable[Version]) -> tuple[Version, ...]:
    return tuple(sorted({*versions} & {*recipes.recipes()}))


def _cells(read: Mapping[str, Any]) -> tuple[str, ...]:
    sources = ("".join(cell["source"]) for cell in read["cells"] if cell["cell_type"] == "code")
    return tuple(filter(str.strip, map(without_installs, sources)))


def without_installs(source: str) -> str:
    """The code of a cell without the lines that install packages."""
    return "\n".join(line for line in source.splitlines() if not _INSTALL.match(line))


def _digest(cells: Iterable[str]) -> str:
    lines = (line for cell in cells for line in cell.splitlines())
    code = [
        "".join(line.split()) for line in lines if line.strip() and line.strip()[0] not in "#!%"
    ]
    return hashlib.sha256("\n".join(code).encode()).hexdigest()


def folder(path: Path, as_of: Version | None) -> list[Subject]:
    """The programs and notebooks of a folder and those below it, each for its release.

    Args:
      path: The folder.
      as_of: The release of all of them; None for that which the program's folder is named by, else
        for the one inferred.
    """
    from tff_compat.source import inference

    subjects = []
    for file in sorted(each for each in path.rglob("*") if each.suffix in (".py", ".ipynb")):
        release = as_of or _named(file.parent.name)
        if release is None:
            try:
                release = inference.infer(file, newest=PRIMARY).release
            except inference.SourceError as error:
                raise ConformanceError(str(error)) from None
        name = file.relative_to(path).with_suffix("").as_posix()
        source = file.read_text("utf-8")
        if file.suffix == ".ipynb":
            subjects.append(Subject(name, f"v{release}", (release,), _cells(json.loads(source))))
        else:
            subjects.append(Subject(name, f"v{release}", (release,), (source,), file.absolute()))
    return subjects


def _named(name: str) -> Version | None:
    try:
        return recipes.recipe(name).release
    except recipes.RecipeError:
        return None


# --- One run --------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Job:
    """One run of a subject, which a process of its own carries out.

    Attributes:
      column: A key of `COLUMNS`.
      release: The release it was written for.
      python: The interpreter to run it with.
      cells: The cells of a notebook; empty for a script.
      script: The file of a script.
      seconds: The time limit.
      data: The folder of made-up data.
      files: The files that are to be written first, by their places; the script is one of them.
    """

    column: str
    release: str
    python: str
    cells: list[str]
    script: str | None
    seconds: float
    data: str
    files: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class _Plain(session.Session):
    """A run in which TFF is as it is installed; only downloads of data are replaced."""

    data: str = ""

    def environment(self, interpreter: Interpreter) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return {
            **kept,
            "PYTHONPATH": os.fspath(session.STARTUP),
            "TFF_COMPAT_SYNTHETIC_DATA": self.data,
        }

    @property
    def kernel_arguments(self) -> Sequence[str]:
        return ()


def carry_out(job: Job, scratch: Path) -> dict[str, Any]:
    """Runs one subject to its end or to the time limit; gives what became of it."""
    began = time.monotonic()
    if job.script is None:
        path = _write_notebook(job, scratch)
        output = scratch / "program.out.ipynb"
        if job.column == "run":
            status = _wait(_through_us(job, path, "--output", os.fspath(output)), job, scratch)
        else:
            status = _execute(job, path, output, scratch)
        became = _became_of_notebook(output, len(job.cells))
    else:
        script = _write_files(job, scratch / "program") / job.script
        command = _through_us(job, script) if job.column == "run" else _script(job, script)
        status = _wait(command, job, scratch)
        became = _became_of_script(scratch, status)
    if became["error"] is None and became["reached"] < became["cells"]:
        # What a worker of the runtime says is in the log of the kernel.
        logs = (scratch / "err", scratch / "kernel")
        became["error"] = _last_error(*logs) or "The process ended."
    if status is None:
        verdict = "time limit"
    elif became["reached"] == became["cells"] and became["error"] is None:
        verdict = "complete"
    else:
        verdict = "error"
    return {**became, "verdict": verdict, "seconds": round(time.monotonic() - began)}


def _write_notebook(job: Job, scratch: Path) -> Path:
    import nbformat.v4

    path = scratch / "program.ipynb"
    cells = [nbformat.v4.new_code_cell(cell) for cell in job.cells]
    path.write_text(nbformat.writes(nbformat.v4.new_notebook(cells=cells)), "utf-8")
    return path


def _write_files(job: Job, root: Path) -> Path:
    for place, code in job.files.items():
        path = root / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code, "utf-8")
        # A package of this name among those that are installed would go before folders.
        for parent in list(path.relative_to(root).parents)[:-1]:
            (root / parent / "__init__.py").touch()
    return root


def _through_us(job: Job, path: Path, *options: str) -> list[str]:
    command = [job.python, "-m", "tff_compat", "run", "--as-of", job.release, *options]
    return [*command, "--data", "synthetic", "--no-summary", os.fspath(path)]


_RUN_SCRIPT = """
import os, runpy, sys
sys.argv = sys.argv[1:]
sys.path[0] = os.path.dirname(sys.argv[0])
status = 0
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
except SystemExit as ended:
    status = ended.code
sys.stdout.flush()
# Executors of some releases have threads that never end.
os._exit(status if isinstance(status, int) else int(status is not None))
"""


def _script(job: Job, path: Path) -> list[str]:
    return [job.python, "-c", _RUN_SCRIPT, os.fspath(path)]


def _wait(command: Sequence[str], job: Job, scratch: Path) -> int | None:
    """Runs a command with its output in `scratch/out` and `scratch/err`; None at the time limit."""
    environment = dict(os.environ)
    if job.column == "run":
        environment["PYTHONPATH"] = os.fspath(_ROOT / "compat")
    else:
        plain = _Plain(job.release, scratch, data=job.data)
        environment = plain.environment(_interpreter(job))
    # What is copied imports its own modules from there.
    environment["PYTHONPATH"] += f"{os.pathsep}{scratch / 'program'}"
    with (scratch / "out").open("wb") as out, (scratch / "err").open("wb") as err:
        process = subprocess.Popen(
            command,
            cwd=scratch,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
        status: int | None = None
        try:
            status = process.wait(timeout=job.seconds)
        except subprocess.TimeoutExpired:
            process.terminate()
            try:
                process.wait(timeout=_SECONDS_TO_END)
            except subprocess.TimeoutExpired:
                pass
        finally:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()
        return status


def _interpreter(job: Job) -> Interpreter:
    prefix = os.fspath(Path(job.python).parent.parent)
    return Interpreter(job.python, prefix, Version(job.release), cached=False)


def _execute(job: Job, path: Path, output: Path, scratch: Path) -> int | None:
    """Executes a notebook as `run` does, with TFF as it is installed."""
    plain = _Plain(job.release, scratch, data=job.data)
    over = threading.Event()

    def end() -> None:
        over.set()
        os.kill(os.getpid(), signal.SIGTERM)

    timer = threading.Timer(job.seconds, end)
    timer.daemon = True
    timer.start()
    try:
        with (scratch / "err").open("w") as err:
            # What the cells print, and what is told of a failure.
            os.dup2(err.fileno(), 1)
            os.dup2(err.fileno(), 2)
            status = notebook.run(path, output, notebook.Wishes(), plain, _interpreter(job))
    finally:
        timer.cancel()
    return None if over.is_set() else status


def _became_of_notebook(output: Path, count: int) -> dict[str, Any]:
    try:
        cells = notebook.read(output).cells
    except programs.ProgramError:
        return {"cells": count, "reached": 0, "error": None}
    reached = 0
    for cell in cells:
        for each in cell.outputs:
            if each.output_type == "error":
                error = f"{each.ename}: {each.evalue}"
                return {"cells": count, "reached": reached, "error": _short(error)}
        # The kernel has answered that the cell is done.
        if "shell.execute_reply" not in cell.metadata.get("execution", {}):
            break
        reached += 1
    return {"cells": count, "reached": reached, "error": None}


_RAN = re.compile(r"^Ran (\d+) tests? in ", re.MULTILINE)
_FAILED = re.compile(r"\b(?:failures|errors)=(\d+)")


def _became_of_script(scratch: Path, status: int | None) -> dict[str, Any]:
    """Of tests how many there were, and how many passed; other scripts are one."""
    text = (scratch / "err").read_text("utf-8", "replace")
    ran = sum(map(int, _RAN.findall(text)))
    failed = sum(map(int, _FAILED.findall(text)))
    passed = ran - failed if ran else int(status == 0)
    error = None if status == 0 else _last_error(scratch / "err")
    return {"cells": ran or 1, "reached": passed, "error": error}


_ERROR = re.compile(r"(ERROR: |[\w.]*(Error|Exception|Interrupt|Exit)\b)")


def _last_error(*files: Path) -> str | None:
    """The last line of files of output that names an error, or the last one at all."""
    text = "".join(file.read_text("utf-8", "replace") for file in files if file.exists())
    lines = [line for line in _plain_text(text).splitlines() if line.strip()]
    lines = [line for line in lines if not line.startswith("tff-compat: The executed notebook")]
    errors = [line for line in lines if _ERROR.match(line)]
    return _short((errors or lines)[-1]) if lines else None


def _plain_text(text: str) -> str:
    return re.sub(r"\x1b\[[\d;]*m", "", text)


def _short(text: str) -> str:
    first = next(filter(str.strip, _plain_text(text).splitlines()), "").strip()
    first = first.replace(os.path.expanduser("~"), "~")
    return first if len(first) <= 160 else first[:157] + "…"


# --- All of them ----------------------------------------------------------------------------------


class Environments:
    """The environments of the releases, each built once."""

    def __init__(self, path: Path, packages: Sequence[str]) -> None:
        self._path = path
        self._packages = packages
        self._lock = threading.Lock()
        self._built = functools.cache(self._build)

    def python(self, release: Version, packages: set[str]) -> Path:
        """The interpreter of a release's environment, with what can be added of some packages.

        Raises:
          RecipeError: There is no recipe, or it cannot be built.
        """
        with self._lock:
            ours = _FOR_US if release == PRIMARY else ()
            python = self._built(release, (*_ALWAYS, *ours, *self._packages))
            for package in sorted(packages):
                try:
                    self._built(release, (package,))
                except recipes.RecipeError as error:
                    # The program tells, where it needs it.
                    print(f"{release}: no {package}: {str(error).splitlines()[0]}", flush=True)
            return python

    def _build(self, release: Version, packages: tuple[str, ...]) -> Path:
        return recipes.build(
            recipes.recipe(release),
            self._path / str(release),
            extra_requirements=packages,
            progress=lambda line: print(f"  {line}", flush=True),
        )


class Results:
    """What became of each run, kept in a file that is written anew after each."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self.rows: dict[str, dict[str, Any]] = {}
        if path.exists():
            self.rows = json.loads(path.read_text("utf-8"))

    def of(self, subject: Subject, column: str) -> dict[str, Any] | None:
        return self.rows.get(subject.key, {}).get(column)

    def add(self, subject: Subject, column: str, became: Mapping[str, Any]) -> None:
        with self._lock:
            row = self.rows.setdefault(subject.key, {})
            row[column] = dict(became)
            whole_files.write(self._path, json.dumps(self.rows, indent=1, sort_keys=True) + "\n")


def measure(subjects: Sequence[Subject], results: Results, options: argparse.Namespace) -> None:
    """Runs what has no result yet; interrupted, it goes on from there the next time."""
    environments = Environments(options.environments, options.packages)
    todo = [each for each in subjects if each.releases and _open_columns(each, results, options)]
    print(f"{len(subjects)} versions, {len(todo)} to be run", flush=True)
    done = 0

    def one(subject: Subject) -> None:
        nonlocal done
        became: dict[str, Any]
        for column in _open_columns(subject, results, options):
            real = results.of(subject, "real")
            if column != "real" and options.counting and real and real["verdict"] != "complete":
                continue
            # Of its beginning: a long measurement may see our own code change.
            commit = _git(_ROOT, "describe", "--always", "--dirty", "--exclude=*").strip()
            became = {}
            for release in _releases(subject, column, real):
                became = {
                    **_run(subject, column, release, environments, options),
                    "release": str(release),
                }
                if became["verdict"] == "complete":
                    break
            if _ending.is_set():
                return
            now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d")
            results.add(subject, column, {**became, "date": now, "commit": commit})
            place = f"{became['reached']}/{became['cells']} in {became['seconds']} s"
            told = f": {became['error']}" if became["error"] else ""
            print(f"{subject.key} {column}: {became['verdict']} {place}{told}", flush=True)
        done += 1
        print(f"[{done}/{len(todo)}]", flush=True)

    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        try:
            for future in [pool.submit(one, each) for each in todo]:
                future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            _end_runs()
            raise


_running: set[subprocess.Popen[bytes]] = set()
_ending = threading.Event()


def _end_runs() -> None:
    """Ends the processes of the runs under way, which end what they have started."""
    _ending.set()
    for process in list(_running):
        try:
            os.killpg(process.pid, signal.SIGTERM)
        except ProcessLookupError:
            pass


def _open_columns(subject: Subject, results: Results, options: argparse.Namespace) -> list[str]:
    def is_open(column: str) -> bool:
        became = results.of(subject, column)
        return became is None or became["verdict"] in options.again

    return [column for column in options.columns if is_open(column)]


def _releases(subject: Subject, column: str, real: Mapping[str, Any] | None) -> tuple[Version, ...]:
    """The releases to run a subject as of: one; on the real ones the last, where the first fails.

    Some notebooks in a release's tag were ahead of it.
    """
    first, last = subject.releases[0], subject.releases[-1]
    if column != "real":
        return (Version(real["release"]) if real else first,)
    return (first,) if first == last else (first, last)


def _run(
    subject: Subject,
    column: str,
    release: Version,
    environments: Environments,
    options: argparse.Namespace,
) -> dict[str, Any]:
    nothing = {"cells": 1 if subject.script else len(subject.cells), "reached": 0, "seconds": 0}
    try:
        python = environments.python(release if column == "real" else PRIMARY, subject.packages)
    except recipes.RecipeError as error:
        return {**nothing, "verdict": "no environment", "error": _short(str(error))}
    cells = [] if subject.script else list(subject.cells)
    script = None if subject.script is None else os.fspath(subject.script)
    data = os.fspath(options.data.absolute())
    seconds = options.timeout
    job = Job(column, str(release), os.fspath(python), cells, script, seconds, data, subject.files)
    with tempfile.TemporaryDirectory(prefix="tff-conformance-") as scratch:
        asked, answered = Path(scratch, "job.json"), Path(scratch, "became.json")
        asked.write_text(json.dumps(dataclasses.asdict(job)), "utf-8")
        command = [*shlex.split(options.launcher), sys.executable, __file__, "--job", str(asked)]
        with Path(scratch, "log").open("wb") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            _running.add(process)
            process.wait()
            _running.discard(process)
        if not answered.exists():
            told = _last_error(Path(scratch, "log")) or "The process ended."
            return {**nothing, "verdict": "error", "error": told}
        return json.loads(answered.read_text("utf-8"))


# --- The page -------------------------------------------------------------------------------------

_TITLE_OF_NOTEBOOKS = """# The official notebooks

Each distinct version of the tutorials in TFF's tags, as `tools/conformance.py` ran it: on the real
release, by its recipe; as of that release on TFF {installed} by `tff-compat run`; and on plain TFF
{installed}. Each runs from its first cell to its last, in a process of its own, with a limit of
{seconds:g} s; downloads are replaced by made-up data (`--data synthetic`), lines that install
packages are left out. A number is that of the cells that ran to their end, of all that have code.
Only versions that complete on the real release count.
"""

_TITLE_OF_TESTS = """# TFF's tests of its examples and research code

Each distinct version of the tests of TFF's examples and research code in its tags which use the
public API alone, as `tools/conformance.py --tests` ran it: each with the modules of these folders
that it imports, as somebody has them who copied them. Otherwise they are run as
[the official notebooks](conformance.md) are, with a limit of {seconds:g} s. A number is that of the
tests that passed, of all that were run.
Only versions that complete on the real release count.
"""


def page(subjects: Sequence[Subject], absent: Sequence[str], results: Results, options: Any) -> str:
    """The table of all results, and what they come to."""
    kind, title = ("test", _TITLE_OF_TESTS) if options.tests else ("notebook", _TITLE_OF_NOTEBOOKS)
    lines = [title.format(installed=PRIMARY, seconds=options.timeout)]
    rows = {each.key: results.rows[each.key] for each in subjects if each.key in results.rows}
    lines += [*_totals(kind, subjects, absent, rows), ""]
    lines += [f"| {kind} | version | as of | {' | '.join(COLUMNS.values())} |", "|---" * 6 + "|"]
    for subject in subjects:
        row = rows.get(subject.key)
        if row is None:
            continue
        told = " | ".join(_told(row.get(column)) for column in COLUMNS)
        version = f"{subject.version[1:]}"
        release = next(iter(row.values()))["release"]
        lines.append(f"| {subject.name} | {version} | {release} | {told} |")
    lines += _not_run(subjects, absent, rows)
    return "\n".join(lines) + "\n"


def _not_run(
    subjects: Sequence[Subject], absent: Sequence[str], rows: Mapping[str, Any]
) -> Iterator[str]:
    """What the table has nothing of, by notebook."""
    open_ones = [each.key for each in subjects if each.releases and each.key not in rows]
    for title, keys in (("Not run yet", open_ones), ("Not in the clone that was used", absent)):
        by_name: dict[str, list[str]] = {}
        for key in keys:
            name, _, version = key.partition("@v")
            by_name.setdefault(name, []).append(version)
        if by_name:
            lines = [f"* {name}: {', '.join(versions)}" for name, versions in by_name.items()]
            yield from ("", f"## {title}", "", *lines)


def _totals(
    kind: str,
    subjects: Sequence[Subject],
    absent: Sequence[str],
    rows: Mapping[str, Mapping[str, Any]],
) -> Iterator[str]:
    def complete(row: Mapping[str, Any], column: str) -> bool:
        return column in row and row[column]["verdict"] == "complete"

    counting = {key: row for key, row in rows.items() if complete(row, "real")}
    ours = [key for key, row in counting.items() if complete(row, "run")]
    compared = [key for key, row in counting.items() if "run" in row]
    runs = [became for row in rows.values() for became in row.values()]
    dates = sorted({became["date"] for became in runs})
    commits = sorted({row["run"]["commit"] for row in rows.values() if "run" in row})
    unpublished = sum(not each.releases for each in subjects)
    names = len({each.name for each in subjects})
    lacked = f" (and files of {len(absent)} more that the clone lacked)" if absent else ""
    yield f"* There are {len(subjects)} versions of {names} {kind}s{lacked};"
    yield f"  {unpublished} of them are of no published release."
    published = len(subjects) - unpublished
    yield f"* **{len(rows)} of the other {published} were run so far** on the real release;"
    yield f"  {len(counting)} of these completed."
    share = f"{len(ours) / len(compared):.1%}" if compared else "none"
    yield f"* **Through us {len(ours)} of {len(compared)} of these complete: {share}.**"
    plain = [row for row in counting.values() if "plain" in row]
    done = sum(complete(row, "plain") for row in plain)
    yield f"* On plain TFF {PRIMARY} {done} of {len(plain)} complete."
    if runs:
        days = " to ".join(sorted({dates[0], dates[-1]}))
        yield f"* Run {days}, at commit {', '.join(commits)}."
    for title, key in (("real", "that fail on the real release"), ("run", "that fail through us")):
        counted = collections.Counter(
            row[title]["verdict"] for row in (rows if title == "real" else counting).values()
            if title in row and row[title]["verdict"] != "complete"
        )  # fmt: skip
        if counted:
            listed = ", ".join(f"{count} {verdict}" for verdict, count in counted.most_common())
            yield f"* Of those {key}: {listed}."


def _told(became: Mapping[str, Any] | None) -> str:
    if became is None:
        return "not run"
    if became["verdict"] == "complete":
        return f"complete ({became['cells']})"
    error = (became["error"] or "").replace("|", "\\|").replace("`", "'")
    told = f"{became['reached']} of {became['cells']}"
    if became["verdict"] != "error":
        told += f", {became['verdict']}"
    return f"{told}: `{error}`" if error else told


# --- The command ----------------------------------------------------------------------------------


def _selected(subjects: Sequence[Subject], patterns: Sequence[str]) -> list[Subject]:
    """Those that patterns name, such as "federated_select" or "*@v0.9.0", in their order."""
    if not patterns:
        return list(subjects)
    found: dict[str, Subject] = {}
    for pattern in patterns:
        whole = pattern if "@" in pattern else f"{pattern}@*"
        matching = [each for each in subjects if fnmatch.fnmatch(each.key, whole)]
        if not matching:
            raise ConformanceError(f"{pattern} names nothing.")
        found.update((each.key, each) for each in matching)
    return list(found.values())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--tff-repo", type=Path, metavar="PATH", help="a clone of TFF with its tags")
    what.add_argument("--programs", type=Path, metavar="FOLDER", help="programs instead")
    what.add_argument("--job", type=Path, help=argparse.SUPPRESS)
    parser.add_argument(
        "--tests", action="store_true", help="with --tff-repo: its tests of examples and research"
    )
    parser.add_argument("--as-of", type=Version, metavar="RELEASE", help="of all programs")
    parser.add_argument("--only", nargs="+", default=[], metavar="PATTERN", help="NAME[@VERSION]")
    parser.add_argument("--columns", nargs="+", choices=COLUMNS, default=list(COLUMNS))
    parser.add_argument(
        "--counting", action="store_true", help="through us only what completes on the real release"
    )
    parser.add_argument("--again", nargs="+", default=[], metavar="VERDICT", help="run these again")
    parser.add_argument("--jobs", type=int, default=1, help="so many processes at once")
    parser.add_argument("--timeout", type=float, default=900, help="seconds for each run")
    parser.add_argument("--with", dest="packages", nargs="+", default=[], metavar="PACKAGE")
    parser.add_argument("--launcher", default="", help='what starts each run, such as "nice"')
    work = _ROOT / ".tox" / "conformance"
    parser.add_argument("--environments", type=Path, default=_ROOT / ".tox" / "releases")
    parser.add_argument("--results", type=Path, help="docs/conformance.json, of tests another")
    parser.add_argument("--data", type=Path, default=work / "data", help="for the made-up data")
    parser.add_argument("--table", type=Path, metavar="FILE.md", help="write the page")
    parser.add_argument("--no-runs", action="store_true", help="only list, or write the page")
    return parser


def _do_job(path: Path) -> int:
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    job = Job(**json.loads(path.read_text("utf-8")))
    whole_files.write(path.with_name("became.json"), json.dumps(carry_out(job, path.parent)))
    return 0


def main(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    if options.job is not None:
        return _do_job(options.job)
    # So that the runs under way end with us when somebody terminates us.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        absent: list[str] = []
        if options.tff_repo is not None:
            taken = tests if options.tests else tutorials
            subjects, absent = taken(options.tff_repo)
        else:
            subjects = folder(options.programs, options.as_of)
        chosen = _selected(subjects, options.only)
    except ConformanceError as error:
        print(error, file=sys.stderr)
        return 1
    if options.results is None:
        name = "conformance-tests.json" if options.tests else "conformance.json"
        options.results = _ROOT / "docs" / name
    options.results.parent.mkdir(parents=True, exist_ok=True)
    results = Results(options.results)
    if not options.no_runs:
        measure(chosen, results, options)
    elif options.table is None:
        for each in chosen:
            what = "files" if each.files else "cells"
            print(each.key, *each.releases[:1], f"({len(each.cells)} {what})")
    if options.table is not None:
        whole_files.write(options.table, page(subjects, absent, results, options))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
