"""The base class of tests, which was in TFF until 0.24."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

import tensorflow as tf

from tff_compat import modern
from tff_compat.adapters.registry import AsOf, adapter
from tff_compat.adapters.subclassing import Derived

tff = modern.package()

_CLEARED = "Before each test it called `tf.keras.backend.clear_session()`."
_WITHOUT_ASSERTIONS = (
    f"{_CLEARED} Its assertions on types are methods of these, such as `check_assignable_from`."
)


class _TestCase(Derived, tf.test.TestCase):  # type: ignore[misc, name-defined]
    """A test that starts with none of the Keras models of the tests before."""

    def setUp(self):
        super().setUp()
        tf.keras.backend.clear_session()


@adapter(
    "tff.test.TestCase",
    releases=">=0.24,<0.25",
    replacement="tf.test.TestCase",
    note=_CLEARED,
)
class TestCase_0_24(_TestCase):
    """The base class of tests, as of TFF 0.24."""

    as_of: AsOf


@adapter(
    "tff.test.TestCase",
    releases=">=0.17,<0.24",
    replacement="tf.test.TestCase",
    note=_WITHOUT_ASSERTIONS,
)
class TestCase_0_17(_TestCase):
    """The base class of tests, with assertions about types, as of TFF 0.17 to 0.23."""

    as_of: AsOf

    def assert_type_assignable_from(self, target_type, source_type):
        """Fails where a value of one type may not be given where another is expected."""
        self._check(target_type.check_assignable_from, source_type)

    def assert_types_equivalent(self, first_type, second_type):
        """Fails where two types may not be given for each other."""
        self._check(first_type.check_equivalent_to, second_type)

    def assert_types_identical(self, first_type, second_type):
        """Fails where two types differ."""
        self._check(first_type.check_identical_to, second_type)

    def assert_type_string(self, type_signature, expected_string):
        """Fails where a type prints otherwise, as of TFF 0.19 to 0.23."""
        self.assertEqual(type_signature.compact_representation(), expected_string)

    def assert_nested_struct_eq(self, x, y):
        """Fails where two nested structures of values differ."""
        try:
            tf.nest.assert_same_structure(x, y)
        except ValueError:
            self.fail("Expected structures to have the same shape.")
        for first, second in zip(tf.nest.flatten(x), tf.nest.flatten(y)):
            if first != second:
                self.fail(f"Mismatching elements {first} and {second}.")

    def assert_graph_contains_ops(self, graphdef, ops):
        """Fails where a graph, with its functions, lacks an operation; as of 0.19 to 0.23."""
        lacking = set(ops) - set(_operations(graphdef, ops))
        if lacking:
            self.fail(f"Expected to encounter the ops {ops}, but failed to find {lacking}.")

    def assert_graph_does_not_contain_ops(self, graphdef, forbidden_ops):
        """Fails where a graph, with its functions, has an operation; as of 0.19 to 0.23."""
        found = list(_operations(graphdef, forbidden_ops))
        if found:
            self.fail(f"Ops {forbidden_ops} are forbidden, but encountered {found} in GraphDef.")

    def _check(self, check: Callable[[Any], None], other: Any) -> None:
        message = None
        try:
            check(other)
        except TypeError as error:
            message = getattr(error, "message", str(error))
        if message is not None:
            # Outside of the handler, so that the failure does not repeat all of the error.
            self.fail(message)


def _operations(graphdef: Any, among: Collection[str]) -> Iterator[str]:
    for nodes in (graphdef.node, *(each.node_def for each in graphdef.library.function)):
        yield from (node.op for node in nodes if node.op in among)


@adapter("tff.test.main", releases=">=0.17,<0.25", replacement="tf.test.main()")
def main(*, as_of: AsOf):
    """Runs the tests of the program, as of TFF 0.17 to 0.24."""
    as_of.warn(locals())
    tf.test.main()
