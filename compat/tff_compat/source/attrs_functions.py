"""Functions of attrs on what may be of TFF, whose classes of attrs are named tuples now."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from typing import Any

from packaging.version import Version

from tff_compat.catalog.boundaries import FIRST_WITH_CLIENT_RESULT_AS_NAMED_TUPLE
from tff_compat.declared.replacement import Replacement
from tff_compat.source.values import Class, Literal, Object, Symbol, Values

_FUNCTION = re.compile(r"attrs?\.(?P<name>evolve|asdict|astuple|fields|has)")
_FIELD = re.compile(r"\{self\}\.(\w+)")


def find(
    path: str,
    call: ast.Call,
    given: Values,
    release: Version,
    member: Callable[[str], str | None],
) -> tuple[Replacement, Mapping[str, ast.expr], Mapping[str, list[Any]]] | None:
    """What to write for a call of a function of attrs; None where it stays.

    Args:
      path: The dotted path of what is called.
      call: The call.
      given: What its first argument may be.
      release: The release that the program was written for.
      member: Gives the code that replaces a member of that argument, None for members that stay.

    Returns:
      The replacement, with its arguments and those for its holes with stars.
    """
    match = _FUNCTION.fullmatch(path)
    if match is None or release >= FIRST_WITH_CLIENT_RESULT_AS_NAMED_TUPLE or not call.args:
        return None
    own = [isinstance(value, (Object, Class, Literal, Symbol)) for value in given]
    if own and all(own):
        return None
    renamed: dict[str, tuple[str, ast.expr]] = {}
    kept: list[Any] = []
    for keyword in call.keywords:
        code = member(keyword.arg) if match["name"] == "evolve" and keyword.arg else None
        if code is None:
            kept.append(keyword)
            continue
        field = _FIELD.fullmatch(code)
        if field is None:
            return Replacement("", f"It has no field `{keyword.arg}` now."), {}, {}
        renamed[f"of_{keyword.arg}"] = field[1], keyword.value
    fields = "".join(f", {now}={{{hole}}}" for hole, (now, _) in renamed.items())
    modern = Replacement(f"{{!of_attrs}}({{called}}, {{*positional}}{fields}, {{**keywords}})")
    given_now = {hole: node for hole, (_, node) in renamed.items()}
    return modern, {"called": call.func, **given_now}, {"positional": call.args, "keywords": kept}
