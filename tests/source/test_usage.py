"""What a program does with TFF tells its era: names, calls, subclasses, results, habits."""

from __future__ import annotations

import textwrap

import pytest
from tff_compat.catalog import load
from tff_compat.source.hints import HINTS
from tff_compat.source.inference import infer


@pytest.fixture
def inferred(tmp_path):
    def make(text: str, **modules: str):
        for name, content in modules.items():
            (tmp_path / f"{name}.py").write_text(textwrap.dedent(content), encoding="utf-8")
        path = tmp_path / "program.py"
        source = textwrap.dedent(text)
        if "tensorflow_federated" not in source:
            source = f"import tensorflow as tf\nimport tensorflow_federated as tff\n{source}"
        path.write_text(source, encoding="utf-8")
        return infer(path)

    return make


@pytest.mark.parametrize(
    ("text", "release"),
    [
        ("import tensorflow_federated\ntensorflow_federated.federated_average(v)", "0.2.0"),
        ("from tensorflow_federated import python as tff\ntff.federated_mean(v)", "0.5.0"),
        ("from tensorflow_federated import python as tff\ntff.utils.identity(v)", "0.5.0"),
        ("import tensorflow_federated as tff\ntff.python.core.framework", "0.19.0"),
        ("from tensorflow_federated import learning as fl\nfl.TrainableModel", "0.13.0"),
        ("import tensorflow_federated as tff\nL = tff.learning\nL.TrainableModel", "0.13.0"),
        (
            "import tensorflow_federated as tff\n"
            "build = tff.learning.build_federated_averaging_process\n"
            "build(f, client_optimizer_fn=c, stateful_delta_aggregate_fn=a)",
            "0.16.1",
        ),
        ("from tensorflow_federated import *\nfederated_average(v)", "0.2.0"),
        ("import tensorflow_federated as tff\ngetattr(tff, 'federated_average')(v)", "0.2.0"),
    ],
)
def test_imports_and_aliases(inferred, text, release):
    assert str(inferred(text).release) == release


def test_internal_modules(inferred):
    found = inferred(
        "from tensorflow_federated.python.learning import model_utils\n"
        "model_utils.from_keras_model(m, b, l)"
    )
    assert "tensorflow_federated.python.learning.model_utils" in found.reason
    last = load().symbol("tensorflow_federated.python.learning.model_utils.from_keras_model").last
    assert found.release == last


@pytest.mark.parametrize(
    "text",
    [
        "try:\n  tff.federated_average(v)\nexcept AttributeError:\n  tff.federated_mean(v)",
        "try:\n  from tensorflow_federated.python.core.api import typed_object\n"
        "except ImportError:\n  typed_object = None\nimport tensorflow_federated as tff\n",
        "x = tff.federated_average if hasattr(tff, 'federated_average') else tff.federated_mean",
        "hasattr(tff, 'federated_average') and tff.federated_average(v)",
        "getattr(tff, 'federated_average', None)",
        "if tff.__version__ < '0.3':\n  tff.federated_average(v)",
    ],
)
def test_guards(inferred, text):
    assert str(inferred(text).release) == "0.87.0"


def test_other_exceptions_are_no_guards(inferred):
    text = "try:\n  tff.federated_average(v)\nexcept ValueError:\n  pass"
    assert str(inferred(text).release) == "0.2.0"


def test_names_that_never_existed_are_told(inferred):
    found = inferred("tff.learning.nothing_like_it(1)\ntff.learning.TrainableModel")
    assert str(found.release) == "0.13.0"
    assert any("nothing_like_it: no release had it" in misfit for misfit in found.misfits)


def test_misfits_are_named(inferred):
    found = inferred("tff.federated_average(v)\ntff.tensorflow.computation(f)\ntff.to_type(x)")
    assert "no release fits everything" in found.reason
    assert len(found.misfits) == 1


def test_arguments_that_cannot_be_counted(inferred):
    assert str(inferred("tff.federated_map(*args, **kwargs)").release) == "0.87.0"


@pytest.mark.parametrize(
    ("members", "release"),
    [
        ("report_local_outputs federated_output_computation", "0.19.0"),
        (
            "predict_on_batch report_local_unfinalized_metrics metric_finalizers reset_metrics",
            "0.52.0",
        ),
    ],
)
def test_subclasses(inferred, members, release):
    common = "trainable_variables non_trainable_variables local_variables input_spec forward_pass"
    methods = "".join(f"  def {name}(self): pass\n" for name in f"{common} {members}".split())
    assert str(inferred(f"class M(tff.learning.Model):\n{methods}").release) == release
    # Also when a base in the same file defines them.
    split = f"class B:\n{methods}class M(B, tff.learning.Model):\n  pass\n"
    assert str(inferred(split).release) == release


def test_subclasses_with_bases_from_elsewhere_tell_nothing(inferred):
    text = "import other\nclass M(other.Base, tff.learning.Model):\n  pass\n"
    assert str(inferred(text).release) == "0.52.0"


PROCESS = "process = tff.learning.build_federated_averaging_process(f, client_optimizer_fn=c)\n"
NEXT = f"{PROCESS}state, metrics = process.next(process.initialize(), data)\n"
LEARNING = "process = tff.learning.algorithms.build_weighted_fed_avg(f, c)\n"
EVALUATE = "evaluate = tff.learning.build_federated_evaluation(f)\nm = evaluate(w, data)\n"


@pytest.mark.parametrize(
    ("text", "release"),
    [
        (f"{NEXT}print(metrics.loss)", "0.14.0"),
        (f"{NEXT}print(metrics['loss'])", "0.14.0"),
        (f"{NEXT}print(f'{{metrics.loss:.3f}}')", "0.14.0"),
        (f"{NEXT}print(metrics.train.loss)", "0.15.0"),
        (f"{NEXT}print(metrics['train']['loss'])", "0.27.0"),
        (f"{NEXT}print(metrics['stat'])", "0.19.0"),
        (f"{NEXT}for name in metrics._asdict(): print(name)", "0.15.0"),
        (f"{NEXT}state.model.trainable['dense/kernel']", "0.27.0"),
        (f"{NEXT}train = metrics['train']\nprint(train['loss'])", "0.27.0"),
        (f"{PROCESS}r = process.next(s, d)\nprint(r.metrics.loss, r[1].loss)", "0.14.0"),
        (f"{PROCESS}def f():\n  s, metrics = process.next(s, d)\n  return metrics.loss", "0.14.0"),
        (f"{NEXT}metrics = {{}}\nprint(metrics['loss'])", "0.27.0"),
        (f"{EVALUATE}print(m.loss)", "0.15.0"),
        (f"{EVALUATE}print(m['loss'])", "0.19.0"),
        (f"{EVALUATE}print(m['eval']['loss'])", "0.79.0"),
        (f"{LEARNING}state, metrics = process.next(s, d)", "0.87.0"),
        ("tff.learning.from_keras_model(model, dummy_batch, loss)", "0.12.0"),
        ("tff.learning.from_keras_model(model, batch, tf.keras.losses.MSE())", "0.12.0"),
        ("tff.learning.from_keras_model(model, loss, input_spec)", "0.52.0"),
        ("tff.learning.from_keras_model(model, tf.keras.losses.MSE, spec)", "0.52.0"),
        ("tff.learning.build_federated_averaging_process(f, server_optimizer_fn)", "0.11.0"),
        ("tff.learning.build_federated_averaging_process(f, client_optimizer_fn)", "0.27.0"),
        ("@tff.federated_computation(tff.FederatedType(tf.int32, tff.CLIENTS))\ndef f(x): pass",
         "0.69.0"),
        ("tff.TensorType(tf.float32, [3])", "0.68.0"),
        ("tff.SequenceType(dataset.element_spec)", "0.68.0"),
        ("tff.tf_computation(tf.int32)", "0.86.0"),
        ("tff.federated_computation(lambda x: tf.cast(x, tf.int32))", "0.87.0"),
        ("tf.train.GradientDescentOptimizer(0.1)\ntff.federated_mean(v)", "0.7.0"),
        ("tf.contrib.framework\ntff.federated_mean(v)", "0.7.0"),
        ("tf.compat.v1.enable_v2_behavior()\ntff.federated_mean(v)", "0.14.0"),
        ("tf.compat.v1.enable_v2_behavior()\ntff.tensorflow.computation(f)", "0.87.0"),
    ],
)  # fmt: skip
def test_results_and_habits(inferred, text, release):
    assert str(inferred(text).release) == release


@pytest.mark.parametrize(
    "optimizer",
    [
        "lambda: tf.keras.optimizers.SGD(0.1)",
        "functools.partial(tf.keras.optimizers.Adam, 0.1)",
        "made",
        "lambda: SGD(0.1)",
    ],
)
def test_keras_optimizers(inferred, optimizer):
    found = inferred(
        "from tensorflow.keras.optimizers import SGD\n"
        "import tensorflow as tf, tensorflow_federated as tff\n"
        "def made():\n  return tf.keras.optimizers.SGD(0.1)\n"
        f"tff.learning.algorithms.build_weighted_fed_avg(f, client_optimizer_fn={optimizer})\n"
    )
    assert str(found.release) == "0.86.0"


def test_tff_optimizers(inferred):
    text = "tff.learning.algorithms.build_weighted_fed_avg(f, tff.learning.optimizers.build_sgdm())"
    assert str(inferred(text).release) == "0.87.0"


def test_own_modules_are_read_too(inferred):
    found = inferred(
        "import training\ntraining.run()\n",
        training="import helper, tensorflow_federated as tff\n",
        helper="import tensorflow_federated as tff\ntff.federated_average(v)\n",
    )
    assert str(found.release) == "0.2.0"
    assert found.reason.startswith("helper.py, line 2 uses tff.federated_average")


def test_evidence_lists_what_bounds_the_release(inferred):
    found = inferred("tff.learning.TrainableModel\ntff.federated_mean(v)\ntff.to_type(x)")
    assert "line 3 uses tff.learning.TrainableModel: 0.1.0 to 0.13.0" in found.evidence
    assert "line 4 uses tff.federated_mean: 0.3.0 to 0.87.0" in found.evidence
    assert not [line for line in found.evidence if "uses tff.to_type" in line]


def test_every_hint_fits_some_release_and_not_all():
    for hint in HINTS:
        fitting = [release for release in load().releases if release in hint.releases]
        assert 0 < len(fitting) < len(load().releases)
