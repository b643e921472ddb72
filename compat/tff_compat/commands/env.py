"""`tff-compat env`: environments with the real releases, and what others need to make them."""

from __future__ import annotations

import argparse
import dataclasses
import functools
import json
import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tff_compat.commands import releases
from tff_compat.commands.errors import CommandError

if TYPE_CHECKING:
    from tff_compat.recipes import Recipe

_FAILED = 1
_RUN = "run"
_RELEASE = "a release such as 0.13.1, or a part such as 0.13 for the newest match"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declares the command, its subcommands and their options."""
    parser = commands.add_parser(
        "env",
        description="Makes environments with the real releases of TensorFlow Federated, from "
        "recipes that pin every package.",
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)

    create = actions.add_parser("create", help="make an environment, once, and tell where it is")
    create.add_argument(
        "release",
        metavar="RELEASE | PROJECT",
        help=f"{_RELEASE}; or the folder of a project, with --as-of, to put it beside the release",
    )
    create.add_argument("--as-of", metavar="RELEASE", help="the release, where a project is named")
    create.add_argument(
        "--python",
        metavar="PYTHON",
        help="a version or an interpreter in the place of the recipe's; there are no pins for it",
    )
    create.add_argument(
        "--path", metavar="DIR", type=Path, help="where (default: a folder in the user's cache)"
    )
    create.add_argument(
        "--with",
        dest="packages",
        metavar="PACKAGE",
        action="extend",
        nargs="+",
        default=[],
        help="install these as well, without changing a package of the recipe; where the "
        "environment is there already, they are added",
    )
    create.set_defaults(execute=_create)

    listing = actions.add_parser("list", help="list the releases and which are made")
    listing.add_argument("--json", action="store_true", help="write JSON")
    listing.set_defaults(execute=_list)

    show = actions.add_parser("show", help="show the recipe of a release, and why it is so")
    show.add_argument("release", metavar="RELEASE", help=_RELEASE)
    show.add_argument("--json", action="store_true", help="write JSON, with all pins")
    show.set_defaults(execute=_show)

    for name, action, text in (
        ("verify", _verify, "make environments, and import, compute and train in them"),
        ("remove", _remove, "remove environments from the user's cache"),
    ):
        several = actions.add_parser(name, help=text)
        more = "; or what `list` says that it is for, such as run" if name == "remove" else ""
        several.add_argument("releases", metavar="RELEASE", nargs="*", help=_RELEASE + more)
        several.add_argument("--all", action="store_true", help="all of them")
        several.set_defaults(execute=action)

    export = actions.add_parser("export", help="write what uv, pip or conda needs")
    export.add_argument("release", metavar="RELEASE", help=_RELEASE)
    export.add_argument(
        "--format",
        choices=["uv", "pip", "conda"],
        required=True,
        help="uv: constraints and overrides; pip: pinned requirements; conda: an environment",
    )
    export.add_argument(
        "--output", metavar="FOLDER", type=Path, help="write files (default: standard output)"
    )
    export.set_defaults(execute=_export)


def _refusing_what_fails(
    action: Callable[[argparse.Namespace], int],
) -> Callable[[argparse.Namespace, Sequence[str]], int]:
    """Makes an action the `execute` of a command."""

    @functools.wraps(action)
    def execute(options: argparse.Namespace, arguments: Sequence[str]) -> int:
        from tff_compat.recipes import RecipeError

        if arguments:
            raise CommandError(f"env {options.action} takes no arguments after --.")
        try:
            return action(options)
        except RecipeError as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"env {options.action}: {error}") from None

    return execute


def _recipe(asked: str) -> Recipe:
    from tff_compat import recipes

    return recipes.recipe(releases.named(asked))


def _asked(options: argparse.Namespace) -> list[Recipe]:
    """The recipes of the releases that are named; none for `--all`."""
    if bool(options.releases) == options.all:
        raise CommandError(f"env {options.action}: name releases, or give --all.")
    return [_recipe(each) for each in options.releases]


@_refusing_what_fails
def _create(options: argparse.Namespace) -> int:
    from tff_compat import recipes
    from tff_compat.running.console import say, working

    project = _project(options.release, options.as_of)
    recipe = _recipe(options.as_of if project else options.release)
    extras = [*options.packages, *(_requirements(project) if project else ())]
    path = options.path or recipes.cached_path(recipe.release, _purpose(project) if project else "")
    with working("This takes a minute, or a few where packages must be downloaded") as progress:
        start = time.monotonic()
        python = recipes.build(
            recipe,
            path,
            extra_requirements=extras,
            python=_python(options.python),
            progress=progress,
        )
    beside = f", with {project} beside it," if project else ""
    say(
        f"TensorFlow Federated {recipe.release}{beside} is ready ({time.monotonic() - start:.0f} "
        f"s). Activate it: source {python.parent / 'activate'}"
    )
    # For scripts: $(tff-compat env create 0.13) program.py
    print(python)
    return 0


def _project(asked: str, as_of: str | None) -> Path | None:
    """The folder of a project where one is named, not a release."""
    if not (os.sep in asked or asked in (os.curdir, os.pardir) or as_of is not None):
        return None
    folder = Path(asked).absolute().resolve()
    if not folder.is_dir():
        raise CommandError(f"env create: {asked} is no folder of a project; --as-of is for one.")
    if as_of is None:
        raise CommandError(f"env create {asked}: name the release with --as-of RELEASE.")
    return folder


def _requirements(project: Path) -> list[str]:
    """What installs a project, and what it asks for, but for the release that it pins."""
    if any((project / name).exists() for name in ("pyproject.toml", "setup.py", "setup.cfg")):
        return ["-e", str(project)]
    if (project / "requirements.txt").exists():
        return ["-r", str(project / "requirements.txt")]
    raise CommandError(
        f"env create: {project} has neither a pyproject.toml, setup.py or setup.cfg nor a "
        "requirements.txt."
    )


def _purpose(project: Path) -> str:
    # Projects in different places have the same name.
    import hashlib

    digest = hashlib.sha256(str(project).encode()).hexdigest()[:8]
    return f"{re.sub(r'[^A-Za-z0-9_]+', '_', project.name)}-{digest}"


def _python(asked: str | None) -> str | None:
    # A name without a slash is a version to uv, also where such a file is here.
    return os.path.abspath(asked) if asked is not None and os.sep in asked else asked


@_refusing_what_fails
def _list(options: argparse.Namespace) -> int:
    from tff_compat import recipes

    found = list(recipes.recipes().values())
    if options.json:
        print(json.dumps([_summary(each) for each in found], indent=1))
        return 0
    import rich.console
    import rich.table

    table = rich.table.Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("Release", "Published", "Python", "TensorFlow", "Environment"):
        table.add_column(heading, no_wrap=True)
    total = 0
    for each in found:
        facts = (each.published, each.python, each.tensorflow)
        plain, *others = recipes.cached_paths(each.release)
        table.add_row(str(each.release), *facts, _there(each, plain))
        for path in others:
            there = f"{_there(each, path)}, for {_made_for(path)}"
            table.add_row(str(each.release), *facts, there)
        total += sum(recipes.size(path) for path in (plain, *others))
    console = rich.console.Console()
    console.print(table)
    if total:
        folder = recipes.cached_path(found[0].release).parent
        console.print(f"{_gigabytes(total)} in {folder}", soft_wrap=True, highlight=False)
    return 0


def _made_for(path: Path) -> str:
    """What an environment in the cache is for, as `list` shows it; empty for a plain one."""
    return path.name.partition("-")[2]


def _there(recipe: Recipe, path: Path) -> str:
    """What is in the folder of an environment, and how large that is."""
    from tff_compat import recipes

    status = recipes.status(recipe, path)
    return status and f"{status}, {_gigabytes(recipes.size(path))}"


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB"


def _summary(recipe: Recipe) -> dict[str, object]:
    from tff_compat import recipes

    plain, *others = recipes.cached_paths(recipe.release)
    status = recipes.status(recipe, plain)
    return {
        "release": str(recipe.release),
        "published": recipe.published,
        "python": recipe.python,
        "tensorflow": recipe.tensorflow,
        "status": status,
        "path": str(plain) if status else None,
        "size": recipes.size(plain),
        "others": [
            {
                "status": recipes.status(recipe, path),
                "path": str(path),
                "size": recipes.size(path),
            }
            for path in others
        ],
    }


@_refusing_what_fails
def _show(options: argparse.Namespace) -> int:
    recipe = _recipe(options.release)
    summary = _summary(recipe)
    if options.json:
        rows = ("requirements", "constraints", "overrides", "companions", "reasons", "pins")
        told = {row: getattr(recipe, row) for row in rows}
        mends = [dataclasses.asdict(each) for each in recipe.mends]
        print(json.dumps({**summary, **told, "mends": mends}, indent=1))
        return 0
    import rich.console
    import rich.table
    import rich.text

    console = rich.console.Console(soft_wrap=True, highlight=False)
    console.print(rich.text.Text(f"TensorFlow Federated {recipe.release}", style="bold"))
    facts = rich.table.Table(box=None, pad_edge=False, show_header=False)
    for name, value in (
        ("Published", recipe.published),
        ("Python", recipe.python),
        ("TensorFlow", recipe.tensorflow),
        ("Packages", f"{len(recipe.pins)}, all pinned"),
        ("Environment", f"{summary['status']}: {summary['path']}" if summary["path"] else "none"),
    ):
        facts.add_row(name, rich.text.Text(value))
    console.print(facts)
    for title, lines in (
        ("It asks for", recipe.requirements),
        ("It bounds", recipe.constraints),
        ("It replaces what packages ask for by", recipe.overrides),
        ("It bounds what is installed beside it", recipe.companions),
    ):
        if not lines:
            continue
        console.print()
        console.print(rich.text.Text(title, style="bold"))
        table = rich.table.Table(box=None, pad_edge=False, show_header=False)
        for line in lines:
            table.add_row(rich.text.Text(line), rich.text.Text(recipe.reasons[line]))
        console.print(table)
    if recipe.mends:
        console.print()
        console.print(rich.text.Text("It changes in the installed packages", style="bold"))
        for mend in recipe.mends:
            console.print(rich.text.Text(f"{mend.file}: {mend.reason}"))
    return 0


@_refusing_what_fails
def _remove(options: argparse.Namespace) -> int:
    from tff_compat import recipes
    from tff_compat.running import interpreter
    from tff_compat.running.console import say

    for_run = interpreter.cached_path()
    others = {_RUN: for_run}
    for each in recipes.recipes().values():
        others.update((_made_for(path), path) for path in recipes.cached_paths(each.release)[1:])
    paths = [others[word] for word in options.releases if word in others]
    options.releases = [word for word in options.releases if word not in others]
    asked = _asked(options) if options.releases or options.all or not paths else []
    every = recipes.recipes().values() if options.all else asked
    for each in every:
        paths += recipes.cached_paths(each.release)
    named = {recipes.cached_path(each.release): each.release for each in asked}
    removed = 0
    for path in paths:
        if path.exists() or path.is_symlink():
            freed = recipes.size(path)
            recipes.remove(path, progress=say)
            say(f"Removed {path} ({_gigabytes(freed)})")
            removed += 1
        elif path in named:
            say(f"TensorFlow Federated {named[path]} has no environment in {path}.")
        elif path == for_run and not options.all:
            say(f"`tff-compat run` has no environment in {path}.")
    if options.all and not removed:
        say("There are no environments.")
    return 0


@_refusing_what_fails
def _verify(options: argparse.Namespace) -> int:
    from tff_compat import recipes
    from tff_compat.running.console import say

    asked = _asked(options) or list(recipes.recipes().values())
    failed = 0
    for recipe in asked:
        path = recipes.cached_path(recipe.release)
        # Eighty-six environments fill a disk.
        passing_by = options.all and not path.exists()
        try:
            problem, seconds = _problem(recipe, path)
        finally:
            if passing_by and path.exists():
                recipes.remove(path, progress=say)
        row = (
            f"{recipe.release!s:8}Python {recipe.python:6}TensorFlow {recipe.tensorflow:8}"
            f"{seconds:4.0f} s  {problem or 'verified'}"
        )
        print(row, flush=True)
        failed += bool(problem)
    if len(asked) > 1:
        print(f"{len(asked) - failed} of {len(asked)} verified")
    return _FAILED if failed else 0


def _problem(recipe: Recipe, path: Path) -> tuple[str, float]:
    """What does not work in the environment of a recipe, and how long that took to find out."""
    from tff_compat import recipes
    from tff_compat.recipes.verification import verify
    from tff_compat.running.console import working

    start = time.monotonic()
    try:
        with working(f"Verifying TensorFlow Federated {recipe.release}") as progress:
            # An environment with more packages is verified as it is.
            ready = recipes.status(recipe, path) == "ready"
            python = path / "bin" / "python"
            if not ready or not python.exists():
                python = recipes.build(recipe, path, progress=progress)
            result = verify(recipe, python)
        problem = "" if result.passed else f"fails at {result.stage}: {result.message}"
    except recipes.RecipeError as error:
        problem = f"not built: {error}"
    return problem, time.monotonic() - start


@_refusing_what_fails
def _export(options: argparse.Namespace) -> int:
    recipe = _recipe(options.release)
    files = dict(_files(recipe, options.format))
    if options.output is None:
        print("\n".join(files.values()), end="")
        return 0
    options.output.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (options.output / name).write_text(text, "utf-8")
        print(options.output / name)
    return 0


def _files(recipe: Recipe, form: str) -> Iterator[tuple[str, str]]:
    """The names and texts of the files that describe a recipe to uv, pip or conda."""
    from tff_compat import recipes

    title = f"TensorFlow Federated {recipe.release}, for Python {recipe.python} on x86-64 Linux"
    own = [f"tensorflow-federated=={recipe.release}", *recipe.requirements]
    if form == "uv":
        install = "uv pip install -c constraints.txt --override overrides.txt " + " ".join(own)
        yield (
            "constraints.txt",
            _text(
                [f"constraints.txt: {title}", f"Next to overrides.txt: {install}"]
                + _lacking(recipe),
                recipe.pins,
            ),
        )
        yield "overrides.txt", _text([f"overrides.txt: {title}"], recipes.overrides(recipe))
    elif form == "pip":
        use = f"python{recipe.python} -m pip install --no-deps -r requirements.txt"
        yield (
            "requirements.txt",
            _text([f"requirements.txt: {title}", use, *_lacking(recipe)], recipe.pins),
        )
    else:
        # conda cannot tell pip to leave declared dependencies alone, except so.
        use = "PIP_NO_DEPS=1 conda env create -f environment.yml"
        lines = [
            f"name: tff{recipe.release}",
            "channels:",
            "  - conda-forge",
            "dependencies:",
            f"  - python={recipe.python}",
            "  - pip",
            "  - pip:",
            *(f"      - {pin}" for pin in recipe.pins),
        ]
        yield "environment.yml", _text([f"environment.yml: {title}", use, *_lacking(recipe)], lines)


def _lacking(recipe: Recipe) -> list[str]:
    """What an environment lacks when other tools make it, which change nothing in the packages."""
    return [f"{mend.file} stays as it is, unlike ours: {mend.reason}" for mend in recipe.mends]


def _text(comments: Sequence[str], lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in (*(f"# {each}" for each in comments), *lines))
