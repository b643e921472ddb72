"""What is found where Python's own functions and operators are used on objects of TFF."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from packaging.version import Version
from tff_compat import coverage
from tff_compat.source import documents, rewriting
from tff_compat.source.findings import Finder
from tff_compat.source.resolving import Resolver
from tff_compat.source.writing import Finding

_HEAD = "import tensorflow as tf\nimport tensorflow_federated as tff\n"


def _finder(source: str, release: str) -> Finder:
    text = _HEAD + textwrap.dedent(source)
    document = documents.document(Path("program.py"), text.encode())
    resolver = Resolver(Version(release))
    resolver.document(document)
    return Finder(document, resolver.result, Version(release), coverage.PRIMARY)


def check(source: str, release: str = "0.13.1") -> list[Finding]:
    return _finder(source, release).findings()


def upgrade(source: str, release: str = "0.13.1", *, unsafe: bool = False) -> str:
    finder = _finder(source, release)
    return rewriting.rewrite(finder, finder.findings(), unsafe=unsafe).content.decode()


MODEL_FN = """
def model_fn():
    return tff.learning.from_keras_model(
        make(), loss=tf.keras.losses.MeanSquaredError(), input_spec=SPEC)
"""
TRAINED = f"""{MODEL_FN}
process = tff.learning.build_federated_averaging_process(
    model_fn, client_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.02))
state, metrics = process.next(process.initialize(), data)
"""
RESULT = """
@tff.federated_computation
def constants():
    return collections.OrderedDict(a=1)
value = constants()
"""


def _told(source: str, release: str) -> list[tuple[str, str, str]]:
    """What is found in the last line, as its symbol, kind and code."""
    found = check(source, release)
    last = max(each.line for each in found)
    return [(each.symbol, each.kind, each.replacement) for each in found if each.line == last]


# --- The class of an object -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "role"),
    [
        ("isinstance(state, tff.learning.framework.ServerState)", "training state"),
        ("isinstance(state.model, tff.learning.ModelWeights)", "model weights"),
        ("isinstance(metrics, dict)", "training metrics"),
        ("isinstance(metrics, (list, collections.OrderedDict))", "training metrics"),
    ],
)
def test_the_class_of_what_was_an_anonymous_tuple_is_asked_for_in_vain(question, role):
    found = _told(f"{TRAINED}import collections\nprint({question})", "0.13.1")
    assert (f"{role}: isinstance()", "none", "") in found
    assert "ServerState" not in question or found[1][1:] == ("none", "")


def test_states_have_had_a_class_since_0_16():
    question = "isinstance(state, tff.learning.framework.ServerState)"
    assert _told(f"{TRAINED}print({question})", "0.16.1") == [
        (
            "tff.learning.framework.ServerState",
            "exact",
            "tff.learning.templates.LearningAlgorithmState",
        )
    ]


@pytest.mark.parametrize(
    "question", ["isinstance(value, list)", "isinstance(value, np.ndarray)", "type(value)"]
)
def test_other_classes_of_results_are_what_they_were(question):
    source = f"import collections\nimport numpy as np\n{RESULT}print({question})"
    assert not any("isinstance" in each.symbol for each in check(source, "0.13.1"))


def test_what_tensorflow_code_gives_came_in_its_containers():
    source = """
        @tff.tf_computation
        def constants():
            return {'a': 1}
        print(isinstance(constants(), dict))
    """
    assert not any("isinstance" in each.symbol for each in check(source, "0.13.1"))
    assert any("isinstance" in each.symbol for each in check(source.replace("tf_", "federated_")))


def test_results_come_in_containers_since_0_16():
    source = f"import collections\n{RESULT}print(isinstance(value, dict))"
    assert any("isinstance" in each.symbol for each in check(source, "0.15.0"))
    assert not any("isinstance" in each.symbol for each in check(source, "0.16.1"))


# --- Whether an object has an attribute -----------------------------------------------------------


def test_a_member_that_is_gone_was_there():
    assert _told(f"{TRAINED}print(hasattr(state, 'model'))", "0.13.1") == [
        ("training state.model", "review", "True")
    ]


@pytest.mark.parametrize(("name", "member"), [("loss", ".*"), ("_asdict", "._asdict()")])
def test_elements_are_no_attributes_any_more(name, member):
    assert _told(f"{TRAINED}print(hasattr(metrics, '{name}'))", "0.13.1") == [
        (f"training metrics{member}", "none", "")
    ]


def test_a_member_that_stays_is_not_told():
    assert not check(
        "p = tff.templates.IterativeProcess(a, b)\nprint(hasattr(p, 'next'))", "0.19.0"
    )


# --- Types compared -------------------------------------------------------------------------------

PAIR = "tff.NamedTupleType([('a', tf.int32)])"


@pytest.mark.parametrize(
    ("comparison", "code"),
    [
        ("kind == other.type_signature", "equal_types(kind, other.type_signature)"),
        ("kind != other.type_signature", "not equal_types(kind, other.type_signature)"),
        ("kind == tff.TensorType(tf.int32)", None),
        ("kind == tff.to_type(tf.int32)", None),
        ("kind == 'a=int32'", None),
        ("tff.TensorType(tf.int32) == kind", None),
        ("kind is None", None),
        ("kind == other.type_signature == kind", None),
    ],
)
def test_types_were_equal_whatever_their_containers(comparison, code):
    source = f"kind = {PAIR}\nanswer = ({comparison})\n"
    assert [f.replacement for f in check(source, "0.15.0") if "=" in f.symbol] == [code] * bool(
        code
    )
    assert not any(
        "=" in each.symbol for each in check(source.replace("NamedTuple", "Struct"), "0.16.1")
    )
    if code is not None:
        assert f"answer = ({code})" in upgrade(source, "0.15.0")


# --- Other uses that nothing was said of ----------------------------------------------------------


def test_one_metric_alone_was_the_metrics():
    assert _told(f"{TRAINED}print(float(metrics))", "0.1.0")[0][:2] == (
        "training metrics: float()",
        "exact",
    )
    assert not any("float" in each.symbol for each in check(f"{TRAINED}float(metrics)", "0.2.0"))


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("{'a': 1}", "updated_mapping({'a': 1}, a=2)"),
        ("collections.OrderedDict(a=1)", "updated_mapping(collections.OrderedDict(a=1), a=2)"),
        ("state", "tff.structure.update_struct(state, a=2)"),
    ],
)
def test_an_updated_mapping_is_the_mapping_itself(state, code):
    source = f"import collections\nnew = tff.utils.update_state({state}, a=2)\n"
    assert f"new = {code}\n" in upgrade(source, "0.16.1")


@pytest.mark.parametrize(
    ("release", "kind"), [("0.9.0", "exact"), ("0.13.1", "none"), ("0.19.0", "exact")]
)
def test_models_of_keras_have_the_variables_of_more_counts(release, kind):
    found = _told(f"{MODEL_FN}print(model_fn().local_variables)", release)
    assert [each[:2] for each in found] == [("model.local_variables", kind)]
    assert not any(
        each.code == "TFF304" for each in check(f"{MODEL_FN}model_fn().local_variables", "0.20.0")
    )


def test_a_modern_type_does_not_hide_default_parameters():
    source = """
        import numpy as np
        TYPE = tff.FederatedType(tff.TensorType(np.float32), tff.CLIENTS)
        @tff.federated_computation(TYPE)
        def total(values, times=2):
            return [tff.federated_sum(values)] * times
    """
    assert "@federated_computation(TYPE)\n" in upgrade(source, "0.13.1")
    assert not check(source.replace(", times=2", "").replace("times", "2"), "0.13.1")


@pytest.mark.parametrize(
    ("release", "shape", "code"),
    [
        ("0.64.0", "3", "tff.TensorType(np.int32, [3])"),
        ("0.64.0", "None", "tff.TensorType(np.int32, None)"),
        ("0.52.0", "3", "tff.TensorType(np.int32, [3])"),
    ],
)
def test_a_number_was_the_shape_of_a_vector(release, shape, code):
    assert f"kind = {code}\n" in upgrade(f"kind = tff.TensorType(tf.int32, {shape})\n", release)


def test_a_number_as_a_shape_is_legacy_with_a_modern_dtype():
    found = check("import numpy as np\nkind = tff.TensorType(np.int32, 3)", "0.64.0")
    assert [each.replacement for each in found] == ["tff.TensorType(np.int32, [3])"]


@pytest.mark.parametrize("given", ["lambda t: t.shape.as_list()", "sizes", "Sizes()"])
def test_functions_get_types_from_what_they_are_given_to(given):
    source = f"""
        def sizes(kind):
            return kind.shape.as_list()
        class Sizes:
            def __call__(self, kind):
                return kind.shape.as_list()
        tff.structure_from_tensor_type_tree({given}, POINT)
    """
    assert "list(" in upgrade(source, "0.19.0", unsafe=True).replace("as_list(", "")


@pytest.mark.parametrize(
    ("loop", "release"),
    [
        ("_, kind in anonymous_tuple.iter_elements(MEMBER)", "0.13.1"),
        ("_, kind in anonymous_tuple.to_elements(MEMBER)", "0.13.1"),
        ("kind in anonymous_tuple.flatten(MEMBER)", "0.13.1"),
    ],
)
def test_elements_of_types_are_types(loop, release):
    source = f"""
        from tensorflow_federated.python.common_libs import anonymous_tuple
        MEMBER = computation.type_signature.result
        sizes = [kind.shape.as_list() for {loop}]
    """
    assert any(each.replacement == "list(kind.shape)" for each in check(source, release))


@pytest.mark.parametrize("name", ["Sql", "Test", "FilePerUser", "Transforming"])
def test_inherited_class_methods_are_gone_with_the_base(name):
    source = f"data = tff.simulation.datasets.{name}ClientData.from_clients_and_fn(ids, make)\n"
    found = check(source, "0.19.0")
    assert [(each.kind, each.replacement) for each in found] == [
        ("exact", "client_data_of_function(ids, make)")
    ]


def test_what_a_class_has_no_more_is_told():
    (found,) = check("checks = [tff.TensorType.check_tensor]", "0.67.0")
    assert (found.code, found.kind) == ("TFF102", "none")
    assert "has no `check_tensor` now" in found.message


# --- What processes give --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "release"), [("tff.utils", "0.12.0"), ("tff.templates", "0.14.0")]
)
@pytest.mark.parametrize(
    "given", ["initialize, next_fn", "next_fn=next_fn, initialize_fn=initialize"]
)
def test_a_process_has_the_computations_that_it_is_made_of(path, release, given):
    source = f"""{TRAINED}
@tff.federated_computation(STATE, DATA)
def next_fn(state, data):
    state, metrics = process.next(state, data)
    return state, metrics
own = {path}.IterativeProcess({given})
state, metrics = own.next(own.initialize(), data)
print(metrics.loss)
"""
    assert _told(source, release) == [
        ("training metrics.*", "exact", "metrics['client_work']['train']['loss']")
    ]


def test_the_state_of_an_own_process_may_be_in_a_container_now():
    source = """
        own = tff.templates.IterativeProcess(
            initialize_fn=tff.federated_computation(lambda: make()), next_fn=next_fn)
        print(own.initialize().rounds)
    """
    assert _told(source, "0.14.0")[-1][1:] == ("exact", "element(own.initialize(), 'rounds')")


@pytest.mark.parametrize(
    ("release", "said"),
    [
        ("0.15.0", "It was an anonymous tuple"),
        ("0.16.1", "What clients have, and what a list of pairs describes, was a `Struct`"),
        ("0.19.0", "What a list of pairs describes was a `Struct`"),
    ],
)
def test_classes_that_results_have_no_more_are_told(release, said):
    source = """
        @tff.federated_computation(spec)
        def same(value):
            return value
        kind = type(same(value)).__name__
    """
    (found,) = [each for each in check(source, release) if each.symbol.endswith("type()")]
    assert (found.kind, found.replacement) == ("review", "type(same(value))")
    assert said in found.message and "as it is" in found.message
    assert not any(each.symbol.endswith("type()") for each in check(source, "0.20.0"))


@pytest.mark.parametrize(
    ("question", "operator"),
    [
        ("type(value) is Point", "is"),
        ("type(value) != Point", "!="),
        ("type(value).__name__ == 'AnonymousTuple'", "=="),
        ("type(value).__name__ in ('AnonymousTuple', 'Struct')", "in"),
    ],
)
def test_what_is_done_by_the_class_of_a_result_is_left_to_a_person(question, operator):
    found = _told(f"{RESULT}print({question})", "0.13.1")
    assert (f"class of a result: {operator}", "none", "") in found


def test_a_result_that_is_asked_for_a_container_stays_as_it_is():
    source = f"{RESULT}print(isinstance(value, dict))"
    (found,) = [each for each in check(source, "0.15.0") if "isinstance" in each.symbol]
    assert (found.kind, found.replacement) == ("review", "isinstance(value, dict)")
    assert upgrade(source, "0.15.0", unsafe=True) == upgrade(source, "0.15.0")


def test_a_result_that_gives_its_elements_by_name_may_be_a_dict_now():
    source = f"{RESULT}value = value._asdict() if hasattr(value, '_asdict') else value\n"
    written = upgrade(source, "0.13.1", unsafe=True)
    asked = "(isinstance(value, dict) or hasattr(value, '_asdict'))"
    assert f"value = as_dict(value) if {asked} else value\n" in written


def test_elements_by_name_are_results_too():
    source = f"{RESULT}print([each._asdict() for name, each in value._asdict().items()])\n"
    written = upgrade(source, "0.13.1")
    assert "[as_dict(each) for name, each in as_dict(value).items()]" in written


def test_functions_of_anonymous_tuples_get_results_as_structures():
    head = "from tensorflow_federated.python.common_libs import anonymous_tuple\n"
    source = f"""{head}{RESULT}
print(anonymous_tuple.to_odict(value, True), anonymous_tuple.to_odict(own))
print(isinstance(value, anonymous_tuple.AnonymousTuple))
"""
    written = upgrade(source, "0.13.1", unsafe=True)
    assert "print(tff.structure.to_odict(as_struct(value), True)" in written
    assert "tff.structure.to_odict(own))" in written
    assert "print(isinstance(value, (tff.structure.Struct, dict, list, tuple)))" in written


def test_nothing_has_no_items():
    source = """
        process = tff.utils.build_encoded_sum_process(kind, encoders)
        output = None
        for _ in range(2):
            output = process.next(state, values)
        print(output['result'])
    """
    assert "print(output.result)" in upgrade(source, "0.16.1", unsafe=True)


def test_dtypes_of_types_are_asked_for_as_those_of_tensorflow():
    source = """
        known = tff.TensorType(tf.float32)
        answers = known.dtype is tf.float32, known.dtype is not tf.int32, known.dtype == tf.int32
    """
    written = upgrade(source, "0.64.0")
    assert "tf.as_dtype(known.dtype) is tf.float32" in written
    assert "tf.as_dtype(known.dtype) is not tf.int32" in written
    assert "known.dtype == tf.int32" in written


def test_types_of_values_are_those_of_their_elements():
    (found,) = check("kind = tff.types.infer_unplaced_type({'a': [1, 2.0]})", "0.64.0")
    assert (found.kind, found.replacement) == ("exact", "type_of_value({'a': [1, 2.0]})")
