"""Parts of learning processes, `tff.learning.templates`, with the optimizers of their time."""

from __future__ import annotations

from typing import Any

import tensorflow as tf
from packaging.version import Version

from tff_compat import installation, modern
from tff_compat.adapters.learning import algorithms, building
from tff_compat.adapters.registry import AsOf, Legacy, Replacement, adapter, helper
from tff_compat.adapters.stand_ins import StandIn
from tff_compat.catalog.boundaries import FIRST_WITH_FINALIZER_METRICS, FIRST_WITH_HPARAMS
from tff_compat.tensorflow_names import in_era

tff = modern.package()
_InstalledProcess: Any = tff.learning.templates.LearningProcess
_Optimizer: Any = tff.learning.optimizers.Optimizer
_MeasuredProcessOutput: Any = tff.templates.MeasuredProcessOutput

_FIRST_TO_REJECT_UPDATES = Version("0.74")

_DATASET_REDUCE = tff.learning.LoopImplementation.DATASET_REDUCE
_CLIENT_WORK = "tff.learning.templates.build_model_delta_client_work"
_FUNCTIONAL_WORK = "tff.learning.templates.build_functional_model_delta_client_work"
_FINALIZER = "tff.learning.templates.build_apply_optimizer_finalizer"


class _Proximal(_Optimizer):
    """Adds to each gradient a multiple of the way back to the first weights that it sees.

    TFF adds the way back, as does its federated proximal averaging to this day, although its
    documentation has the gradient of a penalty, which is the opposite.

    Args:
      optimizer: The optimizer that takes the steps.
      strength: What the way is multiplied with.
    """

    def __init__(self, optimizer: Any, strength: float):
        self._optimizer = optimizer
        self._strength = strength

    def initialize(self, specs: Any) -> Any:
        start = tf.nest.map_structure(lambda spec: tf.zeros(spec.shape, spec.dtype), specs)
        return self._optimizer.initialize(specs), start, tf.constant(False)

    def next(self, state: Any, weights: Any, gradients: Any) -> Any:
        inner, kept, started = state
        start = tf.nest.map_structure(lambda a, b: tf.where(started, a, b), kept, weights)
        gradients = tf.nest.map_structure(
            lambda gradient, now, then: gradient + self._strength * (then - now),
            gradients,
            weights,
            start,
        )
        inner, updated = self._optimizer.next(inner, weights, gradients)
        return (inner, start, tf.constant(True)), updated


def _loop(iterate: bool) -> dict[str, Any]:
    """The argument by which the installed TFF iterates over data sets, if it should."""
    if not iterate:
        return {}
    if installation.version() < algorithms.FIRST_WITH_LOOP_IMPLEMENTATION:
        return {"use_experimental_simulation_loop": True}
    return {"loop_implementation": tff.learning.LoopImplementation.DATASET_ITERATOR}


def _client_work(
    release: Version,
    model_fn: Any,
    optimizer: Any,
    client_weighting: Any,
    metrics_aggregator: Any,
    strength: float = 0.0,
    **loop: Any,
) -> Any:
    if not callable(model_fn):
        raise TypeError(
            "`model_fn` must be a function without arguments that returns a model, found "
            f"{type(model_fn).__name__}."
        )
    optimizer = algorithms.optimizer_as_of(optimizer, release, client=True)
    if strength > 0.0:
        optimizer = _Proximal(optimizer, strength)
    return tff.learning.templates.build_model_delta_client_work(
        in_era(model_fn, release),
        optimizer,
        client_weighting,
        algorithms.metrics_aggregator_as_of(metrics_aggregator, model_fn, release),
        **loop,
    )


def _warn_client_work(as_of: AsOf, arguments: dict[str, Any]) -> None:
    optimizer = arguments["optimizer"]
    iterate = arguments.get("use_experimental_simulation_loop", False)
    regularized = arguments.get("delta_l2_regularizer", 0.0) > 0.0
    by_position = (
        as_of.takes("delta_l2_regularizer") and arguments["metrics_aggregator"] is not None
    )
    modern_already = isinstance(optimizer, _Optimizer) or not callable(optimizer)
    if not modern_already or iterate or regularized or by_position:
        as_of.warn(arguments, case="delta_l2_regularizer" if regularized else "")


helper(
    "with_way_from_start",
    '''\
def with_way_from_start(optimizer, strength):
  """The optimizer of clients; the way back to the first weights is added to its gradients."""
  if not isinstance(strength, float):
    raise TypeError('The strength has to be a float.')
  if strength < 0.0:
    raise ValueError('The strength must not be negative.')

  class WithWay(tff.learning.optimizers.Optimizer):

    def initialize(self, specs):
      start = tuple(tf.zeros(spec.shape, spec.dtype) for spec in tf.nest.flatten(specs))
      return tf.constant(False), start, optimizer.initialize(specs)

    def next(self, state, weights, gradients):
      is_started, start, inner = state
      flat = tf.nest.flatten(weights)
      start = tuple(tf.where(is_started, s, weight) for s, weight in zip(start, flat))
      moved = [
          tf.convert_to_tensor(gradient) + strength * (s - weight)
          for gradient, weight, s in zip(tf.nest.flatten(gradients), flat, start)]
      inner, weights = optimizer.next(
          inner, weights, tf.nest.pack_sequence_as(weights, moved))
      return (tf.constant(True), start, inner), weights

  return WithWay()
''',
)
_LOOP_KEYWORD = "use_experimental_simulation_loop"
_CLIENT_WORK_ARGUMENTS = (
    "({model_fn}, {optimizer:optimizer}, {client_weighting}"
    "[?, metrics_aggregator={metrics_aggregator:aggregator}?]"
)
_CLIENT_WORK_NOW = f"{_CLIENT_WORK}{_CLIENT_WORK_ARGUMENTS}{building.LOOP})"
_KERAS_OR_LOOP = Legacy(keywords=(_LOOP_KEYWORD,), values={"optimizer": "keras optimizer"})


@adapter(
    "tff.learning.templates.build_model_delta_client_work",
    releases=">=0.20,<0.33",
    replacement=_CLIENT_WORK_NOW,
    legacy=Legacy(
        keywords=(_LOOP_KEYWORD, "delta_l2_regularizer"),
        values={"optimizer": "keras optimizer", "metrics_aggregator": "not none"},
    ),
    cases={
        "delta_l2_regularizer": Replacement(
            _CLIENT_WORK_NOW.replace(
                "{optimizer:optimizer}",
                "{!with_way_from_start}({optimizer:optimizer}, {delta_l2_regularizer})",
            )
        )
    },
    forms=True,
)
@adapter(
    "tff.learning.templates.build_model_delta_client_work",
    releases=">=0.33,<0.85",
    replacement=_CLIENT_WORK_NOW,
    legacy=_KERAS_OR_LOOP,
    changed=(FIRST_WITH_HPARAMS,),
    forms=True,
)
@adapter(
    "tff.learning.templates.build_model_delta_client_work",
    releases=">=0.85,<0.87",
    replacement=(
        f"{_CLIENT_WORK}{_CLIENT_WORK_ARGUMENTS}[?, loop_implementation={{loop_implementation}}?])"
    ),
    legacy=Legacy(values={"optimizer": "keras optimizer"}),
    forms=True,
)
def build_model_delta_client_work(
    model_fn,
    optimizer,
    client_weighting,
    metrics_aggregator,
    delta_l2_regularizer=0.0,
    use_experimental_simulation_loop=False,
    loop_implementation=_DATASET_REDUCE,
    *,
    as_of: AsOf,
):
    """The client work of federated averaging, as of TFF 0.20 to 0.86, the last to take Keras.

    Args:
      model_fn: A function without arguments that returns a model.
      optimizer: A function without arguments that makes a Keras optimizer, or a
        `tff.learning.optimizers.Optimizer`.
      client_weighting: A `tff.learning.ClientWeighting`.
      metrics_aggregator: As `tff.learning.metrics.sum_then_finalize`; None for that.
      delta_l2_regularizer: A float of at least 0.0, until 0.32: the strength of the L2
        regularization of the update. Since 0.33 there is no proximal term.
      use_experimental_simulation_loop: A boolean, until 0.84: whether to iterate over data sets
        instead of reducing them.
      loop_implementation: A `tff.learning.LoopImplementation`, since 0.85: how data sets are gone
        through.

    Returns:
      A `tff.learning.templates.ClientWorkProcess`.

    Raises:
      TypeError: An argument has the wrong type.
      ValueError: `delta_l2_regularizer` is negative.
    """
    if not isinstance(delta_l2_regularizer, float):
        raise TypeError(
            f"`delta_l2_regularizer` must be a float, found {type(delta_l2_regularizer).__name__}."
        )
    if delta_l2_regularizer < 0.0:
        raise ValueError(
            f"`delta_l2_regularizer` must not be negative, found {delta_l2_regularizer}."
        )
    _warn_client_work(as_of, locals())
    loop = _loop(use_experimental_simulation_loop)
    if as_of.takes("loop_implementation"):
        loop = {"loop_implementation": loop_implementation}
    return _client_work(
        as_of.release,
        model_fn,
        optimizer,
        client_weighting,
        metrics_aggregator,
        delta_l2_regularizer,
        **loop,
    )


@adapter(
    "tff.learning.templates.build_functional_model_delta_client_work",
    releases=">=0.84,<0.85",
    replacement=(
        f"{_FUNCTIONAL_WORK}(model={{model}}, optimizer={{optimizer}}, "
        "client_weighting={client_weighting}[?, metrics_aggregator={metrics_aggregator}?]"
        f"{building.LOOP})"
    ),
    legacy=Legacy(keywords=(_LOOP_KEYWORD,)),
)
def build_functional_model_delta_client_work_0_84(
    *,
    model,
    optimizer,
    client_weighting,
    metrics_aggregator=None,
    use_experimental_simulation_loop=False,
    as_of: AsOf,
):
    """The client work of federated averaging of a functional model, as of TFF 0.84.

    Args:
      model: A `tff.learning.models.FunctionalModel`.
      optimizer: A `tff.learning.optimizers.Optimizer`.
      client_weighting: A `tff.learning.ClientWeighting`.
      metrics_aggregator: As `tff.learning.metrics.sum_then_finalize`; None for that.
      use_experimental_simulation_loop: Whether to iterate over data sets instead of reducing them.

    Returns:
      A `tff.learning.templates.ClientWorkProcess`.
    """
    as_of.warn(locals())
    return tff.learning.templates.build_functional_model_delta_client_work(
        model=model,
        optimizer=optimizer,
        client_weighting=client_weighting,
        metrics_aggregator=metrics_aggregator,
        **_loop(use_experimental_simulation_loop),
    )


def _without_measurements(finalizer: Any) -> Any:
    """A finalizer that measures nothing, as up to 0.39."""
    parameters = [
        each for _, each in tff.structure.iter_elements(finalizer.next.type_signature.parameter)
    ]

    @tff.federated_computation(*parameters)
    def next_fn(state, weights, update):
        output = finalizer.next(state, weights, update)
        nothing = tff.federated_value((), tff.SERVER)
        return _MeasuredProcessOutput(output.state, output.result, nothing)

    hparams = (
        {"get_hparams_fn": finalizer.get_hparams, "set_hparams_fn": finalizer.set_hparams}
        if hasattr(finalizer, "get_hparams")
        else {}
    )
    return tff.learning.templates.FinalizerProcess(finalizer.initialize, next_fn, **hparams)


def _finalizer(as_of: AsOf, arguments: dict[str, Any], **rejecting: Any) -> Any:
    release = as_of.release
    optimizer_fn = arguments["optimizer_fn"]
    finalizer = tff.learning.templates.build_apply_optimizer_finalizer(
        algorithms.optimizer_as_of(optimizer_fn, release, client=False),
        arguments["model_weights_type"],
        **rejecting,
    )
    if not isinstance(optimizer_fn, _Optimizer):
        as_of.warn(arguments)
    measured = installation.version() >= FIRST_WITH_FINALIZER_METRICS
    if measured and release < FIRST_WITH_FINALIZER_METRICS:
        return _without_measurements(finalizer)
    return finalizer


_FINALIZER_NOW = f"{_FINALIZER}({{optimizer_fn:optimizer}}, {{model_weights_type}}"
_KERAS = Legacy(values={"optimizer_fn": "keras optimizer"})


@adapter(
    "tff.learning.templates.build_apply_optimizer_finalizer",
    releases=">=0.20,<0.74",
    replacement=f"{_FINALIZER_NOW})",
    legacy=_KERAS,
    changed=(FIRST_WITH_FINALIZER_METRICS,),
)
def build_apply_optimizer_finalizer_0_20(optimizer_fn, model_weights_type, *, as_of: AsOf):
    """The finalizer that takes a step of an optimizer, as of TFF 0.20 to 0.73.

    Args:
      optimizer_fn: A function that makes a Keras optimizer, or a TFF optimizer.
      model_weights_type: The type of the model weights.

    Returns:
      A `tff.learning.templates.FinalizerProcess`.

    Raises:
      TypeError: An argument has the wrong type.
    """
    return _finalizer(as_of, locals())


if installation.version() >= _FIRST_TO_REJECT_UPDATES:
    _reject_non_finite_update = tff.learning.templates.reject_non_finite_update
else:

    def _reject_non_finite_update(state: Any, update: Any) -> Any:
        """Stands in signatures; an installed TFF before 0.74 is not asked for what came then."""
        raise NotImplementedError


@adapter(
    "tff.learning.templates.build_apply_optimizer_finalizer",
    releases=">=0.74,<0.87",
    replacement=f"{_FINALIZER_NOW}[?, should_reject_update={{should_reject_update}}?])",
    legacy=_KERAS,
)
def build_apply_optimizer_finalizer_0_74(
    optimizer_fn,
    model_weights_type,
    should_reject_update=_reject_non_finite_update,
    *,
    as_of: AsOf,
):
    """The finalizer that takes a step of an optimizer, as of TFF 0.74 to 0.86.

    Args:
      optimizer_fn: A function that makes a Keras optimizer, or a TFF optimizer.
      model_weights_type: The type of the model weights.
      should_reject_update: From the optimizer's state and the update to whether it is dropped.

    Returns:
      A `tff.learning.templates.FinalizerProcess`.

    Raises:
      TypeError: An argument has the wrong type.
    """
    return _finalizer(as_of, locals(), should_reject_update=should_reject_update)


helper(
    "LearningProcessOfFixedWeights",
    '''\
class LearningProcessOfFixedWeights(tff.learning.templates.LearningProcess):
  """A learning process whose weights nobody sets."""

  def __init__(self, initialize_fn, next_fn, get_model_weights):
    type_signature = get_model_weights.type_signature

    @tff.tensorflow.computation(type_signature.parameter, type_signature.result)
    def set_model_weights(state, model_weights):
      return state

    super().__init__(initialize_fn, next_fn, get_model_weights, set_model_weights)

  @property
  def set_model_weights(self):
    raise AttributeError('The weights of this process cannot be set.')
''',
)


@adapter(
    "tff.learning.templates.LearningProcess",
    releases=">=0.20,<0.21",
    replacement="{!LearningProcessOfFixedWeights}",
    cases={"isinstance()": Replacement("tff.learning.templates.LearningProcess")},
)
class LearningProcess(_InstalledProcess, metaclass=StandIn):
    """A learning process whose weights cannot be set, as of TFF 0.20.

    Args:
      initialize_fn: The computation of the first state, placed at the server.
      next_fn: From the state and the clients' data to a
        `tff.learning.templates.LearningProcessOutput`.
      get_model_weights: From a state to the model weights.

    Raises:
      TypeError: The computations do not fit together.
    """

    as_of: AsOf
    real = _InstalledProcess

    def __init__(self, initialize_fn, next_fn, get_model_weights):
        self.as_of.warn(locals())
        state_type = get_model_weights.type_signature.parameter
        weights_type = get_model_weights.type_signature.result

        # The installed class asks for one; the property below gives it to nobody.
        @tff.tensorflow.computation(state_type, weights_type)
        def as_before(state, weights):
            return state

        super().__init__(initialize_fn, next_fn, get_model_weights, as_before)

    @property
    def set_model_weights(self):
        """Not part of the interface of that time.

        Raises:
          AttributeError: Always: nobody has said where in the state the weights are.
        """
        raise AttributeError(
            f"A LearningProcess of TFF {self.as_of.release} has no set_model_weights; since 0.21 "
            "it is an argument of the class."
        )
