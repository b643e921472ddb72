"""Contexts for tests, where secure aggregation is done without the security."""

from __future__ import annotations

from tff_compat import modern
from tff_compat.adapters.framework.runtimes import (
    ROLE,
    WITHOUT_EFFECT,
    context,
    local_runtime,
    runtime_of,
)
from tff_compat.adapters.registry import AsOf, adapter

tff = modern.package()

_TEST = "tff.backends.test"


def _advice(action: str, number: str) -> str:
    """The template of the modern code; contexts for tests take keywords only."""
    return f"{_TEST}.{action}_sync_test_cpp_execution_context([?default_num_clients={{{number}}}?])"


def _advice_for_two(action: str) -> str:
    """The template where two parameters could tell the number."""
    number = "[?{num_clients} or ?]{default_num_clients}"
    return f"{_TEST}.{action}_sync_test_cpp_execution_context(default_num_clients={number})"


@adapter(
    "tff.backends.test.create_test_execution_context",
    releases=">=0.18,<0.19",
    replacement=_advice("create", "num_clients"),
    without_effect=WITHOUT_EFFECT,
    gives=ROLE,
    forms=True,
)
@adapter(
    "tff.backends.test.create_test_execution_context",
    releases=">=0.19,<0.20",
    replacement=_advice_for_two("create"),
    without_effect=WITHOUT_EFFECT,
    gives=ROLE,
    forms=True,
)
@adapter(
    "tff.backends.test.create_test_execution_context",
    releases=">=0.20,<0.25",
    replacement=_advice("create", "default_num_clients"),
    without_effect=WITHOUT_EFFECT,
    gives=ROLE,
    forms=True,
)
@adapter(
    "tff.backends.test.create_test_python_execution_context",
    releases=">=0.26,<0.53",
    replacement=_advice("create", "default_num_clients"),
    without_effect=WITHOUT_EFFECT,
    gives=ROLE,
    forms=True,
)
@adapter(
    "tff.backends.test.set_test_execution_context",
    releases=">=0.18,<0.19",
    replacement=_advice("set", "num_clients"),
    without_effect=WITHOUT_EFFECT,
    forms=True,
)
@adapter(
    "tff.backends.test.set_test_execution_context",
    releases=">=0.19,<0.20",
    replacement=_advice_for_two("set"),
    without_effect=WITHOUT_EFFECT,
    forms=True,
)
@adapter(
    "tff.backends.test.set_test_execution_context",
    releases=">=0.20,<0.25",
    replacement=_advice("set", "default_num_clients"),
    without_effect=WITHOUT_EFFECT,
    forms=True,
)
@adapter(
    "tff.backends.test.set_test_python_execution_context",
    releases=">=0.26,<0.53",
    replacement=_advice("set", "default_num_clients"),
    without_effect=WITHOUT_EFFECT,
    forms=True,
)
def context_for_tests(clients_per_thread, num_clients=None, default_num_clients=0, *, as_of: AsOf):
    """A context for tests, or what makes it the default, as of TFF 0.18 to 0.52.

    Args:
      clients_per_thread: An integer: how many clients share a thread. No effect: the installed
        runtime decides.
      num_clients: An integer. In 0.18 the number of clients, which the arguments of a computation
        have to match; None to take it from them. In 0.19 the former name of `default_num_clients`,
        which counts where it is not None.
      default_num_clients: An integer, since 0.19: the number of clients of computations whose
        arguments do not tell it.

    Raises:
      TypeError: The number of clients is no integer.
      ValueError: It is negative (in 0.18: less than 1).
    """
    as_of.warn(locals())
    made = _context(num_clients, default_num_clients, as_of)
    if as_of.adapter.gives == ROLE:
        return made
    tff.framework.set_default_context(made)
    return None


def _context(num_clients: int | None, default_num_clients: int, as_of: AsOf) -> object:
    if as_of.takes("default_num_clients"):
        runtime = local_runtime(default_num_clients if num_clients is None else num_clients)
        return tff.backends.test.create_sync_test_cpp_execution_context(
            default_num_clients=runtime.num_clients
        )
    return context(
        runtime_of(as_of, num_clients, default_num_clients),
        before=tff.backends.test.replace_secure_intrinsics_with_bodies,
    )
