"""A suite that uses a fake TensorFlow Federated, run by pytest in a process of its own."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

_METADATA = "Metadata-Version: 2.1\nName: tensorflow-federated\nVersion: {release}\n"

# In a package that counts as a library, so that a legacy call's place is its caller's line.
_LEGACY = """
from packaging.version import Version
from tff_compat import deprecation

def __getattr__(name):
    def call():
        deprecation.warn_legacy(
            "tff." + name, last_release=Version("0.12.0"), template="tff.new_" + name + "()"
        )
    return call
"""

# There is no Keras here and no runtime that could be prepared.
_UNPREPARED = "from tff_compat import activation\nactivation._prepare = lambda release: None\n"

_PLUGINS = [
    each.value
    for distribution in importlib.metadata.distributions(name="tff-compat")
    for each in distribution.entry_points
    if each.group == "pytest11"
]
# Where the tests run on the sources, without an installation, nothing announces the plugin.
_PLUGIN = () if _PLUGINS else ("-p", "tff_compat.testing.pytest_plugin")


@dataclasses.dataclass
class Ended:
    status: int
    out: str

    def __contains__(self, text: str) -> bool:
        return text in self.out


@dataclasses.dataclass
class Suite:
    """A folder with a test suite, and a fake TFF beside it."""

    folder: Path
    libraries: Path
    environment: dict[str, str]

    def write(self, name: str, source: str) -> Path:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(source))
        return file

    def install(self, release: str | None) -> None:
        for info in self.libraries.glob("tensorflow_federated-*.dist-info"):
            (info / "METADATA").unlink()
            info.rmdir()
        if release is not None:
            info = self.libraries / f"tensorflow_federated-{release}.dist-info"
            info.mkdir()
            (info / "METADATA").write_text(_METADATA.format(release=release))

    def read(self, name: str) -> dict:
        return json.loads((self.folder / name).read_text())

    def __call__(self, *arguments: str, python: tuple[str, ...] = (), **environment: str) -> Ended:
        # A file, not a pipe: a process that is left behind would hold a pipe open.
        out = self.folder.parent / "out"
        with out.open("wb") as file:
            status = subprocess.run(
                [sys.executable, *python, "-m", "pytest", *_PLUGIN, "--color=no", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env={**self.environment, **environment},
                timeout=300,
            ).returncode
        return Ended(status, out.read_text())


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    libraries = tmp_path / "site-packages"
    for name in ("tensorflow_federated", "tensorflow", "tf_keras"):
        (libraries / name).mkdir(parents=True)
        (libraries / name / "__init__.py").touch()
    (libraries / "tensorflow_federated" / "__init__.py").write_text(_UNPREPARED)
    (libraries / "tf_keras" / "legacy.py").write_text(_LEGACY)
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "pytest.ini").write_text("[pytest]\n")
    path = [str(libraries), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, path))}
    for name in list(environment):
        if name.startswith(("PYTEST_", "TFF_COMPAT_", "PYTHONWARNINGS")):
            del environment[name]
    # Files of one size that are written twice in a second look the same to the cache.
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    made = Suite(folder, libraries, environment)
    made.install("0.87.0")
    return made
