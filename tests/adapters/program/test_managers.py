"""Managers of federated programs: mixed eras, a running loop, warnings, errors on bad input."""

from __future__ import annotations

import asyncio
import inspect
import warnings

import numpy as np
import pytest

pytestmark = pytest.mark.tff

tff = pytest.importorskip("tensorflow_federated")

import tff_compat  # noqa: E402

INT = tff.TensorType(np.int32)


@pytest.fixture(autouse=True)
def _quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def program(release):
    return tff_compat.as_of(release).program


def test_synchronous_managers_work_inside_a_running_loop_and_can_be_awaited(tmp_path):
    old = program("0.20.0")
    memory = old.MemoryReleaseManager()
    states = old.FileProgramStateManager(tmp_path)

    async def run():
        memory.release(1, 2)
        await memory.release(3, key=4)
        states.save({"a": 5}, 6)
        state, version = await states.load_latest({"a": 0})
        return state, version, await states.get_versions()

    state, version, versions = asyncio.run(run())
    assert dict(memory.values()) == {2: 1, 4: 3}
    assert (int(state["a"]), version, versions) == (5, 6, [6])


def test_a_manager_of_a_program_is_one_to_the_installed_tff():
    class Listed(program("0.48.0").ReleaseManager):
        def __init__(self):
            self.released = []

        async def release(self, value, type_signature, key):
            self.released.append((value, str(type_signature), key))

    listed = Listed()
    group = tff.program.GroupingReleaseManager([tff.program.PeriodicReleaseManager(listed, 1)])
    asyncio.run(group.release({"a": 1.5}, key=2))
    asyncio.run(listed.release(3, 4))
    assert listed.released == [({"a": 1.5}, "<a=float32>", 2), (3, "int32", 4)]
    assert isinstance(listed, tff.program.ReleaseManager)
    assert isinstance(tff.program.MemoryReleaseManager(), program("0.48.0").ReleaseManager)
    assert not isinstance(listed, program("0.48.0").ProgramStateManager)


def test_managers_of_other_eras_are_handed_values_as_they_take_them():
    modern = tff.program.MemoryReleaseManager()
    typed = program("0.64.0").MemoryReleaseManager()
    group = program("0.52.0").GroupingReleaseManager([modern, typed])
    asyncio.run(group.release(1, INT, 2))
    assert dict(modern.values()) == {2: 1}
    assert dict(typed.values()) == {2: (1, INT)}


def test_a_subclass_of_a_manager_of_the_library_gets_types():
    class Doubling(program("0.64.0").MemoryReleaseManager):
        async def release(self, value, type_signature, key):
            await super().release(2 * value, type_signature, key)

    memory = Doubling()
    asyncio.run(tff.program.GroupingReleaseManager([memory]).release(2, key=3))
    asyncio.run(memory.release(5, INT, key=6))
    assert dict(memory.values()) == {3: (4, INT), 6: (10, INT)}


def test_values_without_a_type_are_told():
    memory = program("0.33.0").MemoryReleaseManager()
    with pytest.raises(TypeError, match="infer the TFF type of object"):
        asyncio.run(memory.release([object()], key=1))


@pytest.mark.parametrize(
    ("release", "arguments", "named"),
    [("0.33.0", (1,), {}), ("0.64.0", (1, INT), {}), ("0.64.0", (), {"value": 1})],
)
def test_what_a_release_asked_for_has_to_be_given(release, arguments, named):
    with pytest.raises(TypeError, match="release"):
        program(release).MemoryReleaseManager().release(*arguments, **named)


def test_a_call_with_a_type_is_told_once_with_what_to_write():
    memory = program("0.64.0").MemoryReleaseManager()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", tff_compat.LegacyAPIWarning)
        for key in range(2):
            coroutine = memory.release([1], INT, key)
            asyncio.run(coroutine)
    (warning,) = (each.message for each in caught)
    assert warning.symbol == "tff.program.MemoryReleaseManager.release"
    assert (warning.release, warning.replacement) == ("0.71.0", "release([1], key=key)")
    assert warning.location[0] == __file__


def test_calls_of_tff_itself_are_not_told():
    memory = program("0.20.0").MemoryReleaseManager()
    group = tff.program.GroupingReleaseManager([memory])
    with warnings.catch_warnings():
        warnings.simplefilter("error", tff_compat.LegacyAPIWarning)
        asyncio.run(group.release(1, key=2))
    assert dict(memory.values()) == {2: 1}


def test_a_subclass_is_told_what_has_changed():
    with pytest.warns(tff_compat.LegacyAPIWarning, match="tff.program.ReleaseManager"):
        type("Manager", (program("0.70.0").ReleaseManager,), {"release": print})
    with pytest.warns(tff_compat.LegacyAPIWarning, match="tff.program.ProgramStateManager"):
        type("States", (program("0.21.0").ProgramStateManager,), {})
    with warnings.catch_warnings():
        warnings.simplefilter("error", tff_compat.LegacyAPIWarning)
        type("Same", (program("0.27.0").ReleaseManager,), {})


def test_state_of_the_installed_manager_is_what_the_program_gets(tmp_path):
    old = program("0.64.0")
    states = old.FileProgramStateManager(str(tmp_path))
    asyncio.run(states.save([1, (2, 3)], 4))
    with pytest.raises(tff.program.ProgramStateExistsError, match="for version: 4"):
        asyncio.run(states.save(1, 4))
    with pytest.raises(old.ProgramStateNotFoundError):
        asyncio.run(states.load(5, 1))
    assert asyncio.run(states.load(4, {"b": (0, 0), "a": 0})) == {"a": 1, "b": (2, 3)}


def test_errors_that_were_renamed_are_caught_by_both_names():
    old = program("0.52.0")
    missing = old.ProgramStateManagerStateNotFoundError("text")
    assert isinstance(missing, tff.program.ProgramStateNotFoundError)
    assert str(missing) == "text"
    there = old.ProgramStateManagerStateAlreadyExistsError("other")
    assert isinstance(there, tff.program.ProgramStateExistsError)
    assert str(program("0.64.0").ProgramStateExistsError(3)).endswith("for version: 3.")


def test_methods_have_the_names_and_the_order_of_their_time():
    names = list(inspect.signature(program("0.64.0").CSVFileReleaseManager.release).parameters)
    assert names == ["self", "value", "type_signature", "key"]
