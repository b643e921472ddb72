"""Uses that ran on, or failed, with something else than before: what is written keeps it."""

from __future__ import annotations

import pytest

from tests.source.test_findings import check, upgrade

A = "tff.learning.algorithms"
AVERAGING = """
process = tff.learning.build_federated_averaging_process(
    model_fn, client_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.1))
"""


def written(source: str, release: str) -> list[str]:
    """The code that is written for each use, without that of types and of the process."""
    return [finding.replacement for finding in check(source, release)]


@pytest.mark.parametrize(
    "builder", ["build_fed_sgd(model_fn)", "build_weighted_fed_prox(model_fn, 0.5, SGDM)"]
)
def test_a_server_whose_state_is_read_stays_one_of_keras(builder: str) -> None:
    source = f"""
SGDM = tff.learning.optimizers.build_sgdm(0.1)
process = tff.learning.algorithms.{builder}
"""
    assert check(source, "0.86.0") == []
    source += "print(process.initialize().finalizer)\n"
    (finding,) = check(source, "0.86.0")
    assert finding.code == "TFF201"
    assert "server_optimizer_fn=keras_optimizer(" in finding.replacement


def test_a_computation_gives_what_its_function_got_from_a_process() -> None:
    source = f"""{AVERAGING}
@tff.federated_computation(process.initialize.type_signature.result, DATA)
def two_rounds(state, data):
  state, _ = process.next(state, data)
  return process.next(state, data)

state, metrics = two_rounds(process.initialize(), data)
print(state.model, metrics['train'])
"""
    assert "print(state.global_model_weights, metrics['client_work']['train'])" in upgrade(
        source, "0.17.0", unsafe=True
    )


def test_metrics_have_positions_and_a_length() -> None:
    source = f"""{AVERAGING}
state, metrics = process.next(process.initialize(), data)
print(metrics[0], len(metrics), len(data))
"""
    of_then = "metrics_of_then(metrics['client_work']['train'])"
    now = upgrade(source, "0.14.0", unsafe=True)
    assert f"print(list({of_then}.values())[0], len({of_then}), len(data))" in now


def test_hyperparameters_are_given_as_their_types_ask() -> None:
    source = """
process = tff.learning.algorithms.build_weighted_fed_avg(model_fn, OPTIMIZER)
print(process.set_hparams.type_signature)
state = process.set_hparams(state, hparams)
"""
    now = "called_with_numbers(process.set_hparams, state, hparams)"
    assert written(source, "0.48.0") == [now]


@pytest.mark.parametrize("name", ["tff.StructWithPythonType", "tff.types.StructWithPythonType"])
def test_the_container_of_a_type(name: str) -> None:
    now = upgrade(f"print({name}.get_container_type(kind))\n", "0.19.0")
    assert now == "print(kind.python_container)\n"


def test_code_of_jax_is_one_of_tensorflow() -> None:
    source = "@tff.jax_computation(np.float32)\ndef f(x):\n  return x\ng = tff.jax_computation\n"
    now = upgrade(f"import numpy as np\n{source}", "0.33.0")
    assert "@jax_computation(np.float32)\ndef f(x):" in now
    assert now.endswith("g = jax_computation\n")


@pytest.mark.parametrize(
    ("tensors", "spec"),
    [
        ("[weights, 2]", "spec_of"),
        ("weights", "lambda tensor: tf.TensorSpec(tensor.shape, tensor.dtype)"),
    ],
)
def test_types_of_numbers_among_tensors(tensors: str, spec: str) -> None:
    now = upgrade(f"kind = tff.types.type_from_tensors({tensors})\n", "0.19.0")
    assert f"tf.nest.map_structure({spec}, {tensors})" in now


def test_an_aggregation_of_metrics_has_no_type_of_its_own() -> None:
    source = "total = tff.learning.metrics.sum_then_finalize(finalizers, kind)\n"
    assert check(source, "0.27.0") == []
    (finding,) = check(f"{source}print(total.type_signature)\n", "0.27.0")
    assert (finding.code, finding.kind) == ("TFF306", "none")
    assert "tff.federated_computation(lambda metrics: aggregate(metrics)" in finding.message


def test_the_output_of_measured_processes_has_attributes() -> None:
    source = """
process = tff.templates.MeasuredProcess(initialize, next_fn)
output = process.next(process.initialize(), values)
print(output['state'], output['measurements'])
"""
    now = upgrade(source, "0.14.0")
    assert "process = measured_process(initialize, next_fn)\n" in now
    assert now.endswith("print(output.state, output.measurements)\n")


def test_synthetic_data_of_tasks_are_those_of_one_client() -> None:
    path = "tff.simulation.baselines.emnist.create_character_recognition_task"
    source = f"task = {path}(SPEC{{}})\n"
    assert check(source.format(", model_id='cnn'"), "0.27.0") == []
    (finding,) = check(source.format(", use_synthetic_data=True, debug_seed=1"), "0.27.0")
    assert finding.replacement == (
        f"of_one_client({path}, SPEC, debug_seed=1, use_synthetic_data=True)"
    )


def test_functions_that_an_upgrade_added_are_as_they_have_to_be() -> None:
    now = upgrade("process = tff.templates.MeasuredProcess(initialize, next_fn)\n", "0.14.0")
    assert "return tff.templates.MeasuredProcess(initialize_fn, measured_fn)\n" in now
    assert check(now, "0.14.0") == []
    fn = "lambda: tf.keras.optimizers.Nadam(0.1)"
    source = f"{A}.build_weighted_fed_avg(model_fn, {fn})\n"
    now = upgrade(source, "0.48.0")
    assert f"client_optimizer_fn=keras_optimizer({fn})" in now
    assert check(now, "0.48.0") == []


@pytest.mark.parametrize(
    ("given", "is_written"),
    [("[1, 2]", True), ("[np.float64(1.0)]", True), ("(1.0, 2.0)", True), ("[1.0, 2.0]", False)],
)
def test_aggregations_are_given_numbers_as_their_types_ask(given: str, is_written: bool) -> None:
    head = "import numpy as np\ntotal = tff.aggregators.SumFactory().create(KIND)\n"
    found = written(f"{head}total.next(total.initialize(), {given})\n", "0.27.0")
    assert found == ([f"called(total.next, total.initialize(), {given})"] if is_written else [])
