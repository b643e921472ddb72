"""What `tff.learning.framework` and its neighbours refuse, and what they advise."""

from __future__ import annotations

import asyncio
import collections
import sys
import warnings

import attr
import numpy as np
import pytest

pytestmark = pytest.mark.tff

tf = pytest.importorskip("tensorflow")
tff = pytest.importorskip("tensorflow_federated")

import tff_compat  # noqa: E402
from tff_compat.adapters.aggregators import entropy_coding  # noqa: E402


def learning(release: str):
    return tff_compat.as_of(release).learning


def advice(function) -> list[tuple[str, str]]:
    """The symbols and replacements of the warnings that a call gives."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        function()
    return [
        (each.message.symbol, each.message.replacement)
        for each in caught
        if isinstance(each.message, tff_compat.LegacyAPIWarning)
    ]


@pytest.fixture
def _quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", tff_compat.LegacyAPIWarning)
        yield


def model_fn():
    keras_model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,))])
    return tff.learning.models.from_keras_model(
        keras_model,
        loss=tf.keras.losses.MeanSquaredError(),
        input_spec=(tf.TensorSpec([None, 2]), tf.TensorSpec([None, 1])),
    )


@pytest.mark.parametrize("release", ["0.1", "0.14", "0.38"])
def test_a_client_delta_has_variables_and_is_called(release, _quiet):
    base = learning(release).framework.ClientDeltaFn
    assert base.__abstractmethods__ == {"variables", "__call__"}

    class Silent(base):
        variables = ()

    with pytest.raises(TypeError):
        Silent()


def test_a_subclass_of_client_delta_is_told_what_there_is_now():
    base = learning("0.16.1").framework.ClientDeltaFn

    def subclass():
        class Mine(base):
            pass

    assert advice(subclass) == [("tff.learning.framework.ClientDeltaFn", "ClientDeltaFn")]


def test_client_outputs_have_the_form_of_their_time():
    early = learning("0.9").framework.ClientOutput(1, 2, 3, 4)
    assert early._asdict()["model_output"] == 3
    late = learning("0.13.1").framework.ClientOutput
    with pytest.raises(TypeError):
        late(1, 2, 3)
    assert attr.asdict(learning("0.52").framework.ClientOutput(1, 2, 3)) == {
        "weights_delta": 1,
        "weights_delta_weight": 2,
        "model_output": 3,
        "optimizer_output": None,
    }


@pytest.mark.parametrize(
    "arguments", [(None, lambda fn: None), (model_fn, None)], ids=["model_fn", "client_delta"]
)
def test_the_process_of_client_deltas_checks_its_arguments(arguments, _quiet):
    build = learning("0.13.1").framework.build_model_delta_optimizer_process
    with pytest.raises(TypeError):
        build(*arguments, lambda: tf.keras.optimizers.SGD(1.0))


def test_two_ways_to_aggregate_exclude_each_other(_quiet):
    view = tff_compat.as_of("0.16.1")
    mean = view.utils.StatefulAggregateFn(lambda: (), lambda state, value, weight: (state, value))
    measured = view.learning.framework.build_stateless_mean(
        model_delta_type=view.to_type([tf.float32])
    )
    with pytest.raises(ValueError, match="only one way") as raised:
        view.learning.framework.build_model_delta_optimizer_process(
            model_fn,
            lambda fn: None,
            lambda: tf.keras.optimizers.SGD(1.0),
            stateful_delta_aggregate_fn=mean,
            aggregation_process=measured,
        )
    assert type(raised.value).__name__ == "DisjointArgumentError"


def test_a_stateless_broadcaster_warns_once():
    build = learning("0.13.1").framework.build_stateless_broadcaster
    symbol = "tff.learning.framework.build_stateless_broadcaster"
    assert advice(lambda: build()) == [(symbol, "stateless_broadcaster")]


def test_encoders_must_fit(_quiet):
    framework = learning("0.16.1").framework
    with pytest.raises(TypeError, match="GatherEncoder"):
        framework.build_encoded_sum_from_model(model_fn, lambda value: object())
    with pytest.raises(TypeError, match="encoder_fn"):
        framework.build_encoded_broadcast_from_model(model_fn, None)
    with pytest.raises(TypeError, match="model_fn"):
        framework.build_encoded_mean_process_from_model(None, lambda value: object())


@pytest.mark.parametrize("release", ["0.13.1", "0.16.1"])
def test_installed_weights_are_weights_as_of_a_release(release, _quiet):
    weights = tff.learning.models.ModelWeights([1.0], [])
    assert isinstance(weights, learning(release).ModelWeights)
    assert isinstance(learning(release).ModelWeights([1.0], []), tff.learning.models.ModelWeights)
    with pytest.raises(TypeError):
        learning(release).ModelWeights.from_tff_result(weights)


def test_aggregators_are_legacy_only_with_what_is_gone():
    new = learning("0.22").robust_aggregator
    assert advice(lambda: new(zeroing=False)) == []
    (told,) = advice(lambda: new(add_debug_measurements=True))
    assert "tff.learning.add_debug_measurements if (True) else None" in told[1]
    (told,) = advice(lambda: learning("0.18").robust_aggregator(False))
    assert told[1] == "tff.learning.robust_aggregator(zeroing=False)"


def test_a_learning_process_of_0_20_sets_no_weights(_quiet):
    process = tff.learning.algorithms.build_weighted_fed_avg(
        model_fn,
        tff.learning.optimizers.build_sgdm(0.1),
        tff.learning.optimizers.build_sgdm(1.0),
    )
    made = learning("0.20").templates.LearningProcess(
        process.initialize, process.next, process.get_model_weights
    )
    assert isinstance(process, learning("0.20").templates.LearningProcess)
    assert isinstance(made, tff.learning.templates.LearningProcess)
    with pytest.raises(AttributeError, match="0.21"):
        made.set_model_weights  # noqa: B018


@pytest.mark.parametrize(
    ("numbers", "length"),
    # As tensorflow_compression.run_length_gamma_encode had it.
    [
        ([], 0),
        ([0], 1),
        ([0] * 20, 2),
        ([1, 0, 0, 0], 1),
        ([64, 0, 0, 0], 3),
        ([1, 0, -3, 0, 0, 4], 3),
        ([8], 2),
        ([1, 1, 0, -8], 3),
        ([100, *[0] * 18, 1], 4),
    ],
)
def test_codes_are_as_long_as_they_were(numbers, length):
    value = tf.constant(numbers, tf.int32)
    assert int(entropy_coding.bits_of_run_length_gamma_code(value)) == 8 * length


def test_coded_sums_take_integers_and_discretized_ones_floats():
    with pytest.raises(ValueError, match="int32"):
        entropy_coding.CodedSumFactory().create(tff.TensorType(np.float32))
    with pytest.raises(TypeError, match="float"):
        entropy_coding.DiscretizedSumFactory(0.5, as_one=True).create(tff.TensorType(np.int32))


def test_without_jax_its_process_says_so(monkeypatch, _quiet):
    monkeypatch.setitem(sys.modules, "jax.experimental", None)
    view = tff_compat.as_of("0.24")
    model_type = tff.to_type(collections.OrderedDict(weight=tff.TensorType(np.float32)))
    with pytest.raises(ImportError, match="needs JAX"):
        view.experimental.learning.build_jax_federated_averaging_process(
            model_type, model_type, lambda model, batch: 0.0, 0.1
        )


def test_tuning_names_the_factories_of_today():
    tune = learning("0.58").programs.train_model_with_vizier
    given = {
        name: None
        for name in (
            "update_hparams train_model_program_logic train_process train_data_source total_rounds "
            "num_clients program_state_manager_factory model_output_manager "
            "evaluation_manager_factory evaluation_periodicity study"
        ).split()
    }
    coroutine = tune(total_trials=0, **given)

    def run():
        # It stops where it asks the study for its trials.
        with pytest.raises(AttributeError, match="trials"):
            asyncio.run(coroutine)

    (told,) = advice(run)
    assert "train_process_factory=lambda trial: " in told[1]
    assert "model_output_manager_factory=lambda trial: " in told[1]
