"""One run: the environment variables that carry it, and the reports its processes leave."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tff_compat.running.interpreter import Interpreter

_PACKAGE = Path(__file__).resolve().parent.parent
STARTUP = Path(__file__).resolve().parent / "startup"
"""The folder whose `sitecustomize` starts a run inside the program's interpreter."""


@dataclasses.dataclass(frozen=True)
class LegacyCall:
    """One place of a program that used a legacy form, over all processes of a run.

    Attributes:
      symbol: Public path of the symbol, such as "tff.learning.from_keras_model".
      release: The last release that had this form.
      replacement: What to write instead.
      filename: The file of the call; the notebook's for a call in a notebook.
      cell: The number of the notebook's cell, as in `In [3]`; None elsewhere.
      lineno: The line in the file or cell.
      count: How often it was reached.
    """

    symbol: str
    release: str
    replacement: str
    filename: str
    cell: int | None
    lineno: int
    count: int


@dataclasses.dataclass(frozen=True)
class Report:
    """What the processes of a run reported.

    Attributes:
      calls: The legacy calls, in the order in which they were first made.
      installed: The TFF release that the program ran on; None where it never imported TFF.
      failed: Whether a process of the program could not import TFF.
      missing: Modules that were not found, which ended a process of the program.
    """

    calls: tuple[LegacyCall, ...]
    installed: str | None
    failed: bool
    missing: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Session:
    """A run that has begun: its release and the folder that its processes report to.

    With `made_up_data`, known downloads of data are replaced (`startup/_tff_compat_downloads.py`).
    """

    as_of: str
    folder: Path
    warnings: tuple[str, ...] = ()
    tensorflow_log: bool = False
    traced: bool = False
    made_up_data: bool = False

    def environment(self, interpreter: Interpreter) -> dict[str, str]:
        """The environment variables for the program's process, run by an interpreter."""
        environment = dict(os.environ)
        previous = environment.get("PYTHONPATH")
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(STARTUP), previous]))
        environment["TFF_COMPAT_PREFIX"] = interpreter.prefix
        environment["TFF_COMPAT_PACKAGE"] = str(_PACKAGE)
        environment["TFF_COMPAT_AS_OF"] = self.as_of
        environment["TFF_COMPAT_REPORTS"] = str(self.folder)
        # Python calls a filter for our class invalid: it cannot import us when it reads them.
        options = [*sys.warnoptions, *self.warnings]
        environment["PYTHONWARNINGS"] = ",".join(o for o in options if "tff_compat" not in o)
        environment["TFF_COMPAT_WARNINGS"] = ",".join(o for o in options if "tff_compat" in o)
        if not self.tensorflow_log:
            # What TensorFlow says of the machine when it starts is no news of the program.
            environment.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        if self.traced:
            environment["TFF_COMPAT_TRACE"] = "1"
        if self.made_up_data:
            environment["TFF_COMPAT_SYNTHETIC_DATA"] = str(self.folder / "data")
        if interpreter.cached:
            # A program's own `python` and `pip` are then those that it is run with.
            folders = [
                str(Path(interpreter.executable).parent),
                environment.get("PATH", os.defpath),
            ]
            environment["PATH"] = os.pathsep.join(folders)
            environment["VIRTUAL_ENV"] = interpreter.prefix
            environment["PIP_CONSTRAINT"] = str(interpreter.constraints)
        return environment

    @property
    def kernel_arguments(self) -> Sequence[str]:
        """What the kernel of a notebook is started with besides."""
        return ("--ext=tff_compat.running.kernel",)

    def report(self, notebook: str | None = None) -> Report:
        """Merges what the processes of the run have reported so far.

        Args:
          notebook: Path of the notebook that was run, whose cells appear in the reports as
            temporary files.
        """
        found: dict[tuple[object, ...], LegacyCall] = {}
        installed = None
        cells = self.cells()
        for path in sorted(self.folder.glob("calls-*.json"), key=lambda each: each.stat().st_ctime):
            data = json.loads(path.read_text("utf-8"))
            installed = data["installed"]
            # A fork has the places of its parent, and those not reached in it count nothing.
            for entry in filter(lambda each: each["count"], data["calls"]):
                filename, cell = entry["filename"], cells.get(entry["filename"])
                if cell is not None and notebook is not None:
                    filename = notebook
                call = LegacyCall(
                    symbol=entry["symbol"],
                    release=entry["release"],
                    replacement=entry["replacement"],
                    filename=filename,
                    cell=cell,
                    lineno=entry["lineno"],
                    count=entry["count"],
                )
                key = (call.symbol, filename, cell, call.lineno, call.replacement)
                if key in found:
                    call = dataclasses.replace(call, count=call.count + found[key].count)
                found[key] = call
        failed = any(self.folder.glob("failed-*"))
        missing = {path.read_text("utf-8") for path in self.folder.glob("missing-*")}
        return Report(tuple(found.values()), installed, failed, tuple(sorted(missing)))

    def cells(self) -> dict[str, int]:
        """The numbers of the notebook's cells, by the files that their code seemed to come from."""
        cells: dict[str, int] = {}
        for path in self.folder.glob("cells-*.json"):
            cells.update(json.loads(path.read_text("utf-8")))
        return cells


@contextlib.contextmanager
def session(
    as_of: str,
    warnings: Sequence[str] = (),
    tensorflow_log: bool = False,
    traced: bool = False,
    made_up_data: bool = False,
) -> Iterator[Session]:
    """A session whose folder is removed at the end."""
    with tempfile.TemporaryDirectory(prefix="tff-compat-") as folder:
        yield Session(as_of, Path(folder), tuple(warnings), tensorflow_log, traced, made_up_data)
