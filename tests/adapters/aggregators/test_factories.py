"""The factories of 0.17 inside of what the installed TFF composes, and as base classes."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.tff

pytest.importorskip("tensorflow_federated")

import numpy as np  # noqa: E402
import tensorflow_federated as tff  # noqa: E402
import tff_compat  # noqa: E402


@pytest.mark.filterwarnings("ignore")
def test_a_factory_of_0_17_sums_for_a_factory_of_the_installed_release():
    view = tff_compat.as_of("0.17.0")

    class Doubling(view.aggregators.AggregationProcessFactory):
        def create(self, value_type):
            summed = tff.aggregators.SumFactory().create(value_type)

            @tff.federated_computation(
                tff.FederatedType((), tff.SERVER), tff.FederatedType(value_type, tff.CLIENTS)
            )
            def next_fn(state, value):
                output = summed.next(state, value)
                twice = tff.federated_sum(value)
                total = tff.federated_map(
                    tff.tensorflow.computation(lambda a, b: a + b), (output.result, twice)
                )
                return tff.templates.MeasuredProcessOutput(state, total, output.measurements)

            return tff.templates.AggregationProcess(summed.initialize, next_fn)

    made = tff.aggregators.UnweightedMeanFactory(Doubling()).create(tff.TensorType(np.float32))
    assert made.next(made.initialize(), [1.0, 2.0]).result == 3.0


def test_a_subclass_of_the_abstract_factory_is_told_what_replaces_it():
    factory = tff_compat.as_of("0.17.0").aggregators.AggregationProcessFactory
    with pytest.warns(tff_compat.LegacyAPIWarning, match="UnweightedAggregationFactory"):

        class Own(factory):
            pass

    with pytest.raises(TypeError, match="abstract"):
        Own()
