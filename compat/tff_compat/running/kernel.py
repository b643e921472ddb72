"""The IPython extension of a run: it keeps notebooks from replacing TensorFlow, and reports.

Loaded by the kernel's argument `--ext`, so that not a byte of the notebook changes. It runs in the
program's interpreter.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from tff_compat.notebooks.cells import Cells


def load_ipython_extension(shell: Any) -> None:
    """Called by IPython with its shell when the kernel starts."""
    cells = Cells(shell)
    cells.skip_reinstalls()
    cells.follow()
    folder = Path(os.environ["TFF_COMPAT_REPORTS"])

    def report(result: Any) -> None:
        """Writes after each cell what was called so far: a kernel may be killed at its end."""
        import _tff_compat_startup

        (folder / f"cells-{os.getpid()}.json").write_text(json.dumps(cells.numbers), "utf-8")
        _tff_compat_startup.write_report()

    shell.events.register("post_run_cell", report)
    if os.environ.get("TFF_COMPAT_TRACE"):
        from tff_compat.tracing.instrumenting import Instrumenter

        shell.ast_transformers.append(Instrumenter())
