"""`tff-compat kernel`: kernels for Jupyter in which TFF is as of a release."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from tff_compat.commands import releases
from tff_compat.commands.errors import CommandError


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declares the command, its subcommands and their options."""
    parser = commands.add_parser(
        "kernel",
        description="Adds kernels to Jupyter in which TensorFlow Federated is as of a release: an "
        "old notebook that is opened with one runs unchanged.",
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)

    install = actions.add_parser("install", help="add the kernel of a release")
    install.add_argument(
        "release",
        metavar="RELEASE",
        help="a release such as 0.13.1, or a part such as 0.9 for the newest match",
    )
    _add_place(install)
    install.add_argument("--name", help="the kernel's name (default: tff-RELEASE)")
    install.add_argument(
        "--cached",
        action="store_true",
        help="use the cached environment even where TensorFlow Federated is installed",
    )
    install.set_defaults(execute=_install)

    listing = actions.add_parser("list", help="list the kernels of releases that Jupyter has")
    _add_place(listing)
    listing.set_defaults(execute=_list)

    remove = actions.add_parser("remove", help="take kernels of releases away from Jupyter")
    remove.add_argument("names", metavar="NAME", nargs="+", help="a kernel's name, or its release")
    _add_place(remove)
    remove.set_defaults(execute=_remove)


def _add_place(parser: argparse.ArgumentParser) -> None:
    place = parser.add_mutually_exclusive_group()
    place.add_argument(
        "--user", action="store_true", help="in the user's own folder, which is the default"
    )
    place.add_argument(
        "--prefix", metavar="DIR", help="in DIR/share/jupyter, such as that of an environment"
    )


def _install(options: argparse.Namespace, arguments: Sequence[str]) -> int:
    from tff_compat import recipes
    from tff_compat.notebooks import kernels
    from tff_compat.running import interpreter

    release = releases.named(options.release)
    try:
        # Built now: Jupyter waits for a kernel no longer than a minute.
        python = interpreter.choose(cached=options.cached, notebook=True)
    except (recipes.RecipeError, interpreter.InterpreterError) as error:
        raise CommandError(str(error)) from None
    if release > python.release:
        raise CommandError(f"TFF {python.release} cannot do what came later in {release}.")
    try:
        kernel = kernels.install(
            release, name=options.name, prefix=options.prefix, cached=options.cached
        )
    except (kernels.KernelError, OSError) as error:
        raise CommandError(f"The kernel cannot be installed: {error}") from None
    print(f"{kernel.title} is the kernel {kernel.name}, in {kernel.folder}")
    return 0


def _list(options: argparse.Namespace, arguments: Sequence[str]) -> int:
    from tff_compat.notebooks import kernels

    for kernel in kernels.installed(options.prefix):
        print(f"{kernel.name}  {kernel.title}  {kernel.folder}")
    return 0


def _remove(options: argparse.Namespace, arguments: Sequence[str]) -> int:
    from tff_compat.notebooks import kernels

    present = kernels.installed(options.prefix)
    for name in options.names:
        meant = [each.name for each in present if name in (each.name, each.release)]
        meant += [each.name for each in present if f"tff-{name}" == each.name]
        try:
            for each in dict.fromkeys(meant or [name]):
                removed = kernels.remove(each, options.prefix)
                print(f"Removed {removed.name}, {removed.title}")
        except (kernels.KernelError, OSError) as error:
            raise CommandError(str(error)) from None
    return 0
