"""Sampling: which clients take part in a round."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tff_compat import modern
from tff_compat.adapters.registry import AsOf, adapter

tff = modern.package()


@adapter(
    "tff.simulation.build_uniform_client_sampling_fn",
    releases=">=0.18,<0.19",
    replacement=(
        "(lambda size, sample: lambda round_num: sample(round_num, size))({clients_per_round}, "
        "tff.simulation.build_uniform_sampling_fn({dataset}.client_ids"
        "[?, random_seed={random_seed}?]))"
    ),
)
def build_uniform_client_sampling_fn(
    dataset, clients_per_round, random_seed=None, *, as_of: AsOf
) -> Callable[[int], Any]:
    """A function from a round's number to the ids of its clients, as of TFF 0.18.

    Args:
      dataset: Client data.
      clients_per_round: How many different clients take part in a round.
      random_seed: Integer that makes the samples repeat; None for others each time.

    Raises:
      ValueError: By the function: there are fewer clients.
    """
    as_of.warn(locals())
    sample = tff.simulation.build_uniform_sampling_fn(
        dataset.client_ids, replace=False, random_seed=random_seed
    )
    return lambda round_num: sample(round_num, clients_per_round)
