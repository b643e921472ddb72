"""Queries of differential privacy, in the forms and with the states of each release."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.tff, pytest.mark.filterwarnings("ignore")]

tf = pytest.importorskip("tensorflow")
tff = pytest.importorskip("tensorflow_federated")

import tensorflow_privacy as tfp  # noqa: E402
import tff_compat  # noqa: E402

ADAPTIVE = {
    "adaptive_clip_learning_rate": 0.5,
    "target_unclipped_quantile": 0.9,
    "clipped_count_budget_allocation": 0.2,
}
EARLY = ["noise_multiplier", "target_unclipped_quantile", "learning_rate"]


@pytest.mark.parametrize(
    ("release", "clients", "fields"),
    [
        ("0.10.0", "expected_num_clients", ["l2_norm_clip", *EARLY]),
        ("0.13.1", "expected_num_clients", ["l2_norm_clip", *EARLY]),
        ("0.15.0", "expected_num_clients", EARLY),
        ("0.16.1", "expected_num_clients", ["noise_multiplier"]),
        ("0.18.0", "expected_clients_per_round", ["noise_multiplier"]),
    ],
)
def test_the_state_of_an_adaptive_query_has_the_fields_of_the_release(release, clients, fields):
    query = tff_compat.as_of(release).utils.build_dp_query(
        1.0, 2.0, 3.0, **ADAPTIVE, **{clients: 4}
    )
    assert isinstance(query, tfp.SumAggregationDPQuery)
    state = query.initial_global_state().numerator_state
    assert [name for name in state._fields if not name.endswith("_state")] == fields


def test_the_early_query_counts_a_record_at_the_clip_as_clipped_and_adds_to_the_clip():
    query = tff_compat.as_of("0.12.0").utils.build_dp_query(
        2.0, 0.0, 1.0, **ADAPTIVE, expected_num_clients=2
    )
    state = query.initial_global_state()
    params = query.derive_sample_params(state)
    sample = query.initial_sample_state(tf.zeros([]))
    for record in (1.0, 2.0):
        sample = query.accumulate_record(params, sample, tf.constant(record))
    result, state = query.get_noised_result(sample, state)[:2]
    assert float(result) == pytest.approx(3.0)
    # Half of the records were not clipped, 0.9 were to be: 2.0 - 0.5 * (0.5 - 0.9).
    assert float(state.numerator_state.l2_norm_clip) == pytest.approx(2.2)
    assert float(state.numerator_state.sum_state.l2_norm_clip) == pytest.approx(2.2)


def test_clipping_by_vector_divides_the_clip_by_the_size_of_the_vectors():
    class Model:
        class weights:
            trainable = (tf.Variable(tf.zeros([3])), tf.Variable(tf.zeros([])))

    for release, flag in (("0.10.0", "use_per_vector"), ("0.14.0", "per_vector_clipping")):
        build = tff_compat.as_of(release).utils.build_dp_query
        query = build(2.0, 1.0, 1.0, model=Model(), **{flag: True})
        assert isinstance(query, tfp.NestedQuery)
        states = [each.numerator_state for each in query.initial_global_state()]
        assert [float(each.l2_norm_clip) for each in states] == pytest.approx([3**0.5, 1.0])
        assert [float(each.stddev) for each in states] == pytest.approx([6**0.5, 2**0.5])


def test_0_18_warns_of_arguments_that_a_fixed_clip_ignores():
    build = tff_compat.as_of("0.18.0").utils.build_dp_query
    with pytest.warns(UserWarning, match="target_unclipped_quantile"):
        build(1.0, 1.0, 1.0, target_unclipped_quantile=0.5)


@pytest.fixture(scope="module")
def upgraded():
    """The helpers that the file of a program gets, by name."""
    from tff_compat.adapters import registry
    from tff_compat.declared.replacement import IMPORTS

    names: dict = {}
    for name in ("collections", "math", "np", "tf", "tff", "tfp"):
        exec(IMPORTS[name], names)
    for name in (
        "StatefulAggregation",
        "ClippedFractionQuery",
        "query_with_clip",
        "query_of_fraction",
        "additive_query",
        "private_aggregation",
    ):
        (source,) = (each.source for each in registry.helpers() if each.name == name)
        exec(source, names)
    return names


class _OfTwo:
    class weights:
        trainable = (tf.Variable(tf.zeros([3])), tf.Variable(0.0))


@pytest.mark.parametrize("options", [{}, {"model": _OfTwo()}], ids=["at once", "by vector"])
@pytest.mark.parametrize(
    ("release", "name", "clients"),
    [
        ("0.12.0", "additive_query", "expected_num_clients"),
        ("0.15.0", "query_of_fraction", "expected_num_clients"),
        ("0.16.1", "query_with_clip", "expected_num_clients"),
        ("0.17.0", "query_with_clip", "expected_clients_per_round"),
    ],
)
def test_upgraded_queries_adapt_their_clip_as_then(upgraded, release, name, clients, options):
    if options:
        options = {**options, "per_vector_clipping": True}
        if release == "0.12.0":
            options["use_per_vector"] = options.pop("per_vector_clipping")
    given = {**ADAPTIVE, clients: 2, **options}
    records = [(tf.constant([3.0, 0.0, 4.0]), 1.0), (tf.constant([0.1, 0.2, 0.0]), -0.5)]
    outcomes = []
    for build in (tff_compat.as_of(release).utils.build_dp_query, upgraded[name]):
        query = build(2.0, 0.0, 4.0, **given)
        state = query.initial_global_state()
        results = []
        for _ in range(2):
            params = query.derive_sample_params(state)
            sample = query.initial_sample_state(records[0])
            for record in records:
                sample = query.accumulate_record(params, sample, record)
            result, state = query.get_noised_result(sample, state)[:2]
            results += [each.numpy().tolist() for each in result]
        outcomes.append(results)
    assert outcomes[0][0] != outcomes[0][2]  # The clip adapted.
    for then, now in zip(*outcomes):
        assert now == pytest.approx(then)


def test_an_upgraded_query_wants_numbers(upgraded):
    for wrong in (("clip", 1.0, 2.0), (1.0, 1.0, 2.0, 0.1)):
        with pytest.raises(TypeError, match="numbers"):
            upgraded["query_with_clip"](*wrong)


def test_an_upgraded_aggregation_is_private_as_then(upgraded):
    query = tfp.NormalizedQuery(tfp.GaussianSumQuery(2.0, 0.0), 2.0)
    value_type = tff.types.tensorflow_to_type([("a", (tf.float32, [2])), ("b", tf.float32)])
    values = [{"a": [3.0, 0.0], "b": 4.0}, {"a": [0.0, 1.0], "b": 0.0}]
    aggregation, _ = upgraded["private_aggregation"](query)
    process = aggregation.create(value_type, tff.TensorType(tf.float32.as_numpy_dtype))
    result = process.next(process.initialize(), values, [1.0, 5.0]).result
    # The first record is clipped from 5 to 2.
    assert [each.tolist() for each in result.values()] == [
        pytest.approx([0.6, 0.5]),
        pytest.approx(0.8),
    ]
