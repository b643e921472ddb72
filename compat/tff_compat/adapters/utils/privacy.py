"""Differential privacy: queries of tensorflow_privacy, and aggregations that carry them out."""

from __future__ import annotations

import collections
import math
import numbers
import warnings
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf
import tensorflow_privacy as tfp
from packaging.version import Version

from tff_compat import modern
from tff_compat.adapters.language import handed, structures, types
from tff_compat.adapters.learning import training
from tff_compat.adapters.registry import AsOf, Replacement, adapter, helper
from tff_compat.adapters.templates import processes
from tff_compat.adapters.utils import stateful
from tff_compat.catalog.boundaries import (
    FIRST_WITH_QUANTILE_ESTIMATORS,
    FIRST_WITHOUT_NORM_IN_STATE,
)
from tff_compat.declared.replacement import AS_VALUE

tff = modern.package()


class _ClippedFractionState(NamedTuple):
    noise_multiplier: Any
    target_unclipped_quantile: Any
    learning_rate: Any
    sum_state: Any
    clipped_fraction_state: Any


class _ClippedFractionStateWithNorm(NamedTuple):
    l2_norm_clip: Any
    noise_multiplier: Any
    target_unclipped_quantile: Any
    learning_rate: Any
    sum_state: Any
    clipped_fraction_state: Any


class _ClippedFractionSample(NamedTuple):
    sum_state: Any
    clipped_fraction_state: Any


class _ClippedFractionParams(NamedTuple):
    sum_params: Any
    clipped_fraction_params: Any


class _ClippedFractionQuery(tfp.SumAggregationDPQuery):
    """A Gaussian sum whose clip follows the fraction of clipped records.

    That of tensorflow_privacy 0.1 to 0.3, beside which TFF 0.10 to 0.15 ran; since then a quantile
    estimator has the part of `clipped_fraction_state`, and a record of the very norm of the clip
    counts as not clipped.
    """

    def __init__(
        self,
        initial_l2_norm_clip: float,
        noise_multiplier: float,
        target_unclipped_quantile: float,
        learning_rate: float,
        clipped_count_stddev: float,
        expected_num_records: float,
        geometric_update: bool,
        norm_in_state: bool,
    ):
        self._noise_multiplier = noise_multiplier
        self._target_unclipped_quantile = target_unclipped_quantile
        self._learning_rate = learning_rate
        self._geometric_update = geometric_update
        self._norm_in_state = norm_in_state
        self._sum_query = tfp.GaussianSumQuery(
            initial_l2_norm_clip, initial_l2_norm_clip * noise_multiplier
        )
        # The counts are shifted to be centred at zero.
        self._fraction_query = tfp.NormalizedQuery(
            tfp.GaussianSumQuery(0.5, clipped_count_stddev), expected_num_records
        )

    def initial_global_state(self):
        sum_state = self._sum_query.initial_global_state()
        state = _ClippedFractionState(
            tf.cast(self._noise_multiplier, tf.float32),
            tf.cast(self._target_unclipped_quantile, tf.float32),
            tf.cast(self._learning_rate, tf.float32),
            sum_state,
            self._fraction_query.initial_global_state(),
        )
        if self._norm_in_state:
            return _ClippedFractionStateWithNorm(sum_state.l2_norm_clip, **state._asdict())
        return state

    def derive_sample_params(self, global_state):
        return _ClippedFractionParams(
            self._sum_query.derive_sample_params(global_state.sum_state),
            self._fraction_query.derive_sample_params(global_state.clipped_fraction_state),
        )

    def initial_sample_state(self, template=None):
        return _ClippedFractionSample(
            self._sum_query.initial_sample_state(template),
            self._fraction_query.initial_sample_state(tf.constant(0.0)),
        )

    def preprocess_record(self, params, record):
        clipped, norm = self._sum_query.preprocess_record_impl(params.sum_params, record)
        was_clipped = tf.cast(norm >= params.sum_params, tf.float32) - 0.5
        return _ClippedFractionSample(
            clipped,
            self._fraction_query.preprocess_record(params.clipped_fraction_params, was_clipped),
        )

    def get_noised_result(self, sample_state, global_state):
        noised, _, *event = self._sum_query.get_noised_result(
            sample_state.sum_state, global_state.sum_state
        )
        fraction, fraction_state = self._fraction_query.get_noised_result(
            sample_state.clipped_fraction_state, global_state.clipped_fraction_state
        )[:2]
        unclipped = tf.clip_by_value(1.0 - (fraction + 0.5), 0.0, 1.0)
        update = global_state.learning_rate * (unclipped - global_state.target_unclipped_quantile)
        norm = global_state.sum_state.l2_norm_clip
        if self._geometric_update:
            norm = norm * tf.math.exp(-update)
        else:
            norm = tf.maximum(0.0, norm - update)
        new_state = global_state._replace(
            sum_state=self._sum_query.make_global_state(norm, norm * global_state.noise_multiplier),
            clipped_fraction_state=fraction_state,
        )
        if self._norm_in_state:
            new_state = new_state._replace(l2_norm_clip=norm)
        return (noised, new_state, *event)


def _check_number(name: str, value: Any) -> None:
    if not isinstance(value, numbers.Number):
        raise TypeError(f"`{name}` must be a number, found {type(value).__name__}.")


def _query(
    release: Version,
    clip: Any,
    noise_multiplier: Any,
    expected_total_weight: Any,
    learning_rate: Any,
    quantile: Any,
    budget: Any,
    clients: tuple[str, Any],
    vectors: Any,
    geometric: bool,
) -> Any:
    """The query; `vectors` are the variables clipped each for itself, None for all together."""
    _check_number("clip", clip)
    _check_number("noise_multiplier", noise_multiplier)
    _check_number("expected_total_weight", expected_total_weight)
    count = 1 if vectors is None else len(tf.nest.flatten(vectors))
    vectors_noise = noise_multiplier
    count_stddev = 0.0
    if learning_rate:
        _check_number("adaptive_clip_learning_rate", learning_rate)
        _check_number("target_unclipped_quantile", quantile)
        _check_number("clipped_count_budget_allocation", budget)
        _check_number(*clients)
        # The sensitivity of the clipped count is 0.5.
        count_stddev = 0.5 * noise_multiplier * (budget / count) ** -0.5
        vectors_noise = noise_multiplier * ((1 - budget) / count) ** -0.5

    def query_of(vector_clip: Any) -> Any:
        if not learning_rate:
            stddev = vector_clip * noise_multiplier * count**0.5
            numerator = tfp.GaussianSumQuery(l2_norm_clip=vector_clip, stddev=stddev)
            return tfp.NormalizedQuery(numerator, expected_total_weight)
        rate = learning_rate if geometric else learning_rate * vector_clip / clip
        arguments = (vector_clip, vectors_noise, quantile, rate, count_stddev, clients[1])
        if release >= FIRST_WITH_QUANTILE_ESTIMATORS:
            numerator = tfp.QuantileAdaptiveClipSumQuery(*arguments, geometric)
        else:
            numerator = _ClippedFractionQuery(
                *arguments, geometric, release < FIRST_WITHOUT_NORM_IN_STATE
            )
        return tfp.NormalizedQuery(numerator, expected_total_weight)

    if vectors is None:
        return query_of(clip)
    sizes = tf.nest.map_structure(lambda v: math.prod(v.shape.as_list()), vectors)
    total = sum(tf.nest.flatten(sizes))
    return tfp.NestedQuery(
        tf.nest.map_structure(lambda size: query_of(clip * np.sqrt(size / total)), sizes)
    )


helper(
    "ClippedFractionQuery",
    '''\
class ClippedFractionQuery(tfp.SumAggregationDPQuery):
  """A Gaussian sum whose clip follows the fraction of clipped records."""

  State = collections.namedtuple('State', [
      'l2_norm_clip', 'noise_multiplier', 'target_unclipped_quantile', 'learning_rate', 'sum_state',
      'clipped_fraction_state'])
  Sample = collections.namedtuple('Sample', ['sum_state', 'clipped_fraction_state'])

  def __init__(self, clip, noise_multiplier, quantile, rate, count_stddev, num_records, geometric):
    self._numbers = noise_multiplier, quantile, rate
    self._geometric = geometric
    self._sum = tfp.GaussianSumQuery(clip, clip * noise_multiplier)
    # The counts are shifted to be centred at zero.
    self._fraction = tfp.NormalizedQuery(tfp.GaussianSumQuery(0.5, count_stddev), num_records)

  def initial_global_state(self):
    state = self._sum.initial_global_state()
    numbers = (tf.cast(number, tf.float32) for number in self._numbers)
    return self.State(state.l2_norm_clip, *numbers, state, self._fraction.initial_global_state())

  def derive_sample_params(self, global_state):
    return self.Sample(self._sum.derive_sample_params(global_state.sum_state),
                       self._fraction.derive_sample_params(global_state.clipped_fraction_state))

  def initial_sample_state(self, template=None):
    return self.Sample(self._sum.initial_sample_state(template),
                       self._fraction.initial_sample_state(tf.constant(0.0)))

  def preprocess_record(self, params, record):
    clipped, norm = self._sum.preprocess_record_impl(params.sum_state, record)
    was_clipped = tf.cast(norm >= params.sum_state, tf.float32) - 0.5
    return self.Sample(
        clipped, self._fraction.preprocess_record(params.clipped_fraction_state, was_clipped))

  def get_noised_result(self, sample_state, global_state):
    noised, _, *event = self._sum.get_noised_result(sample_state.sum_state, global_state.sum_state)
    fraction, fraction_state = self._fraction.get_noised_result(
        sample_state.clipped_fraction_state, global_state.clipped_fraction_state)[:2]
    unclipped = tf.clip_by_value(0.5 - fraction, 0.0, 1.0)
    update = global_state.learning_rate * (unclipped - global_state.target_unclipped_quantile)
    norm = global_state.l2_norm_clip
    norm = norm * tf.exp(-update) if self._geometric else tf.maximum(0.0, norm - update)
    state = self._sum.make_global_state(norm, norm * global_state.noise_multiplier)
    return (noised, global_state._replace(
        l2_norm_clip=norm, sum_state=state, clipped_fraction_state=fraction_state), *event)
''',
)
helper(
    "query_with_clip",
    '''\
def query_with_clip(
    clip, noise_multiplier, expected_total_weight, adaptive_clip_learning_rate=0,
    target_unclipped_quantile=None, clipped_count_budget_allocation=None, expected_num_clients=None,
    per_vector_clipping=False, model=None, *, expected_clients_per_round=None, use_per_vector=False,
    geometric_clip_update=True, adaptive=tfp.QuantileAdaptiveClipSumQuery):
  """A query of tensorflow_privacy for averages whose clip is fixed, or adapts to a quantile.

  With `per_vector_clipping` each variable of the model is clipped by itself.
  """
  rate, budget = adaptive_clip_learning_rate, clipped_count_budget_allocation
  num_clients = expected_num_clients or expected_clients_per_round
  given = [clip, noise_multiplier, expected_total_weight]
  if rate:
    given += [rate, target_unclipped_quantile, budget, num_clients]
  if not all(isinstance(value, (int, float, np.number)) for value in given):
    raise TypeError(f'Not all of {given} are numbers.')
  by_vector = per_vector_clipping or use_per_vector
  count = len(tf.nest.flatten(model.weights.trainable)) if by_vector else 1

  def query_of(vector_clip):
    if not rate:
      total = tfp.GaussianSumQuery(vector_clip, vector_clip * noise_multiplier * count**0.5)
    else:
      # The sensitivity of the clipped count is 0.5.
      total = adaptive(
          vector_clip, noise_multiplier * ((1 - budget) / count)**-0.5, target_unclipped_quantile,
          rate if geometric_clip_update else rate * vector_clip / clip,
          0.5 * noise_multiplier * (budget / count)**-0.5, num_clients, geometric_clip_update)
    return tfp.NormalizedQuery(total, expected_total_weight)

  if not by_vector:
    return query_of(clip)
  sizes = tf.nest.map_structure(
      lambda variable: math.prod(variable.shape.as_list()), model.weights.trainable)
  whole = sum(tf.nest.flatten(sizes))
  return tfp.NestedQuery(
      tf.nest.map_structure(lambda size: query_of(clip * np.sqrt(size / whole)), sizes))
''',
)
helper(
    "query_of_fraction",
    '''\
def query_of_fraction(*args, **options):
  """As `query_with_clip`, with a clip that adapts to the fraction of clipped records."""
  return query_with_clip(*args, adaptive=ClippedFractionQuery, **options)
''',
)
helper(
    "additive_query",
    '''\
def additive_query(*args, **options):
  """As `query_of_fraction`, with a clip to which is added what changes it."""
  return query_of_fraction(*args, geometric_clip_update=False, **options)
''',
)
helper(
    "private_aggregation",
    '''\
def private_aggregation(query, value_type_fn=None, in_containers=None):
  """An aggregation that carries out a query of tensorflow_privacy, and the type of its state."""
  state_type = tff.tensorflow.computation(
      lambda: query.initial_global_state()).type_signature.result

  def spec_of(kind):
    if isinstance(kind, tff.TensorType):
      return tf.TensorSpec(kind.shape, kind.dtype)
    parts = [(name, spec_of(each)) for name, each in tff.structure.iter_elements(kind)]
    if all(name is not None for name, _ in parts):
      return collections.OrderedDict(parts)
    container = getattr(kind, 'python_container', None)
    return (tuple if container is tuple else list)(each for _, each in parts)

  def contained(value):
    if not isinstance(value, tff.structure.Struct):
      return value
    parts = [(name, contained(each)) for name, each in tff.structure.iter_elements(value)]
    is_named = all(name is not None for name, _ in parts)
    return collections.OrderedDict(parts) if is_named else [each for _, each in parts]

  def next_fn(state, value, weight=None):
    record_type = value.type_signature.member
    specs = spec_of(value_type_fn(value) if value_type_fn else record_type)

    @tff.tensorflow.computation(state_type)
    def derive(state):
      return query.derive_sample_params(state)

    @tff.tensorflow.computation(derive.type_signature.result, record_type)
    def prepare(params, record):
      return query.preprocess_record(params, (in_containers or contained)(record))

    zero = tff.tensorflow.computation(lambda: query.initial_sample_state(specs))
    sample_type = zero.type_signature.result

    @tff.tensorflow.computation(sample_type, prepare.type_signature.result)
    def accumulate(sample, record):
      return query.accumulate_preprocessed_record(sample, record)

    @tff.tensorflow.computation(sample_type, sample_type)
    def merge(left, right):
      return query.merge_sample_states(left, right)

    @tff.tensorflow.computation(sample_type)
    def report(sample):
      return sample

    @tff.tensorflow.computation(sample_type, state_type)
    def finish(sample, state):
      result, new_state = query.get_noised_result(sample, state)[:2]
      return new_state, result

    params = tff.federated_broadcast(tff.federated_map(derive, state))
    records = tff.federated_map(prepare, (params, value))
    sample = tff.federated_aggregate(records, zero(), accumulate, merge, report)
    return tff.federated_map(finish, (sample, state))

  return StatefulAggregation(lambda: query.initial_global_state(), next_fn), state_type
''',
)

_QUERY_NOW = (
    "tfp.NormalizedQuery(tfp.GaussianSumQuery({clip}, {clip} * {noise_multiplier}), "
    "{expected_total_weight})"
)
_CLIP_NOTE = (
    "tff.aggregators.DifferentiallyPrivateFactory.gaussian_adaptive makes a factory with such a "
    "clip"
)


def _with_clip(by_vector: str, code: str) -> dict[str, Replacement]:
    """The cases of a query that is more than one with a fixed clip."""
    names = (AS_VALUE, "adaptive_clip_learning_rate", by_vector)
    return {name: Replacement(code, _CLIP_NOTE) for name in names}


_OF_OTHER_CLIPS = (
    "target_unclipped_quantile",
    "clipped_count_budget_allocation",
    "expected_num_clients",
    "expected_clients_per_round",
    "geometric_clip_update",
    "model",
)


def _warn(as_of: AsOf, arguments: Mapping[str, Any]) -> None:
    given = (name for name in as_of.adapter.cases if arguments.get(name))
    as_of.warn(arguments, case=next(given, ""))


@adapter(
    "tff.utils.build_dp_query",
    releases=">=0.10,<0.13",
    replacement=_QUERY_NOW,
    cases=_with_clip("use_per_vector", "{!additive_query}"),
    without_effect=_OF_OTHER_CLIPS,
    forms=True,
)
@adapter(
    "tff.utils.build_dp_query",
    releases=">=0.13,<0.14",
    replacement=_QUERY_NOW,
    cases=_with_clip("per_vector_clipping", "{!additive_query}"),
    without_effect=_OF_OTHER_CLIPS,
    forms=True,
)
@adapter(
    "tff.utils.build_dp_query",
    releases=">=0.14,<0.16",
    replacement=_QUERY_NOW,
    cases=_with_clip("per_vector_clipping", "{!query_of_fraction}"),
    without_effect=_OF_OTHER_CLIPS,
    forms=True,
)
@adapter(
    "tff.utils.build_dp_query",
    releases=">=0.16,<0.19",
    replacement=_QUERY_NOW,
    cases=_with_clip("per_vector_clipping", "{!query_with_clip}"),
    without_effect=_OF_OTHER_CLIPS,
    forms=True,
)
def build_dp_query(
    clip,
    noise_multiplier,
    expected_total_weight,
    adaptive_clip_learning_rate,
    target_unclipped_quantile,
    clipped_count_budget_allocation,
    expected_num_clients=None,
    expected_clients_per_round=None,
    use_per_vector=False,
    per_vector_clipping=False,
    geometric_clip_update=False,
    model=None,
    *,
    as_of: AsOf,
):
    """A query of averages with differential privacy, as of TFF 0.10 to 0.18.

    As of 0.18 it warns of arguments that a fixed clip ignores.

    Args:
      clip: A number: the largest L2 norm of a record; a larger one is scaled down to it.
      noise_multiplier: A number: the standard deviation of the noise, in units of `clip`.
      expected_total_weight: A number: what the sum is divided by.
      adaptive_clip_learning_rate: A number: how fast the clip follows the quantile; 0 for a fixed
        clip.
      target_unclipped_quantile: A number, with an adaptive clip: the fraction of records that is
        not to be clipped.
      clipped_count_budget_allocation: A number, with an adaptive clip: the part of the noise that
        goes to the count of clipped records.
      expected_num_clients: A number, with an adaptive clip, until 0.16: what that count is divided
        by.
      expected_clients_per_round: The same since 0.17.
      use_per_vector: A boolean, until 0.12: whether each trainable variable of `model` is clipped
        by itself.
      per_vector_clipping: The same from 0.13 to 0.17.
      geometric_clip_update: A boolean, since 0.14: whether an adaptive clip is multiplied by what
        changes it, or added to, as before.
      model: A model with the property `weights`, until 0.17.

    Returns:
      A `DPQuery` of the installed tensorflow_privacy.

    Raises:
      TypeError: What has to be a number is none.
    """
    _warn(as_of, locals())
    if not as_of.takes("model") and not adaptive_clip_learning_rate:
        for name, value in (
            ("target_unclipped_quantile", target_unclipped_quantile),
            ("clipped_count_budget_allocation", clipped_count_budget_allocation),
        ):
            if value is not None:
                warnings.warn(
                    f"`{name}` is ignored, as `adaptive_clip_learning_rate` is zero.", stacklevel=3
                )
    clients: tuple[str, Any] = ("expected_num_clients", expected_num_clients)
    if as_of.takes("expected_clients_per_round"):
        clients = ("expected_clients_per_round", expected_clients_per_round)
    return _query(
        as_of.release,
        clip,
        noise_multiplier,
        expected_total_weight,
        adaptive_clip_learning_rate,
        target_unclipped_quantile,
        clipped_count_budget_allocation,
        clients,
        model.weights.trainable if use_per_vector or per_vector_clipping else None,
        geometric=geometric_clip_update,
    )


def _initial_state(query: Any) -> Any:
    @tff.tensorflow.computation
    def initial_state():
        return query.initial_global_state()

    return initial_state


def _aggregation(
    query: Any, state_type: Any, record_type: Any, specs: Any, from_result: Any
) -> Any:
    """From state and values to the new state and the result, in federated computations.

    Args:
      query: A `DPQuery`.
      state_type: The type of its global state.
      record_type: The type of a client's value.
      specs: `tf.TensorSpec`s in the structure of a record.
      from_result: From what a computation gets as a client's value to a record.
    """

    @tff.tensorflow.computation(state_type)
    def derive_params(state):
        return query.derive_sample_params(state)

    @tff.tensorflow.computation(derive_params.type_signature.result, record_type)
    def preprocess(params, record):
        return query.preprocess_record(params, from_result(record))

    @tff.tensorflow.computation
    def zero():
        return query.initial_sample_state(specs)

    sample_type = zero.type_signature.result

    @tff.tensorflow.computation(sample_type, preprocess.type_signature.result)
    def accumulate(sample, record):
        return query.accumulate_preprocessed_record(sample, record)

    @tff.tensorflow.computation(sample_type, sample_type)
    def merge(left, right):
        return query.merge_sample_states(left, right)

    @tff.tensorflow.computation(sample_type)
    def report(sample):
        return sample

    @tff.tensorflow.computation(sample_type, state_type)
    def post_process(sample, state):
        result, new_state = query.get_noised_result(sample, state)[:2]
        return new_state, result

    def aggregate(state, value):
        params = tff.federated_broadcast(tff.federated_map(derive_params, state))
        records = tff.federated_map(preprocess, (params, value))
        sample = tff.federated_aggregate(records, zero(), accumulate, merge, report)
        return tff.federated_map(post_process, (sample, state))

    return aggregate


def _in_containers(value: Any) -> Any:
    """A struct, and those in it, as dicts and lists; anything else as it is.

    Raises:
      ValueError: Some of its elements have names, and some have none.
    """
    if not isinstance(value, tff.structure.Struct):
        return value
    elements = [(name, _in_containers(each)) for name, each in tff.structure.iter_elements(value)]
    names = [name for name, _ in elements if name is not None]
    if names and len(names) != len(elements):
        raise ValueError(f"Some elements of {value} have names, and some have none.")
    if names:
        return collections.OrderedDict(elements)
    return [each for _, each in elements]


def _value_type_of(value):
    """The type of a client's value: the default of `build_dp_aggregate`."""
    return value.type_signature.member


def _specs(type_spec: Any, release: Version) -> Any:
    """Tensor specs in the containers in which records of a type come."""
    type_spec = types.to_type(type_spec, release)
    if isinstance(type_spec, tff.TensorType):
        return types.tensor_spec(type_spec)
    elements = [
        (name, _specs(each, release)) for name, each in tff.structure.iter_elements(type_spec)
    ]
    plain = _in_containers(tff.structure.Struct(elements))
    container = getattr(type_spec, "python_container", None)
    if container in (tuple, list) and isinstance(plain, list):
        return container(plain)
    return plain


def _stateful(as_of: AsOf, query: Any, value_type_fn: Any, from_result: Any) -> Any:
    initial_state = _initial_state(query)
    state_type = initial_state.type_signature.result

    def next_fn(global_state, value, weight=None):
        record_type = structures.parameter_type(value.type_signature.member, as_of.release)
        specs = _specs(handed.to_program(value_type_fn, as_of.release)(value), as_of.release)
        aggregate = _aggregation(query, state_type, record_type, specs, from_result)
        return aggregate(global_state, value)

    shown = structures.with_results_of(initial_state, as_of.release, keep=structures.Keep.ALL)
    made = stateful.stateful_fn("StatefulAggregateFn", shown, next_fn, as_of.release)
    return made, shown.type_signature.result


_AGGREGATE_NOW = "{!private_aggregation}({query}%s)"
_AGGREGATE_NOTE = (
    "tff.aggregators.DifferentiallyPrivateFactory makes a factory for build_unweighted_fed_avg"
)


@adapter(
    "tff.utils.build_dp_aggregate",
    releases=">=0.9,<0.12",
    replacement=_AGGREGATE_NOW
    % "[?, value_type_fn={value_type_fn}?][?, in_containers={from_anon_tuple_fn}?]",
    note=_AGGREGATE_NOTE,
    forms=True,
)
@adapter(
    "tff.utils.build_dp_aggregate",
    releases=">=0.12,<0.16",
    replacement=_AGGREGATE_NOW
    % "[?, value_type_fn={value_type_fn}?][?, in_containers={from_tff_result_fn}?]",
    note=_AGGREGATE_NOTE,
    forms=True,
)
@adapter(
    "tff.utils.build_dp_aggregate",
    releases=">=0.16,<0.17",
    replacement=_AGGREGATE_NOW % "[?, value_type_fn={value_type_fn}?]",
    note=_AGGREGATE_NOTE,
    forms=True,
)
def build_dp_aggregate(
    query,
    value_type_fn=_value_type_of,
    from_anon_tuple_fn=_in_containers,
    from_tff_result_fn=_in_containers,
    *,
    as_of: AsOf,
):
    """The aggregation that carries out a query of differential privacy, as of TFF 0.9 to 0.16.

    As of 0.16 a record is in the containers of its type.

    Args:
      query: A `DPQuery` of tensorflow_privacy, or what has its methods; `get_noised_result` may
        return two or three values.
      value_type_fn: From the value at the clients to the type of a record.
      from_anon_tuple_fn: Until 0.11: from a client's value, an `AnonymousTuple`, to a record.
      from_tff_result_fn: The same from 0.12 to 0.15.

    Returns:
      A `tff.utils.StatefulAggregateFn` that ignores weights, and the type of its state.
    """
    as_of.warn(locals())
    of_tuples = as_of.takes("from_anon_tuple_fn")
    from_result = from_anon_tuple_fn if of_tuples else from_tff_result_fn
    return _stateful(as_of, query, value_type_fn, from_result)


@adapter(
    "tff.utils.build_dp_aggregate_process",
    releases=">=0.17,<0.19",
    replacement=(
        "{!private_aggregation}({query})[0].create({value_type:type}, tff.TensorType(np.float32))"
    ),
    note="it measures nothing; tff.aggregators.DifferentiallyPrivateFactory makes a factory",
    gives="measured process",
)
def build_dp_aggregate_process(value_type, query, *, as_of: AsOf):
    """A process that carries out a query of differential privacy, as of TFF 0.17 and 0.18.

    Args:
      value_type: A `tff.TensorType` or a nested structure of them.
      query: A `DPQuery` of tensorflow_privacy, or what has its methods; `get_noised_result` may
        give two or three values.

    Returns:
      A `tff.templates.MeasuredProcess` of values and float32 weights, which are ignored; it
      measures what `derive_metrics` of the query gives.

    Raises:
      TypeError: `value_type` is no structure of tensors.
    """
    as_of.warn(locals())
    types.check_tensors(value_type)
    initial_state = _initial_state(query)
    state_type = initial_state.type_signature.result
    specs = _specs(value_type, as_of.release)
    aggregate = _aggregation(query, state_type, value_type, specs, _in_containers)

    @tff.tensorflow.computation(state_type)
    def derive_metrics(state):
        return query.derive_metrics(state)

    initialize = processes.initialize_of(initial_state)

    @training.federated_computation(
        as_of.release,
        initialize.type_signature.result,
        tff.FederatedType(value_type, tff.CLIENTS),
        tff.FederatedType(np.float32, tff.CLIENTS),
    )
    def next_fn(global_state, value, weight):
        new_state, result = aggregate(global_state, value)
        return tff.templates.MeasuredProcessOutput(
            new_state, result, tff.federated_map(derive_metrics, new_state)
        )

    return processes.measured_process(initialize, next_fn, as_of.release)
