"""Every replacement is code that runs on the primary release, as far as that can be read."""

from __future__ import annotations

import ast
import re

import pytest
from tff_compat import catalog, coverage
from tff_compat.adapters import index

_OPTIONAL = re.compile(r"\[\?(.*?)\?\]", re.DOTALL)
_HOLE = re.compile(r"\{([A-Za-z_]\w*)\}")

TEMPLATES = sorted({entry.advice for entry in index.every() if entry.kind != "refusal"})


def _check_paths(paths):
    known = catalog.load()
    for path in paths:
        symbol = known.symbol(path)
        assert symbol is not None and symbol.exists_in(coverage.PRIMARY), path


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("optional", [r"\1", ""], ids=["whole", "least"])
def test_replacements_are_code(template, optional):
    text = _HOLE.sub(r"\1", _OPTIONAL.sub(optional, template)).replace("…", "...")
    tree = ast.parse(text)
    attributes = (ast.unparse(n) for n in ast.walk(tree) if isinstance(n, ast.Attribute))
    _check_paths(path for path in attributes if re.fullmatch(r"tff(\.\w+)+", path))


def test_refusals_name_what_exists():
    for entry in index.every():
        if entry.kind == "refusal":
            assert entry.reason
            _check_paths(re.findall(r"\btff(?:\.\w+)+", entry.replacement))
