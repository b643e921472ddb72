"""What `check` finds of the values that computations are called with."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.version import Version
from tff_compat import coverage
from tff_compat.source import documents
from tff_compat.source.findings import Finder
from tff_compat.source.resolving import Resolver
from tff_compat.source.writing import Finding

_PROGRAM = """
import collections
import tensorflow as tf
import tensorflow_federated as tff

CLIENTS = tff.FederatedType(tf.float32, tff.CLIENTS)

@tff.tf_computation(tf.float32)
def one(x):
  return x

@tff.tf_computation(tf.float32, tf.int32)
def two(x, y):
  return x

@tff.tf_computation(tff.to_type([('a', tf.float32), ('b', (tf.int32, [2]))]))
def struct(x):
  return x['a']

@tff.federated_computation(tff.type_at_clients(collections.OrderedDict(a=tf.float32)))
def of_structs(x):
  return tff.federated_sum(x)

total = tff.federated_computation(lambda x: tff.federated_sum(x), CLIENTS)
untyped = tff.tf_computation(lambda x: x)

def outcome(computation, *args, **kwargs):
  return {}

result = {}
"""


def _found(inner: str, outer: str, release: str) -> list[Finding]:
    source = _PROGRAM.replace("return {}", f"return {inner}").replace("result = {}", outer)
    document = documents.document(Path("program.py"), source.encode())
    resolver = Resolver(Version(release))
    resolver.document(document)
    finder = Finder(document, resolver.result, Version(release), coverage.PRIMARY)
    return [each for each in finder.findings() if each.symbol == "computation()"]


@pytest.mark.parametrize(
    "call",
    [
        "one(1)",
        "two(1.0, 2) + two(1, 2)",
        "two(1.0, y=2) + two(y=2, x=1)",
        "total((1.0, 2.0))",
        "total([1.0, 2])",
        "struct(collections.OrderedDict(a=1, b=[1, 2]))",
        "struct(a=1, b=[1, 2])",
        "struct([1.0, [1, 2], 3])",
        "of_structs([collections.OrderedDict(a=1)])",
        "untyped(range(3))",
    ],
)
def test_a_value_of_another_form_is_handed_on_by_a_helper(call: str) -> None:
    (finding,) = _found("None", call, "0.20.0")
    last = call.split(" + ")[-1]
    assert finding.kind == "exact"
    assert finding.replacement == f"called({last.replace('(', ', ', 1)}"


@pytest.mark.parametrize(
    "call",
    [
        "one(1.0)",
        "one(x)",
        "two(1.0, 2)",
        "total([1.0, 2.0])",
        "total(values)",
        "struct(collections.OrderedDict(a=1.0, b=[1, 2]))",
        "struct([1.0, (1, 2)])",
        "of_structs([collections.OrderedDict(a=1.0)] * 2)",
        "untyped(1)",
    ],
)
def test_a_value_of_its_form_is_left(call: str) -> None:
    assert not _found("None", call, "0.20.0")


@pytest.mark.parametrize(("given", "found"), [("[1]", True), ("[1.0]", False)])
def test_a_structure_that_is_a_type_already(given: str, found: bool) -> None:
    made = "held = tff.tf_computation(lambda x: x, tff.StructType([('a', tf.float32)]))\n"
    assert bool(_found("None", f"{made}held({given})", "0.20.0")) is found


@pytest.mark.parametrize("given", ["1", "1.0"])
def test_where_the_type_may_be_one_of_several_a_value_is_left(given: str) -> None:
    made = (
        f"either = tff.tf_computation(lambda x: x, tf.int32 if c else tf.float32)\neither({given})"
    )
    assert not _found("None", made, "0.20.0")


@pytest.mark.parametrize("call", ["computation(*args)", "computation(1.0, **kwargs)"])
def test_values_that_cannot_be_seen_are_for_review(call: str) -> None:
    (finding,) = _found(call, "outcome(one, 1)", "0.20.0")
    assert (finding.code, finding.kind) == ("TFF901", "review")
    assert finding.replacement == f"called({call.replace('(', ', ', 1)}"


def test_later_runtimes_took_numbers_of_another_precision_alone() -> None:
    (finding,) = _found("None", "one(1)", "0.44.0")
    assert finding.replacement == "called_with_numbers(one, 1)"
    assert not _found("None", "one(1)", "0.87.0")


def _findings(source: str, release: str) -> list[Finding]:
    document = documents.document(Path("program.py"), source.encode())
    resolver = Resolver(Version(release))
    resolver.document(document)
    return Finder(document, resolver.result, Version(release), coverage.PRIMARY).findings()


_HEAD = "import tensorflow as tf\nimport tensorflow_federated as tff\n"
_BATCH = "class Batch:\n  x = 1\n\n"


@pytest.mark.parametrize(
    "spec",
    ["tf.SparseTensorSpec([2], tf.float32)", "[tf.RaggedTensorSpec([None], tf.int32)]", "Batch"],
)
@pytest.mark.parametrize(
    "use",
    [
        "@tff.tf_computation({})\ndef f(x):\n  return x\n",
        "f = tff.tf_computation(lambda x: x, {})\n",
        "f = tff.federated_computation(lambda x: x, {})\n",
        "t = tff.to_type({})\n",
        "t = tff.FederatedType({}, tff.CLIENTS)\n",
    ],
)
def test_what_tff_makes_no_type_of_is_left_to_a_person(spec: str, use: str) -> None:
    (finding,) = _findings(_HEAD + _BATCH + use.format(spec), "0.20.0")
    assert finding.kind == "none"
    assert "TFF makes no type of" in finding.message


@pytest.mark.parametrize(
    "use",
    [
        "@tff.tf_computation(tf.int32)\ndef f(x, y=1):\n  return x\n",
        "f = tff.tf_computation(lambda x, y=1: x, tf.int32)\n",
        "@tff.federated_computation(TYPE)\ndef f(x, y=1):\n  return x\n",
    ],
)
def test_functions_with_default_parameters_become_computations_without_them(use: str) -> None:
    (finding,) = _findings(_HEAD + use, "0.13.1")
    name = "federated_computation" if "federated" in use else "tensorflow_computation"
    kind = "review" if "TYPE" in use else "exact"  # It may be a type of TensorFlow.
    assert (finding.kind, finding.replacement, finding.helpers) == (
        kind, name, (name, "without_defaults")
    )  # fmt: skip
    plain = _findings(_HEAD + use.replace("=1", ""), "0.13.1")
    assert not any(each.helpers for each in plain)


def test_a_type_of_0_15_passes_for_a_tensor() -> None:
    source = f"{_HEAD}t = tff.to_type(tff.CLIENTS)\nt.check_tensor()\ngetattr(t, name)()\n"
    found = [each for each in _findings(source, "0.15.0") if each.line > 3]
    assert [each.replacement for each in found] == [
        "None",
        "member_of_type(t, name, unchecked='tensor')",
    ]


def test_a_member_of_a_type_is_asked_for_by_any_name() -> None:
    source = f"{_HEAD}t = tff.to_type(tff.CLIENTS)\ngetattr(t, 'is_' + kind)()\n"
    found = [each for each in _findings(source, "0.20.0") if each.line == 4]
    assert [each.replacement for each in found] == ["member_of_type(t, 'is_' + kind)"]


RESULT = f"{_HEAD}f = tff.tf_computation(lambda x: x, tf.int32)\nr = f(1)\n"


def test_tensors_among_results_are_asked_for_their_values() -> None:
    found = _findings(f"{RESULT}print([e.numpy() for e in r], r.a)\n", "0.18.0")
    assert [each.replacement for each in found if each.line == 5] == ["as_numpy(e)"]
    assert not [e for e in _findings(f"{RESULT}print(r.numpy())\n", "0.20.0") if e.line == 5]


def test_what_is_called_of_a_result_is_no_element() -> None:
    found = _findings(f"{RESULT}print(r.items(), r.a)\n", "0.13.1")
    assert [each.replacement for each in found if each.line == 5] == ["element(r, 'a')"]


def test_who_asks_whether_a_result_is_an_anonymous_tuple_is_told() -> None:
    head = "from tensorflow_federated.python.common_libs import anonymous_tuple\n"
    use = "anonymous_tuple.AnonymousTuple"
    found = _findings(f"{head}print(isinstance(x, {use}), {use}([]))\n", "0.13.1")
    assert [each.kind for each in found if each.symbol.endswith("Tuple")] == ["review", "exact"]


def test_what_may_be_a_container_of_python_is_none_where_its_attribute_is_read() -> None:
    loop = "r = {'a': 1}\nfor _ in range(2):\n  r = f(r)\nprint(r.a, r.keys)\n"
    found = _findings(RESULT.replace("r = f(1)\n", loop), "0.13.1")
    assert [each.replacement for each in found if each.line == 7] == ["element(r, 'a')", ""]


def test_checks_of_what_functions_return_are_a_helper() -> None:
    source = (
        f"{_HEAD}@tff.tf_computation\n@tff.check_returns_type(tf.int32)\ndef f():\n  return 1\n"
    )
    found = _findings(source, "0.48.0")
    assert [each.replacement for each in found] == [
        "tff.tensorflow.computation",
        "check_returns_type(tf.int32)",
    ]


def test_what_is_left_out_is_written_as_nothing() -> None:
    (finding,) = _findings(f"{_HEAD}tff.types.clear_intern_pool()\n", "0.20.0")
    assert (finding.kind, finding.replacement) == ("review", "(None)")


def test_checks_of_the_kind_of_a_type_are_a_helper() -> None:
    found = _findings(f"{_HEAD}f.type_signature.result.check_tensor()\n", "0.20.0")
    assert [each.replacement for each in found] == [
        "check_kind(f.type_signature.result, tff.TensorType)"
    ]
