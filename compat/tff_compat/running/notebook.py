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
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jupyter_client
import jupyter_client.kernelspec
import jupyter_client.provisioning
import nbclient
import nbclient.exceptions
import nbformat

from tff_compat.running import processes
from tff_compat.running.console import say
from tff_compat.running.interpreter import Interpreter
from tff_compat.running.programs import ProgramError
from tff_compat.running.session import Session

_SECONDS_TO_START = 120


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


def run(path: Path, output: Path, session: Session, interpreter: Interpreter) -> int:
    """Executes a notebook and writes it with its outputs, also where a cell fails.

    Args:
      path: The notebook, which is not changed.
      output: Where the executed notebook is written, whole or not at all.

    Returns:
      0; 1 where a cell failed or the kernel died; 128 + n where we got signal n.

    Raises:
      ProgramError: The notebook cannot be read.
      OSError: The output cannot be written.
    """
    notebook = read(path)
    execution = _Execution(notebook, path, session, interpreter)
    with processes.ended_descendants() as sessions, _opened(session.folder / "kernel") as log:
        # In a thread of its own nbclient leaves the signals to us.
        thread = threading.Thread(target=execution.run, args=(sessions, log), daemon=True)
        with processes.forwarded_signals(execution.interrupt) as received:
            thread.start()
            thread.join()
    _write(notebook, output)
    say(f"The executed notebook is {output}")
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
    """Shows what cells print while they run."""

    def output(self, outs: Any, msg: Any, display_id: Any, cell_index: int) -> Any:
        if msg["msg_type"] == "stream" and msg["content"]["name"] == "stdout":
            sys.stdout.write(msg["content"]["text"])
            sys.stdout.flush()
        return super().output(outs, msg, display_id, cell_index)


@dataclasses.dataclass
class _Execution:
    """One execution of a notebook: its kernel, and how it ended."""

    notebook: Any
    path: Path
    session: Session
    interpreter: Interpreter
    status: int = 0
    _kernel: int | None = None
    _interrupts: int = 0

    def run(self, sessions: list[int], log: Any) -> None:
        """Executes the cells; problems are told to the user and kept in `status`."""
        asyncio.run(self._run(sessions, log))

    def interrupt(self, number: int) -> None:
        """Interrupts the cell that runs at the first Ctrl-C; ends the kernel at anything else."""
        self._interrupts += 1
        if self._kernel is not None:
            gentle = number == signal.SIGINT and self._interrupts == 1
            processes.signal_session(self._kernel, signal.SIGINT if gentle else signal.SIGKILL)

    async def _run(self, sessions: list[int], log: Any) -> None:
        specs = _KernelSpecs()
        specs.executable = self.interpreter.executable
        manager = jupyter_client.AsyncKernelManager(kernel_spec_manager=specs)
        client = _Client(self.notebook, km=manager, timeout=None)
        environment = self.session.environment(self.interpreter)
        try:
            await manager.start_kernel(
                extra_arguments=["--ext=tff_compat.running.kernel"],
                cwd=str(self.path.absolute().parent),
                env=environment,
                # Its processes must not hold our own output open.
                stdout=log,
                stderr=log,
            )
            assert isinstance(manager.provisioner, jupyter_client.provisioning.LocalProvisioner)
            assert manager.provisioner.pid is not None
            self._kernel = manager.provisioner.pid
            sessions.append(self._kernel)
            client.startup_timeout = _SECONDS_TO_START
            await client.async_execute()
        except nbclient.exceptions.CellExecutionError as error:
            self.status = 1
            self._tell_failure(error)
        except (nbclient.exceptions.DeadKernelError, RuntimeError) as error:
            self.status = 1
            if not self._interrupts:
                log.seek(0)
                last = log.read().decode("utf-8", "replace").strip().splitlines()[-15:]
                say("\n    ".join([f"The kernel died: {error}", *last]))
                began = any(cell.get("execution_count") for cell in self.notebook.cells)
                if not began and not self.interpreter.cached:
                    say("Add --cached, for an environment that has a kernel which works.")
        finally:
            if client.kc is not None:
                client.kc.stop_channels()
            if manager.has_kernel:
                # A kernel that died answers no request to shut down.
                await manager.shutdown_kernel(now=self.status != 0)

    def _tell_failure(self, error: nbclient.exceptions.CellExecutionError) -> None:
        # The last cell that has a count is the one that failed: nbclient goes through in order.
        failed = [
            (number, cell)
            for number, cell in enumerate(self.notebook.cells, 1)
            if cell.cell_type == "code" and any(o.output_type == "error" for o in cell.outputs)
        ]
        number, cell = failed[-1]
        place = f"cell {number}"
        if cell.execution_count is not None:
            place += f", In [{cell.execution_count}]"
        say(f"{self.path}, {place}: {error.ename}: {error.evalue}")
        traceback = next(o.traceback for o in cell.outputs if o.output_type == "error")
        print("\n".join(traceback), file=sys.stderr, flush=True)


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
