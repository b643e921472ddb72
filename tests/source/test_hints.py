"""Each hint holds for the code that it is about, and for no other."""

from __future__ import annotations

import ast
import re

import pytest
from packaging.version import Version
from tff_compat import catalog
from tff_compat.source.hints import HINTS
from tff_compat.source.reading import Part
from tff_compat.source.usage import collect

_CATALOG = catalog.load()
_NEWEST = str(catalog.PRIMARY)
_HEAD = "import tensorflow as tf\nimport tensorflow_federated as tff\n"
_PROCESS = (
    "process = tff.learning.build_federated_averaging_process(model_fn)\n"
    "state = process.initialize()\n"
    "state, metrics = process.next(state, data)\n"
)
_LATER = (
    "process = tff.learning.algorithms.build_weighted_fed_avg(model_fn)\n"
    "state = process.initialize()\n"
    "result = process.next(state, data)\n"
)
_EVALUATION = (
    "evaluate = tff.learning.build_federated_evaluation(model_fn)\nresult = evaluate(w, d)\n"
)


def _found(code: str) -> list[tuple[str, str, str, bool]]:
    """The releases, reasons and texts of the hints that code gives."""
    tree = ast.parse(_HEAD + code)
    usage = collect([Part(tree)], _CATALOG)
    return [
        (
            _CATALOG.runs(r for r in _CATALOG.releases if r in hint.releases),
            hint.reason,
            text,
            hint.weak,
        )
        for hint in HINTS
        for _, text in hint.found(usage, _CATALOG)
    ]


def _releases(code: str) -> set[str]:
    return {releases for releases, _, _, weak in _found(code) if not weak}


def _fed_avg(arguments: str) -> str:
    return f"tff.learning.build_federated_averaging_process(model_fn, {arguments})"


def _keras_model(arguments: str) -> str:
    return f"tff.learning.from_keras_model({arguments})"


@pytest.mark.parametrize(
    ("code", "releases"),
    [
        # The second argument of from_keras_model.
        (_keras_model("model, dummy_batch, loss"), {"0.1.0–0.12.0"}),
        (_keras_model("model, sample_batch, x"), {"0.1.0–0.12.0"}),
        (_keras_model("model, make_example(), x"), {"0.1.0–0.12.0"}),
        (_keras_model("model, element, x"), {"0.1.0–0.12.0"}),
        (_keras_model("model, x, my_loss"), {"0.1.0–0.12.0"}),
        (_keras_model("model, my_loss, spec"), {f"0.13.0–{_NEWEST}"}),
        (_keras_model("model, x, input_spec"), {f"0.13.0–{_NEWEST}"}),
        (_keras_model("model, x, ds.element_type"), {f"0.13.0–{_NEWEST}"}),
        (_keras_model("model, get_loss()"), {f"0.13.0–{_NEWEST}"}),
        (_keras_model("model, x, y"), set()),
        (_keras_model("model, x['loss'], y"), set()),
        (_keras_model("model"), set()),
        ("f(model, dummy_batch, loss)", set()),
        # The second argument of the averaging process.
        (_fed_avg("server_optimizer_fn"), {"0.1.0–0.11.0"}),
        (_fed_avg("make_server_optimizer()"), {"0.1.0–0.11.0"}),
        (_fed_avg("client_optimizer_fn"), {f"0.12.0–{_NEWEST}"}),
        (_fed_avg("client_optimizer_fn, server_optimizer_fn"), {f"0.12.0–{_NEWEST}"}),
        (_fed_avg("x"), set()),
        (_fed_avg("server_optimizer_fn=s"), set()),
        # The containers of the metrics of a round.
        (_PROCESS + "metrics.loss", {"0.1.0–0.14.0"}),
        (_PROCESS + "metrics['loss']", {"0.1.0–0.14.0"}),
        (_PROCESS + "metrics.train.loss", {f"0.15.0–{_NEWEST}", "0.1.0–0.15.0"}),
        (_PROCESS + "metrics['train']['loss']", {f"0.15.0–{_NEWEST}"}),
        (_PROCESS + "metrics['broadcast']", {f"0.15.0–{_NEWEST}"}),
        (_PROCESS + "metrics['aggregation']", {f"0.15.0–{_NEWEST}"}),
        (_PROCESS + "metrics['stat']", {f"0.15.0–{_NEWEST}", "0.18.0–0.19.0"}),
        (_PROCESS + "metrics._asdict()", {"0.1.0–0.15.0"}),
        (_PROCESS + "metrics.train._asdict()", {f"0.15.0–{_NEWEST}", "0.1.0–0.15.0"}),
        (_PROCESS + "metrics.items()", {f"0.16.0–{_NEWEST}"}),
        (_PROCESS + "metrics.keys()", {f"0.16.0–{_NEWEST}"}),
        (_PROCESS + "metrics.values()", {f"0.16.0–{_NEWEST}"}),
        (_PROCESS + "metrics.get('a')", {f"0.16.0–{_NEWEST}"}),
        (_PROCESS + "metrics._fields", set()),
        (_PROCESS + "metrics[0]", set()),
        (_PROCESS + "print(metrics)", set()),
        (_LATER + "result.metrics['loss']", set()),
        # Evaluations.
        (_EVALUATION + "result.loss", {"0.1.0–0.15.0"}),
        (_EVALUATION + "result['loss']", {"0.1.0–0.19.0"}),
        (_EVALUATION + "result['eval']['loss']", {f"0.20.0–{_NEWEST}"}),
        (_EVALUATION + "result.eval.loss", {f"0.20.0–{_NEWEST}", "0.1.0–0.15.0"}),
        (_EVALUATION + "result.items()", {f"0.16.0–{_NEWEST}"}),
        (_EVALUATION + "result[0]", set()),
        # Weights in states.
        (_PROCESS + "state.model.trainable.dense", {"0.1.0–0.11.0"}),
        (_PROCESS + "state.model.non_trainable['a']", {"0.1.0–0.11.0"}),
        (_PROCESS + "state.model.trainable.items()", set()),
        (_PROCESS + "state.model.trainable[0]", set()),
        (_PROCESS + "state.model.trainable", set()),
        (_PROCESS + "state.model.other.dense", set()),
        (_PROCESS + "state.optimizer_state.trainable.dense", set()),
        (_PROCESS + "process.get_model_weights(state)", {f"0.18.0–{_NEWEST}"}),
        # Learning processes.
        (_LATER + "a, b = process.next(state, data)", {f"0.50.0–{_NEWEST}"}),
        (_LATER + "result.state.model", {"0.1.0–0.27.0"}),
        (_LATER + "result.state.global_model_weights", set()),
        (_PROCESS + "state.model", set()),
        # Names of TensorFlow 1.
        ("tf.contrib.layers.x", {"0.1.0–0.7.0"}),
        ("tf.train.GradientDescentOptimizer(1)", {"0.1.0–0.7.0"}),
        ("tf.train.Checkpoint(1)", set()),
        ("tf.enable_v2_behavior()", {"0.1.0–0.7.0"}),
        ("tf.to_float(x)", {"0.1.0–0.7.0"}),
        ("tf.to_floating(x)", set()),
        ("tf.enable_v2_behaviors()", set()),
    ],
)
def test_results_and_arguments(code, releases):
    assert _releases(code) == releases


@pytest.mark.parametrize(
    ("code", "releases"),
    [
        (
            _keras_model("m, b(), tf.keras.losses.mean_squared_error"),
            {"0.1.0–0.5.0", "0.1.0–0.12.0"},
        ),
        (_keras_model("m, b(), loss=tf.keras.losses.mean_squared_error"), {"0.1.0–0.5.0"}),
        (_keras_model("m, b(), lambda y, p: y"), {"0.1.0–0.5.0"}),
        ("def f(y, p): return y\n" + _keras_model("m, b(), f"), {"0.1.0–0.5.0"}),
        ("f = lambda y, p: y\n" + _keras_model("m, b(), f"), {"0.1.0–0.5.0"}),
        ("f = tf.keras.losses.mae\n" + _keras_model("m, b(), f"), {"0.1.0–0.5.0"}),
        (_keras_model("m, b(), tf.keras.losses.MeanSquaredError()"), {"0.1.0–0.12.0"}),
        (_keras_model("m, b(), loss=tf.keras.losses.MeanSquaredError"), set()),
        (_keras_model("m, b(), f"), set()),
        (_keras_model("m, b(), {'a': tf.keras.losses.Huber()}"), {"0.6.0–0.12.0"}),
        (_keras_model("m, b(), collections.OrderedDict(a=x)"), {"0.6.0–0.12.0"}),
        (_keras_model("m, b(), loss=dict(a=x)"), {"0.6.0–0.12.0"}),
        (_keras_model("m, b(), my.dictionary(a=x)"), set()),
        (_keras_model("m, tf.keras.losses.Huber(), {'a': spec}"), {f"0.13.0–{_NEWEST}"}),
        (_keras_model("m, b(), x, [my_metric()]"), {"0.1.0–0.5.0"}),
        (_keras_model("m, b(), x, [0.5]"), set()),
        (_keras_model("m, b(), x, None, [my_metric()]"), set()),
        (_keras_model("m, b(), x, metrics=[my_metric()]"), set()),
        (_keras_model("m, optimizer=o") + "\n" + _fed_avg("o"), {"0.1.0–0.11.0"}),
        (_keras_model("m, b(), x, None, None, o") + "\n" + _fed_avg("o"), {"0.1.0–0.11.0"}),
        ("tff.learning.from_compiled_keras_model(m, b)\n" + _fed_avg("o"), {"0.1.0–0.11.0"}),
        (_keras_model("m, b()") + "\n" + _fed_avg("o"), set()),
        (_keras_model("m, optimizer=o") + "\n" + _fed_avg("x=o"), set()),
        (_keras_model("m, optimizer=o") + "\n" + _fed_avg("o, p"), set()),
        (_keras_model("m, optimizer=o") + "\n" + _fed_avg("o, client_weight_fn=w"), set()),
        (_fed_avg("o"), set()),
    ],
)
def test_losses_and_optimizers_of_keras_models(code, releases):
    assert _releases(code) == releases


_KERAS = "tf.keras.optimizers.SGD"


@pytest.mark.parametrize(
    ("call", "found"),
    [
        (f"algorithms.build_weighted_fed_avg(m, lambda: {_KERAS}(0.1))", True),
        (f"algorithms.build_weighted_fed_avg(m, s, {_KERAS})", True),
        (f"algorithms.build_unweighted_fed_avg(m, s, server_optimizer_fn={_KERAS})", True),
        (f"algorithms.build_unweighted_fed_prox(m, 0.1, {_KERAS})", True),
        (f"algorithms.build_weighted_fed_prox(m, 0.1, s, {_KERAS})", True),
        (f"algorithms.build_weighted_fed_prox(m, {_KERAS}, s)", False),
        (f"algorithms.build_weighted_fed_avg_with_optimizer_schedule(m, r, {_KERAS})", True),
        (f"algorithms.build_fed_sgd(m, {_KERAS})", True),
        (f"algorithms.build_fed_sgd(m, s, {_KERAS})", False),
        (f"algorithms.build_fed_recon(m, server_optimizer_fn={_KERAS})", True),
        (f"algorithms.build_fed_recon(m, client_optimizer_fn={_KERAS})", False),
        (f"templates.build_apply_optimizer_finalizer({_KERAS}, t)", True),
        (f"templates.build_model_delta_client_work(m, {_KERAS}, w)", True),
        (f"templates.build_functional_model_delta_client_work(model=m, optimizer={_KERAS})", True),
        (f"templates.build_model_delta_client_work({_KERAS}, s, w)", False),
        ("algorithms.build_weighted_fed_avg(m, tff.learning.optimizers.build_sgdm(0.1))", False),
        (f"build_federated_averaging_process(m, {_KERAS})", False),
        ("algorithms.build_weighted_fed_avg(m, defined)", True),
        ("algorithms.build_weighted_fed_avg(m, named)", True),
        ("algorithms.build_weighted_fed_avg(m, imported)", True),
    ],
)
def test_keras_optimizers(call, found):
    code = (
        "from tensorflow.keras.optimizers import SGD as imported\n"
        f"def defined(): return {_KERAS}(0.1)\nnamed = {_KERAS}\ntff.learning.{call}"
    )
    assert _releases(code) == ({"0.1.0–0.86.0"} if found else set())


_DTYPES, _SPECS, _MANY = "0.1.0–0.69.0", "0.1.0–0.68.0", "0.1.0–0.67.0"


@pytest.mark.parametrize(
    ("code", "releases"),
    [
        ("tff.to_type(tf.int32)", {_DTYPES}),
        ("tff.to_type((tf.float32, [2]))", {_DTYPES}),
        ("tff.to_type([('a', tf.bool)])", {_DTYPES}),
        ("tff.to_type({'a': [tf.string]})", {_DTYPES}),
        ("tff.to_type(collections.OrderedDict(a=tf.uint8))", {_DTYPES}),
        ("tff.to_type(OrderedDict([('a', tf.bfloat16)]))", {_DTYPES}),
        ("tff.to_type(dict(a=tf.dtypes.float16))", {_DTYPES}),
        ("tff.FederatedType(tf.int64, tff.CLIENTS)", {_DTYPES}),
        ("tff.FederatedType(member=tf.int64, placement=tff.CLIENTS)", {_DTYPES}),
        ("tff.SequenceType(tf.int32)", {_DTYPES}),
        ("tff.StructType([tf.int32])", {_DTYPES}),
        ("tff.FunctionType(tf.int32, tf.int32)", {_DTYPES}),
        ("tff.StructWithPythonType([tf.int32], list)", {_DTYPES}),
        ("tff.type_at_clients(tf.int32)", {_DTYPES}),
        ("tff.types.at_server(tf.int32)", {_DTYPES}),
        ("@tff.federated_computation(tf.int32)\ndef f(x): return x", {_DTYPES}),
        ("TYPE = tf.int32\ntff.to_type(TYPE)", {_DTYPES}),
        ("TYPE = [('a', tf.int32)]\ntff.to_type(TYPE)", {_DTYPES}),
        ("A = tf.int32\nTYPE = (A, [2])\ntff.to_type(TYPE)", {_DTYPES}),
        ("for t in [tf.int32]:\n    tff.to_type(t)", {_DTYPES}),
        ("for t, v in [(tf.int32, 1)]:\n    tff.to_type(t)", {_DTYPES}),
        ("[tff.to_type(t) for t in (tf.int32,)]", {_DTYPES}),
        ("from tensorflow import int32\ntff.to_type(int32)", {_DTYPES}),
        ("import tensorflow.compat.v2 as tf2\ntff.to_type(tf2.int32)", {_DTYPES}),
        ("import tensorflow.compat.v1 as t\ntff.to_type(t.float64)", {_DTYPES}),
        ("tff.TensorType(tf.int32)", {_SPECS}),
        ("tff.TensorType(tf.int32, [2])", {_SPECS}),
        ("tff.TensorType(dtype=tf.int32)", {_SPECS}),
        ("tff.to_type(tff.TensorType(tf.int32))", {_SPECS}),
        ("tff.to_type(tf.TensorSpec([2], tf.int32))", {_SPECS}),
        ("SPEC = collections.OrderedDict(x=tf.TensorSpec([2]))\ntff.to_type(SPEC)", {_SPECS}),
        ("tff.SequenceType(ds.element_spec)", {_SPECS}),
        ("s = ds.element_spec\ntff.type_at_clients(s)", {_SPECS}),
        ("tff.SequenceType(element=ds.element_spec)", {_SPECS}),
        ("tff.to_type(tf.SparseTensorSpec([2]))", {_SPECS, _MANY}),
        ("tff.to_type(tf.RaggedTensorSpec([2]))", {_SPECS, _MANY}),
        ("tff.to_type(tf.data.DatasetSpec(s))", {_SPECS, _MANY}),
        ("tff.to_type(np.int32)", set()),
        ("tff.to_type(tf.int128)", set()),
        ("tff.to_type(f(tf.int32))", set()),
        ("tff.to_type(lambda: tf.int32)", set()),
        ("tff.to_type(f)\ndef f(): return tf.int32", set()),
        ("tff.tf_computation(tf.int32)", set()),
        ("tff.tensorflow.computation(tf.int32)", set()),
        ("tff.types.tensorflow_to_type(tf.int32)", set()),
        ("f(tf.int32)", set()),
        ("a = b\nb = a\ntff.to_type(a)", set()),
        ("tff.TensorType(np.int32)", set()),
    ],
)
def test_types_of_tensorflow(code, releases):
    assert _releases(code) == releases


def test_metrics_that_are_taken_apart_whole_had_no_parts():
    def habits(code):
        return {releases for releases, _, _, weak in _found(code) if weak}

    assert habits(_PROCESS + "metrics._asdict()") == {"0.1.0–0.14.0"}
    assert habits(_PROCESS + "metrics.train._asdict()") == set()


def test_a_habit_is_weak():
    (found,) = _found("tf.compat.v1.enable_v2_behavior()")
    assert (found[0], found[3]) == ("0.1.0–0.14.0", True)


def test_what_is_shown():
    ((_, reason, text, _),) = _found(_PROCESS + "x = metrics.loss")
    assert text == "metrics.loss"
    assert reason == "the metrics of a round have been nested under 'train' since 0.15.0"
    ((_, _, text, _),) = _found("tff.learning.from_keras_model(m, dummy_batch, x)")
    assert text == "tff.learning.from_keras_model(…)"


def test_internal_names_count_as_well():
    code = "from tensorflow_federated.python.learning import from_keras_model as f\nf(m, my_loss)"
    assert _releases(code) == {f"0.13.0–{_NEWEST}"}


@pytest.mark.parametrize("hint", HINTS, ids=lambda hint: hint.reason)
def test_a_hint_parts_the_releases(hint):
    fitting = [release for release in _CATALOG.releases if release in hint.releases]
    assert 0 < len(fitting) < len(_CATALOG.releases)
    # It goes on after "line 3 has metrics.loss: ".
    assert re.match(r"[a-z0-9]", hint.reason) and not hint.reason.endswith(".")
    assert all(Version("0.1") <= release for release in fitting)
