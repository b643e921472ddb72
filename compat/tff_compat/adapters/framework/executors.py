"""Executor factories and what sets them: all stand for the installed runtime."""

from __future__ import annotations

import abc
import functools

from tff_compat import modern
from tff_compat.adapters.framework.runtimes import (
    ROLE,
    WITHOUT_EFFECT,
    StackFactory,
    check_leaves,
    creates,
    local_runtime,
    make_default,
    runtime_of,
)
from tff_compat.adapters.framework.sizes import sizing_runtime
from tff_compat.adapters.registry import NEVER, AsOf, Legacy, adapter
from tff_compat.adapters.stand_ins import StandsFor
from tff_compat.adapters.subclassing import Derived
from tff_compat.catalog import PRIMARY
from tff_compat.catalog.boundaries import FIRST_TELLING_SIZES

tff = modern.package()

_NUM_CLIENTS = creates("num_clients")
_DEFAULT_NUM_CLIENTS = creates("default_num_clients")
_NOT_MEASURED = f"TFF {PRIMARY} does not measure what is sent: what calls `get_size_info` fails."


@adapter(
    "tff.framework.create_local_executor",
    releases=">=0.7,<0.12",
    replacement=_NUM_CLIENTS,
    without_effect=WITHOUT_EFFECT,
    gives=ROLE,
    forms=True,
)
@adapter(
    "tff.framework.local_executor_factory",
    releases=">=0.12,<0.19",
    replacement=_NUM_CLIENTS,
    without_effect=WITHOUT_EFFECT,
    gives=ROLE,
    forms=True,
)
@adapter(
    "tff.framework.local_executor_factory",
    releases=">=0.19,<0.54",
    replacement=_DEFAULT_NUM_CLIENTS,
    without_effect=WITHOUT_EFFECT,
    gives=ROLE,
    forms=True,
)
@adapter(
    "tff.framework.thread_debugging_executor_factory",
    releases=">=0.17,<0.19",
    replacement=_NUM_CLIENTS,
    without_effect=WITHOUT_EFFECT,
    gives=ROLE,
    forms=True,
)
@adapter(
    "tff.framework.thread_debugging_executor_factory",
    releases=">=0.19,<0.48",
    replacement=_DEFAULT_NUM_CLIENTS,
    without_effect=WITHOUT_EFFECT,
    gives=ROLE,
    forms=True,
)
def local_executor_factory(
    num_clients=None,
    default_num_clients=0,
    max_fanout=100,
    clients_per_thread=1,
    num_client_executors=32,
    tf_devices=(),
    server_tf_device=None,
    client_tf_devices=(),
    reference_resolving_clients=True,
    support_sequence_ops=False,
    leaf_executor_fn=None,
    local_computation_factory=None,
    *,
    as_of: AsOf,
):
    """A factory of local executors, as of TFF 0.7 to 0.53.

    For 0.9 to 0.11 an executor is such a factory: a function of the numbers of participants.

    Args:
      num_clients: An integer, until 0.18: the number of clients, which the arguments of a
        computation have to match; None to take it from them.
      default_num_clients: An integer, since 0.19: the number of clients of computations whose
        arguments do not tell it.
      max_fanout: An integer, since 0.9: how many executors one may have below it, at least 2; the
        installed runtime has one level.
      clients_per_thread: An integer, in 0.12, 0.13 and since 0.17: how many clients share a thread.
        No effect: the installed runtime decides.
      num_client_executors: An integer, in 0.14 to 0.16: how many executors the clients share. No
        effect.
      tf_devices: TensorFlow devices for the clients, in turns, in 0.13. No effect.
      server_tf_device: A `tf.config.LogicalDevice` for the server's TensorFlow code, since 0.14. No
        effect.
      client_tf_devices: Such devices for the clients' TensorFlow code, in turns, since 0.14. No
        effect.
      reference_resolving_clients: A boolean, since 0.18: whether clients run more than TensorFlow
        code; here they always do.
      support_sequence_ops: A boolean, since 0.19: whether `tff.sequence_map` and its like run
        natively. No effect.
      leaf_executor_fn: What makes the executors of TensorFlow code, since 0.19; only None can be
        honored.
      local_computation_factory: What makes the computations for moving sequences about, since 0.19.
        No effect.

    Returns:
      An executor factory.

    Raises:
      TypeError: The number of clients is no integer.
      ValueError: It is negative (in 0.9 to 0.14, 0.17 and 0.18: less than 1), or `max_fanout` is
        less than 2.
      LegacyAPIError: `leaf_executor_fn` is given: the worker runs TensorFlow code itself.
    """
    as_of.warn(locals())
    check_leaves(leaf_executor_fn)
    return runtime_of(as_of, num_clients, default_num_clients, max_fanout)


@adapter(
    "tff.framework.sizing_executor_factory",
    releases=">=0.12,<0.19",
    replacement=_NUM_CLIENTS,
    note=_NOT_MEASURED,
    without_effect=WITHOUT_EFFECT,
    gives=ROLE,
    forms=True,
)
@adapter(
    "tff.framework.sizing_executor_factory",
    releases=">=0.19,<0.48",
    replacement=_DEFAULT_NUM_CLIENTS,
    note=_NOT_MEASURED,
    without_effect=WITHOUT_EFFECT,
    gives=ROLE,
    forms=True,
)
def sizing_executor_factory(
    max_fanout,
    num_clients=None,
    default_num_clients=0,
    clients_per_thread=1,
    num_client_executors=1,
    leaf_executor_fn=None,
    *,
    as_of: AsOf,
):
    """A factory of local executors with the sizes of what they send, as of TFF 0.12 to 0.47.

    Args:
      max_fanout: An integer: how many executors one had below it, at least 2; on each level above
        the clients the sizes are counted once more.
      num_clients: An integer, until 0.18: the number of clients, which the arguments of a
        computation have to match; None to take it from them.
      default_num_clients: An integer, since 0.19: the number of clients of computations whose
        arguments do not tell it.
      clients_per_thread: An integer, but in 0.14 to 0.16: how many clients share a thread. No
        effect: the installed runtime decides.
      num_client_executors: An integer, in 0.14 to 0.16: how many executors the clients share. No
        effect.
      leaf_executor_fn: What makes the executors of TensorFlow code, since 0.19; only None can be
        honored.

    Returns:
      An executor factory.

    Raises:
      TypeError: The number of clients is no integer.
      ValueError: It is negative (in 0.9 to 0.14, 0.17 and 0.18: less than 1), or `max_fanout` is
        less than 2.
      LegacyAPIError: `leaf_executor_fn` is given: the worker runs TensorFlow code itself.
    """
    as_of.warn(locals())
    check_leaves(leaf_executor_fn)
    tells = as_of.release >= FIRST_TELLING_SIZES
    make = functools.partial(sizing_runtime, as_of.release) if tells else local_runtime
    return runtime_of(as_of, num_clients, default_num_clients, max_fanout, make)


@adapter(
    "tff.framework.set_default_executor",
    releases=">=0.7,<0.12",
    replacement="tff.framework.set_default_context({executor:context})",
    forms=True,
)
@adapter(
    "tff.framework.set_default_executor",
    releases=">=0.12,<0.13",
    replacement="tff.framework.set_default_context({executor_factory_instance:context})",
    forms=True,
)
@adapter(
    "tff.framework.set_default_executor",
    releases=">=0.13,<0.15",
    replacement="tff.framework.set_default_context({executor_factory_instance})",
    forms=True,
)
def set_default_executor(executor=None, executor_factory_instance=None, *, as_of: AsOf):
    """Sets the executors that run computations, as of TFF 0.7 to 0.14.

    Args:
      executor: Until 0.11: an executor, or a factory of one; None for the default on import.
      executor_factory_instance: Since 0.12: an executor factory; None, in 0.12, as of `executor`.

    Raises:
      TypeError: It is neither.
    """
    as_of.warn(locals())
    make_default(executor if executor_factory_instance is None else executor_factory_instance)


@adapter(
    "tff.framework.set_default_context",
    releases=">=0.12,<0.13",
    replacement="tff.framework.set_default_context({ctx:context})",
    legacy=Legacy(values={"ctx": "none"}),
)
def set_default_context_0_12(ctx=None, *, as_of: AsOf):
    """Sets the context that runs computations, as of TFF 0.12.

    Args:
      ctx: A context; None for the one that is the default on import.

    Raises:
      TypeError: It is no context.
    """
    if ctx is None:
        as_of.warn(locals())
    make_default(ctx)


# What stood for a context is one in the modern code.
@adapter(
    "tff.framework.set_default_context",
    releases=">=0.13,<0.50",
    replacement="tff.framework.set_default_context",
    legacy=NEVER,
)
def set_default_context_0_13(ctx, *, as_of: AsOf):
    """Sets the context that runs computations, as of TFF 0.13 to 0.49.

    Args:
      ctx: A context, such as a `tff.framework.SyncExecutionContext`.

    Raises:
      TypeError: It is no context.
    """
    make_default(ctx)


@adapter(
    "tff.framework.create_executor_factory",
    releases=">=0.13,<0.17",
    note="Give a context, such as `tff.backends.native.create_sync_local_cpp_execution_context()`, "
    "to what took the factory.",
)
def create_executor_factory(executor_stack_fn, *, as_of: AsOf):
    """A factory of the executors that a function makes, as of TFF 0.13 to 0.16.

    Args:
      executor_stack_fn: From the numbers of participants, a dict by placement, to an executor.
    """
    as_of.warn(locals())
    return StackFactory(executor_stack_fn)


@adapter(
    "tff.framework.local_cpp_executor_factory",
    releases=">=0.60,<0.63",
    replacement="tff.framework.local_cpp_executor_factory("
    "[?default_num_clients={default_num_clients}, ?]"
    "[?max_concurrent_computation_calls={max_concurrent_computation_calls}, ?]"
    "[?stream_structs={stream_structs}?])",
    legacy=Legacy(keywords=("server_mesh", "client_mesh")),
    without_effect=("server_mesh", "client_mesh"),
)
def local_cpp_executor_factory(
    *,
    default_num_clients=0,
    max_concurrent_computation_calls=-1,
    stream_structs=False,
    server_mesh=None,
    client_mesh=None,
    as_of: AsOf,
):
    """A factory of the local runtime, which has no meshes of devices, as of TFF 0.60 and 0.61.

    Args:
      default_num_clients: The number of clients of computations whose arguments do not tell it.
      max_concurrent_computation_calls: How many calls of computations run at a time; -1 for no
        limit.
      stream_structs: Whether the elements of a structure are sent one by one.
      server_mesh: A mesh of devices for the server. No effect: the installed runtime has none.
      client_mesh: A mesh of devices for the clients. No effect: the installed runtime has none.
    """
    as_of.warn(
        locals(),
        only_with_keywords=("server_mesh", "client_mesh"),
    )
    return tff.framework.local_cpp_executor_factory(
        default_num_clients=default_num_clients,
        max_concurrent_computation_calls=max_concurrent_computation_calls,
        stream_structs=stream_structs,
    )


@adapter(
    "tff.framework.ExecutorFactory",
    releases=">=0.12,<0.28",
    replacement="tff.framework.ExecutorFactory",
    note="Define `clean_up_executor`, which gets cardinalities, for `clean_up_executors`.",
)
class ExecutorFactory_0_12(  # type: ignore[misc]
    Derived,
    StandsFor,
    tff.framework.ExecutorFactory,  # type: ignore[name-defined]
):
    """What makes executors, ended all together by `clean_up_executors`, as of TFF 0.12 to 0.27."""

    as_of: AsOf
    stands_for = (tff.framework.ExecutorFactory,)

    @abc.abstractmethod
    def create_executor(self, cardinalities):
        """An executor for so many participants at each placement."""

    @abc.abstractmethod
    def clean_up_executors(self):
        """Ends all executors."""

    def clean_up_executor(self, cardinalities):
        """Ends all executors: these factories did not tell them apart."""
        self.clean_up_executors()


@adapter(
    "tff.framework.ResourceManagingExecutorFactory",
    releases=">=0.17,<0.28",
    replacement="tff.framework.ResourceManagingExecutorFactory({executor_stack_fn})",
    without_effect=("ensure_closed",),
)
class ResourceManagingExecutorFactory_0_17(StackFactory):
    """Makes executors with a function and keeps them, as of TFF 0.17 to 0.27.

    Args:
      executor_stack_fn: From the numbers of participants, a dict by placement, to an executor.
      ensure_closed: The executors to close in the end, or None.
    """

    as_of: AsOf

    def __init__(self, executor_stack_fn, ensure_closed=None):
        self.as_of.warn(locals())
        super().__init__(executor_stack_fn)
        self._ensure_closed = ensure_closed

    def create_executor(self, cardinalities):
        """An executor for so many participants at each placement; the same for the same numbers."""
        return super().create_executor(cardinalities)

    def clean_up_executors(self):
        """Ends all executors, and closes those of `ensure_closed`."""
        super().clean_up_executors()
        for executor in self._ensure_closed or ():
            executor.close()
