"""Composition: data sets made on the clients, in front of processes and computations."""

from __future__ import annotations

from tff_compat import modern
from tff_compat.adapters.language import structures
from tff_compat.adapters.learning.algorithms import LearningProcess
from tff_compat.adapters.registry import NEVER, AsOf, Legacy, adapter

tff = modern.package()


@adapter(
    "tff.simulation.compose_dataset_computation",
    releases=">=0.16,<0.17",
    replacement="tff.simulation.compose_dataset_computation_with_iterative_process",
    gives="same as its process",
)
def compose_dataset_computation(dataset_computation, process, *, as_of: AsOf):
    """A process that makes the clients' data sets itself, as of TFF 0.16.

    Args:
      dataset_computation: From a client's id to its data set.
      process: A `tff.templates.IterativeProcess` that takes data sets.

    Raises:
      TypeError: `process` is something else, or does not take what `dataset_computation` gives.
    """
    as_of.warn(locals())
    if not isinstance(process, tff.templates.IterativeProcess):
        raise TypeError(
            f"Expected a tff.templates.IterativeProcess, found {type(process).__name__}."
        )
    return _of_process(dataset_computation, process, as_of)


@adapter(
    "tff.simulation.compose_dataset_computation_with_iterative_process",
    releases=">=0.17,<0.53",
    replacement="tff.simulation.compose_dataset_computation_with_iterative_process",
    legacy=NEVER,
    gives="same as its process",
)
def compose_dataset_computation_with_iterative_process(
    dataset_computation, process, *, as_of: AsOf
):
    """A process that makes the clients' data sets itself, as of TFF 0.17 to 0.52.

    Args:
      dataset_computation: From a client's id to its data set.
      process: A `tff.templates.IterativeProcess` that takes data sets.

    Raises:
      TypeError: `process` does not take what `dataset_computation` gives.
    """
    return _of_process(dataset_computation, process, as_of)


def _of_process(dataset_computation, process, as_of):
    composed = tff.simulation.compose_dataset_computation_with_iterative_process(
        dataset_computation, process
    )
    made = tff.templates.IterativeProcess(
        structures.with_results_of(composed.initialize, as_of.release),
        structures.with_results_of(composed.next, as_of.release),
    )
    if hasattr(process, "get_model_weights"):
        # Releases that gave processes this function handed it on.
        made.get_model_weights = process.get_model_weights
    return made


@adapter(
    "tff.simulation.compose_dataset_computation_with_computation",
    releases=">=0.17,<0.67",
    replacement=(
        "tff.simulation.compose_dataset_computation_with_learning_process({dataset_computation}, "
        "{computation_body})"
    ),
    legacy=Legacy(values={"computation_body": "evaluation"}),
    gives="same as its process",
)
def compose_dataset_computation_with_computation(
    dataset_computation, computation_body, *, as_of: AsOf
):
    """A computation that makes the clients' data sets itself, as of TFF 0.17 to 0.66.

    Args:
      dataset_computation: From a client's id to its data set.
      computation_body: A computation that takes data sets at the clients.

    Raises:
      TypeError: `computation_body` does not take what `dataset_computation` gives.
    """
    composed = tff.simulation.compose_dataset_computation_with_computation(
        dataset_computation, computation_body
    )
    return structures.with_results_of(composed, as_of.release)


@adapter(
    "tff.simulation.compose_dataset_computation_with_learning_process",
    releases=">=0.24,<0.50",
    replacement="tff.simulation.compose_dataset_computation_with_learning_process",
    legacy=NEVER,
    gives="same as its process",
)
def compose_dataset_computation_with_learning_process(dataset_computation, process, *, as_of: AsOf):
    """A learning process that makes the clients' data sets itself, as of TFF 0.24 to 0.49.

    Args:
      dataset_computation: From a client's id to its data set.
      process: A `tff.learning.templates.LearningProcess`.

    Raises:
      TypeError: `process` does not take what `dataset_computation` gives.
    """
    installed = process.installed if isinstance(process, LearningProcess) else process
    composed = tff.simulation.compose_dataset_computation_with_learning_process(
        dataset_computation, installed
    )
    return LearningProcess(composed, as_of.release, accepted=installed)
