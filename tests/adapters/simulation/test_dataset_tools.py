"""Data sets of data sets, as of their releases and after an upgrade."""

from __future__ import annotations

import pytest
import tensorflow as tf
import tff_compat
from tff_compat.adapters import registry

pytestmark = pytest.mark.tff


@pytest.mark.parametrize("op_seed", [None, 7])
def test_an_upgraded_mixture_has_the_examples_of_then(op_seed):
    (source,) = (each.source for each in registry.helpers() if each.name == "dataset_mixture")
    names = {"tf": tf}
    exec(source, names)
    then = tff_compat.as_of("0.17.0").simulation.datasets.build_dataset_mixture
    drawn = []
    for build in (then, names["dataset_mixture"]):
        tf.random.set_seed(3)
        mixture = build(tf.data.Dataset.range(40), tf.data.Dataset.range(100, 140), 0.3, op_seed)
        drawn.append([int(n) for n in mixture])
    assert drawn[0] == drawn[1]
    assert {n >= 100 for n in drawn[0]} == {True, False}
