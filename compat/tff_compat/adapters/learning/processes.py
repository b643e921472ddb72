"""Legacy training: `build_federated_averaging_process` and `build_federated_sgd_process`."""

from __future__ import annotations

from typing import Any, Callable

import tensorflow as tf
from packaging.version import Version

from tff_compat import modern, tensorflow_names
from tff_compat.adapters.learning import building, optimizers, training
from tff_compat.adapters.registry import AsOf, adapter
from tff_compat.tensorflow_names import in_era

tff = modern.package()


_AVERAGING = "tff.learning.build_federated_averaging_process"
_SGD = "tff.learning.build_federated_sgd_process"

# What the declarations show; `_warn_averaging` and `_warn_sgd` make what fits a call.
_AVERAGING_NOW = (
    "tff.learning.algorithms.build_weighted_fed_avg({model_fn}, "
    "client_optimizer_fn=tff.learning.optimizers.build_sgdm(learning_rate=0.1), "
    "server_optimizer_fn=tff.learning.optimizers.build_sgdm(learning_rate=1.0)"
    f"{building.EXCHANGES_NOW})"
)
_SGD_NOW = (
    "tff.learning.algorithms.build_fed_sgd({model_fn}, "
    "server_optimizer_fn=tff.learning.optimizers.build_sgdm(learning_rate=0.1)"
    f"{building.EXCHANGES_NOW})"
)


def _server_sgd_0_1() -> Any:
    return tensorflow_names.legacy_optimizers().SGD(learning_rate=0.1)


def _averaging(
    release: Version,
    model_fn: Any,
    client_optimizer_fn: Any,
    server_optimizer_fn: Any,
    *,
    broadcast: training.Exchange,
    aggregation: Callable[[Any], training.Exchange],
    client_weight: training.ClientWeight | None,
    iterate: bool = False,
    metrics_aggregator: Any = None,
) -> Any:
    building.check_builder(model_fn, server_optimizer_fn)
    model_fn = in_era(model_fn, release)
    client_optimizer_fn = building.optimizer_in_era(client_optimizer_fn, release)
    server_optimizer_fn = building.optimizer_in_era(server_optimizer_fn, release)
    options: dict[str, Any] = {"iterate": iterate, "count_dtype": building.count_dtype(release)}

    def local_training(model: Any) -> training.LocalTraining:
        if client_optimizer_fn is not None:
            return training.OptimizerTraining(model, client_optimizer_fn, **options)
        if not hasattr(model, "train_on_batch"):
            raise TypeError(
                f"{_AVERAGING} as of TFF {release} needs a tff.learning.TrainableModel, found "
                f"{type(model).__name__}. Pass an optimizer to the function that makes the model"
                + (", or `client_optimizer_fn`." if release >= Version("0.12") else ".")
            )
        return training.OwnTraining(model, **options)

    def statistics(count: Any, weight: Any, not_finite: Any) -> dict[str, Any]:
        return {"num_examples": count}

    plan = training.TrainingRound(
        release,
        model_fn,
        server_optimizer_fn,
        broadcast,
        aggregation,
        metrics_aggregator,
        local_training=local_training,
        client_weight=client_weight,
        statistics=statistics if Version("0.18") <= release < Version("0.20") else None,
    )
    return building.with_model_weights(training.build_process(plan), release)


def _gradient_descent(
    release: Version,
    model_fn: Any,
    server_optimizer_fn: Any,
    *,
    broadcast: training.Exchange,
    aggregation: Callable[[Any], training.Exchange],
    batch_weight_fn: Any = None,
    client_weight: training.ClientWeight | None = None,
    iterate: bool = False,
) -> Any:
    building.check_builder(model_fn, server_optimizer_fn)
    model_fn = in_era(model_fn, release)
    server_optimizer_fn = building.optimizer_in_era(server_optimizer_fn, release)

    def local_training(model: Any) -> training.LocalTraining:
        if hasattr(model, "train_on_batch"):
            raise ValueError(
                f"{_SGD} would ignore how the model trains itself: pass a tff.learning.Model "
                "that is no TrainableModel (no optimizer)."
            )
        return training.GradientTraining(
            model, batch_weight_fn, iterate=iterate, count_dtype=building.count_dtype(release)
        )

    def statistics(count: Any, weight: Any, not_finite: Any) -> dict[str, Any]:
        return {"client_weight": weight, "has_non_finite_delta": not_finite}

    plan = training.TrainingRound(
        release,
        model_fn,
        server_optimizer_fn,
        broadcast,
        aggregation,
        None,
        local_training=local_training,
        client_weight=client_weight,
        statistics=statistics if release >= Version("0.18") else None,
    )
    return building.with_model_weights(training.build_process(plan), release)


def _source_of_own_optimizer(model_fn: Any, release: Version) -> str:
    """The modern code for the optimizer with which a model trains itself."""
    with tf.Graph().as_default():
        model = in_era(model_fn, release)()
    unknown = optimizers.modern_source(None, "client_optimizer_fn")
    return getattr(model, "client_optimizer_source", unknown)


def _warn_averaging(
    as_of: AsOf, arguments: dict[str, Any], client_optimizer_fn: Any, server_optimizer_fn: Any
) -> None:
    model_fn = arguments["model_fn"]
    building.check_builder(model_fn, server_optimizer_fn)
    if client_optimizer_fn is None:
        client = _source_of_own_optimizer(model_fn, as_of.release)
    else:
        client = optimizers.modern_source(
            building.optimizer_in_era(client_optimizer_fn, as_of.release), "client_optimizer_fn"
        )
    server = optimizers.modern_source(
        building.optimizer_in_era(server_optimizer_fn, as_of.release), "server_optimizer_fn"
    )
    factory = arguments.get("model_update_aggregation_factory")
    uniform = arguments.get("client_weighting") is tff.learning.ClientWeighting.UNIFORM
    weighted, weighting = not uniform, ""
    if factory is not None:
        # Each builder takes one kind of factories alone.
        weighted = not isinstance(factory, tff.aggregators.UnweightedAggregationFactory)
        if weighted and uniform:
            weighting = ", client_weighting={client_weighting}"
    builder = "build_weighted_fed_avg" if weighted else "build_unweighted_fed_avg"
    as_of.warn(
        arguments,
        replacement=(
            f"tff.learning.algorithms.{builder}({{model_fn}}, client_optimizer_fn={client}, "
            f"server_optimizer_fn={server}{weighting}"
            f"{building.EXCHANGES_NOW}{building.loop_now(arguments)})"
        ),
        detail=building.detail(arguments),
    )


@adapter(_AVERAGING, releases="<0.2", replacement=_AVERAGING_NOW)
def build_federated_averaging_process_0_1(
    model_fn, server_optimizer_fn=None, client_weight_fn=None, *, as_of: AsOf
):
    """Federated averaging of models that train themselves, as of TFF 0.1.

    Args:
      model_fn: A function without arguments that returns a `tff.learning.TrainableModel`.
      server_optimizer_fn: A function without arguments that returns an optimizer; None for
        gradient descent at the rate 1.0.
      client_weight_fn: From the model's local outputs to the client's weight; None for the number
        of examples.

    Returns:
      A `tff.templates.IterativeProcess` whose `next` gives a state and the metrics.

    Raises:
      TypeError: An argument is not callable, or the model has no `train_on_batch`.
    """
    server_optimizer_fn = server_optimizer_fn or building.server_sgd_1_0
    _warn_averaging(as_of, locals(), None, server_optimizer_fn)
    return _averaging(
        as_of.release,
        model_fn,
        None,
        server_optimizer_fn,
        broadcast=building.broadcast_of(),
        aggregation=building.aggregation_of(as_of.release),
        client_weight=building.weight_from_fn(client_weight_fn),
    )


@adapter(_AVERAGING, releases=">=0.2,<0.6", replacement=_AVERAGING_NOW)
def build_federated_averaging_process_0_2(
    model_fn, server_optimizer_fn=building.server_sgd_1_0, client_weight_fn=None, *, as_of: AsOf
):
    """Federated averaging of models that train themselves, as of TFF 0.2 to 0.5.

    Arguments, result and errors are those of 0.1; the metrics always have names.
    """
    _warn_averaging(as_of, locals(), None, server_optimizer_fn)
    return _averaging(
        as_of.release,
        model_fn,
        None,
        server_optimizer_fn,
        broadcast=building.broadcast_of(),
        aggregation=building.aggregation_of(as_of.release),
        client_weight=building.weight_from_fn(client_weight_fn),
    )


@adapter(_AVERAGING, releases=">=0.6,<0.12", replacement=_AVERAGING_NOW)
def build_federated_averaging_process_0_6(
    model_fn,
    server_optimizer_fn=building.server_sgd_1_0,
    client_weight_fn=None,
    stateful_delta_aggregate_fn=None,
    stateful_model_broadcast_fn=None,
    *,
    as_of: AsOf,
):
    """Federated averaging of models that train themselves, as of TFF 0.6 to 0.11.

    Args:
      model_fn: A function without arguments that returns a `tff.learning.TrainableModel`.
      server_optimizer_fn: A function without arguments that returns a Keras optimizer.
      client_weight_fn: From the model's local outputs to the client's weight; None for the number
        of examples.
      stateful_delta_aggregate_fn: A `tff.utils.StatefulAggregateFn`, or None for the weighted mean.
      stateful_model_broadcast_fn: A `tff.utils.StatefulBroadcastFn`, or None.

    Raises:
      TypeError: An argument is not callable, or the model has no `train_on_batch`.
    """
    _warn_averaging(as_of, locals(), None, server_optimizer_fn)
    return _averaging(
        as_of.release,
        model_fn,
        None,
        server_optimizer_fn,
        broadcast=building.broadcast_of(stateful_model_broadcast_fn),
        aggregation=building.aggregation_of(as_of.release, stateful_delta_aggregate_fn),
        client_weight=building.weight_from_fn(client_weight_fn),
    )


@adapter(_AVERAGING, releases=">=0.12,<0.13.1", replacement=_AVERAGING_NOW)
def build_federated_averaging_process_0_12(
    model_fn,
    client_optimizer_fn=None,
    server_optimizer_fn=building.server_sgd_1_0,
    client_weight_fn=None,
    stateful_delta_aggregate_fn=None,
    stateful_model_broadcast_fn=None,
    *,
    as_of: AsOf,
):
    """Federated averaging, as of TFF 0.12 and 0.13.0.

    Args:
      model_fn: A function without arguments that returns a `tff.learning.Model`; without
        `client_optimizer_fn`, a `tff.learning.TrainableModel`.
      client_optimizer_fn: A function without arguments that returns the clients' Keras optimizer.
      server_optimizer_fn: The same for the server.
      client_weight_fn: From the model's local outputs to the client's weight; None for the number
        of examples.
      stateful_delta_aggregate_fn: A `tff.utils.StatefulAggregateFn`, or None for the weighted mean.
      stateful_model_broadcast_fn: A `tff.utils.StatefulBroadcastFn`, or None.

    Raises:
      TypeError: An argument is not callable, or neither the model nor `client_optimizer_fn` trains.
    """
    _warn_averaging(as_of, locals(), client_optimizer_fn, server_optimizer_fn)
    return _averaging(
        as_of.release,
        model_fn,
        client_optimizer_fn,
        server_optimizer_fn,
        broadcast=building.broadcast_of(stateful_model_broadcast_fn),
        aggregation=building.aggregation_of(as_of.release, stateful_delta_aggregate_fn),
        client_weight=building.weight_from_fn(client_weight_fn),
    )


@adapter(_AVERAGING, releases=">=0.13.1,<0.15", replacement=_AVERAGING_NOW)
def build_federated_averaging_process_0_13(
    model_fn,
    client_optimizer_fn,
    server_optimizer_fn=building.server_sgd_1_0,
    client_weight_fn=None,
    stateful_delta_aggregate_fn=None,
    stateful_model_broadcast_fn=None,
    *,
    as_of: AsOf,
):
    """Federated averaging, as of TFF 0.13.1 and 0.14: `client_optimizer_fn` is required.

    Arguments, result and errors are otherwise those of 0.12.
    """
    building.check_callable(
        "client_optimizer_fn",
        client_optimizer_fn,
        "a function without arguments that returns an optimizer",
    )
    _warn_averaging(as_of, locals(), client_optimizer_fn, server_optimizer_fn)
    return _averaging(
        as_of.release,
        model_fn,
        client_optimizer_fn,
        server_optimizer_fn,
        broadcast=building.broadcast_of(stateful_model_broadcast_fn),
        aggregation=building.aggregation_of(as_of.release, stateful_delta_aggregate_fn),
        client_weight=building.weight_from_fn(client_weight_fn),
    )


@adapter(_AVERAGING, releases=">=0.15,<0.17", replacement=_AVERAGING_NOW)
def build_federated_averaging_process_0_15(
    model_fn,
    client_optimizer_fn,
    server_optimizer_fn=building.server_sgd_1_0,
    client_weight_fn=None,
    stateful_delta_aggregate_fn=None,
    stateful_model_broadcast_fn=None,
    *,
    broadcast_process=None,
    aggregation_process=None,
    as_of: AsOf,
):
    """Federated averaging with metrics under ``train``, as of TFF 0.15 and 0.16.

    Args:
      model_fn: A function without arguments that returns a `tff.learning.Model`.
      client_optimizer_fn: A function without arguments that returns the clients' Keras optimizer.
      server_optimizer_fn: The same for the server.
      client_weight_fn: From the model's local outputs to the client's weight; None for the number
        of examples.
      stateful_delta_aggregate_fn: A `tff.utils.StatefulAggregateFn`, or None.
      stateful_model_broadcast_fn: A `tff.utils.StatefulBroadcastFn`, or None.
      broadcast_process: A `tff.templates.MeasuredProcess` from the server to the clients, or None.
      aggregation_process: A `tff.templates.MeasuredProcess` from clients to server, or None.

    Raises:
      TypeError: An argument is not callable, or a process is no `MeasuredProcess`.
      ValueError: Two ways to broadcast or to aggregate are given.
    """
    _warn_averaging(as_of, locals(), client_optimizer_fn, server_optimizer_fn)
    return _averaging(
        as_of.release,
        model_fn,
        client_optimizer_fn,
        server_optimizer_fn,
        broadcast=building.broadcast_of(stateful_model_broadcast_fn, broadcast_process),
        aggregation=building.aggregation_of(
            as_of.release, stateful_delta_aggregate_fn, aggregation_process
        ),
        client_weight=building.weight_from_fn(client_weight_fn),
    )


@adapter(_AVERAGING, releases=">=0.17,<0.18", replacement=_AVERAGING_NOW)
def build_federated_averaging_process_0_17(
    model_fn,
    client_optimizer_fn,
    server_optimizer_fn=building.server_sgd_1_0,
    client_weight_fn=None,
    *,
    broadcast_process=None,
    aggregation_process=None,
    model_update_aggregation_factory=None,
    use_experimental_simulation_loop=False,
    as_of: AsOf,
):
    """Federated averaging with aggregation factories, as of TFF 0.17.

    Args:
      model_fn: A function without arguments that returns a `tff.learning.Model`.
      client_optimizer_fn: A function without arguments that returns the clients' Keras optimizer.
      server_optimizer_fn: The same for the server.
      client_weight_fn: From the model's local outputs to the client's weight; None for the number
        of examples.
      broadcast_process: A `tff.templates.MeasuredProcess` from the server to the clients, or None.
      aggregation_process: A `tff.templates.MeasuredProcess` from clients to server, or None.
      model_update_aggregation_factory: An aggregation factory; None for the weighted mean.
      use_experimental_simulation_loop: Whether to iterate over data sets instead of reducing them.

    Raises:
      TypeError: An argument has the wrong type.
      ValueError: Two ways to aggregate are given.
    """
    _warn_averaging(as_of, locals(), client_optimizer_fn, server_optimizer_fn)
    return _averaging(
        as_of.release,
        model_fn,
        client_optimizer_fn,
        server_optimizer_fn,
        broadcast=building.broadcast_of(process=broadcast_process),
        aggregation=building.aggregation_of(
            as_of.release,
            process=aggregation_process,
            factory=model_update_aggregation_factory,
        ),
        client_weight=building.weight_from_fn(client_weight_fn),
        iterate=use_experimental_simulation_loop,
    )


@adapter(_AVERAGING, releases=">=0.18,<0.20", replacement=_AVERAGING_NOW)
def build_federated_averaging_process_0_18(
    model_fn,
    client_optimizer_fn,
    server_optimizer_fn=building.server_sgd_1_0,
    *,
    client_weighting=None,
    broadcast_process=None,
    aggregation_process=None,
    model_update_aggregation_factory=None,
    use_experimental_simulation_loop=False,
    as_of: AsOf,
):
    """Federated averaging with `client_weighting` and ``metrics['stat']``, as of 0.18 and 0.19.

    Args:
      model_fn: A function without arguments that returns a `tff.learning.Model`.
      client_optimizer_fn: A function without arguments that returns the clients' Keras optimizer.
      server_optimizer_fn: The same for the server.
      client_weighting: A `tff.learning.ClientWeighting`, or a function from the model's local
        outputs to the client's weight; None for the number of examples.
      broadcast_process: A `tff.templates.MeasuredProcess` from the server to the clients, or None.
      aggregation_process: A `tff.templates.MeasuredProcess` from clients to server, or None.
      model_update_aggregation_factory: An aggregation factory; None for the weighted mean.
      use_experimental_simulation_loop: Whether to iterate over data sets instead of reducing them.

    Raises:
      TypeError: An argument has the wrong type.
      ValueError: Two ways to aggregate, or a weighting for an unweighted aggregation.
    """
    _warn_averaging(as_of, locals(), client_optimizer_fn, server_optimizer_fn)
    weighting = building.weighting_of(model_update_aggregation_factory, client_weighting)
    return _averaging(
        as_of.release,
        model_fn,
        client_optimizer_fn,
        server_optimizer_fn,
        broadcast=building.broadcast_of(process=broadcast_process),
        aggregation=building.aggregation_of(
            as_of.release,
            process=aggregation_process,
            factory=model_update_aggregation_factory,
        ),
        client_weight=building.client_weight_of(weighting),
        iterate=use_experimental_simulation_loop,
    )


@adapter(_AVERAGING, releases=">=0.20,<0.28", replacement=_AVERAGING_NOW)
def build_federated_averaging_process_0_20(
    model_fn,
    client_optimizer_fn,
    server_optimizer_fn=building.server_sgd_1_0,
    *,
    client_weighting=None,
    broadcast_process=None,
    model_update_aggregation_factory=None,
    metrics_aggregator=None,
    use_experimental_simulation_loop=False,
    as_of: AsOf,
):
    """Federated averaging with metric finalizers, as of TFF 0.20 to 0.27.

    Args:
      model_fn: A function without arguments that returns a `tff.learning.Model`.
      client_optimizer_fn: A function without arguments that returns a Keras optimizer, or a
        `tff.learning.optimizers.Optimizer`.
      server_optimizer_fn: The same for the server.
      client_weighting: A `tff.learning.ClientWeighting`, or a function from the model's unfinalized
        metrics to the client's weight; None for the number of examples.
      broadcast_process: A `tff.templates.MeasuredProcess` from the server to the clients, or None.
      model_update_aggregation_factory: An aggregation factory; None for the weighted mean.
      metrics_aggregator: As for `tff.learning.metrics.sum_then_finalize`; None for that.
      use_experimental_simulation_loop: Whether to iterate over data sets instead of reducing them.

    Raises:
      TypeError: An argument has the wrong type.
      ValueError: A weighting is given for an unweighted aggregation.
    """
    _warn_averaging(as_of, locals(), client_optimizer_fn, server_optimizer_fn)
    weighting = building.weighting_of(model_update_aggregation_factory, client_weighting)
    return _averaging(
        as_of.release,
        model_fn,
        client_optimizer_fn,
        server_optimizer_fn,
        broadcast=building.broadcast_of(process=broadcast_process),
        aggregation=building.aggregation_of(
            as_of.release, factory=model_update_aggregation_factory
        ),
        client_weight=building.client_weight_of(weighting),
        iterate=use_experimental_simulation_loop,
        metrics_aggregator=metrics_aggregator,
    )


def _warn_sgd(as_of: AsOf, arguments: dict[str, Any], server_optimizer_fn: Any) -> None:
    server = optimizers.modern_source(
        building.optimizer_in_era(server_optimizer_fn, as_of.release), "server_optimizer_fn"
    )
    as_of.warn(
        arguments,
        replacement=(
            f"tff.learning.algorithms.build_fed_sgd({{model_fn}}, server_optimizer_fn={server}"
            f"{building.EXCHANGES_NOW}{building.loop_now(arguments)})"
        ),
        detail=building.detail(arguments),
    )


@adapter(_SGD, releases=">=0.2,<0.6", replacement=_SGD_NOW)
def build_federated_sgd_process_0_2(
    model_fn, server_optimizer_fn=_server_sgd_0_1, client_weight_fn=None, *, as_of: AsOf
):
    """Federated gradient descent, as of TFF 0.2 to 0.5.

    Args:
      model_fn: A function without arguments that returns a `tff.learning.Model`.
      server_optimizer_fn: A function without arguments that returns an optimizer.
      client_weight_fn: From a batch to its weight; None for its number of examples.

    Raises:
      TypeError: An argument is not callable.
      ValueError: The model is a `tff.learning.TrainableModel`.
    """
    _warn_sgd(as_of, locals(), server_optimizer_fn)
    return _gradient_descent(
        as_of.release,
        model_fn,
        server_optimizer_fn,
        broadcast=building.broadcast_of(),
        aggregation=building.aggregation_of(as_of.release),
        batch_weight_fn=client_weight_fn,
    )


@adapter(_SGD, releases=">=0.6,<0.15", replacement=_SGD_NOW)
def build_federated_sgd_process_0_6(
    model_fn,
    server_optimizer_fn=_server_sgd_0_1,
    client_weight_fn=None,
    stateful_delta_aggregate_fn=None,
    stateful_model_broadcast_fn=None,
    *,
    as_of: AsOf,
):
    """Federated gradient descent, as of TFF 0.6 to 0.14.

    Args:
      model_fn: A function without arguments that returns a `tff.learning.Model`.
      server_optimizer_fn: A function without arguments that returns a Keras optimizer.
      client_weight_fn: From a batch to its weight; None for its number of examples.
      stateful_delta_aggregate_fn: A `tff.utils.StatefulAggregateFn`, or None for the weighted mean.
      stateful_model_broadcast_fn: A `tff.utils.StatefulBroadcastFn`, or None.

    Raises:
      TypeError: An argument is not callable.
      ValueError: Up to 0.13, the model is a `tff.learning.TrainableModel`.
    """
    _warn_sgd(as_of, locals(), server_optimizer_fn)
    return _gradient_descent(
        as_of.release,
        model_fn,
        server_optimizer_fn,
        broadcast=building.broadcast_of(stateful_model_broadcast_fn),
        aggregation=building.aggregation_of(as_of.release, stateful_delta_aggregate_fn),
        batch_weight_fn=client_weight_fn,
    )


@adapter(_SGD, releases=">=0.15,<0.17", replacement=_SGD_NOW)
def build_federated_sgd_process_0_15(
    model_fn,
    server_optimizer_fn=_server_sgd_0_1,
    client_weight_fn=None,
    stateful_delta_aggregate_fn=None,
    stateful_model_broadcast_fn=None,
    *,
    broadcast_process=None,
    aggregation_process=None,
    as_of: AsOf,
):
    """Federated gradient descent with metrics under ``train``, as of TFF 0.15 and 0.16.

    Args:
      model_fn: A function without arguments that returns a `tff.learning.Model`.
      server_optimizer_fn: A function without arguments that returns a Keras optimizer.
      client_weight_fn: From a batch to its weight; None for its number of examples.
      stateful_delta_aggregate_fn: A `tff.utils.StatefulAggregateFn`, or None.
      stateful_model_broadcast_fn: A `tff.utils.StatefulBroadcastFn`, or None.
      broadcast_process: A `tff.templates.MeasuredProcess` from the server to the clients, or None.
      aggregation_process: A `tff.templates.MeasuredProcess` from clients to server, or None.

    Raises:
      TypeError: An argument has the wrong type.
      ValueError: Two ways to broadcast or to aggregate are given.
    """
    _warn_sgd(as_of, locals(), server_optimizer_fn)
    return _gradient_descent(
        as_of.release,
        model_fn,
        server_optimizer_fn,
        broadcast=building.broadcast_of(stateful_model_broadcast_fn, broadcast_process),
        aggregation=building.aggregation_of(
            as_of.release, stateful_delta_aggregate_fn, aggregation_process
        ),
        batch_weight_fn=client_weight_fn,
    )


@adapter(_SGD, releases=">=0.17,<0.19", replacement=_SGD_NOW)
def build_federated_sgd_process_0_17(
    model_fn,
    server_optimizer_fn=_server_sgd_0_1,
    client_weight_fn=None,
    *,
    broadcast_process=None,
    aggregation_process=None,
    model_update_aggregation_factory=None,
    use_experimental_simulation_loop=False,
    as_of: AsOf,
):
    """Federated gradient descent with aggregation factories, as of TFF 0.17 and 0.18.

    Args:
      model_fn: A function without arguments that returns a `tff.learning.Model`.
      server_optimizer_fn: A function without arguments that returns a Keras optimizer.
      client_weight_fn: From a batch to its weight; None for its number of examples.
      broadcast_process: A `tff.templates.MeasuredProcess` from the server to the clients, or None.
      aggregation_process: A `tff.templates.MeasuredProcess` from clients to server, or None.
      model_update_aggregation_factory: An aggregation factory; None for the weighted mean.
      use_experimental_simulation_loop: Whether to iterate over data sets instead of reducing them.

    Raises:
      TypeError: An argument has the wrong type.
      ValueError: Two ways to aggregate are given.
    """
    _warn_sgd(as_of, locals(), server_optimizer_fn)
    return _gradient_descent(
        as_of.release,
        model_fn,
        server_optimizer_fn,
        broadcast=building.broadcast_of(process=broadcast_process),
        aggregation=building.aggregation_of(
            as_of.release,
            process=aggregation_process,
            factory=model_update_aggregation_factory,
        ),
        batch_weight_fn=client_weight_fn,
        iterate=use_experimental_simulation_loop,
    )


@adapter(_SGD, releases=">=0.19,<0.20", replacement=_SGD_NOW)
def build_federated_sgd_process_0_19(
    model_fn,
    server_optimizer_fn=_server_sgd_0_1,
    *,
    client_weighting=None,
    broadcast_process=None,
    aggregation_process=None,
    model_update_aggregation_factory=None,
    use_experimental_simulation_loop=False,
    as_of: AsOf,
):
    """Federated gradient descent with `client_weighting`, as of TFF 0.19.

    Args:
      model_fn: A function without arguments that returns a `tff.learning.Model`.
      server_optimizer_fn: A function without arguments that returns a Keras optimizer.
      client_weighting: A `tff.learning.ClientWeighting`, or a function from the model's local
        outputs to the client's weight; None for the number of examples.
      broadcast_process: A `tff.templates.MeasuredProcess` from the server to the clients, or None.
      aggregation_process: A `tff.templates.MeasuredProcess` from clients to server, or None.
      model_update_aggregation_factory: An aggregation factory; None for the weighted mean.
      use_experimental_simulation_loop: Whether to iterate over data sets instead of reducing them.

    Raises:
      TypeError: An argument has the wrong type.
      ValueError: Two ways to aggregate, or a weighting for an unweighted aggregation.
    """
    _warn_sgd(as_of, locals(), server_optimizer_fn)
    weighting = building.weighting_of(model_update_aggregation_factory, client_weighting)
    return _gradient_descent(
        as_of.release,
        model_fn,
        server_optimizer_fn,
        broadcast=building.broadcast_of(process=broadcast_process),
        aggregation=building.aggregation_of(
            as_of.release,
            process=aggregation_process,
            factory=model_update_aggregation_factory,
        ),
        client_weight=building.client_weight_of(weighting),
        iterate=use_experimental_simulation_loop,
    )
