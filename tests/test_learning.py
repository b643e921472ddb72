"""tff_compat.learning.from_keras_model: every form without a release, never a guess."""

from __future__ import annotations

import collections
import warnings

import numpy as np
import pytest

pytestmark = pytest.mark.tff

tf = pytest.importorskip("tensorflow")
tff = pytest.importorskip("tensorflow_federated")

import tff_compat  # noqa: E402

MSE = tf.keras.losses.MeanSquaredError
X = tf.TensorSpec([None, 4], tf.float32)
Y = tf.TensorSpec([None, 1], tf.float32)
SPEC = collections.OrderedDict(x=X, y=Y)
BATCH = collections.OrderedDict(x=np.ones([2, 4], np.float32), y=np.ones([2, 1], np.float32))
TWO_SPEC = collections.OrderedDict(x=X, y=[Y, Y])
TWO_BATCH = collections.OrderedDict(x=BATCH["x"], y=[BATCH["y"], BATCH["y"]])
METRICS = [tf.keras.metrics.MeanAbsoluteError("mae")]
SGD = tf.keras.optimizers.legacy.SGD


def one():
    layer = tf.keras.layers.Dense(1, input_shape=(4,), kernel_initializer="zeros")
    return tf.keras.Sequential([layer])


def two():
    inputs = tf.keras.Input((4,))
    outputs = [tf.keras.layers.Dense(1, name=name)(inputs) for name in ("a", "b")]
    return tf.keras.Model(inputs, outputs)


def squared_error(y_true, y_pred):
    return tf.reduce_mean((y_true - y_pred) ** 2)


def from_keras_model(*args, **kwargs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", tff_compat.LegacyAPIWarning)
        return tff_compat.learning.from_keras_model(*args, **kwargs)


@pytest.mark.parametrize(
    ("args", "kwargs", "metrics"),
    [
        ((BATCH, squared_error), {}, ["loss"]),
        ((dict(BATCH), MSE()), {}, ["loss"]),
        (([BATCH["x"], BATCH["y"]], MSE()), {}, ["loss"]),
        ((BATCH, MSE(), METRICS), {}, ["mae", "loss"]),
        ((BATCH, MSE(), None, METRICS), {}, ["mae", "loss"]),
        ((BATCH, MSE()), {"metrics": METRICS}, ["mae", "loss"]),
        ((), {"dummy_batch": dict(BATCH), "loss": MSE()}, ["loss"]),
        ((MSE(), SPEC), {}, ["loss", "num_examples", "num_batches"]),
        ((MSE(), (X, Y)), {}, ["loss", "num_examples", "num_batches"]),
        (
            (MSE(), tff.types.tensorflow_to_type(SPEC)),
            {},
            ["loss", "num_examples", "num_batches"],
        ),
        (
            (MSE(), SPEC, None, [tf.keras.metrics.MeanAbsoluteError]),
            {},
            ["mean_absolute_error", "loss", "num_examples", "num_batches"],
        ),
    ],
)
def test_the_arguments_decide(args, kwargs, metrics):
    model = (
        from_keras_model(one(), *args, **kwargs)
        if args
        else from_keras_model(keras_model=one(), **kwargs)
    )
    assert isinstance(model, tff.learning.models.VariableModel)
    batch = tf.nest.map_structure(tf.constant, BATCH)
    if not isinstance(model.input_spec, dict):
        batch = list(batch.values())
    assert float(model.forward_pass(batch).loss) == 1.0
    assert list(model.metric_finalizers()) == metrics


def test_several_outputs():
    weights = {"a": 2.0, "b": 1.0}
    losses = {"b": MSE(), "a": MSE()}
    for model in (
        from_keras_model(two(), TWO_BATCH, losses, weights),
        from_keras_model(two(), losses, TWO_SPEC, weights),
        from_keras_model(two(), [MSE(), MSE()], TWO_SPEC, [2.0, 1.0]),
        from_keras_model(two(), TWO_BATCH, [MSE(), MSE()], [2.0, 1.0], METRICS),
        from_keras_model(two(), [MSE(), MSE()], dummy_batch=TWO_BATCH),
    ):
        assert len(model.trainable_variables) == 4


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        ((BATCH, MSE(), None, SGD(0.1)), {}),
        ((BATCH, MSE(), METRICS, SGD(0.1)), {}),
        ((BATCH, MSE(), None, METRICS, SGD(0.1)), {}),
        ((BATCH, MSE()), {"optimizer": SGD(0.1)}),
    ],
)
def test_an_optimizer_makes_a_trainable_model(args, kwargs):
    assert hasattr(from_keras_model(one(), *args, **kwargs), "train_on_batch")


def test_a_call_with_two_meanings_is_an_error_that_names_both():
    with pytest.raises(TypeError) as raised:
        from_keras_model(one(), BATCH, MSE(), [])
    message = str(raised.value)
    assert "TFF 0.1 to 0.5" in message and "metrics: list" in message
    assert "TFF 0.6 to 0.12" in message and "loss_weights: list" in message
    from_keras_model(one(), BATCH, MSE(), metrics=[])


@pytest.mark.parametrize(
    ("error", "message", "args", "kwargs"),
    [
        (TypeError, "fits no form", (3, 4), {}),
        (TypeError, "fits no form", (BATCH, SPEC), {}),
        (TypeError, "fits no form", (BATCH, MSE()), {"learning_rate": 0.1}),
        (TypeError, "fits no form", (), {}),
        (ValueError, "exactly one.*neither", (MSE(),), {}),
        (ValueError, "exactly one.*both", (MSE(), SPEC), {"dummy_batch": BATCH}),
        (TypeError, "single", (BATCH, MSE(), [1.0]), {}),
        (TypeError, "fits no form", (MSE(), SPEC, 0.5), {}),
    ],
)
def test_errors(error, message, args, kwargs):
    with pytest.raises(error, match=message):
        from_keras_model(one(), *args, **kwargs)


def test_not_a_keras_model():
    with pytest.raises(TypeError, match="found int"):
        from_keras_model(0, BATCH, MSE())


def test_it_warns_at_the_place_of_the_call():
    keras_model = one()
    with pytest.warns(tff_compat.LegacyAPIWarning) as caught:
        tff_compat.learning.from_keras_model(keras_model, BATCH, squared_error)
    assert caught[0].filename == __file__
    assert "tff.learning.from_keras_model as used here was last in" in str(caught[0].message)
