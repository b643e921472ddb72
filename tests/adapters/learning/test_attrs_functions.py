"""The helper lets functions of attrs take TFF's named tuples, in plain programs."""

from __future__ import annotations

from typing import Any

import attr
import pytest
import tensorflow_federated as tff
from tff_compat.adapters import registry

pytestmark = pytest.mark.tff


@pytest.fixture
def of_attrs(monkeypatch) -> Any:
    (source,) = (each.source for each in registry.helpers() if each.name == "of_attrs")
    names: dict[str, Any] = {"attr": attr}
    exec(source, names)
    kinds = (tff.learning.models.ModelWeights, tff.learning.templates.LearningProcessOutput)
    # A release that another test has left in place may have marked them, and takes that away.
    unmarked = [kind for kind in kinds if "__attrs_attrs__" not in vars(kind)]
    yield names["of_attrs"]
    for kind in unmarked:
        if "__attrs_attrs__" in vars(kind):
            del kind.__attrs_attrs__


def test_named_tuples_of_tff_are_taken_apart_and_changed(of_attrs):
    weights = tff.learning.models.ModelWeights([1.0], [2.0])
    assert of_attrs(attr.evolve, weights, trainable=[3.0]).trainable == [3.0]
    assert of_attrs(attr.asdict, weights) == {"trainable": [1.0], "non_trainable": [2.0]}
    assert of_attrs(attr.astuple, weights) == ([1.0], [2.0])
    assert [each.name for each in of_attrs(attr.fields, type(weights))] == [
        "trainable",
        "non_trainable",
    ]
    output = tff.learning.templates.LearningProcessOutput(weights, {})
    assert of_attrs(attr.asdict, output)["state"] == {"trainable": [1.0], "non_trainable": [2.0]}


def test_other_classes_are_as_they_are(of_attrs):
    @attr.s
    class Own:
        a = attr.ib()

    assert of_attrs(attr.evolve, Own(1), a=2) == Own(2)
    assert not of_attrs(attr.has, tuple)
