"""Where adapters find the modern API on an earlier installed release, without TensorFlow."""

from __future__ import annotations

import asyncio
import io
import os
import shutil
import signal
import subprocess
import sys
import time
import types
from pathlib import Path

import pytest
import tff_compat
from packaging.specifiers import SpecifierSet
from packaging.version import Version
from tff_compat import installation, modern, worker
from tff_compat.adapters import registry
from tff_compat.modern import client_order, workers


@pytest.fixture
def installed(monkeypatch):
    """Makes an installed release of a number and an object."""

    def make(release, package=None):
        monkeypatch.setattr(installation, "version", lambda: Version(release))
        monkeypatch.setattr(installation, "package", lambda: package)

    return make


def test_symbols_are_found_where_the_installed_release_has_them(installed):
    learning = types.SimpleNamespace(Model="model", models=types.SimpleNamespace(load="load"))
    installed("0.40.0", types.SimpleNamespace(learning=learning, tf_computation="computation"))
    tff = modern._Modern("tff")
    assert tff.learning.models.VariableModel == "model"
    assert tff.learning.models.load == "load"
    assert tff.tensorflow.computation == "computation"
    with pytest.raises(AttributeError, match=r"TFF 0\.40\.0 has nothing .* tff\.to_no_type"):
        _ = tff.to_no_type


def test_on_a_later_release_symbols_are_found_where_it_has_them(installed, monkeypatch):
    """Here 0.86.0 is the primary release, and the installed one has moved and lost a symbol."""
    monkeypatch.setattr(modern, "PRIMARY", Version("0.86.0"))
    monkeypatch.setattr(modern, "package", modern.package.__wrapped__)
    moved = {"tff.framework.CDFFactory": ("tff.types.TensorType",)}
    monkeypatch.setattr(modern.locations, "ELSEWHERE", moved)
    symbols = types.SimpleNamespace(TensorType="found", StructType="kept")
    package = types.SimpleNamespace(types=symbols, framework=types.SimpleNamespace())
    installed("0.87.0", package)
    assert modern.symbol("tff.framework.CDFFactory") == "found"
    assert modern.symbol("tff.types.StructType") == "kept"
    with pytest.raises(AttributeError, match=r"TFF 0\.87\.0 has nothing that does what tff\.gone "):
        modern.symbol("tff.gone")
    installed("0.99.0", package)
    assert modern.package() is package


def module_of_tff(monkeypatch, place, imported):
    """A module in the place of one of TFF's, which has imported another."""
    made = types.ModuleType(f"tensorflow_federated.python.{place}")
    setattr(made, imported.__name__, imported)
    monkeypatch.setitem(sys.modules, made.__name__, made)
    return made


def test_runtimes_in_python_aggregate_in_the_order_of_clients(monkeypatch):
    place = "core.impl.executors.federated_resolving_strategy"
    strategy = module_of_tff(monkeypatch, place, asyncio)
    client_order.keep()
    assert strategy.asyncio.gather is asyncio.gather

    async def client(number):
        await asyncio.sleep((3 - number) / 100)
        return number

    async def collected():
        return [await each for each in strategy.asyncio.as_completed(map(client, range(4)))]

    assert asyncio.run(collected()) == [0, 1, 2, 3]


def test_workers_get_streams_that_a_process_can_write_to(monkeypatch):
    place = "core.backends.native.execution_contexts"
    starting = module_of_tff(monkeypatch, place, sys)
    workers.prepare()
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert starting.sys.stdout is None
    assert starting.sys.argv is sys.argv
    with open(os.devnull, "w") as file:
        monkeypatch.setattr(sys, "stdout", file)
        assert starting.sys.stdout is file


def test_workers_can_be_ended_where_the_program_ignores_interrupts():
    started = "import signal; print(signal.getsignal(signal.SIGINT) == signal.default_int_handler)"
    program = (
        "import signal, subprocess, sys\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "from tff_compat.modern import workers\n"
        "workers.prepare()\n"
        "signal.raise_signal(signal.SIGINT)\n"
        f"sys.exit(subprocess.run([sys.executable, '-c', {started!r}]).returncode)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, check=True
    )
    assert done.stdout == "True\n"


def starting_module(monkeypatch):
    """One of TFF's modules that start workers, as these are prepared for."""
    starting = module_of_tff(monkeypatch, "core.impl.executor_stacks.executor_factory", subprocess)
    starting.time = time
    workers.prepare()
    return starting


def test_a_worker_that_ends_before_it_is_ready_ends_the_program(monkeypatch):
    starting = starting_module(monkeypatch)
    words = [sys.executable, "-c", "import sys; sys.exit('no such flag')"]
    started = starting.subprocess.Popen(words, stderr=subprocess.DEVNULL)
    assert isinstance(started, subprocess.Popen)
    with pytest.raises(worker.WorkerError, match="exit code 1. It said:\nno such flag\n"):
        while True:
            starting.time.sleep(0.01)
    # As TFF ends it.
    os.kill(started.pid, signal.SIGINT)
    assert started.wait() == 1


def test_a_worker_that_runs_is_waited_for(monkeypatch):
    starting = starting_module(monkeypatch)
    started = starting.subprocess.Popen([shutil.which("sleep"), "60"])
    starting.time.sleep(0.01)
    os.kill(started.pid, signal.SIGTERM)
    started.wait()


@pytest.mark.parametrize(
    ("given", "taken"), [("24.0", "24"), ("24", "24"), ("-1", "-1"), ("1e3", "1000")]
)
def test_flags_of_workers_are_whole_numbers(given, taken):
    flag = "--max_concurrent_computation_calls="
    assert workers._checked(flag + given) == flag + taken
    assert workers._checked("--name=" + given) == "--name=" + given


@pytest.mark.parametrize(
    ("given", "error"), [("24.5", ValueError), ("None", TypeError), ("many", TypeError)]
)
def test_flags_that_workers_do_not_take_are_told(given, error):
    with pytest.raises(error, match=f"max_concurrent_computation_calls.*{given}"):
        workers._checked(f"--max_concurrent_computation_calls={given}")


@pytest.mark.skipif(sys.platform != "linux", reason="needs prctl")
def test_workers_end_with_their_process_and_not_with_the_thread_that_started_them():
    program = (
        "import subprocess, sys, threading, time\n"
        "from tff_compat.modern import workers\n"
        "def start():\n"
        f"    print(workers._Worker([{shutil.which('sleep')!r}, '60']).pid, flush=True)\n"
        "thread = threading.Thread(target=start)\n"
        "thread.start()\n"
        "thread.join()\n"
        "time.sleep(60)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    pid = int(process.stdout.readline())
    time.sleep(0.5)
    assert runs(pid)
    process.kill()
    process.communicate()
    until = time.monotonic() + 10
    while runs(pid):
        assert time.monotonic() < until
        time.sleep(0.05)


def runs(pid):
    """Whether a process runs; one that has ended may still be known to the system."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def test_an_adapter_is_needed_where_the_installed_release_lacks_its_form(monkeypatch):
    entry = registry.Adapter(
        "tff.x", SpecifierSet(">=0.5,<0.20"), "tff.y", None, changed=(Version("0.12"),)
    )
    monkeypatch.setattr(registry, "find", lambda path, release: entry)

    def needed(release, installed):
        return registry.needed("tff.x", Version(release), Version(installed)) is entry

    assert needed("0.10", "0.30")
    assert not needed("0.10", "0.11")
    assert needed("0.10", "0.15")
    assert not needed("0.13", "0.15")


def test_no_release_later_than_the_installed_one(installed):
    installed("0.40.0")
    with pytest.raises(tff_compat.ReleaseNotReachedError, match=r"0\.40\.0 .* 0\.52\.0"):
        tff_compat.as_of("0.52")
    with pytest.raises(tff_compat.ReleaseNotReachedError):
        tff_compat.activate("0.52")


def test_as_of_its_own_release_the_package_is_the_real_one(installed):
    package = types.ModuleType("tensorflow_federated")
    installed("0.40.0", package)
    assert tff_compat.as_of("0.40") is package


@pytest.mark.tff
def test_after_an_error_only_the_error_is_told(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        "import warnings\n"
        "import tensorflow as tf, tff_compat\n"
        "tff_compat.activate('0.18')\n"
        "import tensorflow_federated as tff\n"
        "warnings.simplefilter('error', tff_compat.LegacyAPIWarning)\n"
        "tff.tf_computation(tf.int32)\n"
    )
    with (tmp_path / "err").open("w") as err:
        subprocess.run([sys.executable, str(program)], stdout=err, stderr=err, timeout=300)
    last = (tmp_path / "err").read_text().splitlines()[-1]
    assert last.startswith("tff_compat.deprecation.LegacyAPIWarning: tff.tf_computation")
