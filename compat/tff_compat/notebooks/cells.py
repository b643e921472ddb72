"""What cells get in a kernel that has TFF: no reinstalls, a block for warnings, `google.colab`.

The kernels of `tff-compat run` have it as those of Jupyter do.
"""

from __future__ import annotations

import os
import sys
import textwrap
import warnings
from typing import Any

from tff_compat import deprecation
from tff_compat.notebooks import colab
from tff_compat.running.reinstalls import without_reinstalls
from tff_compat.running.session import LegacyCall


class Cells:
    """Follows the cells of a shell, and shows after each what it was warned of."""

    def __init__(self, shell: Any):
        self._shell = shell
        self.numbers: dict[str, int] = {}
        """The numbers of the cells that have run, by the files that their code seems to be from."""
        self._warned: list[deprecation.LegacyAPIWarning] = []
        self._show_others: Any = None

    def skip_reinstalls(self) -> None:
        """From the next cell on, lines that would replace TensorFlow or TFF are left out."""
        self._shell.input_transformers_cleanup.append(_skip_reinstalls)

    def follow(self) -> None:
        """From now on, legacy calls are shown after their cell and not where they happen."""
        if self._show_others is None:
            self._show_others = warnings.showwarning
            warnings.showwarning = self._show  # type: ignore[assignment]
            self._shell.events.register("post_run_cell", self._after)
            # It is new to a program of its time, and what it says is in our blocks where it is due.
            warnings.filterwarnings(
                "ignore", "The `lr` argument is deprecated", UserWarning, r"keras\."
            )
            colab.provide(self._shell)

    def tell_missing(self) -> None:
        """From now on, says how to add a module that is missing in the kernel's own Python."""
        self._shell.events.register("post_run_cell", _tell_missing)

    def calls(self) -> list[tuple[str, LegacyCall]]:
        """All legacy calls so far, each with its place."""
        return [
            self._row(call.symbol, call.release, call.replacement, call.filename, call.lineno, call)
            for call in deprecation.calls()
        ]

    def _show(
        self,
        message: Any,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: Any = None,
        line: str | None = None,
    ) -> None:
        if isinstance(message, deprecation.LegacyAPIWarning) and file is None:
            self._warned.append(message)
        else:
            self._show_others(message, category, filename, lineno, file, line)

    def _after(self, result: Any) -> None:
        # Not the shell's own count: since IPython 9 it is that of the next cell already.
        number, source = result.execution_count, result.info.raw_cell
        # A kernel names a cell's file after its source as written, not as transformed.
        current = self._shell.compile.get_code_name(source, source, number or 0)
        if number is not None:
            self.numbers[current] = number
        if not self._warned:
            return
        warned, self._warned = self._warned, []
        rows = [
            self._row(each.symbol, each.release, _code(each), *each.location, current=current)
            for each in warned
        ]
        from IPython.display import display

        from tff_compat.notebooks.blocks import Block

        display(Block(_title(len(rows), "in this cell"), rows))

    def _row(
        self,
        symbol: str,
        release: str,
        replacement: str,
        filename: str,
        lineno: int,
        call: deprecation.LegacyCall | None = None,
        current: str = "",
    ) -> tuple[str, LegacyCall]:
        cell = self.numbers.get(filename)
        count = 1 if call is None else call.count
        made = LegacyCall(symbol, release, replacement, filename, cell, lineno, count)
        if current and filename == current:
            return f"line {lineno}", made
        if cell is not None:
            return f"In [{cell}], line {lineno}", made
        return f"{os.path.basename(filename)}:{lineno}", made


def _tell_missing(result: Any) -> None:
    error = result.error_in_exec
    if not isinstance(error, ModuleNotFoundError):
        return
    module = (error.name or "").partition(".")[0]
    # What a release of TFF lacks, no package brings.
    if module and module != "tensorflow_federated":
        from tff_compat.running.interpreter import package_of

        print(
            f"tff-compat: there is no module `{module}` in {sys.prefix}, where this cell ran. "
            f"If it comes from a package: %pip install {package_of(module)}"
        )


def _code(warning: deprecation.LegacyAPIWarning) -> str:
    """The code to write; where none can be written, what there is to say, as a comment."""
    return warning.replacement or "\n".join(f"# {line}" for line in textwrap.wrap(str(warning)))


def _title(count: int, where: str) -> str:
    calls = "1 legacy call" if count == 1 else f"{count} legacy calls"
    return f"tff-compat: {calls} {where}: what to write instead"


def _skip_reinstalls(lines: list[str]) -> list[str]:
    return without_reinstalls(lines)[0]
