"""The IPython extension: `%tff_as_of` and the other magics."""

from __future__ import annotations

import contextlib
import os
import shlex
import sys
import types
from typing import TYPE_CHECKING, Any

from IPython.core.error import StdinNotImplementedError, UsageError
from IPython.core.magic import Magics, line_magic, magics_class

from tff_compat.notebooks import local, rest
from tff_compat.notebooks.cells import Cells

if TYPE_CHECKING:
    from packaging.version import Version

_MAGIC = "tff_as_of"


def load(shell: Any) -> None:
    """Gives a shell the magics, once; in a kernel of a release its cells are followed already."""
    if "tff_as_of" in shell.magics_manager.magics["line"]:
        return
    magics = TffMagics(shell)
    shell.register_magics(magics)
    shell.input_transformers_cleanup.append(local.without_mark)
    magics.cells.skip_reinstalls()
    if "TFF_COMPAT_AS_OF" in os.environ:
        magics.cells.follow()
        magics.cells.tell_missing()


@magics_class
class TffMagics(Magics):
    """TensorFlow Federated as of a release, in a notebook."""

    shell: Any

    def __init__(self, shell: Any):
        super().__init__(shell)
        self.cells = Cells(shell)

    @line_magic
    def tff_as_of(self, line: str) -> None:
        """From now on, TensorFlow Federated is as of a release, such as ``%tff_as_of 0.9``.

        Without a release it is inferred from the notebook. Where this kernel's Python has no
        TensorFlow Federated, cells run in an inner kernel that has it, from here on.
        --cached takes that one also where this Python has it.
        """
        asked, cached = _options(line)
        kernel = getattr(self.shell, "kernel", None)
        running = os.environ.get("TFF_COMPAT_AS_OF")
        if running is None:
            interpreter = self._interpreter(cached, kernel)
            if interpreter.cached:
                self._move(kernel, self._release(asked, interpreter.release), interpreter)
                return
        elif cached:
            raise UsageError("--cached: this kernel runs as of a release already; restart it.")
        self._activate(asked)

    @line_magic
    def tff_report(self, line: str) -> Any:
        """The table of the legacy calls of this notebook so far, with what to write instead."""
        from tff_compat.notebooks.blocks import Report

        calls = self.cells.calls()
        if not calls:
            print("tff-compat: no legacy calls so far.")
            return None
        places = "1 place" if len(calls) == 1 else f"{len(calls)} places"
        return Report(f"tff-compat: {places} with legacy calls", calls, opened=True)

    @line_magic
    def tff_check(self, line: str) -> None:
        """The static findings of this notebook: its legacy uses, without running it."""
        from tff_compat.notebooks import checking
        from tff_compat.notebooks.place import notebook_file

        with notebook_file(self.shell) as path:
            if path is None:
                raise UsageError(
                    "The notebook's file cannot be found from here. "
                    "Save it, and run `tff-compat check` on it at a command line."
                )
            print(checking.check(path, shlex.split(line)), end="")

    def _interpreter(self, cached: bool, kernel: Any) -> Any:
        from tff_compat import recipes
        from tff_compat.running import interpreter

        try:
            # What it tells is no error, so it does not belong in a red block.
            with contextlib.redirect_stderr(sys.stdout):
                chosen = interpreter.choose(cached=cached, notebook=kernel is not None)
        except (recipes.RecipeError, interpreter.InterpreterError) as error:
            raise UsageError(str(error)) from None
        if chosen.cached and kernel is None:
            raise UsageError(
                "Here is no kernel of Jupyter that could hand cells on: use a notebook, or "
                "`tff-compat run`."
            )
        return chosen

    def _release(self, asked: str | None, newest: Version) -> Version:
        """The release that was asked for, or the one that the notebook was written for."""
        if asked is not None:
            return _named(asked, newest)
        from tff_compat.notebooks.place import notebook_file
        from tff_compat.source import inference, reading

        with notebook_file(self.shell) as path:
            if path is None:
                return _named(_answered(), newest)
            try:
                inferred = inference.infer(path, newest=newest)
            except reading.SourceError as error:
                raise UsageError(str(error)) from None
        print(f"tff-compat: as of TFF {inferred.release}: {inferred.reason}")
        return inferred.release

    def _activate(self, asked: str | None) -> None:
        import tff_compat
        from tff_compat import activation
        from tff_compat.notebooks import environment

        environment.quiet()
        installed = tff_compat.installed()
        release = self._release(asked, installed)
        before = activation.active() or os.environ.get("TFF_COMPAT_AS_OF")
        if str(before) != str(release):
            names = _imported(self.shell.user_ns)
            tff_compat.activate(release)
            if names:
                print(
                    "tff-compat: what was imported before stays as it was: "
                    f"{', '.join(names)}. Import it again, or restart the kernel."
                )
        self.cells.follow()
        print(f"tff-compat: TensorFlow Federated is as of {release}, on {installed}.")

    def _move(self, kernel: Any, release: Version, interpreter: Any) -> None:
        """Lets an inner kernel run the cells, from the next line on."""
        from tff_compat.notebooks.bridge import Bridge
        from tff_compat.notebooks.inner import InnerKernelDied

        try:
            bridge = Bridge(kernel, str(release), interpreter)
        except InnerKernelDied as error:
            raise UsageError(f"The inner kernel did not start: {error}") from None
        print(
            f"tff-compat: from here on cells run there, with TensorFlow Federated as of {release};"
            " a cell that begins with %tff_local runs here."
        )
        sys.stdout.flush()
        left = rest.of(kernel.get_parent("shell")["content"].get("code", ""))
        if left:
            # Not the shell's own count: since IPython 9 it is that of the next cell already.
            number = len(self.shell.history_manager.input_hist_raw) - 1
            rest.end_cell(self.shell, bridge.run(left, number=number))


def _options(line: str) -> tuple[str | None, bool]:
    """The release that a line names, and whether it asks for the cached environment."""
    words = shlex.split(line.partition("#")[0])
    releases = [word for word in words if word != "--cached"]
    if len(releases) > 1 or any(word.startswith("-") for word in releases):
        raise UsageError(f"%{_MAGIC} [RELEASE] [--cached]")
    return (releases[0] if releases else None), "--cached" in words


def _named(text: str, newest: Version) -> Version:
    """The release that a text means."""
    from tff_compat import catalog

    try:
        release = catalog.load().resolve(text)
    except catalog.UnknownReleaseError as error:
        raise UsageError(str(error)) from None
    if release > newest:
        raise UsageError(f"TFF {newest} cannot do what came later in {release}.")
    return release


def _answered() -> str:
    """The release that the user says where the notebook cannot tell it."""
    why = "The file of this notebook cannot be found from here."
    with contextlib.suppress(EOFError, StdinNotImplementedError):
        answer = input(f"{why} Which release of TFF was it written for, such as 0.9? ").strip()
        if answer:
            return answer
    raise UsageError(f"{why} Which release was it written for? Say it, as in: %{_MAGIC} 0.9")


def _imported(namespace: dict[str, Any]) -> list[str]:
    """The names of a namespace that are TensorFlow Federated or one of its modules."""
    return sorted(
        name
        for name, value in namespace.items()
        if isinstance(value, types.ModuleType)
        and value.__name__.split(".")[0] == "tensorflow_federated"
        and not name.startswith("_")
    )
