"""Computations with operations that draw from a seed: where they run, and what is told."""

from __future__ import annotations

import warnings

import pytest
import tff_compat

pytestmark = [
    pytest.mark.tff,
    pytest.mark.filterwarnings("ignore::tff_compat.LegacyAPIWarning"),
]

tf = pytest.importorskip("tensorflow")
pytest.importorskip("tensorflow_federated")

from tff_compat.adapters.framework import own_process, seeds  # noqa: E402


@tf.function
def drawn():
    return tf.random.uniform([], seed=3)


@pytest.mark.parametrize(
    ("function", "inside", "outside"),
    [
        (lambda: tf.random.uniform([]), False, False),
        (lambda: tf.random.stateless_uniform([], seed=[1, 2]), False, False),
        (
            lambda: tf.data.Dataset.range(9).shuffle(3, seed=4).reduce(0.0, lambda s, _: s),
            False,
            False,
        ),
        (lambda: tf.random.uniform([], seed=3), True, True),
        (drawn, True, True),
        (
            lambda: tf.map_fn(lambda _: drawn(), tf.range(2), fn_output_signature=tf.float32),
            True,
            True,
        ),
        (lambda: tf.data.Dataset.range(9).reduce(0.0, lambda s, _: s + drawn()), True, False),
    ],
    ids=["none", "stateless", "shuffled", "plain", "function", "loop", "data_set"],
)
def test_operations_that_draw_from_a_seed_are_found(function, inside, outside):
    graph = tf.function(function).get_concrete_function().graph.as_graph_def()
    assert seeds.are_in(graph) == inside
    assert seeds.are_outside_data_sets(graph) == outside


def test_initial_values_are_told_by_their_names():
    with tf.Graph().as_default() as graph:
        initializer = tf.compat.v1.glorot_uniform_initializer(seed=1)
        tf.compat.v1.get_variable("kernel", [2, 2], initializer=initializer)
    assert seeds.are_outside_data_sets(graph.as_graph_def())
    assert not seeds.are_outside_data_sets(graph.as_graph_def(), initial_values=False)


@pytest.fixture
def untold():
    own_process._tell.cache_clear()


def noisy_at_clients(tff, member):
    def noise(value):
        return tf.random.uniform([], seed=2)

    noisy = tff.tf_computation(noise, member)

    @tff.federated_computation(tff.FederatedType(member, tff.CLIENTS))
    def at_clients(values):
        return tff.federated_map(noisy, values)

    return at_clients


@pytest.mark.parametrize("release", ["0.13.1", "0.40"])
def test_what_the_runtime_leaves_open_is_told_once_on_the_line_of_the_program(untold, release):
    at_clients = noisy_at_clients(tff_compat.as_of(release), tf.float32)
    with pytest.warns(UserWarning, match=rf"{release}.* went on at each client") as found:
        at_clients([1.0, 2.0])
        at_clients([1.0, 2.0])
    assert [each.filename for each in found] == [__file__]


def test_a_computation_of_data_sets_that_would_begin_anew_is_told(untold):
    tff = tff_compat.as_of("0.12")
    at_clients = noisy_at_clients(tff, tff.SequenceType(tf.float32))
    with pytest.warns(UserWarning, match="began anew with each call"):
        at_clients([[1.0], [2.0]])


@pytest.mark.parametrize("release", ["0.12", "0.41"])
def test_nothing_is_told_where_values_are_those_of_then(untold, release):
    at_clients = noisy_at_clients(tff_compat.as_of(release), tf.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        warnings.simplefilter("ignore", tff_compat.LegacyAPIWarning)
        at_clients([1.0, 2.0])
