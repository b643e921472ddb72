"""Keras as it was in the TensorFlow of a release, and its classes outside of graphs."""

from __future__ import annotations

import collections

import numpy as np
import pytest
from packaging.version import Version

pytestmark = pytest.mark.tff

tf = pytest.importorskip("tensorflow")
pytest.importorskip("tensorflow_federated")

import tff_compat  # noqa: E402
from tff_compat import tensorflow_names  # noqa: E402
from tff_compat.deprecation import LegacyAPIError  # noqa: E402

X = np.ones([2, 3, 2], np.float32)


@pytest.fixture(autouse=True)
def _put_back():
    yield
    tensorflow_names.restore()


def gru(**kwargs):
    return tf.keras.Sequential([tf.keras.layers.GRU(2, input_shape=(3, 2), **kwargs)])


def wrapped(model, release):
    learning = tff_compat.as_of(release).learning
    batch = collections.OrderedDict(x=X, y=np.ones([2, 2], np.float32))
    loss = tf.keras.losses.MeanSquaredError()
    if release == "0.12":
        return learning.from_keras_model(model, batch, loss)
    spec = tf.nest.map_structure(lambda value: tf.TensorSpec([None, *value.shape[1:]]), batch)
    return learning.from_keras_model(model, loss, spec)


def test_models_outlive_graphs_and_what_fails_in_them():
    tff_compat.as_of("0.12")
    model = gru()
    expected = model.predict(X, verbose=0)
    with pytest.raises(KeyError), tf.Graph().as_default():
        gru()
        with tf.Graph().as_default():
            gru()
        with pytest.raises(ValueError, match="invalid state"):
            # Until the last graph is left, Keras's classes are those for graphs.
            model.predict(X)
        raise KeyError
    np.testing.assert_array_equal(model.predict(X, verbose=0), expected)
    assert len(model.get_weights()) == 3


@pytest.mark.parametrize("cell", ["SimpleRNNCell", "GRUCell", "LSTMCell"])
def test_cells_keep_no_copies_before_2_2(cell):
    layer = getattr(tf.keras.layers, cell)(2)
    tensorflow_names.apply(Version("2.1.4"))
    with tf.Graph().as_default():
        made = type(layer).from_config(layer.get_config())
        made.build((None, 2))
        assert all(variable._cached_value is None for variable in made.trainable_weights)


def test_a_layer_that_gets_no_gradient_is_an_error_where_it_got_one():
    model = gru()
    with tf.Graph().as_default():
        cloned = tf.keras.models.clone_model(model)
        with pytest.raises(LegacyAPIError, match="Gradients do not exist for 'gru.*0.12.0 trained"):
            wrapped(cloned, "0.12")
        # As of this release it got none either.
        assert wrapped(cloned, "0.17") is not None


@pytest.mark.parametrize(
    ("tensorflow", "seed", "same"),
    [("2.5.3", None, False), ("2.5.3", 3, True), ("2.9.1", 3, False), ("2.10.1", None, True)],
)
def test_initializers_draw_as_they_did(tensorflow, seed, same):
    tensorflow_names.apply(Version(tensorflow))
    initializer = tf.keras.initializers.GlorotUniform(seed=seed)
    first, second = initializer([3, 3]), initializer([3, 3])
    assert np.allclose(first, second) == same
    tensorflow_names.restore()
    initializer = tf.keras.initializers.GlorotUniform()
    assert np.allclose(initializer([3, 3]), initializer([3, 3]))


@pytest.mark.parametrize(("tensorflow", "seeds"), [("2.5.3", [3, 3]), ("2.8.0", [3, 4])])
def test_layers_take_the_seeds_that_they_took(tensorflow, seeds):
    tensorflow_names.apply(Version(tensorflow))
    layer = tf.keras.layers.Dropout(0.5, seed=3)
    with tf.Graph().as_default() as graph:
        layer(tf.ones([2]), training=True)
        layer(tf.ones([2]), training=True)
    nodes = graph.as_graph_def().node
    assert [node.attr["seed2"].i for node in nodes if node.op == "RandomUniform"] == seeds


def test_layers_of_1_x():
    from tensorflow.keras.layers import GRU

    tensorflow_names.apply(Version("1.15.5"))
    made = tf.keras.layers.GRU(2)
    made.build((None, 3, 2))
    assert [tuple(weight.shape) for weight in made.weights] == [(2, 6), (2, 6), (6,)]
    tensorflow_names.restore()
    assert tf.keras.layers.GRU is GRU


@pytest.mark.filterwarnings("ignore::tff_compat.LegacyAPIWarning")
def test_python_functions_in_what_aggregates_are_told():
    tff = tff_compat.as_of("0.18")
    add = tff.tf_computation(
        lambda a, b: a + tf.reshape(tf.numpy_function(np.abs, [b], tf.float32), []),
        tf.float32,
        tf.float32,
    )
    merge = tff.tf_computation(lambda a, b: a + b, tf.float32, tf.float32)
    report = tff.tf_computation(lambda a: a, tf.float32)

    @tff.federated_computation(tff.FederatedType(tf.float32, tff.CLIENTS))
    def aggregated(values):
        return tff.federated_aggregate(values, 0.0, add, merge, report)

    assert float(add(1.0, -2.0)) == 3.0
    with pytest.raises(LegacyAPIError, match="`federated_aggregate` cannot call.*federated_map"):
        aggregated([1.0, 2.0])
