"""Model weights and server states: the classes that legacy training processes carry."""

from __future__ import annotations

import collections
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attr
import numpy as np
import tensorflow as tf
from packaging.version import Version

from tff_compat import modern
from tff_compat.adapters import registry
from tff_compat.adapters.registry import AsOf, Legacy, Replacement, adapter, helper, member, move
from tff_compat.adapters.stand_ins import StandIn, named
from tff_compat.catalog.boundaries import (
    FIRST_WITH_AGGREGATOR_STATE,
    FIRST_WITH_ENHANCED_MODELS_ALONE,
    FIRST_WITH_LISTS_OF_WEIGHTS,
)
from tff_compat.declared.replacement import AS_VALUE

tff = modern.package()
Struct = tff.structure.Struct
VariableModel: Any = tff.learning.models.VariableModel
_InstalledWeights: Any = tff.learning.models.ModelWeights

# Here the forms of the processes changed whose states these are.
_FIRST_WITH_OTHER_PROCESSES = ("0.20", "0.28")


@adapter(
    "tff.learning.framework.ModelWeights",
    releases="<0.12",
    replacement="tff.learning.models.ModelWeights",
    note="The weights are in lists, in the order of the variables, and not in dicts by name.",
    gives="model weights",
)
class NamedModelWeights(
    collections.namedtuple("ModelWeights", ["trainable", "non_trainable"])  # noqa: PYI024
):
    """Model weights keyed by variable name, as of TFF 0.1 to 0.11.

    Attributes:
      trainable: `OrderedDict` of variables, tensors or arrays, keyed by variable name.
      non_trainable: The same for the non-trainable variables.
    """

    __slots__ = ()

    def __new__(cls, trainable: Mapping[str, Any], non_trainable: Mapping[str, Any]):
        """Keeps each mapping as an `OrderedDict`, in its order."""
        return super().__new__(
            cls, collections.OrderedDict(trainable), collections.OrderedDict(non_trainable)
        )

    @classmethod
    def from_model(cls, model: Any) -> NamedModelWeights:
        """The variables of a `tff.learning.Model` or a `tf.keras.Model`.

        Raises:
          ValueError: Two variables have the same name.
        """
        return cls(
            _by_name(model.trainable_variables),
            _by_name(model.non_trainable_variables),
        )

    @classmethod
    def from_tff_value(cls, anon_tuple: Any) -> NamedModelWeights:
        """The weights in a result of a computation, such as ``state.model``."""
        return cls(
            tff.structure.to_odict(anon_tuple.trainable),
            tff.structure.to_odict(anon_tuple.non_trainable),
        )

    @property
    def keras_weights(self) -> list[Any]:
        """All weights, trainable ones first."""
        return [*self.trainable.values(), *self.non_trainable.values()]

    def assign_weights_to(self, keras_model: tf.keras.Model) -> None:
        """Assigns the weights to the variables of a Keras model, in their order."""
        _assign(self, keras_model)


named("ModelWeights", NamedModelWeights)


class _WarningStandIn(StandIn):
    """Warns of calls itself: TFF's class is a named tuple, and was an attrs class up to 0.49."""

    as_of: AsOf

    def __call__(cls, trainable, non_trainable):
        cls.as_of.warn({"trainable": trainable, "non_trainable": non_trainable})
        return super().__call__(trainable, non_trainable)


_NOW = "tff.learning.models.ModelWeights"
_ROLE = "model weights"


@adapter(
    "tff.learning.framework.ModelWeights", releases=">=0.14,<0.17", replacement=_NOW, gives=_ROLE
)
@adapter("tff.learning.ModelWeights", releases=">=0.14,<0.17", replacement=_NOW, gives=_ROLE)
class ModelWeights(_InstalledWeights, metaclass=_WarningStandIn):
    """Model weights in lists, in the order of the variables, as of TFF 0.14 to 0.16.

    Attributes:
      trainable: List of variables, tensors or arrays.
      non_trainable: The same for the non-trainable variables.
    """

    as_of: AsOf
    real = _InstalledWeights

    @classmethod
    def from_tff_result(cls, anon_tuple):
        """The weights in a result of a computation, such as ``state.model``.

        Raises:
          TypeError: It is no struct.
        """
        if not isinstance(anon_tuple, Struct):
            raise TypeError(f"Expected a struct, found {type(anon_tuple).__name__}.")
        return cls(
            [value for _, value in tff.structure.iter_elements(anon_tuple.trainable)],
            [value for _, value in tff.structure.iter_elements(anon_tuple.non_trainable)],
        )


member(
    _ROLE,
    ".assign_weights_to()",
    releases=">=0.12,<0.14",
    replacement="{self}.assign_weights_to({keras_model})",
    parameters="(keras_model)",
    legacy=Legacy(keywords=("keras_model",)),
)


# Results are model weights already.
@adapter(
    "tff.learning.framework.ModelWeights.from_tff_result",
    releases=">=0.12,<0.17",
    replacement="{anon_tuple}",
    gives=_ROLE,
)
@adapter(
    "tff.learning.ModelWeights.from_tff_result",
    releases=">=0.13,<0.17",
    replacement="{anon_tuple}",
    gives=_ROLE,
)
def from_tff_result(anon_tuple):
    """The class method as the catalog has it; views offer it on their class.

    Args:
      anon_tuple: A result with `trainable` and `non_trainable`, such as ``state.model``.

    Returns:
      The `ModelWeights`.
    """
    return ModelWeights.from_tff_result(anon_tuple)


@adapter(
    "tff.learning.framework.ModelWeights", releases=">=0.12,<0.14", replacement=_NOW, gives=_ROLE
)
@adapter("tff.learning.ModelWeights", releases=">=0.13,<0.14", replacement=_NOW, gives=_ROLE)
class ModelWeights_0_12(ModelWeights):
    """Model weights in lists, in the order of the variables, as of TFF 0.12 and 0.13."""

    as_of: AsOf

    def assign_weights_to(self, keras_model):
        """Assigns the weights to the variables of a Keras model, in their order."""
        _assign(self, keras_model)


for _path, _releases in {
    "tff.learning.framework.ModelWeights": ">=0.17,<0.40",
    "tff.learning.ModelWeights": ">=0.17,<0.53",
}.items():
    move(_path, _NOW, releases=_releases)
move(
    "tff.learning.framework.weights_type_from_model",
    "tff.learning.models.weights_type_from_model",
    releases=">=0.15,<0.40",
)


def _by_name(variables: Iterable[tf.Variable]) -> collections.OrderedDict[str, tf.Variable]:
    named: collections.OrderedDict[str, tf.Variable] = collections.OrderedDict()
    for variable in variables:
        name = variable.name.rpartition(":")[0] or variable.name
        if name in named:
            raise ValueError(
                f"Two variables of the model have the name {name!r}. Releases up to 0.11 key model "
                "weights by name: give the layers different names."
            )
        named[name] = variable
    return named


def weights_of(model: Any, release: Version) -> Any:
    """The variables of a model as `ModelWeights` in the container of a release."""
    if release < FIRST_WITH_LISTS_OF_WEIGHTS:
        return NamedModelWeights.from_model(model)
    return tff.learning.models.ModelWeights(
        model.trainable_variables, model.non_trainable_variables
    )


@attr.s(eq=False, frozen=True)
class EarlyServerState:
    """What the server carries between rounds, as of TFF 0.1 to 0.3.

    Attributes:
      model: The model weights.
      optimizer_state: The variables of the server optimizer, in its own order.
    """

    model: Any = attr.ib()
    optimizer_state: Any = attr.ib()


_STATE_NOW = "tff.learning.templates.LearningAlgorithmState"
_MADE_NOW = (
    f"{_STATE_NOW}(global_model_weights={{model}}, distributor={{model_broadcast_state}}, "
    "client_work=(), aggregator={delta_aggregate_state}, finalizer={optimizer_state})"
)
_FORM_OF_STATES = (
    "Each state must be of the form that the process of tff.learning.algorithms gives it."
)


@adapter(
    "tff.learning.framework.ServerState",
    releases=">=0.13,<0.16",
    changed=_FIRST_WITH_OTHER_PROCESSES,
    replacement=_MADE_NOW,
    note=_FORM_OF_STATES,
    cases={
        "isinstance()": Replacement(
            "", "What processes gave was none, but all of it is a LearningAlgorithmState now."
        ),
        AS_VALUE: Replacement(_STATE_NOW),
    },
)
@adapter(
    "tff.learning.framework.ServerState",
    releases=">=0.16,<0.56",
    changed=_FIRST_WITH_OTHER_PROCESSES,
    replacement=_MADE_NOW,
    note=_FORM_OF_STATES,
    cases={"isinstance()": Replacement(_STATE_NOW), AS_VALUE: Replacement(_STATE_NOW)},
)
@attr.s(eq=False, frozen=True)
class ServerState:
    """What the server carries between rounds, as of TFF 0.4 to 0.27 (public from 0.13 to 0.55).

    Attributes:
      model: The model weights.
      optimizer_state: The variables of the server optimizer, in its own order.
      delta_aggregate_state: The state of the aggregation.
      model_broadcast_state: The state of the broadcast.
    """

    model: Any = attr.ib()
    optimizer_state: Any = attr.ib()
    delta_aggregate_state: Any = attr.ib()
    model_broadcast_state: Any = attr.ib()


def server_state(
    release: Version, model: Any, optimizer_state: Any, aggregator: Any, broadcaster: Any
) -> EarlyServerState | ServerState:
    """A server state with the fields of a release; the values may be values, types or tensors."""
    if release < FIRST_WITH_AGGREGATOR_STATE:
        return EarlyServerState(model, optimizer_state)
    return ServerState(model, optimizer_state, aggregator, broadcaster)


def _values(weights: Any) -> list[Any]:
    return list(weights.values()) if isinstance(weights, Mapping) else list(weights)


def _assign(weights: Any, keras_model: tf.keras.Model) -> None:
    for variables, values in (
        (keras_model.trainable_weights, weights.trainable),
        (keras_model.non_trainable_weights, weights.non_trainable),
    ):
        for variable, value in zip(variables, _values(values)):
            variable.assign(value)


@adapter(
    "tff.learning.keras_weights_from_tff_weights",
    releases="<0.5",
    replacement="(lambda weights: [*weights.trainable, *weights.non_trainable])({tff_weights})",
)
def keras_weights_from_tff_weights(tff_weights, *, as_of: AsOf):
    """The weights of a result as the flat list that `tf.keras.Model.set_weights` takes.

    As of TFF 0.1 to 0.4: trainable weights first, then the non-trainable ones.

    Args:
      tff_weights: Model weights, such as ``state.model``.

    Returns:
      A list of arrays.

    Raises:
      TypeError: `tff_weights` holds no model weights.
    """
    as_of.warn(locals())
    _check_weights(tff_weights)
    return _values(tff_weights.trainable) + _values(tff_weights.non_trainable)


@adapter(
    "tff.learning.assign_weights_to_keras_model",
    releases=">=0.5,<0.17",
    replacement="{tff_weights}.assign_weights_to({keras_model})",
)
def assign_weights_to_keras_model(keras_model, tff_weights, *, as_of: AsOf):
    """Assigns the weights in a result of a training process to a Keras model.

    As of TFF 0.5 to 0.16.

    Args:
      keras_model: A `tf.keras.Model` with the same variables as the model that was trained.
      tff_weights: Model weights, such as ``state.model``.

    Raises:
      TypeError: `keras_model` is no Keras model, or `tff_weights` holds no model weights.
    """
    as_of.warn(locals())
    if not isinstance(keras_model, tf.keras.Model):
        raise TypeError(f"Expected a tf.keras.Model first, found {type(keras_model).__name__}.")
    _check_weights(tff_weights)
    _assign(tff_weights, keras_model)


def _check_weights(tff_weights: Any) -> None:
    if not (hasattr(tff_weights, "trainable") and hasattr(tff_weights, "non_trainable")):
        raise TypeError(
            "Expected model weights, such as `state.model`, with fields `trainable` and "
            f"`non_trainable`; found {type(tff_weights).__name__}."
        )


@adapter(
    "tff.learning.state_with_new_model_weights",
    releases="<0.56",
    changed=_FIRST_WITH_OTHER_PROCESSES,
    replacement=(
        "{server_state}._replace(global_model_weights=tff.learning.models.ModelWeights("
        "{trainable_weights}, {non_trainable_weights}))"
    ),
    gives="training state",
)
def state_with_new_model_weights(
    server_state, trainable_weights, non_trainable_weights, *, as_of: AsOf
):
    """A server state with other model weights, for `next` of a legacy training process.

    As of TFF 0.1 to 0.55.

    Args:
      server_state: A state that a legacy training process returned.
      trainable_weights: A list of arrays, in the order of the model's trainable variables.
      non_trainable_weights: The same for the non-trainable variables.

    Raises:
      TypeError: `server_state` is no server state, or (from 0.12) the weights do not fit.
      ValueError: Up to 0.11, the weights do not fit.
    """
    as_of.warn(locals())
    if not hasattr(server_state, "model") or not hasattr(server_state, "optimizer_state"):
        raise TypeError(
            "Expected a server state of a legacy training process, found "
            f"{type(server_state).__name__}. A process of tff.learning.algorithms has "
            "`process.set_model_weights(state, weights)`."
        )
    error = ValueError if as_of.release < FIRST_WITH_LISTS_OF_WEIGHTS else TypeError
    old = server_state.model
    weights = (
        _replaced(old.trainable, trainable_weights, "trainable", error),
        _replaced(old.non_trainable, non_trainable_weights, "non-trainable", error),
    )
    if as_of.release < FIRST_WITH_LISTS_OF_WEIGHTS:
        model: Any = NamedModelWeights(*weights)
    else:
        model = tff.learning.models.ModelWeights(*weights)
    if as_of.release < FIRST_WITH_AGGREGATOR_STATE:
        return EarlyServerState(model, server_state.optimizer_state)
    return ServerState(
        model,
        server_state.optimizer_state,
        server_state.delta_aggregate_state,
        server_state.model_broadcast_state,
    )


def _replaced(old: Any, new: Sequence[Any], which: str, error: type[Exception]) -> Any:
    old_values = _values(old)
    if not isinstance(new, Sequence):
        raise TypeError(
            f"Expected a list of {which} weights, one array per variable; found "
            f"{type(new).__name__}."
        )
    if len(old_values) != len(new):
        raise error(f"Expected {len(old_values)} {which} weights, found {len(new)}.")
    for index, (was, now) in enumerate(zip(old_values, new)):
        before, after = np.asarray(was), np.asarray(now)
        if (before.dtype, before.shape) != (after.dtype, after.shape):
            raise error(
                f"Weight {index} of the {which} weights is {before.dtype}{list(before.shape)} in "
                f"the state, and {after.dtype}{list(after.shape)} in what is given."
            )
    names = old.keys() if isinstance(old, Mapping) else _names(old)
    return collections.OrderedDict(zip(names, new)) if names else list(new)


def _names(struct: Any) -> list[str]:
    return tff.structure.name_list(struct) if isinstance(struct, Struct) else []


class _Enhanced(VariableModel):
    """A model with the property `weights`; everything else is the wrapped model's own."""

    as_of: AsOf

    def __init__(self, model):
        self.as_of.warn({"model": model})
        if not isinstance(model, VariableModel):
            raise TypeError(f"Expected a tff.learning.Model, found {type(model).__name__}.")
        if isinstance(model, _Enhanced):
            raise ValueError("The model is wrapped as an EnhancedModel already.")
        self._model = model

    def __getattr__(self, name: str) -> Any:
        # Only for what the interface of the release had beyond the installed one.
        if name == "_model":
            raise AttributeError(name)
        return getattr(self._model, name)

    @property
    def weights(self):
        """The model's variables as `ModelWeights` of the release."""
        return weights_of(self._model, self.as_of.release)

    @property
    def trainable_variables(self):
        return self._model.trainable_variables

    @property
    def non_trainable_variables(self):
        return self._model.non_trainable_variables

    @property
    def local_variables(self):
        return self._model.local_variables

    @property
    def input_spec(self):
        return self._model.input_spec

    def forward_pass(self, batch_input, training=True):
        return self._model.forward_pass(batch_input, training)

    def predict_on_batch(self, x, training=True):
        return self._model.predict_on_batch(x, training)

    def report_local_unfinalized_metrics(self):
        return self._model.report_local_unfinalized_metrics()

    def metric_finalizers(self):
        return self._model.metric_finalizers()

    def reset_metrics(self):
        return self._model.reset_metrics()

    # What models had up to 0.20 and the installed class may ask for.
    def report_local_outputs(self):
        return self._model.report_local_outputs()

    @property
    def federated_output_computation(self):
        return self._model.federated_output_computation


@adapter(
    "tff.learning.framework.parameter_count_from_model",
    releases=">=0.17,<0.31",
    replacement=(
        "(lambda shapes: collections.OrderedDict(num_tensors=len(shapes), "
        "parameters=sum(int(np.prod(shape)) for shape in shapes if None not in shape), "
        "num_unspecified_tensors=sum(None in shape for shape in shapes)))("
        "[each.shape for each in tff.structure.flatten("
        "tff.learning.models.weights_type_from_model({model}).trainable)])"
    ),
)
def parameter_count_from_model(model, *, as_of: AsOf):
    """Counts the trainable tensors and parameters of a model, as of TFF 0.17 to 0.30.

    Args:
      model: A `tff.learning.Model`, or a function without arguments that returns one.

    Returns:
      An `OrderedDict` with `num_tensors`, `parameters` (their elements) and
      `num_unspecified_tensors` (tensors of unknown size).

    Raises:
      TypeError: `model` is neither.
    """
    as_of.warn(locals())
    trainable = tff.learning.models.weights_type_from_model(model).trainable
    shapes = [each.shape for each in tff.structure.flatten(trainable)]
    known = [shape for shape in shapes if shape is not None and None not in tuple(shape)]
    return collections.OrderedDict(
        num_tensors=len(shapes),
        parameters=sum(math.prod(shape) for shape in known),
        num_unspecified_tensors=len(shapes) - len(known),
    )


_ENHANCED_NOW = "{!with_weights}({model})"
helper(
    "with_weights",
    '''\
def with_weights(model):
  """The model, with its weights as an attribute."""
  model.weights = tff.learning.models.ModelWeights.from_model(model)
  return model
''',
)


@adapter(
    "tff.learning.framework.EnhancedModel",
    releases="<0.20",
    replacement=_ENHANCED_NOW,
    cases={AS_VALUE: Replacement("tff.learning.models.VariableModel")},
    gives="model",
)
class EnhancedModel(_Enhanced):
    """A `tff.learning.Model` with the property `weights`, as of TFF 0.1 to 0.19."""

    as_of: AsOf


@adapter(
    "tff.learning.framework.EnhancedTrainableModel",
    releases="<0.13.1",
    replacement=_ENHANCED_NOW,
    cases={AS_VALUE: Replacement("tff.learning.models.VariableModel")},
    gives="model",
)
class EnhancedTrainableModel(_Enhanced):
    """A `tff.learning.TrainableModel` with the property `weights`, as of TFF 0.1 to 0.13."""

    as_of: AsOf

    def train_on_batch(self, batch_input):
        """Trains the wrapped model on a batch; returns its `BatchOutput`."""
        return self._model.train_on_batch(batch_input)


@adapter(
    "tff.learning.framework.enhance",
    releases=">=0.9,<0.20",
    replacement=_ENHANCED_NOW,
    gives="model",
)
def enhance(model, *, as_of: AsOf):
    """Wraps a model as an `EnhancedModel`, as of TFF 0.9 to 0.19.

    A model that is wrapped already is returned as it is.

    Args:
      model: A `tff.learning.Model`.

    Returns:
      An `EnhancedModel`; until TFF 0.13.0 an `EnhancedTrainableModel` where the model trains
      itself.

    Raises:
      TypeError: `model` is no `tff.learning.Model`.
    """
    if isinstance(model, _Enhanced):
        return model
    trains = hasattr(model, "train_on_batch") and as_of.release < FIRST_WITH_ENHANCED_MODELS_ALONE
    name = "EnhancedTrainableModel" if trains else "EnhancedModel"
    wrapper: Any = registry.find(f"tff.learning.framework.{name}", as_of.release)
    return wrapper.bind(as_of.release)(model)
