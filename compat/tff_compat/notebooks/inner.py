"""The inner kernel: an ipykernel in the cached environment, and the line to it."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import jupyter_client.connect
import jupyter_client.session
import zmq

from tff_compat.notebooks import environment, watcher
from tff_compat.running import processes
from tff_compat.running.interpreter import Interpreter

_SECONDS_TO_START = 120
_SECONDS_BETWEEN_LOOKS = 0.5


class InnerKernelDied(RuntimeError):
    """The inner kernel's process has ended; the text says how."""


class InnerKernel:
    """A kernel that runs as of a release in an interpreter, and the messages to and from it.

    A request is sent with the header of the request that it answers, so that what the kernel
    publishes is already addressed to the cell it belongs to.
    """

    def __init__(
        self,
        as_of: str,
        interpreter: Interpreter,
        published: Callable[[dict[str, Any]], None],
        extra: Mapping[str, str] | None = None,
    ):
        """Starts the kernel, and returns when it listens.

        Args:
          as_of: The release.
          interpreter: The Python that runs it.
          published: Called, in a thread of our own, with each message that it publishes.
          extra: Environment variables for it.

        Raises:
          InnerKernelDied: It does not start.
        """
        session = environment.new_session(as_of)
        self._folder = session.folder
        file = str(session.folder / "kernel.json")
        # Sockets in a folder of our own: no port can be taken by another, and nobody can connect.
        file, connection = jupyter_client.connect.write_connection_file(
            file, transport="ipc", ip=str(session.folder / "line")
        )
        variables = environment.of_kernel(session, interpreter)
        variables.update(extra or {})
        variables["JPY_PARENT_PID"] = str(os.getpid())
        with (session.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [
                    interpreter.executable,
                    *("-m", "ipykernel_launcher", "-f", file, "--ext=tff_compat"),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=variables,
                # A session of its own: interrupts reach it through us, and once.
                start_new_session=True,
            )
        watcher.start(session.folder, self._process.pid)
        self._line = _Line(connection, published)
        self._line.start()
        try:
            self._wait_until_it_listens()
        except BaseException:
            # Interrupted, too: nobody would end it.
            self.end()
            raise

    @property
    def alive(self) -> bool:
        """Whether its process is there."""
        return self._process.poll() is None

    def interrupt(self) -> None:
        """Interrupts what it runs, like Ctrl-C."""
        processes.signal_session(self._process.pid, signal.SIGINT)

    def end(self) -> None:
        """Ends its process and those that it started; harmless when they have ended."""
        watcher.end(self._folder, self._process.pid)
        self._process.wait()
        self._line.close()

    def send(self, message: dict[str, Any]) -> None:
        """Sends a message whose answers nobody waits for."""
        self._line.send("shell", message)

    def reply(self, message: dict[str, Any]) -> None:
        """Sends the answer to a question of its."""
        self._line.send("stdin", message)

    def message(self, kind: str, content: Mapping[str, Any]) -> dict[str, Any]:
        """A new message to it."""
        made: dict[str, Any] = self._line.session.msg(kind, dict(content))
        return made

    def ask(
        self,
        message: dict[str, Any],
        question: Callable[[dict[str, Any], Callable[[], bool]], None] | None = None,
        timeout: float | None = None,
    ) -> dict[str, Any]:
        """Sends a request, and waits for its reply and for all that it published before.

        Args:
          message: The request.
          question: Called with each `input_request` that comes meanwhile, and with a function that
            tells whether nobody waits for the answer any more: the cell was interrupted right
            after it had asked, or the kernel ended.
          timeout: Seconds to wait; None for as long as it takes.

        Returns:
          The content of the reply.

        Raises:
          InnerKernelDied: It ended before it replied.
          TimeoutError: The time has passed.
        """
        start = time.monotonic()
        reply: dict[str, Any] | None = None
        idle = False
        with self._line.events(message) as events:

            def given_up() -> bool:
                with events.mutex:
                    return not self.alive or any(kind == "reply" for kind, _ in events.queue)

            self._line.send("shell", message)
            while reply is None or not idle:
                try:
                    kind, got = events.get(timeout=_SECONDS_BETWEEN_LOOKS)
                except queue.Empty:
                    if not self.alive:
                        self.end()
                        raise self._died() from None
                    if timeout is not None and time.monotonic() - start > timeout:
                        raise TimeoutError("the inner kernel does not answer") from None
                    continue
                if kind == "reply":
                    reply = got["content"]
                elif kind == "idle":
                    idle = True
                elif question is not None:
                    question(got, given_up)
        return reply

    def _wait_until_it_listens(self) -> None:
        # What is published before the subscription has arrived is lost, so it is asked again.
        deadline = time.monotonic() + _SECONDS_TO_START
        while time.monotonic() < deadline:
            with contextlib.suppress(TimeoutError):
                self.ask(self.message("kernel_info_request", {}), timeout=1)
                return
        raise InnerKernelDied(f"it did not start within {_SECONDS_TO_START} seconds")

    def _died(self) -> InnerKernelDied:
        status = self._process.returncode
        how = f"by signal {-status}" if status < 0 else f"with status {status}"
        last = (self._folder / "log").read_text("utf-8", "replace").strip().splitlines()[-15:]
        return InnerKernelDied("\n    ".join([f"it ended {how}", *last]))


class _Line(threading.Thread):
    """The sockets of an inner kernel, all used by this one thread."""

    def __init__(self, connection: Mapping[str, Any], published: Callable[[dict[str, Any]], None]):
        super().__init__(name="tff-compat", daemon=True)
        key = connection["key"]
        self.session = jupyter_client.session.Session(
            key=key if isinstance(key, bytes) else key.encode(),
            signature_scheme=connection["signature_scheme"],
        )
        self._published = published
        self._events: dict[str, queue.Queue[tuple[str, dict[str, Any]]]] = {}
        self._to_send: deque[tuple[str, dict[str, Any]] | None] = deque()
        self._wake_reading, self._wake_writing = os.pipe()
        self._closed = False
        self._context = zmq.Context()
        self._sockets = {}
        for name, kind in (("shell", zmq.DEALER), ("stdin", zmq.DEALER), ("iopub", zmq.SUB)):
            socket = self._context.socket(kind)
            socket.linger = 0
            socket.rcvhwm = 0
            if kind == zmq.DEALER:
                # The kernel asks on the one socket who has sent a request on the other.
                socket.identity = self.session.bsession
            else:
                socket.subscribe(b"")
            socket.connect(f"ipc://{connection['ip']}-{connection[f'{name}_port']}")
            self._sockets[name] = socket

    @contextlib.contextmanager
    def events(self, message: dict[str, Any]) -> Any:
        """The queue of what a request causes: ("reply" or "idle" or "question", message)."""
        number = message["header"]["msg_id"]
        self._events[number] = queue.Queue()
        try:
            yield self._events[number]
        finally:
            del self._events[number]

    def send(self, channel: str, message: dict[str, Any]) -> None:
        """Has a message sent, from any thread."""
        self._to_send.append((channel, message))
        os.write(self._wake_writing, b"\0")

    def close(self) -> None:
        """Has the sockets closed; nothing is sent or heard any more. Harmless the second time."""
        if not self._closed:
            self._closed = True
            self._to_send.append(None)
            os.write(self._wake_writing, b"\0")

    def run(self) -> None:
        """Sends and receives, until it is closed."""
        poller = zmq.Poller()
        poller.register(self._wake_reading, zmq.POLLIN)
        names = {socket: name for name, socket in self._sockets.items()}
        for socket in names:
            poller.register(socket, zmq.POLLIN)
        while True:
            for ready, _ in poller.poll():
                if ready == self._wake_reading:
                    os.read(self._wake_reading, 1)
                    wanted = self._to_send.popleft()
                    if wanted is None:
                        self._context.destroy(linger=0)
                        os.close(self._wake_reading)
                        os.close(self._wake_writing)
                        return
                    channel, message = wanted
                    self.session.send(self._sockets[channel], message)
                else:
                    _, parts = self.session.feed_identities(ready.recv_multipart())
                    self._received(names[ready], self.session.deserialize(parts))

    def _received(self, channel: str, message: dict[str, Any]) -> None:
        if channel == "iopub" and message["msg_type"] != "status":
            self._published(message)
            return
        events = self._events.get(message["parent_header"].get("msg_id", ""))
        if events is None:
            return
        if channel == "shell":
            events.put(("reply", message))
        elif channel == "stdin":
            events.put(("question", message))
        elif message["content"]["execution_state"] == "idle":
            events.put(("idle", message))
