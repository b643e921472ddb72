"""Contexts of the XLA runtime, which is not in the worker that comes with the installed TFF."""

from __future__ import annotations

from tff_compat.adapters.registry import refusal

for _namespace, _name, _releases in (
    ("tff.experimental.backends.xla", "local_execution_context", ">=0.18,<0.19"),
    ("tff.backends.xla", "local_execution_context", ">=0.19,<0.20"),
    ("tff.backends.xla", "local_python_execution_context", ">=0.20,<0.53"),
):
    for _action in ("create", "set"):
        refusal(
            f"{_namespace}.{_action}_{_name}",
            releases=_releases,
            reason="The worker that comes with TFF 0.87.0 runs TensorFlow only, not what JAX "
            "compiles to XLA.",
            replacement="tff.tensorflow.computation in the place of JAX, with "
            f"tff.backends.native.{_action}_sync_local_cpp_execution_context()",
        )
