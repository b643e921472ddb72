"""References to values of federated programs: when they compute, what they refuse."""

from __future__ import annotations

import asyncio
import warnings

import attr
import numpy as np
import pytest

pytestmark = pytest.mark.tff

tff = pytest.importorskip("tensorflow_federated")

import tff_compat  # noqa: E402

FLOAT = tff.TensorType(np.float32)


@pytest.fixture(autouse=True)
def _quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def program(release):
    return tff_compat.as_of(release).program


async def one():
    return np.float32(1)


@attr.s(auto_attribs=True)
class State:
    value: object


def test_objects_of_attrs_classes_belong_to_structures_up_to_0_56():
    state = State(program("0.56.0").AwaitableValueReference(one, FLOAT))
    found = asyncio.run(program("0.56.0").materialize_value([state]))
    assert found == [State(1)]
    assert asyncio.run(program("0.57.0").materialize_value([state])) == [state]


def test_results_are_computed_when_they_are_asked_for_and_once():
    executing = tff.backends.native.create_async_local_cpp_execution_context()
    invoked = []

    class Context(tff.framework.AsyncContext):
        async def invoke(self, comp, arg):
            invoked.append(arg)
            return await executing.invoke(comp, arg)

    context = program("0.64.0").NativeFederatedContext(Context())
    pair = tff.tensorflow.computation(lambda x: (x, x + 1), np.int32)
    with tff.framework.get_context_stack().install(context):
        first, second = pair(3)
        third, _ = pair(second)
    assert invoked == []
    assert asyncio.run(third.get_value()) == 4
    assert [asyncio.run(each.get_value()) for each in (first, second)] == [3, 4]
    assert len(invoked) == 2


def test_what_is_no_context_or_reference_is_refused():
    with pytest.raises(ValueError, match="asynchronous `invoke`"):
        program("0.33.0").NativeFederatedContext(tff.framework.get_context_stack().current)
    with pytest.raises(TypeError, match="asynchronous context"):
        program("0.64.0").NativeFederatedContext(tff.framework.get_context_stack().current)
    with pytest.raises(TypeError, match=r"tff.TensorType or a tff.SequenceType"):
        program("0.64.0").AwaitableValueReference(one, tff.FederatedType(np.int32, tff.SERVER))
