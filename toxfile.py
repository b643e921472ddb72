"""Gives this project's environments, such as `py311-tff0.87`, their releases by our own plugin."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

# tox runs without the package that it is about to build; where that is installed, tox has loaded
# its plugin already.
if importlib.util.find_spec("tff_compat") is None:
    sys.path.insert(0, str(Path(__file__).parent / "compat"))

    from tff_compat.testing.tox_plugin import (
        tox_add_env_config,
        tox_after_run_commands,
        tox_on_install,
    )

    __all__ = ["tox_add_env_config", "tox_after_run_commands", "tox_on_install"]
