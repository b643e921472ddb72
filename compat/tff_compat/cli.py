"""The command line: which commands there are, and what happens when one cannot be carried out."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

import tff_compat
from tff_compat.commands import CommandError, check, coverage, env, explain, run, upgrade, worker

_USAGE_ERROR = 2

_COMMANDS = (run, check, upgrade, env, explain, coverage, worker)
"""The modules of the commands: each has `add_parser` and `execute`."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line and gives its exit status: the command's, or 2 where it refuses."""
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
        status = int(options.execute(options, arguments))
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        # Who reads the output has read enough, as `head` does. What is left goes nowhere, so that
        # Python does not complain when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except CommandError as error:
        say(str(error))
        return _USAGE_ERROR
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tff-compat",
        description="Runs code written for any release of TensorFlow Federated, unchanged.",
    )
    parser.add_argument(
        "--version", action="version", version=f"tff-compat {tff_compat.__version__}"
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for command in _COMMANDS:
        command.add_parser(commands)
    return parser
