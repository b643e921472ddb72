"""Client data: the classes and functions that simulations of each release were fed with."""

from __future__ import annotations

import collections
from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf
from packaging.version import Version

from tff_compat import modern
from tff_compat.adapters.registry import AsOf, adapter, move

tff = modern.package()

_FIRST_WITHOUT_OUTPUT_TYPES = Version("0.11")
_TestClientData: Any = tff.simulation.datasets.TestClientData

move("tff.simulation.ClientData", "tff.simulation.datasets.ClientData", releases=">=0.11,<0.19")


def _as_arrays(slices: Any) -> Any:
    # The installed class refuses tensors and takes lists of strings as arrays only.
    if isinstance(slices, Mapping):
        return collections.OrderedDict((name, _as_arrays(each)) for name, each in slices.items())
    return slices.numpy() if isinstance(slices, tf.Tensor) else np.asarray(slices)


class _WithTypes(_TestClientData):
    """Test client data with the dtypes and shapes of its examples, as of TFF 0.5 to 0.10."""

    @property
    def output_types(self) -> Any:
        """The dtypes of an example, in its structure."""
        return tf.nest.map_structure(lambda spec: spec.dtype, self.element_type_structure)

    @property
    def output_shapes(self) -> Any:
        """The shapes of an example, in its structure."""
        return tf.nest.map_structure(lambda spec: spec.shape, self.element_type_structure)


@adapter(
    "tff.simulation.FromTensorSlicesClientData",
    releases=">=0.5,<0.19",
    replacement="tff.simulation.datasets.TestClientData({tensor_slices_dict})",
)
def FromTensorSlicesClientData(tensor_slices_dict, *, as_of: AsOf):
    """Client data from arrays by client, as of TFF 0.5 to 0.18.

    Args:
      tensor_slices_dict: From client ids to a list, array or tensor of examples, or to a dict of
        such, with the number of examples as first dimension.

    Returns:
      A `tff.simulation.datasets.TestClientData`.

    Raises:
      TypeError: The argument is no dict.
    """
    as_of.warn(locals())
    if not isinstance(tensor_slices_dict, Mapping):
        raise TypeError(
            "Expected a dict from client ids to examples, found "
            f"{type(tensor_slices_dict).__name__}."
        )
    made = _WithTypes if as_of.release < _FIRST_WITHOUT_OUTPUT_TYPES else _TestClientData
    return made({client: _as_arrays(slices) for client, slices in tensor_slices_dict.items()})


@adapter(
    "tff.simulation.build_uniform_client_sampling_fn",
    releases=">=0.18,<0.19",
    replacement=(
        "tff.simulation.build_uniform_sampling_fn({dataset}.client_ids[?,"
        " random_seed={random_seed}?])"
    ),
)
def build_uniform_client_sampling_fn(dataset, clients_per_round, random_seed=None, *, as_of: AsOf):
    """A function from the round's number to the ids of its clients, as of TFF 0.18.

    Args:
      dataset: Client data.
      clients_per_round: How many clients take part in a round.
      random_seed: Integer that makes the samples repeat; None for others each time.
    """
    as_of.warn(locals())

    def sample(round_num):
        seed = None if random_seed is None else random_seed + round_num
        random = np.random.RandomState(seed)
        return random.choice(dataset.client_ids, size=clients_per_round, replace=False)

    return sample
