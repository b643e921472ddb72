"""Execution contexts: what runs computations with an executor factory."""

from __future__ import annotations

import abc
import functools
from typing import Any

from tff_compat import modern
from tff_compat.adapters.framework import runtimes
from tff_compat.adapters.language import handed
from tff_compat.adapters.registry import AsOf, Legacy, adapter
from tff_compat.adapters.stand_ins import StandsFor, is_offered
from tff_compat.adapters.subclassing import Derived

tff = modern.package()

_LOCAL = "tff.backends.native.create_sync_local_cpp_execution_context()"


# The contexts that TFF makes compile for their runtime, and see how many clients there are.
_INFERRED = ("compiler_fn", "cardinality_inference_fn")


def _compiler(executor_fn: Any, compiler_fn: Any) -> Any:
    """The compiler of a context: in the end all factories run what the installed worker does."""
    if isinstance(executor_fn, runtimes.Factory):
        return executor_fn.compile
    native = tff.backends.native.desugar_and_transform_to_native
    if compiler_fn is None:
        return native
    return lambda computation: native(compiler_fn(computation))


class _ExecutionContext(  # type: ignore[misc]
    StandsFor,
    tff.framework.SyncExecutionContext,  # type: ignore[name-defined]
):
    """A context of the installed TFF, with the constructor of an earlier release."""

    as_of: AsOf
    stands_for: tuple[type, ...] = (tff.framework.SyncExecutionContext,)

    def _make(self, executor_fn: Any, compiler_fn: Any, cardinality_inference_fn: Any) -> None:
        options = runtimes.transforms(tff.framework.SyncExecutionContext)
        if cardinality_inference_fn is not None:
            release = self.as_of.release
            options["cardinality_inference_fn"] = handed.to_program(
                cardinality_inference_fn, release
            )
        super().__init__(executor_fn, _compiler(executor_fn, compiler_fn), **options)

    def _ingested(self, value: Any, type_spec: Any) -> Any:
        """The value, which since 0.21 `invoke` takes as it is."""
        ingest = getattr(super(), "ingest", None)
        return value if ingest is None else ingest(value, type_spec)


@adapter(
    "tff.framework.ExecutionContext",
    releases=">=0.15,<0.21",
    replacement="{executor_fn}",
    without_effect=_INFERRED,
    gives=runtimes.ROLE,
)
class ExecutionContext_0_15(_ExecutionContext):
    """A context that runs computations with an executor factory, as of TFF 0.15 to 0.20.

    Args:
      executor_fn: An executor factory, or what stands for one.
      compiler_fn: From a computation to the one that is executed; None for no compiler.
    """

    as_of: AsOf

    def __init__(self, executor_fn, compiler_fn=None):
        self.as_of.warn(locals())
        self._make(executor_fn, compiler_fn, None)

    def ingest(self, val, type_spec):
        """The argument as `invoke` takes it."""
        return self._ingested(val, type_spec)


@adapter(
    "tff.framework.ExecutionContext",
    releases=">=0.21,<0.45",
    replacement="{executor_fn}",
    without_effect=_INFERRED,
    gives=runtimes.ROLE,
)
class ExecutionContext_0_21(_ExecutionContext):
    """A context that runs computations with an executor factory, as of TFF 0.21 to 0.44.

    Args:
      executor_fn: An executor factory, or what stands for one.
      compiler_fn: From a computation to the one that is executed; None for no compiler.
      cardinality_inference_fn: From an argument and its type to the numbers of participants; None
        for TFF's own.
    """

    as_of: AsOf

    def __init__(self, executor_fn, compiler_fn=None, *, cardinality_inference_fn=None):
        self.as_of.warn(locals())
        self._make(executor_fn, compiler_fn, cardinality_inference_fn)


@adapter(
    "tff.framework.SyncExecutionContext",
    releases=">=0.45,<0.54",
    replacement="{executor_fn}",
    without_effect=_INFERRED,
    legacy=Legacy(values={"executor_fn": runtimes.ROLE}),
    gives=runtimes.ROLE,
)
class SyncExecutionContext_0_45(_ExecutionContext):
    """A context that runs computations with an executor factory, as of TFF 0.45 to 0.53.

    Args:
      executor_fn: An executor factory, or what stands for one.
      compiler_fn: From a computation to the one that is executed; None for no compiler.
      cardinality_inference_fn: From an argument and its type to the numbers of participants; None
        for TFF's own.
    """

    as_of: AsOf

    def __init__(self, executor_fn, compiler_fn=None, *, cardinality_inference_fn=None):
        if isinstance(executor_fn, runtimes.Factory):
            self.as_of.warn(locals())
        self._make(executor_fn, compiler_fn, cardinality_inference_fn)


@adapter(
    "tff.framework.MergeableCompExecutionContext",
    releases=">=0.47,<0.86",
    replacement="tff.framework.MergeableCompExecutionContext({async_contexts}"
    "[?, compiler_fn={compiler_fn}?][?, num_subrounds={num_subrounds}?])",
    note="It takes values of TensorFlow only with `transform_args` and `transform_result`.",
)
class MergeableCompExecutionContext_0_47(tff.framework.MergeableCompExecutionContext):  # type: ignore[misc, name-defined]
    """A context that divides the clients among other contexts, as of TFF 0.47 to 0.85.

    Args:
      async_contexts: Asynchronous contexts, each of which runs a part of the clients.
      compiler_fn: From a computation to a `tff.framework.MergeableCompForm`; None for no compiler.
      num_subrounds: In how many portions the clients are divided; None for one a context.
    """

    as_of: AsOf

    def __init__(self, async_contexts, compiler_fn=None, num_subrounds=None):
        self.as_of.warn(locals())
        super().__init__(
            async_contexts,
            compiler_fn,
            num_subrounds=num_subrounds,
            **runtimes.transforms(tff.framework.MergeableCompExecutionContext),
        )


def _ingesting(invoke: Any) -> Any:
    """Calls `ingest` before, which computations themselves did until 0.20."""

    @functools.wraps(invoke)
    def invoke_with_ingested(self: Any, comp: Any, arg: Any) -> Any:
        if arg is not None:
            arg = self.ingest(arg, comp.type_signature.parameter)
        return invoke(self, comp, arg)

    return invoke_with_ingested


@adapter(
    "tff.framework.Context",
    releases=">=0.12,<0.38",
    replacement="tff.framework.SyncContext",
    note="`ingest` is not called: `invoke` gets the argument as the program gave it.",
)
class Context_0_12(Derived, StandsFor, abc.ABC):
    """What runs computations, written by a user, as of TFF 0.12 to 0.37."""

    as_of: AsOf
    stands_for = (tff.framework.SyncContext, tff.framework.AsyncExecutionContext)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "ingest" in cls.__dict__ and "invoke" in cls.__dict__:
            cls.invoke = _ingesting(cls.invoke)  # type: ignore[method-assign]
        if any(map(is_offered, cls.__bases__)):
            # Not by inheritance: asynchronous contexts pass for contexts of that time.
            tff.framework.SyncContext.register(cls)

    def ingest(self, val, type_spec):
        """The argument as `invoke` takes it; until 0.20 each context said how."""
        return val

    @abc.abstractmethod
    def invoke(self, comp, arg):
        """Runs a computation."""


class _ReferenceExecutor(_ExecutionContext):
    """The local runtime, with the results of the slow reference executor."""

    stands_for = ()
    interprets = True
    """It did without executors, and so without a client for them."""

    def _make_local(self) -> None:
        self._make(runtimes.LocalRuntime(), None, None)

    def ingest(self, arg, type_spec):
        """The argument as `invoke` takes it."""
        return self._ingested(arg, type_spec)

    def invoke(self, fn, arg):
        """Runs a computation."""
        return super().invoke(fn, arg)


@adapter(
    "tff.framework.ReferenceExecutor",
    releases=">=0.12,<0.14",
    replacement=_LOCAL,
    without_effect=("compiler",),
    gives=runtimes.ROLE,
)
@adapter(
    "tff.test.ReferenceExecutor",
    releases=">=0.14,<0.15",
    replacement=_LOCAL,
    without_effect=("compiler",),
    gives=runtimes.ROLE,
)
class ReferenceExecutor_0_12(_ReferenceExecutor):
    """The slow reference executor, as of TFF 0.12 to 0.14.

    Args:
      compiler: From a computation to another. No effect: the local runtime has its own.
    """

    as_of: AsOf

    def __init__(self, compiler=None):
        self.as_of.warn(locals())
        self._make_local()


@adapter(
    "tff.test.ReferenceExecutor",
    releases=">=0.15,<0.17",
    replacement=_LOCAL,
    gives=runtimes.ROLE,
)
class ReferenceExecutor_0_15(_ReferenceExecutor):
    """The slow reference executor, as of TFF 0.15 and 0.16."""

    as_of: AsOf

    def __init__(self):
        self.as_of.warn(locals())
        self._make_local()
