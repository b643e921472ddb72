"""Tuning with Vizier: `tff.learning.programs.train_model_with_vizier` in its earlier forms."""

from __future__ import annotations

import collections
from typing import Any

import tensorflow as tf
from packaging.version import Version

from tff_compat import installation, modern
from tff_compat.adapters.registry import AsOf, adapter
from tff_compat.adapters.templates import processes
from tff_compat.catalog.boundaries import FIRST_WITH_PARALLEL_TRIALS

tff = modern.package()

_PATH = "tff.learning.programs.train_model_with_vizier"
_NOW = (
    f"{_PATH}(study={{study}}, total_trials={{total_trials}}, update_hparams={{update_hparams}}, "
    "train_model_program_logic={train_model_program_logic}, "
    "train_process_factory=lambda trial: {train_process}, train_data_source={train_data_source}, "
    "total_rounds={total_rounds}, num_clients={num_clients}, "
    "program_state_manager_factory={program_state_manager_factory}, "
    "model_output_manager_factory=%s"
    "[?, train_metrics_manager_factory={train_metrics_manager_factory}?], "
    "evaluation_manager_factory={evaluation_manager_factory}, "
    "evaluation_periodicity={evaluation_periodicity})"
)
_ONE_MANAGER = _NOW % "lambda trial: {model_output_manager}"
_FACTORY = _NOW % "{model_output_manager_factory}"
_PARALLEL = _FACTORY.replace("study=", "[?num_parallel_trials={num_parallel_trials}, ?]study=")
_ONE_NOTE = (
    "The logic is given the state that `update_hparams` has made for the trial, as "
    "`initial_train_state`."
)

_FIRST_WITH_PROCESS_FACTORY = Version("0.64")
_FIRST_WITHOUT_RELEASED_TYPES = Version("0.72")


class _OneClient:
    """A study that suggests trials to the one client that TFF was up to 0.61.

    Args:
      study: A `vizier.client.client_abc.StudyInterface`.
    """

    def __init__(self, study: Any):
        self._study = study

    def __getattr__(self, name: str) -> Any:
        return getattr(self._study, name)

    def suggest(self, *, count: Any = None, client_id: str = "") -> Any:
        """The suggestions of the study for its client ``single_client``."""
        return self._study.suggest(count=count, client_id="single_client")


class _WithTypes(tff.program.ReleaseManager):  # type: ignore[misc, name-defined]
    """A release manager that takes the type of a value, as programs gave it, and does not use it.

    Args:
      manager: The release manager of the installed TFF.
    """

    def __init__(self, manager: Any):
        self._manager = manager

    async def release(self, value: Any, *type_and_key: Any, key: Any = None) -> None:
        """Releases a value under a key, which is the last argument."""
        await self._manager.release(value, key=key if key is not None else type_and_key[-1])


async def _tune(as_of: AsOf, arguments: dict[str, Any], **given: Any) -> None:
    """Calls the installed function with the arguments that are the same in all releases."""
    same = (
        "total_trials",
        "update_hparams",
        "train_data_source",
        "total_rounds",
        "num_clients",
        "program_state_manager_factory",
        "train_metrics_manager_factory",
        "evaluation_manager_factory",
        "evaluation_periodicity",
    )
    logic = given.pop("train_model_program_logic")
    if installation.version() < _FIRST_WITH_PROCESS_FACTORY:
        del given["train_process_factory"]
        given["train_process"] = arguments["train_process"]
        given["update_hparams"] = arguments["update_hparams"]

    async def with_types(*, train_metrics_manager: Any, **others: Any) -> None:
        manager = train_metrics_manager
        if installation.version() >= _FIRST_WITHOUT_RELEASED_TYPES:
            manager = _WithTypes(manager)
        await logic(train_metrics_manager=manager, **others)

    study = arguments["study"]
    await tff.learning.programs.train_model_with_vizier(
        study=study if as_of.release >= FIRST_WITH_PARALLEL_TRIALS else _OneClient(study),
        train_model_program_logic=with_types,
        **{**{name: arguments[name] for name in same}, **given},
    )


def _with_hparams_of(process: Any, update_hparams: Any, trial: Any) -> Any:
    """The process that begins with the hyperparameters of a trial."""

    @tff.federated_computation
    def initialize():
        state = process.initialize()
        hparams = tff.federated_map(process.get_hparams, state)
        parameters = tff.federated_value(collections.OrderedDict(trial.parameters), tff.SERVER)
        updated = tff.federated_map(update_hparams, (hparams, parameters))
        return tff.federated_map(process.set_hparams, (state, updated))

    return _beginning(process, initialize)


def _with_state(process: Any, state: Any) -> Any:
    """The process that begins with a state, which already has the hyperparameters of a trial."""

    @tff.tensorflow.computation
    def given():
        return tf.nest.map_structure(tf.constant, state)

    return _beginning(process, processes.initialize_of(given))


def _beginning(process: Any, initialize: Any) -> Any:
    return tff.learning.templates.LearningProcess(
        initialize,
        process.next,
        process.get_model_weights,
        process.set_model_weights,
        get_hparams_fn=process.get_hparams,
        set_hparams_fn=process.set_hparams,
    )


@adapter(
    "tff.learning.programs.train_model_with_vizier",
    releases=">=0.56,<0.59",
    replacement=_ONE_MANAGER,
    note=_ONE_NOTE,
)
async def train_model_with_vizier_0_56(
    *,
    study,
    total_trials,
    update_hparams,
    train_model_program_logic,
    train_process,
    train_data_source,
    total_rounds,
    num_clients,
    program_state_manager_factory,
    model_output_manager,
    train_metrics_manager_factory=None,
    evaluation_manager_factory,
    evaluation_periodicity,
    as_of: AsOf,
):
    """Trains a model with the hyperparameters that Vizier suggests, as of TFF 0.56 to 0.58.

    The logic is called without a state: the process that it is given begins with the
    hyperparameters of the trial.

    Args:
      study: A `vizier.client.client_abc.StudyInterface`.
      total_trials: The number of trials.
      update_hparams: A computation from hyperparameters and a trial's parameters to
        hyperparameters.
      train_model_program_logic: Such as `tff.learning.programs.train_model`.
      train_process: A `tff.learning.templates.LearningProcess` with hyperparameters.
      train_data_source: A `tff.program.FederatedDataSource`.
      total_rounds: The rounds of each trial.
      num_clients: The clients of each round.
      program_state_manager_factory: From a trial to a `tff.program.ProgramStateManager`.
      model_output_manager: The `tff.program.ReleaseManager` of all models.
      train_metrics_manager_factory: From a trial to a `tff.program.ReleaseManager`, or None.
      evaluation_manager_factory: From a trial to a `tff.learning.programs.EvaluationManager`.
      evaluation_periodicity: A number of rounds, or a `datetime.timedelta`.
    """
    arguments = locals()
    as_of.warn(arguments)

    async def without_state(*, initial_train_state: Any, train_process: Any, **others: Any) -> None:
        if installation.version() < _FIRST_WITH_PROCESS_FACTORY:
            train_process = _with_state(train_process, initial_train_state)
        await train_model_program_logic(train_process=train_process, **others)

    await _tune(
        as_of,
        arguments,
        update_hparams=lambda hparams, parameters: hparams,
        train_model_program_logic=without_state,
        train_process_factory=lambda trial: _with_hparams_of(train_process, update_hparams, trial),
        model_output_manager_factory=lambda trial: model_output_manager,
    )


@adapter(
    "tff.learning.programs.train_model_with_vizier", releases=">=0.59,<0.63", replacement=_FACTORY
)
async def train_model_with_vizier_0_59(
    *,
    study,
    total_trials,
    update_hparams,
    train_model_program_logic,
    train_process,
    train_data_source,
    total_rounds,
    num_clients,
    program_state_manager_factory,
    model_output_manager_factory,
    train_metrics_manager_factory=None,
    evaluation_manager_factory,
    evaluation_periodicity,
    as_of: AsOf,
):
    """Trains a model with the hyperparameters that Vizier suggests, as of TFF 0.59 to 0.61.

    Args:
      study: A `vizier.client.client_abc.StudyInterface`.
      total_trials: The number of trials.
      update_hparams: A computation from hyperparameters and a trial's parameters to
        hyperparameters.
      train_model_program_logic: Such as `tff.learning.programs.train_model`; it gets the state that
        a trial begins with.
      train_process: A `tff.learning.templates.LearningProcess` with hyperparameters.
      train_data_source: A `tff.program.FederatedDataSource`.
      total_rounds: The rounds of each trial.
      num_clients: The clients of each round.
      program_state_manager_factory: From a trial to a `tff.program.ProgramStateManager`.
      model_output_manager_factory: From a trial to the `tff.program.ReleaseManager` of its models.
      train_metrics_manager_factory: From a trial to a `tff.program.ReleaseManager`, or None.
      evaluation_manager_factory: From a trial to a `tff.learning.programs.EvaluationManager`.
      evaluation_periodicity: A number of rounds, or a `datetime.timedelta`.
    """
    arguments = locals()
    as_of.warn(arguments)
    await _tune(
        as_of,
        arguments,
        train_model_program_logic=train_model_program_logic,
        train_process_factory=lambda trial: train_process,
        model_output_manager_factory=model_output_manager_factory,
    )


@adapter(
    "tff.learning.programs.train_model_with_vizier", releases=">=0.63,<0.64", replacement=_PARALLEL
)
async def train_model_with_vizier_0_63(
    *,
    study,
    total_trials,
    num_parallel_trials=1,
    update_hparams,
    train_model_program_logic,
    train_process,
    train_data_source,
    total_rounds,
    num_clients,
    program_state_manager_factory,
    model_output_manager_factory,
    train_metrics_manager_factory=None,
    evaluation_manager_factory,
    evaluation_periodicity,
    as_of: AsOf,
):
    """Trains a model with the hyperparameters that Vizier suggests, as of TFF 0.63.

    Args:
      study: A `vizier.client.client_abc.StudyInterface`.
      total_trials: The number of trials.
      num_parallel_trials: How many trials run at a time.
      update_hparams: A computation from hyperparameters and a trial's parameters to
        hyperparameters.
      train_model_program_logic: Such as `tff.learning.programs.train_model`; it gets the state that
        a trial begins with.
      train_process: A `tff.learning.templates.LearningProcess` with hyperparameters.
      train_data_source: A `tff.program.FederatedDataSource`.
      total_rounds: The rounds of each trial.
      num_clients: The clients of each round.
      program_state_manager_factory: From a trial to a `tff.program.ProgramStateManager`.
      model_output_manager_factory: From a trial to the `tff.program.ReleaseManager` of its models.
      train_metrics_manager_factory: From a trial to a `tff.program.ReleaseManager`, or None.
      evaluation_manager_factory: From a trial to a `tff.learning.programs.EvaluationManager`.
      evaluation_periodicity: A number of rounds, or a `datetime.timedelta`.
    """
    arguments = locals()
    as_of.warn(arguments)
    await _tune(
        as_of,
        arguments,
        num_parallel_trials=num_parallel_trials,
        train_model_program_logic=train_model_program_logic,
        train_process_factory=lambda trial: train_process,
        model_output_manager_factory=model_output_manager_factory,
    )
