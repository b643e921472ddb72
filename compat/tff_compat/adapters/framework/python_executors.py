"""Executors written in Python, of which runtimes were put together until 0.54."""

from __future__ import annotations

from tff_compat.adapters.registry import refusal
from tff_compat.catalog import PRIMARY

_CONTEXT = "tff.backends.native.create_sync_local_cpp_execution_context()"
_FACTORY = "tff.framework.local_cpp_executor_factory()"

_EXECUTORS = {
    "CachingExecutor": ">=0.9,<0.20",
    "ComposingExecutor": ">=0.13,<0.15",
    "CompositeExecutor": ">=0.9,<0.13",
    "ConcurrentExecutor": ">=0.7,<0.13",
    "DataExecutor": ">=0.19,<0.54",
    "EagerExecutor": ">=0.7,<0.13",
    "EagerTFExecutor": ">=0.13,<0.54",
    "Executor": ">=0.7,<0.49",
    "ExecutorValue": ">=0.7,<0.49",
    "FederatedComposingStrategy": ">=0.15,<0.49",
    "FederatedExecutor": ">=0.7,<0.13",
    "FederatedResolvingStrategy": ">=0.15,<0.49",
    "FederatingExecutor": ">=0.13,<0.49",
    "FederatingStrategy": ">=0.15,<0.49",
    "LambdaExecutor": ">=0.7,<0.13",
    "ReferenceResolvingExecutor": ">=0.13,<0.49",
    "ThreadDelegatingExecutor": ">=0.13,<0.49",
    "TransformingExecutor": ">=0.7,<0.49",
}
for _name, _releases in _EXECUTORS.items():
    refusal(
        f"tff.framework.{_name}",
        releases=_releases,
        reason=f"The runtime of TFF {PRIMARY} is a worker written in C++, not executors in Python.",
        replacement=_CONTEXT,
    )

_FACTORIES = {
    "ComposingExecutorFactory": ">=0.20,<0.49",
    "ReconstructOnChangeExecutorFactory": ">=0.20,<0.49",
    "UnplacedExecutorFactory": ">=0.20,<0.49",
}
for _name, _releases in _FACTORIES.items():
    refusal(
        f"tff.framework.{_name}",
        releases=_releases,
        reason=f"The runtime of TFF {PRIMARY} is a worker written in C++, and its factory makes "
        "all of it.",
        replacement=_FACTORY,
    )

refusal(
    "tff.framework.SizingExecutorFactory",
    releases=">=0.15,<0.48",
    reason=f"The runtime of TFF {PRIMARY} is a worker written in C++, not executors in Python.",
    replacement=f"{_FACTORY}, and tff.types.type_to_tf_tensor_specs for the sizes of what a "
    "computation takes and returns",
)

refusal(
    "tff.framework.DataBackend",
    releases=">=0.19,<0.54",
    reason=f"The worker of TFF {PRIMARY} is another process, which cannot ask an object of this "
    "one for data.",
    replacement="tff.framework.DataDescriptor, which gives the data to a computation",
)
refusal(
    "tff.framework.ExecutorService",
    releases=">=0.7,<0.48",
    reason=f"The service of TFF {PRIMARY} is a worker written in C++, which "
    "`tff-compat worker` runs.",
    replacement="tff.framework.RemoteExecutorGrpcStub, which talks to it",
)
refusal(
    "tff.framework.get_session_token",
    releases=">=0.21,<0.67",
    reason="The token told the data backends of executors in Python which computation asked; "
    f"TFF {PRIMARY} has neither.",
    replacement="tff.framework.DataDescriptor, which gives the data to a computation",
)
