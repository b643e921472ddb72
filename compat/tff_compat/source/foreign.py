"""Names of TensorFlow, NumPy and Python that programs of TFF's time used and that are gone."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import TYPE_CHECKING

from packaging.version import Version

if TYPE_CHECKING:
    from tff_compat.source.findings import _Use


def use(
    node: ast.AST,
    call: ast.Call | None,
    path: str,
    release: Version,
    parents: Mapping[ast.AST, ast.AST],
) -> _Use | None:
    """The legacy use of a name from elsewhere, if it is one."""
    return None
