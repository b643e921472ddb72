"""`tff-compat worker`: runs TFF's own worker, which does a part of other programs' work."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

from tff_compat.commands.errors import CommandError

_PORT = 10000
_HOST = "127.0.0.1"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declares the command and its options."""
    worker = commands.add_parser(
        "worker",
        description="Runs the worker that comes with TensorFlow Federated, until it is "
        "interrupted. Programs use it through a gRPC channel, as with "
        "`tff.backends.native.set_remote_execution_context`. It runs whatever it is sent, without "
        "encryption or authentication: let it listen elsewhere than on this machine only in a "
        "network that you trust.",
        usage="tff-compat worker [--port PORT] [options]",
    )
    worker.add_argument(
        "--port",
        metavar="PORT",
        type=_port,
        default=_PORT,
        help=f"where to listen (default: {_PORT})",
    )
    where = worker.add_mutually_exclusive_group()
    where.add_argument(
        "--host",
        metavar="HOST",
        default=_HOST,
        help=f"the address of this machine to listen on (default: {_HOST}, which only programs on "
        "this machine reach); Linux",
    )
    where.add_argument(
        "--listen-on-all-interfaces",
        action="store_true",
        help="listen on all addresses, as TFF's worker does by itself; where --host cannot be had",
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
    """Runs the worker so that what ends this process ends the worker.

    Returns:
      The worker's exit status. Where it listens on all interfaces, this process becomes the worker.

    Raises:
      CommandError: There is no worker, or it cannot listen there.
    """
    from tff_compat import recipes, worker, worker_gate
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
        ending = f"(process {os.getpid()}); Ctrl-C ends it."
        if options.listen_on_all_interfaces:
            worker.check_port(options.port)
            say(f"Starting a worker on port {options.port} of all interfaces {ending}")
            os.execv(words[0], words)
        with worker_gate.Gate(options.host, options.port) as gate:
            say(f"Starting a worker on port {options.port} of {options.host} {ending}")
            return gate.serve(words)
    except (recipes.RecipeError, interpreter.InterpreterError, worker.WorkerError) as error:
        raise CommandError(str(error)) from None
