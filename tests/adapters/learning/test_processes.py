"""Legacy training and evaluation: what replaces a call says everything that the call said."""

from __future__ import annotations

import collections
import warnings

import pytest

pytestmark = pytest.mark.tff

np = pytest.importorskip("numpy")
tf = pytest.importorskip("tensorflow")
tff = pytest.importorskip("tensorflow_federated")

import tff_compat  # noqa: E402

SPEC = collections.OrderedDict(
    x=tf.TensorSpec([None, 2], tf.float32), y=tf.TensorSpec([None, 1], tf.float32)
)
UNIFORM = tff.learning.ClientWeighting.UNIFORM


def client_data(num_examples, offset):
    x = ((np.arange(num_examples * 2) * 3 + offset) % 7).astype(np.float32).reshape([-1, 2]) / 7.0
    y = x[:, :1] - 2.0 * x[:, 1:] + 0.5
    return tf.data.Dataset.from_tensor_slices(collections.OrderedDict(x=x, y=y)).batch(2)


DATA = [client_data(3, 0), client_data(1, 2), client_data(4, 5)]


def made_by(from_keras_model):
    keras_model = tf.keras.Sequential(
        [tf.keras.layers.Dense(1, kernel_initializer="zeros", input_shape=(2,))]
    )
    return from_keras_model(
        keras_model,
        loss=tf.keras.losses.MeanSquaredError(),
        input_spec=SPEC,
        metrics=[tf.keras.metrics.MeanAbsoluteError("mae")],
    )


def model_fn():
    return made_by(tff.learning.models.from_keras_model)


def sgd():
    return tf.keras.optimizers.SGD(0.1)


def broadcast():
    weights = tff.learning.models.weights_type_from_model(model_fn)
    return tff.learning.templates.build_broadcast_process(weights)


def private_factory():
    return tff.aggregators.DifferentiallyPrivateFactory.gaussian_fixed(0.0, 3.0, 0.1)


SGD = "tff.learning.optimizers.build_sgdm(learning_rate=0.1)"
DISTRIBUTOR = (
    "model_distributor=(lambda process: tff.learning.templates.DistributionProcess("
    "process.initialize, process.next))(broadcast())"
)
LOOP = "loop_implementation=tff.learning.LoopImplementation.DATASET_ITERATOR"

FORMS = {
    "broadcast process, own weighting of a weighted factory": (
        "0.20",
        "build_federated_averaging_process(model_fn, sgd, sgd, client_weighting=UNIFORM, "
        "broadcast_process=broadcast(), "
        "model_update_aggregation_factory=tff.aggregators.MeanFactory())",
        f"build_weighted_fed_avg(model_fn, client_optimizer_fn={SGD}, server_optimizer_fn={SGD}, "
        f"client_weighting=UNIFORM, {DISTRIBUTOR}, model_aggregator=tff.aggregators.MeanFactory())",
    ),
    "unweighted factory, loop": (
        "0.19",
        "build_federated_averaging_process(model_fn, sgd, sgd, "
        "model_update_aggregation_factory=private_factory(), "
        "use_experimental_simulation_loop=True)",
        f"build_unweighted_fed_avg(model_fn, client_optimizer_fn={SGD}, "
        f"server_optimizer_fn={SGD}, model_aggregator=private_factory(), {LOOP})",
    ),
    "gradient descent": (
        "0.19",
        "build_federated_sgd_process(model_fn, sgd, broadcast_process=broadcast(), "
        "use_experimental_simulation_loop=True)",
        f"build_fed_sgd(model_fn, server_optimizer_fn={SGD}, {DISTRIBUTOR}, {LOOP})",
    ),
    "stateful function": (
        "0.13",
        "build_federated_averaging_process(model_fn, sgd, sgd, "
        "stateful_delta_aggregate_fn=private)",
        f"build_unweighted_fed_avg(model_fn, client_optimizer_fn={SGD}, "
        f"server_optimizer_fn={SGD}, model_aggregator=private)",
    ),
}


def called_in_file(tmp_path, release, call, names):
    """What a call gives that warns once."""
    legacy = tff_compat.as_of(release)
    path = tmp_path / "program.py"
    path.write_text(f"built = legacy.learning.{call}\n", encoding="utf-8")
    names = {
        **names,
        "legacy": legacy,
        "model_fn": lambda: made_by(legacy.learning.from_keras_model),
    }
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        exec(compile(path.read_text("utf-8"), str(path), "exec"), names)
    symbol = call.partition("(")[0]
    (_,) = [
        each.message
        for each in caught
        if isinstance(each.message, tff_compat.LegacyAPIWarning)
        and each.message.symbol.endswith(symbol)
    ]
    return names["built"]


def trained(process):
    state = process.initialize()
    for _ in range(2):
        state, _ = process.next(state, DATA)
    return state.model.trainable


def trained_now(process):
    state = process.initialize()
    for _ in range(2):
        state = process.next(state, DATA).state
    return process.get_model_weights(state).trainable


def private_function():
    """The aggregation of `private_factory`, as it was made in 0.13."""
    utils = tff_compat.as_of("0.13").utils
    return utils.build_dp_aggregate(utils.build_dp_query(0.1, 0.0, 3.0))[0]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", FORMS)
def test_replacement_trains_the_same(name, tmp_path):
    release, call, expected = FORMS[name]
    names = {**globals(), "private": private_function()}
    process = called_in_file(tmp_path, release, call, names)
    replacement = "tff.learning.algorithms." + expected
    # As the note and the warning of `build_dp_aggregate` say.
    names["private"] = private_factory()
    for one, other in zip(trained(process), trained_now(eval(replacement, names))):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


@pytest.mark.filterwarnings("ignore")
def test_replacement_evaluates_the_same(tmp_path):
    call = (
        "build_federated_evaluation(model_fn, broadcast(), None, "
        "use_experimental_simulation_loop=True)"
    )
    legacy = called_in_file(tmp_path, "0.20", call, globals())
    evaluator = eval(
        f"tff.learning.algorithms.build_fed_eval(model_fn, {DISTRIBUTOR}, {LOOP})", globals()
    )
    weights = tff.learning.models.ModelWeights.from_model(model_fn())
    state = evaluator.set_model_weights(evaluator.initialize(), weights)
    metrics = evaluator.next(state, DATA).metrics
    now = metrics["client_work"]["eval"]["current_round_metrics"]
    before = legacy(weights, DATA)["eval"]
    for name in ("mae", "loss"):
        np.testing.assert_allclose(before[name], now[name], rtol=1e-6)
