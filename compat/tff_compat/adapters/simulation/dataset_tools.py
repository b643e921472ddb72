"""Tools that make data sets of data sets: mixtures, and clients with data of one distribution."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from tff_compat.adapters.registry import NEVER, AsOf, Legacy, adapter, helper

_SHUFFLED = 10_000

helper(
    "dataset_mixture",
    '''\
def dataset_mixture(a, b, a_probability, op_seed=None):
  """A data set of examples of one or the other, drawn by an operation with that seed."""

  def pick(from_a, from_b):
    drawn = tf.random.uniform((), seed=op_seed)
    return tf.cond(drawn < a_probability, lambda: from_a, lambda: from_b)

  return tf.data.Dataset.zip((a, b)).map(pick)
''',
)


def _mixture(a: Any, b: Any, a_probability: Any, seed: Any) -> Any:
    def pick(from_a: Any, from_b: Any) -> Any:
        drawn = tf.random.uniform(shape=(), minval=0.0, maxval=1.0, seed=seed)
        return tf.cond(drawn < a_probability, lambda: from_a, lambda: from_b)

    return tf.data.Dataset.zip((a, b)).map(pick)


@adapter(
    "tff.simulation.datasets.build_dataset_mixture",
    releases=">=0.9,<0.12",
    replacement="tff.simulation.datasets.build_dataset_mixture",
    legacy=NEVER,
)
def build_dataset_mixture_0_9(a, b, a_probability, *, as_of: AsOf):
    """A data set of examples of one or the other, as of TFF 0.9 to 0.11.

    Args:
      a: A data set.
      b: Another one of the same type.
      a_probability: How probable an example of `a` is each time.

    Returns:
      A data set as long as the shorter one. `tf.random.set_seed` makes it repeat.
    """
    return _mixture(a, b, a_probability, None)


@adapter(
    "tff.simulation.datasets.build_dataset_mixture",
    releases=">=0.12,<0.20",
    # From `seed=` of now another generator draws.
    replacement="{!dataset_mixture}({a}, {b}, {a_probability}[?, op_seed={op_seed}?])",
    legacy=Legacy(keywords=("op_seed",)),
)
def build_dataset_mixture(a, b, a_probability, op_seed=None, *, as_of: AsOf):
    """A data set of examples of one or the other, as of TFF 0.12 to 0.19.

    Args:
      a: A data set.
      b: Another one of the same type.
      a_probability: How probable an example of `a` is each time.
      op_seed: Seed of the operation; with `tf.random.set_seed` it makes the data set repeat.

    Returns:
      A data set as long as the shorter one.
    """
    as_of.warn(locals())
    return _mixture(a, b, a_probability, op_seed)


@adapter(
    "tff.simulation.datasets.build_synthethic_iid_datasets",
    releases=">=0.9,<0.15",
    replacement="tff.simulation.datasets.build_synthethic_iid_datasets",
    legacy=NEVER,
)
def build_synthethic_iid_datasets(client_data, client_dataset_size, *, as_of: AsOf):
    """Data sets of examples of all clients, as of TFF 0.9 to 0.14, drawn with repetitions.

    From TFF 0.15 on no example comes again before all have come.

    Args:
      client_data: The clients.
      client_dataset_size: How many examples each data set has.

    Returns:
      An endless data set of data sets.
    """
    examples = client_data.create_tf_dataset_from_all_clients()
    return examples.repeat().shuffle(_SHUFFLED).window(client_dataset_size)
