"""The command line: `tff-compat run` and what it says when it cannot."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import tff_compat

if TYPE_CHECKING:
    from tff_compat.running.interpreter import Interpreter
    from tff_compat.running.programs import Program
    from tff_compat.running.session import Session

_USAGE_ERROR = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line and gives its exit status: the program's, or 2 where none was run."""
    words = list(sys.argv[1:] if argv is None else argv)
    # argparse would take options of the program for ours.
    arguments: list[str] = []
    if "--" in words:
        position = words.index("--")
        words, arguments = words[:position], words[position + 1 :]
    parser = _parser()
    options = parser.parse_args(words)
    if options.command is None:
        parser.print_help()
        return 0
    from tff_compat.running.console import say

    try:
        return _run(options, arguments)
    except _Refused as error:
        say(str(error))
        return _USAGE_ERROR
    except KeyboardInterrupt:
        return 130


class _Refused(Exception):
    """The command cannot be carried out; the text says why."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tff-compat",
        description="Runs code written for any release of TensorFlow Federated, unchanged.",
    )
    parser.add_argument(
        "--version", action="version", version=f"tff-compat {tff_compat.__version__}"
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
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
    return parser


def _run(options: argparse.Namespace, arguments: Sequence[str]) -> int:
    from tff_compat import recipes
    from tff_compat.running import interpreter, programs, session, summary
    from tff_compat.running.console import say

    try:
        program = programs.program(options.path)
    except programs.ProgramError as error:
        raise _Refused(str(error)) from None
    if program.notebook:
        _check_notebook_options(options, arguments, program.path)
    elif options.output is not None:
        raise _Refused("--output is for notebooks; redirect the output of a script.")
    _check_folder("--report", options.report)
    as_of = _as_of(options.as_of, program.path)
    try:
        python = interpreter.choose(cached=options.cached, notebook=program.notebook)
    except (recipes.RecipeError, interpreter.InterpreterError) as error:
        raise _Refused(str(error)) from None
    with session.session(as_of, options.warnings) as current:
        status = _run_program(program, options.output, arguments, current, python)
        report = current.report(options.path if program.notebook else None)
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
        raise _Refused("A notebook takes no arguments.")
    if options.output is None:
        options.output = path.with_suffix(".out.ipynb")
    if options.output.exists() and options.output.samefile(path):
        raise _Refused("--output names the notebook itself, which is never changed.")
    _check_folder("--output", options.output)


def _check_folder(option: str, file: Path | None) -> None:
    # Before the program runs, which may take hours.
    if file is None:
        return
    folder = file.absolute().parent
    if not folder.is_dir() or not os.access(folder, os.W_OK) or file.is_dir():
        raise _Refused(f"{option}: {file} cannot be written.")


def _as_of(asked: str | None, path: Path) -> str:
    """The release to run as of; where it is inferred, the user is told."""
    from tff_compat import catalog
    from tff_compat.running.console import say

    if asked is not None:
        try:
            return str(catalog.load().resolve(asked))
        except catalog.UnknownReleaseError as error:
            raise _Refused(f"--as-of: {error}") from None
    from tff_compat.source import inference

    inferred = inference.infer(path)
    say(f"As of TensorFlow Federated {inferred.release}: {inferred.reason}")
    return str(inferred.release)


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
        raise _Refused(f"{program.path} cannot be run: {error}") from None
