"""`tff-compat worker`: what it refuses, and that it becomes TFF's own worker."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tff_compat import catalog, cli, confined, worker
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
        cli.main(
            ["worker", "--listen-on-all-interfaces", "--port", str(port)]
            + ["--max-concurrent-computation-calls", "2"]
        )
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
        assert cli.main(["worker", "--port", str(port), "--listen-on-all-interfaces"]) == 2
        assert f"Port {port} cannot be listened on" in capfd.readouterr().err
        assert cli.main(["worker", "--port", str(port)]) == 2
        assert f"Port {port} of 127.0.0.1 cannot be listened on" in capfd.readouterr().err


# Listens everywhere, as TFF's worker does, and tells each what it sent.
SERVER = """
import socket, sys
port = int(sys.argv[1].partition("=")[2])
with socket.create_server(("", port)) as server:
    while True:
        connection, _ = server.accept()
        connection.sendall(b"heard " + connection.recv(100))
        connection.close()
"""


def may_confine() -> bool:
    """Whether the system gives processes networks of their own."""
    try:
        return subprocess.run(["unshare", "-rn", "true"], stderr=subprocess.DEVNULL).returncode == 0
    except FileNotFoundError:
        return False


def test_only_one_interface_leads_to_it(program, tmp_path):
    port = free_port()
    (tmp_path / "server.py").write_text(SERVER)
    starting = (
        "import socket, sys; from tff_compat import confined, worker\n"
        f"words = [sys.executable, {str(tmp_path / 'server.py')!r}, '--port=' + sys.argv[2]]\n"
        "sys.exit(confined.serve(worker.listener('127.0.0.1', int(sys.argv[1])), words, "
        "int(sys.argv[2])))\n"
    )
    inner = free_port()
    command = [sys.executable, "-c", starting, str(port), str(inner)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        if not may_confine():
            assert "CannotConfineError" in process.communicate(timeout=60)[1]
            return
        try:
            for text in (b"one", b"two"):
                assert answer(port, text) == b"heard " + text
            with pytest.raises(ConnectionRefusedError):
                answer(inner, b"three")
        finally:
            process.terminate()
        assert process.wait(60) != 0
    with pytest.raises(ConnectionRefusedError):
        answer(port, b"four")


def answer(port: int, text: bytes) -> bytes:
    deadline = time.monotonic() + 60
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
                connection.sendall(text)
                return connection.recv(100)
        except ConnectionRefusedError:
            if text != b"one" or time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def test_what_cannot_be_kept_to_one_interface_is_refused(program, monkeypatch, capfd):
    def refuse() -> None:
        raise confined.CannotConfineError(1, "Operation not permitted")

    monkeypatch.setattr(confined, "_leave_network", refuse)
    assert cli.main(["worker", "--port", str(free_port())]) == 2
    error = " ".join(capfd.readouterr().err.split())
    assert "cannot be kept to 127.0.0.1 here: [Errno 1] Operation not permitted" in error
    assert "--listen-on-all-interfaces" in error


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
