"""Executors written in Python, of which runtimes were put together until 0.54."""

from __future__ import annotations

from tff_compat.adapters.registry import refusal
from tff_compat.catalog import PRIMARY

_CONTEXT = "tff.backends.native.create_sync_local_cpp_execution_context()"
_FACTORY = "tff.framework.local_cpp_executor_factory()"

_EXECUTORS = {
    "tff.framework.CachingExecutor": ">=0.9,<0.20",
    "tff.framework.ComposingExecutor": ">=0.13,<0.15",
    "tff.framework.CompositeExecutor": ">=0.9,<0.13",
    "tff.framework.ConcurrentExecutor": ">=0.7,<0.13",
    "tff.framework.DataExecutor": ">=0.19,<0.54",
    "tff.framework.EagerExecutor": ">=0.7,<0.13",
    "tff.framework.EagerTFExecutor": ">=0.13,<0.54",
    "tff.framework.Executor": ">=0.7,<0.49",
    "tff.framework.ExecutorValue": ">=0.7,<0.49",
    "tff.framework.FederatedComposingStrategy": ">=0.15,<0.49",
    "tff.framework.FederatedExecutor": ">=0.7,<0.13",
    "tff.framework.FederatedResolvingStrategy": ">=0.15,<0.49",
    "tff.framework.FederatingExecutor": ">=0.13,<0.49",
    "tff.framework.FederatingStrategy": ">=0.15,<0.49",
    "tff.framework.LambdaExecutor": ">=0.7,<0.13",
    "tff.framework.ReferenceResolvingExecutor": ">=0.13,<0.49",
    "tff.framework.ThreadDelegatingExecutor": ">=0.13,<0.49",
    "tff.framework.TransformingExecutor": ">=0.7,<0.49",
}
for _path, _releases in _EXECUTORS.items():
    refusal(
        _path,
        releases=_releases,
        reason=f"The runtime of TFF {PRIMARY} is a worker written in C++, not executors in Python.",
        replacement=_CONTEXT,
    )

_FACTORIES = {
    "tff.framework.ComposingExecutorFactory": ">=0.20,<0.49",
    "tff.framework.ReconstructOnChangeExecutorFactory": ">=0.20,<0.49",
    "tff.framework.UnplacedExecutorFactory": ">=0.20,<0.49",
}
for _path, _releases in _FACTORIES.items():
    refusal(
        _path,
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
