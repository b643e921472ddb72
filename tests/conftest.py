"""Leaves out the tests that cannot be collected, and marks those that take long."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

# The modules of these tests import it at their top, so that collecting them would fail.
collect_ignore_glob = (
    [] if importlib.util.find_spec("tensorflow_federated") else ["adapters/*", "test_learning.py"]
)

SLOW = Path(__file__).with_name("slow.txt")
"""The ids of tests which `tox` leaves to `tox -e full`, by `tools/mark_slow.py`."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    slow = set(SLOW.read_text(encoding="utf-8").splitlines())
    for item in items:
        if item.nodeid in slow:
            item.add_marker(pytest.mark.slow)
