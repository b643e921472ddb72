"""Stateful aggregation and broadcast: functions that carry state from round to round."""

from __future__ import annotations

from typing import Any

from tff_compat.adapters.registry import AsOf, adapter


def _initial(initialize_fn: Any) -> Any:
    if not callable(initialize_fn):
        raise TypeError(
            "`initialize_fn` must be a function without arguments that returns the initial state, "
            f"found {type(initialize_fn).__name__}."
        )
    return initialize_fn


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
    replacement="tff.templates.AggregationProcess(initialize_fn, next_fn)",
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
        self._next_fn = _next(next_fn)

    def initialize(self):
        """The initial state."""
        return self._initialize_fn()

    def __call__(self, state, value, weight=None):
        """The new state and the aggregate of `value`."""
        if weight is None:
            return self._next_fn(state, value)
        return self._next_fn(state, value, weight)


@adapter(
    "tff.utils.StatefulBroadcastFn",
    releases=">=0.4,<0.17",
    replacement="tff.learning.templates.DistributionProcess(initialize_fn, next_fn)",
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
        self._next_fn = _next(next_fn)

    def initialize(self):
        """The initial state."""
        return self._initialize_fn()

    def __call__(self, state, value):
        """The new state and `value` at the clients."""
        return self._next_fn(state, value)
