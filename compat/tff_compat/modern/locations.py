"""Where other releases have what the primary one has, if not at its place: the table by symbol."""

from __future__ import annotations

import functools
import importlib
from typing import Any

from packaging.specifiers import SpecifierSet
from packaging.version import Version

ELSEWHERE: dict[str, tuple[str, ...]] = {
    "tff.backends.mapreduce.federated_secure_modular_sum": ("tff.federated_secure_modular_sum",),
    "tff.backends.mapreduce.get_state_initialization_computation": (
        "tff.backends.mapreduce.get_state_initialization_computation_for_map_reduce_form",
    ),
    "tff.backends.native.create_sync_local_cpp_execution_context": (
        "tff.backends.native.create_local_python_execution_context",
    ),
    "tff.backends.native.set_sync_local_cpp_execution_context": (
        "tff.backends.native.set_local_python_execution_context",
    ),
    "tff.federated_max": ("tff.aggregators.federated_max",),
    "tff.federated_min": ("tff.aggregators.federated_min",),
    "tff.framework.SyncExecutionContext": ("tff.framework.ExecutionContext",),
    "tff.framework.transform_postorder": (
        "tensorflow_federated.python.core.impl.compiler.transformation_utils.transform_postorder",
    ),
    "tff.framework.unique_name_generator": (
        "tensorflow_federated.python.core.impl.compiler.building_block_factory"
        ".unique_name_generator",
    ),
    "tff.jax.computation": ("tff.jax_computation",),
    "tff.learning.models.BatchOutput": ("tff.learning.BatchOutput",),
    "tff.learning.models.ModelWeights": ("tff.learning.ModelWeights",),
    "tff.learning.models.ReconstructionModel.build_dataset_split_fn": (
        "tff.learning.reconstruction.build_dataset_split_fn",
    ),
    "tff.learning.models.VariableModel": ("tff.learning.Model",),
    "tff.learning.models.from_keras_model": ("tff.learning.from_keras_model",),
    "tff.learning.models.weights_type_from_model": (
        "tff.learning.framework.weights_type_from_model",
    ),
    "tff.program.CSVKeyFieldnameNotFoundError": (
        "tff.program.FileReleaseManagerIncompatibleFileError",
    ),
    "tff.program.ProgramStateExistsError": (
        "tff.program.ProgramStateManagerStateAlreadyExistsError",
    ),
    "tff.program.ProgramStateNotFoundError": ("tff.program.ProgramStateManagerStateNotFoundError",),
    "tff.program.TensorBoardReleaseManager": ("tff.program.TensorboardReleaseManager",),
    "tff.tensorflow.computation": ("tff.tf_computation",),
    "tff.types.tensorflow_to_type": ("tff.to_type",),
}
"""Paths of the modern API, and where other releases have the same, the latest place first."""

_CORE = "tensorflow_federated.python.core.impl"

ELSEWHERE.update(
    {
        "tff.backends.native.desugar_and_transform_to_native": (
            "tensorflow_federated.python.core.backends.native.compiler.desugar_and_transform_to_native",
        ),
        "tff.backends.test.create_sync_test_cpp_execution_context": (
            "tff.backends.test.create_test_python_execution_context",
            "tff.backends.test.create_test_execution_context",
        ),
        "tff.backends.test.set_sync_test_cpp_execution_context": (
            "tff.backends.test.set_test_python_execution_context",
            "tff.backends.test.set_test_execution_context",
        ),
        "tff.framework.AsyncExecutionContext": (
            f"{_CORE}.execution_contexts.async_execution_context.AsyncExecutionContext",
        ),
        "tff.framework.Intrinsic": (f"{_CORE}.compiler.building_blocks.Intrinsic",),
        "tff.framework.MergeableCompExecutionContext": (
            f"{_CORE}.execution_contexts.mergeable_comp_execution_context"
            ".MergeableCompExecutionContext",
        ),
        "tff.framework.RemoteExecutor": (f"{_CORE}.executors.remote_executor.RemoteExecutor",),
        "tff.framework.RemoteExecutorGrpcStub": (
            f"{_CORE}.executors.remote_executor_grpc_stub.RemoteExecutorGrpcStub",
        ),
        "tff.framework.ResourceManagingExecutorFactory": (
            f"{_CORE}.executor_stacks.python_executor_stacks.ResourceManagingExecutorFactory",
        ),
        "tff.framework.RetryableError": (f"{_CORE}.executors.executors_errors.RetryableError",),
        "tff.framework.SyncContext": ("tff.framework.Context",),
        "tff.framework.local_cpp_executor_factory": ("tff.framework.local_executor_factory",),
    }
)

_BUILDING_BLOCKS = "tensorflow_federated.python.core.impl.compiler.building_blocks"

ELSEWHERE.update(
    (f"tff.framework.{name}", (f"{_BUILDING_BLOCKS}.{name}",))
    for name in (
        "Block",
        "Call",
        "CompiledComputation",
        "ComputationBuildingBlock",
        "Data",
        "Intrinsic",
        "Lambda",
        "Placement",
        "Reference",
        "Selection",
        "Struct",
        "UnexpectedBlockError",
    )
)

ELSEWHERE.update(
    (
        f"tff.framework.{name}",
        (f"tensorflow_federated.python.core.impl.compiler.intrinsic_defs.{name}",),
    )
    for name in (
        "FEDERATED_AGGREGATE",
        "FEDERATED_APPLY",
        "FEDERATED_BROADCAST",
        "FEDERATED_MAP",
        "FEDERATED_MAP_ALL_EQUAL",
    )
)

_COMPILER = "core.impl.compiler"
_TENSORFLOW = "core.environments.tensorflow_backend"

ELSEWHERE_INTERNAL: dict[str, tuple[str, ...]] = {
    "core.backends.mapreduce.compiler.compile_local_subcomputations_to_tensorflow": (
        "core.backends.mapreduce.transformations.compile_local_subcomputations_to_tensorflow",
        f"{_COMPILER}.transformations.compile_local_subcomputations_to_tensorflow",
    ),
    f"{_TENSORFLOW}.compiled_computation_transformations.check_allowed_ops": (
        f"{_COMPILER}.compiled_computation_transformations.check_allowed_ops",
        f"{_COMPILER}.compiled_computation_transforms.check_allowed_ops",
    ),
    f"{_TENSORFLOW}.compiled_computation_transformations.check_disallowed_ops": (
        f"{_COMPILER}.compiled_computation_transformations.check_disallowed_ops",
        f"{_COMPILER}.compiled_computation_transforms.check_disallowed_ops",
        f"{_COMPILER}.tree_transformations.check_disallowed_ops",
    ),
    f"{_TENSORFLOW}.tensorflow_tree_transformations.replace_intrinsics_with_bodies": (
        f"{_COMPILER}.tree_transformations.replace_intrinsics_with_bodies",
        f"{_COMPILER}.intrinsic_reductions.replace_intrinsics_with_bodies",
    ),
}
"""The same of paths under ``tensorflow_federated.python``."""

MODULES = ("tff.jax", "tff.learning.models.ReconstructionModel", "tff.tensorflow")
"""Modules and classes of the modern API that other releases lack, but for what is in them."""

_STAND_INS: tuple[tuple[str, str, str], ...] = (
    (
        "tff.backends.native.desugar_and_transform_to_native",
        "<0.21",
        "desugar_and_transform_to_native",
    ),
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
