"""Aggregation factories of TFF 0.17: one abstract class, and classes that compose them."""

from __future__ import annotations

import abc
import collections
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from tff_compat import modern
from tff_compat.adapters.aggregators.abstract_factories import GivenDatedTypes
from tff_compat.adapters.language import dated_types, types
from tff_compat.adapters.registry import NEVER, AsOf, Replacement, adapter, member, method
from tff_compat.adapters.stand_ins import StandsFor, is_offered
from tff_compat.adapters.subclassing import Derived

tff = modern.package()

UnweightedAggregationFactory: Any = tff.aggregators.UnweightedAggregationFactory
_InstalledMean: Any = tff.aggregators.MeanFactory
_InstalledPrivate: Any = tff.aggregators.DifferentiallyPrivateFactory
_FACTORIES = (UnweightedAggregationFactory, tff.aggregators.WeightedAggregationFactory)

_RELEASES = ">=0.17,<0.18"

for _factory, _given in (
    ("AggregationProcessFactory", "value_type"),
    ("UnweightedAggregationFactory", "value_type"),
    ("WeightedAggregationFactory", "value_type, weight_type"),
):
    method(
        f"tff.aggregators.{_factory}",
        f"def create(self, {_given})",
        releases="<0.87",
        hands="legacy type",
    )


@adapter(
    "tff.aggregators.AggregationProcessFactory",
    releases=_RELEASES,
    replacement="tff.aggregators.UnweightedAggregationFactory",
    note=(
        "A factory of processes that take weights derives from "
        "tff.aggregators.WeightedAggregationFactory, and its `create` is given their type too."
    ),
)
class AggregationProcessFactory(Derived, GivenDatedTypes, StandsFor, abc.ABC):
    """What makes the aggregation process for values of a type, as of TFF 0.17.

    The processes may take weights or not; since 0.18 there is a class of factories for each.
    """

    as_of: AsOf
    stands_for = _FACTORIES

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not is_offered(cls):
            # Not by inheritance: an abstract class asks its subclasses, and all installed factories
            # pass for factories of 0.17.
            UnweightedAggregationFactory.register(cls)

    @abc.abstractmethod
    def create(self, value_type):
        """The `tff.templates.AggregationProcess` for values of a type without placement."""


def _check_factory(name: str, factory: Any) -> None:
    if not isinstance(factory, _FACTORIES):
        raise TypeError(f"`{name}` must be an aggregation factory, found {type(factory).__name__}.")


def _check_float(value_type: Any) -> None:
    types.check_tensors(value_type)
    tensors = [value_type]
    if isinstance(value_type, tff.StructType):
        tensors = tff.structure.flatten(value_type)
    if not all(dated_types.numpy_dtype(each).kind == "f" for each in tensors):
        raise TypeError(f"All values must be of floating dtypes, found {value_type}.")


def _created(factory: Any, value_type: Any) -> Any:
    """The process of a factory, of any release, for values and perhaps float32 weights."""
    if isinstance(factory, UnweightedAggregationFactory) or isinstance(factory, MeanFactory):
        return factory.create(value_type)
    return factory.create(value_type, tff.TensorType(np.float32))


member(
    "factory of means of 0.17",
    ".create()",
    releases=_RELEASES,
    replacement="{self}.create({value_type}, tff.TensorType(np.float32))",
    parameters="(value_type)",
)


@adapter(
    "tff.aggregators.MeanFactory",
    releases=_RELEASES,
    replacement="tff.aggregators.MeanFactory",
    legacy=NEVER,
    cases={"create": Replacement("", "Its `create` takes the type of the weights too.")},
    gives="factory of means of 0.17",
)
class MeanFactory(_InstalledMean):
    """A factory of weighted means, as of TFF 0.17; the weights are of float32.

    Args:
      value_sum_factory: The factory of the sum of weighted values; None for a `SumFactory`.
      weight_sum_factory: The factory of the sum of weights; None for a `SumFactory`.
      no_nan_division: Whether the mean is zero where the sum of weights is.

    Raises:
      TypeError: An argument is none of these.
    """

    as_of: AsOf

    def __init__(self, value_sum_factory=None, weight_sum_factory=None, no_nan_division=False):
        super().__init__(value_sum_factory, weight_sum_factory, no_nan_division)

    def create(self, value_type, weight_type=None):
        """The `tff.templates.AggregationProcess` for values of a type and float32 weights.

        Raises:
          TypeError: The type is no structure of tensors of floating dtypes.
        """
        if weight_type is not None:
            # That is how the installed TFF calls it.
            return super().create(value_type, weight_type)
        self.as_of.warn(case="create")
        made = super().create(value_type, tff.TensorType(np.float32))
        parameter = made.next.type_signature.parameter

        @tff.federated_computation(parameter[0], parameter[1], parameter[2])
        def next_fn(state, value, weight):
            output = made.next(state, value, weight)
            measurements = collections.OrderedDict(
                value_sum_process=output.measurements.mean_value,
                weight_sum_process=output.measurements.mean_weight,
            )
            return tff.templates.MeasuredProcessOutput(
                output.state, output.result, tff.federated_zip(measurements)
            )

        return tff.templates.AggregationProcess(made.initialize, next_fn)


@adapter(
    "tff.aggregators.DifferentiallyPrivateFactory",
    releases=_RELEASES,
    replacement="tff.aggregators.DifferentiallyPrivateFactory",
    legacy=NEVER,
)
class DifferentiallyPrivateFactory(_InstalledPrivate):
    """A factory of aggregations by a query of tensorflow_privacy, as of TFF 0.17.

    Its state and measurements have the form of the release.

    Args:
      query: A `SumAggregationDPQuery`.
      record_aggregation_factory: The factory of the sum of records; None for a `SumFactory`.

    Raises:
      TypeError: An argument is none of these.
    """

    as_of: AsOf

    def __init__(self, query, record_aggregation_factory=None):
        super().__init__(query, record_aggregation_factory)
        self._own_query = query
        self._own_factory = record_aggregation_factory or tff.aggregators.SumFactory()

    def create(self, value_type):
        """The `tff.templates.AggregationProcess` for values of a type.

        Raises:
          TypeError: The type is no structure of tensors.
        """
        query = self._own_query

        @tff.tensorflow.computation
        def initial_state():
            return query.initial_global_state()

        query_state = initial_state.type_signature.result

        @tff.tensorflow.computation(query_state)
        def derive_params(state):
            return query.derive_sample_params(state)

        @tff.tensorflow.computation(derive_params.type_signature.result, value_type)
        def preprocess(params, value):
            return query.preprocess_record(params, value)

        record_type = preprocess.type_signature.result
        records = _created(self._own_factory, record_type)

        @tff.tensorflow.computation(record_type, query_state)
        def finish(total, state):
            return tuple(query.get_noised_result(total, state)[:2])

        @tff.tensorflow.computation(query_state)
        def derive_metrics(state):
            return query.derive_metrics(state)

        @tff.federated_computation
        def initialize():
            start = tff.federated_eval(initial_state, tff.SERVER)
            return tff.federated_zip((start, records.initialize()))

        @tff.federated_computation(
            initialize.type_signature.result, tff.FederatedType(value_type, tff.CLIENTS)
        )
        def next_fn(state, value):
            params = tff.federated_broadcast(tff.federated_map(derive_params, state[0]))
            output = records.next(state[1], tff.federated_map(preprocess, (params, value)))
            result, new_state = tff.federated_map(finish, (output.result, state[0]))
            measurements = collections.OrderedDict(
                query_metrics=tff.federated_map(derive_metrics, new_state),
                record_agg_process=output.measurements,
            )
            return tff.templates.MeasuredProcessOutput(
                tff.federated_zip((new_state, output.state)),
                result,
                tff.federated_zip(measurements),
            )

        return tff.templates.AggregationProcess(initialize, next_fn)


def _constant(norm: float) -> Any:
    """The estimation process of a constant norm."""

    @tff.federated_computation
    def initialize():
        return tff.federated_value((), tff.SERVER)

    state_type = initialize.type_signature.result
    return tff.templates.EstimationProcess(
        initialize,
        tff.federated_computation(
            lambda state, value: state, state_type, tff.FederatedType(np.float32, tff.CLIENTS)
        ),
        tff.federated_computation(
            lambda state: tff.federated_value(np.float32(norm), tff.SERVER), state_type
        ),
    )


def _norm_process(name: str, norm: Any) -> Any:
    """The estimation process for a norm, given as such or as a float."""
    if isinstance(norm, float):
        return _constant(norm)
    if not isinstance(norm, tff.templates.EstimationProcess):
        raise TypeError(
            f"`{name}` must be a float or a tff.templates.EstimationProcess, found "
            f"{type(norm).__name__}."
        )
    parameter = norm.next.type_signature.parameter
    at_clients = tff.FederatedType(np.float32, tff.CLIENTS)
    if not isinstance(parameter, tff.StructType) or len(parameter) != 2:
        raise TypeError(f"`next` of `{name}` must take a state and a norm, found {parameter}.")
    if not parameter[1].is_assignable_from(at_clients):
        raise TypeError(f"`next` of `{name}` must take {at_clients}, found {parameter[1]}.")
    result = norm.next.type_signature.result
    if not norm.initialize.type_signature.result.is_assignable_from(result):
        raise TypeError(f"`next` of `{name}` must give a state alone, found {result}.")
    reported = norm.report.type_signature.result
    if not tff.FederatedType(np.float32, tff.SERVER).is_assignable_from(reported):
        raise TypeError(f"`report` of `{name}` must give a float32 at the server, not {reported}.")
    return norm


def _zeroed(value: Any, norm: tf.Tensor, limit: tf.Tensor) -> Any:
    return tf.nest.map_structure(lambda v: tf.where(norm > limit, tf.zeros_like(v), v), value)


def _clipped(value: Any, limit: tf.Tensor) -> tuple[Any, tf.Tensor]:
    """The value with an L2 norm of at most `limit`, and the norm it had."""
    clipped, norm = tf.clip_by_global_norm(tf.nest.flatten(value), limit)
    return tf.nest.pack_sequence_as(value, clipped), norm


def _limited(
    value_type: Any,
    inner_factory: Any,
    estimate: Any,
    limits_of: Callable[[Any], tuple[Any, ...]],
    limit: Callable[..., tuple[Any, tf.Tensor]],
) -> Any:
    """The process that aggregates values after they have been limited by an estimated norm.

    Args:
      value_type: The type of the values.
      inner_factory: The factory of the aggregation.
      estimate: The estimation process of the norm.
      limits_of: From the norm at the server to the limits at the server.
      limit: From a value and the limits, in TensorFlow code, to the limited value and its norm.
    """
    _check_float(value_type)
    inner = _created(inner_factory, value_type)

    @tff.federated_computation
    def initialize():
        return tff.federated_zip((estimate.initialize(), inner.initialize()))

    @tff.federated_computation(
        initialize.type_signature.result,
        tff.FederatedType(value_type, tff.CLIENTS),
        tff.FederatedType(np.float32, tff.CLIENTS),
    )
    def next_fn(state, value, weight):
        limits = limits_of(estimate.report(state[0]))
        limiting = tff.tensorflow.computation(limit, value_type, *[np.float32] * len(limits))
        at_clients = [tff.federated_broadcast(each) for each in limits]
        limited, norms = tff.federated_map(limiting, (value, *at_clients))
        output = inner.next(state[1], limited, weight)
        return tff.templates.MeasuredProcessOutput(
            tff.federated_zip((estimate.next(state[0], norms), output.state)),
            output.result,
            output.measurements,
        )

    return tff.templates.AggregationProcess(initialize, next_fn)


@adapter(
    "tff.aggregators.ClippingFactory",
    releases=_RELEASES,
    replacement="tff.aggregators.clipping_factory({clipping_norm}, {inner_agg_factory})",
)
class ClippingFactory(UnweightedAggregationFactory):
    """Aggregates values whose L2 norm is clipped, as of TFF 0.17.

    Args:
      clipping_norm: The largest norm: a float, or a `tff.templates.EstimationProcess` of norms.
      inner_agg_factory: The factory of the aggregation, whose processes take weights.

    Raises:
      TypeError: An argument is none of these.
    """

    as_of: AsOf

    def __init__(self, clipping_norm, inner_agg_factory):
        self.as_of.warn(locals())
        _check_factory("inner_agg_factory", inner_agg_factory)
        self._inner = inner_agg_factory
        self._norm = _norm_process("clipping_norm", clipping_norm)

    def create(self, value_type):
        """The `tff.templates.AggregationProcess` for values of a type.

        Raises:
          TypeError: The type is no structure of tensors of floating dtypes.
        """
        return _limited(value_type, self._inner, self._norm, lambda norm: (norm,), _clipped)


@adapter(
    "tff.aggregators.ZeroingFactory",
    releases=_RELEASES,
    replacement=(
        "tff.aggregators.zeroing_factory({zeroing_norm}, {inner_agg_factory}"
        "[?, norm_order={norm_order}?])"
    ),
)
class ZeroingFactory(UnweightedAggregationFactory):
    """Aggregates values, those of too large a norm as zeros, as of TFF 0.17.

    Args:
      zeroing_norm: The largest norm: a float, or a `tff.templates.EstimationProcess` of norms.
      inner_agg_factory: The factory of the aggregation, whose processes take weights.
      norm_order: The order of the norm, a float.

    Raises:
      TypeError: An argument is none of these.
    """

    as_of: AsOf

    def __init__(self, zeroing_norm, inner_agg_factory, norm_order=np.inf):
        self.as_of.warn(locals())
        _check_factory("inner_agg_factory", inner_agg_factory)
        self._inner = inner_agg_factory
        self._norm = _norm_process("zeroing_norm", zeroing_norm)
        if not isinstance(norm_order, float):
            raise TypeError(f"`norm_order` must be a float, found {type(norm_order).__name__}.")
        self._norm_order = norm_order

    def create(self, value_type):
        """The `tff.templates.AggregationProcess` for values of a type.

        Raises:
          TypeError: The type is no structure of tensors of floating dtypes.
        """

        def zero(value, limit):
            flat = tf.concat([tf.reshape(v, [-1]) for v in tf.nest.flatten(value)], axis=0)
            norm = tf.norm(flat, ord=self._norm_order)
            return _zeroed(value, norm, limit), norm

        return _limited(value_type, self._inner, self._norm, lambda norm: (norm,), zero)


@adapter(
    "tff.aggregators.ZeroingClippingFactory",
    releases=_RELEASES,
    note=(
        "Put tff.aggregators.zeroing_factory around tff.aggregators.clipping_factory, each with a "
        "norm of its own."
    ),
)
class ZeroingClippingFactory(UnweightedAggregationFactory):
    """Aggregates values of a clipped L2 norm, those of far too large a one as zeros, as of 0.17.

    Args:
      clipping_norm: The largest norm: a float, or a `tff.templates.EstimationProcess` of norms.
      zeroing_norm_fn: A `tff.Computation` from this norm to that above which values are zeroed.
      inner_agg_factory: The factory of the aggregation, whose processes take weights.

    Raises:
      TypeError: An argument is none of these.
    """

    as_of: AsOf

    def __init__(self, clipping_norm, zeroing_norm_fn, inner_agg_factory):
        self.as_of.warn(locals())
        _check_factory("inner_agg_factory", inner_agg_factory)
        self._inner = inner_agg_factory
        self._norm = _norm_process("clipping_norm", clipping_norm)
        if not isinstance(zeroing_norm_fn, tff.Computation):
            raise TypeError(
                "`zeroing_norm_fn` must be a tff.Computation, found "
                f"{type(zeroing_norm_fn).__name__}."
            )
        wanted = tff.FunctionType(np.float32, np.float32)
        if not wanted.is_assignable_from(zeroing_norm_fn.type_signature):
            raise TypeError(
                f"`zeroing_norm_fn` must be of the type {wanted}, found "
                f"{zeroing_norm_fn.type_signature}."
            )
        self._zeroing_norm_fn = zeroing_norm_fn

    def create(self, value_type):
        """The `tff.templates.AggregationProcess` for values of a type.

        Raises:
          TypeError: The type is no structure of tensors of floating dtypes.
        """

        def clip_and_zero(value, clipping_norm, zeroing_norm):
            clipped, norm = _clipped(value, clipping_norm)
            return _zeroed(clipped, norm, zeroing_norm), norm

        return _limited(
            value_type,
            self._inner,
            self._norm,
            lambda norm: (norm, tff.federated_map(self._zeroing_norm_fn, norm)),
            clip_and_zero,
        )
