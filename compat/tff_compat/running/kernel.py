"""The IPython extension of a run: it keeps notebooks from replacing TensorFlow, and reports.

Loaded by the kernel's argument `--ext`, so that not a byte of the notebook changes. It runs in the
program's interpreter.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from tff_compat.notebooks import colab
from tff_compat.running.reinstalls import without_reinstalls


class _Cells:
    """Writes after each cell what was called so far: a kernel may be killed at its end."""

    def __init__(self, shell: Any, folder: Path):
        self._shell = shell
        self._folder = folder
        self._numbers: dict[str, int] = {}

    def after(self, result: Any) -> None:
        import _tff_compat_startup

        # Not the shell's own count: since IPython 9 it is that of the next cell already.
        number, source = result.execution_count, result.info.raw_cell
        if number is not None:
            # A kernel names a cell's file after its source as written, not as transformed.
            self._numbers[self._shell.compile.get_code_name(source, source, number)] = number
        path = self._folder / f"cells-{os.getpid()}.json"
        path.write_text(json.dumps(self._numbers), "utf-8")
        _tff_compat_startup.write_report()


def _skip_reinstalls(lines: list[str]) -> list[str]:
    return without_reinstalls(lines)[0]


def load_ipython_extension(shell: Any) -> None:
    """Called by IPython with its shell when the kernel starts."""
    cells = _Cells(shell, Path(os.environ["TFF_COMPAT_REPORTS"]))
    shell.input_transformers_cleanup.append(_skip_reinstalls)
    shell.events.register("post_run_cell", cells.after)
    colab.provide(shell)
    if os.environ.get("TFF_COMPAT_TRACE"):
        from tff_compat.tracing.instrumenting import Instrumenter

        shell.ast_transformers.append(Instrumenter())
