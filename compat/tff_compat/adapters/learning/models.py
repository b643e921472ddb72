"""The model interfaces that programs subclass, and the output of a batch, as of each release."""

from __future__ import annotations

import abc
import collections
from collections.abc import Callable
from typing import Any

import tensorflow as tf
from packaging.version import Version

from tff_compat import modern
from tff_compat.adapters.registry import AsOf, Replacement, adapter, helper, move
from tff_compat.adapters.stand_ins import StandsFor, is_offered, named
from tff_compat.adapters.subclassing import Derived
from tff_compat.catalog.boundaries import FIRST_WITH_NUM_EXAMPLES
from tff_compat.declared.replacement import AS_BASE

tff = modern.package()

VariableModel: Any = tff.learning.models.VariableModel

_NOTE = (
    "The interface has predict_on_batch, report_local_unfinalized_metrics, metric_finalizers and "
    "reset_metrics in the place of report_local_outputs and federated_output_computation."
)


helper(
    "ModelWithOutputs",
    '''\
class ModelWithOutputs(tff.learning.models.VariableModel):
  """A model that reports outputs of its own, and says how these are aggregated."""

  def predict_on_batch(self, x, training=True):
    raise NotImplementedError('Write what predicts for the `x` of a batch alone.')

  def report_local_unfinalized_metrics(self):
    return self.report_local_outputs()

  def metric_finalizers(self):
    finalizers = collections.OrderedDict()
    finalizers.federated_output_computation = self.federated_output_computation
    return finalizers

  def reset_metrics(self):
    for variable in self.local_variables:
      variable.assign(tf.zeros_like(variable))
''',
)
helper(
    "ModelThatResets",
    '''\
class ModelThatResets(tff.learning.models.VariableModel):
  """A model whose metrics start again from zero."""

  def reset_metrics(self):
    for variable in self.local_variables:
      variable.assign(tf.zeros_like(variable))
''',
)
helper(
    "aggregate_outputs",
    '''\
def aggregate_outputs(metric_finalizers):
  """The aggregation of outputs that a model brings; for others that of their metrics."""
  brought = getattr(metric_finalizers, 'federated_output_computation', None)
  return brought or tff.learning.metrics.sum_then_finalize(metric_finalizers)
''',
)
helper(
    "aggregation_of_outputs",
    '''\
def aggregation_of_outputs(model_fn):
  """The aggregation of outputs that a model brings, as the process that evaluations take."""
  with tf.Graph().as_default():
    aggregate = aggregate_outputs(model_fn().metric_finalizers())
  outputs_type = tff.tensorflow.computation(
      lambda: model_fn().report_local_unfinalized_metrics()).type_signature.result

  @tff.federated_computation
  def initialize():
    return tff.federated_value((), tff.SERVER)

  @tff.federated_computation(
      initialize.type_signature.result, tff.FederatedType(outputs_type, tff.CLIENTS))
  def next_fn(state, outputs):
    metrics = tff.federated_zip(aggregate(outputs))
    return tff.templates.MeasuredProcessOutput(
        state, tff.federated_zip((metrics, metrics)), tff.federated_value((), tff.SERVER))

  return tff.templates.AggregationProcess(initialize, next_fn)
''',
)

_BASE = Replacement(
    "{!ModelWithOutputs}",
    "once all models say what they report by metric_finalizers, tff.learning.models.VariableModel "
    "is the base",
)


class LegacyModel(Derived, StandsFor, VariableModel):
    """What all historical model interfaces share: they are models of the installed TFF as well.

    A program's subclass has the members that its release asked for. The members that came later
    are derived from those here, so that the installed TFF accepts the object.
    """

    as_of: AsOf
    # A model is a model as of every release, so that `isinstance(model, tff.learning.Model)` is
    # true for what adapters and TFF return.
    stands_for = (VariableModel,)


class _OutputsModel(LegacyModel):
    """A model whose metrics are described by the members that TFF had up to 0.20."""

    @abc.abstractmethod
    def report_local_outputs(self) -> Any:
        """Tensors that hold what was accumulated over the calls of `forward_pass`."""

    @property
    @abc.abstractmethod
    def federated_output_computation(self) -> Any:
        """A `tff.Computation` from the local outputs at CLIENTS to a structure at SERVER."""

    def reset_metrics(self) -> None:
        """Sets the local variables back to zero, with which metrics start."""
        for variable in self.local_variables:
            variable.assign(tf.zeros_like(variable))


@adapter(
    "tff.learning.Model",
    releases="<0.20",
    replacement="tff.learning.models.VariableModel",
    note=_NOTE,
    cases={AS_BASE: _BASE},
    gives="model",
)
class Model(_OutputsModel):
    """The base class of models that programs wrote for TFF 0.1.0 to 0.19.0.

    A subclass has `trainable_variables`, `non_trainable_variables`, `local_variables`,
    `input_spec`, `forward_pass`, `report_local_outputs` and `federated_output_computation`.

    Raises:
      TypeError: A subclass that lacks one of them is instantiated.
    """

    as_of: AsOf

    def predict_on_batch(self, x: Any, training: bool = True) -> Any:
        """Not part of the interface of that time.

        Raises:
          NotImplementedError: Always: `forward_pass` needs a whole batch, not its `x` alone.
        """
        raise NotImplementedError(
            f"{type(self).__name__} is a tff.learning.Model of TFF {self.as_of.release}, which had "
            "no predict_on_batch; define predict_on_batch(self, x, training=True) in it."
        )

    def report_local_unfinalized_metrics(self) -> Any:
        """The local outputs, under the name of TFF 0.20 and later."""
        return self.report_local_outputs()

    def metric_finalizers(self) -> LegacyFinalizers:
        """Finalizers that carry `federated_output_computation`; see `aggregate_as_declared`."""
        return LegacyFinalizers(self)


@adapter(
    "tff.learning.Model",
    releases=">=0.20,<0.21",
    replacement="tff.learning.models.VariableModel",
    note=_NOTE,
    cases={AS_BASE: Replacement("{!ModelThatResets}")},
    gives="model",
)
class Model_0_20(_OutputsModel):
    """The base class of models as of TFF 0.20.0, where both descriptions of metrics are abstract.

    Raises:
      TypeError: A subclass that lacks an abstract member is instantiated.
    """

    as_of: AsOf


named("Model", Model_0_20)


@adapter(
    "tff.learning.TrainableModel",
    releases="<0.13.1",
    replacement="tff.learning.models.VariableModel",
    note=f"{_NOTE} Training is left to the `client_optimizer_fn` of the builder.",
    cases={AS_BASE: _BASE},
    gives="model",
)
class TrainableModel(Model):
    """A model that trains itself on a batch, as of TFF 0.1.0 to 0.13.0.

    Raises:
      TypeError: A subclass without `train_on_batch`, or another abstract member, is instantiated.
    """

    as_of: AsOf

    @abc.abstractmethod
    def train_on_batch(self, batch_input: Any) -> Any:
        """Does what `forward_pass` does and updates the model; returns the same `BatchOutput`."""

    @classmethod
    def __subclasshook__(cls, other: type) -> Any:
        if not is_offered(cls):
            return NotImplemented
        return True if hasattr(other, "train_on_batch") else NotImplemented


class LegacyFinalizers(collections.OrderedDict):
    """The `metric_finalizers` of a model that was written for TFF 0.19 or earlier.

    Such a model aggregates across clients in its own `federated_output_computation`. Finalizers of
    single metrics cannot express that, so each refuses to run.

    Attributes:
      federated_output_computation: The model's own aggregation.
    """

    def __init__(self, model: Any) -> None:
        super().__init__()
        computation = model.federated_output_computation
        self.federated_output_computation = computation
        member = computation.type_signature.parameter.member
        if isinstance(member, tff.StructType):
            for name, _ in tff.structure.iter_elements(member):
                self[name] = self._refusing(name)

    @staticmethod
    def _refusing(name: str) -> Callable[[Any], Any]:
        def finalizer(unfinalized: Any) -> Any:
            raise NotImplementedError(
                f"The model has its own federated_output_computation, so the metric {name!r} has "
                "no finalizer. Pass metrics_aggregator=tff_compat.adapters.learning.models."
                "aggregate_as_declared, or define metric_finalizers in the model."
            )

        return finalizer


def aggregate_as_declared(
    metric_finalizers: LegacyFinalizers, local_unfinalized_metrics_type: Any = None
) -> Any:
    """A `metrics_aggregator` for builders of the installed TFF: the model's own aggregation.

    Args:
      metric_finalizers: What `metric_finalizers()` of a legacy model returns.
      local_unfinalized_metrics_type: Accepted because some releases pass it; unused.

    Returns:
      The model's `federated_output_computation`.

    Raises:
      TypeError: `metric_finalizers` does not come from a legacy model.
    """
    if not isinstance(metric_finalizers, LegacyFinalizers):
        raise TypeError(
            "aggregate_as_declared wants the metric_finalizers of a model written for TFF 0.19 or "
            f"earlier, found {type(metric_finalizers).__name__}."
        )
    return metric_finalizers.federated_output_computation


@adapter(
    "tff.learning.BatchOutput",
    releases="<0.9",
    replacement=(
        "tff.learning.models.BatchOutput(loss={loss}, predictions={predictions}, "
        "num_examples=tf.shape(tf.nest.flatten({predictions})[0])[0])"
    ),
)
class BatchOutput(collections.namedtuple("BatchOutput", ["loss", "predictions"])):
    """The result of `forward_pass` as of TFF 0.1.0 to 0.7.0: `(loss, predictions)`.

    Attributes:
      loss: Scalar mean loss over the batch, or None.
      predictions: Predictions with the batch as first dimension, or None.
    """

    @property
    def num_examples(self) -> tf.Tensor:
        """Number of examples in the batch, which the installed TFF asks for."""
        return tf.shape(tf.nest.flatten(self.predictions)[0])[0]


def batch_output(release: Version, loss: Any, predictions: Any, num_examples: Any) -> Any:
    """A `BatchOutput` in the form that `release` had.

    Args:
      release: The release to follow.
      loss: Scalar mean loss over the batch, or None.
      predictions: Predictions with the batch as first dimension.
      num_examples: Number of examples in the batch.
    """
    if release < FIRST_WITH_NUM_EXAMPLES:
        return BatchOutput(loss, predictions)
    return tff.learning.models.BatchOutput(loss, predictions, num_examples)


# From 0.21 on the abstract members are those of today.
move("tff.learning.Model", "tff.learning.models.VariableModel", releases=">=0.21,<0.53")
move("tff.learning.BatchOutput", "tff.learning.models.BatchOutput", releases=">=0.9,<0.53")
move(
    "tff.learning.MetricFinalizersType",
    "tff.learning.metrics.MetricFinalizersType",
    releases=">=0.21,<0.53",
)
