"""What functions of programs are called with: values and types as objects of their release."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from packaging.version import Version

from tff_compat import modern
from tff_compat.adapters.language import dated_types, values
from tff_compat.catalog.boundaries import FIRST_WITH_TODAYS_TYPES

tff = modern.package()


def as_of(given: Any, release: Version) -> Any:
    """A `tff.Value` or `tff.Type` as an object of a release; anything else stays as it is."""
    return values.dated(dated_types.dated(given, release), release)


def to_program(function: Callable[..., Any], release: Version) -> Callable[..., Any]:
    """A function of a program that is called with values and types of its release.

    So are the values that TFF's own computations return while the function is traced.

    Args:
      function: The function; a `tff.Computation` is given back, as it converts its arguments.
      release: The release.
    """
    if release >= FIRST_WITH_TODAYS_TYPES or isinstance(function, tff.Computation):
        return function

    @functools.wraps(function)
    def handed(*args: Any, **kwargs: Any) -> Any:
        _date_results(release)
        return function(
            *(as_of(each, release) for each in args),
            **{name: as_of(each, release) for name, each in kwargs.items()},
        )

    return handed


def _date_results(release: Version) -> None:
    """Makes what computations give, where one is traced, values of a release."""
    context = tff.framework.get_context_stack().current
    # What runs computations gives no `tff.Value`, and is not ours to change.
    if not hasattr(context, "bind_computation_to_reference"):
        return
    invoke = context.invoke
    if getattr(invoke, "release", None) == release:
        return

    def dated(computation: Any, argument: Any) -> Any:
        return values.dated(invoke(computation, argument), release)

    dated.release = release  # type: ignore[attr-defined]
    context.invoke = dated
