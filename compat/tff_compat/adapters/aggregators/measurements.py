"""Measurements beside an aggregation, by functions that get values of the release."""

from __future__ import annotations

from typing import Any

from tff_compat import modern
from tff_compat.adapters.language import handed, values
from tff_compat.adapters.registry import NEVER, AsOf, adapter

tff = modern.package()


@adapter(
    "tff.aggregators.add_measurements",
    releases=">=0.20,<0.68",
    replacement=(
        "tff.aggregators.add_measurements({inner_agg_factory}"
        "[?, client_measurement_fn={client_measurement_fn}?]"
        "[?, server_measurement_fn={server_measurement_fn}?])"
    ),
    changed=values.CHANGED,
    legacy=NEVER,
)
def add_measurements(
    inner_agg_factory, *, client_measurement_fn=None, server_measurement_fn=None, as_of: AsOf
):
    """A factory that measures what it aggregates, as of TFF 0.20 to 0.67.

    Args:
      inner_agg_factory: The factory of the aggregation.
      client_measurement_fn: From the values (and weights) at the clients to an `OrderedDict` of
        measurements at the server; it is called with values and types as the release had them.
      server_measurement_fn: The same, from the aggregate at the server.

    Raises:
      TypeError: An argument is of another kind.
      ValueError: No function is given.
    """

    def of_program(function: Any) -> Any:
        return handed.to_program(function, as_of.release) if callable(function) else function

    return tff.aggregators.add_measurements(
        inner_agg_factory,
        client_measurement_fn=of_program(client_measurement_fn),
        server_measurement_fn=of_program(server_measurement_fn),
    )
