"""Lets TFF's worker, which listens on every network interface, be reached at one address alone.

It gets a network of its own, which Linux gives to whoever asks unless it was told not to. Nobody
else is in that network, and what comes to the address is carried over.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
import socketserver
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from tff_compat import worker

_NEW_USERS, _NEW_NETWORK = 0x10000000, 0x40000000
_SET_FLAGS_OF_INTERFACE, _IS_UP = 0x8914, 1
_BYTES_AT_ONCE = 1 << 18


class Gate(socketserver.ThreadingTCPServer):
    """The address, which is taken at once. Clients wait there until the worker is ready.

    Args:
      host: A name or an address of this machine.
      port: A port of it, and of the worker's own network.

    Raises:
      WorkerError: They cannot be listened on.
    """

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, port: int):
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            self.address_family = found[0][0]
            super().__init__((host, port), _Passage, bind_and_activate=False)
            self.server_bind()
            self.server_activate()
        except OSError as error:
            raise worker.WorkerError(f"Port {port} cannot be listened on: {error}") from None
        self.inside = ("127.0.0.1", port)

    def serve(self, words: Sequence[str]) -> int:
        """Runs a worker that ends with this process, which leaves its network for good.

        Args:
          words: The command line of the worker, on the port of this gate.

        Returns:
          The exit status of the worker; 128 + n where signal n ended it.

        Raises:
          WorkerError: There is no network of its own to be had.
        """
        # Sockets stay in the network in which they were made: that of this gate outside.
        _enter_own_network()
        process = subprocess.Popen(worker.ended_with_this_process(words))
        while process.poll() is None and not self._is_answered():
            time.sleep(0.05)
        threading.Thread(target=self.serve_forever, daemon=True).start()
        status = process.wait()
        return 128 - status if status < 0 else status

    def _is_answered(self) -> bool:
        with socket.socket() as client:
            return client.connect_ex(self.inside) == 0


class _Passage(socketserver.BaseRequestHandler):
    """A connection with a client, and one with the worker for it."""

    server: Gate
    request: socket.socket

    def handle(self) -> None:
        """Carries what comes from either to the other until both have ended."""
        # Whoever has gone is noticed by the other one as well.
        with contextlib.suppress(OSError), socket.create_connection(self.server.inside) as inside:
            for each in (inside, self.request):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
            back = threading.Thread(target=_carry, args=(inside, self.request), daemon=True)
            back.start()
            _carry(self.request, inside)
            back.join()


def _carry(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while some := source.recv(_BYTES_AT_ONCE):
            target.sendall(some)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def _enter_own_network() -> None:
    """Moves this process, which has one thread, into a network with a loopback interface alone.

    Raises:
      WorkerError: The system does not let it.
    """
    try:
        if sys.platform != "linux":
            raise OSError(f"{sys.platform} has none to give")
        try:
            _unshare(_NEW_NETWORK)
        except PermissionError:
            # Who is no administrator is one among new users, and of the network made with them.
            user, group = os.getuid(), os.getgid()
            _unshare(_NEW_USERS | _NEW_NETWORK)
            Path("/proc/self/uid_map").write_text(f"{user} {user} 1", "ascii")
            Path("/proc/self/setgroups").write_text("deny", "ascii")
            Path("/proc/self/gid_map").write_text(f"{group} {group} 1", "ascii")
        _bring_up(b"lo")
    except OSError as error:
        raise worker.WorkerError(
            f"The worker cannot have a network of its own: {error}. Containers and AppArmor refuse "
            "that to most programs, and only Linux knows it. Without one it can but listen on "
            "every network interface, without encryption or authentication: "
            "--listen-on-all-interfaces starts it so."
        ) from None


def _unshare(what: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(what) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _bring_up(interface: bytes) -> None:
    import fcntl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh22x", interface, _IS_UP)
        fcntl.ioctl(any_socket, _SET_FLAGS_OF_INTERFACE, request)
