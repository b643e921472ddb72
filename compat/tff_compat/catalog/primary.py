"""The primary release: adapters are written for its API, and where no TFF is, it is installed."""

from __future__ import annotations

from packaging.version import Version

PRIMARY = Version("0.87.0")
"""The one place that names it; `tools/new_release.py` moves it."""
