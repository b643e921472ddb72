"""Runs a server that listens everywhere where nobody reaches it, and hands on one address to it."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import fcntl
import os
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

# Of Linux: unshare(2), and what brings up an interface (netdevice(7)).
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
_SET_FLAGS, _UP = 0x8914, 0x1

_CHUNK = 1 << 20
_TRIES_A_SECOND = 20


class CannotConfineError(OSError):
    """The system gives this process no network of its own; the text says why."""


def serve(listener: socket.socket, words: Sequence[str], port: int) -> int:
    """Runs a program in a network of its own, and hands on to it what comes to a socket.

    The program's network has no interface but its loopback, so that only this process reaches it,
    and it reaches nobody. It ends with this process, which ends with it.

    Args:
      listener: A socket that listens; connections to it are handed on.
      words: The command line of the program.
      port: Where the program listens in its network.

    Returns:
      The program's exit status.

    Raises:
      CannotConfineError: There can be no such network.
    """
    _leave_network()
    process = subprocess.Popen(words)
    try:
        return asyncio.run(_hand_on(listener, process, port))
    finally:
        process.terminate()
        process.wait()


def _leave_network() -> None:
    """Gives this process a network of its own; sockets that it has stay in the old one."""
    if sys.platform != "linux":
        raise CannotConfineError(f"processes on {sys.platform} have no networks of their own")
    user, group = os.getuid(), os.getgid()
    libc = ctypes.CDLL(None, use_errno=True)
    # Without rights it takes a namespace of users too, in which this process has them.
    if libc.unshare(_NEW_NETWORK) != 0:
        if libc.unshare(_NEW_USER | _NEW_NETWORK) != 0:
            raise CannotConfineError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sh", b"lo", _UP))


async def _hand_on(listener: socket.socket, process: subprocess.Popen[bytes], port: int) -> int:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner = await _connect(process, port)
        if inner is None:
            writer.close()
            return
        try:
            await asyncio.gather(_copy(reader, inner[1]), _copy(inner[0], writer))
        finally:
            writer.close()
            inner[1].close()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, process.terminate)
    # It ends with the program, whatever connections there are.
    server = await asyncio.start_server(connected, sock=listener, limit=_CHUNK)
    status = await asyncio.to_thread(process.wait)
    server.close()
    return status


async def _connect(
    process: subprocess.Popen[bytes], port: int
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
    """A connection to the program, as soon as it listens; None where it has ended."""
    while process.poll() is None:
        try:
            return await asyncio.open_connection("127.0.0.1", port, limit=_CHUNK)
        except ConnectionRefusedError:
            await asyncio.sleep(1 / _TRIES_A_SECOND)
    return None


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copies one direction to its end; where either side breaks off, the other is told."""
    with contextlib.suppress(ConnectionError):
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()
    with contextlib.suppress(OSError):
        if writer.can_write_eof():
            writer.write_eof()
        else:
            writer.close()
