"""Checks that a notebook is executed in a copy, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

pytest.importorskip("ipykernel")


@pytest.fixture
def notebook(run):
    def write(*cells: str | dict) -> bytes:
        content = {
            "cells": [
                {
                    "cell_type": "code",
                    "execution_count": None,
                    "metadata": {},
                    "outputs": [],
                    **(cell if isinstance(cell, dict) else {"source": cell}),
                }
                for cell in cells
            ],
            "metadata": {"kernelspec": {"display_name": "Gone", "name": "gone"}},
            "nbformat": 4,
            "nbformat_minor": 0,
        }
        (run.folder / "old.ipynb").write_text(json.dumps(content))
        return (run.folder / "old.ipynb").read_bytes()

    return write


def _cells(path) -> list[dict]:
    return json.loads(path.read_text())["cells"]


def _outputs(path) -> list[str]:
    cells = json.loads(path.read_text())["cells"]
    outputs = [output for cell in cells for output in cell["outputs"]]
    return ["".join(o.get("text") or o["data"]["text/plain"]) for o in outputs]


def test_a_copy_is_executed_as_of_the_release(run, notebook):
    original = notebook(
        "!pip install -q tensorflow_federated==0.9.0",
        "import tensorflow_federated as tff\nprint(tff)",
        "6 * 7",
    )
    ended = run("old.ipynb")
    assert ended.status == 0, ended.err
    assert (run.folder / "old.ipynb").read_bytes() == original
    notice, view, product = _outputs(run.folder / "old.out.ipynb")
    assert "tensorflow_federated==0.9.0` is skipped" in notice
    assert view == "<view of 'tff' as of TFF 0.9.0>\n"
    assert product == "42"
    assert view in ended.out
    assert "pins tensorflow_federated=" in ended.err


def test_the_table_names_the_cell(run, notebook):
    notebook(
        "import tensorflow_federated as tff\nfrom tff_compat import deprecation\n"
        "from packaging.version import Version",
        "x = 1\n"
        "deprecation.warn_legacy(\n"
        "    'tff.old', last_release=Version('0.12.0'), template='tff.new()')",
    )
    ended = run("old.ipynb", "--as-of", "0.9", "--report", "report.json")
    assert ended.status == 0, ended.err
    assert "In [2], line 2" in ended.err
    (call,) = json.loads((run.folder / "report.json").read_text())["calls"]
    assert (call["filename"], call["cell"], call["lineno"]) == ("old.ipynb", 2, 2)


def test_warnings_are_one_block_per_cell_as_in_kernels(run, notebook):
    call = "deprecation.warn_legacy({!r}, last_release=Version('0.12.0'), template={!r})"
    notebook(
        "import tensorflow_federated as tff\nfrom tff_compat import deprecation\n"
        "from packaging.version import Version",
        "\n".join(
            [call.format("tff.old", 'tff.new("<b>")'), call.format("tff.other", "tff.one()")]
        ),
        "import warnings\nwarnings.warn('mine')",
    )
    ended = run("old.ipynb", "--as-of", "0.9")
    assert ended.status == 0, ended.err
    _, cell, other = _cells(run.folder / "old.out.ipynb")
    (block,) = cell["outputs"]
    assert block["output_type"] == "display_data"
    assert "".join(block["data"]["text/plain"]) == (
        "tff-compat: 2 legacy calls in this cell: what to write instead\n"
        "  line 1: tff.old (last in TFF 0.12.0)\n"
        '      tff.new("<b>")\n'
        "  line 2: tff.other (last in TFF 0.12.0)\n"
        "      tff.one()"
    )
    html = "".join(block["data"]["text/html"])
    assert html.startswith("<details") and "tff.new(&quot;&lt;b&gt;&quot;)</code></pre>" in html
    assert "LegacyAPIWarning" not in ended.err and "In [2], line 2" in ended.err
    assert "UserWarning: mine" in "".join(other["outputs"][0]["text"])


def test_a_cell_that_fails_ends_it_and_what_ran_is_written(run, notebook):
    notebook("print('before')", "1 / 0", "print('after')")
    ended = run("old.ipynb", "--as-of", "0.9", "--output", "mine.ipynb")
    assert ended.status == 1
    assert "old.ipynb, cell 2, In [2]: ZeroDivisionError: division by zero" in ended.err
    cells = json.loads((run.folder / "mine.ipynb").read_text())["cells"]
    assert [len(cell["outputs"]) for cell in cells] == [1, 1, 0]


def test_a_kernel_that_dies_ends_it(run, notebook):
    notebook("import os\nos._exit(1)")
    ended = run("old.ipynb", "--as-of", "0.9")
    assert ended.status == 1
    assert "The kernel died" in ended.err


def test_what_a_cell_starts_does_not_outlive_the_run(run, notebook, is_alive):
    notebook(
        "import subprocess, sys\n"
        'code = \'import os, time; open("child", "w").write(str(os.getpid())); time.sleep(600)\'\n'
        "child = subprocess.Popen([sys.executable, '-S', '-c', code], start_new_session=True)\n"
        "import os, time\n"
        "while not os.path.exists('child'): time.sleep(0.01)"
    )
    assert run("old.ipynb", "--as-of", "0.9").status == 0
    assert not is_alive(run.folder / "child")


_OLD_FAILURE = {
    "source": "x",
    "execution_count": 31,
    "outputs": [
        {
            "output_type": "error",
            "ename": "NameError",
            "evalue": "name 'x' is not defined",
            "traceback": ["OLD TRACEBACK OF ANOTHER MACHINE"],
        }
    ],
}


def test_the_failing_cell_is_the_one_of_this_run_with_its_source(run, notebook):
    notebook("import tensorflow_federated as tff", "1/0", _OLD_FAILURE)
    ended = run("old.ipynb")
    assert ended.status == 1
    assert "old.ipynb, cell 2, In [2]: ZeroDivisionError: division by zero\n    1/0\n" in ended.err
    assert "ANOTHER MACHINE" not in ended.err
    assert "\x1b" not in ended.err
    cells = _cells(run.folder / "old.out.ipynb")
    assert (cells[2]["outputs"], cells[2]["execution_count"]) == ([], None)


def test_output_without_a_terminal_has_no_colour_codes_and_the_notebook_keeps_them(run, notebook):
    notebook(r"print('\x1b[31mred\x1b[0m')")
    ended = run("old.ipynb", "--as-of", "0.9")
    assert ended.out == "red\n"
    [cell] = _cells(run.folder / "old.out.ipynb")
    assert cell["outputs"][0]["text"] == ["\x1b[31mred\x1b[0m\n"]


def test_cells_that_begin_with_blanks_and_cells_that_are_no_python(run, notebook):
    notebook(
        "\n  import tensorflow_federated as tff\n  print('blanks')",
        ">>> print('prompt')",
        "tff.simulation.",
        "print('later')",
    )
    ended = run("old.ipynb")
    assert ended.out == "blanks\nprompt\n", ended.err
    assert ended.status == 1
    assert "old.ipynb, cell 3" in ended.err and "SyntaxError" in ended.err
    ended = run("old.ipynb", "--keep-going", "--as-of", "0.9")
    assert (ended.status, ended.out) == (1, "blanks\nprompt\nlater\n")
    assert "old.out.ipynb is there already" in ended.err


def test_parameters_are_set_after_the_cell_that_has_them(run, notebook):
    defaults = {"source": "rate, rounds, name = 0.1, 1, 'a'", "metadata": {"tags": ["parameters"]}}
    notebook("first = 1", defaults, "print(first, rate, rounds, name)")
    (run.folder / "more.json").write_text('{"rounds": 7, "name": "from the file"}')
    ended = run(
        "old.ipynb", "--as-of", "0.9", "--parameters", "more.json", "-p", "rate", "1e-3",
        "-p", "name", "b c",
    )  # fmt: skip
    assert ended.out == "1 0.001 7 b c\n", ended.err
    cells = _cells(run.folder / "old.out.ipynb")
    assert cells[2]["metadata"]["tags"] == ["injected-parameters"]
    os.replace(run.folder / "old.out.ipynb", run.folder / "again.ipynb")
    assert run("again.ipynb", "--as-of", "0.9", "-p", "rate", "5").out == "1 5 1 a\n"


def test_without_a_cell_for_them_parameters_are_set_at_the_top(run, notebook):
    notebook("print(rate)")
    assert run("old.ipynb", "--as-of", "0.9", "-p", "rate", "true").out == "True\n"


def test_a_cell_that_takes_too_long_is_interrupted(run, notebook):
    notebook("import time\nprint('a', flush=True)\ntime.sleep(600)", "print('b')")
    ended = run("old.ipynb", "--as-of", "0.9", "--timeout", "1", "--keep-going")
    assert (ended.status, ended.out) == (1, "a\nb\n")
    assert "cell 1, In [1]: KeyboardInterrupt:  (interrupted after 1 s" in ended.err


def test_what_was_done_is_there_after_a_kill(run, notebook):
    notebook("print('done')", "import sys, time\nprint('live', file=sys.stderr)\ntime.sleep(600)")
    process = run.start("old.ipynb", "--as-of", "0.9")
    _wait_for(lambda: "live" in (run.folder / "err").read_text())
    process.kill()
    process.wait()
    assert [len(cell["outputs"]) for cell in _cells(run.folder / "old.out.ipynb")] == [1, 0]


def test_quiet(run, notebook):
    notebook("import tensorflow_federated\nprint(1)")
    ended = run("old.ipynb", "--quiet")
    assert (ended.out, ended.err) == ("1\n", "")


def test_a_module_that_is_missing_is_told(run, notebook):
    notebook("import sklearn_of_old")
    ended = run("old.ipynb", "--as-of", "0.9")
    assert "There is no module `sklearn_of_old`" in ended.err
    assert "pip install sklearn_of_old" in ended.err


def test_what_colab_has_is_there_or_says_what_to_do(run, notebook):
    notebook(
        "from google.colab import drive\ndrive.mount('/content/drive')", "%%shell\necho $((1 + 1))"
    )
    ended = run("old.ipynb", "--as-of", "0.9")
    assert ended.status == 0, ended.err
    first, second = ended.out.splitlines()
    assert "put the files that the notebook reads into /content/drive" in first
    assert second == "2"


class Terminal:
    """A run whose standard error and control are a terminal, as in a shell."""

    def __init__(self, run, *arguments: str):
        import pty

        self._out = run.folder / "out"
        self._master, slave = pty.openpty()
        command = [sys.executable, "-m", "tff_compat", "run", *arguments]
        with self._out.open("wb") as out:
            self.process = subprocess.Popen(
                command, stdin=slave, stdout=out, stderr=slave, cwd=run.folder,
                env=run.environment, start_new_session=True, preexec_fn=self._control,
            )  # fmt: skip
        os.close(slave)
        os.set_blocking(self._master, False)
        self._text = b""

    @staticmethod
    def _control() -> None:
        import fcntl
        import termios

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    @property
    def out(self) -> str:
        return self._out.read_text()

    @property
    def err(self) -> str:
        while True:
            try:
                more = os.read(self._master, 65536)
            except (BlockingIOError, OSError):
                break
            if not more:
                break
            self._text += more
        return self._text.decode(errors="replace")

    def press(self, key: bytes = b"\x03") -> None:
        os.write(self._master, key)

    def wait(self) -> int:
        deadline = time.monotonic() + 90
        while self.process.poll() is None:
            assert time.monotonic() < deadline, self.err
            _ = self.err
            time.sleep(0.05)
        return self.process.returncode


def _wait_for(condition) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_progress_and_an_interrupted_cell_on_a_terminal(run, notebook):
    notebook("print(1)", "import time\nprint('sleeps', flush=True)\ntime.sleep(600)", "print(3)")
    terminal = Terminal(run, "old.ipynb", "--as-of", "0.9")
    _wait_for(lambda: "sleeps" in terminal.out)
    terminal.press()
    assert terminal.wait() == 130
    assert "cell 1 of 3: 0." in terminal.err and "cell 2 of 3, 0 s" in terminal.err
    assert "cell 2, In [2]: KeyboardInterrupt" in terminal.err
    cells = _cells(run.folder / "old.out.ipynb")
    assert [cell["execution_count"] for cell in cells] == [1, 2, None]


def test_an_interrupt_ends_the_run_also_where_the_cell_takes_it(run, notebook):
    notebook(
        "import time\ntry:\n    print('tries', flush=True)\n    time.sleep(600)\n"
        "except KeyboardInterrupt:\n    print('saved')",
        "print('not reached')",
    )
    terminal = Terminal(run, "old.ipynb", "--as-of", "0.9")
    _wait_for(lambda: "tries" in terminal.out)
    terminal.press()
    assert terminal.wait() == 130
    assert terminal.out == "tries\nsaved\n"


def test_a_second_interrupt_ends_a_cell_that_ignores_the_first(run, notebook):
    notebook(
        "import time\nwhile True:\n    try:\n        print('on', flush=True)\n"
        "        time.sleep(600)\n    except KeyboardInterrupt:\n        pass"
    )
    terminal = Terminal(run, "old.ipynb", "--as-of", "0.9")
    for count in (1, 2):
        _wait_for(lambda count=count: terminal.out.count("on") == count)
        terminal.press()
    assert terminal.wait() == 130


def test_an_interrupt_while_the_kernel_starts_ends_the_run(run, notebook, is_alive):
    notebook("print('was run')")
    # The kernel's own start, which lasts as long as we like.
    (run.folder / "ipykernel_launcher.py").write_text(
        "import os, time\nopen('kernel', 'w').write(str(os.getpid()))\ntime.sleep(600)\n"
    )
    run.environment["PYTHONPATH"] += os.pathsep + str(run.folder)
    terminal = Terminal(run, "old.ipynb", "--as-of", "0.9")
    _wait_for(lambda: (run.folder / "kernel").exists())
    terminal.press()
    assert terminal.wait() == 130
    assert not is_alive(run.folder / "kernel")
    assert "Traceback" not in terminal.err and terminal.out == ""


@pytest.mark.parametrize("seconds", [0.7, 1.5, 3.0])
def test_an_interrupt_at_any_moment_ends_the_run(run, notebook, seconds):
    notebook(*["import time\ntime.sleep(0.1)"] * 300)
    terminal = Terminal(run, "old.ipynb", "--as-of", "0.9")
    time.sleep(seconds)
    terminal.press()
    assert terminal.wait() in (130, -signal.SIGINT)
