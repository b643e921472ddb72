"""Finds the lines of a notebook's cell that would replace TensorFlow or TFF, and takes them out.

No TensorFlow, no IPython: the kernel extension and the tests call it with lines of text.
"""

from __future__ import annotations

import dataclasses
import re
import shlex
import sys
from collections.abc import Sequence

# Normalised names; what else TFF depends on is held by constraints.
_FRAMEWORKS = re.compile(
    r"(tf|tff|tensorflow|tensorflow-federated|tensorflow-estimator|tf-estimator|keras|jax|jaxlib)"
    r"(-nightly)?(-cpu|-gpu|-macos|-metal)?(-2-0-preview)?"
)
_INSTALLER = re.compile(
    r"""(?P<before>.*?)                                  # `yes |`, `sudo -H`, a cd …
        (?<![\w/.-])
        (?P<tool>(?:\S*/)?(?:(?:python|\{\s*sys\.executable\s*\}|\$\{?sys\.executable\}?)[\d.]*\S*\s+-m\s+)?
           (?:uv\s+)?pip[\d.]*|(?:conda|mamba))
        (?:\s+-{1,2}[\w-]+)*
        \s+(?P<command>install|uninstall)\s
        (?P<arguments>.*)""",
    re.VERBOSE | re.DOTALL,
)
_COLAB_MAGIC = re.compile(r"%\s*tensorflow_version\b")
_SHELL_CELLS = re.compile(r"%%(bash|sh|shell|script)\b")
_STATEMENT = re.compile(r"\s*(?P<mark>!{1,2}|%\s*(?=pip|conda|mamba|tensorflow_version|sx|system))")


@dataclasses.dataclass(frozen=True)
class Skipped:
    """A statement that was taken out of a cell, whole or in part.

    Attributes:
      statement: As it was written, on one line.
      kept: What is run instead; empty where nothing is.
      told: Whether the user is told. Not where a file of requirements is looked at when it is
        installed, which then tells what it leaves out.
    """

    statement: str
    kept: str
    told: bool = True

    @property
    def notice(self) -> str:
        """What to tell the user."""
        if self.kept:
            return f"`{self.statement}` runs without TensorFlow, which is there: `{self.kept}`"
        return f"`{self.statement}` is skipped: TensorFlow is there already."


def without_reinstalls(lines: Sequence[str]) -> tuple[list[str], list[Skipped]]:
    """The lines of a cell without those that would replace TensorFlow or TFF.

    Each is replaced by a statement that prints the notice, at the same indentation; continuation
    lines go with it. Other packages that the same line installs are kept.

    Args:
      lines: The cell's lines, each with its end of line, before IPython transforms them.

    Returns:
      The new lines, as many as before, and what was skipped.
    """
    in_shell = bool(lines) and _SHELL_CELLS.match(lines[0]) is not None
    result: list[str] = []
    skipped: list[Skipped] = []
    index = 0
    while index < len(lines):
        end = index + 1
        while lines[end - 1].rstrip("\r\n").endswith("\\") and end < len(lines):
            end += 1
        chunk = list(lines[index:end])
        text = " ".join(line.rstrip("\r\n").rstrip("\\").strip() for line in chunk).strip()
        kept = _kept(text, in_shell)
        if kept is None:
            result += chunk
        else:
            skipped.append(Skipped(text, *kept))
            indent = lines[index][: len(lines[index]) - len(lines[index].lstrip())]
            result += _replacement(skipped[-1], indent, in_shell)
            # The line numbers of what follows stay.
            result += ["\n"] * (end - index - 1)
        index = end
    return result, skipped


def _replacement(skipped: Skipped, indent: str, in_shell: bool) -> list[str]:
    notice, kept = f"tff-compat: {skipped.notice}", skipped.kept
    if in_shell:
        told = [f"echo {shlex.quote(notice)}"] if skipped.told else []
        return [indent + "; ".join([*told, *([kept] if kept else [])]) + "\n"]
    # One line for one line: get_ipython() is what `!` and `%` become as well.
    calls = [f"print({notice!r})"] if skipped.told else []
    if kept.startswith("!"):
        calls.append(f"get_ipython().system({kept[1:]!r})")
    elif kept:
        magic, _, rest = kept[1:].partition(" ")
        calls.append(f"get_ipython().run_line_magic({magic!r}, {rest.strip()!r})")
    return [f"{indent}{'; '.join(calls)}\n"]


def _kept(text: str, in_shell: bool) -> tuple[str, bool] | None:
    """What remains of a statement to be run, and whether something was taken out of it.

    None where it is to be left as it is.
    """
    mark = ""
    if not in_shell:
        if _COLAB_MAGIC.match(text):
            return "", True
        statement = _STATEMENT.match(text)
        if statement is not None:
            mark = statement.group("mark")
        elif not re.match(r"(pip|conda)\s+(install|uninstall)\s", text):
            # `pip install x` without a mark is a magic as well; anything else is Python.
            return None
    body = _without_comment(text[len(mark) :].strip())
    commands, operators = _split(body)
    kept: list[str | None] = []
    changed = taken = False
    for command in commands:
        remains = _kept_command(command)
        if remains is None:
            kept.append(command)
            continue
        changed = True
        taken = taken or remains[1]
        kept.append(remains[0] or None)
    if not changed:
        return None
    joined = _join(kept, operators)
    if not joined or in_shell:
        return joined, taken
    return ("%" if mark.startswith("%") or not mark else "!") + joined, taken


_QUOTED = r"""(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+"""
"""A word of the shell, with its quotes."""


def _without_comment(body: str) -> str:
    for match in re.finditer(_QUOTED, body):
        if match.group().startswith("#"):
            return body[: match.start()].rstrip()
    return body


def _split(body: str) -> tuple[list[str], list[str]]:
    """The commands of a line of shell, and the operators between them as they stand there."""
    commands, operators, start = [], [], 0
    for match in re.finditer(r"""(\s*(?:&&|\|\||;)\s*)|\\.|"(?:[^"\\]|\\.)*"|'[^']*'""", body):
        if match.group(1):
            commands.append(body[start : match.start()])
            operators.append(match.group(1))
            start = match.end()
    return [*commands, body[start:]], operators


def _join(commands: Sequence[str | None], operators: Sequence[str]) -> str:
    """The line again, where what was taken out counts as done."""
    parts: list[str] = []
    for index, command in enumerate(commands):
        before = operators[index - 1] if index else ""
        after = operators[index] if index < len(operators) else ""
        if command is None and "||" not in before and "||" not in after:
            # With the operator after it; the last one goes with the one before it.
            if not after and parts:
                parts.pop()
            continue
        parts += [command if command is not None else "true", after]
    joined = "".join(parts).strip()
    return re.sub(r"\s*(&&|;)$", "", joined)


def _kept_command(command: str) -> tuple[str, bool] | None:
    """What remains of one command, and whether a package was taken out; None for all of it."""
    found = _INSTALLER.fullmatch(command)
    if found is None:
        return None
    arguments, rest = _without_pipe(found.group("arguments"))
    words = re.findall(_QUOTED, arguments)
    kept = [word for word in words if not names_framework(word)]
    filtered = _filtered_files(kept) if "pip" in found.group("tool") else kept
    if filtered == words:
        return None
    packages = any(_is_package(word, before) for before, word in zip(["", *kept], kept))
    if found.group("command") == "uninstall" or not packages:
        return ("", True) if len(kept) < len(words) else None
    remains = command[: found.start("arguments")] + " ".join(filtered) + rest
    return remains, len(kept) < len(words)


def _without_pipe(arguments: str) -> tuple[str, str]:
    """The words for the installer, and what follows them from a pipe on."""
    for match in re.finditer(r"""(\s*\|)|\\.|"(?:[^"\\]|\\.)*"|'[^']*'""", arguments):
        if match.group(1):
            return arguments[: match.start()], " " + arguments[match.start() :].lstrip()
    return arguments, ""


def _filtered_files(words: Sequence[str]) -> list[str]:
    """The words, with each file of requirements replaced by one without TensorFlow.

    The file may be made by a line before, so that the shell asks for it when it gets there.
    """
    result: list[str] = []
    for before, word in zip(["", *words], words):
        joined = re.match(r"(--requirement=|-r)(?=.)", word)
        if before in ("-r", "--requirement"):
            result.append(_substitution(word))
        elif joined:
            result += ["-r", _substitution(word[joined.end() :])]
        else:
            result.append(word)
    return result


def _substitution(file: str) -> str:
    return f'"$({shlex.quote(sys.executable)} -m tff_compat.running.requirements {file})"'


_OPTIONS_WITH_VALUE = frozenset(
    "-c --constraint -i --index-url --extra-index-url -f --find-links -t --target --prefix --root "
    "--platform --python-version --channel -n > 2> >> 2>>".split()
)


def _is_package(word: str, before: str) -> bool:
    if before in _OPTIONS_WITH_VALUE:
        return False
    return re.match("-r|--requirement|-e", word) is not None or not word.startswith(
        ("-", ">", "<", "|", "2>", "&", "#")
    )


def names_framework(word: str) -> bool:
    """Whether a requirement or the address of a package is TensorFlow, TFF or what they bring."""
    word = word.strip("\"'")
    if "://" in word:
        # A wheel's or a repository's address.
        name = word.rsplit("/", 1)[-1].partition("@")[0]
        name = re.sub(r"\.git$", "", name)
        word = re.split(r"-\d", name)[0] if name.endswith(".whl") else name
        if "tensorflow/federated" in word or name == "federated":
            return True
    elif word.endswith(".whl"):
        word = re.split(r"-\d", word.rsplit("/", 1)[-1])[0]
    name = re.split(r"[\[=<>!~;@\s]", word, maxsplit=1)[0]
    return _FRAMEWORKS.fullmatch(re.sub(r"[-_.]+", "-", name).lower()) is not None
