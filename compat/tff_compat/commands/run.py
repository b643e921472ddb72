"""`tff-compat run`: runs a script or a notebook as of an earlier release."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.version import Version

from tff_compat.commands.errors import CommandError

if TYPE_CHECKING:
    from tff_compat.running.interpreter import Interpreter
    from tff_compat.running.programs import Program
    from tff_compat.running.session import Session


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declares the command and its options."""
    run = commands.add_parser(
        "run",
        help="run a script or notebook as of an earlier release",
        description="Runs a script like `python PATH ARGS`, or executes a notebook and writes it "
        "with its outputs. Where no TensorFlow Federated is installed, an environment that has "
        "it is built once and kept.",
        usage="tff-compat run PATH [--as-of RELEASE] [options] [-- ARGS]",
    )
    run.add_argument("path", metavar="PATH", help="a .py script or an .ipynb notebook")
    run.add_argument(
        "--as-of",
        metavar="RELEASE",
        help="the release that the program was written for, such as 0.9; without it, the release "
        "is inferred from the source",
    )
    run.add_argument(
        "--output",
        metavar="OUT",
        type=Path,
        help="where to write the executed notebook (default: PATH with .out.ipynb)",
    )
    run.add_argument(
        "--no-summary", action="store_true", help="no table of legacy calls at the end"
    )
    run.add_argument(
        "--report", metavar="FILE.json", type=Path, help="write the legacy calls as JSON"
    )
    run.add_argument(
        "--cached",
        action="store_true",
        help="use the cached environment even where TensorFlow Federated is installed",
    )
    run.add_argument(
        "-W",
        dest="warnings",
        metavar="FILTER",
        action="append",
        default=[],
        help="a warning filter, as of Python's own -W",
    )
    run.add_argument_group("ARGS", "the program's own arguments, after --")
    run.set_defaults(execute=execute)


def execute(options: argparse.Namespace, arguments: Sequence[str]) -> int:
    """Runs the program; the status is the program's.

    Raises:
      CommandError: The program or an option cannot be used, or there is no environment for it.
    """
    from tff_compat import recipes
    from tff_compat.running import interpreter, programs, session, summary
    from tff_compat.running.console import say

    try:
        program = programs.program(options.path)
    except programs.ProgramError as error:
        raise CommandError(str(error)) from None
    if program.notebook:
        _check_notebook_options(options, arguments, program.path)
    elif options.output is not None:
        raise CommandError("--output is for notebooks; redirect the output of a script.")
    _check_folder("--report", options.report)
    asked = _asked(options.as_of)
    try:
        python = interpreter.choose(cached=options.cached, notebook=program.notebook)
    except (recipes.RecipeError, interpreter.InterpreterError) as error:
        raise CommandError(str(error)) from None
    as_of = str(_as_of(asked, program.path, python.release))
    with session.session(as_of, options.warnings) as current:
        status = _run_program(program, options.output, arguments, current, python)
        report = current.report(options.path if program.notebook else None)
        if status:
            _advise(current, program.path, Version(as_of), python.release, arguments)
    if report.failed:
        say(python.advice)
    if options.report is not None:
        summary.write(
            report,
            options.report,
            program=options.path,
            as_of=as_of,
            python=python.executable,
            status=status,
        )
    if not options.no_summary and (report.calls or not report.failed):
        summary.show(report, as_of)
    return status


def _check_notebook_options(
    options: argparse.Namespace, arguments: Sequence[str], path: Path
) -> None:
    if arguments:
        raise CommandError("A notebook takes no arguments.")
    if options.output is None:
        options.output = path.with_suffix(".out.ipynb")
    if options.output.exists() and options.output.samefile(path):
        raise CommandError("--output names the notebook itself, which is never changed.")
    _check_folder("--output", options.output)


def _check_folder(option: str, file: Path | None) -> None:
    # Before the program runs, which may take hours.
    if file is None:
        return
    folder = file.absolute().parent
    if not folder.is_dir() or not os.access(folder, os.W_OK) or file.is_dir():
        raise CommandError(f"{option}: {file} cannot be written.")


def _asked(release: str | None) -> Version | None:
    from tff_compat import catalog

    try:
        return None if release is None else catalog.load().resolve(release)
    except catalog.UnknownReleaseError as error:
        raise CommandError(f"--as-of: {error}") from None


def _as_of(asked: Version | None, path: Path, installed: Version) -> Version:
    """The release to run as of; where it is inferred, the user is told."""
    from tff_compat.running.console import say
    from tff_compat.source import inference

    if asked is None:
        inferred = inference.infer(path, newest=installed)
        say(f"As of TensorFlow Federated {inferred.release}: {inferred.reason}")
        if inferred.doubt is not None:
            others = " or ".join(map(str, inferred.others))
            say(f"The evidence is weak: {inferred.doubt}. The next candidates: --as-of {others}")
        asked = inferred.release
    if asked > installed:
        raise CommandError(
            f"TFF {installed} is installed, which cannot do what came later in {asked}. "
            "--cached runs the program on the newest release."
        )
    return asked


def _advise(
    current: Session, path: Path, as_of: Version, installed: Version, arguments: Sequence[str]
) -> None:
    """Says which release has what the program missed, if that is why it failed."""
    from tff_compat.running import failures
    from tff_compat.running.console import say

    for failure in failures.read(current.folder):
        text = failures.advice(failure, path, as_of, installed, arguments)
        if text is not None:
            say(text)
            return


def _run_program(
    program: Program,
    output: Path,
    arguments: Sequence[str],
    current: Session,
    python: Interpreter,
) -> int:
    from tff_compat.running.programs import ProgramError

    try:
        if program.notebook:
            from tff_compat.running import notebook

            return notebook.run(program.path, output, current, python)
        from tff_compat.running import script

        return script.run(program.path, arguments, current, python)
    except (ProgramError, OSError) as error:
        raise CommandError(f"{program.path} cannot be run: {error}") from None
