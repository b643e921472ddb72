"""Encoded sums, means and broadcasts where the package of the encoders is missing."""

from __future__ import annotations

import collections

import pytest

pytestmark = [pytest.mark.tff, pytest.mark.filterwarnings("ignore")]

pytest.importorskip("tensorflow_federated")

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
import tensorflow_federated as tff  # noqa: E402
import tff_compat  # noqa: E402
from tff_compat.adapters.utils import encoding  # noqa: E402


@pytest.mark.parametrize("name", ["build_encoded_sum", "build_encoded_broadcast_process"])
def test_without_the_package_of_the_encoders_the_error_names_it(monkeypatch, name):
    monkeypatch.setattr(encoding, "tensor_encoding", None)
    build = getattr(tff_compat.as_of("0.16.1").utils, name)
    with pytest.raises(ImportError, match="tensorflow-model-optimization"):
        build(np.zeros([2], np.float32), None)


def test_the_encoders_may_come_in_a_list_and_the_sum_be_of_a_structure_in_a_tuple():
    from tensorflow_model_optimization.python.core.internal import tensor_encoding as te

    view = tff_compat.as_of("0.18.0")
    encoder = te.encoders.as_gather_encoder(te.encoders.identity(), tf.TensorSpec([2], tf.float32))
    value_type = view.to_type([(tf.float32, [2])] * 2)
    process = view.utils.build_encoded_sum_process(value_type, [encoder, encoder])
    values = [[np.float32([1, 2]), np.float32([3, 4])]] * 2
    result = process.next(process.initialize(), values).result
    assert np.asarray(list(result)).tolist() == [[2, 4], [6, 8]]


@pytest.fixture(scope="module")
def upgraded():
    """The helpers that the file of a program gets, by name."""
    from tff_compat.adapters import registry
    from tff_compat.declared.replacement import IMPORTS

    names: dict = {}
    for name in ("collections", "np", "tf", "tff", "tree"):
        exec(IMPORTS[name], names)
    for each in registry.helpers():
        if each.module.endswith((".encoding", ".stateful")):
            exec(each.source, names)
    return names


def _quantizing(make, shapes):
    from tensorflow_model_optimization.python.core.internal import tensor_encoding as te

    encoder = te.core.EncoderComposer(
        te.stages.UniformQuantizationEncodingStage(2, stochastic=False)
    ).make()
    return collections.OrderedDict(
        (name, getattr(te.encoders, make)(encoder, tf.TensorSpec(shape, tf.float32)))
        for name, shape in shapes.items()
    )


SHAPES = {"b": [3], "a": [2, 2]}
VALUE_TYPE = tff.types.to_type(
    collections.OrderedDict((name, (np.float32, shape)) for name, shape in SHAPES.items())
)
VALUES = [
    collections.OrderedDict(
        (name, np.linspace(start, 1.0, int(np.prod(shape)), dtype=np.float32).reshape(shape))
        for name, shape in SHAPES.items()
    )
    for start in (-1.0, 0.25)
]


@pytest.mark.parametrize("name", ["encoded_sum_process", "encoded_mean_process"])
def test_upgraded_processes_code_as_then(upgraded, name):
    view = tff_compat.as_of("0.18.0")
    encoders = _quantizing("as_gather_encoder", SHAPES)
    given = [VALUES, [1.0, 3.0]] if "mean" in name else [VALUES]
    outcomes = []
    for build in (getattr(view.utils, f"build_{name}"), upgraded[name]):
        process = build(VALUE_TYPE, encoders)
        result = process.next(process.initialize(), *given).result
        outcomes.append({each: np.asarray(result[each]).tolist() for each in SHAPES})
    assert outcomes[1] == outcomes[0]
    exact = sum(value["b"] for value in VALUES)
    assert "mean" in name or outcomes[1]["b"] != exact.tolist()


def _received(process):
    """The mean of what two clients get, by name."""
    number = tff.FederatedType(np.int32, tff.CLIENTS)

    @tff.federated_computation(
        process.initialize.type_signature.result, tff.FederatedType(VALUE_TYPE, tff.SERVER), number
    )
    def mean_of_received(state, value, clients):
        received = process.next(state, value).result
        return tff.federated_mean(received), tff.federated_sum(clients)

    mean, _ = mean_of_received(process.initialize(), VALUES[0], [1, 2])
    return {name: np.asarray(mean[name]).tolist() for name in SHAPES}


def test_an_upgraded_broadcast_codes_as_then(upgraded):
    view = tff_compat.as_of("0.18.0")
    encoders = _quantizing("as_simple_encoder", SHAPES)
    then = _received(view.utils.build_encoded_broadcast_process(VALUE_TYPE, encoders))
    assert _received(upgraded["encoded_broadcast_process"](VALUE_TYPE, encoders)) == then
    assert then["b"] != VALUES[0]["b"].tolist()


def test_upgraded_encoders_have_to_fit(upgraded):
    simple = _quantizing("as_simple_encoder", SHAPES)
    for wrong in (simple, _quantizing("as_gather_encoder", {"b": [2], "a": [2, 2]})):
        with pytest.raises(TypeError, match="no encoder"):
            upgraded["encoded_sum"](VALUES[0], wrong)
    with pytest.raises(TypeError, match="structure"):
        upgraded["encoded_sum_process"](tff.TensorType(np.float32), simple)
