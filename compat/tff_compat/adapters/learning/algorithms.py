"""`tff.learning.algorithms` as of 0.20 to 0.86, with Keras optimizers and results of their time."""

from __future__ import annotations

import collections
import functools
import inspect
from collections.abc import Collection, Mapping
from typing import Any, Callable, TypeVar

import attr
import tensorflow as tf
from packaging.version import Version

from tff_compat import catalog, installation, modern
from tff_compat.adapters import forms
from tff_compat.adapters.language import handed, structures, types
from tff_compat.adapters.learning import metrics, optimizers
from tff_compat.adapters.registry import (
    ALWAYS,
    AS_OF,
    AsOf,
    Legacy,
    Replacement,
    adapter,
    helper,
)
from tff_compat.catalog import PRIMARY
from tff_compat.catalog.boundaries import (
    FIRST_WITH_FINALIZER_METRICS,
    FIRST_WITH_FUNCTIONAL_METRICS,
    FIRST_WITH_HPARAMS,
    FIRST_WITH_RATE_METRICS,
    FIRST_WITH_STATES_AS_NAMED_TUPLES,
    FIRST_WITH_TFF_SERVER_OPTIMIZERS,
)
from tff_compat.declared.replacement import AS_VALUE, OTHERWISE
from tff_compat.tensorflow_names import in_era

tff = modern.package()
algorithms = tff.learning.algorithms
_InstalledProcess: Any = tff.learning.templates.LearningProcess

_T = TypeVar("_T")

# Before, functional models were given as `model`.
_FIRST_WITH_ONE_MODEL = Version("0.34")
FIRST_WITH_LOOP_IMPLEMENTATION = Version("0.85")

# Keras of before resets metrics by a session; where Mime Lite does it, there is none.
_KERAS_RESETS_IN_SESSIONS = Version(tf.__version__) < Version("2.10")

_CHANGED = (
    FIRST_WITH_FUNCTIONAL_METRICS,
    FIRST_WITH_HPARAMS,
    FIRST_WITH_FINALIZER_METRICS,
    FIRST_WITH_STATES_AS_NAMED_TUPLES,
    FIRST_WITH_RATE_METRICS,
    FIRST_WITH_TFF_SERVER_OPTIMIZERS,
)
"""The releases that changed what builders return, or take, without a change of their form."""

_RATE = "client_learning_rate"

_NUM_EXAMPLES = tff.learning.ClientWeighting.NUM_EXAMPLES
_DATASET_REDUCE = tff.learning.LoopImplementation.DATASET_REDUCE
_sum_then_finalize = tff.learning.metrics.sum_then_finalize
_SGD_1_0 = tff.learning.optimizers.build_sgdm(1.0)

# Parameters whose values are optimizers, in any release.
_OPTIMIZERS = (
    "client_optimizer_fn",
    "server_optimizer_fn",
    "server_optimizer",
    "reconstruction_optimizer_fn",
)
# Parameters that were renamed, by their old names.
_RENAMED = {"optimizer": "base_optimizer"}


def _keras_sgd_1_0() -> Any:
    return tf.keras.optimizers.SGD(learning_rate=1.0)


def _keras_sgd_0_1() -> Any:
    return tf.keras.optimizers.SGD(learning_rate=0.1)


@attr.s(frozen=True, eq=False, slots=True)
class LearningAlgorithmState:
    """What a learning process carries between rounds, as of TFF 0.20 to 0.49.

    Attributes:
      global_model_weights: The model weights.
      distributor: The state of the broadcast.
      client_work: The state of what clients do.
      aggregator: The state of the aggregation.
      finalizer: The state of the server's update.
    """

    global_model_weights: Any = attr.ib()
    distributor: Any = attr.ib()
    client_work: Any = attr.ib()
    aggregator: Any = attr.ib()
    finalizer: Any = attr.ib()


@attr.s(frozen=True, eq=False, slots=True)
class LearningProcessOutput:
    """What a round of a learning process gives, as of TFF 0.20 to 0.49.

    Attributes:
      state: The new state.
      metrics: The metrics of the round.
    """

    state: Any = attr.ib()
    metrics: Any = attr.ib()


_CLASSES_OF_ATTRS = {
    tff.learning.templates.LearningAlgorithmState: LearningAlgorithmState,
    tff.learning.templates.LearningProcessOutput: LearningProcessOutput,
}


def _with_attrs(type_spec: Any) -> Any:
    """A result type whose state and output are the attrs classes of TFF 0.20 to 0.49."""
    if isinstance(type_spec, tff.FederatedType):
        member = _with_attrs(type_spec.member)
        return tff.FederatedType(member, type_spec.placement, type_spec.all_equal)
    if isinstance(type_spec, tff.StructWithPythonType):
        container = _CLASSES_OF_ATTRS.get(type_spec.python_container)
        if container is not None:
            elements = [
                (name, _with_attrs(each)) for name, each in tff.structure.iter_elements(type_spec)
            ]
            return tff.StructWithPythonType(elements, container)
    return type_spec


class LearningProcess(_InstalledProcess):
    """A learning process of the installed TFF whose results come as of a release.

    Args:
      process: The process of the installed TFF.
      release: As of which its results come.
      accepted: A process for the constructor of the base class, where that does not take `process`:
        TFF 0.48 to 0.52 wants clients' data to be sequences.

    Attributes:
      installed: The process of the installed TFF, for what takes only that.
    """

    def __init__(self, process: Any, release: Version, accepted: Any = None):
        base = process if accepted is None else accepted
        super().__init__(
            base.initialize,
            base.next,
            base.get_model_weights,
            base.set_model_weights,
            **_hparams_of(base),
        )
        self.installed = process
        self._as_of_release = {
            name: _as_of_release(getattr(process, name), release)
            for name in (
                "initialize",
                "next",
                "get_model_weights",
                "set_model_weights",
                "get_hparams",
                "set_hparams",
            )
            if hasattr(process, name)
        }

    @property
    def initialize(self) -> Any:
        """The computation ``( -> state@SERVER)``."""
        return self._as_of_release["initialize"]

    @property
    def next(self) -> Any:
        """The computation from state and clients' data to the `LearningProcessOutput`."""
        return self._as_of_release["next"]

    @property
    def get_model_weights(self) -> Any:
        """The computation from a state to its model weights."""
        return self._as_of_release["get_model_weights"]

    @property
    def set_model_weights(self) -> Any:
        """The computation from a state and model weights to the state with these."""
        return self._as_of_release["set_model_weights"]

    if installation.version() >= FIRST_WITH_HPARAMS:

        @property
        def get_hparams(self) -> Any:
            """The computation from a state to its hyperparameters."""
            return self._as_of_release["get_hparams"]

        @property
        def set_hparams(self) -> Any:
            """The computation from a state and hyperparameters to the state with these."""
            return self._as_of_release["set_hparams"]


def _hparams_of(process: Any) -> dict[str, Any]:
    """The arguments by which a process like another gets its hyperparameters, of 0.36 on."""
    if installation.version() < FIRST_WITH_HPARAMS:
        return {}
    return {"get_hparams_fn": process.get_hparams, "set_hparams_fn": process.set_hparams}


def _as_of_release(computation: Any, release: Version) -> Any:
    result = computation.type_signature.result
    if release < FIRST_WITH_STATES_AS_NAMED_TUPLES <= installation.version():
        result = _with_attrs(result)
    return structures.with_result_type(computation, result, release)


def _with_metrics_of(process: Any, release: Version, *, functional: bool) -> Any:
    """The process, of a functional model or not, without measurements that came after a release."""
    metrics_type = process.next.type_signature.result.metrics.member
    names = tff.structure.name_list(metrics_type)
    dropped = set()
    if release < FIRST_WITH_FINALIZER_METRICS and "finalizer" in names:
        dropped.add("finalizer")
    if release < FIRST_WITH_RATE_METRICS and _RATE in tff.structure.name_list(
        metrics_type.client_work
    ):
        dropped.add(_RATE)
    if release < FIRST_WITH_FUNCTIONAL_METRICS and functional:
        dropped.add("client_work")
    if not dropped:
        return process
    state_type, data_type = (
        each for _, each in tff.structure.iter_elements(process.next.type_signature.parameter)
    )

    @tff.federated_computation(state_type, data_type)
    def next_fn(state, client_data):
        output = process.next(state, client_data)
        metrics = collections.OrderedDict((name, getattr(output.metrics, name)) for name in names)
        for name in dropped & {"client_work", "finalizer"}:
            metrics[name] = tff.federated_value((), tff.SERVER)
        if _RATE in dropped:
            metrics["client_work"] = collections.OrderedDict(train=metrics["client_work"].train)
        return tff.learning.templates.LearningProcessOutput(
            output.state, tff.federated_zip(metrics)
        )

    return tff.learning.templates.LearningProcess(
        process.initialize,
        next_fn,
        process.get_model_weights,
        process.set_model_weights,
        **_hparams_of(process),
    )


def optimizer_as_of(given: Any, release: Version, *, client: bool) -> Any:
    """An optimizer in any form that a release took, as the installed TFF takes it.

    Raises:
      TypeError: It is no TFF optimizer, nor a function that might make one of Keras.
    """
    if isinstance(given, tff.learning.optimizers.Optimizer):
        hidden = client and release < FIRST_WITH_HPARAMS
        return optimizers.WithoutHparams(given) if hidden else given
    if not callable(given):
        raise TypeError(
            "Expected a tff.learning.optimizers.Optimizer or a function without arguments that "
            f"makes a Keras optimizer, found {type(given).__name__}."
        )
    return optimizers.as_tff_optimizer(in_era(given, release))


def metrics_aggregator_as_of(metrics_aggregator: Any, model_fn: Any, release: Version) -> Any:
    """A metrics aggregator called with finalizers alone, as the installed TFF calls it."""
    if metrics_aggregator is None:
        return None
    if metrics.is_sum_then_finalize(metrics_aggregator):
        return _sum_then_finalize
    parameters = inspect.signature(metrics_aggregator).parameters.values()
    required = [p for p in parameters if p.default is p.empty and p.kind is not p.VAR_KEYWORD]
    if len(required) < 2:
        return metrics_aggregator

    def with_type(metric_finalizers: Any, *unused: Any) -> Any:
        with tf.Graph().as_default():
            if isinstance(model_fn, tff.learning.models.FunctionalModel):
                unfinalized = model_fn.initialize_metrics_state()
            else:
                # Its functions do not keep the model alive.
                model = model_fn()
                unfinalized = model.report_local_unfinalized_metrics()
            specs = tf.nest.map_structure(types.spec_of, unfinalized)
            unfinalized_type = tff.types.tensorflow_to_type(specs)
        return handed.to_program(metrics_aggregator, release)(metric_finalizers, unfinalized_type)

    return with_type


def _model(given: Any, release: Version) -> Any:
    if isinstance(given, tff.learning.models.FunctionalModel) or not callable(given):
        return given
    model_fn = in_era(given, release)
    return _resetting(model_fn) if _KERAS_RESETS_IN_SESSIONS else model_fn


def _resetting(model_fn: Any) -> Any:
    """The function, whose model of Keras resets its metrics in the graph of a computation too."""

    @functools.wraps(model_fn)
    def made():
        model = model_fn()
        if type(model).__module__.startswith(f"{installation.ROOT}."):

            def reset_metrics():
                for variable in model.local_variables:
                    variable.assign(tf.zeros_like(variable))

            model.reset_metrics = reset_metrics
        return model

    return made


def _check_functional(builder: Any, given: dict[str, Any], release: Version) -> None:
    """Refuses Keras optimizers for a functional model, in the places where the release did."""
    if not isinstance(given["model_fn"], tff.learning.models.FunctionalModel):
        return
    names = ["client_optimizer_fn"]
    averaging = (algorithms.build_weighted_fed_avg, algorithms.build_unweighted_fed_avg)
    if release >= FIRST_WITH_TFF_SERVER_OPTIMIZERS and builder in averaging:
        names.append("server_optimizer_fn")
    for name in names:
        value = given.get(name)
        if value is not None and not isinstance(value, tff.learning.optimizers.Optimizer):
            raise TypeError(
                f"With a tff.learning.models.FunctionalModel, `{name}` must be a "
                f"tff.learning.optimizers.Optimizer, found {type(value).__name__}."
            )


def _build(builder: Any, as_of: AsOf, arguments: dict[str, Any]) -> Any:
    """Calls a builder of the installed TFF with the arguments of a historical form.

    Args:
      builder: The builder of the installed TFF.
      as_of: Of the historical builder.
      arguments: By the names of all historical forms, of which those of this one count.

    Returns:
      The process as of the release.
    """
    release = as_of.release
    signature = as_of.adapter.signature
    assert signature is not None
    given = {name: value for name, value in arguments.items() if name in signature.parameters}
    if given.get("model") is not None:
        if given["model_fn"] is not None:
            raise ValueError("Give either `model_fn` or `model`, not both.")
        _warn(as_of, given)
        given["model_fn"] = given.pop("model")
    else:
        given.pop("model", None)
        _warn(as_of, given)
    scheduled = "client_learning_rate_fn" in given
    if not scheduled:
        _check_functional(builder, given, release)
    modern_arguments: dict[str, Any] = {}
    for name, value in given.items():
        if name == "use_experimental_simulation_loop":
            if not value:
                continue
            if installation.version() < FIRST_WITH_LOOP_IMPLEMENTATION:
                modern_arguments[name] = value
            else:
                loop = tff.learning.LoopImplementation.DATASET_ITERATOR
                modern_arguments["loop_implementation"] = loop
        elif name == "client_optimizer_fn" and scheduled:
            modern_arguments[name] = _scheduled(value, release)
        elif name in _OPTIMIZERS and value is not None:
            client = name != "server_optimizer_fn"
            modern_arguments[name] = optimizer_as_of(value, release, client=client)
        elif name == "metrics_aggregator":
            modern_arguments[name] = metrics_aggregator_as_of(value, given["model_fn"], release)
        elif name == "model_fn":
            modern_arguments[name] = _model(value, release)
        else:
            modern_arguments[_RENAMED.get(name, name)] = value
    functional = isinstance(given["model_fn"], tff.learning.models.FunctionalModel)
    if functional and installation.version() < _FIRST_WITH_ONE_MODEL:
        modern_arguments.update(model=modern_arguments["model_fn"], model_fn=None)
    process = builder(**modern_arguments)
    return LearningProcess(_with_metrics_of(process, release, functional=functional), release)


def _scheduled(optimizer_fn: Any, release: Version) -> Any:
    """From a learning rate to a TFF optimizer, for a function that makes either kind of it."""

    def at_rate(learning_rate: Any) -> Any:
        # The kind is asked for outside of the graph to which `learning_rate` may belong.
        if isinstance(in_era(optimizer_fn, release)(1.0), tff.learning.optimizers.Optimizer):
            return optimizer_fn(learning_rate)
        return optimizers.as_tff_optimizer(
            in_era(functools.partial(optimizer_fn, learning_rate), release)
        )

    return at_rate


def _is_legacy(name: str, value: Any) -> bool:
    if name in ("use_experimental_simulation_loop",):
        return bool(value)
    if name in _OPTIMIZERS:
        known = (None, _keras_sgd_1_0, _keras_sgd_0_1)
        return value not in known and not isinstance(value, tff.learning.optimizers.Optimizer)
    return name in _RENAMED or name == "model"


def _warn(as_of: AsOf, given: dict[str, Any]) -> None:
    """Warns about a call that the installed TFF does not take as it is."""
    signature = as_of.adapter.signature
    assert signature is not None
    once_by_position = (
        given[name] is not signature.parameters[name].default
        for name, kind in as_of.adapter.legacy.values.items()
        if kind == "any"
    )
    always = as_of.adapter.legacy is ALWAYS or any(once_by_position)
    if always or any(_is_legacy(name, value) for name, value in given.items()):
        as_of.warn(given, case="model" if given.get("model") is not None else "")


_DERIVED = {
    **dict.fromkeys(_OPTIMIZERS, "optimizer"),
    "server_optimizer_fn": "server_optimizer",
    "server_optimizer": "server_optimizer",
    "metrics_aggregator": "aggregator",
    "use_experimental_simulation_loop": "loop",
}
"""How the arguments of parameters become what the installed TFF takes, by the derivations."""

_SERVERS = {_keras_sgd_1_0: "server_of_averaging", _keras_sgd_0_1: "server_of_sgd"}
"""The same for those whose default makes an optimizer of Keras."""

_NOW_CALLED = {**_RENAMED, "use_experimental_simulation_loop": "loop_implementation"}


helper(
    "taking_keras_optimizers",
    '''\
def taking_keras_optimizers(builder):
  """The builder, which also takes optimizers of Keras, and whether to iterate over data."""

  def build(*args, **options):
    given = {**dict(zip(inspect.signature(builder).parameters, args)), **options}
    if given.pop('use_experimental_simulation_loop', False):
      given['loop_implementation'] = tff.learning.LoopImplementation.DATASET_ITERATOR
    for name in given:
      if name in ('client_optimizer_fn', 'server_optimizer_fn', 'server_optimizer'):
        given[name] = given[name] and keras_optimizer(given[name])
    return builder(**given)

  return build
''',
)
helper(
    "one_model",
    '''\
def one_model(model_fn, model):
  """The model of a builder that takes it by one of two arguments."""
  if model_fn is not None and model is not None:
    raise ValueError('Give either a function that makes the model, or a functional model.')
  return model_fn if model is None else model
''',
)


def _code(path: str, signature: inspect.Signature, dropped: Collection[str]) -> str:
    """The call of today with the arguments of a historical form, but for those that it lacks."""
    scheduled = "client_learning_rate_fn" in signature.parameters
    parts = []
    for parameter in signature.parameters.values():
        name = parameter.name
        derivation = _SERVERS.get(parameter.default) or _DERIVED.get(name, "")
        if scheduled and name == "client_optimizer_fn":
            derivation = "optimizer_of_rate"
        hole = f"{{{name}:{derivation}}}" if derivation else f"{{{name}}}"
        named = f"{_NOW_CALLED.get(name, name)}={hole}"
        if name in (AS_OF, "model", *dropped):
            continue
        if parameter.default is not parameter.empty:
            parts.append(f"[?, {named}?]")
        elif name in ("model_fn", "proximal_strength", "client_learning_rate_fn"):
            parts.append(f", {hole}")
        else:
            parts.append(f", {named}")
    return f"{path}({''.join(parts).removeprefix(', ')})"


def _legacy(path: str, parameters: Mapping[str, inspect.Parameter]) -> Legacy:
    """When a call of a builder is one that the installed TFF does not take."""
    if not _RENAMED.keys().isdisjoint(parameters):
        return ALWAYS
    values = {
        name: "keras optimizer by default"
        if parameters[name].default in _SERVERS
        else "keras optimizer"
        for name in _OPTIMIZERS
        if name in parameters
    }
    now = catalog.load().symbol(path).signature(PRIMARY).parameters  # type: ignore[union-attr]
    by_keyword = {each.name for each in now if each.kind is inspect.Parameter.KEYWORD_ONLY}
    values |= {
        name: "any"
        for name, parameter in parameters.items()
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY
        and _NOW_CALLED.get(name, name) in by_keyword
    }
    gone = ("model", "use_experimental_simulation_loop")
    return Legacy(keywords=tuple(name for name in gone if name in parameters), values=values)


def _builder(
    path: str,
    *,
    releases: str,
    changed: Collection[Version] = (),
    dropped: Mapping[str, str] | None = None,
    note: str = "",
) -> Callable[[_T], _T]:
    """Declares the historical forms of a builder, whose code of today their parameters say.

    Args:
      path: The public path of the builder.
      releases: As for `adapter`, with `forms`.
      changed: As for `adapter`.
      dropped: Parameters that the installed TFF lacks: what to look at where they are given.
      note: What to look at wherever it is called, if what it makes gives something else now.
    """

    def declare(implementation: Any) -> Any:
        for of_form, target in forms.forms(path, releases, implementation):
            signature = inspect.signature(target)
            code = _code(path, signature, dropped or ())
            found = {name: Replacement(code, each) for name, each in (dropped or {}).items()}
            if "model" in signature.parameters:
                found["model"] = Replacement(code.replace("{model_fn}", "{model}"))
                found[OTHERWISE] = Replacement(
                    code.replace("{model_fn}", "{!one_model}({model_fn}, {model})")
                )
            if not (dropped or {"model", *_RENAMED} & set(signature.parameters)):
                if not any(name.endswith("_rate_fn") for name in signature.parameters):
                    found[AS_VALUE] = Replacement(f"{{!taking_keras_optimizers}}({path})")
            adapter(
                path,
                releases=of_form,
                changed=changed,
                replacement=code,
                note=note,
                legacy=ALWAYS if note else _legacy(path, signature.parameters),
                cases=found,
                gives="learning process",
            )(target)
        return implementation

    return declare


def _at_place(as_of: AsOf) -> Any:
    """The builder of the installed TFF at the path of a historical one."""
    return getattr(algorithms, as_of.adapter.path.rpartition(".")[2])


@_builder(
    "tff.learning.algorithms.build_weighted_fed_avg", releases=">=0.20,<0.87", changed=_CHANGED
)
@_builder(
    "tff.learning.algorithms.build_unweighted_fed_avg", releases=">=0.20,<0.87", changed=_CHANGED
)
@_builder(
    "tff.learning.algorithms.build_weighted_fed_avg_with_optimizer_schedule",
    releases=">=0.20,<0.87",
    changed=_CHANGED,
)
@_builder(
    "tff.learning.algorithms.build_weighted_fed_prox", releases=">=0.20,<0.87", changed=_CHANGED
)
@_builder(
    "tff.learning.algorithms.build_unweighted_fed_prox", releases=">=0.20,<0.87", changed=_CHANGED
)
def build_fed_avg(
    model_fn,
    client_optimizer_fn,
    server_optimizer_fn=_keras_sgd_1_0,
    proximal_strength=None,
    client_learning_rate_fn=None,
    client_weighting=_NUM_EXAMPLES,
    model_distributor=None,
    model_aggregator=None,
    metrics_aggregator=_sum_then_finalize,
    use_experimental_simulation_loop=False,
    loop_implementation=_DATASET_REDUCE,
    model=None,
    *,
    as_of: AsOf,
):
    """Federated averaging, weighted or not, FedProx, and averaging with a schedule of rates.

    As of TFF 0.20 to 0.86, the last to take optimizers of Keras.

    Args:
      model_fn: A function without arguments that returns a model. Or a
        `tff.learning.models.FunctionalModel`: for averaging since 0.34, for FedProx since 0.36,
        with a schedule since 0.75.
      client_optimizer_fn: What clients train with: a function without arguments that makes a Keras
        optimizer, or a `tff.learning.optimizers.Optimizer`. With a schedule: from a learning rate
        to either.
      server_optimizer_fn: What the server applies the mean update with, a function without
        arguments that makes a Keras optimizer, or a `tff.learning.optimizers.Optimizer`; None for
        TFF's gradient descent at the rate 1.0, the default of averaging since 0.67.
      proximal_strength: Of FedProx: a float of at least 0.0, how strongly the clients stay at the
        server's model.
      client_learning_rate_fn: With a schedule: from the number of the round to the learning rate.
      client_weighting: If weighted: a `tff.learning.ClientWeighting`, whether by the number of
        examples; only by keyword in averaging since 0.21.
      model_distributor: The `tff.learning.templates.DistributionProcess` by which weights reach the
        clients; None for a broadcast.
      model_aggregator: The `tff.aggregators.WeightedAggregationFactory` (or unweighted one) of the
        clients' updates; None for the mean.
      metrics_aggregator: From metric finalizers, and maybe the type of local metrics, to the
        computation that aggregates them; None for `tff.learning.metrics.sum_then_finalize`.
      use_experimental_simulation_loop: A boolean, until 0.84: whether to iterate over data sets
        instead of reducing them.
      loop_implementation: A `tff.learning.LoopImplementation`, since 0.85: whether clients reduce
        their data sets or iterate over them.
      model: Of weighted averaging from 0.21 to 0.33: a `tff.learning.models.FunctionalModel` in the
        place of `model_fn`, or None.

    Returns:
      A `tff.learning.templates.LearningProcess`.

    Raises:
      TypeError: An argument has the wrong type.
      ValueError: `proximal_strength` is negative, or both `model_fn` and `model` are given.
    """
    return _build(_at_place(as_of), as_of, locals())


@_builder("tff.learning.algorithms.build_fed_sgd", releases=">=0.20,<0.87", changed=_CHANGED)
def build_fed_sgd(
    model_fn,
    server_optimizer_fn=_keras_sgd_0_1,
    model_distributor=None,
    model_aggregator=None,
    metrics_aggregator=None,
    use_experimental_simulation_loop=False,
    loop_implementation=_DATASET_REDUCE,
    *,
    as_of: AsOf,
):
    """Federated gradient descent as of TFF 0.20 to 0.86; clients do not train.

    Args:
      model_fn: A function without arguments that returns a model; since 0.36 also a
        `tff.learning.models.FunctionalModel`.
      server_optimizer_fn: What the server applies the mean gradient with: a function without
        arguments that makes a Keras optimizer, or a `tff.learning.optimizers.Optimizer`.
      model_distributor: The `tff.learning.templates.DistributionProcess` by which weights reach the
        clients; None for a broadcast.
      model_aggregator: The `tff.aggregators.WeightedAggregationFactory` of the gradients; None for
        the weighted mean.
      metrics_aggregator: As `tff.learning.metrics.sum_then_finalize`; None for that.
      use_experimental_simulation_loop: A boolean, until 0.84: whether to iterate over data sets
        instead of reducing them.
      loop_implementation: A `tff.learning.LoopImplementation`, since 0.85: whether clients reduce
        their data sets or iterate over them.

    Returns:
      A `tff.learning.templates.LearningProcess`.

    Raises:
      TypeError: An argument has the wrong type.
    """
    return _build(algorithms.build_fed_sgd, as_of, locals())


@_builder(
    "tff.learning.algorithms.build_weighted_mime_lite", releases=">=0.20,<0.85", changed=_CHANGED
)
@_builder(
    "tff.learning.algorithms.build_unweighted_mime_lite", releases=">=0.20,<0.85", changed=_CHANGED
)
@_builder(
    "tff.learning.algorithms.build_mime_lite_with_optimizer_schedule",
    releases=">=0.36,<0.85",
    changed=_CHANGED,
)
def build_mime_lite(
    model_fn,
    optimizer=None,
    base_optimizer=None,
    learning_rate_fn=None,
    server_optimizer=_SGD_1_0,
    client_weighting=_NUM_EXAMPLES,
    model_distributor=None,
    model_aggregator=None,
    full_gradient_aggregator=None,
    metrics_aggregator=_sum_then_finalize,
    use_experimental_simulation_loop=False,
    *,
    as_of: AsOf,
):
    """Mime Lite, weighted or not, or with a schedule of rates, as of TFF 0.20 to 0.84.

    Args:
      model_fn: A function without arguments that returns a model; since 0.38 also a
        `tff.learning.models.FunctionalModel`.
      optimizer: The name of `base_optimizer` in 0.20.
      base_optimizer: A `tff.learning.optimizers.Optimizer`, since 0.21, whose state all clients of
        a round share; with a schedule one with a learning rate.
      learning_rate_fn: With a schedule: from the number of the round to the learning rate.
      server_optimizer: A `tff.learning.optimizers.Optimizer` for the model's update at the server,
        since 0.21.
      client_weighting: If weighted: a `tff.learning.ClientWeighting`, whether by the number of
        examples.
      model_distributor: The `tff.learning.templates.DistributionProcess` by which weights reach the
        clients; None for a broadcast.
      model_aggregator: The `tff.aggregators.WeightedAggregationFactory` (or unweighted one) of the
        clients' updates; None for the mean.
      full_gradient_aggregator: The factory that aggregates the gradients at the server's model;
        None for the mean.
      metrics_aggregator: As `tff.learning.metrics.sum_then_finalize`; None for that.
      use_experimental_simulation_loop: A boolean: whether to iterate over data sets instead of
        reducing them.

    Returns:
      A `tff.learning.templates.LearningProcess`.

    Raises:
      TypeError: An argument has the wrong type.
    """
    return _build(_at_place(as_of), as_of, locals())


@_builder("tff.learning.algorithms.build_fed_eval", releases=">=0.29,<0.85", changed=_CHANGED)
def build_fed_eval_0_29(
    model_fn,
    model_distributor=None,
    metrics_aggregation_process=None,
    use_experimental_simulation_loop=False,
    *,
    as_of: AsOf,
):
    """A process that evaluates a model on clients' data, as of TFF 0.29 to 0.84.

    Args:
      model_fn: A function without arguments that returns a model; from TFF 0.39 on also a
        `tff.learning.models.FunctionalModel`.
      model_distributor: A `tff.learning.templates.DistributionProcess`, or None.
      metrics_aggregation_process: A `tff.templates.AggregationProcess` of unfinalized metrics, or
        None.
      use_experimental_simulation_loop: Whether to iterate over data sets instead of reducing them.

    Returns:
      A `tff.learning.templates.LearningProcess`; `next` gives the metrics and leaves the weights as
      they are.

    Raises:
      TypeError: An argument has the wrong type.
    """
    return _build(algorithms.build_fed_eval, as_of, locals())


@_builder("tff.learning.algorithms.build_fed_recon", releases=">=0.57,<0.87")
def build_fed_recon_0_57(
    model_fn,
    *,
    loss_fn,
    metrics_fn=None,
    server_optimizer_fn=_keras_sgd_1_0,
    client_optimizer_fn=_keras_sgd_0_1,
    reconstruction_optimizer_fn=_keras_sgd_0_1,
    dataset_split_fn=None,
    client_weighting=None,
    model_distributor=None,
    model_aggregator_factory=None,
    metrics_aggregator=_sum_then_finalize,
    as_of: AsOf,
):
    """Federated reconstruction as of TFF 0.57 to 0.86, with Keras optimizers by default.

    Args:
      model_fn: A function without arguments that returns a `ReconstructionModel`.
      loss_fn: A function without arguments that returns a Keras loss.
      metrics_fn: A function without arguments that returns a list of Keras metrics, or None.
      server_optimizer_fn: A function that makes a Keras optimizer, or a TFF optimizer.
      client_optimizer_fn: The same for the clients' training of global variables.
      reconstruction_optimizer_fn: The same for the clients' training of local variables.
      dataset_split_fn: From a data set to the parts for reconstruction and training, or None.
      client_weighting: A `tff.learning.ClientWeighting`, a function of the outputs, or None.
      model_distributor: A `tff.learning.templates.DistributionProcess`, or None.
      model_aggregator_factory: An aggregation factory, or None.
      metrics_aggregator: As `tff.learning.metrics.sum_then_finalize`.

    Returns:
      A `tff.learning.templates.LearningProcess`.

    Raises:
      TypeError: An argument has the wrong type.
    """
    return _build(algorithms.build_fed_recon, as_of, locals())


@_builder(
    "tff.learning.algorithms.build_fed_recon_eval",
    releases=">=0.57,<0.61",
    dropped={
        "metrics_aggregator": (
            "`metrics_aggregation_process` takes a tff.templates.AggregationProcess of unfinalized "
            "metrics in the place of `metrics_aggregator`."
        )
    },
    note="The metrics of a round stand below `current_round_metrics` of `eval`, beside those of "
    "all rounds.",
)
def build_fed_recon_eval_0_57(
    model_fn,
    *,
    loss_fn,
    metrics_fn=None,
    reconstruction_optimizer_fn=_keras_sgd_0_1,
    dataset_split_fn=None,
    model_distributor=None,
    metrics_aggregator=_sum_then_finalize,
    as_of: AsOf,
):
    """Evaluation of federated reconstruction as of TFF 0.57 to 0.60.

    Args:
      model_fn: A function without arguments that returns a `ReconstructionModel`.
      loss_fn: A function without arguments that returns a Keras loss.
      metrics_fn: A function without arguments that returns a list of Keras metrics, or None.
      reconstruction_optimizer_fn: A function that makes a Keras optimizer, or a TFF optimizer, for
        local variables.
      dataset_split_fn: From a data set to the parts for reconstruction and evaluation, or None.
      model_distributor: A `tff.learning.templates.DistributionProcess`, or None.
      metrics_aggregator: As `tff.learning.metrics.sum_then_finalize`, or None.

    Returns:
      A `tff.learning.templates.LearningProcess`.

    Raises:
      ValueError: `metrics_aggregator` is not `tff.learning.metrics.sum_then_finalize`: a process
        takes its place since 0.61.
    """
    arguments = locals()
    aggregator = arguments.pop("metrics_aggregator")
    if aggregator is not None and not metrics.is_sum_then_finalize(aggregator):
        raise ValueError(
            "`metrics_aggregator` must be tff.learning.metrics.sum_then_finalize: the installed "
            "TFF takes a `metrics_aggregation_process` in its place."
        )

    def build(**given: Any) -> Any:
        return _of_single_rounds(algorithms.build_fed_recon_eval(**given))

    return _build(build, as_of, arguments)


def _evolved(state: Any, **changes: Any) -> Any:
    """A state with other parts; it is a named tuple or of an attrs class."""
    parts = ("global_model_weights", "distributor", "client_work", "aggregator", "finalizer")
    return tff.learning.templates.LearningAlgorithmState(
        **{name: changes.get(name, getattr(state, name)) for name in parts}
    )


def _of_single_rounds(process: Any) -> Any:
    """The evaluation with the metrics of a round alone and no state for those of all rounds."""
    state_type, data_type = (
        each for _, each in tff.structure.iter_elements(process.next.type_signature.parameter)
    )
    names = tff.structure.name_list(process.next.type_signature.result.metrics.member)

    @tff.tensorflow.computation(state_type.member)
    def without_sums(state):
        return _evolved(state, client_work=())

    @tff.tensorflow.computation(without_sums.type_signature.result)
    def with_sums(state):
        return _evolved(state, client_work=structures.zeros(state_type.member.client_work))

    @tff.federated_computation
    def initialize():
        return tff.federated_map(without_sums, process.initialize())

    @tff.federated_computation(initialize.type_signature.result, data_type)
    def next_fn(state, client_data):
        output = process.next(tff.federated_map(with_sums, state), client_data)
        metrics = collections.OrderedDict((name, getattr(output.metrics, name)) for name in names)
        of_round = output.metrics.client_work.eval.current_round_metrics
        metrics["client_work"] = collections.OrderedDict(eval=of_round)
        return tff.learning.templates.LearningProcessOutput(
            tff.federated_map(without_sums, output.state), tff.federated_zip(metrics)
        )

    @tff.tensorflow.computation(without_sums.type_signature.result)
    def get_model_weights(state):
        return state.global_model_weights

    @tff.tensorflow.computation(
        without_sums.type_signature.result, get_model_weights.type_signature.result
    )
    def set_model_weights(state, model_weights):
        return _evolved(state, global_model_weights=model_weights)

    return tff.learning.templates.LearningProcess(
        initialize, next_fn, get_model_weights, set_model_weights
    )


@_builder("tff.learning.algorithms.build_fed_recon_eval", releases=">=0.61,<0.87")
def build_fed_recon_eval_0_61(
    model_fn,
    *,
    loss_fn,
    metrics_fn=None,
    reconstruction_optimizer_fn=_keras_sgd_0_1,
    dataset_split_fn=None,
    model_distributor=None,
    metrics_aggregation_process=None,
    as_of: AsOf,
):
    """Evaluation of federated reconstruction as of TFF 0.61 to 0.86.

    Args:
      model_fn: A function without arguments that returns a `ReconstructionModel`.
      loss_fn: A function without arguments that returns a Keras loss.
      metrics_fn: A function without arguments that returns a list of Keras metrics, or None.
      reconstruction_optimizer_fn: A function that makes a Keras optimizer, or a TFF optimizer, for
        local variables.
      dataset_split_fn: From a data set to the parts for reconstruction and evaluation, or None.
      model_distributor: A `tff.learning.templates.DistributionProcess`, or None.
      metrics_aggregation_process: A `tff.templates.AggregationProcess` of unfinalized metrics, or
        None.

    Returns:
      A `tff.learning.templates.LearningProcess`.

    Raises:
      TypeError: An argument has the wrong type.
    """
    return _build(algorithms.build_fed_recon_eval, as_of, locals())
