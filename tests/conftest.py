"""Leaves out the tests that import TensorFlow Federated where there is none."""

from __future__ import annotations

import importlib.util

# The modules of these tests import it at their top, so that collecting them would fail.
collect_ignore_glob = (
    [] if importlib.util.find_spec("tensorflow_federated") else ["adapters/*", "test_learning.py"]
)
