"""`tff-compat stubs`: a release's API for editors and type checkers, with the way out of it."""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath

from tff_compat.commands import releases
from tff_compat.commands.errors import CommandError

_OUTPUT = "typings"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declares the command and its options."""
    parser = commands.add_parser(
        "stubs",
        description="Writes stubs (.pyi) of a release's API. In them what the newest release has "
        "no more is deprecated, with what to write instead, so that an editor strikes it through; "
        "what the release did not take is an error.",
    )
    parser.add_argument("release", metavar="RELEASE", help="such as 0.9")
    parser.add_argument(
        "--output",
        metavar="FOLDER",
        default=_OUTPUT,
        help=f"where the folder tensorflow_federated is to be (default: {_OUTPUT}, where Pyright "
        "and Pylance look; for mypy: mypy_path = FOLDER)",
    )
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace, arguments: Sequence[str]) -> int:
    """Writes the stubs, all of them or none.

    Raises:
      CommandError: The release is not a published one, or the files cannot be written; a folder
        that is there already stays as it is.
    """
    from tff_compat import stubs
    from tff_compat.running.console import say

    if arguments:
        raise CommandError("stubs takes one release.")
    release = releases.named(options.release)
    folder = Path(options.output, stubs.FOLDER)
    if os.path.lexists(folder):
        raise CommandError(
            f"{folder} is there already, and stays as it is. Remove it, or name another folder "
            "with --output."
        )
    try:
        _write(folder, stubs.package(release))
    except OSError as error:
        raise CommandError(f"The stubs cannot be written: {error}") from None
    say(f"Wrote the API of TensorFlow Federated {release} to {folder}.")
    return 0


def _write(folder: Path, texts: Mapping[PurePath, str]) -> None:
    """Writes the files of a folder, which is there when all of them are."""
    partial = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        for path, text in texts.items():
            file = partial.joinpath(*path.parts[1:])
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
