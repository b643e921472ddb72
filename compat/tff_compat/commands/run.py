"""`tff-compat run`: runs a program or a notebook as of an earlier release."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tff_compat.commands import releases
from tff_compat.commands.errors import CommandError

if TYPE_CHECKING:
    from packaging.version import Version

    from tff_compat.eras import Eras
    from tff_compat.running.interpreter import Interpreter
    from tff_compat.running.programs import Program
    from tff_compat.running.session import Report, Session

ONLY_NOTEBOOKS = frozenset({"output", "keep_going", "timeout", "p", "parameters", "help"})
"""Options that a script may have as well: after a script they are its own."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declares the command and its options."""
    run = commands.add_parser(
        "run",
        description="Runs a program like `python PATH ARGS`, or executes a notebook and writes it "
        "with its outputs. Where no TensorFlow Federated is installed, an environment that has "
        "it is built once and kept.",
        usage="tff-compat run PATH | -m MODULE [--as-of RELEASE] [options] [--] [ARGS]",
        allow_abbrev=False,
    )
    run.add_argument(
        "path",
        metavar="PATH",
        nargs="?",
        help="a script, an .ipynb notebook, a folder or zip file with a __main__.py, or - for "
        "standard input",
    )
    run.add_argument("-m", dest="module", metavar="MODULE", help="a module or package, as python")
    run.add_argument(
        "--as-of",
        metavar="RELEASE",
        action="append",
        help="the release that the program was written for, such as 0.9; without it, the release "
        "is inferred from the source. PACKAGE=RELEASE is for the modules of a package alone",
    )
    run.add_argument(
        "--with",
        dest="packages",
        metavar="PACKAGE",
        action="append",
        default=[],
        help="packages to add to the cached environment; they stay there",
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
    run.add_argument(
        "--report", metavar="FILE.json", type=Path, help="write the legacy calls as JSON"
    )
    run.add_argument(
        "--no-summary", action="store_true", help="no table of legacy calls at the end"
    )
    run.add_argument(
        "--by-symbol", action="store_true", help="the table has one row for each legacy form"
    )
    run.add_argument(
        "--quiet",
        action="store_true",
        help="nothing of ours but problems: no notices, no warnings, no table",
    )
    run.add_argument(
        "--tensorflow-log",
        action="store_true",
        help="show what TensorFlow logs when it starts, which is kept out else",
    )
    run.add_argument(
        "--data",
        choices=["synthetic"],
        help="synthetic: made-up data of the same shapes in the place of the data sets that TFF, "
        "its tutorials and Keras download",
    )
    notebooks = run.add_argument_group("notebooks")
    notebooks.add_argument(
        "--output",
        metavar="OUT",
        type=Path,
        help="where to write the executed notebook (default: PATH with .out.ipynb)",
    )
    run.add_argument(
        "--trace",
        metavar="FILE",
        type=Path,
        help="write what the run knows of the program's expressions, for `check` and `upgrade`",
    )
    notebooks.add_argument(
        "-p",
        metavar=("NAME", "VALUE"),
        nargs=2,
        action="append",
        default=[],
        help="a parameter; it is set after the cell with the tag `parameters`, else at the top",
    )
    notebooks.add_argument(
        "--parameters", metavar="FILE", type=Path, help="parameters from a JSON or YAML file"
    )
    notebooks.add_argument(
        "--timeout", metavar="SECONDS", type=float, help="interrupt a cell that takes longer"
    )
    notebooks.add_argument(
        "--keep-going", action="store_true", help="go on after a cell that fails"
    )
    run.add_argument_group("ARGS", "the program's own arguments, as with python")
    run.set_defaults(execute=execute)


def execute(options: argparse.Namespace, arguments: Sequence[str]) -> int:
    """Runs the program; the status is the program's.

    Raises:
      CommandError: The program or an option cannot be used, or there is no environment for it.
    """
    import tempfile

    from tff_compat.running import console

    if options.quiet:
        console.be_quiet()
    with tempfile.TemporaryDirectory(prefix="tff-compat-") as scratch:
        program = _program(options, arguments, Path(scratch))
        _check_options(options, arguments, program)
        return _run(options, arguments, program)


def _program(options: argparse.Namespace, arguments: Sequence[str], scratch: Path) -> Program:
    from tff_compat.running import programs

    if (options.path is None) == (options.module is None):
        raise CommandError("run: name a PATH, or -m MODULE.")
    try:
        if options.module is not None:
            return programs.module(options.module, scratch)
        return programs.program(options.path, scratch)
    except programs.ProgramError as error:
        raise CommandError(str(error)) from None


def _run(options: argparse.Namespace, arguments: Sequence[str], program: Program) -> int:
    from tff_compat import recipes
    from tff_compat.running import interpreter, session, summary
    from tff_compat.running.console import notice

    asked = None if options.as_of is None else releases.of_modules(options.as_of, "--as-of")
    if asked is not None and asked.packages and options.trace is not None:
        raise CommandError("--trace is of one release; give --as-of without a package.")
    try:
        python = interpreter.choose(
            cached=options.cached, notebook=program.notebook, packages=options.packages
        )
    except (recipes.RecipeError, interpreter.InterpreterError) as error:
        raise CommandError(str(error)) from None
    wanted = _as_of(asked, program.source, python.release)
    as_of = str(wanted)
    # The last one wins: a filter that was asked for shows the warnings also where it is quiet.
    quiet = ["ignore::tff_compat.LegacyAPIWarning"] if options.quiet else []
    traced, made_up_data = options.trace is not None, options.data is not None
    if made_up_data:
        notice("The data sets that are downloaded are made up; what is computed means nothing.")
    with session.session(
        as_of, [*quiet, *options.warnings], options.tensorflow_log, traced, made_up_data
    ) as current:
        status = _run_program(program, options, arguments, current, python)
        if traced:
            from tff_compat.running import traces

            notebook = program.source if program.notebook else None
            traces.write(current, options.trace, notebook, options.output)
        report = current.report(program.name if program.notebook else None)
        if status and wanted.rest is not None and not wanted.packages:
            _advise(current, program, wanted.rest, python.release, arguments)
    _tell_problems(report, python)
    if options.report is not None:
        summary.write(
            report,
            options.report,
            program=program.name,
            as_of=as_of,
            python=python.executable,
            status=status,
        )
    if not (options.no_summary or options.quiet) and (report.calls or not report.failed):
        summary.show(report, as_of, by_symbol=options.by_symbol)
    return status


def _tell_problems(report: Report, python: Interpreter) -> None:
    from tff_compat.running.console import say

    if report.failed:
        say(python.advice)
    for module in report.missing:
        if module.partition(".")[0] != "tensorflow_federated":
            # What a release of TFF lacks, no package brings.
            say(python.advice_for_missing(module))


def _check_options(options: argparse.Namespace, arguments: Sequence[str], program: Program) -> None:
    _check_folder("--report", options.report)
    _check_folder("--trace", options.trace)
    if program.notebook:
        _check_notebook_options(options, arguments, program.source)
    elif options.output is not None:
        raise CommandError("--output is for notebooks; redirect the output of a script.")
    elif options.p or options.parameters or options.keep_going or options.timeout is not None:
        raise CommandError(
            "-p, --parameters, --timeout and --keep-going are for notebooks; write what is for "
            "the program after it."
        )


def _check_notebook_options(
    options: argparse.Namespace, arguments: Sequence[str], path: Path
) -> None:
    if arguments:
        raise CommandError(
            f"A notebook takes no arguments ({' '.join(arguments)}). Its parameters are set with "
            "-p NAME VALUE."
        )
    if options.output is None:
        options.output = path.with_suffix(".out.ipynb")
    if options.output.exists() and options.output.samefile(path):
        raise CommandError("--output names the notebook itself, which is never changed.")
    _check_folder("--output", options.output)
    if options.timeout is not None and options.timeout <= 0:
        raise CommandError("--timeout: a positive number of seconds.")


def _check_folder(option: str, file: Path | None) -> None:
    # Before the program runs, which may take hours.
    if file is None:
        return
    folder = file.absolute().parent
    if not folder.is_dir() or not os.access(folder, os.W_OK) or file.is_dir():
        raise CommandError(f"{option}: {file} cannot be written.")


def _as_of(asked: Eras | None, path: Path, installed: Version) -> Eras:
    """The releases to run as of; where one is inferred, the user is told."""
    from tff_compat.eras import Eras
    from tff_compat.running.console import notice
    from tff_compat.source import inference

    if asked is None:
        try:
            inferred = inference.infer(path, newest=installed)
        except inference.SourceError as error:
            raise CommandError(f"{error}. With --as-of RELEASE it is not read before.") from None
        notice(f"As of TensorFlow Federated {inferred.release}: {inferred.reason}")
        if inferred.doubt is not None:
            others = " or ".join(map(str, inferred.others))
            next_ones = f" The next candidates: --as-of {others}" if others else ""
            notice(f"The evidence is weak: {inferred.doubt}.{next_ones}")
        asked = Eras({}, inferred.release)
    if asked.rest is None:
        notice(f"TensorFlow Federated {installed} as it is, but as of {asked}.")
    latest = max(asked.releases)
    if latest > installed:
        raise CommandError(
            f"TFF {installed} is installed, which cannot do what came later in {latest}. "
            "--cached runs the program on the newest release."
        )
    return asked


def _advise(
    current: Session, program: Program, as_of: Version, installed: Version, arguments: Sequence[str]
) -> None:
    """Says which release has what the program missed, if that is why it failed."""
    from tff_compat.running import failures
    from tff_compat.running.console import say

    for failure in failures.read(current.folder):
        command = [*program.command, *(["--"] if arguments else []), *arguments]
        text = failures.advice(failure, program.source, as_of, installed, command)
        if text is not None:
            say(text)
            return


def _run_program(
    program: Program,
    options: argparse.Namespace,
    arguments: Sequence[str],
    current: Session,
    python: Interpreter,
) -> int:
    from tff_compat.running.programs import ProgramError

    try:
        if program.notebook:
            from tff_compat.running import notebook

            wishes = notebook.Wishes(_parameters(options), options.timeout, options.keep_going)
            return notebook.run(program.source, options.output, wishes, current, python)
        from tff_compat.running import script

        return script.run(program, arguments, current, python)
    except (ProgramError, OSError) as error:
        raise CommandError(f"{program.name} cannot be run: {error}") from None


def _parameters(options: argparse.Namespace) -> dict[str, Any]:
    from tff_compat.running import parameters

    found = {} if options.parameters is None else parameters.read(options.parameters)
    return {**found, **parameters.given(options.p)}
