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


@pytest.mark.parametrize("call", ["computation(*args)", "computation(1.0, **kwargs)"])
def test_values_that_cannot_be_seen_are_for_review(call: str) -> None:
    (finding,) = _found(call, "outcome(one, 1)", "0.20.0")
    assert (finding.code, finding.kind) == ("TFF901", "review")
    assert finding.replacement == f"called({call.replace('(', ', ', 1)}"


def test_later_runtimes_took_numbers_of_another_precision_alone() -> None:
    (finding,) = _found("None", "one(1)", "0.44.0")
    assert finding.replacement == "called_with_numbers(one, 1)"
    assert not _found("None", "one(1)", "0.87.0")
