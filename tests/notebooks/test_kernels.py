"""Checks the kernels of releases: how they are installed, found and removed, and that they run."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys

import pytest
from tff_compat import cli

pytest.importorskip("ipykernel")


@pytest.fixture
def jupyter(tmp_path, monkeypatch, cached):
    """A user with a Jupyter of their own, and the cached environment."""
    for name in ("DATA_DIR", "PATH", "CONFIG_DIR"):
        monkeypatch.setenv(f"JUPYTER_{name}", str(tmp_path / name))
    monkeypatch.setenv("XDG_CACHE_HOME", cached["XDG_CACHE_HOME"])
    return tmp_path / "DATA_DIR" / "kernels"


def test_a_kernel_is_installed_listed_and_removed(jupyter, capsys):
    assert cli.main(["kernel", "install", "0.9", "--cached"]) == 0
    description = json.loads((jupyter / "tff-0.9" / "kernel.json").read_text())
    assert description["display_name"] == "TFF 0.9 (tff-compat)"
    assert description["argv"][0] == sys.executable
    capsys.readouterr()
    assert cli.main(["kernel", "list"]) == 0
    assert capsys.readouterr().out.startswith("tff-0.9  TFF 0.9 (tff-compat)  ")
    assert cli.main(["kernel", "remove", "0.9"]) == 0
    assert not (jupyter / "tff-0.9").exists()


def test_jupyter_itself_finds_it(jupyter):
    assert cli.main(["kernel", "install", "0.13", "--name", "mine", "--user", "--cached"]) == 0
    command = [sys.executable, "-m", "jupyter_client.kernelspecapp", "list", "--json"]
    found = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    spec = found["kernelspecs"]["mine"]["spec"]
    assert spec["display_name"] == "TFF 0.13.1 (tff-compat)"


def test_a_prefix_keeps_it_apart(jupyter, tmp_path, capsys):
    prefix = str(tmp_path / "environment")
    assert cli.main(["kernel", "install", "0.9", "--prefix", prefix, "--cached"]) == 0
    assert (tmp_path / "environment/share/jupyter/kernels/tff-0.9/kernel.json").exists()
    assert not jupyter.exists()
    assert cli.main(["kernel", "remove", "tff-0.9"]) == 2
    assert "There is no kernel of tff-compat with the name tff-0.9" in capsys.readouterr().err
    assert cli.main(["kernel", "remove", "tff-0.9", "--prefix", prefix]) == 0


def test_another_kernel_is_neither_replaced_nor_removed(jupyter, capsys):
    (jupyter / "r").mkdir(parents=True)
    description = {"argv": ["R"], "display_name": "R", "language": "R"}
    (jupyter / "r" / "kernel.json").write_text(json.dumps(description))
    assert cli.main(["kernel", "install", "0.9", "--name", "r", "--cached"]) == 2
    assert cli.main(["kernel", "remove", "r"]) == 2
    assert json.loads((jupyter / "r" / "kernel.json").read_text()) == description
    assert "not ours" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("release", "why"), [("0.8.7", "0.8.7"), ("1.0", "1.0")], ids=["unknown", "never published"]
)
def test_a_release_that_there_is_not_is_refused(jupyter, capsys, release, why):
    assert cli.main(["kernel", "install", release, "--cached"]) == 2
    assert why in capsys.readouterr().err
    assert not jupyter.exists()


@pytest.fixture
def kernel(start, jupyter):
    assert cli.main(["kernel", "install", "0.9", "--cached"]) == 0
    argv = json.loads((jupyter / "tff-0.9" / "kernel.json").read_text())["argv"]
    return start(argv)


@pytest.mark.skipif(
    importlib.util.find_spec("tensorflow_federated") is not None,
    reason="the fake TensorFlow Federated of this test would be hidden by the real one",
)
def test_an_old_notebook_runs_in_it_unchanged(kernel, ended):
    assert kernel.run("!pip install -q tensorflow_federated==0.9.0").ok().out == (
        "tff-compat: `!pip install -q tensorflow_federated==0.9.0` is skipped: "
        "TensorFlow is there already.\n"
    )
    assert "skipped" in kernel.run("%tensorflow_version 2.x").ok().out
    ran = kernel.run("import os\nprint(os.getpid(), os.environ['TFF_COMPAT_REPORTS'])").ok()
    pid, folder = ran.out.split()
    assert int(pid) == kernel.pid
    ran = kernel.interrupted("import time\nprint('begun', flush=True)\ntime.sleep(60)")
    assert ran.reply["ename"] == "KeyboardInterrupt"
    child = int(
        kernel.run(
            "import subprocess, sys\n"
            "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'],"
            " start_new_session=True).pid"
        )
        .ok()
        .result
    )
    kernel.manager.provisioner.process.kill()
    ended(child, folder=folder)
