"""The code that is written for a use: its names, functions used as values, uses inside of it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from packaging.version import Version
from tff_compat import coverage
from tff_compat.source import documents
from tff_compat.source.findings import Finder
from tff_compat.source.resolving import Resolver
from tff_compat.source.writing import Finding

IMPORTS = "import tensorflow as tf\nimport tensorflow_federated as tff\n"


def findings(text: str, release: str = "0.13.1") -> list[Finding]:
    document = documents.document(Path("program.py"), text.encode())
    resolver = Resolver(Version(release))
    resolver.document(document)
    return Finder(document, resolver.result, Version(release), coverage.PRIMARY).findings()


def written(text: str, release: str = "0.13.1", *, imports: str = IMPORTS) -> str:
    """The replacement of the one finding."""
    (finding,) = findings(f"{imports}{text}\n", release)
    return finding.replacement


def test_uses_inside_of_a_use_are_written_with_it() -> None:
    text = "tff.learning.from_keras_model(k(tff.to_type(tf.int32), 2, tff.to_type(tf.bool)), l, s)"
    outer = findings(f"{IMPORTS}{text}\n", "0.17.0")[0]
    assert outer.replacement == (
        "tff.learning.models.from_keras_model(k(tff.types.tensorflow_to_type(tf.int32), 2, "
        "tff.types.tensorflow_to_type(tf.bool)), l, s)"
    )


@pytest.mark.parametrize(
    ("imports", "tf", "needs"),
    [
        ("import tensorflow as tf\n", "tf", {}),
        ("import tensorflow as flow\n", "flow", {}),
        ("import tensorflow.compat.v2 as flow\n", "flow", {}),
        ("", "tf", {"tf": "tf"}),
        ("tf = 1\n", "tf_", {"tf": "tf_"}),
        # In the code that is written, `t` is something else.
        ("import tensorflow as t\n", "tf", {"tf": "tf"}),
    ],
)
def test_modules_have_the_names_of_the_file(imports, tf, needs) -> None:
    imports = f"{imports}import tensorflow_federated as fed\n"
    (finding,) = findings(f"{imports}fed.learning.from_keras_model(k, d, l)\n", "0.9.0")
    assert finding.replacement == (
        "fed.learning.models.from_keras_model(k, loss=l, input_spec="
        f"{tf}.nest.map_structure(lambda t: {tf}.TensorSpec([None, "
        f"*{tf}.convert_to_tensor(t).shape[1:]], {tf}.convert_to_tensor(t).dtype), d))"
    )
    assert finding.needs == needs


def test_names_of_tensorflow_privacy() -> None:
    imports = "import tensorflow_privacy as privacy\nimport tensorflow_federated as tff\n"
    text = "tff.utils.build_dp_query(1.0, 0.1, 10.0)"
    assert written(text, imports=imports).startswith("privacy.NormalizedQuery(privacy.Gaussian")
    (finding,) = findings(f"import tensorflow_federated as tff\n{text}\n")
    assert finding.replacement.startswith("tfp.") and finding.needs == {"tfp": "tfp"}


def test_a_function_used_as_a_value_takes_what_the_legacy_one_took() -> None:
    assert written("f = tff.utils.assign") == "assign"
    assert written("f = tff.type_at_clients", "0.17.0") == (
        "(lambda type_spec, all_equal=False: tff.FederatedType(tff.types.tensorflow_to_type("
        "type_spec), tff.CLIENTS, all_equal=all_equal))"
    )
    context = "tff.backends.native.set_sync_local_cpp_execution_context"
    assert written("f = tff.backends.native.set_local_execution_context", "0.18.0") == (
        "(lambda num_clients=None, max_fanout=100, clients_per_thread=1, server_tf_device=None, "
        "client_tf_devices=None, reference_resolving_clients=False: "
        f"{context}() if num_clients is None else {context}(default_num_clients=num_clients))"
    )


@pytest.mark.parametrize(
    "name", ["learning.from_keras_model", "learning.build_federated_averaging_process"]
)
def test_a_function_of_several_optional_arguments_is_left(name: str) -> None:
    (finding,) = findings(f"{IMPORTS}f = tff.{name}\n")
    assert (finding.kind, finding.replacement) == ("none", "")
    assert finding.message.endswith("a value here; write a function that calls the modern form.")


def test_what_depends_on_what_is_left_is_left() -> None:
    made, *others = findings(
        f"{IMPORTS}process = tff.learning.build_federated_averaging_process(model_fn)\n"
        "state, metrics = process.next(process.initialize(), data)\nprint(state.model)\n",
        "0.9.0",
    )
    assert made.kind == "none" and made.message.endswith("trains itself with belongs here.")
    depends = "It depends on `tff.learning.build_federated_averaging_process`, which is left."
    assert [(each.kind, each.message.endswith(depends)) for each in others] == [("none", True)]


def test_a_helper_has_a_name_that_the_program_does_not_use() -> None:
    sum_ = "@tff.federated_computation(T)\ndef f(v):\n  return tff.sequence_sum(v)\n"
    found = findings(f"{IMPORTS}{sum_}", "0.13.1")[-1]
    assert found.replacement == "sequence_sum(v)"
    # Neither what it defines, nor what it only uses.
    for own in ("sequence_sum = 1\n", "from own import *\nprint(sequence_sum)\n"):
        found = findings(f"{IMPORTS}{own}{sum_}", "0.13.1")[-1]
        assert found.replacement == "sequence_sum_process(v)"
    own = "sequence_sum = sequence_sum_process = sequence_sum_process_ = 1\n"
    assert findings(f"{IMPORTS}{own}{sum_}", "0.13.1")[-1].replacement == (
        "sequence_sum_process__(v)"
    )


def test_what_uses_inside_need_is_needed() -> None:
    text = (
        "import tensorflow_federated as tff\nimport tensorflow as tf\n"
        "class M(tf.keras.Model): ...\n"
        "tff.learning.build_federated_averaging_process(lambda: tff.learning.from_keras_model("
        "M(), loss=l, input_spec=s), client_optimizer_fn=tf.keras.optimizers.SGD)\n"
        "tff.FederatedType((tff.TensorType(tf.int32), int), tff.CLIENTS)\n"
    )
    process, model, outer, inner = findings(text)
    assert model.helpers == ("called_on_zeros",)
    assert "called_on_zeros(M(), s)" in process.replacement
    assert process.helpers == model.helpers
    assert inner.needs == {"np": "np"} and outer.needs == inner.needs


def test_the_module_that_is_nearest_names_it() -> None:
    text = (
        "import tensorflow_federated as tff\nimport tensorflow_federated as outer\n"
        "def f(x):\n    import tensorflow_federated as inner\n"
        "    return inner.federated_computation(x, [int])\n"
        "def g(x):\n    return outer.federated_computation(x, [int])\n"
    )
    first, second = findings(text)
    assert first.replacement.endswith("inner.types.tensorflow_to_type([int]))")
    # Of several names the usual one.
    assert second.replacement.endswith("tff.types.tensorflow_to_type([int]))")


def test_a_finding_says_its_place_and_what_it_is() -> None:
    (finding,) = findings(f"{IMPORTS}x = [\n  tff.NamedTupleType(\n    [tf.int32])]\n")
    assert {**finding.record(), "message": "", "replacement": ""} == {
        "path": "program.py", "cell": None, "line": 4, "column": 3, "end_line": 5, "end_column": 16,
        "code": finding.code, "symbol": "tff.NamedTupleType", "last_release": "0.15.0",
        "kind": "exact", "replacement": "", "message": "",
    }  # fmt: skip
    assert finding.message.startswith(
        "tff.NamedTupleType as used here was last in TFF 0.15.0. Write instead: tff.StructType("
    )
    # Its trees cannot go to another process; what it says stays.
    before = finding.record()
    finding.forget()
    assert finding.record() == before
    assert not any(node for node in (finding.unit.text, finding.unit.code))


def test_a_function_without_parameters_used_as_a_value() -> None:
    assert written("f = tff.types.clear_intern_pool", "0.30.0") == "(lambda: (None))"


def test_parameters_that_were_keywords_stay_keywords() -> None:
    assert written("f = tff.learning.framework.build_stateless_broadcaster", "0.20.0") == (
        "(lambda *, model_weights_type: tff.learning.templates.build_broadcast_process("
        "tff.types.tensorflow_to_type(model_weights_type)))"
    )
    found = written("f = tff.backends.test.set_test_execution_context", "0.19.0")
    assert found.startswith(
        "(lambda num_clients=None, clients_per_thread=1, *, default_num_clients=0: "
    )


def test_a_helper_comes_with_those_that_it_calls() -> None:
    text = (
        f"{IMPORTS}class M(tff.learning.Model):\n"
        "    def federated_output_computation(self): ...\n"
        "tff.learning.build_federated_evaluation(M)\n"
    )
    assert findings(text)[-1].helpers == ("aggregate_outputs", "aggregation_of_outputs")


def test_a_message_says_where_a_function_comes_from_that_no_module_offers() -> None:
    call = "tff.simulation.ClientData.from_clients_and_fn(ids, make)"
    (finding,) = findings(f"{IMPORTS}{call}\n")
    assert finding.message.endswith(
        "Write instead: client_data_of_function(ids, make) "
        "(`tff-compat upgrade` adds `client_data_of_function`)"
    )
    (finding,) = findings(f"{IMPORTS}tff.learning.from_keras_model(k, loss, spec)\n", "0.17.0")
    assert "upgrade" not in finding.message


def test_uses_in_f_strings_are_written_where_python_tells_their_places() -> None:
    (finding,) = findings(f'{IMPORTS}x = f"{{tff.to_type(tf.int32)}}"\n', "0.17.0")
    if sys.version_info >= (3, 12):
        assert finding.replacement == "tff.types.tensorflow_to_type(tf.int32)"
    else:
        assert finding.message.endswith("It stands in an f-string; write it anew there.")
