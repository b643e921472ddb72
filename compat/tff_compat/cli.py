"""The command line: which commands there are, and what happens when one cannot be carried out."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

import tff_compat
from tff_compat.commands import CommandError, words

_USAGE_ERROR = 2

_COMMANDS = {
    "run": "run a script or notebook as of an earlier release",
    "check": "list the legacy uses in source code, and what to write instead",
    "upgrade": "write the modern code into source files",
    "kernel": "add kernels of earlier releases to Jupyter",
    "env": "make environments with the real releases",
    "explain": "show one symbol's life, and what replaces it",
    "coverage": "show what each release's symbols are on the newest one",
    "stubs": "write a release's API for editors and type checkers",
    "worker": "run a worker that programs on other machines use",
}
"""What each command does, in a line. Its module, in `commands`, has `add_parser` and `execute`."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line and gives its exit status: the command's, or 2 where it refuses."""
    given = list(sys.argv[1:] if argv is None else argv)
    parser = _parser(given[0] if given else "")
    from tff_compat.running.console import say

    try:
        options, arguments = _parsed(given, parser)
        if options.command is None:
            parser.print_help()
            return 0
        status = int(options.execute(options, arguments))
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        # The reader of the output has read enough, as `head` does. The rest goes nowhere, so that
        # Python does not complain when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except CommandError as error:
        say(str(error))
        return _USAGE_ERROR
    except KeyboardInterrupt:
        return 130


def _parsed(
    given: list[str], parser: argparse.ArgumentParser
) -> tuple[argparse.Namespace, list[str]]:
    """The options, and the arguments of the program that is to be run.

    Raises:
      CommandError: There is no such command or option.
    """
    deepest = parser
    for position, word in enumerate(given):
        known = words.commands_of(deepest)
        if word.startswith("-") or not known:
            break
        if word not in known:
            raise CommandError(_unknown(word, " ".join(given[:position]), known))
        deepest = known[word]
    if given[:1] == ["run"]:
        from tff_compat.commands import run

        ours, arguments = words.divide(given[1:], deepest, run.ONLY_NOTEBOOKS)
        ours.insert(0, "run")
    elif "--" in given:
        position = given.index("--")
        ours, arguments = given[:position], given[position + 1 :]
    else:
        ours, arguments = given, []
    options, unknown = parser.parse_known_args(ours)
    if unknown:
        hint = words.suggestion(unknown[0], deepest._option_string_actions)
        raise CommandError(f"`{' '.join(unknown)}`: there is no such option or argument.{hint}")
    return options, arguments


def _unknown(word: str, command: str, known: dict[str, argparse.ArgumentParser]) -> str:
    if not command and (os.path.exists(word) or word.endswith((".py", ".ipynb"))):
        return f"There is no command `{word}`. To run it: tff-compat run {word}"
    hint = words.suggestion(word, known) or f" There are {', '.join(sorted(known))}."
    return f"There is no command `{f'{command} {word}'.strip()}`.{hint}"


class _Version(argparse.Action):
    """`--version`: the version is looked for only where it is asked for, as that takes long."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        print(f"tff-compat {tff_compat.__version__}")
        parser.exit()


def _parser(named: str) -> argparse.ArgumentParser:
    """The parser, of which only the command that is named knows its options."""
    parser = argparse.ArgumentParser(
        prog="tff-compat",
        description="Runs code written for any release of TensorFlow Federated, unchanged.",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version, and end")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, text in _COMMANDS.items():
        if name != named:
            commands.add_parser(name, help=text)
        else:
            # The others would take longer to load than to say what they do.
            importlib.import_module(f"tff_compat.commands.{name}").add_parser(commands)
    return parser
