"""`tff-compat worker`: runs TFF's own worker, which does a part of other programs' work."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

from tff_compat.commands.errors import CommandError

_SIGNALLED = 128
_HOST, _PORT = "127.0.0.1", 10000


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declares the command and its options."""
    worker = commands.add_parser(
        "worker",
        description="Runs the worker that comes with TensorFlow Federated, until it is "
        "interrupted. Programs use it through a gRPC channel, as with "
        "`tff.backends.native.set_remote_execution_context`. It runs whatever it is sent, without "
        "encryption or authentication: let it listen only in a network that you trust.",
        usage="tff-compat worker [--host HOST] [--port PORT] [options]",
    )
    where = worker.add_mutually_exclusive_group()
    where.add_argument(
        "--host",
        metavar="HOST",
        default=_HOST,
        help="the address of the interface that it is reached by (default: only this machine)",
    )
    where.add_argument(
        "--listen-on-all-interfaces",
        action="store_true",
        help="let it listen as TensorFlow Federated does, for whoever reaches this machine",
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
    """Runs the worker where one interface alone leads to it, or becomes it.

    Raises:
      CommandError: There is no worker, or it cannot listen as is asked.
    """
    from tff_compat import confined, recipes, worker
    from tff_compat.running import interpreter
    from tff_compat.running.console import say

    if arguments:
        raise CommandError("A worker takes no arguments after --.")
    everywhere = options.listen_on_all_interfaces
    try:
        python = interpreter.choose(cached=options.cached)
        words = worker.command(
            worker.binary(python.executable),
            options.port,
            max_concurrent_computation_calls=options.max_concurrent_computation_calls,
        )
        if everywhere:
            worker.check_port(options.port)
        else:
            listener = worker.listener(options.host, options.port)
    except (recipes.RecipeError, interpreter.InterpreterError, worker.WorkerError) as error:
        raise CommandError(str(error)) from None
    place = f"port {options.port} of {'every interface' if everywhere else options.host}"
    say(f"Starting a worker on {place} (process {os.getpid()}); Ctrl-C ends it.")
    if everywhere:
        os.execv(words[0], words)
    try:
        status = confined.serve(listener, worker.ended_with_this_process(words), options.port)
    except confined.CannotConfineError as error:
        raise CommandError(
            f"TensorFlow Federated's worker listens on every interface, and cannot be kept to "
            f"{options.host} here: {error}. With --listen-on-all-interfaces it serves whoever "
            "reaches this machine."
        ) from None
    return status if status >= 0 else _SIGNALLED - status
