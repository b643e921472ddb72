"""Legacy training: `build_federated_averaging_process` and `build_federated_sgd_process`."""

from __future__ import annotations

import collections
import functools
from typing import Any, Callable

import tensorflow as tf
from packaging.version import Version

from tff_compat import modern, tensorflow_names
from tff_compat.adapters.language import structures
from tff_compat.adapters.learning import optimizers, training
from tff_compat.adapters.registry import AsOf, adapter
from tff_compat.tensorflow_names import in_era

tff = modern.package()

_FIRST_WITH_MEAN_FACTORY = Version("0.17")
_FIRST_WITH_MEAN_MEASUREMENTS = Version("0.18")
_FIRST_WITH_INT64_COUNTS = Version("0.18")
_FIRST_WITH_MODEL_WEIGHTS = Version("0.18")

_AVERAGING = "tff.learning.build_federated_averaging_process"
_SGD = "tff.learning.build_federated_sgd_process"

# What the declarations show; `_warn_averaging` and `_warn_sgd` make what fits a call.
_AVERAGING_NOW = (
    "tff.learning.algorithms.build_weighted_fed_avg({model_fn}, "
    "client_optimizer_fn=tff.learning.optimizers.build_sgdm(learning_rate=0.1), "
    "server_optimizer_fn=tff.learning.optimizers.build_sgdm(learning_rate=1.0)"
    "[?, model_aggregator={model_update_aggregation_factory}?]"
    "[?, metrics_aggregator={metrics_aggregator}?])"
)
_SGD_NOW = (
    "tff.learning.algorithms.build_fed_sgd({model_fn}, "
    "server_optimizer_fn=tff.learning.optimizers.build_sgdm(learning_rate=0.1)"
    "[?, model_aggregator={model_update_aggregation_factory}?])"
)


def _sgd(learning_rate: float) -> Any:
    return tensorflow_names.legacy_optimizers().SGD(learning_rate=learning_rate)


def _server_sgd_1_0() -> Any:
    return _sgd(1.0)


def _server_sgd_0_1() -> Any:
    return _sgd(0.1)


def _check_callable(what: str, given: Any, wanted: str) -> None:
    if not callable(given):
        raise TypeError(f"`{what}` must be {wanted}, found {type(given).__name__}.")


def _check_builder(model_fn: Any, server_optimizer_fn: Any) -> None:
    if isinstance(model_fn, (tf.keras.Model, tff.learning.models.VariableModel)):
        # Keras models are callable, and would fail much later.
        raise TypeError(
            "`model_fn` must be a function without arguments that makes a new tff.learning.Model "
            f"each time, found the model {type(model_fn).__name__} itself."
        )
    _check_callable(
        "model_fn", model_fn, "a function without arguments that returns a tff.learning.Model"
    )
    if not isinstance(server_optimizer_fn, tff.learning.optimizers.Optimizer):
        _check_callable(
            "server_optimizer_fn",
            server_optimizer_fn,
            "a function without arguments that returns an optimizer",
        )


def _broadcast(stateful_fn: Any = None, process: Any = None) -> training.Exchange:
    if stateful_fn is not None and process is not None:
        raise ValueError(
            "Give either `stateful_model_broadcast_fn` or `broadcast_process`, not both."
        )
    if stateful_fn is not None:
        _check_callable(
            "stateful_model_broadcast_fn", stateful_fn, "a tff.utils.StatefulBroadcastFn"
        )
        return training.from_stateful_fn(stateful_fn)
    if process is not None:
        _check_measured("broadcast_process", process)
        return training.from_measured_process(process)
    return training.plain_broadcast()


def _aggregation(
    release: Version, stateful_fn: Any = None, process: Any = None, factory: Any = None
) -> Callable[[Any], training.Exchange]:
    given = [argument for argument in (stateful_fn, process, factory) if argument is not None]
    if len(given) > 1:
        raise ValueError("Give only one way to aggregate the clients' updates.")
    if stateful_fn is not None:
        _check_callable(
            "stateful_delta_aggregate_fn", stateful_fn, "a tff.utils.StatefulAggregateFn"
        )
        return lambda delta_type: training.from_stateful_fn(stateful_fn)
    if process is not None:
        _check_measured("aggregation_process", process)
        return lambda delta_type: training.from_measured_process(process)
    if factory is None and release < _FIRST_WITH_MEAN_FACTORY:
        return lambda delta_type: training.plain_mean()
    factory = factory or tff.aggregators.MeanFactory()
    return functools.partial(_from_factory, release, factory)


def _check_measured(name: str, process: Any) -> None:
    if not isinstance(process, tff.templates.MeasuredProcess):
        raise TypeError(
            f"`{name}` must be a tff.templates.MeasuredProcess, found {type(process).__name__}."
        )


def _from_factory(release: Version, factory: Any, delta_type: Any) -> training.Exchange:
    if isinstance(factory, tff.aggregators.UnweightedAggregationFactory):
        process = factory.create(delta_type)
    elif isinstance(factory, tff.aggregators.WeightedAggregationFactory):
        process = factory.create(delta_type, tff.TensorType(tf.float32.as_numpy_dtype))
    else:
        raise TypeError(
            "`model_update_aggregation_factory` must be an aggregation factory of "
            f"tff.aggregators, found {type(factory).__name__}."
        )
    exchange = training.from_measured_process(process)
    if release < _FIRST_WITH_MEAN_MEASUREMENTS and isinstance(factory, tff.aggregators.MeanFactory):
        return _with_measurements_of_sums(exchange)
    return exchange


def _with_measurements_of_sums(mean: training.Exchange) -> training.Exchange:
    """A mean whose measurements have the names that `MeanFactory` gave them in 0.17."""

    def aggregate(state: Any, value: Any, weight: Any) -> tuple[Any, Any, Any]:
        new_state, result, measurements = mean.next(state, value, weight)
        renamed = collections.OrderedDict(
            value_sum_process=measurements.mean_value, weight_sum_process=measurements.mean_weight
        )
        return new_state, result, tff.federated_zip(renamed)

    return training.Exchange(mean.initialize, aggregate)


def _client_weight(client_weighting: Any) -> training.ClientWeight | None:
    """A weight function from `client_weighting` of 0.18 on: an enum value or a callable."""
    if client_weighting is None or client_weighting is tff.learning.ClientWeighting.NUM_EXAMPLES:
        return None
    if client_weighting is tff.learning.ClientWeighting.UNIFORM:
        return lambda report, num_examples: tf.constant(1.0)
    if not callable(client_weighting):
        raise TypeError(
            "`client_weighting` must be a tff.learning.ClientWeighting or a function of the "
            f"model's local outputs, found {type(client_weighting).__name__}."
        )
    return lambda report, num_examples: client_weighting(report)


def _client_weight_fn(client_weight_fn: Any) -> training.ClientWeight | None:
    """A weight function from `client_weight_fn` of 0.1 to 0.17."""
    if client_weight_fn is None:
        return None
    _check_callable("client_weight_fn", client_weight_fn, "a function of the model's local outputs")
    return lambda report, num_examples: client_weight_fn(report)


def _weighting_of(factory: Any, client_weighting: Any) -> Any:
    """Unweighted aggregation means uniform clients, and refuses any other weighting."""
    uniform = tff.learning.ClientWeighting.UNIFORM
    if isinstance(factory, tff.aggregators.UnweightedAggregationFactory):
        if client_weighting not in (None, uniform):
            raise ValueError(
                "An unweighted `model_update_aggregation_factory` cannot use the client weighting "
                f"{client_weighting}."
            )
        return uniform
    return client_weighting


def _optimizer_in_era(optimizer: Any, release: Version) -> Any:
    """An optimizer function that runs under the names of its time; anything else as it is."""
    return in_era(optimizer, release) if callable(optimizer) else optimizer


def _counts(release: Version) -> tf.DType:
    return tf.int64 if release >= _FIRST_WITH_INT64_COUNTS else tf.int32


def _with_model_weights(process: Any, release: Version) -> Any:
    if release < _FIRST_WITH_MODEL_WEIGHTS:
        return process
    state_type = process.initialize.type_signature.result.member

    @tff.tensorflow.computation(state_type)
    def get_model_weights(server_state):
        return server_state.model

    process.get_model_weights = structures.with_results_of(get_model_weights, release)
    return process


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
    _check_builder(model_fn, server_optimizer_fn)
    model_fn = in_era(model_fn, release)
    client_optimizer_fn = _optimizer_in_era(client_optimizer_fn, release)
    server_optimizer_fn = _optimizer_in_era(server_optimizer_fn, release)
    options: dict[str, Any] = {"iterate": iterate, "count_dtype": _counts(release)}

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

    plan = training.Round(
        release,
        model_fn,
        local_training,
        server_optimizer_fn,
        broadcast,
        aggregation,
        client_weight,
        statistics if Version("0.18") <= release < Version("0.20") else None,
        metrics_aggregator,
    )
    return _with_model_weights(training.build_process(plan), release)


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
    _check_builder(model_fn, server_optimizer_fn)
    model_fn = in_era(model_fn, release)
    server_optimizer_fn = _optimizer_in_era(server_optimizer_fn, release)

    def local_training(model: Any) -> training.LocalTraining:
        if hasattr(model, "train_on_batch"):
            raise ValueError(
                f"{_SGD} would ignore how the model trains itself: pass a tff.learning.Model "
                "that is no TrainableModel (no optimizer)."
            )
        return training.GradientTraining(
            model, batch_weight_fn, iterate=iterate, count_dtype=_counts(release)
        )

    def statistics(count: Any, weight: Any, not_finite: Any) -> dict[str, Any]:
        return {"client_weight": weight, "has_non_finite_delta": not_finite}

    plan = training.Round(
        release,
        model_fn,
        local_training,
        server_optimizer_fn,
        broadcast,
        aggregation,
        client_weight,
        statistics if release >= Version("0.18") else None,
    )
    return _with_model_weights(training.build_process(plan), release)


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
    _check_builder(model_fn, server_optimizer_fn)
    if client_optimizer_fn is None:
        client = _source_of_own_optimizer(model_fn, as_of.release)
    else:
        client = optimizers.modern_source(
            _optimizer_in_era(client_optimizer_fn, as_of.release), "client_optimizer_fn"
        )
    server = optimizers.modern_source(
        _optimizer_in_era(server_optimizer_fn, as_of.release), "server_optimizer_fn"
    )
    weighted = arguments.get("client_weighting") is not tff.learning.ClientWeighting.UNIFORM
    builder = "build_weighted_fed_avg" if weighted else "build_unweighted_fed_avg"
    given = [
        f"client_optimizer_fn={client}",
        f"server_optimizer_fn={server}",
        "model_aggregator={model_update_aggregation_factory}",
        "metrics_aggregator={metrics_aggregator}",
    ]
    parts = ["{model_fn}", *given[:2]]
    parts += [part for part, name in zip(given[2:], _OPTIONAL) if arguments.get(name) is not None]
    if arguments.get("use_experimental_simulation_loop"):
        parts.append("loop_implementation=tff.learning.LoopImplementation.DATASET_ITERATOR")
    as_of.warn(arguments, replacement=f"tff.learning.algorithms.{builder}({', '.join(parts)})")


_OPTIONAL = ("model_update_aggregation_factory", "metrics_aggregator")


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
    server_optimizer_fn = server_optimizer_fn or _server_sgd_1_0
    _warn_averaging(as_of, locals(), None, server_optimizer_fn)
    return _averaging(
        as_of.release,
        model_fn,
        None,
        server_optimizer_fn,
        broadcast=_broadcast(),
        aggregation=_aggregation(as_of.release),
        client_weight=_client_weight_fn(client_weight_fn),
    )


@adapter(_AVERAGING, releases=">=0.2,<0.6", replacement=_AVERAGING_NOW)
def build_federated_averaging_process_0_2(
    model_fn, server_optimizer_fn=_server_sgd_1_0, client_weight_fn=None, *, as_of: AsOf
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
        broadcast=_broadcast(),
        aggregation=_aggregation(as_of.release),
        client_weight=_client_weight_fn(client_weight_fn),
    )


@adapter(_AVERAGING, releases=">=0.6,<0.12", replacement=_AVERAGING_NOW)
def build_federated_averaging_process_0_6(
    model_fn,
    server_optimizer_fn=_server_sgd_1_0,
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
        broadcast=_broadcast(stateful_model_broadcast_fn),
        aggregation=_aggregation(as_of.release, stateful_delta_aggregate_fn),
        client_weight=_client_weight_fn(client_weight_fn),
    )


@adapter(_AVERAGING, releases=">=0.12,<0.13.1", replacement=_AVERAGING_NOW)
def build_federated_averaging_process_0_12(
    model_fn,
    client_optimizer_fn=None,
    server_optimizer_fn=_server_sgd_1_0,
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
        broadcast=_broadcast(stateful_model_broadcast_fn),
        aggregation=_aggregation(as_of.release, stateful_delta_aggregate_fn),
        client_weight=_client_weight_fn(client_weight_fn),
    )


@adapter(_AVERAGING, releases=">=0.13.1,<0.15", replacement=_AVERAGING_NOW)
def build_federated_averaging_process_0_13(
    model_fn,
    client_optimizer_fn,
    server_optimizer_fn=_server_sgd_1_0,
    client_weight_fn=None,
    stateful_delta_aggregate_fn=None,
    stateful_model_broadcast_fn=None,
    *,
    as_of: AsOf,
):
    """Federated averaging, as of TFF 0.13.1 and 0.14: `client_optimizer_fn` is required.

    Arguments, result and errors are otherwise those of 0.12.
    """
    _check_callable(
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
        broadcast=_broadcast(stateful_model_broadcast_fn),
        aggregation=_aggregation(as_of.release, stateful_delta_aggregate_fn),
        client_weight=_client_weight_fn(client_weight_fn),
    )


@adapter(_AVERAGING, releases=">=0.15,<0.17", replacement=_AVERAGING_NOW)
def build_federated_averaging_process_0_15(
    model_fn,
    client_optimizer_fn,
    server_optimizer_fn=_server_sgd_1_0,
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
        broadcast=_broadcast(stateful_model_broadcast_fn, broadcast_process),
        aggregation=_aggregation(as_of.release, stateful_delta_aggregate_fn, aggregation_process),
        client_weight=_client_weight_fn(client_weight_fn),
    )


@adapter(_AVERAGING, releases=">=0.17,<0.18", replacement=_AVERAGING_NOW)
def build_federated_averaging_process_0_17(
    model_fn,
    client_optimizer_fn,
    server_optimizer_fn=_server_sgd_1_0,
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
        broadcast=_broadcast(process=broadcast_process),
        aggregation=_aggregation(
            as_of.release,
            process=aggregation_process,
            factory=model_update_aggregation_factory,
        ),
        client_weight=_client_weight_fn(client_weight_fn),
        iterate=use_experimental_simulation_loop,
    )


@adapter(_AVERAGING, releases=">=0.18,<0.20", replacement=_AVERAGING_NOW)
def build_federated_averaging_process_0_18(
    model_fn,
    client_optimizer_fn,
    server_optimizer_fn=_server_sgd_1_0,
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
    weighting = _weighting_of(model_update_aggregation_factory, client_weighting)
    return _averaging(
        as_of.release,
        model_fn,
        client_optimizer_fn,
        server_optimizer_fn,
        broadcast=_broadcast(process=broadcast_process),
        aggregation=_aggregation(
            as_of.release,
            process=aggregation_process,
            factory=model_update_aggregation_factory,
        ),
        client_weight=_client_weight(weighting),
        iterate=use_experimental_simulation_loop,
    )


@adapter(_AVERAGING, releases=">=0.20,<0.28", replacement=_AVERAGING_NOW)
def build_federated_averaging_process_0_20(
    model_fn,
    client_optimizer_fn,
    server_optimizer_fn=_server_sgd_1_0,
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
    weighting = _weighting_of(model_update_aggregation_factory, client_weighting)
    return _averaging(
        as_of.release,
        model_fn,
        client_optimizer_fn,
        server_optimizer_fn,
        broadcast=_broadcast(process=broadcast_process),
        aggregation=_aggregation(as_of.release, factory=model_update_aggregation_factory),
        client_weight=_client_weight(weighting),
        iterate=use_experimental_simulation_loop,
        metrics_aggregator=metrics_aggregator,
    )


def _warn_sgd(as_of: AsOf, arguments: dict[str, Any], server_optimizer_fn: Any) -> None:
    server = optimizers.modern_source(
        _optimizer_in_era(server_optimizer_fn, as_of.release), "server_optimizer_fn"
    )
    as_of.warn(
        arguments,
        replacement=(
            f"tff.learning.algorithms.build_fed_sgd({{model_fn}}, server_optimizer_fn={server}"
            "[?, model_aggregator={model_update_aggregation_factory}?])"
        ),
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
        broadcast=_broadcast(),
        aggregation=_aggregation(as_of.release),
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
        broadcast=_broadcast(stateful_model_broadcast_fn),
        aggregation=_aggregation(as_of.release, stateful_delta_aggregate_fn),
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
        broadcast=_broadcast(stateful_model_broadcast_fn, broadcast_process),
        aggregation=_aggregation(as_of.release, stateful_delta_aggregate_fn, aggregation_process),
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
        broadcast=_broadcast(process=broadcast_process),
        aggregation=_aggregation(
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
    weighting = _weighting_of(model_update_aggregation_factory, client_weighting)
    return _gradient_descent(
        as_of.release,
        model_fn,
        server_optimizer_fn,
        broadcast=_broadcast(process=broadcast_process),
        aggregation=_aggregation(
            as_of.release,
            process=aggregation_process,
            factory=model_update_aggregation_factory,
        ),
        client_weight=_client_weight(weighting),
        iterate=use_experimental_simulation_loop,
    )
