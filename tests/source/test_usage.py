"""What a program uses of TFF: by which names, as what, and what says nothing of its release."""

from __future__ import annotations

import ast

import pytest
from tff_compat import catalog
from tff_compat.source.reading import Part
from tff_compat.source.usage import Usage, collect

_HEAD = "import tensorflow_federated as tff\n"
_AVERAGING = "tff.learning.build_federated_averaging_process"


def _used(code: str, head: str = _HEAD) -> Usage:
    return collect([Part(ast.parse(head + code), text=head + code)], catalog.load())


def _paths(code: str, head: str = _HEAD) -> list[str]:
    return [use.path for use in _used(code, head).uses]


def _accesses(code: str) -> list[tuple]:
    return [(each.role, each.keys) for each in _used(code).accesses]


def test_the_package_by_its_whole_name():
    uses = _paths("tensorflow_federated.learning.Model", "import tensorflow_federated\n")
    assert uses == ["tff.learning.Model"]


@pytest.mark.parametrize(
    "code",
    [
        "tff.federated_average(v).type_signature",
        "x[tff.federated_average(v)]",
        "a.b[tff.federated_average(v)].c",
        "for x in tff.federated_average(v): pass",
    ],
)
def test_uses_inside_of_other_expressions(code):
    assert _paths(code) == ["tff.federated_average"]


@pytest.mark.parametrize(
    "code",
    [
        "if tff.__version__ < '0.3':\n  tff.federated_average(v)",
        "y = tff.federated_average(v) if tff.__version__ == '0.1.0' else v",
        "hasattr(tff, 'federated_average') and tff.federated_average(v)",
        "try:\n  tff.federated_average(v)\nexcept AttributeError:\n  pass",
        "try:\n  from tensorflow_federated import federated_average as f\n"
        "except ImportError:\n  f = None\nf(v)",
        "try:\n  if x:\n    from tensorflow_federated import federated_average as f\n"
        "except ImportError:\n  f = None\nf(v)",
    ],
)
def test_what_is_asked_for_first_does_not_count(code):
    assert "tff.federated_average" not in _paths(code)


@pytest.mark.parametrize(
    "code",
    [
        "if other.__version__ < '0.3':\n  tff.federated_average(v)",
        "if hasattr(other, 'federated_average'):\n  tff.federated_average(v)",
        "try:\n  tff.federated_average(v)\nexcept ValueError:\n  pass",
    ],
)
def test_what_others_are_asked_counts(code):
    assert "tff.federated_average" in _paths(code)


def test_a_process_that_is_made_below_the_function_that_runs_it():
    code = f"def run():\n  return process.initialize().model\nprocess = {_AVERAGING}(f)"
    assert _accesses(code) == [("state", (("attr", "model"),))]


@pytest.mark.parametrize("builder", [_AVERAGING, "tff.learning.build_federated_sgd_process"])
def test_what_is_read_of_results(builder):
    code = f"p = {builder}(f)\nstate, metrics = p.next(p.initialize(), d)\nmetrics['train']['loss']"
    assert _accesses(code) == [
        ("result", (("unpack", 2),)),
        ("metrics", (("item", "train"), ("item", "loss"))),
    ]


@pytest.mark.parametrize("given", ["ds, inner", "ds, process=inner"])
def test_a_process_that_is_composed_with_data_sets(given):
    compose = "tff.simulation.compose_dataset_computation_with_iterative_process"
    code = f"inner = {_AVERAGING}(f)\np = {compose}({given})\np.initialize().model"
    assert _accesses(code) == [("state", (("attr", "model"),))]


def test_only_whole_classes_say_what_is_missing():
    derived = "class M(tff.learning.Model):\n"
    (subclass,) = _used(f"{derived}  x = 1\n  def f(self): pass").subclasses
    assert (subclass.name, subclass.base) == ("M", "tff.learning.Model")
    assert subclass.defined == {"x", "f"}
    assert not _used(f"{derived}  @abc.abstractmethod\n  def f(self): pass").subclasses
    assert not _used(f"from x import B\n{derived[:-3]}, B):\n  pass").subclasses
