"""Evaluation of personalization strategies, `build_personalization_eval` in all its forms."""

from __future__ import annotations

import collections
from collections.abc import Mapping
from typing import Any

import tensorflow as tf
from packaging.version import Version

from tff_compat import modern
from tff_compat.adapters.language import structures
from tff_compat.adapters.learning import building, state, training
from tff_compat.adapters.registry import AsOf, Replacement, adapter, helper
from tff_compat.catalog.boundaries import FIRST_WITH_SINGLE_EXAMPLES, FIRST_WITH_TWO_MODELS
from tff_compat.tensorflow_names import in_era

tff = modern.package()


_COMPUTATION = "tff.learning.algorithms.build_personalization_eval_computation"
_NOW = (
    f"{_COMPUTATION}({{model_fn}}, {{!without_context}}({{personalize_fn_dict}}), "
    "{baseline_evaluate_fn}[?, max_num_clients={%s}?])"
)
_WITH_CONTEXT = (
    "{!personalization_eval}({model_fn}, {personalize_fn_dict}, {baseline_evaluate_fn}, "
    "{context_tff_type}[?, {%s}?])"
)
_NOTE = "in TFF itself a personalization function has no context any more: it is for the data"
helper(
    "without_context",
    '''\
def without_context(personalize_fns):
  """Functions to personalize, which took a context, as those that take none."""
  def taking_three(make):
    personalize = make()
    return lambda model, train_data, test_data: personalize(model, train_data, test_data, None)

  return collections.OrderedDict(
      (name, functools.partial(taking_three, make)) for name, make in personalize_fns.items())
''',
)
helper(
    "personalization_eval",
    '''\
def personalization_eval(model_fn, personalize_fns, baseline_evaluate_fn, context_type,
                         max_num_clients=100):
  """The evaluation of ways to personalize a model, by clients that bring a context of a type."""
  with tf.Graph().as_default():
    element = tf.nest.map_structure(
        lambda spec: tf.TensorSpec(spec.shape[1:], spec.dtype), model_fn().input_spec)
  data_type = tff.SequenceType(tff.types.tensorflow_to_type(element))
  weights_type = tff.learning.models.weights_type_from_model(model_fn)
  input_type = tff.StructWithPythonType(
      [('train_data', data_type), ('test_data', data_type), ('context', context_type)],
      collections.OrderedDict)

  @tff.tensorflow.computation(weights_type, input_type)
  def evaluate(weights, client):
    models = [model_fn(), model_fn()]
    variables = [tff.learning.models.ModelWeights.from_model(model) for model in models]
    strategies = [(name, make()) for name, make in personalize_fns.items()]

    def reset(each):
      tf.nest.map_structure(lambda variable, value: variable.assign(value), each, weights)

    @tf.function
    def run():
      reset(variables[0])
      metrics = collections.OrderedDict()
      metrics['baseline_metrics'] = baseline_evaluate_fn(models[0], client['test_data'])
      for name, personalize in strategies:
        reset(variables[1])
        metrics[name] = personalize(
            models[1], client['train_data'], client['test_data'], client['context'])
      return metrics

    return run()

  sampling = tff.aggregators.UnweightedReservoirSamplingFactory(max_num_clients).create(
      evaluate.type_signature.result)

  @tff.federated_computation(
      tff.FederatedType(weights_type, tff.SERVER), tff.FederatedType(input_type, tff.CLIENTS))
  def evaluation(weights, clients):
    metrics = tff.federated_map(evaluate, (tff.federated_broadcast(weights), clients))
    return sampling.next(sampling.initialize(), metrics).result

  return evaluation
''',
)
_BASELINE = "baseline_metrics"


def _single_examples(type_spec: Any) -> Any:
    """The type of one example, from that of a batch.

    Raises:
      ValueError: A tensor of the batch has no first dimension.
    """

    def without_batch(tensor_type: Any) -> Any:
        if tensor_type.shape is None or len(tensor_type.shape) == 0:
            raise ValueError(f"{tensor_type} has no dimension of a batch.")
        return tff.TensorType(tensor_type.dtype, tensor_type.shape[1:])

    if isinstance(type_spec, tff.TensorType):
        return without_batch(type_spec)
    elements = [
        (name, _single_examples(each)) for name, each in tff.structure.iter_elements(type_spec)
    ]
    if all(name is None for name, _ in elements):
        elements = [each for _, each in elements]
    return tff.StructWithPythonType(elements, type_spec.python_container)


class _Evaluation:
    """What a client evaluates: the model as it comes, then after each strategy.

    Args:
      release: Up to 0.13 one model serves for everything.
      model_fn: Makes a new model.
      strategies: By name, functions without arguments that make the functions to personalize.
      evaluate: From a model and data to its metrics.
    """

    def __init__(self, release: Version, model_fn: Any, strategies: Any, evaluate: Any):
        self._evaluate = evaluate
        self._baseline = model_fn()
        self._model = model_fn() if release >= FIRST_WITH_TWO_MODELS else self._baseline
        self._weights = [state.weights_of(m, release) for m in (self._baseline, self._model)]
        # Outside of `tf.function`, so that they may create variables.
        self._personalize = [(name, make()) for name, make in strategies]

    def __call__(self, weights: Any, train_data: Any, test_data: Any, context: Any) -> Any:
        @tf.function
        def evaluate():
            def reset(variables: Any) -> None:
                tf.nest.map_structure(lambda a, b: a.assign(b), variables, weights)

            reset(self._weights[0])
            metrics = collections.OrderedDict()
            metrics[_BASELINE] = self._evaluate(self._baseline, test_data)
            for name, personalize in self._personalize:
                reset(self._weights[1])
                metrics[name] = personalize(self._model, train_data, test_data, context)
            return metrics

        return evaluate()


def _check(
    model_fn: Any, personalize_fn_dict: Any, max_num_clients: Any, context_tff_type: Any
) -> None:
    building.check_callable("model_fn", model_fn, "a function that returns a model")
    if context_tff_type is not None and not isinstance(context_tff_type, tff.types.Type):
        raise TypeError(
            f"`context_tff_type` must be a tff.Type, found {type(context_tff_type).__name__}."
        )
    if not isinstance(personalize_fn_dict, collections.OrderedDict):
        raise TypeError(
            "`personalize_fn_dict` must be a collections.OrderedDict, found "
            f"{type(personalize_fn_dict).__name__}."
        )
    if _BASELINE in personalize_fn_dict:
        raise ValueError(f"{_BASELINE!r} cannot be the name of a strategy.")
    if not isinstance(max_num_clients, int):
        raise TypeError(
            f"The number of clients must be an int, found {type(max_num_clients).__name__}."
        )
    if max_num_clients <= 0:
        raise ValueError(f"The number of clients must be positive, found {max_num_clients}.")


def _build(
    release: Version,
    model_fn: Any,
    personalize_fn_dict: Mapping[str, Any],
    baseline_evaluate_fn: Any,
    max_num_clients: int,
    context_tff_type: Any,
) -> Any:
    _check(model_fn, personalize_fn_dict, max_num_clients, context_tff_type)
    model_fn = in_era(model_fn, release)
    strategies = [(name, in_era(make, release)) for name, make in personalize_fn_dict.items()]
    with tf.Graph().as_default():
        element_type = training.batch_type(model_fn(), release)
    if release >= FIRST_WITH_SINGLE_EXAMPLES:
        element_type = _single_examples(element_type)

    @tff.tensorflow.computation
    def initial_weights():
        return state.weights_of(model_fn(), release)

    weights_type = initial_weights.type_signature.result
    fields = [
        ("train_data", tff.SequenceType(element_type)),
        ("test_data", tff.SequenceType(element_type)),
    ]
    if context_tff_type is not None:
        fields.append(("context", context_tff_type))
    input_type = tff.StructWithPythonType(fields, collections.OrderedDict)

    @tff.tensorflow.computation(weights_type, input_type)
    def client_computation(initial_model_weights, client_input):
        evaluation = _Evaluation(
            release, model_fn, strategies, in_era(baseline_evaluate_fn, release)
        )
        return evaluation(
            initial_model_weights,
            client_input["train_data"],
            client_input["test_data"],
            client_input.get("context"),
        )

    sampling = tff.aggregators.UnweightedReservoirSamplingFactory(max_num_clients).create(
        client_computation.type_signature.result
    )

    @training.federated_computation(
        release,
        tff.FederatedType(weights_type, tff.SERVER),
        tff.FederatedType(input_type, tff.CLIENTS),
    )
    def personalization_eval(server_model_weights, federated_client_input):
        at_clients = tff.federated_broadcast(server_model_weights)
        metrics = tff.federated_map(client_computation, (at_clients, federated_client_input))
        return sampling.next(sampling.initialize(), metrics).result

    return structures.with_results_of(personalization_eval, release)


@adapter(
    "tff.learning.build_personalization_eval",
    releases=">=0.12,<0.18",
    replacement=_NOW % "max_num_samples",
    cases={"context_tff_type": Replacement(_WITH_CONTEXT % "max_num_samples", _NOTE)},
    gives="computation",
    forms=True,
)
@adapter(
    "tff.learning.algorithms.build_personalization_eval_computation",
    releases=">=0.59,<0.63",
    replacement=_NOW % "max_num_clients",
    cases={"context_tff_type": Replacement(_WITH_CONTEXT % "max_num_clients", _NOTE)},
    gives="computation",
    forms=True,
)
@adapter(
    "tff.learning.algorithms.build_personalization_eval",
    releases=">=0.57,<0.59",
    replacement=_NOW % "max_num_clients",
    cases={"context_tff_type": Replacement(_WITH_CONTEXT % "max_num_clients", _NOTE)},
    gives="computation",
    forms=True,
)
@adapter(
    "tff.learning.build_personalization_eval",
    releases=">=0.18,<0.57",
    replacement=_NOW % "max_num_clients",
    cases={"context_tff_type": Replacement(_WITH_CONTEXT % "max_num_clients", _NOTE)},
    gives="computation",
    forms=True,
)
def build_personalization_eval(
    model_fn,
    personalize_fn_dict,
    baseline_evaluate_fn,
    context_tff_type,
    max_num_samples=None,
    max_num_clients=None,
    *,
    as_of: AsOf,
):
    """The computation ``(<weights@SERVER, input@CLIENTS> -> metrics@SERVER)``, as of 0.12 to 0.61.

    The input of a client has `train_data` and `test_data`, data sets of single examples (in 0.12 of
    batches), and `context` if it has a type.

    Args:
      model_fn: A function without arguments that returns a `tff.learning.Model`.
      personalize_fn_dict: An `OrderedDict` from the name of a strategy to a function without
        arguments that returns a function of model, `train_data`, `test_data` and `context`, which
        trains the model and returns metrics.
      baseline_evaluate_fn: From a model and `test_data` to metrics.
      context_tff_type: The type of the `context`, or None.
      max_num_samples: An integer, until 0.17: the greatest number of clients whose metrics are
        collected.
      max_num_clients: The same since 0.18.

    Raises:
      TypeError: An argument has the wrong type.
      ValueError: That number is not positive, or a strategy is named `baseline_metrics`.
    """
    as_of.warn(locals(), case="" if context_tff_type is None else "context_tff_type")
    return _build(
        as_of.release,
        model_fn,
        personalize_fn_dict,
        baseline_evaluate_fn,
        max_num_samples if max_num_clients is None else max_num_clients,
        context_tff_type,
    )
