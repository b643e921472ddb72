"""Opens the notebook of 2019 in a real JupyterLab, in a real browser, and runs it.

`tox -e jupyter` runs it. Chromium comes from the system: `apt-get install chromium`.
With TFF_COMPAT_SCREENSHOTS=DIR pictures are written there.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.network]

_EXAMPLE = Path(__file__).parents[2] / "examples" / "federated_averaging_2019.ipynb"
_TOKEN = "tff-compat"
_MINUTE = 60_000
_CHROMIUM = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_FIRST = "%load_ext tff_compat\n%tff_as_of 0.9"
_LAST = "import time\n\nwhile True:\n    time.sleep(0.1)"


def _cell(source: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "metadata": {},
        "execution_count": None,
        "outputs": [],
        "source": source,
    }


def _notebook(path: Path, kernel: str, *, extension: bool) -> None:
    """Writes the notebook of 2019, with a last cell that never ends."""
    content = json.loads(_EXAMPLE.read_text("utf-8"))
    first = [_cell(_FIRST)] if extension else []
    content["cells"] = [*first, *content["cells"], _cell(_LAST)]
    content["metadata"]["kernelspec"] = {"name": kernel, "display_name": kernel}
    path.write_text(json.dumps(content), "utf-8")


class _Lab:
    """A JupyterLab of its own, with nothing of the user's."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.root = folder / "notebooks"
        self.root.mkdir()
        for extension, plugin, setting in (
            # Else cells that are out of sight are not in the page.
            ("notebook-extension", "tracker", {"windowingMode": "none"}),
            ("apputils-extension", "notification", {"fetchNews": "false"}),
        ):
            settings = folder / "settings" / "@jupyterlab" / extension
            settings.mkdir(parents=True)
            (settings / f"{plugin}.jupyterlab-settings").write_text(json.dumps(setting))
        self.environment = {
            **os.environ,
            "JUPYTER_DATA_DIR": str(folder / "data"),
            "JUPYTER_CONFIG_DIR": str(folder / "config"),
            "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
            "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
            "IPYTHONDIR": str(folder / "ipython"),
        }
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    def url(self, notebook: str) -> str:
        return f"http://127.0.0.1:{self.port}/doc/tree/{notebook}?token={_TOKEN}"

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
        options = {
            "ip": "127.0.0.1",
            "port": str(self.port),
            "root_dir": str(self.root),
        }
        command += [f"--ServerApp.{name}={value}" for name, value in options.items()]
        command += [
            f"--IdentityProvider.token={_TOKEN}",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        ]
        with (self.folder / "log").open("wb") as log:
            server = subprocess.Popen(
                command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        try:
            self._wait(server)
            yield
        finally:
            server.send_signal(signal.SIGTERM)
            try:
                server.wait(30)
            finally:
                server.kill()

    def _wait(self, server: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + 120
        while True:
            assert server.poll() is None, (self.folder / "log").read_text()
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api?token={_TOKEN}")
                return
            except (urllib.error.URLError, ConnectionError):
                assert time.monotonic() < deadline, (self.folder / "log").read_text()
                time.sleep(0.2)


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[_Lab]:
    yield _Lab(tmp_path)


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    executable = shutil.which("chromium")
    assert executable, "Chromium is not installed: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch_persistent_context(
            str(tmp_path / "browser"),
            executable_path=executable,
            args=list(_CHROMIUM),
            viewport={"width": 1000, "height": 640},
        )
        yield browser.pages[0]
        browser.close()


def _kernel_without_tff(lab: _Lab) -> str:
    from tff_compat.running import interpreter

    interpreter.choose(cached=True)
    return "python3"


def _kernel_with_tff(lab: _Lab) -> str:
    """An ordinary kernel of a Python 3.11 that has TFF, and tff-compat beside it."""
    import tff_compat
    from tff_compat.running import interpreter

    python = interpreter.choose(cached=True).executable
    beside = lab.folder / "beside"
    beside.mkdir()
    (beside / "tff_compat").symlink_to(Path(tff_compat.__file__).parent)
    description = {
        "argv": [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "env": {"PYTHONPATH": str(beside)},
        "display_name": "Python 3.11",
        "language": "python",
    }
    folder = lab.folder / "data" / "kernels" / "py311"
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(json.dumps(description))
    return "py311"


def _kernel_of_release(lab: _Lab) -> str:
    command = [sys.executable, "-m", "tff_compat", "kernel", "install", "0.9", "--cached"]
    subprocess.run(command, env=lab.environment, check=True)
    return "tff-0.9"


@pytest.mark.parametrize(
    ("kernel", "extension"),
    [(_kernel_without_tff, True), (_kernel_with_tff, True), (_kernel_of_release, False)],
    ids=["python-without-tff", "python-with-tff", "kernel-of-the-release"],
)
def test_the_notebook_of_2019_runs(lab, page, kernel, extension, request, marked_processes):
    _notebook(lab.root / "old.ipynb", kernel(lab), extension=extension)
    with lab.running():
        page.goto(lab.url("old.ipynb"))
        page.locator(".jp-Notebook .jp-CodeCell").first.wait_for(timeout=2 * _MINUTE)
        # Before it is connected, JupyterLab asks which kernel to take.
        connected = page.locator("#jp-main-statusbar", has_text="| Idle")
        connected.wait_for(timeout=2 * _MINUTE)
        _menu(page, "Run", "Run All Cells")
        plot = page.locator(".jp-RenderedImage img")
        plot.first.wait_for(timeout=4 * _MINUTE)
        last = page.locator(".jp-CodeCell").last
        last.locator(".jp-InputPrompt", has_text="[*]").wait_for(timeout=2 * _MINUTE)
        evaluation = page.locator(".jp-OutputArea-output", has_text="keras loss=")
        evaluation.wait_for(timeout=2 * _MINUTE)
        assert plot.count() == 1
        assert "round 12, loss=" in page.locator(".jp-Notebook").inner_text()
        _picture(page, plot.first, f"{request.node.callspec.id}-plot")

        blocks = page.locator("details.tff-compat")
        assert blocks.count() >= 2
        code = blocks.first.locator("pre code").first
        assert not code.is_visible()
        blocks.first.locator("summary").click()
        assert code.is_visible()
        assert "tff.learning." in code.inner_text()
        _picture(page, blocks.first, f"{request.node.callspec.id}-warnings")

        time.sleep(1)
        _menu(page, "Kernel", "Interrupt Kernel")
        error = last.locator(".jp-OutputArea-output", has_text="KeyboardInterrupt")
        error.wait_for(timeout=_MINUTE)
        # The one red block of the notebook: warnings are none, and TensorFlow is quiet.
        errors = page.locator('[data-mime-type="application/vnd.jupyter.stderr"]')
        assert errors.count() == 1
        _picture(page, error, f"{request.node.callspec.id}-interrupt")
    deadline = time.monotonic() + 20
    while left := marked_processes():
        assert time.monotonic() < deadline, left
        time.sleep(0.2)


@pytest.fixture
def marked_processes(lab: _Lab) -> Any:
    """The processes that were started by the server of this test and live."""
    mark = f"JUPYTER_RUNTIME_DIR={lab.folder / 'runtime'}".encode()

    def find() -> list[str]:
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if mark in (process / "environ").read_bytes().split(b"\0"):
                    found.append((process / "cmdline").read_bytes().decode().replace("\0", " "))
        return found

    return find


def _menu(page: Any, menu: str, entry: str) -> None:
    page.locator(".lm-MenuBar-item", has_text=menu).first.click()
    page.locator(".lm-Menu-item", has_text=entry).first.click()


def _picture(page: Any, element: Any, name: str) -> None:
    folder = os.environ.get("TFF_COMPAT_SCREENSHOTS")
    if folder:
        element.scroll_into_view_if_needed()
        time.sleep(0.5)
        page.screenshot(path=Path(folder) / f"{name}.png")
