"""Legacy evaluation: `build_federated_evaluation` gave one computation, not a process."""

from __future__ import annotations

import collections
from typing import Any

import tensorflow as tf
from packaging.version import Version

from tff_compat import modern
from tff_compat.adapters.language import structures, types
from tff_compat.adapters.learning import building, state, training
from tff_compat.adapters.registry import AsOf, Replacement, adapter, helper
from tff_compat.catalog.boundaries import FIRST_WITH_EVAL_KEY
from tff_compat.tensorflow_names import in_era

tff = modern.package()


_BUILT = "tff.learning.algorithms.build_fed_eval({model_fn}"
_OUTPUTS = "[?, metrics_aggregation_process={model_fn:outputs_process}?]"
_METRICS_NOTE = (
    "`metrics_aggregation_process` takes a tff.templates.AggregationProcess of unfinalized metrics "
    "in the place of `metrics_aggregator`."
)


def build_local_evaluation_computation(
    model_fn: Any, weights_type: Any, element_type: Any, release: Version
) -> Any:
    """The computation from weights and a data set to what one client reports."""

    @tff.tensorflow.computation(weights_type, tff.SequenceType(element_type))
    def client_eval(incoming_model_weights, dataset):
        model = model_fn()
        variables = state.weights_of(model, release)

        @tf.function
        def evaluate():
            tf.nest.map_structure(lambda a, b: a.assign(b), variables, incoming_model_weights)

            def step(count, batch):
                output = model.forward_pass(batch, training=False)
                return count + training.number_of_examples(output, tf.int64)

            count = training.reduce_dataset(dataset, step, tf.zeros([], tf.int64))
            report = collections.OrderedDict(local_outputs=training.local_metrics(model, release))
            if release >= FIRST_WITH_EVAL_KEY:
                report["num_examples"] = count
            return report

        return evaluate()

    return client_eval


@adapter(
    "tff.learning.build_federated_evaluation",
    releases="<0.20",
    replacement=f"{_BUILT}{_OUTPUTS}{building.DISTRIBUTOR}{building.LOOP})",
    gives="evaluation",
    forms=True,
)
@adapter(
    "tff.learning.build_federated_evaluation",
    releases=">=0.20,<0.80",
    replacement=f"{_BUILT}{building.DISTRIBUTOR}{building.LOOP})",
    cases={
        "metrics_aggregator": Replacement(
            f"{_BUILT}{building.DISTRIBUTOR}{building.LOOP})", _METRICS_NOTE
        )
    },
    gives="evaluation",
    forms=True,
)
def build_federated_evaluation(
    model_fn,
    broadcast_process=None,
    metrics_aggregator=None,
    use_experimental_simulation_loop=False,
    *,
    as_of: AsOf,
):
    """The computation ``(<weights@SERVER, data@CLIENTS> -> metrics)``, as of TFF 0.1 to 0.79.

    Since 0.20 it gives ``<eval=metrics>@SERVER``.

    Args:
      model_fn: A function without arguments that returns a model, or (where the release took one)
        a `tff.learning.models.FunctionalModel`.
      broadcast_process: A `tff.templates.MeasuredProcess` without state, since 0.19; None for a
        plain broadcast.
      metrics_aggregator: As `tff.learning.metrics.sum_then_finalize`, since 0.20; None for that.
      use_experimental_simulation_loop: A boolean, since 0.17. No effect: data sets are always
        iterated over here.

    Returns:
      A `tff.Computation`.

    Raises:
      TypeError: `model_fn` is not callable.
      ValueError: `broadcast_process` has a state.
    """
    arguments = locals()
    as_of.warn(arguments, case=building.case_of(as_of, arguments))
    release = as_of.release
    if isinstance(model_fn, tff.learning.models.FunctionalModel):
        functional = model_fn
        model_fn = lambda: tff.learning.models.model_from_functional(functional)  # noqa: E731
    if not callable(model_fn):
        raise TypeError(
            "Expected a function without arguments that returns a tff.learning.Model, found "
            f"{type(model_fn).__name__}."
        )
    model_fn = in_era(model_fn, release)
    with tf.Graph().as_default():
        model = model_fn()
        element_type = training.batch_type(model, release)
        aggregate_metrics = training.metrics_aggregation(model, release, metrics_aggregator)

    @tff.tensorflow.computation
    def initial_weights():
        return state.weights_of(model_fn(), release)

    weights_type = initial_weights.type_signature.result
    client_eval = build_local_evaluation_computation(model_fn, weights_type, element_type, release)
    if broadcast_process is None:
        broadcast = training.plain_broadcast()
    else:
        broadcast = training.from_measured_process(broadcast_process)
        if training.keeps_state(broadcast_process):
            raise ValueError(
                "Evaluation takes a broadcast process without state; this one has the state "
                f"{broadcast_process.initialize.type_signature.result}."
            )

    @training.federated_computation(
        release,
        tff.FederatedType(weights_type, tff.SERVER),
        tff.FederatedType(tff.SequenceType(element_type), tff.CLIENTS),
    )
    def server_eval(server_model_weights, federated_dataset):
        _, at_clients, _ = broadcast.next(broadcast.initialize(), server_model_weights)
        outputs = tff.federated_map(client_eval, (at_clients, federated_dataset))
        metrics = aggregate_metrics(outputs.local_outputs)
        if release < FIRST_WITH_EVAL_KEY:
            return metrics
        return tff.federated_zip(collections.OrderedDict(eval=training.zipped(metrics)))

    return structures.with_results_of(server_eval, release)


helper(
    "local_evaluation",
    '''\
def local_evaluation(model_fn, model_weights_type, batch_type):
  """The computation from model weights and one data set to what a model reports of it."""

  @tff.tensorflow.computation(model_weights_type, tff.SequenceType(batch_type))
  def of_one_client(model_weights, dataset):
    model = model_fn()
    variables = tff.learning.models.ModelWeights.from_model(model)

    def step(count, batch):
      examples = examples_of_output(model.forward_pass(batch, training=False))
      return count + tf.cast(examples, tf.int64)

    @tf.function
    def run():
      for variable, value in zip(tf.nest.flatten(variables), tf.nest.flatten(model_weights)):
        variable.assign(value)
      count = dataset.reduce(tf.zeros([], tf.int64), step)
      outputs = model.report_local_unfinalized_metrics()
      return collections.OrderedDict(local_outputs=outputs, num_examples=count)

    return run()

  return of_one_client
''',
)


@adapter(
    "tff.learning.build_local_evaluation",
    releases=">=0.20,<0.57",
    replacement=("{!local_evaluation}({model_fn}, {model_weights_type:type}, {batch_type:type})"),
    without_effect=("use_experimental_simulation_loop",),
)
def build_local_evaluation(
    model_fn,
    model_weights_type,
    batch_type,
    use_experimental_simulation_loop=False,
    *,
    as_of: AsOf,
):
    """The computation ``(<weights,data> -> <local_outputs=…,num_examples=int64>)``, not placed.

    As of TFF 0.20 to 0.56.

    Args:
      model_fn: A function without arguments that returns a model.
      model_weights_type: The type of the model weights.
      batch_type: The type of one batch of the data set.
      use_experimental_simulation_loop: Without effect: data sets are always iterated over here.
    """
    as_of.warn(locals())
    release = as_of.release
    evaluate = build_local_evaluation_computation(
        in_era(model_fn, release),
        types.to_type(model_weights_type, release),
        types.to_type(batch_type, release),
        release,
    )
    return structures.with_results_of(evaluate, release)
