"""Reconstruction models of programs, and what the builders of reconstruction refuse."""

from __future__ import annotations

import collections
import warnings

import pytest

pytestmark = pytest.mark.tff

tf = pytest.importorskip("tensorflow")
tff = pytest.importorskip("tensorflow_federated")

import tff_compat  # noqa: E402


def learning(release: str):
    return tff_compat.as_of(release).learning


@pytest.fixture(autouse=True)
def _quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", tff_compat.LegacyAPIWarning)
        yield


def keras_model():
    return tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(1,))])


SPEC = (tf.TensorSpec([None, 1]), tf.TensorSpec([None, 1]))


def model_fn():
    model = keras_model()
    return tff.learning.models.ReconstructionModel.from_keras_model_and_layers(
        model, global_layers=model.layers, local_layers=[], input_spec=SPEC
    )


def stateful_broadcast():
    initialize = tff.federated_computation(lambda: tff.federated_value(1.0, tff.SERVER))

    @tff.federated_computation(initialize.type_signature.result, initialize.type_signature.result)
    def next_fn(state, value):
        return tff.templates.MeasuredProcessOutput(state, tff.federated_broadcast(value), state)

    return tff.templates.MeasuredProcess(initialize, next_fn)


def test_models_are_those_of_today():
    assert learning("0.33").reconstruction.Model is tff.learning.models.ReconstructionModel


def test_batch_outputs_have_the_form_of_their_time():
    with pytest.raises(TypeError):
        iter(learning("0.52").reconstruction.BatchOutput(1, 2, 3))
    assert tuple(learning("0.53").reconstruction.BatchOutput(1, 2, 3)) == (1, 2, 3)
    assert learning("0.56").reconstruction.ClientOutput(1, 2, 3)._asdict()["client_weight"] == 2


@pytest.mark.parametrize("release", ["0.20", "0.56"])
def test_a_keras_model_is_needed(release):
    with pytest.raises(TypeError, match=r"tf\.keras\.Model"):
        learning(release).reconstruction.from_keras_model(
            None, global_layers=[], local_layers=[], input_spec=SPEC
        )


def test_each_layer_is_global_or_local():
    with pytest.raises(ValueError, match="variables"):
        learning("0.56").reconstruction.from_keras_model(
            keras_model(), global_layers=[], local_layers=[], input_spec=SPEC
        )


def test_evaluation_keeps_no_state():
    with pytest.raises(TypeError, match="without state"):
        learning("0.56").reconstruction.build_federated_evaluation(
            model_fn,
            loss_fn=tf.keras.losses.MeanSquaredError,
            broadcast_process=stateful_broadcast(),
        )


def test_an_unweighted_aggregation_has_uniform_weights():
    with pytest.raises(ValueError, match="UNIFORM"):
        learning("0.56").reconstruction.build_training_process(
            model_fn,
            loss_fn=tf.keras.losses.MeanSquaredError,
            aggregation_factory=tff.aggregators.UnweightedMeanFactory(),
        )


@pytest.mark.parametrize("release", ["0.57", "0.60"])
def test_the_class_of_a_release_makes_and_knows_models(release):
    base = learning(release).models.ReconstructionModel
    model = keras_model()
    made = base.from_keras_model(
        model, global_layers=model.layers, local_layers=[], input_spec=SPEC
    )
    assert isinstance(made, base)
    assert hasattr(base, "DatasetSplitFn") == (release == "0.57")

    class Incomplete(base):
        pass

    assert issubclass(Incomplete, tff.learning.models.ReconstructionModel)
    with pytest.raises(TypeError):
        Incomplete()


def test_personalization_checks_its_arguments():
    build = learning("0.40").build_personalization_eval
    strategies = collections.OrderedDict()
    with pytest.raises(TypeError, match="OrderedDict"):
        build(model_fn, {}, lambda model, data: {})
    with pytest.raises(ValueError, match="positive"):
        build(model_fn, strategies, lambda model, data: {}, 0)
    with pytest.raises(TypeError, match="context_tff_type"):
        build(model_fn, strategies, lambda model, data: {}, context_tff_type=int)
