"""Training loops: rounds of a process, with what is measured and kept of each."""

from __future__ import annotations

import asyncio
import collections
import inspect
import time
from collections.abc import Callable
from typing import Any

from packaging.version import Version

from tff_compat import modern
from tff_compat.adapters.language import dated_types, type_functions
from tff_compat.adapters.program import calls, release_managers
from tff_compat.adapters.registry import NEVER, AsOf, Replacement, adapter
from tff_compat.adapters.stand_ins import is_offered
from tff_compat.catalog.boundaries import FIRST_ASYNCHRONOUS, FIRST_WITH_RELEASED_TYPES

tff = modern.package()

_TRAIN_STEP_TIME = "train_step_time_in_seconds"
_TRAIN_STEPS_PER_HOUR = "train_steps_per_hour"
_VALIDATION_PREFIX = "validation/"
_VALIDATION_TIME = "validation/validation_time_in_seconds"

_RUN_TRAINING_PROCESS = (
    "tff.simulation.run_training_process({process}, {client_selection_fn}, {total_rounds})"
)

_MANAGERS = {
    "program_state_manager": "tff.program.ProgramStateManager",
    "metrics_managers": "tff.program.ReleaseManager",
}


def _constant(path: str, value: str, replacement: str) -> None:
    """Declares a key of metrics that the loops of TFF 0.19 used."""
    adapter(path, releases=">=0.19,<0.20", replacement=replacement)(value)


_constant(
    "tff.simulation.TRAIN_STEP_TIME_KEY", _TRAIN_STEP_TIME, "tff.simulation.TRAINING_TIME_KEY"
)
_constant(
    "tff.simulation.TRAIN_STEPS_PER_HOUR_KEY",
    _TRAIN_STEPS_PER_HOUR,
    "tff.simulation.TRAINING_TIME_KEY",
)
_constant(
    "tff.simulation.VALIDATION_METRICS_PREFIX",
    _VALIDATION_PREFIX,
    "tff.simulation.EVALUATION_METRICS_PREFIX",
)
_constant(
    "tff.simulation.VALIDATION_TIME_KEY", _VALIDATION_TIME, "tff.simulation.EVALUATION_TIME_KEY"
)


def _validation_metrics(validation_fn: Any, state: Any, round_num: int) -> dict[str, Any]:
    start = time.time()
    metrics = validation_fn(state, round_num)
    found: dict[str, Any] = collections.OrderedDict()
    found[_VALIDATION_TIME] = time.time() - start
    found.update((_VALIDATION_PREFIX + name, value) for name, value in metrics.items())
    return found


@adapter(
    "tff.simulation.run_simulation",
    releases=">=0.19,<0.20",
    replacement=_RUN_TRAINING_PROCESS[:-1] + "[?, "
    "program_state_manager={file_checkpoint_manager}?][?, metrics_managers={metrics_managers}?])",
    note="Managers are those of tff.program, and metrics have other names.",
    cases={
        "validation_fn": Replacement(
            "", "`evaluation_fn` and `evaluation_selection_fn` stand for `validation_fn`."
        )
    },
    takes=_MANAGERS,
)
def run_simulation(
    process,
    client_selection_fn,
    total_rounds,
    file_checkpoint_manager=None,
    metrics_managers=None,
    validation_fn=None,
    *,
    as_of: AsOf,
):
    """Trains for some rounds, as of TFF 0.19.

    Args:
      process: A `tff.templates.IterativeProcess` whose metrics are a mapping.
      client_selection_fn: From the number of a round, 1 first, to the data of its clients.
      total_rounds: How many rounds, with those that a checkpoint has behind it.
      file_checkpoint_manager: A `tff.simulation.FileCheckpointManager`, from whose latest
        checkpoint training goes on, and to which each state is saved, the initial one as round 0.
      metrics_managers: A list of `tff.simulation.MetricsManager`s, to which the metrics of each
        round are saved. Those of the rounds to come are cleared first.
      validation_fn: From a state and the number of its round to a mapping of metrics, also called
        for the initial state, as round 0.

    Returns:
      The last state.
    """
    as_of.warn(locals())
    managers = metrics_managers or []

    def on_loop_start(state: Any) -> tuple[Any, int]:
        start_round = 0
        if file_checkpoint_manager is not None:
            saved, saved_round = file_checkpoint_manager.load_latest_checkpoint(state)
            if saved is not None:
                state, start_round = saved, saved_round + 1
        for manager in managers:
            manager.clear_metrics(start_round)
        if start_round > 0:
            return state, start_round
        if validation_fn is not None:
            metrics = _validation_metrics(validation_fn, state, 0)
            for manager in managers:
                manager.save_metrics(metrics, 0)
        if file_checkpoint_manager is not None:
            file_checkpoint_manager.save_checkpoint(state, round_num=0)
        return state, 1

    def on_round_end(state: Any, round_num: int, metrics: Any) -> tuple[Any, Any]:
        if validation_fn is not None:
            metrics.update(_validation_metrics(validation_fn, state, round_num))
        for manager in managers:
            manager.save_metrics(metrics, round_num)
        if file_checkpoint_manager is not None:
            file_checkpoint_manager.save_checkpoint(state, round_num)
        return state, metrics

    return _run(process, client_selection_fn, total_rounds, on_loop_start, on_round_end)


@adapter(
    "tff.simulation.run_simulation_with_callbacks",
    releases=">=0.19,<0.20",
    replacement=_RUN_TRAINING_PROCESS,
    cases={
        name: Replacement("", "There are no callbacks: write a loop over process.next.")
        for name in ("on_loop_start", "on_round_end")
    },
)
def run_simulation_with_callbacks(
    process,
    client_selection_fn,
    total_rounds,
    on_loop_start=None,
    on_round_end=None,
    *,
    as_of: AsOf,
):
    """Trains for some rounds, with functions called in between, as of TFF 0.19.

    Args:
      process: A `tff.templates.IterativeProcess` whose metrics are a mapping.
      client_selection_fn: From the number of a round, 1 first, to the data of its clients.
      total_rounds: The number of the last round.
      on_loop_start: From the initial state to the state and the number of the first round.
      on_round_end: From the state, the number of the round and its metrics to the state and the
        metrics.

    Returns:
      The last state.
    """
    as_of.warn(locals())
    return _run(process, client_selection_fn, total_rounds, on_loop_start, on_round_end)


def _run(
    process: Any,
    client_selection_fn: Callable[[int], Any],
    total_rounds: int,
    on_loop_start: Any,
    on_round_end: Any,
) -> Any:
    state, first = process.initialize(), 1
    if on_loop_start is not None:
        state, first = on_loop_start(state)
    for round_num in range(first, total_rounds + 1):
        start = time.time()
        state, metrics = process.next(state, client_selection_fn(round_num))
        seconds = time.time() - start
        of_round: dict[str, Any] = collections.OrderedDict(round_num=round_num)
        of_round[_TRAIN_STEP_TIME] = seconds
        of_round[_TRAIN_STEPS_PER_HOUR] = 3600.0 / seconds if seconds else None
        of_round.update(metrics)
        if on_round_end is not None:
            state, of_round = on_round_end(state, round_num, of_round)
    return state


@adapter(
    "tff.simulation.run_stateless_simulation",
    releases=">=0.20,<0.28",
    replacement=(
        "(lambda run, select, rounds: collections.OrderedDict((round_num, run(select(round_num))) "
        "for round_num in range(rounds)))({computation}, {client_selection_fn}, {total_rounds})"
    ),
    note="The metrics are without the time that a round took; `metrics_managers` get none.",
)
def run_stateless_simulation(
    computation, client_selection_fn, total_rounds, metrics_managers=None, *, as_of: AsOf
):
    """Calls a computation once a round, as of TFF 0.20 to 0.27.

    Args:
      computation: A `tff.Computation` of one argument that gives a mapping.
      client_selection_fn: From the number of a round, 0 first, to the data of its clients.
      total_rounds: How many rounds.
      metrics_managers: `tff.program.ReleaseManager`s, to which the results are released.

    Returns:
      From the number of a round to its results, with ``round_num`` before and the time in seconds
      after them.
    """
    as_of.warn(locals())
    found: dict[int, Any] = collections.OrderedDict()
    for round_num in range(total_rounds):
        start = time.time()
        output = computation(client_selection_fn(round_num))
        seconds = time.time() - start
        of_round: dict[str, Any] = collections.OrderedDict(round_num=round_num)
        of_round.update(output)
        of_round[tff.simulation.ROUND_TIME_KEY] = seconds
        for manager in metrics_managers or []:
            _release(manager, of_round, round_num)
        found[round_num] = of_round
    return found


def _release(manager: Any, value: Any, key: int) -> None:
    released = manager.release(value, key)
    if inspect.isawaitable(released):
        asyncio.get_event_loop().run_until_complete(released)


class _Awaited:
    """A program state manager whose methods are awaited: those of TFF 0.20 and 0.21 were not."""

    def __init__(self, manager: Any):
        self._manager = manager

    async def load_latest(self, structure: Any) -> Any:
        return await _value(self._manager.load_latest(structure))

    async def save(self, program_state: Any, version: int) -> None:
        await _value(self._manager.save(program_state, version))


class _Released:
    """A release manager that is called as those of its release were."""

    def __init__(self, manager: Any, release: Version):
        self._manager = manager
        self._as_of = release
        self._takes_types = "type_signature" in inspect.signature(manager.release).parameters

    async def release(self, value: Any, *given: Any, key: Any = None) -> None:
        # Loops of TFF 0.22 to 0.67 give the key by position, from 0.29 on after the type.
        if given:
            key = given[-1]
        if isinstance(self._manager, calls.Subclassed) and is_offered(type(self._manager)):
            # What the loop calls is no use of the program.
            type_signature = self._type_of(value) if self._takes_types else calls.NOT_GIVEN
            await release_managers.forward(self._manager, value, type_signature, key)
        elif self._takes_types:
            await _value(self._manager.release(value, self._type_of(value), key))
        else:
            await _value(self._manager.release(value, key))

    def _type_of(self, value: Any) -> Any:
        return dated_types.dated(type_functions.inferred(value, self._as_of), self._as_of)


async def _value(found: Any) -> Any:
    return await found if inspect.isawaitable(found) else found


@adapter(
    "tff.simulation.run_training_process",
    releases=">=0.20,<0.68",
    replacement="tff.simulation.run_training_process",
    legacy=NEVER,
    changed=(FIRST_ASYNCHRONOUS, FIRST_WITH_RELEASED_TYPES),
    takes=_MANAGERS,
)
def run_training_process(
    training_process,
    training_selection_fn,
    total_rounds,
    evaluation_fn=None,
    evaluation_selection_fn=None,
    rounds_per_evaluation=1,
    program_state_manager=None,
    rounds_per_saving_program_state=1,
    metrics_managers=None,
    *,
    as_of: AsOf,
):
    """Trains for some rounds with managers as programs wrote them, as of TFF 0.20 to 0.67.

    Args:
      training_process: A `tff.templates.IterativeProcess`, or a learning process.
      training_selection_fn: From the number of a round, 1 first, to the data of its clients.
      total_rounds: The number of the last round.
      evaluation_fn: From a state and the data of clients to a mapping of metrics.
      evaluation_selection_fn: From the number of a round, 0 first, to the data for it.
      rounds_per_evaluation: How many rounds there are from one evaluation to the next.
      program_state_manager: A `tff.program.ProgramStateManager`, from whose latest version
        training goes on. Its methods may be coroutines or, as in TFF 0.20, ordinary ones.
      rounds_per_saving_program_state: How many rounds there are from one version to the next.
      metrics_managers: `tff.program.ReleaseManager`s, whose method `release` may be a coroutine or
        not, with the type of the value as a second argument, as in TFF 0.29 to 0.67, or not.

    Returns:
      The last state.
    """
    return tff.simulation.run_training_process(
        training_process,
        training_selection_fn,
        total_rounds,
        evaluation_fn,
        evaluation_selection_fn,
        rounds_per_evaluation,
        None if program_state_manager is None else _Awaited(program_state_manager),
        rounds_per_saving_program_state,
        None
        if metrics_managers is None
        else [_Released(each, as_of.release) for each in metrics_managers],
    )
