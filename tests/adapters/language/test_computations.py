"""Computations take and give what they did as of a release."""

from __future__ import annotations

import collections

import numpy as np
import pytest
import tensorflow as tf
import tff_compat
from packaging.version import Version
from tff_compat.adapters.language import arguments, datasets

pytestmark = [pytest.mark.tff, pytest.mark.filterwarnings("ignore")]


def _pair(release):
    tff = tff_compat.as_of(release)

    @tff.tf_computation
    def both():
        return collections.OrderedDict([("a", tf.constant(1)), ("b", [tf.constant(2.0)])])

    @tff.federated_computation
    def at_server():
        return tff.federated_eval(both, tff.SERVER)

    return both(), at_server()


def test_results_of_tensorflow_code_keep_their_containers():
    assert type(_pair("0.13")[0]) is collections.OrderedDict


def test_federated_results_were_anonymous_tuples():
    result = _pair("0.13")[1]
    assert type(result).__name__ == "AnonymousTuple"
    assert (result.a, result[0], result.b[0]) == (1, 1, 2.0)
    assert list(result._asdict()) == ["a", "b"]
    assert str(result) == "<a=1,b=<2.0>>"


def test_federated_results_mirror_containers_since_0_16():
    assert _pair("0.17")[1] == collections.OrderedDict(a=1, b=[2.0])


@pytest.mark.parametrize(
    ("release", "printed"),
    [
        ("0.9", "(<int32,int32> -> int32)"),
        ("0.16", "(<int32,int32> -> int32)"),
        ("0.17", "(<x=int32,y=int32> -> int32)"),
    ],
)
def test_parameters_have_names_since_0_17(release, printed):
    add = tff_compat.as_of(release).tf_computation(lambda x, y: x + y, tf.int32, tf.int32)
    assert str(add.type_signature) == printed
    assert add(1, 2) == 3


def test_strings_were_text_before_bytes():
    for release, expected in (("0.9", "hello"), ("0.13", b"hello")):
        tff = tff_compat.as_of(release)
        assert tff.tf_computation(lambda: tf.constant("hello"))() == expected


def test_numbers_of_another_precision_are_taken():
    tff = tff_compat.as_of("0.27")
    double = tff.tf_computation(lambda x: 2.0 * x, tf.float32)
    assert double(np.float64(1.5)) == 3.0
    structure = collections.OrderedDict(x=np.float64(1.0), y=np.ones(2))
    spec = tff.to_type(collections.OrderedDict(x=tf.float32, y=(tf.float32, [2])))
    converted = arguments.as_installed(structure, spec, Version("0.27.0"))
    assert [value.dtype for value in converted.values()] == [np.float32, np.float32]
    assert arguments.as_installed(converted, spec, Version("0.27.0")) is converted


def test_data_sets_that_run_python_are_read():
    tff = tff_compat.as_of("0.17")
    total = tff.tf_computation(
        lambda data: data.reduce(0, lambda a, b: a + b), tff.SequenceType(tf.int32)
    )
    spec = tf.TensorSpec([], tf.int32)
    generated = tf.data.Dataset.from_generator(lambda: iter([1, 2, 3]), output_signature=spec)
    assert datasets.runs_python(generated.map(lambda x: x))
    assert not datasets.runs_python(tf.data.Dataset.range(3).map(lambda x: x))
    assert total(generated) == 6


def test_an_operator_may_use_values_from_outside():
    tff = tff_compat.as_of("0.9")
    add = tff.tf_computation(lambda a, b, c: a + b * c, tf.int32, tf.int32, tf.int32)

    @tff.federated_computation(tf.int32, tff.SequenceType(tf.int32))
    def weighted(factor, values):
        @tff.federated_computation(tf.int32, tf.int32)
        def step(total, value):
            return add(total, value, factor)

        return tff.sequence_reduce(values, 0, step)

    assert weighted(10, [1, 2, 3]) == 60


def test_keywords_of_intrinsics():
    for release, keywords in (("0.18", ("mapping_fn", "value")), ("0.19", ("fn", "arg"))):
        tff = tff_compat.as_of(release)
        one = tff.tf_computation(lambda x: x + 1, tf.int32)

        mapped = tff.federated_computation(
            _mapper(tff, one, keywords), tff.FederatedType(tf.int32, tff.CLIENTS)
        )
        assert mapped([1, 2]) == [2, 3]


def _mapper(tff, one, keywords):
    return lambda values: tff.federated_map(**dict(zip(keywords, (one, values))))
