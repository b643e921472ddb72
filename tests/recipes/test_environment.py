"""Checks how environments are built, with an executable in the place of `uv`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from tff_compat.recipes import Mend, RecipeError, build, environment, recipe, write_files

# Writes down how it was called, and does what build() relies on.
_FAKE_UV = """#!{python}
import json, os, pathlib, sys, time
arguments = sys.argv[1:]
variables = [name for name in os.environ if name.startswith("UV_")]
record = {{"arguments": arguments, "files": {{}}, "set": variables}}
for option, value in zip(arguments, arguments[1:]):
    if option in ("--constraint", "--override", "-r"):
        record["files"][option] = pathlib.Path(value).read_text().splitlines()
with open({log!r}, "a") as log:
    log.write(json.dumps(record) + "\\n")
behaviour = json.loads(pathlib.Path({behaviour!r}).read_text())
asked = " ".join(arguments[:2]) + (" --dry-run" if "--dry-run" in arguments else "")
names = [asked, " ".join(arguments[:2]), arguments[0]]
answer = next((behaviour[name] for name in names if name in behaviour), {{}})
print(answer.get("prints", ""), flush=True)
print(answer.get("complains", ""), file=sys.stderr)
if answer.get("fails"):
    sys.exit(2)
if "waits" in answer:
    pathlib.Path(answer["waits"]).write_text(str(os.getpid()))
    time.sleep(600)
if arguments[0] == "venv":
    python = pathlib.Path(arguments[-1], "bin", "python")
    python.parent.mkdir(parents=True)
    python.write_text("")
    version = behaviour.get("version", "")
    python.parent.parent.joinpath("pyvenv.cfg").write_text(f"version_info = {{version}}.4\\n")
"""


class FakeUv:
    """The executable that stands in for `uv`, and what it was asked."""

    def __init__(self, folder: Path) -> None:
        self.executable = folder / "uv"
        self._log = folder / "log"
        self._behaviour = folder / "behaviour"
        self.behave({"python find": {"prints": "/opt/python/bin/python"}})
        self.executable.write_text(
            _FAKE_UV.format(
                python=sys.executable, log=str(self._log), behaviour=str(self._behaviour)
            )
        )
        self.executable.chmod(0o755)

    def behave(self, behaviour: dict) -> None:
        self._behaviour.write_text(json.dumps(behaviour))

    @property
    def calls(self) -> list[dict]:
        if not self._log.exists():
            return []
        return [json.loads(line) for line in self._log.read_text().splitlines()]

    @property
    def commands(self) -> list[str]:
        return [" ".join(call["arguments"][:2]).split(" --")[0] for call in self.calls]


@pytest.fixture
def uv(tmp_path, monkeypatch) -> FakeUv:
    folder = tmp_path / "uv"
    folder.mkdir()
    fake = FakeUv(folder)
    monkeypatch.setattr(environment, "_find_uv", lambda: str(fake.executable))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    return fake


def _ignore(line: str) -> None:
    pass


def test_the_commands_follow_the_recipe(uv, tmp_path):
    path = tmp_path / "environment"
    python = build(recipe("0.5.0"), path, extra_requirements=["nbclient"], progress=_ignore)
    assert python == path / "bin" / "python"
    find, venv, install, extras = uv.calls
    assert find["arguments"][:2] == ["python", "find"] and find["arguments"][-1] == "3.7"
    assert venv["arguments"][0] == "venv" and venv["arguments"][-1] == str(path)
    assert "/opt/python/bin/python" in venv["arguments"]
    pins = list(recipe("0.5.0").pins)
    assert install["arguments"][:2] == ["pip", "install"] and "--no-deps" in install["arguments"]
    assert str(python) in install["arguments"]
    assert install["files"] == {"-r": pins} and install["arguments"][-1] == "pip"
    assert extras["arguments"][:2] == ["pip", "install"]
    assert extras["arguments"][-1] == "nbclient" and "--no-deps" not in extras["arguments"]
    assert extras["files"]["--constraint"] == pins
    assert extras["files"]["--override"] == [
        "tensorflow-federated==0.5.0", "tensorflow==1.14.0", 'tf-nightly; python_version<"0"',
    ]  # fmt: skip


@pytest.mark.parametrize("version", ["3.9", "3.10"])
def test_pins_are_for_the_python_of_the_recipe(uv, tmp_path, version):
    uv.behave({"python find": {"prints": "/opt/python/bin/python"}, "version": version})
    lines: list[str] = []
    path = tmp_path / "environment"
    build(recipe("0.63.0"), path, python="/my/python", progress=lines.append)
    install = uv.calls[-1]
    if version == "3.9":
        assert install["files"] == {"-r": list(recipe("0.63.0").pins)}
    else:
        exact = ["tensorflow-federated==0.63.0", "tensorflow==2.13.1"]
        assert install["files"]["--constraint"] == [
            *exact, "setuptools<80.9", "jupyterlab<4.5",
        ]  # fmt: skip
        assert install["files"]["--override"] == [*exact, "jax==0.4.13", "jaxlib==0.4.13"]
        assert install["arguments"][-2:] == ["tensorflow-federated==0.63.0", "pip"]
    assert any("for Python 3.9; for 3.10" in line for line in lines) == (version == "3.10")


def test_the_files_for_uv(tmp_path):
    folder = tmp_path / "new" / "folder"
    files = write_files(recipe("0.64.0"), folder)
    exact = ["tensorflow-federated==0.64.0", "tensorflow==2.14.1"]
    overrides = [*exact, "jax==0.4.13", "jaxlib==0.4.13"]
    pins = list(recipe("0.64.0").pins)
    assert files.constraints.read_text().splitlines() == [*pins, "ipython<8.19", "jupyterlab<4.5"]
    assert files.overrides.read_text().splitlines() == overrides
    assert write_files(recipe("0.64.0"), folder, python="3.10") == files
    own = ["pyarrow<26", "setuptools<80.9", "ipython<8.19"]
    assert files.constraints.read_text().splitlines() == [*exact, *own, "jupyterlab<4.5"]
    assert files.overrides.read_text().splitlines() == overrides
    assert sorted(folder.iterdir()) == [files.constraints, files.overrides]


def test_a_second_build_uses_what_is_there(uv, tmp_path):
    build(recipe("0.61.0"), tmp_path / "environment", progress=_ignore)
    before = len(uv.calls)
    build(recipe("0.61.0"), tmp_path / "environment", progress=_ignore)
    assert len(uv.calls) == before


@pytest.mark.parametrize("change", ["interrupted", "other release"])
def test_what_does_not_fit_is_built_again(uv, tmp_path, change):
    path = tmp_path / "environment"
    build(recipe("0.61.0"), path, progress=_ignore)
    (path / "old").touch()
    if change == "interrupted":
        (path / environment._MARKER).unlink()
    build(
        recipe("0.63.0" if change == "other release" else "0.61.0"),
        path,
        progress=_ignore,
    )
    assert [call["arguments"][0] for call in uv.calls].count("venv") == 2
    assert not (path / "old").exists()


def test_what_is_lacking_is_added_and_what_is_there_stays(uv, tmp_path):
    path = tmp_path / "environment"
    build(recipe("0.61.0"), path, extra_requirements=["nbclient"], progress=_ignore)
    before = len(uv.calls)
    build(recipe("0.61.0"), path, progress=_ignore)
    assert len(uv.calls) == before
    build(recipe("0.61.0"), path, extra_requirements=["six", "nbclient"], progress=_ignore)
    tried, added = (call["arguments"] for call in uv.calls[before:])
    assert "--dry-run" in tried and added[-1] == "six" and "nbclient" not in added
    build(recipe("0.61.0"), path, extra_requirements=["nbclient", "six"], progress=_ignore)
    assert len(uv.calls) == before + 2


def test_what_conflicts_is_refused_with_the_reason_and_the_environment_stays(uv, tmp_path):
    path = tmp_path / "environment"
    build(recipe("0.61.0"), path, progress=_ignore)
    said = "No solution found when resolving dependencies:\nBecause you require numpy>=2"
    uv.behave({"pip install --dry-run": {"fails": True, "complains": said}})
    with pytest.raises(RecipeError, match=r"(?s)^numpy>=2 cannot stand beside.*you require") as it:
        build(recipe("0.61.0"), path, extra_requirements=["numpy>=2"], progress=_ignore)
    assert "0.61.0" in str(it.value).splitlines()[0]
    assert environment.status(recipe("0.61.0"), path) == "ready"


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        ("hint: Packages were unavailable because the network was disabled.", "offline"),
        ("error: failed to write: No space left on device (os error 28)", "no space left"),
        (
            "error: Failed to initialize cache at `/h/.cache/uv`\n  Caused by: failed to create "
            "directory `/h/.cache/uv`: Read-only file system (os error 30)",
            "UV_CACHE_DIR",
        ),
        (
            "error: Failed to fetch: `x`\n  Caused by: client error (Connect)\n  Caused by: dns "
            "error: failed to lookup address information",
            "offline",
        ),
    ],
)
@pytest.mark.parametrize("command", ["venv", "pip install"])
def test_the_cause_comes_first(uv, tmp_path, said, cause, command):
    uv.behave(
        {
            "python find": {"prints": "/opt/python/bin/python"},
            command: {"fails": True, "complains": said},
        }
    )
    lines: list[str] = []
    with pytest.raises(RecipeError) as raised:
        build(recipe("0.61.0"), tmp_path / "environment", progress=lines.append)
    assert not any("error" in line for line in lines)
    first, *rest = str(raised.value).splitlines()
    assert cause in first and said.splitlines()[-1].strip() in rest[-1]


def test_a_cache_that_cannot_be_made_is_told(uv, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RecipeError, match="XDG_CACHE_HOME"):
        build(recipe("0.61.0"), tmp_path / "file" / "environment", progress=_ignore)


@pytest.mark.parametrize("where", ["venv", "pip install"])
@pytest.mark.skipif(sys.platform != "linux", reason="the stand-in of uv tells its process there")
def test_a_uv_that_is_killed_is_told_and_the_next_build_repairs(uv, tmp_path, where):
    found = {"prints": "/opt/python/bin/python"}
    running, path = tmp_path / "running", tmp_path / "environment"
    uv.behave({"python find": found, where: {"waits": str(running)}})

    def kill() -> None:
        _wait_for(lambda: running.exists() and running.read_text() != "")
        os.kill(int(running.read_text()), signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(RecipeError, match="^uv was ended from outside"):
        build(recipe("0.61.0"), path, progress=_ignore)
    killer.join()
    uv.behave({"python find": found})
    build(recipe("0.61.0"), path, progress=_ignore)
    assert environment.status(recipe("0.61.0"), path) == "ready"


_BUILD = """
import signal, sys
# A job in the background of a shell ignores it, and so would its children.
signal.signal(signal.SIGINT, signal.default_int_handler)
from pathlib import Path
from tff_compat.recipes import build, environment, recipe
environment._find_uv = lambda: sys.argv[1]
build(recipe("0.61.0"), Path(sys.argv[2]), progress=print)
"""


@pytest.mark.parametrize(
    ("where", "number"),
    [("venv", signal.SIGKILL), ("pip install", signal.SIGTERM), ("pip install", signal.SIGINT)],
)
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere uv may outlive a kill")
def test_killed_at_any_moment_no_uv_goes_on_and_the_next_build_repairs(uv, tmp_path, where, number):
    found = {"prints": "/opt/python/bin/python"}
    running, path = tmp_path / "running", tmp_path / "environment"
    uv.behave({"python find": found, where: {"waits": str(running)}})
    command = [sys.executable, "-c", _BUILD, str(uv.executable), str(path)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _wait_for(lambda: running.exists() and running.read_text() != "")
        process.send_signal(number)
    pid = int(running.read_text())
    _wait_for(lambda: not Path(f"/proc/{pid}").exists() or _is_zombie(pid))
    # What was left may be anything.
    path.mkdir(exist_ok=True)
    (path / "pyvenv.cfg").unlink(missing_ok=True)
    (path / "half").touch()
    uv.behave({"python find": found})
    build(recipe("0.61.0"), path, progress=_ignore)
    assert environment.status(recipe("0.61.0"), path) == "ready"
    assert not (path / "half").exists()


def _is_zombie(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"


def _wait_for(condition) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_file_is_mended_and_the_cache_of_uv_stays(tmp_path):
    path = tmp_path / "environment"
    file = path / "lib" / "python3.8" / "site-packages" / "package" / "module.py"
    file.parent.mkdir(parents=True)
    cached = tmp_path / "cached.py"
    cached.write_text("before = 1\nwrong = 2\n")
    os.link(cached, file)
    mend = Mend("package/module.py", "wrong = 2", "right = 3", "it was wrong")
    environment._mend(path, mend)
    assert file.read_text() == "before = 1\nright = 3\n"
    assert cached.read_text() == "before = 1\nwrong = 2\n"
    with pytest.raises(RecipeError, match="not what the recipe expects"):
        environment._mend(path, mend)


def test_a_folder_that_is_no_environment_is_left_alone(uv, tmp_path):
    path = tmp_path / "precious"
    path.mkdir()
    (path / "thesis.tex").touch()
    with pytest.raises(RecipeError, match="not a Python environment"):
        build(recipe("0.61.0"), path, progress=_ignore)
    assert (path / "thesis.tex").exists()


def test_two_builds_at_once_install_once(uv, tmp_path):
    threads = [
        threading.Thread(
            target=build,
            args=(recipe("0.61.0"), tmp_path / "environment"),
            kwargs={"progress": _ignore},
        )
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert uv.commands.count("pip install") == 1


def test_a_failed_installation_shows_the_last_lines_of_uv(uv, tmp_path):
    uv.behave(
        {
            "python find": {"prints": "/opt/python/bin/python"},
            "pip install": {"fails": True, "complains": "no solution\nbecause of jaxlib"},
        }
    )
    with pytest.raises(RecipeError, match=r"(?s)could not.*0\.61\.0.*pip install.*of jaxlib"):
        build(recipe("0.61.0"), tmp_path / "environment", progress=_ignore)
    assert not (tmp_path / "environment" / environment._MARKER).exists()


def test_pyenv_is_asked_where_uv_finds_no_python(uv, tmp_path):
    uv.behave({"python find": {"fails": True}})
    for version in ("3.9.9", "3.9.13", "3.1.4", "3.11.2"):
        python = tmp_path / "pyenv" / "versions" / version / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.touch()
    build(recipe("0.61.0"), tmp_path / "environment", progress=_ignore)
    venv = next(call["arguments"] for call in uv.calls if call["arguments"][0] == "venv")
    assert str(tmp_path / "pyenv/versions/3.9.13/bin/python") in venv


def test_uv_is_asked_to_download_a_python_that_is_nowhere(uv, tmp_path):
    uv.behave({"python find": {"fails": True}})
    build(recipe("0.61.0"), tmp_path / "environment", progress=_ignore)
    assert ["python", "install", "3.9"] in [call["arguments"] for call in uv.calls]


def test_without_any_python_the_error_says_how_to_get_one(uv, tmp_path):
    uv.behave({"python": {"fails": True, "complains": "offline"}})
    with pytest.raises(RecipeError, match=r"(?s)No Python 3\.9 .*pyenv install 3\.9.*offline"):
        build(recipe("0.61.0"), tmp_path / "environment", progress=_ignore)


def test_another_python_can_be_asked_for(uv, tmp_path):
    build(recipe("0.61.0"), tmp_path / "one", python="3.10", progress=_ignore)
    assert uv.calls[0]["arguments"][-1] == "3.10"
    build(recipe("0.61.0"), tmp_path / "two", python="/my/python", progress=_ignore)
    assert "/my/python" in uv.calls[-2]["arguments"]


def test_requirements_of_the_surroundings_do_not_leak_in(uv, tmp_path, monkeypatch):
    monkeypatch.setenv("UV_OVERRIDE", "/elsewhere")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "my-index")
    build(recipe("0.61.0"), tmp_path / "environment", progress=_ignore)
    for call in uv.calls:
        assert "UV_OVERRIDE" not in call["set"] and "UV_DEFAULT_INDEX" in call["set"]


def test_progress_tells_the_steps_but_not_every_package(uv, tmp_path):
    uv.behave(
        {
            "python find": {"prints": "/opt/python/bin/python"},
            "pip install": {"complains": "Resolved 90 packages in 1s\n + absl-py==1.0"},
        }
    )
    lines: list[str] = []
    build(recipe("0.61.0"), tmp_path / "environment", progress=lines.append)
    assert "0.61.0" in lines[0] and "Python 3.9" in lines[0]
    assert "Resolved 90 packages in 1s" in lines
    assert not any("absl-py" in line for line in lines)


def test_uv_is_taken_from_path_when_it_is_not_installed_beside(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "uv", None)
    executable = tmp_path / "uv"
    executable.write_text("#!/bin/sh\n")
    executable.chmod(0o755)
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    assert environment._find_uv() == str(executable)
    executable.unlink()
    with pytest.raises(RecipeError, match="pip install uv"):
        environment._find_uv()
