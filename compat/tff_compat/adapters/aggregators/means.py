"""Means as aggregation factories, with the states and measurements of their releases."""

from __future__ import annotations

import collections
from typing import Any

import numpy as np
import tensorflow as tf

from tff_compat import modern
from tff_compat.adapters.registry import NEVER, AsOf, adapter

tff = modern.package()

UnweightedAggregationFactory: Any = tff.aggregators.UnweightedAggregationFactory


@adapter(
    "tff.aggregators.UnweightedMeanFactory",
    releases=">=0.18,<0.20",
    replacement="tff.aggregators.UnweightedMeanFactory",
    legacy=NEVER,
)
class UnweightedMeanFactory(UnweightedAggregationFactory):
    """A factory of unweighted means, as of TFF 0.18 and 0.19.

    Its state is that of the inner sum alone, and its only measurement is ``mean_value``; since 0.20
    both have parts for the number of clients.

    Args:
      value_sum_factory: The factory of the inner sum; None for `tff.aggregators.SumFactory`.
    """

    as_of: AsOf

    def __init__(self, value_sum_factory=None):
        self._value_sum_factory = value_sum_factory or tff.aggregators.SumFactory()

    def create(self, value_type):
        """The `tff.templates.AggregationProcess` for values of a type.

        Raises:
          TypeError: The type is no structure of tensors.
        """
        value_sum = self._value_sum_factory.create(value_type)
        state_type = value_sum.initialize.type_signature.result
        sum_type = value_sum.next.type_signature.result.result.member

        @tff.tensorflow.computation(sum_type, np.float32)
        def divide(total, count):
            return tf.nest.map_structure(lambda value: value / tf.cast(count, value.dtype), total)

        @tff.federated_computation(state_type, tff.FederatedType(value_type, tff.CLIENTS))
        def next_fn(state, value):
            total = value_sum.next(state, value)
            count = tff.federated_sum(tff.federated_value(np.float32(1.0), tff.CLIENTS))
            mean = tff.federated_map(divide, (total.result, count))
            measurements = tff.federated_zip(collections.OrderedDict(mean_value=total.measurements))
            return tff.templates.MeasuredProcessOutput(total.state, mean, measurements)

        return tff.templates.AggregationProcess(value_sum.initialize, next_fn)
