"""Errors of executors, which had a module of their own until 0.49."""

from __future__ import annotations

import importlib
from typing import Any

from tff_compat import installation
from tff_compat.adapters.registry import AsOf, adapter, move

_ERRORS = "tff.framework.executors_errors"
_MODULE = f"{installation.ROOT}.python.core.impl.executors.executors_errors"
_installed: Any = importlib.import_module(_MODULE)

move(
    "tff.framework.executors_errors.RetryableError",
    "tff.framework.RetryableError",
    releases=">=0.21,<0.50",
)


@adapter(
    "tff.framework.executors_errors.CardinalityError",
    releases=">=0.21,<0.50",
    replacement="ValueError",
    note="The runtime does not raise it; what does not fit is a `ValueError` if there is one.",
)
class CardinalityError(Exception):
    """A value does not have one element for each client, as of TFF 0.21 to 0.49.

    It is not raised: the installed runtime learns the number of clients from the value itself.

    Args:
      *args: The message.
    """

    def __init__(self, *args):
        super().__init__(*args)


_RETRYABLE = "tff.framework.RetryableError"
_RAISED = "After what one may try again, `tff.framework.RetryableError` is raised."


# Those of before 0.30 have only the codes.
_RetryableGRPCError: Any = getattr(_installed, "RetryableGRPCError", _installed.RetryableError)
adapter(
    "tff.framework.executors_errors.RetryableGRPCError",
    releases=">=0.48,<0.50",
    replacement=_RETRYABLE,
)(_RetryableGRPCError)


@adapter(
    "tff.framework.executors_errors.RetryableGRPCError",
    releases=">=0.30,<0.48",
    replacement=_RETRYABLE,
)
class RetryableGRPCError_0_30(_RetryableGRPCError):
    """A request to a worker failed and may be made again, as of TFF 0.30 to 0.47.

    Args:
      e: The error of gRPC.
    """

    def __init__(self, e):
        super().__init__(e)


@adapter(
    "tff.framework.executors_errors.RetryableAbslStatusError",
    releases=">=0.45,<0.50",
    replacement=_RETRYABLE,
)
class RetryableAbslStatusError(_installed.RetryableError):  # type: ignore[misc, name-defined]
    """A runtime in the same process failed and may be asked again, as of TFF 0.45 to 0.49.

    It is not raised: the installed runtime is in a process of its own.

    Args:
      *args: The message.
    """

    def __init__(self, *args):
        super().__init__(*args)


@adapter(
    "tff.framework.executors_errors.get_grpc_retryable_error_codes",
    releases=">=0.29,<0.50",
    note=_RAISED,
)
def get_grpc_retryable_error_codes(*, as_of: AsOf):
    """The codes of gRPC errors after which a computation is tried again."""
    as_of.warn(locals())
    return _installed.get_grpc_retryable_error_codes()


@adapter(
    "tff.framework.executors_errors.get_absl_status_retryable_error_codes",
    releases=">=0.45,<0.50",
    note=_RAISED,
)
def get_absl_status_retryable_error_codes(*, as_of: AsOf):
    """The codes of errors of a runtime in the same process after which one tries again."""
    as_of.warn(locals())
    return _installed.get_absl_status_retryable_error_codes()


@adapter(
    "tff.framework.executors_errors.is_absl_status_retryable_error",
    releases=">=0.45,<0.48",
    replacement="isinstance({exception}, tff.framework.RetryableError)",
    note=_RAISED,
)
def is_absl_status_retryable_error_0_45(exception, *, as_of: AsOf):
    """Whether an error of a runtime in the same process is one after which to try again.

    As of TFF 0.45 to 0.47.

    Args:
      exception: The error.
    """
    as_of.warn(locals())
    return _installed.is_absl_status_retryable_error(exception)


@adapter(
    "tff.framework.executors_errors.is_absl_status_retryable_error",
    releases=">=0.48,<0.50",
    replacement="isinstance({error}, tff.framework.RetryableError)",
    note=_RAISED,
)
def is_absl_status_retryable_error_0_48(error, *, as_of: AsOf):
    """Whether an error of a runtime in the same process is one after which to try again.

    As of TFF 0.48 and 0.49.

    Args:
      error: The error.
    """
    as_of.warn(locals())
    return _installed.is_absl_status_retryable_error(error)
