"""Stateful aggregation and broadcast: functions that carry state from round to round."""

from __future__ import annotations

from typing import Any

from packaging.version import Version

from tff_compat import modern
from tff_compat.adapters import registry
from tff_compat.adapters.language import handed
from tff_compat.adapters.registry import AsOf, adapter

tff = modern.package()

_FIRST_TO_CHECK_PLACEMENTS = Version("0.6")


def stateful_fn(name: str, initialize_fn: Any, next_fn: Any, release: Version) -> Any:
    """A `StatefulAggregateFn` or `StatefulBroadcastFn` that other adapters of a release make."""
    declared: Any = registry.find(f"tff.utils.{name}", release)
    kind = declared.bind(release)
    made = kind.__new__(kind)
    made._initialize_fn, made._next_fn = initialize_fn, next_fn
    return made


def _initial(initialize_fn: Any) -> Any:
    if not callable(initialize_fn):
        raise TypeError(
            "`initialize_fn` must be a function without arguments that returns the initial state, "
            f"found {type(initialize_fn).__name__}."
        )
    return initialize_fn


def _check_placed(name: str, value: Any, placement: Any, release: Version) -> None:
    if release < _FIRST_TO_CHECK_PLACEMENTS:
        return
    if not isinstance(value, tff.Value):
        raise TypeError(f"`{name}` must be a tff.Value, found {type(value).__name__}.")
    found = value.type_signature
    if not isinstance(found, tff.FederatedType) or found.placement is not placement:
        raise TypeError(f"`{name}` must be placed at {placement}, found the type {found}.")


def _next(next_fn: Any) -> Any:
    if not callable(next_fn):
        raise TypeError(
            "`next_fn` must be a function of the state and a value, found "
            f"{type(next_fn).__name__}."
        )
    return next_fn


@adapter(
    "tff.utils.StatefulAggregateFn",
    releases=">=0.4,<0.17",
    note=(
        "A factory of tff.aggregators makes a tff.templates.AggregationProcess of two computations "
        "that do what `initialize_fn` and `next_fn` did."
    ),
)
class StatefulAggregateFn:
    """An aggregation with a state at the server, as of TFF 0.4 to 0.16.

    Args:
      initialize_fn: A function or `tff.Computation` without arguments that gives the initial state,
        not placed.
      next_fn: From a state at the server, a value and a weight at the clients to the new state and
        the aggregate at the server, inside a federated computation.

    Raises:
      TypeError: An argument is not callable.
    """

    as_of: AsOf

    def __init__(self, initialize_fn, next_fn):
        self.as_of.warn({"initialize_fn": initialize_fn, "next_fn": next_fn})
        self._initialize_fn = _initial(initialize_fn)
        self._next_fn = handed.to_program(_next(next_fn), self.as_of.release)

    def initialize(self):
        """The initial state."""
        return self._initialize_fn()

    def __call__(self, state, value, weight=None):
        """The new state and the aggregate of `value`.

        Raises:
          TypeError: From 0.6, the state is not placed at the server, or a value not at the clients.
        """
        release = self.as_of.release
        _check_placed("state", state, tff.SERVER, release)
        _check_placed("value", value, tff.CLIENTS, release)
        if weight is not None:
            _check_placed("weight", weight, tff.CLIENTS, release)
        if weight is None:
            return self._next_fn(state, value)
        return self._next_fn(state, value, weight)


@adapter(
    "tff.utils.StatefulBroadcastFn",
    releases=">=0.4,<0.17",
    note=(
        "A tff.learning.templates.DistributionProcess takes two computations that do what "
        "`initialize_fn` and `next_fn` did."
    ),
)
class StatefulBroadcastFn:
    """A broadcast with a state at the server, as of TFF 0.4 to 0.16.

    Args:
      initialize_fn: A function or `tff.Computation` without arguments that gives the initial state,
        not placed.
      next_fn: From a state and a value at the server to the new state at the server and the value
        at the clients, inside a federated computation.

    Raises:
      TypeError: An argument is not callable.
    """

    as_of: AsOf

    def __init__(self, initialize_fn, next_fn):
        self.as_of.warn({"initialize_fn": initialize_fn, "next_fn": next_fn})
        self._initialize_fn = _initial(initialize_fn)
        self._next_fn = handed.to_program(_next(next_fn), self.as_of.release)

    def initialize(self):
        """The initial state."""
        return self._initialize_fn()

    def __call__(self, state, value):
        """The new state and `value` at the clients.

        Raises:
          TypeError: From 0.6, an argument is not placed at the server.
        """
        _check_placed("state", state, tff.SERVER, self.as_of.release)
        _check_placed("value", value, tff.SERVER, self.as_of.release)
        return self._next_fn(state, value)
