"""`tff-compat worker`: runs TFF's own worker, which does a part of other programs' work."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

from tff_compat.commands.errors import CommandError

_PORT = 10000


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declares the command and its options."""
    worker = commands.add_parser(
        "worker",
        description="Runs the worker that comes with TensorFlow Federated, in this process, until "
        "it is interrupted. Programs use it through a gRPC channel, as with "
        "`tff.backends.native.set_remote_execution_context`. It listens on every network "
        "interface, without encryption or authentication, and runs whatever it is sent: start it "
        "only in a network that you trust.",
        usage="tff-compat worker [--port PORT] [options]",
    )
    worker.add_argument(
        "--port",
        metavar="PORT",
        type=_port,
        default=_PORT,
        help=f"where to listen (default: {_PORT})",
    )
    worker.add_argument(
        "--max-concurrent-computation-calls",
        metavar="N",
        type=int,
        default=-1,
        help="how many clients may run one computation at a time (default: no limit)",
    )
    worker.add_argument(
        "--cached",
        action="store_true",
        help="use the cached environment even where TensorFlow Federated is installed",
    )
    worker.set_defaults(execute=execute)


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 2**16:
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to 65535, found {text!r}")
    return int(text)


def execute(options: argparse.Namespace, arguments: Sequence[str]) -> int:
    """Becomes the worker, so that what ends this process ends the worker.

    Raises:
      CommandError: There is no worker, or it cannot listen on the port.
    """
    from tff_compat import recipes, worker
    from tff_compat.running import interpreter
    from tff_compat.running.console import say

    if arguments:
        raise CommandError("A worker takes no arguments after --.")
    try:
        python = interpreter.choose(cached=options.cached)
        words = worker.command(
            worker.binary(python.executable),
            options.port,
            max_concurrent_computation_calls=options.max_concurrent_computation_calls,
        )
    except (recipes.RecipeError, interpreter.InterpreterError, worker.WorkerError) as error:
        raise CommandError(str(error)) from None
    say(f"Starting a worker on port {options.port} (process {os.getpid()}); Ctrl-C ends it.")
    os.execv(words[0], words)
