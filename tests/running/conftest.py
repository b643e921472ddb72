"""A fake TensorFlow Federated, and a way to run programs on it whose output never blocks."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

_METADATA = "Metadata-Version: 2.1\nName: tensorflow-federated\nVersion: {release}\n"


# There is no Keras here and no runtime that could be prepared.
_UNPREPARED = "from tff_compat import activation\nactivation._prepare = lambda release: None\n"


@dataclasses.dataclass
class Fake:
    """A folder for PYTHONPATH with a TFF that only has a name, a version and what tests add."""

    folder: Path

    def release(self, release: str) -> None:
        (info,) = self.folder.glob("tensorflow_federated-*.dist-info")
        (info / "METADATA").write_text(_METADATA.format(release=release))

    def code(self, source: str) -> None:
        """What importing this TFF does."""
        (self.folder / "tensorflow_federated" / "__init__.py").write_text(
            _UNPREPARED + textwrap.dedent(source)
        )


@pytest.fixture
def fake_tff(tmp_path: Path) -> Fake:
    folder = tmp_path / "fake"
    for name in ("tensorflow_federated", "tensorflow"):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").touch()
    (folder / "tensorflow_federated-0.87.0.dist-info").mkdir()
    fake = Fake(folder)
    fake.release("0.87.0")
    fake.code("")
    return fake


def _heed_signals() -> None:
    # Tests that run in the background are started with interrupts ignored, which is inherited.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@dataclasses.dataclass
class Ended:
    status: int
    out: str
    err: str


@dataclasses.dataclass
class Runner:
    """Starts `tff-compat run` on programs in a folder of its own."""

    folder: Path
    environment: dict[str, str]
    interpreter_options: tuple[str, ...] = ()

    def write(self, name: str, source: str) -> str:
        (self.folder / name).write_text(textwrap.dedent(source))
        return name

    def start(self, *arguments: str, stdin: str = "") -> subprocess.Popen[bytes]:
        (self.folder / "stdin").write_text(stdin)
        command = [sys.executable, *self.interpreter_options, "-m", "tff_compat", "run"]
        # Files, not pipes: a process that is left behind would hold a pipe open.
        with (
            (self.folder / "out").open("wb") as out,
            (self.folder / "err").open("wb") as err,
            (self.folder / "stdin").open("rb") as given,
        ):
            return subprocess.Popen(
                [*command, *arguments],
                stdin=given,
                stdout=out,
                stderr=err,
                cwd=self.folder,
                env=self.environment,
                preexec_fn=_heed_signals,
            )

    def wait(self, process: subprocess.Popen[bytes]) -> Ended:
        try:
            status = process.wait(timeout=120)
        finally:
            process.kill()
        out, err = ((self.folder / name).read_text() for name in ("out", "err"))
        return Ended(status, out, err)

    def __call__(self, *arguments: str, stdin: str = "") -> Ended:
        return self.wait(self.start(*arguments, stdin=stdin))


@pytest.fixture
def run(tmp_path: Path, fake_tff: Fake) -> Runner:
    folder = tmp_path / "work"
    folder.mkdir()
    path = [str(fake_tff.folder), os.environ.get("PYTHONPATH", "")]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, path)),
        "COLUMNS": "80",
    }
    environment.pop("PYTHONWARNINGS", None)
    return Runner(folder, environment)


@pytest.fixture
def is_alive(tmp_path: Path) -> Iterator[object]:
    """Whether the process that wrote its number into a file lives; ended by the test at the end."""
    seen: list[int] = []

    def check(file: Path) -> bool:
        deadline = time.monotonic() + 30
        while not (file.exists() and file.read_text().strip()):
            assert time.monotonic() < deadline, f"{file} was never written"
            time.sleep(0.02)
        pid = int(file.read_text())
        seen.append(pid)
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        # In a container nobody may wait for orphans: a zombie is not alive.
        stat = Path(f"/proc/{pid}/stat")
        return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] not in "ZX"

    yield check
    for pid in seen:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
