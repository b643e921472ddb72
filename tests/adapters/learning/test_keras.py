"""from_keras_model and from_compiled_keras_model: forms, errors, metrics and numbers."""

from __future__ import annotations

import collections
import warnings

import attr
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
Named = collections.namedtuple("Named", ["x", "y"])


@attr.s
class Attrs:
    x = attr.ib()
    y = attr.ib()


class Subclassed(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.layer = tf.keras.layers.Dense(1, kernel_initializer="zeros")

    def call(self, x):
        return self.layer(x)


class SubclassedTwo(Subclassed):
    def call(self, x):
        output = self.layer(x)
        return [output, output + 4.0]


def learning(release: str):
    return tff_compat.as_of(release).learning


def one(**kwargs):
    kwargs = {"kernel_initializer": "zeros", **kwargs}
    return tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(4,), **kwargs)])


def two():
    inputs = tf.keras.Input((4,))
    outputs = [
        tf.keras.layers.Dense(1, kernel_initializer="ones", name="a")(inputs),
        tf.keras.layers.Dense(1, kernel_initializer="zeros", name="b")(inputs),
    ]
    return tf.keras.Model(inputs, outputs)


def compiled(model=None, loss="mse", **kwargs):
    model = model or one()
    model.compile(loss=loss, optimizer=tf.keras.optimizers.legacy.SGD(0.1), **kwargs)
    return model


def squared_error(y_true, y_pred):
    return tf.reduce_mean((y_true - y_pred) ** 2)


def loss_of(model, batch=BATCH):
    return float(model.forward_pass(tf.nest.map_structure(tf.constant, batch)).loss)


@pytest.fixture(autouse=True)
def _quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.mark.parametrize(
    ("release", "args", "kwargs"),
    [
        ("0.1", (BATCH, squared_error), {}),
        ("0.5", (BATCH, MSE(), []), {}),
        ("0.5", (), {"dummy_batch": BATCH, "loss": MSE(), "metrics": None, "optimizer": None}),
        ("0.6", (BATCH, MSE(), None, []), {}),
        ("0.12", (), {"loss": MSE(), "dummy_batch": BATCH}),
        ("0.13", (MSE(), SPEC), {}),
        ("0.13", (MSE(),), {"dummy_batch": BATCH}),
        ("0.14", (MSE(), SPEC, None, []), {}),
        ("0.17", (MSE(),), {"input_spec": SPEC}),
        ("0.20", (MSE(), SPEC), {}),
        ("0.52", (), {"loss": MSE(), "input_spec": SPEC}),
    ],
)
def test_forms(release, args, kwargs):
    model = learning(release).from_keras_model(one(), *args, **kwargs)
    assert isinstance(model, tff.learning.models.VariableModel)
    assert isinstance(model, learning(release).Model)
    assert not hasattr(model, "train_on_batch")
    assert loss_of(model) == 1.0


@pytest.mark.parametrize(
    ("release", "batch", "spec"),
    [
        ("0.1", Named(**BATCH), Named(X, Y)),
        ("0.9", Named(**BATCH), SPEC),
        ("0.12", Named(**BATCH), Named(X, Y)),
        ("0.9", dict(BATCH), SPEC),
        ("0.9", Attrs(**BATCH), SPEC),
        ("0.11", [BATCH["x"], BATCH["y"]], [X, Y]),
        ("0.11", (BATCH["x"], BATCH["y"]), (X, Y)),
        ("0.4", {"x": [[0.0] * 4], "y": [[1.0]]}, SPEC),
        ("0.12", [[[0.0] * 4], [[1.0]]], [X, Y]),
        ("0.9", collections.OrderedDict(x=tf.zeros([1, 4]), y=tf.zeros([1, 1])), SPEC),
        ("0.13", collections.OrderedDict(BATCH), SPEC),
    ],
)
def test_dummy_batches(release, batch, spec):
    model = learning(release).from_keras_model(one(), dummy_batch=batch, loss=MSE())
    assert type(model.input_spec) is type(spec)
    tf.nest.assert_same_structure(model.input_spec, spec)
    assert tf.nest.flatten(model.input_spec) == tf.nest.flatten(spec)


def test_dtypes_of_a_dummy_batch_are_those_of_tensorflow():
    batch = collections.OrderedDict(x=[[0.5]], y=collections.OrderedDict(i=[[1]], d=np.ones([3])))
    keras_model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(1,))])
    spec = learning("0.9").from_keras_model(keras_model, batch, MSE()).input_spec
    assert spec == collections.OrderedDict(
        x=tf.TensorSpec([None, 1], tf.float32),
        y=collections.OrderedDict(
            i=tf.TensorSpec([None, 1], tf.int32), d=tf.TensorSpec([None], tf.float64)
        ),
    )


@pytest.mark.parametrize(
    ("release", "given", "spec"),
    [
        ("0.14", (X, Y), (X, Y)),
        ("0.14", tff.types.tensorflow_to_type(SPEC), SPEC),
        ("0.19", tff.types.tensorflow_to_type((X, Y)), [X, Y]),
        ("0.16", (tff.types.tensorflow_to_type(X), Y), (X, Y)),
        ("0.17", {"x": X, "y": Y}, {"x": X, "y": Y}),
        ("0.19", [X, Y], [X, Y]),
    ],
)
def test_input_specs(release, given, spec):
    model = learning(release).from_keras_model(one(), MSE(), given)
    assert model.input_spec == spec


@pytest.mark.parametrize("release", ["0.6", "0.9", "0.12", "0.13", "0.16"])
def test_losses_by_output_name(release):
    data = {"input_spec": TWO_SPEC} if release in ("0.13", "0.16") else {"dummy_batch": TWO_BATCH}
    model = learning(release).from_keras_model(
        two(), loss={"b": MSE(), "a": MSE()}, loss_weights={"a": 2.0, "b": 1.0}, **data
    )
    # Output a is 4 and misses by 3, output b is 0 and misses by 1.
    assert loss_of(model, TWO_BATCH) == 2 * 9 + 1
    in_a_list = learning(release).from_keras_model(
        two(), loss=[MSE(), MSE()], loss_weights=[2.0, 1.0], **data
    )
    assert loss_of(in_a_list, TWO_BATCH) == 2 * 9 + 1


@pytest.mark.parametrize(
    "y",
    [
        [BATCH["y"], 4 * BATCH["y"]],
        (BATCH["y"], 4 * BATCH["y"]),
        collections.OrderedDict(b=4 * BATCH["y"], a=BATCH["y"]),
    ],
)
def test_labels_of_several_outputs(y):
    batch = collections.OrderedDict(x=BATCH["x"], y=y)
    model = learning("0.9").from_keras_model(two(), batch, [MSE(), MSE()])
    assert loss_of(model, batch) == 9 + 16


def test_functions_in_a_list_of_losses():
    model = learning("0.9").from_keras_model(two(), TWO_BATCH, [MSE(), squared_error])
    assert loss_of(model, TWO_BATCH) == 9 + 1


def test_several_inputs():
    inputs = [tf.keras.Input((2,), name="p"), tf.keras.Input((3,), name="q")]
    outputs = tf.keras.layers.Dense(1)(tf.keras.layers.concatenate(inputs))
    for x in ([np.ones([1, 2]), np.ones([1, 3])], {"p": np.ones([1, 2]), "q": np.ones([1, 3])}):
        batch = collections.OrderedDict(x=x, y=np.ones([1, 1]))
        model = learning("0.9").from_keras_model(tf.keras.Model(inputs, outputs), batch, MSE())
        assert np.isfinite(loss_of(model, batch))


def test_subclassed_keras_models():
    model = learning("0.4").from_keras_model(Subclassed(), BATCH, squared_error)
    assert len(model.trainable_variables) == 2
    assert loss_of(model) == 1.0
    model = learning("0.9").from_keras_model(SubclassedTwo(), TWO_BATCH, [MSE(), MSE()])
    assert loss_of(model, TWO_BATCH) == 1 + 9


@pytest.mark.parametrize(("release", "loss"), [("0.15", 9.0), ("0.16", 11.0), ("0.19", 11.0)])
def test_losses_of_layers_count_since_0_16(release, loss):
    keras_model = one(kernel_initializer="ones", kernel_regularizer=tf.keras.regularizers.l2(0.5))
    model = learning(release).from_keras_model(keras_model, MSE(), SPEC)
    assert loss_of(model) == loss
    # The metric never contains them.
    assert [float(v) for v in model.report_local_outputs()["loss"]] == [18.0, 2.0]


TIME = ["keras_training_time_client_sum_sec"]


@pytest.mark.parametrize(
    ("release", "names"),
    [
        ("0.1", ["mine", "loss"]),
        ("0.11", ["mine", "loss"]),
        ("0.12", ["mine", "loss", *TIME]),
        ("0.13", ["mine", "loss", *TIME]),
        ("0.14", ["mine", "loss"]),
        ("0.19", ["mine", "loss"]),
        ("0.20", ["mine", "loss", "num_examples", "num_batches"]),
        ("0.52", ["mine", "loss", "num_examples", "num_batches"]),
    ],
)
def test_names_and_order_of_metrics(release, names):
    data = {"input_spec": SPEC}
    if tff_compat.catalog.load().resolve(release).release < (0, 13):
        data = {"dummy_batch": BATCH}
    model = learning(release).from_keras_model(
        one(), loss=MSE(), metrics=[tf.keras.metrics.MeanAbsoluteError("mine")], **data
    )
    assert list(model.report_local_unfinalized_metrics()) == names
    assert list(model.metric_finalizers()) == names


class Largest(tf.keras.metrics.Metric):
    """A metric of a user's own, which `from_config` makes anew."""

    def __init__(self, factor=1.0, name="largest", dtype=None):
        super().__init__(name, dtype)
        self.factor = factor
        self.total = self.add_weight("total", initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.total.assign_add(tf.reduce_max(y_true))

    def result(self):
        return self.factor * self.total

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}


class NotConfigurable(Largest):
    def __init__(self, needed):
        super().__init__()

    def get_config(self):
        return {"name": self.name}


@pytest.mark.parametrize(
    ("release", "result", "container"),
    [
        ("0.9", "<largest=float32@SERVER,loss=float32@SERVER>", "AnonymousTuple"),
        ("0.14", "<largest=float32@SERVER,loss=float32@SERVER>", "OrderedDict"),
        ("0.15", "<largest=float32,loss=float32>@SERVER", "AnonymousTuple"),
        ("0.19", "<largest=float32,loss=float32>@SERVER", "OrderedDict"),
    ],
)
def test_federated_output_computation(release, result, container):
    data = {"dummy_batch": BATCH} if release == "0.9" else {"input_spec": SPEC}
    model = learning(release).from_keras_model(one(), loss=MSE(), metrics=[Largest(2.0)], **data)
    computation = model.federated_output_computation
    assert str(computation.type_signature) == (
        f"({{<largest=<float32>,loss=<float32,float32>>}}@CLIENTS -> {result})"
    )
    loss_of(model)
    outputs = model.report_local_outputs()
    reported = computation([outputs, outputs, outputs])
    assert type(reported).__name__ == container
    fields = reported if container == "OrderedDict" else reported._asdict()
    assert fields == {"largest": 6.0, "loss": 1.0}
    model.reset_metrics()
    assert float(model.report_local_outputs()["largest"][0]) == 0.0


def test_a_metric_that_cannot_be_made_anew():
    model = learning("0.9").from_keras_model(one(), BATCH, MSE(), metrics=[NotConfigurable(1)])
    with pytest.raises(TypeError, match="from_config"):
        model.federated_output_computation  # noqa: B018


def test_in_builders_of_today():
    def model_fn():
        return learning("0.9").from_keras_model(
            one(), BATCH, MSE(), metrics=[tf.keras.metrics.MeanAbsoluteError("mae")]
        )

    process = tff.learning.algorithms.build_weighted_fed_avg(
        model_fn, tff.learning.optimizers.build_sgdm(0.1)
    )
    data = tf.data.Dataset.from_tensors(BATCH).repeat(2)
    result = process.next(process.initialize(), [data, data])
    assert result.metrics["client_work"]["train"] == {"mae": 0.5, "loss": 0.5}


class TestOptimizers:
    def model(self, release="0.5", **kwargs):
        return learning(release).from_keras_model(
            one(),
            BATCH,
            MSE(),
            optimizer=tf.keras.optimizers.legacy.SGD(0.1, momentum=0.9),
            **kwargs,
        )

    def test_it_trains(self):
        model = self.model()
        assert isinstance(model, learning("0.5").TrainableModel)
        batch = tf.nest.map_structure(tf.constant, BATCH)
        assert float(model.train_on_batch(batch).loss) == 1.0
        assert float(model.trainable_variables[0][0, 0]) == pytest.approx(0.2)
        # The second step has momentum: -0.1 * 2 * (1 - 1) + 0.9 * 0.2.
        assert float(model.train_on_batch(batch).loss) == pytest.approx(0.0, abs=1e-6)
        assert float(model.trainable_variables[0][0, 0]) == pytest.approx(0.38)

    def test_the_optimizer_lives_in_local_variables(self):
        model = self.model()
        assert list(model.non_trainable_variables) == []
        # Two metrics variables of the loss, the iterations and two slots.
        assert len(model.local_variables) == 2 + 3

    @pytest.mark.parametrize("of_compiled", [False, True])
    def test_in_a_tensorflow_computation(self, of_compiled):
        @tff.tensorflow.computation(tff.SequenceType(tff.types.tensorflow_to_type(SPEC)))
        def train(dataset):
            if of_compiled:
                keras_model = one()
                keras_model.compile(
                    loss=squared_error,
                    optimizer=tf.keras.optimizers.legacy.SGD(0.1, momentum=0.9),
                    metrics=["mae"],
                )
                model = learning("0.9").from_compiled_keras_model(keras_model, BATCH)
            else:
                model = self.model(metrics=[tf.keras.metrics.MeanAbsoluteError("mae")])

            def step(count, batch):
                return count + model.train_on_batch(batch).num_examples

            count = dataset.reduce(0, step)
            with tf.control_dependencies([count]):
                return model.trainable_variables[0].read_value(), model.report_local_outputs()

        kernel, outputs = train(tf.data.Dataset.from_tensors(BATCH).repeat(2))
        np.testing.assert_allclose(kernel, np.full([4, 1], 0.38), rtol=1e-5)
        np.testing.assert_allclose(outputs["mae"], [2.0, 4.0], rtol=1e-5)

    def test_time_is_reported_in_0_12(self):
        model = self.model("0.12")
        model.train_on_batch(tf.nest.map_structure(tf.constant, BATCH))
        (seconds,) = model.report_local_outputs()["keras_training_time_client_sum_sec"]
        assert 0 <= float(seconds) < 60


class TestCompiled:
    def test_loss_metrics_and_optimizer_are_used(self):
        keras_model = compiled(metrics=["mae", "accuracy", tf.keras.metrics.MeanSquaredError()])
        model = learning("0.3").from_compiled_keras_model(keras_model, BATCH)
        assert isinstance(model, learning("0.3").TrainableModel)
        names = ["mae", "accuracy", "mean_squared_error", "loss"]
        assert list(model.report_local_outputs()) == names
        assert loss_of(model) == 1.0

    def test_several_losses(self):
        keras_model = compiled(two(), {"b": "mse", "a": MSE()}, loss_weights={"a": 2, "b": 1})
        model = learning("0.9").from_compiled_keras_model(keras_model, TWO_BATCH)
        assert loss_of(model, TWO_BATCH) == 2 * 9 + 1
        with pytest.raises(NotImplementedError, match="single loss"):
            learning("0.5").from_compiled_keras_model(keras_model, TWO_BATCH)

    def test_errors(self):
        with pytest.raises(ValueError, match="must be compiled"):
            learning("0.9").from_compiled_keras_model(one(), BATCH)
        with pytest.raises(TypeError, match="found int"):
            learning("0.9").from_compiled_keras_model(0, BATCH)


ERRORS = [
    ("0.1", TypeError, "found int", lambda v: v(0, BATCH, MSE())),
    ("0.1", ValueError, "must not be compiled", lambda v: v(compiled(), BATCH, MSE())),
    ("0.5", TypeError, "loss must be", lambda v: v(one(), BATCH, 3)),
    ("0.9", TypeError, "found 3 of type int", lambda v: v(one(), BATCH, 3)),
    ("0.9", TypeError, "loss must be a tf.keras", lambda v: v(one(), BATCH, squared_error)),
    ("0.9", ValueError, "equal number", lambda v: v(one(), BATCH, "mse")),
    ("0.9", ValueError, "2 losses", lambda v: v(one(), BATCH, [MSE(), MSE()])),
    ("0.9", ValueError, "1 losses", lambda v: v(two(), TWO_BATCH, {"a": MSE()})),
    ("0.9", KeyError, "Output missing", lambda v: v(two(), TWO_BATCH, {"a": MSE(), "c": MSE()})),
    ("0.9", TypeError, "loss_weights wants", lambda v: v(one(), BATCH, MSE(), [1.0])),
    ("0.9", TypeError, "loss_weights must", lambda v: v(two(), TWO_BATCH, [MSE()] * 2, 1.0)),
    ("0.9", ValueError, "equal number", lambda v: v(two(), TWO_BATCH, [MSE()] * 2, [1.0])),
    (
        "0.9",
        KeyError,
        "loss_weights",
        lambda v: v(two(), TWO_BATCH, [MSE()] * 2, {"a": 1.0, "c": 1.0}),
    ),
    ("0.9", TypeError, "metrics must", lambda v: v(one(), BATCH, MSE(), None, ["mae"])),
    ("0.11", TypeError, "OrderedDict", lambda v: v(one(), dict(BATCH), MSE())),
    ("0.12", NotImplementedError, "structure of x and y", lambda v: v(one(), BATCH["x"], MSE())),
    ("0.13", ValueError, "exactly one.*both", lambda v: v(one(), MSE(), SPEC, dummy_batch=BATCH)),
    ("0.13", ValueError, "exactly one.*neither", lambda v: v(one(), MSE())),
    ("0.13", ValueError, "exactly two", lambda v: v(one(), MSE(), [X])),
    ("0.13", ValueError, "exactly two", lambda v: v(one(), MSE(), dummy_batch=[BATCH["x"]])),
    ("0.13", ValueError, "must not be compiled", lambda v: v(compiled(), MSE(), SPEC)),
    ("0.14", TypeError, "input_spec", lambda v: v(one(), MSE())),
    ("0.14", ValueError, "as many losses as outputs", lambda v: v(two(), MSE(), TWO_SPEC)),
    ("0.16", TypeError, "loss must be", lambda v: v(one(), squared_error, SPEC)),
    ("0.16", KeyError, "Output missing", lambda v: v(two(), {"a": MSE(), "c": MSE()}, TWO_SPEC)),
    ("0.17", TypeError, "loss must be", lambda v: v(two(), {"a": MSE(), "b": MSE()}, TWO_SPEC)),
    ("0.17", TypeError, "found a list", lambda v: v(one(), [MSE()], SPEC)),
    ("0.17", TypeError, "must be a list", lambda v: v(two(), MSE(), TWO_SPEC)),
    ("0.17", ValueError, "`loss_weights` cannot", lambda v: v(one(), MSE(), SPEC, [1.0])),
    ("0.18", TypeError, "floats", lambda v: v(two(), [MSE()] * 2, TWO_SPEC, [1, 2])),
    ("0.18", ValueError, "key 'y'", lambda v: v(one(), MSE(), {"x": X, "z": Y})),
    ("0.18", TypeError, "leaf", lambda v: v(one(), MSE(), (tf.float32, tf.float32))),
    ("0.19", TypeError, "metrics must", lambda v: v(one(), MSE(), SPEC, metrics={})),
    ("0.19", TypeError, "metrics must", lambda v: v(one(), MSE(), SPEC, None, [lambda: None])),
    ("0.33", ValueError, "", lambda v: v(one(), MSE(), SPEC, [1.0])),
]


@pytest.mark.parametrize(("release", "error", "message", "call"), ERRORS)
def test_errors(release, error, message, call):
    with pytest.raises(error, match=message):
        call(learning(release).from_keras_model)


def test_the_installed_form_does_not_warn():
    view = learning("0.49").models
    assert view.from_keras_model is tff.learning.models.from_keras_model
    with warnings.catch_warnings():
        warnings.simplefilter("error", tff_compat.LegacyAPIWarning)
        view.from_keras_model(one(), MSE(), SPEC)
