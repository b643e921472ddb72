"""Executors and execution contexts: the installed runtime, whatever a release called its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tff_compat import modern
from tff_compat.adapters.registry import AsOf, adapter

tff = modern.package()


@dataclass(frozen=True)
class LocalRuntime:
    """Stands for an executor, an executor factory or a context: the installed local runtime.

    Attributes:
      default_num_clients: The number of clients where the arguments of a computation do not tell
        it; 0 for none.
    """

    default_num_clients: int = 0


def local_runtime(num_clients: Any) -> LocalRuntime:
    """The local runtime with a default number of clients.

    Raises:
      ValueError: The number is negative.
    """
    if num_clients is not None and num_clients < 0:
        raise ValueError(f"The number of clients must not be negative, found {num_clients}.")
    return LocalRuntime(num_clients or 0)


def make_default(runtime: Any) -> None:
    """Makes the runtime the default, as far as it differs from the one set on import.

    Raises:
      TypeError: `runtime` does not come from this API.
    """
    if isinstance(runtime, LocalRuntime):
        if runtime.default_num_clients:
            # Otherwise the context that TFF sets on import is what was asked for.
            tff.backends.native.set_sync_local_cpp_execution_context(
                default_num_clients=runtime.default_num_clients
            )
    elif runtime is not None:
        tff.framework.set_default_context(runtime)


def replacement(default_num_clients: str) -> str:
    """The template of the modern code that sets the default number of clients."""
    return (
        "tff.backends.native.set_sync_local_cpp_execution_context("
        f"[?default_num_clients={{{default_num_clients}}}?])"
    )


_NOT_NEEDED = replacement("num_clients")
_DEFAULT = replacement("default_num_clients")


@adapter("tff.framework.create_local_executor", releases=">=0.7,<0.9", replacement=_NOT_NEEDED)
def create_local_executor_0_7(num_clients, *, as_of: AsOf):
    """A local executor for a number of clients, as of TFF 0.7."""
    as_of.warn(locals())
    return local_runtime(num_clients)


@adapter("tff.framework.create_local_executor", releases=">=0.9,<0.12", replacement=_NOT_NEEDED)
def create_local_executor_0_9(num_clients=None, max_fanout=100, *, as_of: AsOf):
    """A local executor; the number of clients comes from the arguments, as of TFF 0.9 to 0.11."""
    as_of.warn(locals())
    return local_runtime(num_clients)


@adapter("tff.framework.set_default_executor", releases=">=0.7,<0.12", replacement=_NOT_NEEDED)
def set_default_executor_0_7(executor=None, *, as_of: AsOf):
    """Sets what runs computations; None for the one set on import, as of TFF 0.7 to 0.11."""
    as_of.warn(locals())
    make_default(executor)


@adapter("tff.framework.set_default_executor", releases=">=0.12,<0.13", replacement=_NOT_NEEDED)
def set_default_executor_0_12(executor_factory_instance=None, *, as_of: AsOf):
    """Sets what runs computations; None for the one set on import, as of TFF 0.12."""
    as_of.warn(locals())
    make_default(executor_factory_instance)


@adapter("tff.framework.set_default_executor", releases=">=0.13,<0.15", replacement=_NOT_NEEDED)
def set_default_executor_0_13(executor_factory_instance, *, as_of: AsOf):
    """Sets what runs computations, as of TFF 0.13 and 0.14."""
    as_of.warn(locals())
    make_default(executor_factory_instance)


@adapter("tff.framework.set_default_context", releases=">=0.12,<0.13", replacement=_NOT_NEEDED)
def set_default_context_0_12(ctx=None, *, as_of: AsOf):
    """Sets the context that runs computations, as of TFF 0.12."""
    if ctx is None or isinstance(ctx, LocalRuntime):
        as_of.warn(locals())
    make_default(ctx)


@adapter("tff.framework.set_default_context", releases=">=0.13,<0.50", replacement=_NOT_NEEDED)
def set_default_context_0_13(ctx, *, as_of: AsOf):
    """Sets the context that runs computations, as of TFF 0.13 to 0.49."""
    if isinstance(ctx, LocalRuntime):
        as_of.warn(locals())
    make_default(ctx)


@adapter("tff.framework.create_executor_factory", releases=">=0.13,<0.17", replacement=_NOT_NEEDED)
def create_executor_factory(executor_stack_fn, *, as_of: AsOf):
    """An executor factory; the installed runtime makes its own stack, as of TFF 0.13 to 0.16."""
    as_of.warn(locals())
    return LocalRuntime()


@adapter("tff.framework.local_executor_factory", releases=">=0.12,<0.13", replacement=_NOT_NEEDED)
def local_executor_factory_0_12(
    num_clients=None, max_fanout=100, clients_per_thread=1, *, as_of: AsOf
):
    """A factory of local executors, as of TFF 0.12."""
    as_of.warn(locals())
    return local_runtime(num_clients)


@adapter("tff.framework.local_executor_factory", releases=">=0.13,<0.14", replacement=_NOT_NEEDED)
def local_executor_factory_0_13(
    num_clients=None, max_fanout=100, clients_per_thread=1, tf_devices=(), *, as_of: AsOf
):
    """A factory of local executors, as of TFF 0.13."""
    as_of.warn(locals())
    return local_runtime(num_clients)


@adapter("tff.framework.local_executor_factory", releases=">=0.14,<0.17", replacement=_NOT_NEEDED)
def local_executor_factory_0_14(
    num_clients=None,
    max_fanout=100,
    num_client_executors=32,
    server_tf_device=None,
    client_tf_devices=(),
    *,
    as_of: AsOf,
):
    """A factory of local executors, as of TFF 0.14 to 0.16."""
    as_of.warn(locals())
    return local_runtime(num_clients)


@adapter("tff.framework.local_executor_factory", releases=">=0.17,<0.18", replacement=_NOT_NEEDED)
def local_executor_factory_0_17(
    num_clients=None,
    max_fanout=100,
    clients_per_thread=1,
    server_tf_device=None,
    client_tf_devices=(),
    *,
    as_of: AsOf,
):
    """A factory of local executors, as of TFF 0.17."""
    as_of.warn(locals())
    return local_runtime(num_clients)


@adapter("tff.framework.sizing_executor_factory", releases=">=0.12,<0.14", replacement=_NOT_NEEDED)
@adapter("tff.framework.sizing_executor_factory", releases=">=0.17,<0.19", replacement=_NOT_NEEDED)
def sizing_executor_factory_0_12(
    num_clients=None, max_fanout=100, clients_per_thread=1, *, as_of: AsOf
):
    """A factory of local executors, without the sizes that it measured, as of TFF 0.12 to 0.18."""
    as_of.warn(locals(), detail="the installed runtime does not measure sizes")
    return local_runtime(num_clients)


@adapter("tff.framework.sizing_executor_factory", releases=">=0.14,<0.17", replacement=_NOT_NEEDED)
def sizing_executor_factory_0_14(
    num_clients=None, max_fanout=100, num_client_executors=1, *, as_of: AsOf
):
    """A factory of local executors, without the sizes that it measured, as of TFF 0.14 to 0.16."""
    as_of.warn(locals(), detail="the installed runtime does not measure sizes")
    return local_runtime(num_clients)


@adapter(
    "tff.framework.thread_debugging_executor_factory",
    releases=">=0.17,<0.19",
    replacement=_NOT_NEEDED,
)
def thread_debugging_executor_factory(num_clients=None, clients_per_thread=1, *, as_of: AsOf):
    """A factory of local executors, as of TFF 0.17 and 0.18."""
    as_of.warn(locals())
    return local_runtime(num_clients)


def _context(executor_fn: Any) -> Any:
    """The context of the local runtime for what stands for one of its executor factories."""
    if isinstance(executor_fn, LocalRuntime):
        return tff.backends.native.create_sync_local_cpp_execution_context(
            default_num_clients=executor_fn.default_num_clients
        )
    return tff.framework.SyncExecutionContext(executor_fn)


@adapter(
    "tff.framework.ExecutionContext",
    releases=">=0.15,<0.21",
    replacement="tff.framework.SyncExecutionContext({executor_fn})",
)
def ExecutionContext_0_15(executor_fn, compiler_fn=None, *, as_of: AsOf):
    """A context that runs computations with an executor factory, as of TFF 0.15 to 0.20."""
    as_of.warn(locals())
    return _context(executor_fn)


@adapter("tff.framework.ReferenceExecutor", releases=">=0.12,<0.14", replacement=_NOT_NEEDED)
@adapter("tff.test.ReferenceExecutor", releases=">=0.14,<0.15", replacement=_NOT_NEEDED)
def ReferenceExecutor_0_12(compiler=None, *, as_of: AsOf):
    """The slow reference executor: the installed runtime gives what it gave, as of 0.12 to 0.14."""
    as_of.warn(locals())
    return LocalRuntime()


@adapter("tff.test.ReferenceExecutor", releases=">=0.15,<0.17", replacement=_NOT_NEEDED)
def ReferenceExecutor_0_15(*, as_of: AsOf):
    """The slow reference executor, as of 0.15 and 0.16: the installed runtime gives the same."""
    as_of.warn(locals())
    return LocalRuntime()


@adapter("tff.framework.local_executor_factory", releases=">=0.18,<0.19", replacement=_NOT_NEEDED)
def local_executor_factory_0_18(
    num_clients=None,
    max_fanout=100,
    clients_per_thread=1,
    server_tf_device=None,
    client_tf_devices=(),
    reference_resolving_clients=True,
    *,
    as_of: AsOf,
):
    """A factory of local executors, as of TFF 0.18."""
    as_of.warn(locals())
    return local_runtime(num_clients)


@adapter("tff.framework.local_executor_factory", releases=">=0.19,<0.54", replacement=_DEFAULT)
def local_executor_factory_0_19(
    default_num_clients=0,
    max_fanout=100,
    clients_per_thread=1,
    server_tf_device=None,
    client_tf_devices=(),
    reference_resolving_clients=True,
    support_sequence_ops=False,
    leaf_executor_fn=None,
    local_computation_factory=None,
    *,
    as_of: AsOf,
):
    """A factory of local executors, as of TFF 0.19 to 0.53."""
    as_of.warn(locals())
    return local_runtime(default_num_clients)


@adapter("tff.framework.sizing_executor_factory", releases=">=0.19,<0.48", replacement=_DEFAULT)
def sizing_executor_factory_0_19(
    default_num_clients=0,
    max_fanout=100,
    clients_per_thread=1,
    leaf_executor_fn=None,
    *,
    as_of: AsOf,
):
    """A factory of local executors, without the sizes that it measured, as of TFF 0.19 to 0.47."""
    as_of.warn(locals(), detail="the installed runtime does not measure sizes")
    return local_runtime(default_num_clients)


@adapter(
    "tff.framework.thread_debugging_executor_factory",
    releases=">=0.19,<0.48",
    replacement=_DEFAULT,
)
def thread_debugging_executor_factory_0_19(
    default_num_clients=0, clients_per_thread=1, leaf_executor_fn=None, *, as_of: AsOf
):
    """A factory of local executors, as of TFF 0.19 to 0.47."""
    as_of.warn(locals())
    return local_runtime(default_num_clients)


@adapter(
    "tff.framework.ExecutionContext",
    releases=">=0.21,<0.45",
    replacement="tff.framework.SyncExecutionContext({executor_fn})",
)
def ExecutionContext_0_21(
    executor_fn, compiler_fn=None, *, cardinality_inference_fn=None, as_of: AsOf
):
    """A context that runs computations with an executor factory, as of TFF 0.21 to 0.44."""
    as_of.warn(locals())
    return _context(executor_fn)


@adapter(
    "tff.framework.SyncExecutionContext",
    releases=">=0.45,<0.54",
    replacement="tff.framework.SyncExecutionContext({executor_fn})",
)
def SyncExecutionContext_0_45(
    executor_fn, compiler_fn=None, *, cardinality_inference_fn=None, as_of: AsOf
):
    """A context that runs computations with an executor factory, as of TFF 0.45 to 0.53."""
    if isinstance(executor_fn, LocalRuntime):
        as_of.warn(locals())
        return _context(executor_fn)
    return tff.framework.SyncExecutionContext(executor_fn, compiler_fn)
