"""Runs a notebook as of a release: executes a copy of it, and leaves the original as it is."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jupyter_client
import jupyter_client.kernelspec
import jupyter_client.provisioning
import nbclient
import nbclient.exceptions
import nbformat
from jupyter_core.utils import ensure_async

from tff_compat.running import parameters, processes, progress
from tff_compat.running.console import notice, say, write_coloured
from tff_compat.running.interpreter import Interpreter
from tff_compat.running.programs import ProgramError
from tff_compat.running.session import Session

_SECONDS_TO_START = 120
_LINES_OF_A_CELL = 20

_GRACE = 10.0
"""Seconds that a cell has to end after it was interrupted because its time was over."""


def read(path: Path) -> Any:
    """The notebook in a file, in today's format.

    Raises:
      ProgramError: The file is not a notebook that nbformat can read.
    """
    try:
        return nbformat.read(path, as_version=4)
    except Exception as error:
        # nbformat raises what comes up: KeyError and AttributeError as well as its own errors.
        raise ProgramError(
            f"{path}: not a notebook that can be read: {type(error).__name__}: {error}"
        ) from None


@dataclasses.dataclass(frozen=True)
class Wishes:
    """How a notebook is to be run.

    Attributes:
      parameters: The values to set, by name.
      timeout: Seconds after which a cell is interrupted; None for no limit.
      keep_going: Whether to go on after a cell that fails.
    """

    parameters: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    timeout: float | None = None
    keep_going: bool = False


def run(
    path: Path, output: Path, wishes: Wishes, session: Session, interpreter: Interpreter
) -> int:
    """Executes a notebook and writes it with its outputs after each cell, also one that fails.

    Args:
      path: The notebook, which is not changed.
      output: Where the executed notebook is written, each time whole or not at all.
      wishes: How it is to be run.
      session: The run, with the folder that the kernel's processes report to.
      interpreter: The Python that the kernel runs in.

    Returns:
      0; 1 where a cell failed or the kernel died; 128 + n where we got signal n.

    Raises:
      ProgramError: The notebook cannot be read.
      OSError: The output cannot be written.
    """
    notebook = read(path)
    for cell in notebook.cells:
        # What it holds from an earlier run, of another machine perhaps, is not of this one.
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    parameters.inject(notebook, wishes.parameters)
    if output.exists():
        notice(f"{output} is there already, and is replaced.")
    execution = _Execution(notebook, path, output, wishes, session, interpreter)
    execution.save()
    with processes.ended_descendants() as sessions, _opened(session.folder / "kernel") as log:
        # In a thread of its own nbclient leaves the signals to us.
        thread = threading.Thread(target=execution.run, args=(sessions, log), daemon=True)
        with processes.forwarded_signals(execution.interrupt) as received:
            thread.start()
            thread.join()
    if execution.problem is not None:
        raise execution.problem
    execution.save()
    notice(f"The executed notebook is {output}")
    if received:
        return 128 + received[-1]
    return execution.status


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Any]:
    with path.open("w+b") as file:
        yield file


class _KernelSpecs(jupyter_client.kernelspec.KernelSpecManager):
    """Knows one kernel: that of the chosen interpreter, whatever the notebook names."""

    executable = ""

    def get_kernel_spec(self, kernel_name: str) -> jupyter_client.kernelspec.KernelSpec:
        return jupyter_client.kernelspec.KernelSpec(
            argv=[self.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            display_name="Python 3",
            language="python",
        )


class _Client(nbclient.NotebookClient):
    """Shows what cells print while they run, and knows whether one does."""

    execution: _Execution

    def process_message(self, msg: Any, cell: Any, cell_index: int) -> Any:
        if msg["msg_type"] == "execute_input":
            self.execution.cell_runs = True
        elif msg["msg_type"] == "status" and msg["content"]["execution_state"] == "idle":
            self.execution.cell_ended()
        return super().process_message(msg, cell, cell_index)

    def output(self, outs: Any, msg: Any, display_id: Any, cell_index: int) -> Any:
        if msg["msg_type"] == "stream":
            self.execution.bar.clear()
            stream = sys.stdout if msg["content"]["name"] == "stdout" else sys.stderr
            write_coloured(msg["content"]["text"], stream)
        return super().output(outs, msg, display_id, cell_index)


@dataclasses.dataclass
class _Execution:
    """One execution of a notebook: its kernel, and how it ended."""

    notebook: Any
    path: Path
    output: Path
    wishes: Wishes
    session: Session
    interpreter: Interpreter
    status: int = 0
    problem: OSError | None = None
    cell_runs: bool = False
    _interrupts: int = 0
    _kernel: int | None = None
    _loop: asyncio.AbstractEventLoop | None = None
    _task: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        self.bar = progress.Progress(len(self.notebook.cells))

    def save(self) -> None:
        """Writes the notebook as it is now."""
        _write(self.notebook, self.output)

    def run(self, sessions: list[int], log: Any) -> None:
        """Executes the cells; problems are told to the user and kept in `status`."""
        try:
            asyncio.run(self._run(sessions, log))
        except asyncio.CancelledError:
            self.status = 1
        except OSError as error:
            self.problem = error

    def interrupt(self, number: int) -> None:
        """Ends the run at the first Ctrl-C, by an interrupt of the cell where one runs.

        Anything else, and the second one, ends the kernel at once.
        """
        self._interrupts += 1
        gentle = number == signal.SIGINT and self._interrupts == 1
        if gentle and self.cell_runs and self._kernel is not None:
            processes.signal_session(self._kernel, signal.SIGINT)
        elif self._kernel is not None and not gentle:
            processes.signal_session(self._kernel, signal.SIGKILL)
            self._cancel()
        else:
            # The kernel starts, or is between cells: nothing is lost with it.
            self._cancel()

    def _cancel(self) -> None:
        if self._loop is not None and self._task is not None and not self._loop.is_closed():
            with contextlib.suppress(RuntimeError):
                # It may be closed in between.
                self._loop.call_soon_threadsafe(self._task.cancel)

    def cell_ended(self) -> None:
        """The kernel says that it is idle again.

        An interrupt may have hit it before or after the cell's own code, and then it never says
        how the cell ended.
        """
        self.cell_runs = False
        if self._interrupts and self._loop is not None and self._task is not None:
            self._loop.call_later(_GRACE, self._task.cancel)

    async def _run(self, sessions: list[int], log: Any) -> None:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        if self._interrupts:
            raise asyncio.CancelledError
        specs = _KernelSpecs()
        specs.executable = self.interpreter.executable
        # Sockets in a folder of ours: a port may be another's by the time the kernel takes it.
        manager = jupyter_client.AsyncKernelManager(
            kernel_spec_manager=specs, transport="ipc", ip=str(self.session.folder / "line")
        )
        client = _Client(self.notebook, km=manager, timeout=None)
        client.execution = self
        client.startup_timeout = _SECONDS_TO_START
        ended = False
        try:
            await manager.start_kernel(
                extra_arguments=list(self.session.kernel_arguments),
                cwd=str(self.path.absolute().parent),
                env=self.session.environment(self.interpreter),
                # Its processes must not hold our own output open.
                stdout=log,
                stderr=log,
            )
            assert isinstance(manager.provisioner, jupyter_client.provisioning.LocalProvisioner)
            assert manager.provisioner.pid is not None
            self._kernel = manager.provisioner.pid
            sessions.append(self._kernel)
            client.reset_execution_trackers()
            async with client.async_setup_kernel(cleanup_kc=False):
                await self._note_language(client)
                await self._execute(client)
            ended = True
        except (nbclient.exceptions.DeadKernelError, RuntimeError) as error:
            self.status = 1
            if not self._interrupts:
                self._tell_death(error, log)
        finally:
            self.bar.clear()
            if client.kc is not None:
                client.kc.stop_channels()
            if manager.has_kernel:
                # A kernel that died answers no request to shut down, nor need one be waited for.
                await manager.shutdown_kernel(now=not ended or bool(self.status))

    async def _note_language(self, client: _Client) -> None:
        """Writes into the notebook which language it was run with, as Jupyter does."""
        assert client.kc is not None
        message = await ensure_async(client.kc.kernel_info())
        reply = await client.async_wait_for_reply(message)
        if reply is not None:
            self.notebook.metadata["language_info"] = reply["content"]["language_info"]

    async def _execute(self, client: _Client) -> None:
        """Executes the cells in turn."""
        for index, cell in enumerate(self.notebook.cells):
            if cell.cell_type != "code" or not cell.source.strip():
                continue
            if self._interrupts:
                break
            with self.bar.cell(index + 1), self._limit() as over:
                try:
                    await client.async_execute_cell(cell, index)
                except nbclient.exceptions.CellExecutionError as error:
                    self.status = 1
                    self.bar.clear()
                    self._tell_failure(index + 1, cell, error, over)
                    if not self.wishes.keep_going:
                        break
                finally:
                    self.cell_runs = False
                    self.save()
        client.set_widgets_metadata()

    @contextlib.contextmanager
    def _limit(self) -> Iterator[list[str]]:
        """Interrupts a cell that takes too long; gives the list that says so then."""
        over: list[str] = []
        assert self._loop is not None and self._task is not None and self._kernel is not None
        if self.wishes.timeout is None:
            yield over
            return
        kernel = self._kernel

        def interrupt() -> None:
            over.append(f" (interrupted after {self.wishes.timeout:g} s, see --timeout)")
            processes.signal_session(kernel, signal.SIGINT)

        def kill() -> None:
            say(f"{self.path}: a cell went on after it was interrupted; its kernel is ended.")
            processes.signal_session(kernel, signal.SIGKILL)

        timers = [
            self._loop.call_later(self.wishes.timeout, interrupt),
            self._loop.call_later(self.wishes.timeout + _GRACE, kill),
        ]
        try:
            yield over
        finally:
            for timer in timers:
                timer.cancel()

    def _tell_failure(
        self,
        number: int,
        cell: Any,
        error: nbclient.exceptions.CellExecutionError,
        over: list[str],
    ) -> None:
        place = f"cell {number}"
        if cell.execution_count is not None:
            place += f", In [{cell.execution_count}]"
        say(f"{self.path}, {place}: {error.ename}: {error.evalue}{''.join(over)}")
        lines = cell.source.strip("\n").splitlines()
        shown = [f"    {line}" for line in lines[:_LINES_OF_A_CELL]]
        if len(lines) > _LINES_OF_A_CELL:
            shown.append(f"    … and {len(lines) - _LINES_OF_A_CELL} lines more")
        traceback = [
            line for output in cell.outputs if output.output_type == "error"
            for line in output.traceback
        ]  # fmt: skip
        write_coloured("\n".join([*shown, *traceback, ""]), sys.stderr)

    def _tell_death(self, error: Exception, log: Any) -> None:
        log.seek(0)
        last = log.read().decode("utf-8", "replace").strip().splitlines()[-15:]
        say("\n    ".join([f"The kernel died: {error}", *last]))
        began = any(cell.get("execution_count") for cell in self.notebook.cells)
        if not began and not self.interpreter.cached:
            say("Add --cached, for an environment that has a kernel which works.")


def _write(notebook: Any, output: Path) -> None:
    text = nbformat.writes(notebook, version=nbformat.NO_CONVERT)
    descriptor, partial = tempfile.mkstemp(prefix=f".{output.name}.", dir=output.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text + "\n")
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(partial, 0o666 & ~umask)
        os.replace(partial, output)
    except BaseException:
        os.unlink(partial)
        raise
