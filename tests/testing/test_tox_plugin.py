"""Checks tox environments that are named after a release, with packages made for the purpose."""

from __future__ import annotations

import dataclasses
import importlib.util
import os
import pathlib
import subprocess
import sys
import textwrap
import zipfile

import pytest

pytest.importorskip("tox")

_PYTHON = f"py{sys.version_info[0]}{sys.version_info[1]}"
_TOX_UV = importlib.util.find_spec("tox_uv") is not None

_PYTEST = """
import os, sys
def main():
    import tensorflow, tensorflow_federated
    print("pytest", sys.argv[1:], "as of", os.environ.get("TFF_COMPAT_PYTEST_AS_OF"))
    print("TFF", tensorflow_federated.version, "TensorFlow", tensorflow.version)
"""


def _wheel(folder: pathlib.Path, name: str, version: str, source: str, metadata: str = "") -> None:
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": source + f"\nversion = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{metadata}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": "[console_scripts]\npytest = pytest:main\n"
        if name == "pytest"
        else "",
    }
    files[f"{info}/RECORD"] = "".join(f"{each},,\n" for each in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)


@dataclasses.dataclass
class Project:
    folder: pathlib.Path
    environment: dict[str, str]

    def configure(self, text: str, runner: str = "") -> None:
        text = textwrap.dedent(text)
        if runner:
            text = text.replace("[testenv]\n", f"[testenv]\nrunner = {runner}\n")
        (self.folder / "tox.ini").write_text(text)

    def __call__(self, *arguments: str, **environment: str) -> tuple[int, str]:
        out = self.folder / "out"
        with out.open("wb") as file:
            status = subprocess.run(
                [sys.executable, "-m", "tox", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env={**self.environment, **environment},
                timeout=120,
            ).returncode
        return status, out.read_text()


@pytest.fixture
def project(tmp_path: pathlib.Path) -> Project:
    links = tmp_path / "links"
    links.mkdir()
    for version in ("0.87.0", "0.86.0", "0.13.1"):
        _wheel(links, "tensorflow_federated", version, "", "Requires-Dist: tensorflow\n")
    for version in ("2.14.0", "2.14.1", "2.16.0"):
        _wheel(links, "tensorflow", version, "")
    for version in ("1.15.0", "1.17.0"):
        # A package that no recipe pins.
        _wheel(links, "unpinned", version, "")
    _wheel(links, "pytest", "7.4.4", _PYTEST)
    folder = tmp_path / "project"
    folder.mkdir()
    # tox finds the plugin here where it is not installed.
    (folder / "toxfile.py").write_text(
        "import importlib.metadata\n"
        "if not any(each.value == 'tff_compat.testing.tox_plugin' for found in\n"
        "           importlib.metadata.distributions(name='tff-compat')\n"
        "           for each in found.entry_points):\n"
        "    from tff_compat.testing.tox_plugin import *\n"
    )
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TOX_", "UV_", "PYTEST_", "TFF_COMPAT_"))
    }
    environment |= {"UV_FIND_LINKS": str(links), "UV_NO_INDEX": "1", "UV_OFFLINE": "1"}
    environment["UV_CACHE_DIR"] = str(tmp_path / "cache")
    return Project(folder, environment)


@pytest.mark.parametrize(
    "runner",
    [
        pytest.param(
            "uv-venv-runner", marks=pytest.mark.skipif(not _TOX_UV, reason="needs tox-uv")
        ),
        "virtualenv",
    ],
)
def test_release_of_the_name(project, runner):
    project.configure(
        f"""
        [tox]
        env_list = {_PYTHON}-tff0.87
        [testenv]
        tff_as_of = 0.87        ; optional: run the suite as of that release
        deps = unpinned
            tensorflow-federated==0.13.1
        set_env = UV_CONSTRAINT = {{tox_root}}/old.txt
        commands = pytest {{posargs}}
            python -c "import unpinned; print('unpinned', unpinned.version)"
        """,
        runner,
    )
    (project.folder / "old.txt").write_text("unpinned<1.16\n")
    status, out = project("--", "-k", "mine")
    assert status == 0, out
    assert "pytest ['-k', 'mine'] as of 0.87" in out
    # The recipe's TensorFlow, and the release of the name whatever the project pins.
    assert "TFF 0.87.0 TensorFlow 2.14.1" in out
    # What the project says itself is heeded as well.
    assert "unpinned 1.15.0" in out
    assert "tff-compat==" not in out
    status, out = project()
    assert status == 0, out
    assert "install_" not in out
    info = project.folder / ".tox" / f"{_PYTHON}-tff0.87" / ".tox-info.json"
    info.write_text(info.read_text().replace('"recipe": "', '"recipe": "another'))
    status, out = project()
    assert status == 0, out
    assert "the recipe of TFF 0.87.0 has changed" in out


def test_other_environments_are_left_alone(project):
    project.configure(
        """
        [testenv]
        tff_as_of = 0.13
        commands = python -c "import os; print('as of', os.environ.get('TFF_COMPAT_PYTEST_AS_OF'))"
        [testenv:record-tff0.87]
        tff_release =
        """
    )
    status, out = project("run", "-e", f"{_PYTHON},record-tff0.87")
    assert status == 0, out
    assert out.count("as of None") == 2
    assert "install_" not in out


def test_release_without_a_factor(project):
    project.configure(
        f"""
        [testenv:old]
        base_python = {sys.executable}
        tff_release = 0.86
        commands = pytest
        """
    )
    status, out = project("run", "-e", "old")
    assert status == 0, out
    assert "TFF 0.86.0 TensorFlow 2.14.1" in out
    assert "as of None" in out


@pytest.mark.parametrize(
    ("name", "as_of", "message"),
    [
        ("tff0.86", "0.87", "tff_as_of = 0.87.0 is newer than TFF 0.86.0 of this environment"),
        (
            "tff0.8",
            "",
            "TFF 0.8 is a tag of TFF's repository that was never published as a package;",
        ),
        (
            "tff0.87",
            "0.8",
            "TFF 0.8 is a tag of TFF's repository that was never published as a package;",
        ),
    ],
)
def test_errors(project, name, as_of, message):
    project.configure(
        f"""
        [tox]
        env_list = {_PYTHON}-{name}
        [testenv]
        tff_as_of = {as_of}
        commands = pytest
        """
    )
    status, out = project()
    assert status == 1, out
    assert message in out
    assert "Traceback" not in out
    # tox can still list its environments.
    status, out = project("list")
    assert status == 0, out


def test_python_too_old_for_us():
    from tff_compat.testing import environments

    environment = environments.environment("0.13", "0.12")
    assert environment.problem((3, 9)) == ""
    problem = environment.problem((3, 7))
    assert "needs Python 3.9 or newer" in problem
    assert "`tff_as_of = !tff0.13: 0.12.0`" in problem
    assert environments.environment("0.13", "0.13.1").problem((3, 7)) == ""
    assert environments.environment("0.13", "").problem((3, 7)) == ""


def test_installs_ourselves_only_where_needed():
    from tff_compat.testing import environments

    def asks_for_us(release, as_of):
        wanted = environments.environment(release, as_of).requirements(())
        return any(each.startswith("tff-compat") for each in wanted)

    assert not asks_for_us("0.87", "")
    assert not asks_for_us("0.87", "0.87")


def test_names_of_the_projects_own_choice_win():
    from tff_compat.testing import environments

    environment = environments.environment("0.13", "")
    assert "pytest" in environment.requirements(())
    assert "pytest" not in environment.requirements({"pytest"})


@pytest.mark.parametrize(
    ("base_python", "version"),
    [("py37", (3, 7)), ("py3.11", (3, 11)), ("python3.8", (3, 8)), ("3.12", (3, 12)), ("py", ())],
)
def test_version_of(base_python, version):
    from tff_compat.testing import environments

    assert environments.version_of(base_python) == version
    assert environments.version_of(sys.executable) == sys.version_info[:2]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how a process was started")
def test_what_commands_leave_behind_is_ended(project):
    project.configure(
        f"""
        [tox]
        env_list = {_PYTHON}-tff0.87
        [testenv]
        commands = python leave.py
        """
    )
    (project.folder / "leave.py").write_text(
        "import subprocess\n"
        "process = subprocess.Popen(['sleep', '100'], start_new_session=True)\n"
        "open('pid', 'w').write(str(process.pid))\n"
    )
    status, out = project()
    assert status == 0, out
    state = pathlib.Path("/proc", (project.folder / "pid").read_text(), "stat")
    assert not state.exists() or state.read_text().rpartition(")")[2].split()[0] in "ZX"
