"""A worker at one address alone: who reaches it, what passes, with what it ends."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tff_compat import worker, worker_gate

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has what it needs")

_WORKER = """\
import os, pathlib, socket, sys, threading
port = int(sys.argv[1][len("--port="):])
listener = socket.socket(socket.AF_INET6)
listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, False)
listener.bind(("", port))
listener.listen()

def answer(client):
    with client:
        while some := client.recv(1 << 16):
            if some == b"end":
                os._exit(7)
            client.sendall(some)

pathlib.Path(sys.argv[0]).with_name("pid").write_text(str(os.getpid()))
while True:
    threading.Thread(target=answer, args=listener.accept()[:1], daemon=True).start()
"""
"""Stands for TFF's worker: it listens as that one does, and sends back what it is sent."""

_GATE = """\
import sys
from pathlib import Path
from tff_compat import worker, worker_gate
program, host, port = sys.argv[1:]
with worker_gate.Gate(host, int(port)) as gate:
    sys.exit(gate.serve([sys.executable, *worker.command(Path(program), int(port))]))
"""

_NO_ADMINISTRATOR = """\
import ctypes, os, sys
DROP_FOR_GOOD, ADMINISTRATION = 24, 21
ctypes.CDLL(None).prctl(DROP_FOR_GOOD, ADMINISTRATION, 0, 0, 0)
os.execv(sys.executable, [sys.executable, "-c", *sys.argv[1:]])
"""
"""Runs a program without the right to a new network, where this one is run by an administrator."""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("localhost", 0))
        return int(listener.getsockname()[1])


class Served:
    """A worker at one address, in a process of its own."""

    def __init__(self, folder: Path, host: str, *before: str):
        program = folder / "worker_binary"
        program.write_text(_WORKER, "utf-8")
        self.port = free_port()
        self.process = subprocess.Popen(
            [sys.executable, "-c", *before, _GATE, str(program), host, str(self.port)]
        )
        self._host = host
        self._pid = folder / "pid"

    def connect(self) -> socket.socket:
        give_up = time.monotonic() + 30
        while True:
            try:
                return socket.create_connection((self._host, self.port), timeout=30)
            except ConnectionRefusedError:
                assert self.process.poll() is None and time.monotonic() < give_up
                time.sleep(0.05)

    def echo(self, sent: bytes) -> bytes:
        """What comes back, where the client ends what it sends and reads on."""
        with self.connect() as client:

            def send() -> None:
                client.sendall(sent)
                client.shutdown(socket.SHUT_WR)

            threading.Thread(target=send).start()
            return b"".join(iter(lambda: client.recv(1 << 20), b""))

    def has_worker(self) -> bool:
        # The state of one that has ended, and that nobody has waited for, is Z.
        try:
            stat = Path(f"/proc/{self._pid.read_text('ascii')}/stat").read_text("utf-8")
        except FileNotFoundError:
            return False
        return stat.rpartition(")")[2].split()[0] != "Z"


@pytest.fixture(params=["administrator", "user"])
def served(request, tmp_path) -> Iterator[Served]:
    before = [_NO_ADMINISTRATOR] if request.param == "user" else []
    made = Served(tmp_path, "127.0.0.1", *before)
    yield made
    made.process.kill()
    made.process.wait()


def reaches(address: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as client:
        return client.connect_ex((address, port)) == 0


def addresses_of_this_machine() -> list[str]:
    """All but 127.0.0.1, of which 127.0.0.2 is one that every Linux has."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        try:
            # Nothing is sent; this tells which address would be used.
            any_socket.connect(("198.51.100.1", 9))
        except OSError:
            return ["127.0.0.2", "::1"]
        return ["127.0.0.2", "::1", any_socket.getsockname()[0]]


def test_it_is_reached_at_that_address_alone(served):
    assert served.echo(b"a computation") == b"a computation"
    assert served.has_worker()
    assert not any(reaches(each, served.port) for each in addresses_of_this_machine())


def test_another_address(tmp_path):
    served = Served(tmp_path, "127.0.0.2")
    try:
        assert served.echo(b"a computation") == b"a computation"
        assert not reaches("127.0.0.1", served.port)
    finally:
        served.process.kill()
        served.process.wait()


def test_several_clients_and_large_messages_pass_unchanged(served):
    sent = [os.urandom(20_000_003) for _ in range(4)]
    received: dict[int, bytes] = {}

    def run(number: int) -> None:
        received[number] = served.echo(sent[number])

    idle = served.connect()
    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert all(received[number] == sent[number] for number in range(4))
    idle.sendall(b"still there")
    assert idle.recv(100) == b"still there"
    idle.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_worker_ends_with_its_process(served, number):
    assert served.echo(b"ready") == b"ready"
    served.process.send_signal(number)
    assert served.process.wait(timeout=10) == -number
    give_up = time.monotonic() + 10
    while served.has_worker():
        assert time.monotonic() < give_up
        time.sleep(0.02)
    assert not reaches("127.0.0.1", served.port)


def test_the_process_ends_with_its_worker(served):
    with served.connect() as client:
        client.sendall(b"end")
        assert served.process.wait(timeout=10) == 7
        assert client.recv(100) == b""


def test_a_worker_that_cannot_start_ends_the_process(tmp_path):
    program = str(tmp_path / "no_worker")
    words = [sys.executable, "-c", _GATE, program, "127.0.0.1", str(free_port())]
    done = subprocess.run(words, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 2 and program in done.stderr


@pytest.mark.parametrize("host", ["127.0.0.1", "name.invalid"])
def test_what_cannot_be_listened_on_is_told_at_once(host):
    with socket.create_server(("", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(worker.WorkerError, match=f"^Port {port} cannot be listened on: "):
            worker_gate.Gate(host, port)


def test_a_system_that_gives_no_network_is_told_with_the_way_out(monkeypatch):
    class Libc:
        def unshare(self, what: int) -> int:
            ctypes.set_errno(1)
            return -1

    monkeypatch.setattr(ctypes, "CDLL", lambda name, use_errno: Libc())
    with worker_gate.Gate("127.0.0.1", free_port()) as gate:
        with pytest.raises(
            worker.WorkerError,
            match="(?s)network of its own: .*not permitted.*--listen-on-all-interfaces",
        ):
            gate.serve(["worker that is not started"])
