"""What `check` finds in source code, and the code that it writes."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import Any

import pytest
from packaging.version import Version
from tff_compat import coverage
from tff_compat.adapters import index
from tff_compat.source import documents, programs, rewriting
from tff_compat.source.findings import Finder
from tff_compat.source.resolving import Resolver
from tff_compat.source.writing import Finding

_HEAD = "import tensorflow as tf\nimport tensorflow_federated as tff\n"


def _finder(source: str, release: str, name: str = "program.py") -> Finder:
    document = documents.document(Path(name), source.encode())
    resolver = Resolver(Version(release))
    resolver.document(document)
    return Finder(document, resolver.result, Version(release), coverage.PRIMARY)


def check(source: str, release: str = "0.13.1") -> list[Finding]:
    return _finder(_HEAD + textwrap.dedent(source), release).findings()


def upgrade(
    source: str, release: str = "0.13.1", *, unsafe: bool = False, head: str = _HEAD
) -> str:
    finder = _finder(head + textwrap.dedent(source), release)
    content = rewriting.rewrite(finder, finder.findings(), unsafe=unsafe).content.decode()
    # A second run changes nothing.
    again = _finder(content, release)
    symbols = {f.symbol for f in finder.findings()}
    for finding in again.findings():
        assert finding.kind != "exact" or finding.symbol not in symbols or finding.replacement
    return content[len(head) :] if content.startswith(head) else content


def _symbols(found: list[Finding]) -> list[str]:
    return [finding.symbol for finding in found]


MODEL_FN = """
def model_fn():
    return tff.learning.from_keras_model(
        make(), loss=tf.keras.losses.MeanSquaredError(), input_spec=SPEC)
"""

PROCESS = """
process = tff.learning.build_federated_averaging_process(
    model_fn, client_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.02, momentum=0.9))
"""


def test_nothing_in_code_without_tff() -> None:
    assert not check("x = tf.constant(1)\nprint(x.shape)\n")


def test_a_name_is_written_where_it_stands() -> None:
    (finding,) = check("@tff.tf_computation(tf.int32)\ndef f(x):\n    return x\n")
    assert finding.symbol == "tff.tf_computation"
    assert (finding.line, finding.column, finding.end_line, finding.end_column) == (3, 2, 3, 20)
    assert (finding.kind, finding.replacement) == ("exact", "tff.tensorflow.computation")
    assert finding.last_release == "0.86.0"


@pytest.mark.parametrize(
    "imports",
    [
        "import tensorflow_federated as tff\n"
        "build = tff.learning.build_federated_averaging_process",
        "from tensorflow_federated import learning\n"
        "build = learning.build_federated_averaging_process",
        "from tensorflow_federated.learning import build_federated_averaging_process as build",
        "import tensorflow_federated as t\nlearning = t.learning\n"
        "build = learning.build_federated_averaging_process",
        "from tensorflow_federated import python as tff\n"
        "build = tff.learning.build_federated_averaging_process",
        "def f():\n    import tensorflow_federated as tff\n"
        "    return tff.learning.build_federated_averaging_process\nbuild = f()",
        "import tensorflow_federated as tff\n"
        "build = getattr(tff.learning, 'build_federated_averaging_process')",
    ],
)
def test_names_are_resolved_as_python_does(imports: str) -> None:
    finder = _finder(f"{imports}\nprocess = build(model_fn)\n", "0.13.1")
    assert "tff.learning.build_federated_averaging_process" in _symbols(finder.findings())


def test_a_shadowed_name_is_another() -> None:
    assert not check("def f(tff):\n    return tff.tf_computation\n")


def test_what_a_variable_holds_is_written_where_it_gets_it() -> None:
    source = """
    from tensorflow_federated.python.learning import client_weight_lib

    class Client:
        def __init__(self, weighting=client_weight_lib.ClientWeighting.NUM_EXAMPLES):
            self.weighting = weighting

    def client(weighting=client_weight_lib.ClientWeighting.NUM_EXAMPLES, traced=tff.tf_computation):
        return Client(weighting), traced(lambda: 1), weighting

    make = tff.tf_computation
    make(lambda: 2)
    """
    # Callers may give something else; so the names stay, and what they are made of is new.
    assert upgrade(source, "0.19.0").lstrip() == textwrap.dedent(
        """\
        class Client:
            def __init__(self, weighting=tff.learning.ClientWeighting.NUM_EXAMPLES):
                self.weighting = weighting

        def client(weighting=tff.learning.ClientWeighting.NUM_EXAMPLES, traced=tff.tensorflow.computation):
            return Client(weighting), traced(lambda: 1), weighting

        make = tff.tensorflow.computation
        make(lambda: 2)
        """  # noqa: E501
    )


def test_a_call_of_what_callers_give_is_for_a_person() -> None:
    found = check("def build(make=tff.learning.from_keras_model):\n    return make(model, data)\n")
    assert [each.kind for each in found] == ["none", "none"]
    assert "Callers may give something else here" in found[1].message


def test_optimizers_are_derived_from_the_source() -> None:
    (process,) = [f for f in check(PROCESS) if f.symbol.endswith("averaging_process")]
    assert (
        "client_optimizer_fn=tff.learning.optimizers.build_sgdm(learning_rate=0.02, momentum=0.9)"
        in process.replacement
    )


@pytest.mark.parametrize(
    ("optimizer", "expected"),
    [
        ("tf.keras.optimizers.SGD()", "build_sgdm(learning_rate=0.01)"),
        ("tf.keras.optimizers.SGD(lr=0.1)", "build_sgdm(learning_rate=0.1)"),
        ("tf.keras.optimizers.SGD(0.1, 0.0)", "build_sgdm(learning_rate=0.1)"),
        (
            "tf.keras.optimizers.Adam(1e-3, beta_1=0.8)",
            "build_adam(learning_rate=1e-3, beta_1=0.8)",
        ),
    ],
)
def test_an_optimizer_is_that_of_tff_which_does_the_same(optimizer: str, expected: str) -> None:
    process = process_with(optimizer)
    assert f"=tff.learning.optimizers.{expected}" in process.replacement


@pytest.mark.parametrize(
    ("optimizer", "expected", "kind"),
    [
        (
            "tf.keras.optimizers.SGD(lr=0.1, nesterov=True)",
            "lambda: tf.keras.optimizers.legacy.SGD(learning_rate=0.1, nesterov=True)",
            "exact",
        ),
        (
            "tf.keras.optimizers.Adamax(0.1)",
            "lambda: tf.keras.optimizers.legacy.Adamax(0.1)",
            "exact",
        ),
        (
            "tf.keras.optimizers.SGD(tf.keras.optimizers.schedules.ExponentialDecay(0.1, 9, 0.5))",
            "lambda: tf.keras.optimizers.legacy.SGD("
            "tf.keras.optimizers.schedules.ExponentialDecay(0.1, 9, 0.5))",
            "exact",
        ),
        (
            "tf.compat.v1.train.AdamOptimizer(0.1)",
            "lambda: tf.compat.v1.train.AdamOptimizer(0.1)",
            "exact",
        ),
        ("make_optimizer()", "lambda: make_optimizer()", "review"),
    ],
)
def test_an_optimizer_that_tff_lacks_stays_that_of_keras(
    optimizer: str, expected: str, kind: str
) -> None:
    process = process_with(optimizer)
    assert f"client_optimizer_fn=keras_optimizer({expected}))" in process.replacement
    assert (process.kind, process.helpers) == (kind, ("keras_optimizer",))


def process_with(optimizer: str) -> Finding:
    found = check(
        "process = tff.learning.build_federated_averaging_process(\n"
        f"    model_fn, client_optimizer_fn=lambda: {optimizer})\n"
    )
    (process,) = [f for f in found if f.symbol.endswith("averaging_process")]
    return process


def test_the_server_keeps_keras_where_its_state_is_read() -> None:
    source = """
process = tff.learning.build_federated_averaging_process(
    model_fn, lambda: tf.keras.optimizers.SGD(0.1)%s)
state = process.initialize()
print(state.optimizer_state[0])
"""
    for given, rate in [("", "learning_rate=1.0"), (", lambda: tf.keras.optimizers.SGD(2.)", "2.")]:
        written = upgrade(source % given, unsafe=True)
        assert (
            "client_optimizer_fn=tff.learning.optimizers.build_sgdm(learning_rate=0.1)" in written
        )
        assert f"keras_optimizer(lambda: tf.keras.optimizers.legacy.SGD({rate}))" in written
        assert "print(state.finalizer[0])" in written


def test_what_a_function_makes_of_its_arguments_is_written_there() -> None:
    written = upgrade("""
def sgd(rate, **options):
    return lambda: tf.keras.optimizers.SGD(rate, **options)
process = tff.learning.build_federated_averaging_process(model_fn, sgd(0.1), sgd(1.0))
""")
    assert (
        "return keras_optimizer(lambda: tf.keras.optimizers.legacy.SGD(rate, **options))" in written
    )
    assert "client_optimizer_fn=sgd(0.1)" in written


def test_one_place_and_several_optimizers() -> None:
    source = """
    def train(client_optimizer_fn):
        return tff.learning.build_federated_averaging_process(
            model_fn, client_optimizer_fn=client_optimizer_fn)
    train(lambda: tf.keras.optimizers.SGD(0.1))
    train(lambda: tf.keras.optimizers.SGD(0.2))
    """
    written = upgrade(source)
    assert "client_optimizer_fn=client_optimizer_fn" in written
    assert "train(tff.learning.optimizers.build_sgdm(learning_rate=0.1))" in written
    assert "train(tff.learning.optimizers.build_sgdm(learning_rate=0.2))" in written


def test_what_a_loop_gives_is_not_written_from_its_first() -> None:
    source = """
    for make in [OPTIMIZERS[0], OPTIMIZERS[1]]:
        p = tff.learning.build_federated_averaging_process(model_fn, client_optimizer_fn=make)
    """
    (process,) = check(source)
    assert process.kind == "review"
    assert "client_optimizer_fn=keras_optimizer(make)" in process.replacement


def test_roles_are_followed() -> None:
    source = f"""{PROCESS}
state = process.initialize()
for _ in range(3):
    state, metrics = process.next(state, data)
    print(metrics.loss)
weights = state.model
state.model.assign_weights_to(keras_model)
"""
    written = upgrade(source)
    assert "print(metrics['client_work']['train']['loss'])" in written
    assert "weights = state.global_model_weights" in written
    assert "state.global_model_weights.assign_weights_to(keras_model)" in written


@pytest.mark.parametrize(
    "use",
    [
        "def make():\n    return process\nq = make()\nstate = q.initialize()\nstate.model",
        "states = [process.initialize()]\nfor state in states:\n    state.model",
        "d = {'p': process}\nd['p'].initialize().model",
        "output = process.next(process.initialize(), data)\noutput[0].model",
        "class T:\n    def __init__(self):\n        self.state = process.initialize()\n"
        "    def w(self):\n        return self.state.model\n",
        "def w(state):\n    return state.model\nw(process.initialize())",
        "state = process.initialize() if x else process.initialize()\nstate.model",
    ],
)
def test_roles_go_through_functions_and_containers(use: str) -> None:
    assert "training state.model" in _symbols(check(f"{PROCESS}\n{use}\n"))


def test_an_evaluation_gets_one_helper_function() -> None:
    source = f"""
evaluation = tff.learning.build_federated_evaluation(model_fn)
{PROCESS}
state = process.initialize()
a = evaluation(state.model, train)
b = evaluation(state.model, test)
print(a.loss, b.loss)
"""
    written = upgrade(source)
    assert written.count("def evaluate(") == 1
    assert "a = evaluate(evaluation, state.global_model_weights, train)" in written
    assert "print(a['loss'], b['loss'])" in written


def test_a_helper_function_has_a_free_name() -> None:
    source = """
    evaluate = tff.learning.build_federated_evaluation(model_fn)
    m = evaluate(weights, test)
    """
    assert "m = evaluate_process(evaluate, weights, test)" in upgrade(source)


@pytest.mark.parametrize(
    "maker",
    [
        "averaging_process(model_fn, client_optimizer_fn=unknown())",
        # Of this form it is only said what to do.
        "sgd_process(model_fn, client_weight_fn=lambda outputs: 1.0)",
    ],
)
def test_members_stay_where_their_maker_is_left(maker: str) -> None:
    source = f"""
    p = tff.learning.build_federated_{maker}
    state = p.initialize()
    print(state.model)
    """
    assert "print(state.model)" in upgrade(source)


def test_types_are_wrapped_once() -> None:
    assert "tff.FederatedType(tff.types.tensorflow_to_type(tf.float32), tff.CLIENTS" in upgrade(
        "T = tff.FederatedType(tf.float32, tff.CLIENTS)\n"
    )
    source = "T = tff.FederatedType(tff.TensorType(tf.float32, [2]), tff.CLIENTS)\n"
    assert "tensorflow_to_type" not in upgrade(source)
    assert "tff.TensorType(np.float32, [2])" in upgrade(source)
    assert "import numpy as np" in upgrade(source)


def test_a_type_that_is_one_is_left() -> None:
    assert not check("import numpy as np\nT = tff.FederatedType(np.float32, tff.CLIENTS)\n")


def test_old_names_of_tensorflow_numpy_and_python() -> None:
    source = """
    import numpy as np
    from collections import Mapping
    x = tf.to_float(1)
    y = np.bool(1)
    o = tf.keras.optimizers.SGD(lr=0.1, momentum=0.9)
    z = isinstance(x, Mapping)
    """
    written = upgrade(source)
    assert "tf.compat.v1.to_float(1)" in written
    assert "y = bool(1)" in written
    assert "tf.keras.optimizers.legacy.SGD(learning_rate=0.1, momentum=0.9)" in written
    assert "isinstance(x, collections.abc.Mapping)" in written
    assert "from collections import Mapping" not in written


def test_the_internal_package_becomes_the_public_one() -> None:
    written = upgrade(
        "x = tff.tf_computation(lambda: 1)\n",
        head="from tensorflow_federated import python as tff\n",
    )
    assert written == (
        "import tensorflow_federated as tff\nx = tff.tensorflow.computation(lambda: 1)\n"
    )


def test_what_came_into_internal_modules_later_has_its_public_name() -> None:
    head = "from tensorflow_federated.python.core.impl.types import placements\n"
    # The release had no such module; where it came later it was what is public.
    written = upgrade("x = placements.SERVER\n", "0.18.0", head=_HEAD + head)
    assert written.endswith("x = tff.SERVER\n")


def test_of_an_internal_module_it_is_told_whether_it_is_still_there() -> None:
    source = """
    from tensorflow_federated.python.common_libs import py_typecheck, structure
    from tensorflow_federated.python.learning import model_utils
    py_typecheck.check_type(x, int)
    """
    typecheck, public, gone, use = check(source, "0.20.0")
    inside = "tensorflow_federated.python"
    assert typecheck.message.startswith(f"`{inside}.common_libs.py_typecheck` is internal to TFF:")
    assert public.message.startswith("`tff.structure` is public, and imported from inside of TFF:")
    assert gone.message.startswith(
        f"`{inside}.learning.model_utils` is not in TFF {coverage.PRIMARY}:"
    )
    assert (use.last_release, use.kind) == ("", "none")


def test_an_import_is_taken_away_with_its_last_use() -> None:
    written = upgrade(
        "p = build(model_fn, client_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.1))\n",
        head="import tensorflow as tf\n"
        "from tensorflow_federated.python.learning import (\n"
        "    build_federated_averaging_process as build)\n",
    )
    assert "tensorflow_federated.python" not in written
    assert "import tensorflow_federated as tff\n" in written
    assert "p = tff.learning.algorithms.build_weighted_fed_avg(" in written


def test_an_import_that_is_put_back_binds_a_free_name() -> None:
    written = upgrade(
        "tff = 3\n@tf_computation\ndef f():\n    return tff\n",
        head="from tensorflow_federated import tf_computation\n",
    )
    assert written == (
        "import tensorflow_federated as tff_\n"
        "tff = 3\n@tff_.tensorflow.computation\ndef f():\n    return tff\n"
    )


def test_a_package_comes_before_a_module_of_the_same_name(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "__init__.py").write_text("from tensorflow_federated import tf_computation")
    (tmp_path / "own.py").write_text("from tensorflow_federated import federated_mean")
    source = "import own\nown.tf_computation(tf.int32)\nown.federated_mean\n"
    (finding,) = _finder(source, "0.13.1", str(tmp_path / "program.py")).findings()
    assert finding.symbol == "tff.tf_computation"


def test_comments_inside_of_a_call_survive() -> None:
    source = """
    model = tff.learning.from_keras_model(
        make(),  # a small one
        # on one batch
        input_spec=SPEC, loss=LOSS,
        loss_weights=None)
    """
    written = upgrade(source, "0.14.0")
    assert "# a small one" in written
    assert "# on one batch" in written


def test_every_other_byte_stays() -> None:
    source = "# -*- coding: latin-1 -*-\r\n" + _HEAD.replace("\n", "\r\n")
    source += "x = 'é'\t \r\n\x0c\r\n@tff.tf_computation\r\ndef f(): return 1;  pass\r\n"
    document = documents.document(Path("x.py"), source.encode("latin-1"))
    resolver = Resolver(Version("0.13.1"))
    resolver.document(document)
    finder = Finder(document, resolver.result, Version("0.13.1"), coverage.PRIMARY)
    content = rewriting.rewrite(finder, finder.findings()).content.decode("latin-1")
    assert content == source.replace("tff.tf_computation", "tff.tensorflow.computation")


def test_last_in_is_of_this_call() -> None:
    (finding,) = check(
        "tff.learning.build_federated_averaging_process(f, client_optimizer_fn=g)\n", "0.16.1"
    )
    assert finding.last_release == "0.27.0"


def test_doubts_are_said() -> None:
    found = check("name = input()\nf = getattr(tff.learning, name)\n")
    assert [finding.code for finding in found] == ["TFF901"]
    finder = _finder("from tensorflow_federated import *\n", "0.13.1")
    assert [finding.code for finding in finder.findings()] == ["TFF901"]


@pytest.mark.parametrize("owner", ["value", "process.next", "evaluation_process.next", "f(x)"])
def test_what_all_objects_have_is_no_doubt(owner: str) -> None:
    source = f"def show(value, process, evaluation_process, f, x):\n  {owner}.type_signature\n"
    assert check(source, "0.33.0") == []


@pytest.mark.parametrize(
    "owner", ["evaluation", "self.evaluation", "evaluation()", "evaluation[0]"]
)
def test_what_is_called_like_its_role_is_doubted(owner: str) -> None:
    (finding,) = check(f"def show(self, evaluation):\n  {owner}.type_signature\n", "0.33.0")
    assert (finding.code, finding.symbol) == ("TFF901", "evaluation.type_signature")


def test_models_of_today_have_a_forward_pass_too() -> None:
    source = "def train(model, functional_model):\n  {}.forward_pass(x)\n"
    assert check(source.format("model"), "0.40.0") == []
    (finding,) = check(source.format("functional_model"), "0.40.0")
    assert finding.symbol == "functional model.forward_pass"


def test_models_of_then_have_their_weights() -> None:
    weights = "print(model_fn().weights.trainable)\n"
    written = upgrade(f"{MODEL_FN}{weights}", "0.19.0", unsafe=True)
    assert "tff.learning.models.ModelWeights.from_model(model_fn()).trainable" in written
    # Models of Keras have such a member too: the name alone tells nothing.
    assert check("def f(model):\n    model.weights\n", "0.19.0") == []


def test_members_that_only_old_objects_had_are_doubted() -> None:
    (finding,) = check("def train(self, it):\n  it.report_local_outputs()\n", "0.16.1")
    assert (finding.code, finding.symbol) == ("TFF901", "model.report_local_outputs")


_OWN_STATE = """
@attr.s
class ServerState(object):
    model = attr.ib()

"""


@pytest.mark.parametrize("owner", ["state", "server_state", "self.new_state", "states[0]"])
def test_states_of_a_program_with_a_class_for_them_are_no_doubt(owner: str) -> None:
    read = f"def show(self, state, server_state, states):\n    {owner}.model\n"
    assert [each.code for each in check(read, "0.18.0")] == ["TFF901"]
    assert check(_OWN_STATE + read, "0.18.0") == []
    assert check(_OWN_STATE.replace("model", "weights") + read, "0.18.0") != []


def test_where_the_program_has_states_of_tff_too_only_the_name_of_its_class_tells() -> None:
    read = "def show(server_state, state):\n    server_state.model\n    state.model\n"
    found = check(f"{_OWN_STATE}{PROCESS}initial = process.initialize()\n{read}", "0.18.0")
    (doubt,) = [each for each in found if each.code == "TFF901"]
    assert "If `state` is the training state" in doubt.message


@pytest.mark.parametrize(
    "annotated",
    [
        "def f(a: {}): pass",
        "def f(a: List[{}] = ()): pass",
        "def f() -> typing.Optional[{}]: pass",
        "async def f() -> {}: pass",
        "a: {} = b",
        "A = Callable[[], {}]",
        "def f(*a: {} | None): pass",
    ],
)
def test_annotations_only_name_a_class(annotated: str) -> None:
    (finding,) = check(annotated.format("tff.learning.Model") + "\n", "0.18.0")
    assert finding.replacement == "tff.learning.models.VariableModel"
    assert finding.kind == "exact"
    assert check(annotated.format("tff.simulation.datasets.ClientData") + "\n", "0.19.0") == []


@pytest.mark.parametrize(
    "used",
    ["class A({}): pass", "a = {}", "f({})", "a = b[{}]", "a: int = {}", "def f(a=[{}]): pass"],
)
def test_what_is_made_of_a_class_is_for_review(used: str) -> None:
    for name in ("tff.learning.Model", "tff.simulation.datasets.ClientData"):
        (finding,) = check(used.format(name) + "\n", "0.19.0")
        assert finding.kind == "review"


def test_modules_that_stood_in_public_ones_are_seen() -> None:
    simulation = "tff.simulation.client_data.ConcreteClientData"
    for path in (simulation, simulation.replace("tff.", "tff.python.")):
        (finding,) = check(f"{path}(ids, f)\n", "0.18.0")
        assert finding.replacement == "client_data_of_function(ids, f)"
    path = "tff.learning.framework.optimizer_utils.ServerState"
    (finding,) = check(f"isinstance(state, {path})\n", "0.18.0")
    assert (finding.code, finding.symbol) == ("TFF102", "tff.learning.framework.ServerState")
    # They were attributes only where TFF itself imports them.
    assert check("tff.simulation.client_data.ConcreteClientData\n", "0.20.0") == []


def test_what_all_classes_have_stays_on_renamed_ones() -> None:
    name = "tff.program.FileReleaseManagerIncompatibleFileError"
    (finding,) = check(f"{name}.__name__\n", "0.52.0")
    assert finding.replacement == "tff.program.CSVKeyFieldnameNotFoundError.__name__"


FORWARDED = """
def train(*args, **kwargs):
    return tff.learning.algorithms.build_fed_recon(model_fn, loss_fn=loss_fn, *args, **kwargs)
"""


def test_optimizers_that_come_by_keywords_are_written_where_they_stand() -> None:
    calls = "train(server_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.5))\ntrain()\n"
    found = check(FORWARDED + calls, "0.80.0")
    assert _symbols(found) == ["tff.learning.algorithms.build_fed_recon", "tf.keras.optimizers"]
    assert upgrade(FORWARDED + calls, "0.80.0") == FORWARDED + calls.replace(
        "lambda: tf.keras.optimizers.SGD(0.5)",
        "tff.learning.optimizers.build_sgdm(learning_rate=0.5)",
    )


def test_optimizers_that_come_by_position_are_written_where_they_stand() -> None:
    source = """
    def finalizer(*args):
        return tff.learning.templates.build_apply_optimizer_finalizer(*args)
    first = finalizer(lambda: tf.keras.optimizers.SGD(1.0), weights_type)
    second = finalizer(tff.learning.optimizers.build_sgdm(1.0), weights_type)
    """
    assert upgrade(source, "0.84.0") == textwrap.dedent(source).replace(
        "lambda: tf.keras.optimizers.SGD(1.0)",
        "tff.learning.optimizers.build_sgdm(learning_rate=1.0)",
    )


@pytest.mark.parametrize(
    "given",
    [
        "server_optimizer_fn=make",  # It would have to be called.
    ],
)
def test_what_comes_by_keywords_and_is_left_is_a_finding(given: str) -> None:
    source = (
        f"{FORWARDED}\ndef make():\n    return tf.keras.optimizers.SGD(0.1)\n\ntrain({given})\n"
    )
    found = check(source, "0.80.0")
    assert "tff.learning.algorithms.build_fed_recon" in _symbols(found)
    assert {finding.kind for finding in found} == {"none"}
    assert upgrade(source, "0.80.0") == source


def test_legacy_keywords_that_come_by_keywords_are_findings() -> None:
    source = """
    def train(**kwargs):
        return tff.learning.algorithms.build_weighted_fed_avg(model_fn, **kwargs)
    train(use_experimental_simulation_loop=True)
    """
    (finding,) = check(source, "0.64.0")
    assert (finding.kind, finding.line) == ("review", 5)
    now = upgrade(source, "0.64.0", unsafe=True)
    builder = "tff.learning.algorithms.build_weighted_fed_avg"
    assert f"return taking_keras_optimizers({builder})(model_fn, **kwargs)\n" in now


AVERAGING = """
def train(*args, **kwargs):
    return tff.learning.build_federated_averaging_process(model_fn, *args, **kwargs)
"""


def test_a_builder_of_any_arguments_becomes_a_function_that_takes_them() -> None:
    source = (
        f"{AVERAGING}train(lambda: tf.keras.optimizers.SGD(0.1))\n"
        "train(client_optimizer_fn=lambda: tf.keras.optimizers.SGD(lr=0.2),\n"
        "      server_optimizer_fn=lambda: tf.keras.optimizers.SGD(1.0))\n"
    )
    now = upgrade(source, "0.20.0")
    assert "return build_averaging_process(model_fn, *args, **kwargs)\n" in now
    assert "train(tff.learning.optimizers.build_sgdm(learning_rate=0.1))\n" in now
    assert "client_optimizer_fn=tff.learning.optimizers.build_sgdm(learning_rate=0.2)" in now
    assert "server_optimizer_fn=tff.learning.optimizers.build_sgdm(learning_rate=1.0)" in now


@pytest.mark.parametrize(
    "given", ["", "client_optimizer_fn=make", "make(), lambda: tf.keras.optimizers.SGD(1.0)"]
)
def test_such_a_builder_is_for_review_where_an_optimizer_is_not_seen(given: str) -> None:
    found = check(f"{AVERAGING}train({given})\n", "0.20.0")
    kinds = {f.kind for f in found if f.symbol == "tff.learning.build_federated_averaging_process"}
    assert kinds == {"review"}


def test_optimizers_stay_those_of_keras_where_they_leave_rows_alone() -> None:
    source = """
    net = tf.keras.Sequential([tf.keras.layers.Embedding(6, 2), tf.keras.layers.Dense(1)])
    process = tff.learning.build_federated_averaging_process(
        model_fn, lambda: tf.keras.optimizers.SGD(0.1{}))
    """
    assert "build_sgdm(learning_rate=0.1)" in upgrade(source.format(""), "0.20.0")
    with_momentum = upgrade(source.format(", momentum=0.5"), "0.20.0")
    assert "lambda: tf.keras.optimizers.legacy.SGD(0.1, momentum=0.5)" in with_momentum


@pytest.mark.parametrize(
    ("call", "release"),
    [
        ("f(1, 2, 3, 4)", "0.33.0"),
        ("f(initial_weights=w, forward_pass_fn=f, predict_on_batch_fn=p, input_spec=s)", "0.52.0"),
    ],
)
def test_calls_that_neither_release_takes_are_left(call: str, release: str) -> None:
    source = f"tff.learning.models.FunctionalModel{call[1:]}\n"
    assert check(source, release) == []


def test_functional_models_keep_their_forward_pass() -> None:
    source = """
    model = tff.learning.models.FunctionalModel(w, forward, predict, spec)
    assert isinstance(model, tff.learning.models.FunctionalModel)
    output = model.forward_pass(weights, batch, training=False)
    """
    now = upgrade(source, "0.20.0")
    assert "class FunctionalModelOfForwardPass(tff.learning.models.FunctionalModel):" in now
    assert "model = FunctionalModelOfForwardPass(w, forward, predict, spec)\n" in now
    assert "isinstance(model, tff.learning.models.FunctionalModel)\n" in now
    assert "output = output_of_batch(model, weights, batch, False)\n" in now


def test_one_of_two_parameters_for_models_stays_checked() -> None:
    source = (
        "tff.learning.algorithms.build_weighted_fed_avg(\n"
        "    model_fn, tff.learning.optimizers.build_sgdm(0.1), model=functional)\n"
    )
    assert "one_model(model_fn, functional)" in upgrade(source, "0.27.0")


def test_composed_processes_give_what_their_processes_give() -> None:
    source = """
    process = tff.learning.build_federated_averaging_process(
        model_fn, lambda: tf.keras.optimizers.SGD(0.1))
    composed = tff.simulation.compose_dataset_computation_with_iterative_process(f, process)
    state = composed.initialize()
    print(state.model.trainable)
    evaluation = tff.learning.build_federated_evaluation(model_fn)
    of_clients = tff.simulation.compose_dataset_computation_with_computation(f, evaluation)
    print(of_clients(state.model, ids))
    """
    now = upgrade(source, "0.17.0")
    assert "print(state.global_model_weights.trainable)\n" in now
    assert "compose_dataset_computation_with_learning_process" in now
    assert "print(evaluate(of_clients, state.global_model_weights, ids))\n" in now


def test_what_is_given_by_keywords_that_is_modern_is_no_finding() -> None:
    source = "train(server_optimizer_fn=tff.learning.optimizers.build_sgdm(1.0))\n"
    assert check(FORWARDED + source, "0.80.0") == []


def test_optimizers_of_tff_may_come_to_the_same_place() -> None:
    source = """
    def train(optimizer):
        return tff.learning.algorithms.build_weighted_fed_avg(model_fn, optimizer)
    train(lambda: tf.keras.optimizers.SGD(0.1))
    train(tff.learning.optimizers.build_sgdm(0.1))
    """
    assert "train(tff.learning.optimizers.build_sgdm(learning_rate=0.1))" in upgrade(
        source, "0.64.0"
    )


@pytest.mark.parametrize("importer", ["importlib.import_module", "pytest.importorskip"])
def test_packages_that_functions_import_are_followed(importer: str) -> None:
    module = importer.partition(".")[0]
    head = f"import {module}\ntff = {importer}('tensorflow_federated')\n"
    source = "f = tff.tf_computation(g)\n"
    assert upgrade(source, head=head) == "f = tff.tensorflow.computation(g)\n"


def test_findings_can_be_ignored(tmp_path: Path) -> None:
    path = tmp_path / "x.py"
    path.write_text(
        "import tensorflow_federated as tff\n"
        "a = tff.tf_computation  # tff-compat: ignore[TFF102]\n"
        "b = tff.tf_computation  # tff-compat: ignore[TFF999]\n"
        "c = tff.tf_computation  # tff-compat: ignore\n"
    )
    program = programs.Program([path], tmp_path)
    checked = programs.check(program, Version("0.13.1"), coverage.PRIMARY)
    assert [finding.line for finding in checked.findings[path]] == [3]


def test_what_may_be_two_things_is_called_the_same_each_time() -> None:
    source = """
    process = tff.learning.build_federated_sgd_process(model_fn)
    evaluate = tff.learning.build_federated_evaluation(model_fn)
    state, metrics = process.next(process.initialize(), data)
    for each in [metrics, evaluate(state.model, data)]:
        print(each.loss)
    """
    assert len({tuple(_symbols(check(source, "0.4.0"))) for _ in range(40)}) == 1


def test_a_function_used_as_a_value_becomes_one_that_calls_the_modern_form() -> None:
    written = upgrade("types = map(tff.type_at_clients, [t])\n", "0.17.0", unsafe=True)
    assert written.startswith("types = map((lambda type_spec, all_equal=False: ")


def test_a_function_whose_arguments_cannot_be_seen_gets_them_as_they_are() -> None:
    written = upgrade("new = tff.utils.update_state(state, **fields)\n", "0.13.1")
    assert written == (
        "new = (lambda state, **kwargs: tff.structure.update_struct(state, **kwargs))"
        "(state, **fields)\n"
    )


def test_a_parameter_of_an_optional_part_is_for_calls_that_give_it() -> None:
    (finding,) = check("make = tff.framework.create_local_executor\n", "0.9.0")
    made = "tff.backends.native.create_sync_local_cpp_execution_context"
    assert finding.replacement == (
        f"(lambda num_clients=None, max_fanout=100: {made}() if num_clients is None"
        f" else {made}(default_num_clients=num_clients))"
    )


def test_a_function_compared_with_another_is_left() -> None:
    (finding,) = check("same = make is tff.type_at_clients\n", "0.17.0")
    assert finding.kind == "none"


def test_a_default_that_is_no_literal_matters_only_where_the_code_uses_it() -> None:
    (finding,) = check("set_it = tff.backends.native.set_local_execution_context\n", "0.19.0")
    assert "client_tf_devices=None" in finding.replacement


@pytest.mark.parametrize("release", ["0.16.1", "0.17.0", "0.48.0", "0.64.0"])
def test_a_decorator_with_types_is_written_whole(release: str) -> None:
    written = upgrade(
        "@tff.federated_computation([('a', tf.int32)], tf.bool)\ndef f(x, y):\n  return x\n",
        release,
    )
    assert written.startswith(
        "@tff.federated_computation(\n"
        "    tff.types.tensorflow_to_type([('a', tf.int32)]),\n"
        "    tff.types.tensorflow_to_type(tf.bool))\n"
    ) or written.startswith(
        "@tff.federated_computation(tff.types.tensorflow_to_type([('a', tf.int32)]), "
        "tff.types.tensorflow_to_type(tf.bool))\n"
    )


@pytest.mark.parametrize("imports", ["import tff_compat", "import tff_compat as compat"])
def test_what_as_of_gives_is_tff(imports: str) -> None:
    name = imports.split()[-1]
    uses = f't = {name}.as_of("0.30")\nt.TensorType(tf.int32)\n'
    source = f"{imports}\nimport tensorflow as tf\n{uses}"
    own, found = _finder(source, "0.30.0").findings()
    assert (own.code, own.kind) == ("TFF404", "none")
    assert (found.symbol, found.replacement) == ("tff.TensorType", "t.TensorType(np.int32)")


COMPUTATION = """
@tff.federated_computation(TYPE, TYPE)
def computed(x, y):
  total = tff.federated_sum(x)
"""


@pytest.mark.parametrize(
    "operands",
    ["x + y", "total + y", "x + total.a", "x[0] + y", "tff.federated_map(f, x) + y", "f(x) + g(y)"],
)
def test_values_of_a_computation_are_added_by_a_helper(operands: str) -> None:
    head = "f = tff.tf_computation(lambda a: a, tf.int32)\n"
    written = upgrade(f"{head}{COMPUTATION}  return {operands}\n", "0.20.0")
    left, _, right = operands.partition(" + ")
    assert f"return plus({left}, {right})" in written


def test_functions_that_get_values_add_them_too() -> None:
    source = (
        "def twice(x):\n  return x + x\n\nf = tff.federated_computation(lambda x: twice(x), TYPE)"
    )
    assert "return plus(x, x)" in upgrade(source, "0.13.1")


def test_what_is_no_value_is_added_as_it_was() -> None:
    source = "@tff.tf_computation(tf.int32)\ndef f(x):\n  return x + 1\n\ny = f(1) + 2\n"
    assert _symbols(check(source)) == ["tff.tf_computation"]
    assert not [f for f in check(f"{COMPUTATION}  return x + y\n", "0.68.0") if "+" in f.symbol]


@pytest.mark.parametrize("operator", ["-", "*", "/"])
def test_other_operators_are_followed_by_nothing(operator: str) -> None:
    lines = f"  x {operator}= 2\n  return x {operator} y\n"
    assert not [f for f in check(COMPUTATION + lines, "0.18.0") if f.line > 5]


@pytest.mark.parametrize(
    ("change", "written"),
    [
        ("total += y", "total = plus(total, y)"),
        ("x.a = y", "x = with_field(x, 'a', y)"),
        ("x.a = x.b + y", "x = with_field(x, 'a', plus(x.b, y))"),
    ],
)
def test_a_change_of_a_value_makes_a_new_one(change: str, written: str) -> None:
    assert f"  {written}\n" in upgrade(f"{COMPUTATION}  {change}\n  return total\n", "0.18.0")


@pytest.mark.parametrize("change", ["x.a.b = y", "z = x.a = y", "x[0] += y"])
def test_a_change_of_a_part_of_a_value_is_left_to_a_person(change: str) -> None:
    found = check(f"{COMPUTATION}  {change}\n  return total\n", "0.18.0")
    assert [each.kind for each in found if each.line == 7] == ["none"]


def test_a_type_that_cannot_be_seen_is_converted_for_review() -> None:
    source = "def make(fn, spec):\n  return tff.federated_computation(fn, spec)\n"
    (finding,) = check(source, "0.20.0")
    assert (finding.code, finding.kind) == ("TFF901", "review")
    assert finding.replacement == (
        "tff.federated_computation(fn, tff.types.tensorflow_to_type(spec))"
    )


@pytest.mark.parametrize(
    "source",
    [
        "def make(fn):\n  return tff.federated_computation(fn)\n",
        "def make(fn):\n  return tff.SequenceType(fn.type_signature.result)\n",
        "def make(fn):\n  return tff.federated_computation(fn, fn.type_signature.parameter[0])\n",
        "make = tff.federated_computation(lambda x: x, tff.SequenceType(TYPE.type_signature))\n",
    ],
)
def test_a_type_of_tff_is_left(source: str) -> None:
    assert not check(source, "0.20.0")


def test_types_are_known_by_what_only_they_have() -> None:
    (finding,) = check("print(made.type_signature.result.is_tensor())\n", "0.20.0")
    assert finding.replacement == "isinstance(made.type_signature.result, tff.TensorType)"


_SGDM = "tff.learning.optimizers.build_sgdm"


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("partial(tf.keras.optimizers.SGD, learning_rate=RATE)", f"{_SGDM}(learning_rate=RATE)"),
        (
            "functools.partial(tf.keras.optimizers.SGD, 0.3, momentum=0.9)",
            f"{_SGDM}(learning_rate=0.3, momentum=0.9)",
        ),
        ("lambda: held(0.1)", f"{_SGDM}(learning_rate=0.1, momentum=0.9)"),
        ("lambda: held(lr=0.1, momentum=0.5)", f"{_SGDM}(learning_rate=0.1, momentum=0.5)"),
        ("partial(held, lr=0.2)", f"{_SGDM}(learning_rate=0.2, momentum=0.9)"),
        ("partial(make, 0.2)", "keras_optimizer(partial(make, 0.2))"),
    ],
)
def test_what_partial_holds_is_part_of_the_call(given: str, written: str) -> None:
    source = f"""
import functools
from functools import partial
RATE = 0.4
rate = 0.5
held = partial(tf.keras.optimizers.SGD, momentum=0.9)

def make(rate=0.1):
    return tf.keras.optimizers.SGD(rate)

tff.learning.build_federated_averaging_process(model_fn, client_optimizer_fn={given})
"""
    found = check(source, "0.17.0")[-1]
    assert found.kind == ("review" if "make" in given else "exact")
    assert f"client_optimizer_fn={written})" in found.replacement


def test_functions_that_partial_calls_get_what_it_holds() -> None:
    source = """
import functools

def train(process, rounds):
    state = process.initialize()
    return state.model

process = tff.learning.build_federated_averaging_process(model_fn)
run = functools.partial(train, process)
"""
    assert "training state.model" in _symbols(check(source, "0.17.0"))


def test_any_item_of_a_dictionary_is_one_of_its_values() -> None:
    source = """
OPTIMIZERS = {
    "sgd": lambda: tf.keras.optimizers.SGD(0.1),
    "adam": lambda: tf.keras.optimizers.Adam(0.2),
}
tff.learning.build_federated_averaging_process(model_fn, OPTIMIZERS[flags.optimizer])
"""
    text = upgrade(source, "0.17.0")
    assert f'"sgd": {_SGDM}(learning_rate=0.1),' in text
    assert '"adam": tff.learning.optimizers.build_adam(learning_rate=0.2),' in text
    assert "OPTIMIZERS[flags.optimizer])" in text


@pytest.mark.parametrize("name", ["tff", "federated"])
def test_what_the_internal_package_has_at_the_same_place_needs_another_import_only(
    name: str,
) -> None:
    source = f"""
from tensorflow_federated import python as {name}
kind = {name}.SequenceType({name}.FederatedType(THE_TYPE, {name}.CLIENTS))
print({name}.learning.framework.ModelWeights)
"""
    found = _finder(source, "0.17.0").findings()
    assert [each.code for each in found if each.code == "TFF106"] == ["TFF106"]
    text = upgrade(source, "0.17.0", head="")
    assert f"import tensorflow_federated as {name}" in text
    assert f"kind = {name}.SequenceType({name}.FederatedType(THE_TYPE, {name}.CLIENTS))" in text


@pytest.mark.parametrize(
    "rate",
    [
        "tf.keras.optimizers.schedules.ExponentialDecay(0.1, 100, 0.9)",
        "lambda: 0.1",
        "Warmup()",
        "tf.compat.v1.train.exponential_decay(0.1, step, 100, 0.9)",
        "tf.Variable(0.1)",
    ],
)
def test_rates_that_are_no_numbers_are_for_keras(rate: str) -> None:
    source = f"""
class Warmup(tf.keras.optimizers.schedules.LearningRateSchedule):
    def __call__(self, step):
        return 0.1

rate = {rate}
tff.learning.build_federated_averaging_process(
    model_fn, client_optimizer_fn=lambda: tf.keras.optimizers.SGD(rate))
"""
    found = check(source, "0.17.0")[-1]
    if "Variable" in rate or "exponential_decay" in rate:
        assert found.kind == "none"
        assert "take numbers" in found.message
    else:
        kept = "keras_optimizer(lambda: tf.keras.optimizers.legacy.SGD(rate))"
        assert f"client_optimizer_fn={kept})" in found.replacement


OWN_MODEL = """
import collections

class Model(tff.learning.Model):
    def report_local_outputs(self):
        return collections.OrderedDict(loss=self.loss)

    @property
    def federated_output_computation(self):
        return aggregate

class Trained(Model, tff.learning.TrainableModel):
    @tf.function
    def train_on_batch(self, batch):
        return self.forward_pass(batch)
"""


def test_models_that_say_how_their_outputs_are_aggregated_go_on_to() -> None:
    written = upgrade(
        f"""{OWN_MODEL}
process = tff.learning.build_federated_averaging_process(
    Model, lambda: tf.keras.optimizers.SGD(0.1))
evaluation = tff.learning.build_federated_evaluation(Model)
""",
        "0.14.0",
        unsafe=True,
    )
    assert "class Model(ModelWithOutputs):" in written
    assert "class Trained(Model, ModelWithOutputs):" not in written  # 0.14 had no such class.
    assert "metrics_aggregator=aggregate_outputs)" in written
    assert "metrics_aggregation_process=aggregation_of_outputs(Model))" in written
    for name in ("class ModelWithOutputs", "def aggregate_outputs", "def aggregation_of_outputs"):
        assert written.count(f"{name}(") == 1


def test_builders_get_nothing_for_outputs_where_no_model_has_them() -> None:
    written = upgrade(PROCESS, "0.14.0", unsafe=True)
    assert "aggregate_outputs" not in written


def test_models_that_train_themselves_go_on_to() -> None:
    written = upgrade(
        f"{OWN_MODEL}process = tff.learning.build_federated_averaging_process(Trained)\n",
        "0.7.0",
        unsafe=True,
    )
    assert "class Trained(Model, ModelWithOutputs):" in written
    assert "averaging_process(Trained, client_optimizer=None" in written.replace("\n    ", "")


@pytest.mark.parametrize(
    ("release", "parameter"), [("0.17.0", "client_weight_fn"), ("0.19.0", "client_weighting")]
)
def test_weights_of_clients_that_the_program_computes_are_kept(
    release: str, parameter: str
) -> None:
    written = upgrade(
        f"""
process = tff.learning.build_federated_averaging_process(
    model_fn, lambda: tf.keras.optimizers.SGD(0.1), {parameter}=lambda outputs: outputs['n'][0])
""",
        release,
        unsafe=True,
    )
    assert "client_optimizer=tff.learning.optimizers.build_sgdm(learning_rate=0.1)" in written
    assert "client_weight_fn=lambda outputs: outputs['n'][0]" in written


def test_what_the_second_code_has_no_place_for_is_not_lost() -> None:
    (process,) = check(
        """
tff.learning.build_federated_averaging_process(
    model_fn, lambda: tf.keras.optimizers.SGD(0.1), client_weighting=lambda o: o['n'][0],
    use_experimental_simulation_loop=True)
""",
        "0.20.0",
    )
    assert process.kind == "none"


def test_weights_have_the_names_of_variables() -> None:
    written = upgrade(
        """
process = tff.learning.build_federated_averaging_process(lambda: model_fn(0.1))
state = process.initialize()
print(state.model.trainable.kernel, state.model.non_trainable._asdict())
""",
        "0.9.0",
        unsafe=True,
    )
    assert "trainable_variables" not in written  # How the model trains itself is not known.
    written = upgrade(
        f"""{OWN_MODEL}
process = tff.learning.build_federated_averaging_process(lambda: Trained())
state = process.initialize()
print(state.model.trainable.kernel)
print(state.model.non_trainable._asdict())
""",
        "0.9.0",
        unsafe=True,
    )
    weights = "state.global_model_weights"
    for kind, rest in (("trainable", "['kernel']"), ("non_trainable", "")):
        given = f"lambda: Trained(), '{kind}_variables', {weights}.{kind}"
        assert f"print(named_weights({given}){rest})" in re.sub(
            r"(?<=\()\s+|\s+", " ", written
        ).replace("( ", "(")


def test_losses_by_output_are_put_in_order() -> None:
    written = upgrade(
        """
def model_fn():
    return tff.learning.from_keras_model(
        create(), loss={'b': tf.keras.losses.MeanSquaredError(), 'a': other}, input_spec=spec,
        loss_weights=weights)
""",
        unsafe=True,
    )
    assert "keras_model := create()" in written
    assert "'a': other}[name] for name in keras_model.output_names]" in written


def test_models_of_classes_are_called_for_their_variables() -> None:
    written = upgrade(
        """
class Net(tf.keras.Model):
    def call(self, inputs):
        return inputs

def model_fn():
    return tff.learning.from_keras_model(
        Net(), loss=tf.keras.losses.MeanSquaredError(), input_spec=spec)
""",
        unsafe=True,
    )
    assert "called_on_zeros(Net(), spec)" in written


def test_parts_of_contrib_that_are_in_tensorflow_itself() -> None:
    written = upgrade(
        """
nest = tf.contrib.framework.nest
@tf.contrib.eager.defun(autograph=False)
def f(x):
    return nest.map_structure(tf.negative, x)
tf.contrib.lookup.index_table_from_tensor([])
tff.federated_sum(x)
""",
        "0.1.0",
        unsafe=True,
    )
    assert "nest = tf.nest\n@tf.function(autograph=False)\n" in written
    assert "tf.contrib.lookup" in written


def test_metrics_have_the_names_of_then() -> None:
    source = f"{PROCESS}state, metrics = process.next(process.initialize(), data)\n"
    source += "print(metrics._asdict())\n"
    given = "metrics['client_work']['train']"
    for release, zeros in (("0.13.1", ", 'keras_training_time_client_sum_sec'"), ("0.14.0", "")):
        written = upgrade(source, release, unsafe=True)
        assert f"print(metrics_of_then({given}{zeros}))" in written
    names: dict[str, Any] = {}
    exec("import collections\n" + index.helpers()["metrics_of_then"], names)
    of_then = names["metrics_of_then"]
    assert of_then({"a": 1, "loss": 2, "num_examples": 3, "num_batches": 4}) == {"a": 1, "loss": 2}
    assert of_then({"loss": 2, "num_examples": 3, "num_batches": 4}, "t") == {"loss": 2, "t": 0.0}
    assert of_then({"num_examples": 3, "loss": 2}, "t") == {"num_examples": 3, "loss": 2}


def test_the_state_of_an_optimizer_stands_in_the_order_of_then() -> None:
    source = """
process = tff.learning.build_federated_sgd_process(model_fn, *args)
state = process.initialize()
print(state.optimizer_state)
"""
    by_name = "print(optimizer_state_by_name(model_fn, state.finalizer))"
    assert by_name in upgrade(source, "0.5.0", unsafe=True)
    source = source.replace(", *args", "")
    assert by_name in upgrade(source, "0.11.0", unsafe=True)
    assert "print(state.finalizer)" in upgrade(source, "0.12.0", unsafe=True)


STATEFUL = """
process = tff.learning.build_federated_averaging_process(
    model_fn, client_optimizer_fn=sgd,
    stateful_delta_aggregate_fn=tff.utils.StatefulAggregateFn(start, step),
    stateful_model_broadcast_fn=tff.utils.StatefulBroadcastFn(start, send))
"""


def test_functions_with_a_state_become_a_factory_and_a_process() -> None:
    written = upgrade(STATEFUL, "0.13.1", unsafe=True)
    assert "model_aggregator=StatefulAggregation(start, step)" in written
    assert "model_distributor=distribution_process(model_fn, StatefulBroadcast(" in written
    # Up to 0.11 the updates had names.
    source = "o = tf.keras.optimizers.SGD(0.1)\n"
    source += "def model_fn(): return tff.learning.from_keras_model(k, b, l, optimizer=o)\n"
    source += STATEFUL.replace(" client_optimizer_fn=sgd,", "")
    written = upgrade(source, "0.11.0", unsafe=True)
    assert re.search(r"model_aggregator=aggregation_by_name\(\s*model_fn, Stateful", written)
    assert "client_optimizer_fn=tff.learning.optimizers.build_sgdm(" in written


COMPILED = """
def model_fn():
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,))])
    model.compile(tf.keras.optimizers.SGD({rate}), tf.keras.losses.MeanSquaredError())
    return tff.learning.from_compiled_keras_model(model, batch)
process = tff.learning.build_federated_averaging_process(model_fn)
"""


def test_a_compiled_model_keeps_what_the_source_does_not_say() -> None:
    written = upgrade(COMPILED.format(rate="0.1"), "0.11.0", unsafe=True)
    assert "loss=tf.keras.losses.MeanSquaredError()" in written
    assert "client_optimizer_fn=tff.learning.optimizers.build_sgdm(learning_rate=0.1)" in written
    assert "optimizer_of_model" not in written
    several = COMPILED.format(rate="0.1").replace("model.compile(", "model.compile(*given) or (")
    written = upgrade(several, "0.11.0", unsafe=True)
    assert "return from_compiled_keras_model(model, batch)" in written
    assert "client_optimizer_fn=optimizer_of_model(model_fn)" in written


def test_a_model_keeps_its_optimizer_where_what_trains_it_gets_several() -> None:
    source = """
def one():
    return tff.learning.from_keras_model(
        make(), batch, tf.keras.losses.MeanSquaredError(), optimizer=tf.keras.optimizers.SGD(0.1))
def train(model_fn, **options):
    return tff.learning.build_federated_averaging_process(model_fn)
train(one)
"""
    assert "trained_by" not in upgrade(source, "0.11.0", unsafe=True)
    several = f"{source}{source.replace('one', 'two')}train(one)\ntrain(two)\n"
    several = several.replace("def train", "def _", 1)
    assert upgrade(several, "0.11.0", unsafe=True).count("return trained_by(") == 2
    spread = source.replace("process(model_fn)", "process(model_fn, **options)")
    written = upgrade(spread, "0.11.0", unsafe=True)
    assert "return build_federated_averaging_process(model_fn, **options)" in written
    assert "return trained_by(" in written


def test_a_batch_of_lists_is_described_by_a_helper() -> None:
    source = "tff.learning.from_keras_model(make(), {'x': [[0.0]], 'y': [[1.0]]}, loss())\n"
    written = upgrade(source, "0.4.0", unsafe=True)
    assert "input_spec=spec_of_batches({'x': [[0.0]], 'y': [[1.0]]})" in written


def test_arguments_that_cannot_be_seen_are_handed_on() -> None:
    source = "def f(**given): return tff.learning.from_keras_model(k, batch, **given)\n"
    assert "return from_keras_model(k, batch, **given)" in upgrade(source, "0.12.0")


def test_the_metrics_of_training_or_of_an_evaluation() -> None:
    source = f"""{PROCESS}
def shown(metrics):
    return metrics._asdict(), metrics.loss
evaluate = tff.learning.build_federated_evaluation(model_fn)
state, metrics = process.next(process.initialize(), data)
shown(metrics)
shown(evaluate(state.model, data))
"""
    written = upgrade(source, "0.13.1", unsafe=True)
    assert "return metrics_of_then(metrics_of_clients(metrics)" in written
    assert "metrics_of_clients(metrics)['loss']" in written
    names: dict[str, Any] = {}
    exec(index.helpers()["metrics_of_clients"], names)
    assert names["metrics_of_clients"]({"client_work": {"train": 1}}) == 1
    assert names["metrics_of_clients"]({"loss": 1}) == {"loss": 1}


def test_an_attribute_that_getattr_asks_for() -> None:
    source = f"{PROCESS}state = process.initialize()\nprint(getattr(state, 'model'))\n"
    assert "print(state.global_model_weights)" in upgrade(source)
    source = COMPILED.format(rate="0.1") + "trained = process.initialize().model.trainable\n"
    written = upgrade(f"{source}getattr(trained, 'a/b')\n", "0.11.0", unsafe=True)
    assert "named_weights(model_fn, 'trainable_variables', trained)['a/b']" in written


def test_fields_of_an_object_itself_are_no_doubt() -> None:
    source = "r = tff.tf_computation(lambda x: x, tf.int32)(1)\n"
    fields = "[getattr(r, k) for k in r._fields]\n"
    assert "TFF901" not in [each.code for each in check(source + fields, "0.9.0")]
    assert "TFF901" in [each.code for each in check(source + "getattr(r, k)\n", "0.9.0")]


def test_optimizers_that_derive_from_those_of_tff_are_none_of_keras() -> None:
    source = """
        class Mine(tff.learning.optimizers.Optimizer):
            def initialize(self, specs):
                return ()
            def next(self, state, weights, gradients):
                return state, weights
        process = tff.learning.algorithms.build_weighted_fed_avg(model_fn, Mine())
    """
    assert check(source, "0.86.0") == []


def test_ftrl_trains_with_its_own_rate_as_it_did() -> None:
    written = upgrade("tff.CLIENTS\ntf.keras.optimizers.Ftrl(lr=1)\n", "0.19.0")
    assert written == "tff.CLIENTS\ntf.keras.optimizers.legacy.Ftrl(lr=1)\n"


def test_optimizers_with_arguments_of_then_are_those_of_then() -> None:
    source = "tff.CLIENTS\ntf.keras.optimizers.SGD(0.1, decay=0.5)\ntf.keras.optimizers.SGD(lr=1)\n"
    written = upgrade(source)
    assert "tf.keras.optimizers.legacy.SGD(0.1, decay=0.5)\n" in written
    assert "tf.keras.optimizers.legacy.SGD(learning_rate=1)\n" in written
    written = upgrade("tff.CLIENTS\ntf.keras.optimizers.Ftrl(lr=1, decay=0.5)\n")
    assert "tf.keras.optimizers.legacy.Ftrl(decay=0.5)\n" in written
    inner = "from tensorflow.python.keras.optimizer_v2 import gradient_descent\n"
    written = upgrade(f"{inner}tff.CLIENTS\ngradient_descent.SGD(0.1)\n")
    assert "tf.keras.optimizers.legacy.SGD(0.1)\n" in written


@pytest.mark.parametrize(
    "used",
    [
        "def make():\n    return {}(0.1)",
        "def build(server_optimizer_fn=lambda: {}(learning_rate=1.0)):\n    pass",
        "optimizers = dict(plain={})",
        "isinstance(optimizer, {})",
    ],
)
def test_optimizers_that_a_program_uses_itself_are_those_of_then(used: str) -> None:
    source = f"tff.CLIENTS\n{used}\n"
    for name in ("tf.keras.optimizers.SGD", "tf.optimizers.Adam"):
        legacy = f"tf.keras.optimizers.legacy.{name.rpartition('.')[2]}"
        assert upgrade(source.format(name), "0.19.0") == source.format(legacy)
    # From TensorFlow 2.11 on they were those of today.
    assert check(source.format("tf.keras.optimizers.SGD"), "0.52.0") == []


def test_optimizers_that_only_tff_gets_are_found_once() -> None:
    source = """
    def client_optimizer():
        return tf.keras.optimizers.SGD(0.1)

    tff.learning.build_federated_averaging_process(
        f, client_optimizer, lambda: tf.keras.optimizers.SGD(1.0))
    """
    assert _symbols(check(source, "0.18.0")) == ["tff.learning.build_federated_averaging_process"]


def test_annotations_and_plain_gradient_descent_of_compiled_models_stay() -> None:
    keras = "tf.keras.optimizers"
    source = f"""
    def f(optimizer: {keras}.Optimizer, make: Callable[[], {keras}.Optimizer]):
        model.compile(loss=loss, optimizer={keras}.SGD(0.1))
        model.compile({keras}.SGD)
        model.compile(optimizer={keras}.Adam())
    """
    (finding,) = check(f"tff.CLIENTS\n{textwrap.dedent(source)}", "0.18.0")
    assert (finding.code, finding.replacement) == ("TFF406", f"{keras}.legacy.Adam")


@pytest.mark.parametrize("imported", ["", "tf.compat.v1.enable_v2_behavior()\n"])
def test_helpers_stand_after_the_imports_that_they_need(imported: str) -> None:
    head = f"import tensorflow as tf\n{imported}import tensorflow_federated as tff\n"
    written = upgrade("tff.utils.StatefulAggregateFn(start, step)\n", head=head)
    assert f"{head}{written}".index("import tensorflow_federated") < written.index(
        "class StatefulAggregation"
    ) + (len(head) if written.startswith("\n") else 0)


def test_what_is_plain_python_is_copied() -> None:
    head = "import tensorflow_federated as tff\n"
    head += "from tensorflow_federated.python.common_libs import py_typecheck\n"
    written = upgrade("py_typecheck.check_len([1], 1)\nf = py_typecheck.check_len\n", head=head)
    assert "\ncheck_len([1], 1)\nf = check_len\n" in written
    assert "as_of" not in written


@pytest.mark.parametrize(
    ("call", "written"),
    [
        ("tf.reduce_sum(x, reduction_indices=[1])", "tf.reduce_sum(x, axis=[1])"),
        (
            "tf.reduce_mean(x, reduction_indices=0, keep_dims=True)",
            "tf.reduce_mean(x, axis=0, keepdims=True)",
        ),
        ("tf.argmax(x, dimension=1)", "tf.argmax(x, axis=1)"),
        ("tf.expand_dims(x, dim=-1)", "tf.expand_dims(x, axis=-1)"),
        ("tf.squeeze(x, squeeze_dims=[0])", "tf.squeeze(x, axis=[0])"),
    ],
)
def test_keywords_that_tensorflow_renamed(call: str, written: str) -> None:
    (found,) = check(f"x = tf.zeros([2, 2])\nprint({call})\n", "0.5.0")
    assert (found.code, found.kind, found.replacement) == ("TFF402", "exact", written)


def test_keywords_of_today_are_left() -> None:
    source = "tf.reduce_sum(x, axis=1, keepdims=True)\ntf.compat.v1.reduce_sum(x, keep_dims=True)\n"
    assert not check(source, "0.5.0")


def test_a_variable_of_a_module_that_is_gone_is_not_needed() -> None:
    source = """
    reconstruction = tff.learning.reconstruction
    model = reconstruction.from_keras_model(
        keras_model, global_layers=a, local_layers=b, input_spec=spec)
    """
    assert "\nreconstruction = None\nmodel = tff.learning.models." in upgrade(source, "0.20.0")
    used = f"{source}    use(reconstruction)\n"
    assert "\nreconstruction = tff.learning.reconstruction\n" in upgrade(used, "0.20.0")


def test_what_all_classes_have_is_that_of_the_class_which_a_variable_holds() -> None:
    source = "names = [each.__name__ for each in (tff.profiler.TracedSpan, tff.profiler.span)]\n"
    (first, second) = check(source, "0.33.0")
    assert [first.replacement, second.replacement] == ["tracing.TracedSpan", "tracing.span"]


def test_traces_go_on_with_the_module_of_tff() -> None:
    now = upgrade("with tff.profiler.span('a', 'b'):\n    pass\n", "0.33.0", unsafe=True)
    assert "from tensorflow_federated.python.common_libs import tracing\n" in now
    assert "with tracing.span('a', 'b'):\n" in now


@pytest.mark.parametrize("chosen", ["given or {}", "{} if other else given"])
def test_what_is_chosen_among_several_is_known(chosen: str) -> None:
    default = "tff.learning.optimizers.build_sgdm(1.0)"
    source = f"""
    def train(given=None):
        return tff.learning.algorithms.build_weighted_fed_avg(
            model_fn, client_optimizer_fn={chosen.format(default)})
    train(lambda: tf.keras.optimizers.SGD(0.1))
    """
    now = upgrade(source, "0.64.0")
    assert "train(tff.learning.optimizers.build_sgdm(learning_rate=0.1))\n" in now


def test_a_class_that_may_be_asked_about_is_no_function() -> None:
    call = "assert isinstance(x, (tff.utils.StatefulBroadcastFn, int))\n"
    assert upgrade(call, "0.13.1", unsafe=True) == call


def test_keywords_that_are_given_by_stars_and_gone() -> None:
    source = """
    options = {"add_debug_measurements": True}
    tff.learning.robust_aggregator(**options)
    """
    (finding,) = check(source, "0.20.0")
    assert (finding.kind, finding.symbol) == ("none", "tff.learning.robust_aggregator")
    assert finding.message.endswith("Which arguments it gets cannot be seen.")


def test_what_puts_a_release_in_place_is_told_and_all_else_of_ours_is_not() -> None:
    source = """
    import tff_compat
    tff_compat.activate("0.13.1")
    tff_compat.deactivate()
    activate = as_of = other
    activate(as_of)
    with tff_compat.as_of("0.9") as old:
        pass
    """
    found = [each for each in check(source) if each.code == "TFF404"]
    assert [each.symbol for each in found] == ["tff_compat.activate", "tff_compat.as_of"]
    assert not any(each.replacement for each in found)


def test_members_are_called_as_they_are_read() -> None:
    source = """
    process = tff.templates.MeasuredProcess(a, b)
    output = process.next(process.initialize(), data)
    print(output["result"])
    """
    found = check(source, "0.14.0")[-1]
    assert (found.symbol, found.replacement) == ("measured output[result]", "output.result")


def test_imports_of_internal_modules() -> None:
    found = check("import tensorflow_federated.python as p\n", "0.13.1")
    assert [each.record()["last_release"] for each in found] == ["0.19.0"]
    # It is still needed by what is not written anew.
    source = "from tensorflow_federated.python.core.api import computations as c\n"
    imported, _ = check(f"{source}print(c)\nc.tf_computation\n")
    assert imported.kind == "none"
    imported, _ = check(f"{source}c.tf_computation\n")
    assert imported.kind == "exact"


CLIENTS = "train, test = tff.simulation.datasets.emnist.load_data()\n"


@pytest.mark.parametrize(
    ("release", "code", "after"),
    [
        (
            "0.10.0",
            "train.output_types",
            "tf.nest.map_structure(lambda spec: spec.dtype, train.element_type_structure)",
        ),
        (
            "0.10.0",
            "test.preprocess(f).output_shapes",
            "tf.nest.map_structure(lambda spec: spec.shape, "
            "test.preprocess(f).element_type_structure)",
        ),
        ("0.11.0", "train.output_types", ""),
        ("0.16.0", "train.train_test_client_split(train, 2)", "split_clients(train, 2)"),
        (
            "0.16.0",
            "tff.simulation.ClientData.train_test_client_split(train, num_test_clients=2)",
            "split_clients(train, 2)",
        ),
        (
            "0.17.0",
            "tff.simulation.ClientData.train_test_client_split(train, 2, seed=1)",
            "tff.simulation.datasets.ClientData.train_test_client_split(train, 2, seed=1)",
        ),
        ("0.17.0", "train.train_test_client_split(train, 2, seed=1)", ""),
        (
            "0.7.0",
            "train.create_tf_dataset_for_client('a').batch(2).output_types",
            "tf.compat.v1.data.get_output_types(train.create_tf_dataset_for_client('a').batch(2))",
        ),
    ],
)
def test_members_of_client_data_and_its_data_sets(release: str, code: str, after: str) -> None:
    found = [each for each in check(f"{CLIENTS}print({code})\n", release) if each.line > 3]
    assert [each.replacement for each in found] == ([after] if after else [])


def test_reconstruction_models_that_answered_the_opposite() -> None:
    call = "tff.learning.models.ReconstructionModel.has_only_global_variables(model)"
    (finding,) = check(f"x = {call}", "0.58.0")
    assert finding.replacement == f"not {call}"
    assert f"not {call}" not in upgrade(f"x = {call}", "0.60.0")
