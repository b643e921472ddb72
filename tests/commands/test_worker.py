"""`tff-compat worker`: what it refuses, and that it becomes TFF's own worker."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest
from tff_compat import catalog, cli, worker
from tff_compat.running import interpreter


@pytest.fixture
def program(tmp_path, monkeypatch) -> Path:
    """Stands for TFF's worker, so that none is needed."""
    file = tmp_path / "worker_binary"
    file.touch()
    monkeypatch.setattr(worker, "binary", lambda python: file)
    monkeypatch.setattr(
        interpreter,
        "choose",
        lambda cached: interpreter.Interpreter(sys.executable, sys.prefix, catalog.PRIMARY, cached),
    )
    return file


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("localhost", 0))
        return int(listener.getsockname()[1])


def test_it_becomes_the_worker(program, monkeypatch, capfd):
    become = []

    def execute(path, words):
        become.append((path, words))
        raise SystemExit(0)

    monkeypatch.setattr(os, "execv", execute)
    port = free_port()
    with pytest.raises(SystemExit):
        cli.main(["worker", "--port", str(port), "--max-concurrent-computation-calls", "2"])
    words = [str(program), f"--port={port}", "--max_concurrent_computation_calls=2"]
    assert become == [(str(program), words)]
    assert f"port {port}" in capfd.readouterr().err


@pytest.mark.parametrize("port", ["0", "-1", "65536", "abc", ""])
def test_what_is_no_port_is_refused(port, capfd):
    with pytest.raises(SystemExit) as ended:
        cli.main(["worker", f"--port={port}"])
    assert ended.value.code == 2
    assert "from 1 to 65535" in capfd.readouterr().err


def test_a_port_that_is_taken_is_refused(program, capfd):
    with socket.socket() as taken:
        taken.bind(("", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert cli.main(["worker", "--port", str(port)]) == 2
    assert f"Port {port} cannot be listened on" in capfd.readouterr().err


def test_arguments_are_refused(capfd):
    assert cli.main(["worker", "--", "program.py"]) == 2
    assert "no arguments" in capfd.readouterr().err


def test_a_tff_without_a_worker_is_refused(monkeypatch, tmp_path):
    package = tmp_path / "tensorflow_federated"
    package.mkdir()
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "tensorflow_federated", raising=False)
    with pytest.raises(worker.WorkerError, match="without a worker"):
        worker.binary()
