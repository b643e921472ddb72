"""Where the notebook's file is, which each front end tells a kernel in its own way."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any


@contextlib.contextmanager
def notebook_file(shell: Any) -> Iterator[Path | None]:
    """The file of the notebook that is open, or a copy of it; None where it cannot be found."""
    named = [
        # VS Code, then Jupyter, which knows the name that it had when the kernel started.
        shell.user_ns.get("__vsc_ipynb_file__"),
        os.environ.get("JPY_SESSION_NAME"),
    ]
    for name in named:
        if name and str(name).endswith(".ipynb") and Path(name).is_file():
            yield Path(name)
            return
    content = _of_colab()
    if content is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="tff-compat-") as folder:
        path = Path(folder) / "notebook.ipynb"
        path.write_text(json.dumps(content), "utf-8")
        yield path


def _of_colab() -> Any:
    """The notebook as the page of Colab has it."""
    try:
        from google.colab import _message
    except ImportError:
        return None
    answer = _message.blocking_request("get_ipynb", timeout_sec=10)
    return None if answer is None else answer.get("ipynb")
