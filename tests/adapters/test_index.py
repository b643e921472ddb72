"""The index of what the adapters declare is the one that they declare now."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from tff_compat.adapters import index

TOOL = Path(__file__).parents[2] / "tools" / "build_adapter_index.py"

pytestmark = pytest.mark.tff


def test_the_index_is_current() -> None:
    spec = importlib.util.spec_from_file_location("build_adapter_index", TOOL)
    assert spec is not None and spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    written = Path(index.__file__).with_name(index.FILE).read_text(encoding="utf-8")
    assert written == tool.content(), "run `python tools/build_adapter_index.py`"
