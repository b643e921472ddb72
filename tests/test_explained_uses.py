"""What `explain` shows of the symbols that people use most: uses of their release, which run today.

The symbols are those of 88 public repositories, by how many of them use each.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from packaging.version import Version
from tff_compat import catalog, cli
from tff_compat.declared.replacement import NONE

VALUE = "tff.SequenceType(np.int32)"
AT_CLIENTS = "tff.FederatedType(np.float32, tff.CLIENTS)"
AT_SERVER = "tff.FederatedType(np.float32, tff.SERVER)"
ADD = "tff.tensorflow.computation(lambda a, b: a + b)"
NEXT = "tff.tensorflow.computation(lambda x: x + 1)"
CONTEXT = "tff.backends.native.create_sync_local_cpp_execution_context()"
DATA = (
    "tff.tensorflow.computation(lambda client_id: "
    "tf.data.Dataset.from_tensor_slices(dummy_batch).batch(3), np.str_)"
)
PROCESS = (
    "tff.learning.algorithms.build_unweighted_fed_avg(model_fn, "
    "client_optimizer_fn=tff.learning.optimizers.build_sgdm(0.1))"
)
BROADCAST = (
    "tff.learning.templates.build_broadcast_process("
    "tff.learning.models.weights_type_from_model(model_fn))"
)

# Of each symbol: what the names in its examples stand for. `within` is the type of the parameter
# `value` or `arg` of the computation in which the example stands.
SYMBOLS: dict[str, dict[str, str]] = {
    "tff.federated_computation": {},
    "tff.simulation.datasets.emnist.load_data": {},
    "tff.learning.build_federated_averaging_process": {
        "broadcast_process": BROADCAST,
        "client_weight_fn": "lambda outputs: 1.0",
        "stateful_model_broadcast_fn": "Broadcast()",
        "stateful_delta_aggregate_fn": "tff.aggregators.MeanFactory()",
    },
    "tff.learning.from_keras_model": {},
    "tff.federated_mean": {"within": AT_CLIENTS},
    "tff.learning.build_federated_evaluation": {
        "broadcast_process": BROADCAST,
        "metrics_aggregator": "tff.learning.metrics.sum_then_finalize",
        "use_experimental_simulation_loop": "False",
    },
    "tff.federated_map": {"within": AT_CLIENTS, "mapping_fn": NEXT, "fn": NEXT},
    "tff.learning.Model": {},
    "tff.SequenceType": {},
    "tff.federated_sum": {"within": AT_CLIENTS},
    "tff.tf_computation": {},
    "tff.SERVER": {},
    "tff.federated_broadcast": {"within": AT_SERVER},
    "tff.templates.IterativeProcess": {},
    "tff.FederatedType": {},
    "tff.learning.algorithms.build_weighted_fed_avg": {},
    "tff.CLIENTS": {},
    "tff.federated_value": {"within": AT_SERVER, "value": "1.0"},
    "tff.learning.BatchOutput": {"loss": "tf.constant(0.5)"},
    "tff.learning.from_compiled_keras_model": {"keras_model": "compiled()"},
    "tff.learning.models.from_keras_model": {},
    "tff.type_at_clients": {},
    "tff.simulation.datasets.shakespeare.load_data": {},
    "tff.type_at_server": {},
    "tff.TensorType": {},
    "tff.to_type": {"obj": "np.int32"},
    "tff.learning.models.VariableModel": {},
    "tff.StructType": {"elements": "[('a', tf.int32), ('b', tf.float32)]"},
    "tff.federated_eval": {"within": AT_SERVER, "fn": "tff.tensorflow.computation(lambda: 1)"},
    "tff.learning.optimizers.build_sgdm": {},
    "tff.learning.state_with_new_model_weights": {},
    "tff.learning.TrainableModel": {},
    "tff.learning.models.BatchOutput": {},
    "tff.learning.ModelWeights": {},
    "tff.templates.MeasuredProcessOutput": {},
    "tff.templates.AggregationProcess": {},
    "tff.learning.ModelWeights.from_model": {},
    "tff.simulation.build_uniform_sampling_fn": {},
    "tff.learning.models.ModelWeights": {},
    "tff.sequence_reduce": {"within": VALUE, "zero": "0", "op": ADD},
    "tff.framework.set_default_executor": {
        "executor": CONTEXT,
        "executor_factory_instance": CONTEXT,
    },
    "tff.learning.algorithms.build_fed_eval": {
        "metrics_aggregation_process": "None",
        "model_distributor": "None",
        "use_experimental_simulation_loop": "False",
    },
    "tff.federated_zip": {"within": f"[{AT_CLIENTS}, {AT_CLIENTS}]"},
    "tff.aggregators.MeanFactory": {},
    "tff.aggregators.UnweightedAggregationFactory": {},
    "tff.framework.type_from_tensors": {"tensors": "[tf.constant([1.0]), tf.constant(1)]"},
    "tff.tensorflow.computation": {},
    "tff.learning.algorithms.build_unweighted_fed_avg": {},
    "tff.framework.create_local_executor": {},
    "tff.simulation.compose_dataset_computation_with_iterative_process": {
        "dataset_computation": DATA,
        "process": PROCESS,
    },
    "tff.learning.assign_weights_to_keras_model": {},
    "tff.utils.assign": {"target": "[tf.Variable(1.0)]", "source": "[2.0]"},
    "tff.sequence_map": {"within": VALUE, "mapping_fn": NEXT, "fn": NEXT},
    "tff.sequence_sum": {"within": VALUE},
    "tff.learning.ClientWeighting.UNIFORM": {},
    "tff.simulation.datasets.cifar100.load_data": {},
    "tff.learning.models.functional_model_from_keras": {
        "loss_fn": "tf.keras.losses.MeanSquaredError()"
    },
    "tff.simulation.FileCheckpointManager": {},
    "tff.structure.update_struct": {},
    "tff.backends.native.set_local_execution_context": {},
}

# What these do is left to a person, up to a release.
LEFT = {
    "tff.learning.build_federated_averaging_process": "0.13.0",
}
# Calls of these download data: only that they would be taken is tried.
DOWNLOADS = frozenset(symbol for symbol in SYMBOLS if symbol.endswith(".load_data"))

NAMES = """\
import inspect, json, sys, tempfile
import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

assert "tff_compat" not in sys.modules
input_spec = (tf.TensorSpec([None, 2], tf.float32), tf.TensorSpec([None, 1], tf.float32))
dummy_batch = (np.ones([3, 2], np.float32), np.ones([3, 1], np.float32))
keras_model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,))])
loss, loss_weights = tf.keras.losses.MeanSquaredError(), None
metrics = [tf.keras.metrics.MeanAbsoluteError()]

def model_fn():
    model = tf.keras.models.clone_model(keras_model)
    return tff.learning.models.from_keras_model(model, loss, input_spec)

def compiled():
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,))])
    model.compile("sgd", tf.keras.losses.MeanSquaredError())
    return model

class Broadcast:
    def initialize(self):
        return ()

    def __call__(self, state, weights):
        return state, tff.federated_broadcast(weights)

tff_weights = tff.learning.models.ModelWeights.from_model(keras_model)
trainable, non_trainable = tff_weights.trainable, tff_weights.non_trainable
trainable_weights, non_trainable_weights = trainable, non_trainable
server_state = tff.learning.templates.LearningAlgorithmState(tff_weights, (), (), (), ())
predictions = tf.zeros([3, 1])
all_equal, shape = False, [2]
num_clients = default_num_clients = 2
root_dir, prefix, keep_total, keep_first = tempfile.mkdtemp(), "round_", 2, True
"""

TRY = """
def tried(addition, code, names, within):
    given = dict(globals())
    exec(addition, given)
    for name, value in names.items():
        given[name] = eval(value, given)
    if not within:
        return eval(code, given)
    def stated(parameter):
        return eval(code, {"value": parameter, "arg": parameter, **given})
    return tff.federated_computation(stated, eval(within, given))

found = {}
for label, *use in json.load(open(sys.argv[1])):
    try:
        tried(*use)
        found[label] = ""
    except Exception as error:
        found[label] = f"{type(error).__name__}: {error}"
print(json.dumps(found))
"""


@functools.cache
def _presents(symbol: str) -> list[dict[str, Any]]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert cli.main(["explain", symbol, "--json"]) == 0
    found: list[dict[str, Any]] = json.loads(out.getvalue())["today"]
    return found


def _uses(symbol: str) -> Iterator[tuple[str, str, str]]:
    """The label of each use that runs today, what it needs, and its code."""
    for present in _presents(symbol):
        if present["kind"] == NONE:
            continue
        # What has nothing to be written instead is written so today, and other symbols are names.
        code = present["after"] or present["before"] or symbol
        if symbol in DOWNLOADS and code.endswith("()"):
            code = f"inspect.signature({code[:-2]}).bind()"
        yield f"{symbol} of {present['releases'][-1]}", "\n".join(present["with"]), code


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_the_use_before_is_one_that_each_release_took(symbol: str) -> None:
    known = catalog.load().symbol(symbol)
    assert known is not None
    presents = _presents(symbol)
    told = [release for present in presents for release in present["releases"]]
    assert sorted(told, key=Version) == [str(release) for release in known.releases]
    for present in presents:
        before = ast.parse(present["before"] or symbol, mode="eval").body
        called = before.func if isinstance(before, ast.Call) else before
        assert ast.unparse(called) == symbol
        for release in map(Version, present["releases"]):
            signature = known.signature(release)
            if isinstance(before, ast.Call) and signature is not None:
                keywords = [item.arg for item in before.keywords if item.arg]
                assert signature.misfit(len(before.args), keywords) is None, str(release)


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_what_is_left_to_a_person(symbol: str) -> None:
    left = [present for present in _presents(symbol) if present["kind"] == NONE]
    releases = [Version(release) for present in left for release in present["releases"]]
    assert str(max(releases, default="")) == LEFT.get(symbol, "")
    for present in left:
        # It says what to do, and is no code.
        assert present["after"].startswith(f"{symbol} as used here was last in TFF {LEFT[symbol]}.")


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What came of the uses on plain TFF, by label; "" where they ran."""
    folder = tmp_path_factory.mktemp("uses")
    asked = []
    for symbol, given in SYMBOLS.items():
        names = {name: value for name, value in given.items() if name != "within"}
        for label, addition, code in _uses(symbol):
            within = "" if code == symbol else given.get("within", "")
            asked.append((label, addition, code, names, within))
    (folder / "uses.json").write_text(json.dumps(asked), "utf-8")
    (folder / "program.py").write_text(NAMES + TRY, "utf-8")
    # Into files: TFF's worker outlives the program and holds its pipes.
    with (folder / "out").open("w") as out, (folder / "err").open("w") as err:
        done = subprocess.run(
            [sys.executable, "program.py", "uses.json"], cwd=folder, stdout=out, stderr=err,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": ""}, timeout=900,
        )  # fmt: skip
    assert done.returncode == 0, (folder / "err").read_text("utf-8", "replace")[-4000:]
    found: dict[str, str] = json.loads((folder / "out").read_text("utf-8").splitlines()[-1])
    return found


@pytest.mark.tff
@pytest.mark.parametrize("symbol", SYMBOLS)
def test_what_is_written_today_runs_on_plain_tff(symbol: str, tried: dict[str, str]) -> None:
    uses = {label: code for label, _, code in _uses(symbol)}
    assert uses or symbol in LEFT
    assert {uses[label]: tried[label] for label in uses if tried[label]} == {}
