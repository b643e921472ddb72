"""Real kernels, driven as Jupyter drives them, and a cached environment that takes no minute."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.util
import json
import os
import queue
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

_SECONDS = 60

# Only where the kernel's Python has no TFF are cells moved, and a fake one is not hidden by it.
collect_ignore = (
    ["test_bridge.py", "test_colab.py", "test_in_place.py"]
    if importlib.util.find_spec("tensorflow_federated")
    else []
)


@dataclasses.dataclass
class Ran:
    """What a cell gave: the reply to its request, and what was published meanwhile."""

    reply: dict[str, Any]
    published: list[dict[str, Any]]

    def stream(self, name: str) -> str:
        return "".join(
            each["content"]["text"] for each in self.of("stream") if each["content"]["name"] == name
        )

    @property
    def out(self) -> str:
        return self.stream("stdout")

    @property
    def result(self) -> str:
        """The text of the cell's value."""
        (result,) = self.of("execute_result")
        return result["content"]["data"]["text/plain"]

    @property
    def displays(self) -> list[dict[str, str]]:
        return [each["content"]["data"] for each in self.of("display_data")]

    def ok(self) -> Ran:
        assert self.reply["status"] == "ok", self
        return self

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [each for each in self.published if each["msg_type"] == kind]


class Kernel:
    """A kernel with a client, as a notebook has one."""

    def __init__(self, manager: Any, client: Any, folder: Path):
        self.manager = manager
        self.client = client
        self.folder = folder

    @property
    def pid(self) -> int:
        return self.manager.provisioner.pid

    def send(self, code: str, **options: Any) -> str:
        return self.client.execute(textwrap.dedent(code), **options)

    def run(self, code: str, answer: str | None = None, **options: Any) -> Ran:
        """Runs a cell to its end; answers a question of its."""
        return self.wait(self.send(code, **options), answer)

    def wait(
        self,
        request: str,
        answer: str | None = None,
        each: Callable[[dict[str, Any]], None] = lambda message: None,
    ) -> Ran:
        published: list[dict[str, Any]] = []
        deadline = time.monotonic() + _SECONDS
        while True:
            assert time.monotonic() < deadline, published
            if answer is not None:
                with contextlib.suppress(queue.Empty):
                    published.append(self.client.get_stdin_msg(timeout=0.05))
                    self.client.input(answer)
            try:
                message = self.client.get_iopub_msg(timeout=0.1)
            except queue.Empty:
                continue
            if message["parent_header"].get("msg_id") != request:
                continue
            if message["msg_type"] == "status":
                if message["content"]["execution_state"] == "idle":
                    break
                continue
            published.append(message)
            each(message)
        return Ran(self.reply(request), published)

    def interrupted(self, code: str) -> Ran:
        """Runs a cell that prints something once it has begun, and interrupts it then, once."""
        pending = [self.manager.interrupt_kernel]

        def interrupt(message: dict[str, Any]) -> None:
            # What is printed may come in several messages.
            if message["msg_type"] == "stream" and pending:
                pending.pop()()

        return self.wait(self.send(code), each=interrupt)

    def reply(self, request: str) -> dict[str, Any]:
        deadline = time.monotonic() + _SECONDS
        while time.monotonic() < deadline:
            message = self.client.get_shell_msg(timeout=_SECONDS)
            if message["parent_header"].get("msg_id") == request:
                return message["content"]
        raise AssertionError("no reply")

    def as_of(self, release: str = "0.9") -> Ran:
        self.run("%load_ext tff_compat").ok()
        return self.run(f"%tff_as_of {release}").ok()


@contextlib.contextmanager
def _starter(tmp_path: Path) -> Iterator[Callable[..., Kernel]]:
    manager_module = pytest.importorskip("jupyter_client.manager")
    pytest.importorskip("ipykernel")
    from jupyter_client.kernelspec import KernelSpec

    started: list[Kernel] = []
    folder = tmp_path / "work"
    folder.mkdir()

    def start(argv: list[str] | None = None, **variables: str) -> Kernel:
        # Sockets in a folder: a port may be another's before a kernel that starts slowly takes it.
        line = Path(logs.enter_context(tempfile.TemporaryDirectory())) / "line"
        manager = manager_module.KernelManager(transport="ipc", ip=str(line))
        manager._kernel_spec = KernelSpec(
            argv=argv or [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            display_name="test",
            language="python",
        )
        environment = {**os.environ, "IPYTHONDIR": str(tmp_path / "ipython")}
        for name in ("JPY_SESSION_NAME", "TFF_COMPAT_AS_OF"):
            environment.pop(name, None)
        # It stays open: a restart uses it again.
        log = logs.enter_context((tmp_path / "log").open("ab"))
        manager.start_kernel(
            cwd=str(folder), env={**environment, **variables}, stdout=log, stderr=log
        )
        client = manager.client()
        client.start_channels()
        client.wait_for_ready(timeout=_SECONDS)
        started.append(Kernel(manager, client, folder))
        return started[-1]

    with contextlib.ExitStack() as logs:
        try:
            yield start
        finally:
            for kernel in started:
                kernel.client.stop_channels()
                kernel.manager.shutdown_kernel(now=True)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Kernel]]:
    """Starts a kernel of this Python with more environment variables."""
    with _starter(tmp_path) as start:
        yield start


@pytest.fixture(scope="module")
def start_for_module(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[..., Kernel]]:
    """The same for kernels that several tests share."""
    with _starter(tmp_path_factory.mktemp("module")) as start:
        yield start


@pytest.fixture(scope="module")
def moved(start_for_module: Callable[..., Kernel], cached: dict[str, str]) -> Kernel:
    """A kernel without TFF whose cells are run in an inner one, for tests that leave it whole."""
    kernel = start_for_module(**cached)
    # Of that release itself nothing else is replaced, in a Python that has another NumPy.
    kernel.as_of("0.87")
    return kernel


@pytest.fixture
def ended() -> Callable[..., None]:
    """Waits for the end of processes, and for their folder to be gone."""

    def alive(pid: int) -> bool:
        try:
            text = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
        except OSError:
            return False
        # In a container nobody may wait for orphans: a zombie is not alive.
        return text.rpartition(")")[2].split()[0] not in "ZX"

    def wait(*pids: int, folder: str | None = None) -> None:
        deadline = time.monotonic() + 20
        while any(map(alive, pids)) or (folder is not None and Path(folder).exists()):
            assert time.monotonic() < deadline, [pid for pid in pids if alive(pid)]
            time.sleep(0.05)

    return wait


def fake_tff(folder: Path) -> Path:
    """A folder for PYTHONPATH with a TFF that only has a name and a release."""
    for name, code in (("tensorflow_federated", ""), ("tensorflow", '__version__ = "2.14.1"\n')):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text(code)
    info = folder / "tensorflow_federated-0.87.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: tensorflow-federated\nVersion: 0.87.0\n"
    )
    return folder


@pytest.fixture(scope="module")
def fake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of such a TFF."""
    return fake_tff(tmp_path_factory.mktemp("fake") / "folder")


@pytest.fixture(scope="module")
def cached(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment variables with which the cached environment is this Python, with a fake TFF.

    A kernel that is started with them finds it built.
    """
    from tff_compat import catalog, recipes
    from tff_compat.recipes import environment
    from tff_compat.running import interpreter

    tmp_path = tmp_path_factory.mktemp("cached")
    fake = fake_tff(tmp_path / "fake")
    cache = tmp_path / "cache"
    folder = cache / "tff-compat" / "environments" / interpreter.cached_path().name
    (folder / "bin").mkdir(parents=True)
    python = folder / "bin" / "python"
    python.write_text(
        f'#!/bin/sh\nexport TFF_COMPAT_PREFIX="{sys.prefix}"\n'
        f'export PYTHONPATH="$PYTHONPATH:{fake}"\nexec "{sys.executable}" "$@"\n'
    )
    python.chmod(0o755)
    (folder / "tff-compat-constraints.txt").touch()
    marker = {
        **environment._contents(recipes.recipe(catalog.PRIMARY)),
        "extra_requirements": list(interpreter._EXTRA_REQUIREMENTS),
        "asked_python": None,
    }
    (folder / "tff-compat-recipe.json").write_text(json.dumps(marker))
    return {"XDG_CACHE_HOME": str(cache)}
