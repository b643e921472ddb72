"""The helper functions of replacements do on the installed TFF what the legacy form did."""

from __future__ import annotations

import collections
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_federated as tff
from tff_compat.adapters import registry

pytestmark = pytest.mark.tff

_SEQUENCE = tff.SequenceType(np.int32)


def _helper(name: str) -> Any:
    """The function as a program gets it, with what its imports bind."""
    (source,) = (each.source for each in registry.helpers() if each.name == name)
    names: dict[str, Any] = {"tf": tf, "tff": tff}
    exec(source, names)
    return names[name]


@tff.tensorflow.computation(np.int32, np.int32)
def add(first, second):
    return first + second


def test_elements_of_sequences_are_summed():
    sequence_sum = _helper("sequence_sum")
    element = collections.OrderedDict(b=np.float32, a=(np.int32, (2,)))
    total = tff.federated_computation(sequence_sum, tff.SequenceType(element))
    data = [collections.OrderedDict(b=0.5 * i, a=[i, 10 * i]) for i in (1, 2, 3)]
    result = total(data)
    assert list(result) == ["b", "a"]
    assert result["b"] == 3.0 and list(result["a"]) == [6, 60]


def test_what_is_mapped_can_be_summed_and_given_out_whoever_has_it():
    over_sequence, sequence_sum = _helper("over_sequence"), _helper("sequence_sum")
    twice = tff.tensorflow.computation(lambda x: 2 * x, np.int32)

    @tff.federated_computation(_SEQUENCE)
    def mapped(sequence):
        return over_sequence(twice, sequence), sequence_sum(over_sequence(twice, sequence))

    @tff.federated_computation(tff.FederatedType(_SEQUENCE, tff.CLIENTS))
    def federated(sequences):
        return tff.federated_sum(sequence_sum(over_sequence(twice, sequences)))

    sequence, total = mapped([1, 2, 3])
    assert [int(each) for each in sequence] == [2, 4, 6] and total == 12
    assert federated([[1, 2, 3], [4]]) == 20


def test_fields_are_taken_by_their_names_not_by_the_order_of_these():
    over_sequence = _helper("over_sequence")
    element = tff.to_type(collections.OrderedDict(b=np.float32, a=np.float32))

    @tff.tensorflow.computation(element, element)
    def op(total, one):
        return collections.OrderedDict(b=total["b"] + one["b"], a=total["a"] + one["a"])

    @tff.federated_computation(tff.SequenceType(element))
    def reduce(sequence):
        start = tff.tensorflow.computation(
            lambda: collections.OrderedDict(b=tf.constant(0.0), a=tf.constant(0.0))
        )
        return over_sequence(op, sequence, start())

    data = [collections.OrderedDict(b=1.0, a=10.0), collections.OrderedDict(b=2.0, a=20.0)]
    assert reduce(data) == collections.OrderedDict(b=3.0, a=30.0)


def test_functions_may_use_values_from_around_them():
    over_sequence = _helper("over_sequence")

    @tff.federated_computation(_SEQUENCE, np.int32, np.int32)
    def reduce(sequence, first, second):
        @tff.federated_computation(np.int32, np.int32)
        def op(total, element):
            return add(add(add(total, element), first), add(second, first))

        more = tff.federated_computation(lambda each: add(each, second), np.int32)
        return over_sequence(op, over_sequence(more, sequence), 5)

    assert reduce([1, 2, 3], 10, 100) == 5 + 6 + 3 * 120 + 300


def test_functions_without_types_learn_them_from_the_sequence():
    over_sequence = _helper("over_sequence")

    @tff.federated_computation(tff.SequenceType((np.int32, np.float32)))
    def mapped(sequence):
        product = tff.tensorflow.computation(lambda pair: tf.cast(pair[0], tf.float32) * pair[1])
        return over_sequence(product, sequence)

    assert [float(each) for each in mapped([(2, 0.5), (3, 2.0)])] == [1.0, 6.0]


def test_values_of_clients_are_reduced():
    federated_reduce = _helper("federated_reduce")

    @tff.federated_computation(tff.FederatedType(np.int32, tff.CLIENTS))
    def reduce(values):
        return federated_reduce(values, 100, add)

    assert reduce([1, 2, 3]) >= 106


def test_values_of_clients_are_collected():
    federated_collect = _helper("federated_collect")
    member = collections.OrderedDict(b=(np.float32, [None]), a=np.str_)
    collect = tff.federated_computation(federated_collect, tff.FederatedType(member, tff.CLIENTS))
    first = collections.OrderedDict(b=[1.0], a="x")
    second = collections.OrderedDict(b=[2.0, 3.0], a="yy")
    collected = list(collect([first, second]))
    assert [list(each) for each in collected] == [["b", "a"]] * 2
    assert [each["b"].numpy().tolist() for each in collected] == [[1.0], [2.0, 3.0]]
    assert [each["a"].numpy() for each in collected] == [b"x", b"yy"]


def test_structs_become_containers():
    convert = _helper("to_container_recursive")
    struct = tff.structure.Struct([("a", tff.structure.Struct([(None, 1)])), ("b", [2])])
    assert convert(struct, list) == [("a", [(None, 1)]), ("b", [2])]


def test_kinds_of_tuples_are_told_apart():
    is_named_tuple = _helper("is_named_tuple")
    kind = collections.namedtuple("kind", "x")
    assert is_named_tuple(kind) and is_named_tuple(kind(1))
    assert not is_named_tuple((1,)) and not is_named_tuple(tuple)
    is_pair = _helper("is_name_value_pair")
    assert is_pair(("a", 1)) and is_pair(["a", 1], value_type=int)
    assert not is_pair((None, 1)) and is_pair((None, 1), name_required=False)
    assert not is_pair(("a", 1), value_type=str) and not is_pair("ab" * 2)


def test_the_types_of_values_are_those_of_their_elements():
    type_of_value = _helper("type_of_value")
    point = collections.namedtuple("Point", "x y")
    value = {"b": 1, "a": [2.0, (True,)], "p": point(np.float16(1), tf.constant([1, 2]))}
    expected = tff.StructWithPythonType(
        [
            ("b", np.int32),
            (
                "a",
                tff.StructWithPythonType(
                    [np.float32, tff.StructWithPythonType([np.bool_], tuple)], list
                ),
            ),
            ("p", tff.StructWithPythonType([("x", np.float16), ("y", (np.int32, [2]))], point)),
        ],
        dict,
    )
    assert type_of_value(value).is_identical_to(expected)
    assert type_of_value(None) is None


def test_the_type_of_a_value_of_a_computation_is_its_own():
    type_of_value = _helper("type_of_value")
    found = []

    @tff.federated_computation(np.int32)
    def same(value):
        found.append(type_of_value((value, value)))
        return value

    assert str(found[0]) == "<int32,int32>"
    assert same(1) == 1


def test_elements_of_the_state_of_a_process_have_their_names_of_now():
    element = _helper("element")
    state = tff.learning.templates.LearningAlgorithmState("weights", (), (), (), "variables")
    assert element(state, "model") == "weights"
    assert element(state, "optimizer_state") == "variables"
    assert element({"model": 1}, "model") == 1
    assert element(collections.namedtuple("Own", "optimizer_state")(2), "optimizer_state") == 2
