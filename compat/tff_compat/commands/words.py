"""The words of the command line: whose they are, and what was meant by a misspelled one."""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Collection, Iterable, Sequence


def divide(
    words: Sequence[str], parser: argparse.ArgumentParser, only_notebooks: Collection[str]
) -> tuple[list[str], list[str]]:
    """Divides what follows `run` into what is for us and what is for the program.

    As with `python`, what follows the program is for it: from the first word on that is no option
    of ours, or from `--` on, which is for nobody. Before that, our options may follow it too.
    `--as-of` is ours in any case, where no `--` comes before it.

    Args:
      words: The words after `run`.
      parser: The parser of `run`, which tells its options and how many values they take.
      only_notebooks: The options, by destination, that a script may have for itself.

    Returns:
      The words for the parser, and the arguments of the program.
    """
    options = parser._option_string_actions
    ours: list[str] = []
    program: str | None = None
    index = 0
    while index < len(words):
        word = words[index]
        if word == "--":
            return ours, list(words[index + 1 :])
        name, joined, _ = word.partition("=")
        if word[:2] in options and not word.startswith("--"):
            name, joined = word[:2], word[2:]
        action = options.get(name)
        if action is None and word.startswith("-") and word != "-" and program is None:
            # An option that nobody knows; the parser says so.
            ours.append(word)
            index += 1
            continue
        if action is None:
            if program is not None:
                break
            program = word
            ours.append(word)
            index += 1
            continue
        script = program is not None and not program.endswith(".ipynb")
        if script and action.dest in only_notebooks:
            break
        index += 1
        if action.dest == "module":
            program = joined or next(iter(words[index:]), "")
        if joined:
            ours.append(word)
        elif action.dest == "packages":
            start = index
            while index < len(words) and _is_package(words[index]):
                # One by one, so that the parser takes no program for a package.
                ours += [f"--with={words[index]}"]
                index += 1
            if index == start:
                ours.append(word)
        else:
            count = action.nargs if isinstance(action.nargs, int) else 1
            ours += [word, *words[index : index + count]]
            index += count
    arguments: list[str] = []
    rest = iter(words[index:])
    for word in rest:
        if word == "--":
            return ours, [*arguments, word, *rest]
        if word == "--as-of":
            ours += [word, *itertools.islice(rest, 1)]
        elif word.startswith("--as-of="):
            ours.append(word)
        else:
            arguments.append(word)
    return ours, arguments


def _is_package(word: str) -> bool:
    return not word.startswith("-") and not word.endswith((".py", ".ipynb", ".zip", ".pyz"))


def suggestion(word: str, known: Iterable[str]) -> str:
    """A sentence that names what may have been meant; empty where nothing is near."""
    import difflib  # Only needed once something has gone wrong.

    near = difflib.get_close_matches(word.partition("=")[0], sorted(known), n=1, cutoff=0.6)
    return f" Did you mean `{near[0]}`?" if near else ""


def commands_of(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The parsers of the commands that a parser has, by name; empty where it has none."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}
