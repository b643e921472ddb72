"""Where earlier releases have what 0.87.0 has at another place, or lacks: the table by symbol."""

from __future__ import annotations

import functools
import importlib
from typing import Any

from packaging.specifiers import SpecifierSet
from packaging.version import Version

EARLIER: dict[str, tuple[str, ...]] = {
    "tff.backends.native.create_sync_local_cpp_execution_context": (
        "tff.backends.native.create_local_python_execution_context",
    ),
    "tff.backends.native.set_sync_local_cpp_execution_context": (
        "tff.backends.native.set_local_python_execution_context",
    ),
    "tff.backends.mapreduce.federated_secure_modular_sum": ("tff.federated_secure_modular_sum",),
    "tff.federated_max": ("tff.aggregators.federated_max",),
    "tff.federated_min": ("tff.aggregators.federated_min",),
    "tff.framework.SyncExecutionContext": ("tff.framework.ExecutionContext",),
    "tff.jax.computation": ("tff.jax_computation",),
    "tff.learning.models.BatchOutput": ("tff.learning.BatchOutput",),
    "tff.learning.models.ModelWeights": ("tff.learning.ModelWeights",),
    "tff.learning.models.VariableModel": ("tff.learning.Model",),
    "tff.learning.models.from_keras_model": ("tff.learning.from_keras_model",),
    "tff.learning.models.weights_type_from_model": (
        "tff.learning.framework.weights_type_from_model",
    ),
    "tff.tensorflow.computation": ("tff.tf_computation",),
    "tff.types.tensorflow_to_type": ("tff.to_type",),
}
"""Paths of the modern API, and where releases before had the same, the latest place first."""

_BUILDING_BLOCKS = "tensorflow_federated.python.core.impl.compiler.building_blocks"

EARLIER.update(
    (f"tff.framework.{name}", (f"{_BUILDING_BLOCKS}.{name}",))
    for name in ("Block", "Call", "Intrinsic", "Lambda", "Reference", "Selection", "Struct")
)

MODULES = ("tff.jax", "tff.tensorflow")
"""Modules of the modern API that earlier releases lack, while they have what is in them."""

_STAND_INS: tuple[tuple[str, str, str], ...] = (
    ("tff.learning.LoopImplementation", "<0.85", "LoopImplementation"),
    ("tff.sequence_reduce", "<0.76", "sequence_reduce"),
)
"""Paths of the modern API, the releases whose own symbol will not do, and the name in
`stand_ins` of what does there."""


@functools.cache
def stand_in(path: str, release: Version) -> Any:
    """What stands for a path of the modern API on a release; None where nothing need to."""
    for each, releases, name in _STAND_INS:
        if each == path and release in SpecifierSet(releases):
            return getattr(importlib.import_module("tff_compat.modern.stand_ins"), name)
    return None
