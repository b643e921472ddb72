"""Runtimes: what stands for the executors, factories and contexts of all releases."""

from __future__ import annotations

import functools
import importlib
import inspect
from collections.abc import Mapping
from typing import Any, Callable

from packaging.version import Version

from tff_compat import deprecation, installation, modern
from tff_compat.adapters.registry import AsOf, helper
from tff_compat.catalog import PRIMARY
from tff_compat.catalog.boundaries import (
    FIRST_TO_NEED_A_CLIENT,
    FIRST_TO_NEED_A_CLIENT_AGAIN,
    FIRST_TO_TAKE_NO_CLIENTS,
    FIRST_WITH_EXECUTORS,
    FIRST_WITH_STACKS_OF_THREADS,
)

tff = modern.package()

helper(
    "with_file",
    '''\
def with_file(stream):
  """The stream, with the real one as its file, for processes such as TFF's worker."""
  stream.fileno = sys.__stderr__.fileno
  return stream
''',
)

Executor: Any = importlib.import_module(
    f"{installation.ROOT}.python.core.impl.executors.executor_base"
).Executor
"""The installed abstract class of executors, which has no public name."""

ExecutorValue: Any = importlib.import_module(
    f"{installation.ROOT}.python.core.impl.executors.executor_value_base"
).ExecutorValue
"""The abstract class of the values that executors create."""


class Factory(tff.framework.ExecutorFactory):  # type: ignore[misc, name-defined]
    """An executor factory in the forms of all releases: the base of what stands for one here."""

    def compile(self, computation: Any) -> Any:
        """The computation as its executors run it."""
        return tff.backends.native.desugar_and_transform_to_native(computation)

    def create_executor(self, cardinalities: Any) -> Any:
        """An executor for so many participants at each placement."""
        raise NotImplementedError

    def clean_up_executor(self, cardinalities: Any) -> None:
        """Ends the executor for so many participants, as of TFF 0.28."""

    def clean_up_executors(self) -> None:
        """Ends all executors, as of TFF 0.12 to 0.27."""

    def __call__(self, cardinalities: Any) -> Any:
        """The same as `create_executor`: until 0.11 such a factory was a function."""
        return self.create_executor(cardinalities)


class LocalRuntime(Factory):
    """Stands for an executor, an executor factory or a context: the installed local runtime.

    Args:
      num_clients: The number of clients, None where the arguments of a computation tell it.
      fixed: Whether there are always so many clients; else so many where the arguments of a
        computation do not tell it.
      options: Keyword arguments of the installed makers of contexts.
    """

    def __init__(
        self,
        num_clients: int | None = None,
        *,
        fixed: bool = False,
        options: Mapping[str, Any] | None = None,
    ):
        self.num_clients = num_clients
        self._fixed = fixed and num_clients is not None
        self._options = dict(options or {})

    @property
    def is_as_installed(self) -> bool:
        """Whether it does exactly what the context does that TFF sets on import."""
        return not (self.num_clients or self._fixed or self._options)

    @functools.cached_property
    def _installed(self) -> Any:
        make = tff.framework.local_cpp_executor_factory
        known = inspect.signature(make).parameters
        # Limits, which change no result: earlier installed releases have fewer.
        options = {name: value for name, value in self._options.items() if name in known}
        return make(default_num_clients=self.num_clients or 0, **options)

    def create_executor(self, cardinalities: Any) -> Any:
        """An executor of the installed runtime.

        Raises:
          ValueError: The number of clients is another one than the runtime was made for.
        """
        asked = cardinalities.get(tff.CLIENTS)
        if self._fixed and asked is not None and asked != self.num_clients:
            raise ValueError(
                f"The executor was made for {self.num_clients} clients, and the arguments "
                f"of the computation are those of {asked}."
            )
        return LocalExecutor(self, cardinalities)

    def installed_executor(self, cardinalities: Any) -> Any:
        """The executor itself, which starts a process where there is none."""
        return self._installed.create_executor(cardinalities)

    def clean_up_executor(self, cardinalities: Any) -> None:
        """Ends the process that runs for so many participants."""
        self._installed.clean_up_executor(cardinalities)

    def clean_up_executors(self) -> None:
        """Ends all processes."""
        # The installed runtime starts anew where it is used again.
        self.__dict__.pop("_installed", None)


class LocalExecutor(Executor):  # type: ignore[misc]
    """An executor of the local runtime, which starts no process before it is used.

    Programs also made one only to hand it to `run_server` or to a pool.

    Args:
      runtime: The runtime.
      cardinalities: How many participants there are at each placement.
    """

    def __init__(self, runtime: LocalRuntime, cardinalities: Any):
        self.runtime = runtime
        self._cardinalities = dict(cardinalities)

    def as_factory(self) -> LocalRuntime:
        """The runtime, which a release also took an executor for."""
        return self.runtime

    @functools.cached_property
    def _installed(self) -> Any:
        return self.runtime.installed_executor(self._cardinalities)

    def close(self) -> None:
        """Ends what has been started; nothing where it was not used."""
        if "_installed" in self.__dict__:
            self._installed.close()

    async def create_value(self, value: Any, type_spec: Any = None) -> Any:
        """Hands a value or a computation to the runtime."""
        return await self._installed.create_value(value, type_spec)

    async def create_call(self, comp: Any, arg: Any = None) -> Any:
        """Calls a computation in the runtime."""
        return await self._installed.create_call(comp, arg)

    async def create_struct(self, elements: Any) -> Any:
        """A structure of values in the runtime."""
        return await self._installed.create_struct(elements)

    async def create_selection(self, source: Any, index: int) -> Any:
        """An element of a structure in the runtime, by its position."""
        return await self._installed.create_selection(source, index)


class StackFactory(Factory):
    """Makes executors with a user's function, which may return what stands for one."""

    def __init__(self, executor_stack_fn: Callable[[Any], Any]):
        self._make = executor_stack_fn

    @functools.cached_property
    def _installed(self) -> Any:
        return tff.framework.ResourceManagingExecutorFactory(
            lambda cardinalities: _executor(self._make(cardinalities), cardinalities)
        )

    def create_executor(self, cardinalities: Any) -> Any:
        """The executor of the user's function for so many participants, made once."""
        return self._installed.create_executor(cardinalities)

    def clean_up_executor(self, cardinalities: Any) -> None:
        """Ends the executor for so many participants."""
        self._installed.clean_up_executor(cardinalities)

    def clean_up_executors(self) -> None:
        """Ends all executors."""
        self.__dict__.pop("_installed", None)


def _executor(made: Any, cardinalities: Any) -> Any:
    if isinstance(made, Executor) and not hasattr(made, "as_factory"):
        return made
    factory = made.as_factory() if hasattr(made, "as_factory") else made
    return factory.create_executor(cardinalities)


def local_runtime(
    num_clients: int | None,
    max_fanout: int = 2,
    *,
    fixed: bool = False,
    least: int = 0,
    options: Mapping[str, Any] | None = None,
) -> LocalRuntime:
    """The local runtime with a number of clients, see `LocalRuntime`; `least` is the lowest.

    Raises:
      TypeError: The number is not one.
      ValueError: The number is too low, or the fanout not greater than 1.
    """
    if not isinstance(num_clients, int) and not (fixed and num_clients is None):
        raise TypeError(f"Expected a number of clients, found {type(num_clients).__name__}.")
    if num_clients is not None and num_clients < least:
        raise ValueError(f"The number of clients must be at least {least}, found {num_clients}.")
    check_fanout(max_fanout)
    return LocalRuntime(num_clients, fixed=fixed, options=options)


def runtime_of(
    as_of: AsOf,
    num_clients: int | None,
    default_num_clients: int | None,
    max_fanout: int = 100,
    make: Callable[..., LocalRuntime] = local_runtime,
) -> LocalRuntime:
    """The local runtime with a number of clients as a release took it.

    Args:
      as_of: Of what the program called.
      num_clients: Until 0.18: the number that the arguments of a computation have to match; None to
        take it from them.
      default_num_clients: Since 0.19: the number where the arguments do not tell it.
      max_fanout: As the release took it.
      make: What makes the runtime, such as `local_runtime`.

    Raises:
      TypeError: The number is not one.
      ValueError: The number is too low, or the fanout not greater than 1.
    """
    if as_of.takes("default_num_clients"):
        return make(default_num_clients, max_fanout)
    since = FIRST_TO_NEED_A_CLIENT, FIRST_TO_TAKE_NO_CLIENTS, FIRST_TO_NEED_A_CLIENT_AGAIN
    # Each turns over what was before.
    least = sum(as_of.release >= each for each in since) % 2
    return make(num_clients, max_fanout, fixed=True, least=least)


def check_leaves(leaf_executor_fn: Any) -> None:
    """Checks that no executor of the user's own is to run the leaves of a computation.

    Raises:
      LegacyAPIError: There is one.
    """
    if leaf_executor_fn is not None:
        raise deprecation.LegacyAPIError(
            f"`leaf_executor_fn`: the worker of TFF {PRIMARY} runs TensorFlow itself, not "
            "executors written in Python."
        )


def check_fanout(max_fanout: int) -> None:
    """Checks how many executors one may have below it; there is one level now.

    Raises:
      ValueError: It is not greater than 1.
    """
    if max_fanout < 2:
        raise ValueError(f"The fanout must be greater than 1, found {max_fanout}.")


def context(
    factory: Any, *, asynchronous: bool = False, before: Callable[[Any], Any] | None = None
) -> Any:
    """A context that runs computations, compiled for the installed runtime, with a factory.

    Args:
      factory: The executor factory.
      asynchronous: Whether computations are awaited.
      before: What is done to a computation before it is compiled.
    """
    framework = tff.framework
    kind = framework.AsyncExecutionContext if asynchronous else framework.SyncExecutionContext
    native = tff.backends.native.desugar_and_transform_to_native
    if isinstance(factory, Factory):
        native = factory.compile
    compiler = native if before is None else lambda computation: native(before(computation))
    made = kind(factory, compiler, **transforms(kind))
    made.interprets = False
    return made


def given(runtime: Any, as_of: AsOf, *, asynchronous: bool = False) -> Any:
    """A context of a runtime, from a symbol that gives one; others make it the default.

    Args:
      runtime: The executor factory.
      as_of: The symbol.
      asynchronous: Whether computations are awaited.
    """
    if as_of.adapter.gives == ROLE:
        return context(runtime, asynchronous=asynchronous)
    make_default(context(runtime, asynchronous=True) if asynchronous else runtime)
    return None


def interpreting() -> Any:
    """A context of the local runtime in the place of the one that interpreted computations.

    It did without executors, and so without a client for them.
    """
    made = context(LocalRuntime())
    made.interprets = True
    return made


def interprets(context: Any, release: Version) -> bool:
    """Whether a context stands for what interpreted computations as of a release.

    Up to 0.11 that is what TFF sets on import.
    """
    marked = getattr(context, "interprets", None)
    return release < FIRST_WITH_EXECUTORS if marked is None else bool(marked)


def transforms(kind: type) -> dict[str, Any]:
    """The keyword arguments with which a context lets TensorFlow's values in and out."""
    if "transform_args" not in inspect.signature(kind).parameters:
        return {}
    module = importlib.import_module(
        f"{installation.ROOT}.python.core.environments.tensorflow_frontend.tensorflow_computation"
    )
    return {
        "transform_args": module.transform_args,
        "transform_result": module.transform_result,
    }


_RuntimeErrorContext: Any = importlib.import_module(
    f"{installation.ROOT}.python.core.impl.context_stack.runtime_error_context"
).RuntimeErrorContext
"""The class of the context of a thread for which none was set."""

_on_import = tff.framework.get_context_stack().current
"""The context that TFF sets on import: the local runtime."""


def make_default(runtime: Any) -> None:
    """Makes the runtime the default.

    Args:
      runtime: An executor, a factory, a context or what stands for one; None for the one that TFF
        sets on import.

    Raises:
      TypeError: `runtime` does not come from this API.
    """
    if runtime is None or (isinstance(runtime, LocalRuntime) and runtime.is_as_installed):
        # No new process, where what was asked for is running.
        if tff.framework.get_context_stack().current is not _on_import:
            tff.backends.native.set_sync_local_cpp_execution_context()
        # Up to 0.11 executors were something else than what was set on import.
        tff.framework.get_context_stack().current.interprets = None if runtime is None else False
    elif hasattr(runtime, "as_factory"):
        tff.framework.set_default_context(context(runtime.as_factory()))
    elif isinstance(runtime, tff.framework.ExecutorFactory):
        tff.framework.set_default_context(context(runtime))
    else:
        tff.framework.set_default_context(runtime)
    _of_all_threads[:] = [tff.framework.get_context_stack().current]


_of_all_threads: list[Any] = [_on_import]
"""The context that was made the default last, in whichever thread."""


def has_context(release: Version) -> bool:
    """Whether computations can be called in this thread, or could not as of the release."""
    without = type(tff.framework.get_context_stack().current) is _RuntimeErrorContext
    return not without or release >= FIRST_WITH_STACKS_OF_THREADS


def in_any_thread(call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Calls a computation in a thread that has no context, with that of the other threads."""
    if type(_of_all_threads[0]) is _RuntimeErrorContext:
        # TFF was imported in another thread than tff-compat, and has set the context of that alone.
        _of_all_threads[:] = [tff.backends.native.create_sync_local_cpp_execution_context()]
    with tff.framework.get_context_stack().install(_of_all_threads[0]):
        return call(*args, **kwargs)


ROLE = "local runtime"
"""What the calls give that made an executor, a factory or a context: the modern code makes a
context in their place, and what took one takes that."""

WITHOUT_EFFECT = (
    "max_fanout",
    "clients_per_thread",
    "num_client_executors",
    "tf_devices",
    "server_tf_device",
    "client_tf_devices",
    "reference_resolving_clients",
    "support_sequence_ops",
    "leaf_executor_fn",
    "local_computation_factory",
    "max_concurrent_computation_calls",
    "binary_path",
)
"""Parameters that tuned runtimes and changed no result; the installed one tunes itself."""


def creates(num_clients: str, kind: str = "sync_local") -> str:
    """The template of the modern code that makes a context.

    Args:
      num_clients: The parameter of the legacy form with the number of clients.
      kind: Of the context.
    """
    return _template(f"create_{kind}", num_clients)


def sets(num_clients: str, kind: str = "sync_local") -> str:
    """The template of the modern code that makes a new context the default; see `creates`."""
    return _template(f"set_{kind}", num_clients)


def _template(start: str, num_clients: str) -> str:
    return (
        f"tff.backends.native.{start}_cpp_execution_context("
        f"[?default_num_clients={{{num_clients}}}?])"
    )
