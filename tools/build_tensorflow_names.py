"""Writes down which names of TensorFlow 1 the TensorFlow of the primary release has elsewhere.

    python tools/build_tensorflow_names.py

Run it where the primary release of TFF is installed.
"""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import tensorflow as tf
from tff_compat.source import foreign

_MODULES = (
    "", "train", "nn", "math", "random", "summary", "initializers", "layers", "losses", "metrics",
    "data", "image", "io", "gfile", "logging", "app", "flags", "estimator",
    "distributions", "saved_model",
)  # fmt: skip


def names() -> list[str]:
    """The names below `tf` that only `tf.compat.v1` has."""
    found = []
    for module in _MODULES:
        old = getattr(tf.compat.v1, module, None) if module else tf.compat.v1
        new = getattr(tf, module, None) if module else tf
        for name in dir(old) if old is not None else ():
            if not name.startswith("_") and not hasattr(new, name):
                if not isinstance(getattr(old, name), ModuleType) or not module:
                    found.append(f"{module}.{name}".lstrip("."))
    return sorted(found)


if __name__ == "__main__":
    path = Path(foreign.__file__).with_name(foreign.FILE)
    path.write_text(json.dumps(names(), indent=0) + "\n", encoding="utf-8")
    print(path)
