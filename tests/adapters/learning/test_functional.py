"""FunctionalModel: each constructor form, its methods, and the builders of the installed TFF."""

from __future__ import annotations

import collections
import warnings

import numpy as np
import pytest

pytestmark = pytest.mark.tff

tf = pytest.importorskip("tensorflow")
tff = pytest.importorskip("tensorflow_federated")

import tff_compat  # noqa: E402

WEIGHTS = ((np.zeros([2, 1], np.float32), np.zeros([1], np.float32)), ())
SPEC = (tf.TensorSpec([None, 2], tf.float32), tf.TensorSpec([None, 1], tf.float32))
BATCH = (np.ones([2, 2], np.float32), np.ones([2, 1], np.float32))


@pytest.fixture(autouse=True)
def _quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def models(release: str):
    return tff_compat.as_of(release).learning.models


@tf.function
def predict_on_batch(model_weights, x, training):
    kernel, bias = model_weights[0]
    return tf.matmul(x, kernel) + bias


@tf.function
def forward_pass(model_weights, batch_input, training):
    x, y = (batch_input["x"], batch_input["y"]) if hasattr(batch_input, "keys") else batch_input
    predictions = predict_on_batch(model_weights, x, training)
    return tff.learning.models.BatchOutput(
        loss=tf.reduce_mean((predictions - y) ** 2),
        predictions=predictions,
        num_examples=tf.shape(predictions)[0],
    )


def loss_fn(output, label, sample_weight=None):
    return tf.reduce_mean((output - label) ** 2)


@tf.function
def initialize_metrics():
    return collections.OrderedDict(error=0.0, batches=0.0)


@tf.function
def update_by_labels(state, y_true, y_pred, sample_weight=None):
    error = state["error"] + tf.reduce_sum(tf.abs(y_true - y_pred))
    return collections.OrderedDict(error=error, batches=state["batches"] + 1.0)


@tf.function
def update_by_output(state, labels, batch_output, sample_weight=None):
    return update_by_labels(state, labels, batch_output.predictions)


@tf.function
def finalize_metrics(state):
    return collections.OrderedDict(error=state["error"] / state["batches"])


BY_LABELS = (initialize_metrics, update_by_labels, finalize_metrics)
BY_OUTPUT = (initialize_metrics, update_by_output, finalize_metrics)
KEYWORDS = {
    "initial_weights": WEIGHTS,
    "forward_pass_fn": forward_pass,
    "predict_on_batch_fn": predict_on_batch,
    "input_spec": SPEC,
}
FORMS = [
    ("0.20", (WEIGHTS, forward_pass, predict_on_batch, SPEC), {}, False),
    ("0.29", (), KEYWORDS, False),
    ("0.30", (), {**KEYWORDS, "metrics_fns": BY_LABELS}, True),
    ("0.43", (), {**KEYWORDS, "metrics_fns": BY_OUTPUT}, True),
    ("0.44", (), {**KEYWORDS, "metrics_fns": BY_OUTPUT}, True),
    ("0.50", (), KEYWORDS, False),
    ("0.52", (), {**KEYWORDS, "loss_fn": loss_fn, "metrics_fns": BY_OUTPUT}, True),
]


@pytest.mark.parametrize(("release", "args", "kwargs", "has_metrics"), FORMS)
def test_forms_train_with_the_installed_builder(release, args, kwargs, has_metrics):
    view = models(release)
    model = view.FunctionalModel(*args, **kwargs)
    assert isinstance(model, tff.learning.models.FunctionalModel)
    assert isinstance(model, view.FunctionalModel)
    assert model.input_spec is SPEC
    output = model.forward_pass(WEIGHTS, BATCH)
    assert (float(output.loss), int(output.num_examples)) == (1.0, 2)
    process = tff.learning.algorithms.build_weighted_fed_avg(
        model, tff.learning.optimizers.build_sgdm(0.1)
    )
    data = tf.data.Dataset.from_tensors(BATCH).repeat(2)
    result = process.next(process.initialize(), [data, data])
    weights = process.get_model_weights(result.state)
    np.testing.assert_allclose(weights.trainable[1], [0.2 + 0.2 * 0.4], rtol=1e-5)
    metrics = result.metrics["client_work"]["train"]
    if has_metrics:
        np.testing.assert_allclose(metrics["error"], (2 * 1.0 + 2 * 0.4) / 2, rtol=1e-5)
    else:
        assert metrics == {}


def test_a_named_batch_reaches_forward_pass_by_name():
    spec = collections.OrderedDict(x=SPEC[0], y=SPEC[1])
    model = models("0.33").FunctionalModel(**{**KEYWORDS, "input_spec": spec})
    process = tff.learning.algorithms.build_fed_eval(model)
    data = tf.data.Dataset.from_tensors(collections.OrderedDict(x=BATCH[0], y=BATCH[1]))
    process.next(process.initialize(), [data])


def test_metrics_methods_of_0_30():
    model = models("0.30").FunctionalModel(**KEYWORDS, metrics_fns=BY_LABELS)
    state = model.update_metrics_state(
        model.initialize_metrics_state(), y_true=tf.ones([2]), y_pred=tf.zeros([2])
    )
    state = model.update_metrics_state(state, tf.ones([2]), tf.ones([2]))
    assert float(model.finalize_metrics(state)["error"]) == 1.0


def test_loss_of_0_51():
    model = models("0.51").FunctionalModel(**KEYWORDS, loss_fn=loss_fn)
    assert float(model.loss(tf.zeros([2, 1]), tf.ones([2, 1]))) == 1.0


def test_without_a_loss_function_the_loss_is_that_of_the_last_prediction():
    model = models("0.50").FunctionalModel(**KEYWORDS)
    with pytest.raises(NotImplementedError, match="loss_fn"):
        model.loss(tf.zeros([2, 1]), tf.ones([2, 1]))
    output = model.predict_on_batch(WEIGHTS, tf.constant(BATCH[0]))
    assert float(model.loss(output, 3.0 * tf.ones([2, 1]))) == 9.0


@pytest.mark.parametrize("release", ["0.20", "0.30", "0.51"])
def test_errors(release):
    view = models(release)
    kwargs = {**KEYWORDS, "loss_fn": loss_fn} if release == "0.51" else KEYWORDS
    name = "CallableMustBeTFFunctionError" if release == "0.20" else "CallableNotTensorFlow"
    for argument in ("forward_pass_fn", "predict_on_batch_fn"):
        with pytest.raises(TypeError, match=f"{argument}.*tf.function") as raised:
            view.FunctionalModel(**{**kwargs, argument: lambda w, b, t: None})
        assert raised.type.__name__.startswith(name)
    with pytest.raises(TypeError):
        view.FunctionalModel(**{**kwargs, "initial_weights": ((tf.zeros([2, 1]),), ())})
    if release != "0.20":
        with pytest.raises(TypeError, match="positional"):
            view.FunctionalModel(WEIGHTS, forward_pass, predict_on_batch, SPEC)
    if release == "0.51":
        with pytest.raises(TypeError, match="loss_fn"):
            view.FunctionalModel(**KEYWORDS)


def test_the_constructor_of_0_53_is_the_installed_one():
    assert models("0.53").FunctionalModel is tff.learning.models.FunctionalModel


def test_the_warning():
    view = models("0.20")
    with pytest.warns(tff_compat.LegacyAPIWarning) as caught:
        view.FunctionalModel(WEIGHTS, forward_pass, predict_on_batch, SPEC)
    assert caught[0].filename == __file__
    # The class that the file gets stands in the place of the name.
    assert caught[0].message.replacement == "FunctionalModelOfForwardPass"


def keras_model():
    layer = tf.keras.layers.Dense(1, input_shape=(2,), kernel_initializer="zeros")
    return tf.keras.Sequential([layer])


@pytest.mark.parametrize("release", ["0.20", "0.33", "0.48", "0.52"])
def test_functional_model_from_keras(release):
    view = models(release)
    metrics = ()
    if release != "0.20":
        metrics = (lambda: collections.OrderedDict(mae=tf.keras.metrics.MeanAbsoluteError()),)
    loss = tf.keras.losses.MeanSquaredError()
    with warnings.catch_warnings():
        warnings.simplefilter("error", tff_compat.LegacyAPIWarning)
        model = view.functional_model_from_keras(keras_model(), loss, SPEC, *metrics)
    assert isinstance(model, view.FunctionalModel)
    with tf.Graph().as_default():
        output = model.forward_pass(model.initial_weights, tuple(map(tf.constant, BATCH)))
        with tf.compat.v1.Session() as session:
            assert session.run([output.loss, output.num_examples]) == [1.0, 2]
    process = tff.learning.algorithms.build_weighted_fed_avg(
        model, tff.learning.optimizers.build_sgdm(0.1)
    )
    result = process.next(process.initialize(), [tf.data.Dataset.from_tensors(BATCH)])
    assert result.metrics["client_work"]["train"] == ({"mae": 1.0} if metrics else {})


def test_a_function_as_loss_of_a_keras_model():
    def squared_error(y_true, y_pred):
        return tf.reduce_mean((y_true - y_pred) ** 2)

    model = models("0.33").functional_model_from_keras(keras_model(), squared_error, SPEC)
    assert float(model.loss(tf.zeros([1, 1]), tf.ones([1, 1]))) == 1.0


def test_model_from_functional():
    view = models("0.20")
    functional = view.FunctionalModel(WEIGHTS, forward_pass, predict_on_batch, SPEC)
    model = view.model_from_functional(functional)
    assert list(model.metric_finalizers()) == ["loss"]
    model = view.model_from_functional(functional, [tf.keras.metrics.MeanAbsoluteError])
    output = model.forward_pass(tuple(map(tf.constant, BATCH)))
    assert float(output.loss) == 1.0
    assert list(model.metric_finalizers()) == ["loss", "mean_absolute_error"]
