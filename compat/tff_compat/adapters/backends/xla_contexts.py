"""Contexts of the XLA runtime: the local runtime stands for it, which runs JAX code as TensorFlow.

The worker that comes with the installed TFF has no XLA runtime. `tff.jax_computation` as of the
releases that had one translates JAX code to TensorFlow.
"""

from __future__ import annotations

from typing import Any

from tff_compat.adapters.framework.runtimes import ROLE, context, local_runtime, make_default
from tff_compat.adapters.registry import AsOf, adapter

_CREATE = "tff.backends.native.create_sync_local_cpp_execution_context()"
_SET = "tff.backends.native.set_sync_local_cpp_execution_context()"
# Earlier JAX code is translated also where a later release with XLA contexts is installed.
_CHANGED = ("0.26",)
_NOTE = "JAX code has to be translated to TensorFlow, by `jax.experimental.jax2tf`."


def _runtime() -> Any:
    """The local runtime; programs can say nothing of it."""
    return local_runtime(0)


@adapter(
    "tff.experimental.backends.xla.create_local_execution_context",
    releases=">=0.18,<0.19",
    replacement=_CREATE,
    note=_NOTE,
    gives=ROLE,
)
@adapter(
    "tff.backends.xla.create_local_execution_context",
    releases=">=0.19,<0.20",
    replacement=_CREATE,
    note=_NOTE,
    gives=ROLE,
)
@adapter(
    "tff.backends.xla.create_local_python_execution_context",
    releases=">=0.20,<0.53",
    replacement=_CREATE,
    note=_NOTE,
    changed=_CHANGED,
    gives=ROLE,
)
def create_local_execution_context(*, as_of: AsOf):
    """A context for JAX code, as of TFF 0.18 to 0.52; it runs TensorFlow code too."""
    as_of.warn(locals())
    return context(_runtime())


@adapter(
    "tff.experimental.backends.xla.set_local_execution_context",
    releases=">=0.18,<0.19",
    replacement=_SET,
    note=_NOTE,
    without_effect=("args", "kwargs"),
)
@adapter(
    "tff.backends.xla.set_local_execution_context",
    releases=">=0.19,<0.20",
    replacement=_SET,
    note=_NOTE,
    without_effect=("args", "kwargs"),
)
@adapter(
    "tff.backends.xla.set_local_python_execution_context",
    releases=">=0.20,<0.53",
    replacement=_SET,
    note=_NOTE,
    changed=_CHANGED,
    without_effect=("args", "kwargs"),
)
def set_local_execution_context(*args, as_of: AsOf, **kwargs):
    """Makes a context for JAX code the default, as of TFF 0.18 to 0.52.

    Args:
      *args: Taken as the releases took them; any is an error.
      **kwargs: The same.

    Raises:
      TypeError: Arguments are given.
    """
    as_of.warn()
    make_default(_runtime(*args, **kwargs))
