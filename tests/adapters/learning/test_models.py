"""The model interfaces that programs subclass: what is abstract when, and what TFF accepts."""

from __future__ import annotations

import collections
import warnings

import pytest

pytestmark = pytest.mark.tff

tf = pytest.importorskip("tensorflow")
tff = pytest.importorskip("tensorflow_federated")

import tff_compat  # noqa: E402

OLD = {
    "federated_output_computation",
    "forward_pass",
    "input_spec",
    "local_variables",
    "non_trainable_variables",
    "report_local_outputs",
    "trainable_variables",
}
NEW = {
    "forward_pass",
    "input_spec",
    "local_variables",
    "metric_finalizers",
    "non_trainable_variables",
    "predict_on_batch",
    "report_local_unfinalized_metrics",
    "reset_metrics",
    "trainable_variables",
}


def learning(release: str):
    return tff_compat.as_of(release).learning


@pytest.fixture(autouse=True)
def _quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", tff_compat.LegacyAPIWarning)
        yield


@pytest.mark.parametrize(
    ("release", "name", "abstract"),
    [
        ("0.1", "Model", OLD),
        ("0.19", "Model", OLD),
        ("0.13.0", "TrainableModel", OLD | {"train_on_batch"}),
        ("0.20", "Model", (OLD | NEW) - {"reset_metrics"}),
        ("0.21", "Model", NEW),
        ("0.52", "Model", NEW),
        ("0.87", "models.VariableModel", NEW),
    ],
)
def test_abstract_members(release, name, abstract):
    found = learning(release)
    for part in name.split("."):
        found = getattr(found, part)
    assert set(found.__abstractmethods__) == abstract


def linear_model_class(base):
    class Linear(base):
        def __init__(self):
            self.weights = tf.Variable(tf.zeros([2, 1]), name="weights", trainable=True)
            self.num_batches = tf.Variable(0.0, name="num_batches", trainable=False)

        @property
        def trainable_variables(self):
            return [self.weights]

        @property
        def non_trainable_variables(self):
            return []

        @property
        def local_variables(self):
            return [self.num_batches]

        @property
        def input_spec(self):
            return collections.OrderedDict(
                x=tf.TensorSpec([None, 2], tf.float32), y=tf.TensorSpec([None, 1], tf.float32)
            )

        @tf.function
        def forward_pass(self, batch_input, training=True):
            predictions = tf.matmul(batch_input["x"], self.weights)
            self.num_batches.assign_add(1.0)
            return tff.learning.models.BatchOutput(
                loss=tf.reduce_mean((predictions - batch_input["y"]) ** 2),
                predictions=predictions,
                num_examples=tf.shape(predictions)[0],
            )

        @tf.function
        def report_local_outputs(self):
            return collections.OrderedDict(num_batches=self.num_batches)

        @property
        def federated_output_computation(self):
            outputs_type = tff.types.tensorflow_to_type(
                collections.OrderedDict(num_batches=tf.TensorSpec([], tf.float32))
            )

            @tff.federated_computation(tff.FederatedType(outputs_type, tff.CLIENTS))
            def aggregate(outputs):
                return collections.OrderedDict(mean=tff.federated_mean(outputs.num_batches))

            return aggregate

    return Linear


def test_a_program_without_a_member_gets_the_type_error_of_its_time():
    class Incomplete(learning("0.9").Model):
        pass

    with pytest.raises(TypeError, match="abstract.*report_local_outputs"):
        Incomplete()


def test_a_model_is_a_model_as_of_every_release():
    model = linear_model_class(learning("0.9").Model)()
    assert isinstance(model, tff.learning.models.VariableModel)
    for release in ("0.1", "0.9", "0.19", "0.20", "0.33"):
        assert isinstance(model, learning(release).Model)
    assert not isinstance(model, learning("0.9").TrainableModel)
    assert not isinstance(object(), learning("0.9").Model)
    assert not isinstance(object(), tff.learning.models.VariableModel)


def test_a_model_of_2019_in_a_builder_of_today():
    from tff_compat.adapters.learning import models

    linear = linear_model_class(learning("0.9").Model)
    process = tff.learning.algorithms.build_weighted_fed_avg(
        lambda: linear(),
        tff.learning.optimizers.build_sgdm(0.1),
        metrics_aggregator=models.aggregate_as_declared,
    )
    data = tf.data.Dataset.from_tensor_slices(
        collections.OrderedDict(x=tf.ones([4, 2]), y=tf.ones([4, 1]))
    ).batch(2)
    result = process.next(process.initialize(), [data, data.take(1)])
    assert result.metrics["client_work"]["train"] == {"mean": 1.5}


def test_finalizers_of_a_model_of_2019_say_what_to_do():
    model = linear_model_class(learning("0.9").Model)()
    finalizers = model.metric_finalizers()
    assert list(finalizers) == ["num_batches"]
    with pytest.raises(NotImplementedError, match="metrics_aggregator"):
        finalizers["num_batches"](tf.constant(1.0))


def test_reset_metrics_sets_local_variables_to_zero():
    model = linear_model_class(learning("0.9").Model)()
    model.num_batches.assign(3.0)
    model.reset_metrics()
    assert model.num_batches.numpy() == 0.0


def test_the_warning_points_at_the_class_statement():
    base = learning("0.9").Model
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")

        class Mine(base):
            pass

        class Derived(Mine):
            pass

    (warning,) = caught
    assert warning.category is tff_compat.LegacyAPIWarning
    assert warning.filename == __file__
    assert warning.message.release == "0.19.0"
    assert "VariableModel" in str(warning.message)


def test_batch_output_of_two():
    output = learning("0.4").BatchOutput(loss=1.0, predictions=tf.ones([3, 1]))
    loss, _ = output
    assert (loss, int(output.num_examples)) == (1.0, 3)
    packed = tf.nest.map_structure(tf.identity, output)
    assert type(packed) is type(output)


def test_batch_output_of_three_is_the_installed_one():
    assert learning("0.9").BatchOutput is tff.learning.models.BatchOutput
    assert learning("0.52").BatchOutput is tff.learning.models.BatchOutput
