"""The statement of what replaces a legacy form: a template of code, filled with syntax trees."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Union

EXACT = "exact"
"""The code writes itself, and gives the same numbers."""
REVIEW = "review"
"""The code writes itself; the note says what to look at."""
NONE = "none"
"""No code can be written; the note says what to do."""

AS_VALUE = "as a value"
"""The declared case of a symbol that is passed on, or called with arguments that cannot be seen."""
AS_BASE = "as a base"
"""The declared case of a class that a class of the program is derived from."""
OTHERWISE = "otherwise"
"""The declared case of a use for which the first code cannot be written."""

IMPORTS: Mapping[str, str] = {
    "abc": "import abc",
    "asyncio": "import asyncio",
    "attr": "import attr",
    "attrs": "import attrs",
    "collections": "import collections",
    "dataclasses": "import dataclasses",
    "dp_accounting": "import dp_accounting",
    "functools": "import functools",
    "h5py": "import h5py",
    "hashlib": "import hashlib",
    "inspect": "import inspect",
    "itertools": "import itertools",
    "jax": "import jax",
    "math": "import math",
    "np": "import numpy as np",
    "operator": "import operator",
    "os": "import os",
    "random": "import random",
    "sys": "import sys",
    "tf": "import tensorflow as tf",
    "tff": "import tensorflow_federated as tff",
    "tfp": "import tensorflow_privacy as tfp",
    "tracing": "from tensorflow_federated.python.common_libs import tracing",
    "tree": "import tree",
    "typing": "import typing",
    "warnings": "import warnings",
    "weakref": "import weakref",
}
"""The names that a template may use besides Python's own, and the statements that bind them."""


_NOT_EVALUATED = frozenset({"trainer", "own_trainer", "model", "outputs"})
"""Derivations whose code says what the argument is, and does not hold the argument."""


_WHERE_NEEDED = frozenset({"outputs", "outputs_process"})
"""Derivations that say themselves whether an optional part is kept: `name:derivation` is given."""


class TemplateError(ValueError):
    """A template is not of the notation; the message says where."""


class NotWritable(Exception):
    """The code for one use cannot be written; the message is a sentence that says why."""


@dataclass(frozen=True)
class Code:
    """A piece of a program: its text, and the expression that it is."""

    text: str
    node: ast.expr

    @classmethod
    def of(cls, text: str) -> Code:
        """Parses an expression.

        Raises:
          SyntaxError: It is none.
        """
        return cls(text, _expression(text))


@functools.lru_cache(maxsize=4096)
def _expression(text: str) -> ast.expr:
    return ast.parse(f"({text}\n)", mode="eval").body


@dataclass(frozen=True)
class Hole:
    """What a template takes from the use that it replaces.

    Attributes:
      name: A parameter of the legacy form, or `self`: the object whose member is used.
      stars: "*" or "**" where it takes the rest of the arguments by position or by keyword.
      derivation: How its code is derived from the argument, "" for the argument itself.
      helper: Whether it is the name of a helper function that the file gets.
    """

    name: str
    stars: str = ""
    derivation: str = ""
    helper: bool = False

    def __str__(self) -> str:
        mark = "!" if self.helper else self.stars
        return f"{{{mark}{self.name}{':' if self.derivation else ''}{self.derivation}}}"


@dataclass(frozen=True)
class Optional:
    """A part that is kept only where all its parameters were given in the use."""

    parts: tuple[Part, ...]


Part = Union[str, Hole, Optional]

_TOKENS = re.compile(
    r"(?P<open>\[\?)|(?P<close>\?\])|\{(?P<mark>!|\*\*|\*)?(?P<name>[A-Za-z_]\w*)"
    r"(?::(?P<derivation>\w+))?\}"
)


def _without(parts: Iterable[Part], names: Collection[str]) -> str:
    """The text of parts but for those optional ones that have a hole of one of these names."""
    text = ""
    for part in parts:
        if not isinstance(part, Optional):
            text += str(part)
        elif not any(isinstance(each, Hole) and each.name in names for each in part.parts):
            text += f"[?{_without(part.parts, names)}?]"
    return text


@dataclass(frozen=True)
class Replacement:
    """What to write instead of a legacy form.

    The template is one Python expression. Its holes are ``{name}``, a parameter of the legacy form
    (``{self}``: the object whose member is used); ``{*name}`` and ``{**name}``, the rest of the
    arguments; ``{name:derivation}``, code that is derived from the argument; ``{!name}``, a helper
    function. What stands in ``[? ?]`` is kept only where its arguments were given; a hole outside
    of these whose argument was not given gets the default of the legacy signature.

    Attributes:
      template: The template, empty where no code can be written.
      note: A sentence: what to look at in the code written, or what to do where there is none.
    """

    template: str
    note: str = ""

    @property
    def kind(self) -> str:
        """`EXACT`, `REVIEW` or `NONE`; for one use it may be less, see `fill`."""
        if not self.template:
            return NONE
        return REVIEW if self.note else EXACT

    @functools.cached_property
    def parts(self) -> tuple[Part, ...]:
        """The parsed template.

        Raises:
          TemplateError: It is not of the notation.
        """
        stack: list[list[Part]] = [[]]
        position = 0
        for token in _TOKENS.finditer(self.template):
            if token.start() > position:
                stack[-1].append(self.template[position : token.start()])
            position = token.end()
            if token["open"]:
                stack.append([])
            elif token["close"]:
                if len(stack) == 1:
                    raise TemplateError(f"{self.template}: `?]` without `[?`.")
                inner = stack.pop()
                stack[-1].append(Optional(tuple(inner)))
            else:
                mark = token["mark"] or ""
                stars = mark.replace("!", "")
                stack[-1].append(Hole(token["name"], stars, token["derivation"] or "", mark == "!"))
        if len(stack) > 1:
            raise TemplateError(f"{self.template}: `[?` without `?]`.")
        stack[0].append(self.template[position:])
        return tuple(stack[0])

    @functools.cached_property
    def holes(self) -> tuple[Hole, ...]:
        """All holes, in their order, those of optional parts too."""
        return tuple(_holes(self.parts))

    @property
    def optional(self) -> frozenset[str]:
        """The names of the holes that stand in optional parts alone."""
        always = {part.name for part in self.parts if isinstance(part, Hole)}
        return frozenset(hole.name for hole in self.holes) - always

    @functools.cached_property
    def name(self) -> str | None:
        """The dotted name that the template is; None where it is another expression."""
        return self.template if re.fullmatch(r"[A-Za-z_][\w.]*", self.template) else None

    def without(self, names: frozenset[str]) -> Replacement:
        """The replacement for a form that lacks parameters: without the optional parts of them."""
        if not names or names.isdisjoint(hole.name for hole in self.holes):
            return self
        return replace(self, template=_without(self.parts, names))

    @property
    def is_name(self) -> bool:
        """Whether it stands for the name of what is called: itself, or what helpers make of one."""
        if not self.template.startswith("{!") or not all(hole.helper for hole in self.holes):
            return self.name is not None
        calls = (isinstance(node, ast.Call) for node in ast.walk(ast.parse(self.variant(()))))
        return sum(calls) < 2

    def variant(self, given: Collection[str]) -> str:
        """The template as code where some parameters were given; holes are placeholders."""
        return "".join(text for text, _ in _flat(self.parts, given))

    def imports(self, given: Collection[str] = ()) -> tuple[str, ...]:
        """The names of `IMPORTS` that the code uses."""
        return _imports(self.variant(given))

    def fill(
        self,
        arguments: Mapping[str, Code],
        *,
        defaults: Mapping[str, str] | None = None,
        derive: Callable[[Hole, Code | None], str] | None = None,
        helper: Callable[[str], str] | None = None,
        given: Collection[str] | None = None,
    ) -> str:
        """The code for one use.

        Args:
          arguments: The code of the arguments that were given, by parameter; for a hole with stars
            the text of the arguments, joined.
          defaults: The text of the defaults of the legacy signature, by parameter.
          derive: Gives the code of a hole with a derivation, and may raise `NotWritable`.
          helper: Gives the name of a helper function in the file.
          given: The parameters that count as given, by default those of `arguments`.

        Raises:
          NotWritable: A required argument cannot be known, or would be evaluated twice.
        """
        if not self.template:
            raise NotWritable(self.note)
        present = set(arguments) if given is None else set(given)
        flat = list(_flat(self.parts, present))
        template = "".join(text for text, _ in flat)
        places = _separated(template)
        seen: set[str] = set()
        filled: list[str] = []
        for index, (text, hole) in enumerate(flat):
            if hole is None:
                filled.append(_joined(filled, text))
                continue
            code = self._code(hole, arguments, defaults or {}, derive, helper)
            if not hole.helper and hole.derivation not in _NOT_EVALUATED:
                node = arguments[hole.name].node if hole.derivation in _WHERE_NEEDED else code.node
                if hole.name in seen and not _is_repeatable(node):
                    raise NotWritable(f"`{hole.name}` would be evaluated twice.")
                seen.add(hole.name)
            if hole.stars or hole.helper:
                if not code.text and filled:
                    filled[-1] = re.sub(r",\s*$", "", filled[-1])
                filled.append(code.text)
            else:
                filled.append(_bracketed(code, separated=f"_hole_{index}_" in places))
        return "".join(filled)

    def _code(
        self,
        hole: Hole,
        arguments: Mapping[str, Code],
        defaults: Mapping[str, str],
        derive: Callable[[Hole, Code | None], str] | None,
        helper: Callable[[str], str] | None,
    ) -> Code:
        if hole.helper:
            return Code.of(helper(hole.name) if helper is not None else hole.name)
        found = arguments.get(hole.name)
        if hole.stars:
            # Empty where nothing is left; the text is that of several arguments.
            return found or Code("", ast.Constant(None))
        if hole.derivation:
            if found is None and hole.name in defaults:
                found = Code.of(defaults[hole.name])
            if derive is None:
                raise NotWritable(f"what `{hole.name}` is has to be read from the program.")
            text = derive(hole, found)
            # A compiled model gives several arguments.
            return Code(text, ast.Constant(None)) if hole.derivation == "model" else Code.of(text)
        if found is not None:
            return found
        if hole.name not in defaults:
            raise NotWritable(f"what is given for `{hole.name}` cannot be seen.")
        return Code.of(defaults[hole.name])


def recommendation(code: str, note: str, helpers: Collection[str] = ()) -> str:
    """What a message says that is to be done.

    Args:
      code: What to write, "" where nothing can be.
      note: A sentence on it.
      helpers: The functions and classes that the code names and no module offers.
    """
    if not code:
        return note
    names = " and ".join(f"`{name}`" for name in helpers)
    added = f"`tff-compat upgrade` adds {names}" if helpers else ""
    notes = "; ".join(filter(None, [note.rstrip("."), added]))
    written = f"Write instead: {code}"
    return f"{written} ({notes})" if notes else written


def _holes(parts: tuple[Part, ...]) -> Iterator[Hole]:
    for part in parts:
        if isinstance(part, Hole):
            yield part
        elif isinstance(part, Optional):
            yield from _holes(part.parts)


def _placeholder(hole: Hole, index: int) -> str:
    return hole.stars + f"_hole_{index}_"


def _flat(parts: tuple[Part, ...], given: Collection[str]) -> Iterator[tuple[str, Hole | None]]:
    """The text of a template, each hole as its placeholder, without the optional parts not kept."""
    index = -1
    for part in _kept(parts, given):
        index += 1
        if isinstance(part, str):
            yield part, None
        else:
            yield _placeholder(part, index), part


def _is_given(hole: Hole, given: Collection[str]) -> bool:
    if hole.derivation in _WHERE_NEEDED:
        return f"{hole.name}:{hole.derivation}" in given
    return hole.name in given


def _kept(parts: tuple[Part, ...], given: Collection[str]) -> Iterator[str | Hole]:
    for part in parts:
        if not isinstance(part, Optional):
            yield part
        elif all(_is_given(hole, given) for hole in _holes(part.parts) if not hole.helper):
            yield from _kept(part.parts, given)


@functools.lru_cache(maxsize=4096)
def _parsed(template: str) -> ast.Expression:
    # A part that is left out may leave a comma behind.
    return ast.parse(_tidy(template), mode="eval")


@functools.lru_cache(maxsize=4096)
def _imports(template: str) -> tuple[str, ...]:
    names = {node.id for node in ast.walk(_parsed(template)) if isinstance(node, ast.Name)}
    return tuple(sorted(names & set(IMPORTS)))


def _tidy(code: str) -> str:
    """Without the comma that an optional part leaves after an opening bracket."""
    return re.sub(r"([(\[{])\s*,\s*", r"\1", code)


def _joined(before: list[str], text: str) -> str:
    """The next text of a template, without a comma that an optional part leaves behind."""
    last = next((piece for piece in reversed(before) if piece.strip()), "(")
    opened = last.rstrip().endswith(("(", "[", "{"))
    return re.sub(r"^\s*,\s*", "", text) if opened else text


_SEPARATED = {
    (ast.Call, "args"), (ast.keyword, "value"), (ast.List, "elts"), (ast.Dict, "keys"),
    (ast.Dict, "values"), (ast.Set, "elts"), (ast.Subscript, "slice"), (ast.Expression, "body"),
}  # fmt: skip
"""The places in which any expression stands without brackets."""


@functools.lru_cache(maxsize=4096)
def _separated(template: str) -> frozenset[str]:
    """The placeholders at such places."""
    return frozenset(
        child.id
        for parent in ast.walk(_parsed(template))
        for field, value in ast.iter_fields(parent)
        for child in (value if isinstance(value, list) else [value])
        if isinstance(child, ast.Name) and (type(parent), field) in _SEPARATED
    )


_ATOMS = (
    ast.Name, ast.Constant, ast.Attribute, ast.Subscript, ast.Call,
    ast.List, ast.Dict, ast.Set, ast.ListComp, ast.SetComp, ast.DictComp, ast.JoinedStr,
)  # fmt: skip
# These need brackets even where others need none.
_LOOSE = (
    ast.NamedExpr, ast.Yield, ast.YieldFrom, ast.GeneratorExp, ast.Starred, ast.Tuple,
)  # fmt: skip


def _bracketed(code: Code, *, separated: bool) -> str:
    """The text of an argument as it can stand in a template: in brackets where it needs them."""
    node = code.node
    if separated and not isinstance(node, _LOOSE):
        return code.text
    is_number = isinstance(node, ast.Constant) and isinstance(node.value, (int, float, complex))
    if isinstance(node, _ATOMS) and not is_number and "\n" not in code.text:
        return code.text
    if isinstance(node, _LOOSE) and _is_bracketed(code.text):
        return code.text
    return f"({code.text})"


def _is_bracketed(text: str) -> bool:
    """Whether the first bracket is closed by the last character."""
    text = text.strip()
    if not (text.startswith("(") and text.endswith(")")):
        return False
    try:
        ast.parse(text[1:-1].strip() or "()", mode="eval")
    except SyntaxError:
        # Such as `a), (b`; what a generator needs its brackets for is no expression without them.
        return text.count("(") == 1 and text.count(")") == 1
    return True


def _is_repeatable(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, (ast.Name, ast.Constant))
