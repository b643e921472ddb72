"""Learning algorithms: each historical form, its results, its warning, and what replaces it."""

from __future__ import annotations

import collections
import re
import warnings

import attr
import numpy as np
import pytest

pytestmark = pytest.mark.tff

tf = pytest.importorskip("tensorflow")
tff = pytest.importorskip("tensorflow_federated")

import tff_compat  # noqa: E402

SPEC = collections.OrderedDict(
    x=tf.TensorSpec([None, 2], tf.float32), y=tf.TensorSpec([None, 1], tf.float32)
)
LEGACY = tf.keras.optimizers.legacy
ITERATOR = tff.learning.LoopImplementation.DATASET_ITERATOR
UNIFORM = tff.learning.ClientWeighting.UNIFORM


def client_data(num_examples, offset):
    x = ((np.arange(num_examples * 2) * 3 + offset) % 7).astype(np.float32).reshape([-1, 2]) / 7.0
    y = x[:, :1] - 2.0 * x[:, 1:] + 0.5
    return tf.data.Dataset.from_tensor_slices(collections.OrderedDict(x=x, y=y)).batch(2)


DATA = [client_data(3, 0), client_data(1, 2), client_data(4, 5)]


def model_fn():
    keras_model = tf.keras.Sequential(
        [tf.keras.layers.Dense(1, kernel_initializer="zeros", input_shape=(2,))]
    )
    return tff.learning.models.from_keras_model(
        keras_model, loss=tf.keras.losses.MeanSquaredError(), input_spec=SPEC
    )


def keras_sgd(learning_rate=0.1, **options):
    return lambda: tf.keras.optimizers.SGD(learning_rate, **options)


def tff_sgd(learning_rate=0.1, momentum=None):
    return tff.learning.optimizers.build_sgdm(learning_rate, momentum)


@pytest.fixture(autouse=True)
def _quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def algorithms(release):
    return tff_compat.as_of(release).learning.algorithms


def trained(process, rounds=2):
    state = process.initialize()
    for _ in range(rounds):
        state = process.next(state, DATA).state
    return process.get_model_weights(state).trainable


def assert_trains_as(process, modern):
    for one, other in zip(trained(process), trained(modern)):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def finalizer_of(process):
    return re.search(r"finalizer=(<[^@]*>)>@SERVER", str(process.initialize.type_signature))[1]


def warned(build):
    """What a call returns, and the replacements that its warnings give."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        built = build()
    found = [w.message for w in caught if isinstance(w.message, tff_compat.LegacyAPIWarning)]
    return built, [warning.replacement for warning in found]


@pytest.mark.parametrize(
    ("release", "expected"),
    [
        # TF below 2.11: legacy Keras; then new Keras, which always has slots; then TFF's own.
        ("0.20", "<int64>"),
        ("0.33", "<int64>"),
        ("0.48", "<int64,float32[2,1],float32[1]>"),
        ("0.66", "<int64,float32[2,1],float32[1]>"),
        ("0.67", "<learning_rate=float32>"),
        ("0.86", "<learning_rate=float32>"),
    ],
)
def test_default_server_optimizer(release, expected):
    process = algorithms(release).build_weighted_fed_avg(model_fn, keras_sgd())
    assert finalizer_of(process) == expected


def test_keras_optimizers_on_both_sides_carry_their_state():
    process = algorithms("0.33").build_weighted_fed_avg(
        model_fn,
        client_optimizer_fn=lambda: tf.keras.optimizers.SGD(lr=0.1, momentum=0.5),
        server_optimizer_fn=lambda: tf.keras.optimizers.SGD(lr=1.0, momentum=0.9),
    )
    modern = tff.learning.algorithms.build_weighted_fed_avg(
        model_fn, tff_sgd(0.1, 0.5), tff_sgd(1.0, 0.9)
    )
    assert_trains_as(process, modern)
    state = process.next(process.initialize(), DATA).state
    assert int(state.finalizer[0]) == 1
    assert np.any(np.asarray(state.finalizer[1]) != 0.0)


@pytest.mark.parametrize("release", ["0.20", "0.33", "0.48", "0.49"])
def test_results_are_attrs_classes_up_to_0_49(release):
    process = algorithms(release).build_unweighted_fed_avg(model_fn, keras_sgd())
    output = process.next(process.initialize(), DATA)
    with pytest.raises(TypeError):
        state, metrics = output
    evolved = attr.evolve(output.state, client_work=())
    assert evolved.client_work == ()
    assert type(process.next(evolved, DATA).state) is type(output.state)


@pytest.mark.parametrize("release", ["0.50", "0.86"])
def test_results_are_named_tuples_from_0_50_on(release):
    process = algorithms(release).build_unweighted_fed_avg(model_fn, keras_sgd())
    state, metrics = process.next(process.initialize(), DATA)
    assert state._fields[0] == "global_model_weights"
    assert metrics["client_work"]["train"]["num_examples"] == 8


@pytest.mark.parametrize(
    ("release", "expected"), [("0.33", "finalizer=<>"), ("0.40", "finalizer=<update_non_finite")]
)
def test_metrics_of_the_finalizer(release, expected):
    process = algorithms(release).build_unweighted_fed_avg(model_fn, keras_sgd())
    assert expected in str(process.next.type_signature).partition("metrics=")[2]


def test_process_is_a_real_one_and_nests():
    process = algorithms("0.33").build_unweighted_fed_avg(model_fn, keras_sgd())
    assert isinstance(process, tff.learning.templates.LearningProcess)
    data_type = process.next.type_signature.parameter[1]

    @tff.federated_computation(data_type)
    def one_round(data):
        return process.next(process.initialize(), data).metrics

    assert one_round(DATA)["client_work"]["train"]["num_examples"] == 8


def test_all_positional_in_0_20():
    build, weighting = algorithms("0.20").build_weighted_fed_avg, UNIFORM
    process, replacements = warned(lambda: build(model_fn, tff_sgd(), tff_sgd(1.0), weighting))
    modern = tff.learning.algorithms.build_weighted_fed_avg(
        model_fn, tff_sgd(), tff_sgd(1.0), client_weighting=UNIFORM
    )
    assert_trains_as(process, modern)
    assert len(replacements) == 1
    with pytest.raises(TypeError):
        algorithms("0.21").build_weighted_fed_avg(model_fn, tff_sgd(), tff_sgd(1.0), UNIFORM)


FORMS = {
    "Keras on clients": (
        "0.86",
        "build_weighted_fed_avg(model_fn, client_optimizer_fn=keras_sgd())",
        "build_weighted_fed_avg(model_fn, "
        "client_optimizer_fn=tff.learning.optimizers.build_sgdm(learning_rate=0.1))",
    ),
    "Keras on both sides": (
        "0.52",
        "build_unweighted_fed_avg(model_fn, keras_sgd(), keras_sgd(1.0, momentum=0.9))",
        "build_unweighted_fed_avg(model_fn, "
        "client_optimizer_fn=tff.learning.optimizers.build_sgdm(learning_rate=0.1), "
        "server_optimizer_fn="
        "tff.learning.optimizers.build_sgdm(learning_rate=1.0, momentum=0.9))",
    ),
    "loop": (
        "0.84",
        "build_unweighted_fed_avg(model_fn, tff_sgd(), use_experimental_simulation_loop=True)",
        "build_unweighted_fed_avg(model_fn, client_optimizer_fn=tff_sgd(), "
        "loop_implementation=tff.learning.LoopImplementation.DATASET_ITERATOR)",
    ),
    "FedProx": (
        "0.48",
        "build_weighted_fed_prox(model_fn, 0.5, keras_sgd(), client_weighting=UNIFORM)",
        "build_weighted_fed_prox(model_fn, proximal_strength=0.5, "
        "client_optimizer_fn=tff.learning.optimizers.build_sgdm(learning_rate=0.1), "
        "client_weighting=UNIFORM)",
    ),
    "unweighted FedProx": (
        "0.86",
        "build_unweighted_fed_prox(model_fn, 0.5, keras_sgd())",
        "build_unweighted_fed_prox(model_fn, proximal_strength=0.5, "
        "client_optimizer_fn=tff.learning.optimizers.build_sgdm(learning_rate=0.1))",
    ),
    "FedSGD": (
        "0.27",
        "build_fed_sgd(model_fn, lambda: LEGACY.Adam(0.1))",
        "build_fed_sgd(model_fn, server_optimizer_fn=tff.learning.optimizers.build_adam("
        "learning_rate=0.1, beta_1=0.9, beta_2=0.999, epsilon=1e-07))",
    ),
    "Mime Lite of 0.20": (
        "0.20",
        "build_unweighted_mime_lite(model_fn, optimizer=tff_sgd(0.1, 0.9))",
        "build_unweighted_mime_lite(model_fn, base_optimizer=tff_sgd(0.1, 0.9))",
    ),
    "weighted Mime Lite": (
        "0.84",
        "build_weighted_mime_lite(model_fn, tff_sgd(0.1, 0.9), "
        "use_experimental_simulation_loop=True)",
        "build_weighted_mime_lite(model_fn, base_optimizer=tff_sgd(0.1, 0.9), "
        "loop_implementation=tff.learning.LoopImplementation.DATASET_ITERATOR)",
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_replacement_trains_the_same(name):
    release, call, expected = FORMS[name]
    names = {**globals()}
    path = "tff.learning.algorithms."
    process, replacements = warned(lambda: call_in_file(call, release, names))
    assert len(replacements) == 1
    assert_trains_as(process, eval(path + expected, names))


@pytest.fixture(autouse=True)
def _files(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "FOLDER", tmp_path)


def call_in_file(call, release, names):
    path = FOLDER / "program.py"  # noqa: F821
    path.write_text(f"built = algorithms.{call}\n", encoding="utf-8")
    names = {**names, "algorithms": algorithms(release)}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), names)
    return names["built"]


@pytest.mark.parametrize("release", ["0.21", "0.33", "0.49", "0.66", "0.84", "0.86"])
def test_no_warning_where_nothing_needs_to_change(release):
    build = algorithms(release).build_weighted_fed_avg
    _, replacements = warned(lambda: build(model_fn, tff_sgd(), client_weighting=UNIFORM))
    assert replacements == []


def test_schedule():
    def rate(round_num):
        return 0.2 / tf.cast(round_num + 1, tf.float32)

    process = algorithms("0.33").build_weighted_fed_avg_with_optimizer_schedule(
        model_fn, rate, lambda lr: tf.keras.optimizers.SGD(lr)
    )
    modern = tff.learning.algorithms.build_weighted_fed_avg_with_optimizer_schedule(
        model_fn, rate, tff.learning.optimizers.build_sgdm
    )
    assert_trains_as(process, modern)


def mean_squared_error(output, label, sample_weight=None):
    return tf.reduce_mean((output - label) ** 2)


def functional_model():
    @tf.function
    def predict(weights, x, training):
        return tf.matmul(x, weights[0][0])

    return tff.learning.models.FunctionalModel(
        initial_weights=([np.zeros([2, 1], np.float32)], []),
        predict_on_batch_fn=predict,
        loss_fn=tf.function(mean_squared_error),
        input_spec=(SPEC["x"], SPEC["y"]),
    )


def test_functional_model_under_its_own_name_from_0_21_to_0_33():
    build = algorithms("0.33").build_weighted_fed_avg
    model = functional_model()
    process, replacements = warned(lambda: build(None, tff_sgd(), model=model))
    assert "float32[2,1]" in str(process.initialize.type_signature)
    assert len(replacements) == 1
    with pytest.raises(ValueError, match="not both"):
        build(model_fn, tff_sgd(), model=model)
    with pytest.raises(TypeError, match="must be a tff.learning.optimizers.Optimizer"):
        build(None, keras_sgd(), model=model)


def test_metrics_aggregator_of_two_arguments():
    """Up to 0.68 aggregators were called with the type of the unfinalized metrics too."""
    types = []

    def aggregator(metric_finalizers, local_unfinalized_metrics_type):
        types.append(local_unfinalized_metrics_type)
        return tff.learning.metrics.sum_then_finalize(metric_finalizers)

    process = algorithms("0.48").build_weighted_fed_avg(
        model_fn, keras_sgd(), metrics_aggregator=aggregator
    )
    assert "num_examples" in str(types[0])
    assert process.next(process.initialize(), DATA).metrics["client_work"]["train"]["loss"] > 0.0


def test_evaluation_with_the_loop():
    process, replacements = warned(
        lambda: algorithms("0.48").build_fed_eval(model_fn, use_experimental_simulation_loop=True)
    )
    assert len(replacements) == 1
    output = process.next(process.initialize(), DATA)
    loss = output.metrics["client_work"]["eval"]["current_round_metrics"]["loss"]
    assert loss > 0.0


def test_what_is_no_function_that_makes_an_optimizer():
    build = algorithms("0.48").build_weighted_fed_avg
    for wrong in (LEGACY.SGD(0.1), "sgd", 0.1):
        with pytest.raises(TypeError):
            build(model_fn, wrong)
