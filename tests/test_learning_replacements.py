"""What `tff-compat check` writes instead of the builders and models of `tff.learning`."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.version import Version
from tff_compat import coverage
from tff_compat.source import documents, findings, resolving

PRELUDE = """\
import collections
import tensorflow as tf
import tensorflow_federated as tff

UNIFORM = tff.learning.ClientWeighting.UNIFORM

def sgd():
    return tf.keras.optimizers.SGD(0.1)

def squared_error(y_true, y_pred):
    return tf.reduce_mean((y_true - y_pred) ** 2)

def model_fn():
    return made

"""
SGD = "tff.learning.optimizers.build_sgdm(learning_rate=0.1)"
A = "tff.learning.algorithms"
DISTRIBUTOR = "model_distributor=distribution_of_process(broadcast())"
LOOP = "loop_implementation=tff.learning.LoopImplementation.DATASET_ITERATOR"


def finding(release: str, statement: str) -> findings.Finding:
    """The first finding for a statement that comes after the prelude."""
    text = f"{PRELUDE}{statement}\n"
    document = documents.document(Path("program.py"), text.encode())
    resolver = resolving.Resolver(Version(release), [Path(".")])
    resolver.document(document, {})
    finder = findings.Finder(document, resolver.result, Version(release), coverage.PRIMARY)
    first = len(PRELUDE.splitlines())
    return next(each for each in finder.findings() if each.line > first)


WRITTEN = {
    "a weighting, a broadcast process and a factory": (
        "0.20",
        "tff.learning.build_federated_averaging_process(model_fn, sgd, sgd, "
        "client_weighting=UNIFORM, broadcast_process=broadcast(), "
        "model_update_aggregation_factory=tff.aggregators.MeanFactory())",
        f"build_federated_averaging(model_fn, client_optimizer_fn={SGD}, "
        f"server_optimizer_fn={SGD}, client_weighting=UNIFORM, {DISTRIBUTOR}, "
        "model_aggregator=tff.aggregators.MeanFactory())",
    ),
    "the loop": (
        "0.19",
        "tff.learning.build_federated_averaging_process(model_fn, sgd, "
        "use_experimental_simulation_loop=True)",
        f"{A}.build_weighted_fed_avg(model_fn, client_optimizer_fn={SGD}, {LOOP})",
    ),
    "gradient descent": (
        "0.19",
        "tff.learning.build_federated_sgd_process(model_fn, sgd, broadcast_process=broadcast())",
        f"{A}.build_fed_sgd(model_fn, server_optimizer_fn={SGD}, {DISTRIBUTOR})",
    ),
    "evaluation": (
        "0.20",
        "tff.learning.build_federated_evaluation(model_fn, broadcast(), None, "
        "use_experimental_simulation_loop=True)",
        f"{A}.build_fed_eval(model_fn, {DISTRIBUTOR}, {LOOP})",
    ),
    "Keras on clients": (
        "0.86",
        f"{A}.build_weighted_fed_avg(model_fn, client_optimizer_fn=sgd)",
        f"{A}.build_weighted_fed_avg(model_fn, client_optimizer_fn={SGD})",
    ),
    "FedProx": (
        "0.48",
        f"{A}.build_weighted_fed_prox(model_fn, 0.5, sgd, client_weighting=UNIFORM)",
        f"{A}.build_weighted_fed_prox(model_fn, 0.5, client_optimizer_fn={SGD}, "
        "client_weighting=UNIFORM)",
    ),
    "Mime Lite of 0.20": (
        "0.20",
        f"{A}.build_unweighted_mime_lite(model_fn, optimizer=tff.learning.optimizers.build_sgdm())",
        f"{A}.build_unweighted_mime_lite(model_fn, "
        "base_optimizer=tff.learning.optimizers.build_sgdm())",
    ),
    "a functional model": (
        "0.33",
        f"{A}.build_weighted_fed_avg(None, sgd, model=made)",
        f"{A}.build_weighted_fed_avg(made, client_optimizer_fn={SGD})",
    ),
    "a compiled model": (
        "0.9",
        "k = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,))])\n"
        "k.compile(sgd(), loss='mse', metrics=[tf.keras.metrics.MeanAbsoluteError()])\n"
        "tff.learning.from_compiled_keras_model(k, batch)",
        "tff.learning.models.from_keras_model("
        "(lambda model: tf.keras.Model(model.inputs, model.outputs))(k), "
        "loss=tf.keras.losses.MeanSquaredError(), "
        "metrics=[tf.keras.metrics.MeanAbsoluteError()], "
        "input_spec=tf.nest.map_structure(lambda t: tf.TensorSpec([None, "
        "*tf.convert_to_tensor(t).shape[1:]], tf.convert_to_tensor(t).dtype), batch))",
    ),
    "weights for Keras": (
        "0.13",
        "tff.learning.assign_weights_to_keras_model(k, weights)",
        "weights.assign_weights_to(k)",
    ),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_what_is_written(name: str) -> None:
    release, statement, expected = WRITTEN[name]
    found = finding(release, statement)
    assert (found.kind, found.replacement) == ("exact", expected)


REVIEWED = {
    "an aggregator of metrics": (
        "0.20",
        "tff.learning.build_federated_evaluation(model_fn, metrics_aggregator=own)",
        "metrics_aggregation_process",
    ),
}


@pytest.mark.parametrize("name", REVIEWED)
def test_what_is_to_be_looked_at(name: str) -> None:
    release, statement, note = REVIEWED[name]
    found = finding(release, statement)
    assert found.kind == "review" and note in found.message


@pytest.mark.parametrize(
    ("release", "given", "written"),
    [
        ("0.9", "lambda batch: 1.0", "weight_of_batch=lambda batch: 1.0"),
        ("0.19", "client_weighting=weigh", "weight_of_client=weigh"),
    ],
)
def test_gradients_may_be_weighted_by_the_program(release: str, given: str, written: str) -> None:
    found = finding(release, f"tff.learning.build_federated_sgd_process(model_fn, sgd, {given})")
    assert found.kind == "review"
    assert found.replacement.startswith(f"gradient_descent_process(model_fn, {written}")


@pytest.mark.parametrize(
    ("release", "given", "written"),
    [
        ("0.1", "", ""),
        ("0.13.1", ", stateful_delta_aggregate_fn=f()", ", model_aggregator=f()"),
        ("0.19", "", ", with_statistics=True"),
        (
            "0.19",
            ", aggregation_process=f()",
            ", model_aggregator=aggregation_of_process(f()), with_statistics=True",
        ),
        ("0.38", ", model_update_aggregation_factory=f()", ", model_aggregator=f()"),
    ],
)
def test_updates_of_the_program_are_kept(release: str, given: str, written: str) -> None:
    made = "lambda model_fn: Update(model_fn())"
    found = finding(
        release,
        f"tff.learning.framework.build_model_delta_optimizer_process(model_fn, {made}, sgd{given})",
    )
    assert found.kind == "review"
    assert found.replacement == (
        f"process_of_client_deltas(model_fn, {made}, server_optimizer_fn={SGD}{written})"
    )


def test_a_context_of_personalization_is_kept() -> None:
    call = "tff.learning.build_personalization_eval(model_fn, f, g{})"
    without = finding("0.17", call.format(""))
    assert "without_context(f)" in without.replacement and without.kind == "exact"
    found = finding("0.17", call.format(", context_tff_type=t, max_num_samples=3"))
    assert found.replacement == "personalization_eval(model_fn, f, g, t, 3)"
    assert found.kind == "review"


@pytest.mark.parametrize("release", ["0.21", "0.48", "0.86"])
def test_nothing_is_found_where_nothing_needs_to_change(release: str) -> None:
    with pytest.raises(StopIteration):
        finding(
            release,
            f"{A}.build_weighted_fed_avg(model_fn, tff.learning.optimizers.build_sgdm(0.1))",
        )
