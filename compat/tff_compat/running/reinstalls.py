"""Finds the lines of a notebook's cell that would replace TensorFlow or TFF, and takes them out.

No TensorFlow, no IPython: the kernel extension and the tests call it with lines of text.
"""

from __future__ import annotations

import dataclasses
import re
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
    """

    statement: str
    kept: str

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
            skipped.append(Skipped(text, kept))
            indent = lines[index][: len(lines[index]) - len(lines[index].lstrip())]
            result += _replacement(skipped[-1], indent, in_shell)
            # The line numbers of what follows stay.
            result += ["\n"] * (end - index - 1)
        index = end
    return result, skipped


def _replacement(skipped: Skipped, indent: str, in_shell: bool) -> list[str]:
    notice, kept = f"tff-compat: {skipped.notice}", skipped.kept
    if in_shell:
        quoted = "'" + notice.replace("'", "'\\''") + "'"
        return [f"{indent}echo {quoted}" + (f" && {kept}" if kept else "") + "\n"]
    call = f"print({notice!r})"
    if not kept:
        return [f"{indent}{call}\n"]
    # One line for one line: get_ipython() is what `!` and `%` become as well.
    if kept.startswith("!"):
        command = f"get_ipython().system({kept[1:]!r})"
    else:
        magic, _, rest = kept[1:].partition(" ")
        command = f"get_ipython().run_line_magic({magic!r}, {rest.strip()!r})"
    return [f"{indent}{call}; {command}\n"]


def _kept(text: str, in_shell: bool) -> str | None:
    """What remains of a statement to be run; None where it is to be left as it is."""
    mark = ""
    if not in_shell:
        if _COLAB_MAGIC.match(text):
            return ""
        statement = _STATEMENT.match(text)
        if statement is not None:
            mark = statement.group("mark")
        elif not re.match(r"(pip|conda)\s+(install|uninstall)\s", text):
            # `pip install x` without a mark is a magic as well; anything else is Python.
            return None
    body = text[len(mark) :].strip()
    if body.startswith("#"):
        return None
    # `a && b` and `a; b` are looked at one by one.
    parts = re.split(r"(\s*(?:&&|;|\|\|)\s*)", body)
    changed = False
    for position in range(0, len(parts), 2):
        rest = _kept_command(parts[position])
        if rest is not None:
            parts[position] = rest
            changed = True
    if not changed:
        return None
    commands = [part for part in parts[::2] if part.strip()]
    joined = " && ".join(commands)
    if not joined:
        return ""
    if in_shell:
        return joined
    return ("%" if mark.startswith("%") or not mark else "!") + joined


def _kept_command(command: str) -> str | None:
    found = _INSTALLER.fullmatch(command)
    if found is None:
        return None
    words = found.group("arguments").split()
    kept = [word for word in words if not _names_framework(word)]
    if len(kept) == len(words):
        return None
    packages = any(_is_package(word, before) for before, word in zip(["", *kept], kept))
    if found.group("command") == "uninstall" or not packages:
        return ""
    return command[: found.start("arguments")] + " ".join(kept)


_OPTIONS_WITH_VALUE = frozenset(
    "-c --constraint -i --index-url --extra-index-url -f --find-links -t --target --prefix --root "
    "--platform --python-version --channel -n > 2> >> 2>>".split()
)


def _is_package(word: str, before: str) -> bool:
    if before in _OPTIONS_WITH_VALUE:
        return False
    return word in ("-r", "-e") or not word.startswith(("-", ">", "<", "|", "2>", "&", "#"))


def _names_framework(word: str) -> bool:
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
