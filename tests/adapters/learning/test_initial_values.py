"""Helpers let Keras draw what it drew on the real releases, as their references say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_federated as tff
from tff_compat.adapters import registry

pytestmark = pytest.mark.tff

_REFERENCES = Path(__file__).parents[2] / "references"


def _helper(name: str) -> Any:
    """The function as a program gets it, with what its imports bind."""
    (source,) = (each.source for each in registry.helpers() if each.name == name)
    names: dict[str, Any] = {"tf": tf, "tff": tff}
    exec(source, names)
    return names[name]


def test_operations_with_a_seed_begin_anew_with_each_call():
    drawn_anew = _helper("drawn_anew")
    initializer = tf.compat.v1.initializers.glorot_uniform(seed=11)

    @tff.tensorflow.computation
    def draw():
        numbers = drawn_anew(lambda: tf.random.uniform([], maxval=1000, dtype=tf.int32, seed=2))
        return drawn_anew(lambda: tf.random.uniform([2], seed=7)), numbers

    @tff.tensorflow.computation
    def in_a_loop():
        return drawn_anew(
            lambda: tf.map_fn(
                lambda i: tf.random.uniform([], seed=3),
                tf.range(3),
                fn_output_signature=tf.float32,
                parallel_iterations=1,
            )
        )

    @tff.tensorflow.computation
    def initial_values():
        return drawn_anew(lambda: initializer([2, 2]))

    for then in _reference("0.12.0/seeded_operations")["rounds"]:
        uniform, numbers = draw()
        np.testing.assert_allclose(uniform, then["drawn"]["uniform"], rtol=1e-5)
        assert numbers == then["drawn"]["numbers"]
        np.testing.assert_allclose(in_a_loop(), then["loop"], rtol=1e-5)
        np.testing.assert_allclose(initial_values(), then["initial values"], rtol=1e-5)


def test_what_is_drawn_anew_has_the_shape_of_what_it_is_drawn_for():
    drawn_anew = _helper("drawn_anew")

    @tff.tensorflow.computation(tff.TensorType(np.float32, [None]))
    def noisy(values):
        drawn = drawn_anew(lambda: tf.random.uniform(tf.shape(values), seed=1))
        return values + drawn + drawn_anew(lambda: tf.random.shuffle(values, seed=1))

    assert [each.shape for each in (noisy([1.0]), noisy([1.0, 2.0]))] == [(1,), (2,)]
    np.testing.assert_array_equal(noisy([1.0, 2.0]), noisy([1.0, 2.0]))


def _reference(name: str) -> Any:
    return json.loads((_REFERENCES / f"{name}.json").read_text("utf-8"))["output"]


def test_initializers_with_a_seed_draw_on():
    eager = _helper("drawing_on")(tf.keras.initializers.GlorotUniform, seed=5)
    drawn = [eager([2, 2]).numpy() for _ in range(2)]
    then = _reference("0.34.0/initial_values")["seeded outside"]
    np.testing.assert_allclose(drawn, then, rtol=1e-5)


@pytest.fixture
def seeding(monkeypatch):
    """The helper, which changes Keras for the rest of a program."""
    from keras.src import backend

    monkeypatch.setattr(backend.RandomGenerator, "_maybe_init", backend.RandomGenerator._maybe_init)
    yield _helper("seeding")
    tf.random.set_seed(None)


def test_initial_values_follow_the_seed_of_tensorflow(seeding):
    seeding(tf.random.set_seed)(7)
    eager = tf.keras.initializers.GlorotUniform()
    drawn = [eager([2, 2]).numpy() for _ in range(2)]
    then = _reference("0.34.0/initial_values")["after set_seed"]
    np.testing.assert_allclose(drawn, then, rtol=1e-5)


def test_layers_without_a_seed_are_drawn_anew(seeding):
    @tff.tensorflow.computation
    def initial_weights():
        model = tf.keras.Sequential([tf.keras.layers.Dense(2, input_shape=(2,))])
        return tf.convert_to_tensor(model.trainable_variables[0])

    assert not np.allclose(initial_weights(), initial_weights())


def test_the_model_for_mnist_begins_and_predicts_as_then():
    initializers = [tf.compat.v1.keras.initializers.RandomNormal(seed=i) for i in range(4)]
    model = _helper("mnist_model")(initializers, compile_model=True)
    then = _reference("0.20.0/mnist_models")
    first = [w.numpy().ravel()[:3] for w in model.trainable_variables]
    np.testing.assert_allclose(first, then["eager"], rtol=1e-5)
    predicted = model.predict(np.ones([2, 784], np.float32), verbose=0)
    np.testing.assert_allclose(predicted, then["predicted"], rtol=1e-5, atol=1e-5)
    assert [type(layer).__name__ for layer in model.layers] == then["layers"]
