"""Traces: spans of calls and of code, given to providers, as of TFF 0.18 to 0.86.

The installed TFF still traces itself, with a module that is no longer public. Programs get the
classes of that module as they are: TFF asks whether a provider is one of them.
"""

from __future__ import annotations

from typing import Any, List, Optional  # noqa: UP035

from tff_compat import modern
from tff_compat.adapters.registry import AsOf, adapter

real: Any = modern.internal_module("common_libs.tracing")


def _adapter(path: str) -> Any:
    """Declares, at its old path, what only the installed TFF itself still uses."""
    name = path.rpartition(".")[2]
    return adapter(
        path,
        releases=">=0.18,<0.87",
        replacement=f"tracing.{name}",
        note="it is TFF's own now, in a module that is not public; without it no result changes",
    )


_adapter("tff.profiler.LoggingTracingProvider")(real.LoggingTracingProvider)
# Not `list[…]`, of which `inspect` knows no signature.
_adapter("tff.profiler.SpanYields")(List[Optional[object]])  # noqa: UP006
_adapter("tff.profiler.T")(real.T)
_adapter("tff.profiler.ThreadLocalSpanYields")(real.ThreadLocalSpanYields)
_adapter("tff.profiler.TraceResult")(real.TraceResult)
_adapter("tff.profiler.TracedFunctionReturned")(real.TracedFunctionReturned)
_adapter("tff.profiler.TracedFunctionThrew")(real.TracedFunctionThrew)
_adapter("tff.profiler.TracedSpan")(real.TracedSpan)
_adapter("tff.profiler.TracingProvider")(real.TracingProvider)


@_adapter("tff.profiler.add_tracing_provider")
def add_tracing_provider(tracing_provider, *, as_of: AsOf):
    """Gives spans to one more provider, as of TFF 0.18 to 0.86.

    Args:
      tracing_provider: A `TracingProvider`.

    Raises:
      TypeError: It is none.
    """
    as_of.warn(locals())
    real.add_tracing_provider(tracing_provider)


@_adapter("tff.profiler.set_tracing_providers")
def set_tracing_providers(tracing_providers, *, as_of: AsOf):
    """Gives spans to these providers and to no others, as of TFF 0.18 to 0.86.

    Args:
      tracing_providers: A list of `TracingProvider`s.

    Raises:
      TypeError: It is no such list.
    """
    as_of.warn(locals())
    real.set_tracing_providers(tracing_providers)


@_adapter("tff.profiler.trace")
def trace(fn=None, *, as_of: AsOf, **trace_kwargs):
    """A decorator that makes a span of each call of a function, as of TFF 0.18 to 0.86.

    Args:
      fn: The function or coroutine function; None to get the decorator with options.
      **trace_kwargs: Options for the providers.
    """
    as_of.warn({"fn": fn})
    return real.trace(fn, **trace_kwargs)


@_adapter("tff.profiler.span")
def span(scope, sub_scope, *, as_of: AsOf, **trace_opts):
    """A context manager that makes a span of the code in it, as of TFF 0.18 to 0.86.

    Args:
      scope: What the span belongs to, such as the name of a class.
      sub_scope: Its own name.
      **trace_opts: Options for the providers.
    """
    as_of.warn({"scope": scope, "sub_scope": sub_scope})
    return real.span(scope, sub_scope, **trace_opts)


@_adapter("tff.profiler.propagate_trace_context_task_factory")
def propagate_trace_context_task_factory(loop, coro, *, as_of: AsOf):
    """A task for a coroutine that is within the current spans, as of TFF 0.18 to 0.86.

    It is meant for `loop.set_task_factory`.

    Args:
      loop: The event loop.
      coro: The coroutine.

    Returns:
      An `asyncio.Task`.
    """
    as_of.warn(locals())
    return real.propagate_trace_context_task_factory(loop, coro)


@_adapter("tff.profiler.wrap_coroutine_in_current_trace_context")
def wrap_coroutine_in_current_trace_context(coro, *, as_of: AsOf):
    """The same coroutine, within the spans that are current now, as of TFF 0.18 to 0.86.

    Args:
      coro: The coroutine.

    Returns:
      A coroutine with the result of `coro`.
    """
    as_of.warn(locals())
    return real.wrap_coroutine_in_current_trace_context(coro)


@_adapter("tff.profiler.wrap_rpc_in_trace_context")
def wrap_rpc_in_trace_context(*, as_of: AsOf):
    """A context manager in which remote calls carry the spans, as of TFF 0.18 to 0.86."""
    as_of.warn()
    return real.wrap_rpc_in_trace_context()


@_adapter("tff.profiler.with_trace_context_from_rpc")
def with_trace_context_from_rpc(*, as_of: AsOf):
    """A context manager within the spans that a remote call brought, as of TFF 0.18 to 0.86."""
    as_of.warn()
    return real.with_trace_context_from_rpc()
