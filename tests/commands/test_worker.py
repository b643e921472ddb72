"""`tff-compat worker`: what it refuses, and where it lets TFF's own worker listen."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest
from tff_compat import catalog, cli, worker, worker_gate
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


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2"])
def test_it_serves_at_one_address(program, monkeypatch, capfd, host):
    served = []

    def serve(gate, words):
        served.append((gate.server_address, words))
        return 143

    monkeypatch.setattr(worker_gate.Gate, "serve", serve)
    port = free_port()
    option = [] if host == "127.0.0.1" else ["--host", host]
    assert cli.main(["worker", "--port", str(port), *option]) == 143
    words = [str(program), f"--port={port}", "--max_concurrent_computation_calls=-1"]
    assert served == [((host, port), words)]
    assert f"port {port} of {host}" in capfd.readouterr().err


def test_where_it_cannot_be_at_one_address_it_is_told(program, monkeypatch, capfd):
    def refuse(gate, words):
        raise worker.WorkerError("The kernel refuses it.")

    monkeypatch.setattr(worker_gate.Gate, "serve", refuse)
    assert cli.main(["worker", "--port", str(free_port())]) == 2
    assert "The kernel refuses it." in capfd.readouterr().err


def test_on_all_interfaces_it_becomes_the_worker(program, monkeypatch, capfd):
    become = []

    def execute(path, words):
        become.append((path, words))
        raise SystemExit(0)

    monkeypatch.setattr(os, "execv", execute)
    port = free_port()
    with pytest.raises(SystemExit):
        cli.main(
            [
                *["worker", "--listen-on-all-interfaces", "--port", str(port)],
                *["--max-concurrent-computation-calls", "2"],
            ]
        )
    words = [str(program), f"--port={port}", "--max_concurrent_computation_calls=2"]
    assert become == [(str(program), words)]
    assert f"port {port} of all interfaces" in capfd.readouterr().err


@pytest.mark.parametrize("port", ["0", "-1", "65536", "abc", ""])
def test_what_is_no_port_is_refused(port, capfd):
    with pytest.raises(SystemExit) as ended:
        cli.main(["worker", f"--port={port}"])
    assert ended.value.code == 2
    assert "from 1 to 65535" in capfd.readouterr().err


@pytest.mark.parametrize("options", [[], ["--listen-on-all-interfaces"]])
def test_a_port_that_is_taken_is_refused(program, capfd, options):
    with socket.socket() as taken:
        taken.bind(("", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert cli.main(["worker", "--port", str(port), *options]) == 2
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
