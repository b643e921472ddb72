"""Legacy training: `build_federated_averaging_process` and `build_federated_sgd_process`."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from tff_compat import modern, tensorflow_names
from tff_compat.adapters.learning import building, training
from tff_compat.adapters.registry import AsOf, Replacement, adapter, helper
from tff_compat.catalog.boundaries import (
    FIRST_WITH_CLIENT_OPTIMIZER,
    FIRST_WITH_SUMMED_OUTPUTS,
    FIRST_WITHOUT_SUMMED_OUTPUTS,
)
from tff_compat.declared.replacement import AS_VALUE, OTHERWISE
from tff_compat.tensorflow_names import in_era

tff = modern.package()


_WEIGHT_FN = "[?, client_weighting={client_weight_fn:weighting}?]"
_WEIGHTING = "[?, client_weighting={client_weighting:weighting}?]"


def _averaging_now(*parts: str, trainer: str = "{client_optimizer_fn:optimizer}") -> str:
    """The code of today, with the parts for what a release took; by default rates are the same."""
    return (
        "tff.learning.algorithms.build_weighted_fed_avg({model_fn}, "
        f"client_optimizer_fn={trainer}{building.SERVER}{''.join(parts)}{_outputs(parts)})"
    )


def _outputs(parts: Collection[str]) -> str:
    """What models say of their outputs, where the builder took nothing for metrics."""
    return "" if building.METRICS in parts else building.OUTPUTS


def _averaging_otherwise(
    *parts: str,
    weight: str = "client_weight_fn",
    trainer: str = "{client_optimizer_fn:optimizer}",
) -> Replacement:
    """The code for clients that train, or are weighted, in a way of the program's own."""
    given = (
        f"[?, client_weight_fn={{{weight}}}?]{building.SERVER}{building.OUTPUTS}{''.join(parts)}"
    )
    return Replacement(
        f"{{!averaging_process}}({{model_fn}}, client_optimizer={trainer}{given})",
        "the work of the clients is written out, for the program has its own",
    )


helper(
    "process_of_updates",
    '''\
def process_of_updates(model_fn, make_update, server_optimizer_fn=None, model_aggregator=None,
                       metrics_aggregator=None, model_distributor=None):
  """Federated optimization with updates of the clients that the program makes itself.

  `make_update` gives a function of weights and a data set, for the result of a client and what it
  reports by name: in `train` for the metrics of its model, in others what is summed.
  """
  metrics_aggregator = metrics_aggregator or tff.learning.metrics.sum_then_finalize

  @tff.tensorflow.computation
  def initial_weights():
    return tff.learning.models.ModelWeights.from_model(model_fn())

  weights_type = initial_weights.type_signature.result
  with tf.Graph().as_default():
    model = model_fn()
    data_type = tff.SequenceType(tff.types.tensorflow_to_type(model.input_spec))
    aggregate_metrics = metrics_aggregator(model.metric_finalizers())

  @tff.tensorflow.computation(weights_type, data_type)
  def work(weights, dataset):
    return make_update()(weights, dataset)

  @tff.federated_computation
  def initialize():
    return tff.federated_value((), tff.SERVER)

  @tff.federated_computation(
      initialize.type_signature.result,
      tff.FederatedType(weights_type, tff.CLIENTS), tff.FederatedType(data_type, tff.CLIENTS))
  def next_fn(state, weights, data):
    result, reports = tff.federated_map(work, (weights, data))
    metrics = collections.OrderedDict()
    for name in tff.structure.name_list(work.type_signature.result[1]):
      aggregate = aggregate_metrics if name == 'train' else tff.federated_sum
      metrics[name] = aggregate(getattr(reports, name))
    return tff.templates.MeasuredProcessOutput(state, result, tff.federated_zip(metrics))

  aggregator = model_aggregator or tff.aggregators.MeanFactory()
  types = [weights_type.trainable]
  if isinstance(aggregator, tff.aggregators.WeightedAggregationFactory):
    types.append(tff.TensorType(np.float32))
  return tff.learning.templates.compose_learning_process(
      initial_weights,
      model_distributor or tff.learning.templates.build_broadcast_process(weights_type),
      tff.learning.templates.ClientWorkProcess(initialize, next_fn),
      aggregator.create(*types),
      tff.learning.templates.build_apply_optimizer_finalizer(
          server_optimizer_fn or tff.learning.optimizers.build_sgdm(1.0), weights_type))
''',
)
helper(
    "weighted_update",
    '''\
def weighted_update(update, weighting, count, outputs):
  """The update of a client with its weight; one that is not finite becomes none, without weight."""
  if weighting in (None, tff.learning.ClientWeighting.NUM_EXAMPLES):
    weight = count
  else:
    weight = 1.0 if weighting is tff.learning.ClientWeighting.UNIFORM else weighting(outputs)
  weight = tf.cast(weight, tf.float32)
  finite = tf.reduce_all([tf.reduce_all(tf.math.is_finite(u)) for u in tf.nest.flatten(update)])
  update = tf.nest.map_structure(lambda u: tf.where(finite, u, tf.zeros_like(u)), update)
  return tff.learning.templates.ClientResult(update, tf.where(finite, weight, 0.0))
''',
)
helper(
    "examples_of_output",
    '''\
def examples_of_output(output):
  """The number of examples in a batch, which not all models say."""
  if output.num_examples is not None:
    return output.num_examples
  return tf.shape(tf.nest.flatten(output.predictions)[0])[0]
''',
)
helper(
    "local_training",
    '''\
def local_training(model, client_optimizer):
  """A function that trains a model: of weights and a data set, for the change and a count.

  Without an optimizer, it is the model that trains on a batch.
  """
  variables = tff.learning.models.ModelWeights.from_model(model)
  trainable = tuple(variables.trainable)

  def step(carried, batch):
    count, optimizer_state = carried
    if client_optimizer is None:
      output = model.train_on_batch(batch)
    else:
      with tf.GradientTape() as tape:
        output = model.forward_pass(batch, training=True)
      gradients = tuple(tape.gradient(output.loss, trainable))
      optimizer_state, updated = client_optimizer.next(optimizer_state, trainable, gradients)
      tf.nest.map_structure(lambda variable, value: variable.assign(value), trainable, updated)
    return count + tf.cast(examples_of_output(output), tf.int64), optimizer_state

  def train(weights, dataset):
    tf.nest.map_structure(lambda variable, value: variable.assign(value), variables, weights)
    specs = tuple(tf.TensorSpec(variable.shape, variable.dtype) for variable in trainable)
    start = () if client_optimizer is None else client_optimizer.initialize(specs)
    count, _ = dataset.reduce((tf.zeros([], tf.int64), start), step)
    return tf.nest.map_structure(tf.subtract, weights.trainable, variables.trainable), count

  return train
''',
)
helper(
    "averaging_process",
    '''\
def averaging_process(model_fn, client_optimizer, client_weight_fn=None, server_optimizer_fn=None,
                      model_aggregator=None, metrics_aggregator=None, model_distributor=None):
  """Federated averaging of clients that train, or are weighted, in their own way.

  Without an optimizer of the clients, it is their model that trains on a batch.
  """
  def make_update():
    model = model_fn()
    train = local_training(model, client_optimizer)

    @tf.function
    def update(weights, dataset):
      change, count = train(weights, dataset)
      outputs = model.report_local_unfinalized_metrics()
      result = weighted_update(change, client_weight_fn, count, outputs)
      return result, collections.OrderedDict(train=outputs)

    return update

  return process_of_updates(model_fn, make_update, server_optimizer_fn, model_aggregator,
                            metrics_aggregator, model_distributor)
''',
)

# A model that has an optimizer trains itself; now each optimizer is the builder's.
_OWN = "{model_fn:trainer}"

helper(
    "build_federated_averaging",
    '''\
def build_federated_averaging(model_fn, *, model_aggregator, **options):
    """Federated averaging by the builder that takes this kind of aggregation."""
    if isinstance(model_aggregator, tff.aggregators.UnweightedAggregationFactory):
        options.pop("client_weighting", None)
        builder = tff.learning.algorithms.build_unweighted_fed_avg
    else:
        builder = tff.learning.algorithms.build_weighted_fed_avg
    return builder(model_fn, model_aggregator=model_aggregator, **options)
''',
)

helper(
    "build_averaging_process",
    '''\
def build_averaging_process(
    model_fn, client_optimizer_fn, server_optimizer_fn=None, client_weight_fn=None, *,
    client_weighting=None, broadcast_process=None, model_update_aggregation_factory=None,
    metrics_aggregator=None, use_experimental_simulation_loop=False):
  """Federated averaging of whatever `build_federated_averaging_process` took."""
  weighting = client_weight_fn or client_weighting
  client_optimizer = keras_optimizer(client_optimizer_fn)
  server_optimizer = keras_optimizer(
      server_optimizer_fn or (lambda: tf.keras.optimizers.legacy.SGD(1.0)))
  options = {
      'model_aggregator': model_update_aggregation_factory,
      'metrics_aggregator': metrics_aggregator or (lambda metrics: aggregate_outputs(metrics)),
  }
  if broadcast_process is not None:
    options['model_distributor'] = distribution_of_process(broadcast_process)
  aggregates_unweighted = isinstance(
      model_update_aggregation_factory, tff.aggregators.UnweightedAggregationFactory)
  if aggregates_unweighted and weighting not in (None, tff.learning.ClientWeighting.UNIFORM):
    raise ValueError('An unweighted aggregation takes no weights of clients.')
  if callable(weighting):
    return averaging_process(model_fn, client_optimizer, weighting, server_optimizer, **options)
  if use_experimental_simulation_loop:
    options['loop_implementation'] = tff.learning.LoopImplementation.DATASET_ITERATOR
  builder = tff.learning.algorithms.build_unweighted_fed_avg
  if not aggregates_unweighted:
    builder = tff.learning.algorithms.build_weighted_fed_avg
    options['client_weighting'] = weighting or tff.learning.ClientWeighting.NUM_EXAMPLES
  return builder(model_fn, client_optimizer, server_optimizer, **options)
''',
)
_OF_ANY_CALL = Replacement("{!build_averaging_process}")


helper(
    "build_federated_averaging_process",
    '''\
def build_federated_averaging_process(model_fn, server_optimizer_fn=None, client_weight_fn=None,
                                      stateful_delta_aggregate_fn=None,
                                      stateful_model_broadcast_fn=None):
  """Federated averaging of models that keep the optimizer which clients train them with."""
  aggregation, broadcast = stateful_delta_aggregate_fn, stateful_model_broadcast_fn
  return averaging_process(
      model_fn, optimizer_of_model(model_fn), client_weight_fn,
      optimizer_of_then(
          server_optimizer_fn or (lambda: tf.keras.optimizers.legacy.SGD(learning_rate=1.0))),
      aggregation and aggregation_by_name(model_fn, aggregation),
      model_distributor=broadcast and distribution_process(model_fn, broadcast))
''',
)
helper(
    "build_federated_sgd_process",
    '''\
def build_federated_sgd_process(model_fn, server_optimizer_fn=None):
  """Federated gradient descent with an optimizer of Keras."""
  return tff.learning.algorithms.build_fed_sgd(
      model_fn,
      server_optimizer_fn=optimizer_of_then(
          server_optimizer_fn or (lambda: tf.keras.optimizers.legacy.SGD(learning_rate=0.1))))
''',
)


def _by_factory(*parts: str) -> dict[str, Replacement]:
    """What to write where a factory is given: each builder takes one kind of them alone."""
    options = "client_optimizer_fn={client_optimizer_fn:optimizer}" + building.SERVER
    builder = "tff.learning.algorithms.build_{}weighted_fed_avg"
    parts = (*parts, _outputs(parts))
    weighted = f"({{model_fn}}, {options}{''.join(parts)}{building.FACTORY})"
    without = [part for part in parts if not part.startswith("[?, client_weighting")]
    unweighted = f"({{model_fn}}, {options}{''.join(without)}{building.FACTORY})"
    return {
        "model_update_aggregation_factory": Replacement("{!build_federated_averaging}" + weighted),
        "weighted": Replacement(builder.format("") + weighted),
        "unweighted": Replacement(builder.format("un") + unweighted),
    }


def _gradient_descent_now(*parts: str) -> str:
    options = (building.SERVER.replace("averaging", "sgd"), *parts, building.OUTPUTS)
    return f"tff.learning.algorithms.build_fed_sgd({{model_fn}}{''.join(options)})"


helper(
    "gradient_descent_process",
    '''\
def gradient_descent_process(model_fn, server_optimizer_fn=None, weight_of_batch=None,
                             weight_of_client=None, **options):
  """Federated gradient descent with batches, or clients, that are weighted in their own way."""
  def make_update():
    model = model_fn()
    variables = tff.learning.models.ModelWeights.from_model(model)
    trainable = tuple(variables.trainable)

    def step(carried, batch):
      sums, total = carried
      with tf.GradientTape() as tape:
        output = model.forward_pass(batch, training=True)
      weight = weight_of_batch(batch) if weight_of_batch else examples_of_output(output)
      weight = tf.cast(weight, tf.float32)
      gradients = tape.gradient(output.loss, trainable)
      return tuple(s + weight * gradient for s, gradient in zip(sums, gradients)), total + weight

    @tf.function
    def update(weights, dataset):
      tf.nest.map_structure(lambda variable, value: variable.assign(value), variables, weights)
      start = tuple(map(tf.zeros_like, trainable)), tf.constant(0.0)
      sums, total = dataset.reduce(start, step)
      mean = tf.nest.pack_sequence_as(weights.trainable, [each / total for each in sums])
      outputs = model.report_local_unfinalized_metrics()
      result = weighted_update(mean, weight_of_client, total, outputs)
      finite = [tf.reduce_all(tf.math.is_finite(each)) for each in tf.nest.flatten(mean)]
      return result, collections.OrderedDict(train=outputs, stat=collections.OrderedDict(
          client_weight=result.update_weight,
          has_non_finite_delta=1 - tf.cast(tf.reduce_all(finite), tf.int32)))

    return update

  server_optimizer_fn = server_optimizer_fn or tff.learning.optimizers.build_sgdm(0.1)
  return process_of_updates(model_fn, make_update, server_optimizer_fn, **options)
''',
)


def _weighted_gradients(parameter: str, given: str) -> dict[str, Replacement]:
    """The case of clients, or batches, that are weighted in a way of the program's own."""
    parts = (building.SERVER.replace("averaging", "sgd"), building.OUTPUTS, building.DISTRIBUTOR)
    code = f"{{!gradient_descent_process}}({{model_fn}}, {given}={{{parameter}}}{''.join(parts)}"
    note = "the work of the clients is written out, for the program has its own"
    return {
        parameter: Replacement(f"{code}{building.FACTORY}{building.AGGREGATION_PROCESS})", note)
    }


_BATCH_WEIGHTS = _weighted_gradients("client_weight_fn", "weight_of_batch")
_CLIENT_WEIGHTS = _weighted_gradients("client_weighting", "weight_of_client")


_AVERAGING_AS_VALUE = Replacement(
    "{!build_federated_averaging_process}",
    "the models have to be made of Keras models with an optimizer",
)


def _server_sgd_0_1() -> Any:
    return tensorflow_names.legacy_optimizers().SGD(learning_rate=0.1)


@adapter(
    "tff.learning.build_federated_averaging_process",
    releases="<0.6",
    replacement=_averaging_now(_WEIGHT_FN, trainer=_OWN),
    cases={
        OTHERWISE: _averaging_otherwise(trainer="{model_fn:own_trainer}"),
        AS_VALUE: _AVERAGING_AS_VALUE,
    },
    gives="training process",
    forms=True,
)
@adapter(
    "tff.learning.build_federated_averaging_process",
    releases=">=0.6,<0.12",
    replacement=_averaging_now(_WEIGHT_FN, building.STATEFUL_BY_NAME, trainer=_OWN),
    cases={
        OTHERWISE: _averaging_otherwise(
            building.STATEFUL_BY_NAME, trainer="{model_fn:own_trainer}"
        ),
        AS_VALUE: _AVERAGING_AS_VALUE,
    },
    gives="training process",
    forms=True,
)
@adapter(
    "tff.learning.build_federated_averaging_process",
    releases=">=0.12,<0.13.1",
    replacement=_averaging_now(_WEIGHT_FN, building.STATEFUL, trainer=_OWN),
    cases={
        "client_optimizer_fn": Replacement(_averaging_now(_WEIGHT_FN, building.STATEFUL)),
        OTHERWISE: _averaging_otherwise(building.STATEFUL),
    },
    gives="training process",
    forms=True,
)
@adapter(
    "tff.learning.build_federated_averaging_process",
    releases=">=0.13.1,<0.15",
    replacement=_averaging_now(_WEIGHT_FN, building.STATEFUL),
    cases={
        OTHERWISE: _averaging_otherwise(building.STATEFUL),
    },
    gives="training process",
    forms=True,
)
@adapter(
    "tff.learning.build_federated_averaging_process",
    releases=">=0.15,<0.17",
    replacement=_averaging_now(_WEIGHT_FN, building.DISTRIBUTOR),
    cases={
        OTHERWISE: _averaging_otherwise(
            building.STATEFUL, building.DISTRIBUTOR, building.AGGREGATION_PROCESS
        ),
        **building.with_stateful(_averaging_now(_WEIGHT_FN, building.STATEFUL)),
        **building.by_process(
            _averaging_now(_WEIGHT_FN, building.DISTRIBUTOR, building.AGGREGATION_PROCESS),
        ),
    },
    gives="training process",
    forms=True,
)
@adapter(
    "tff.learning.build_federated_averaging_process",
    releases=">=0.17,<0.18",
    replacement=_averaging_now(_WEIGHT_FN, building.DISTRIBUTOR, building.LOOP),
    cases={
        AS_VALUE: _OF_ANY_CALL,
        OTHERWISE: _averaging_otherwise(
            building.DISTRIBUTOR, building.AGGREGATION_PROCESS, building.FACTORY
        ),
        **_by_factory(_WEIGHT_FN, building.DISTRIBUTOR, building.LOOP),
        **building.by_process(
            _averaging_now(
                _WEIGHT_FN, building.DISTRIBUTOR, building.AGGREGATION_PROCESS, building.LOOP
            ),
        ),
    },
    gives="training process",
    forms=True,
)
@adapter(
    "tff.learning.build_federated_averaging_process",
    releases=">=0.18,<0.20",
    replacement=_averaging_now(_WEIGHTING, building.DISTRIBUTOR, building.LOOP),
    cases={
        AS_VALUE: _OF_ANY_CALL,
        OTHERWISE: _averaging_otherwise(
            building.DISTRIBUTOR,
            building.AGGREGATION_PROCESS,
            building.FACTORY,
            weight="client_weighting",
        ),
        **_by_factory(_WEIGHTING, building.DISTRIBUTOR, building.LOOP),
        **building.by_process(
            _averaging_now(
                _WEIGHTING, building.DISTRIBUTOR, building.AGGREGATION_PROCESS, building.LOOP
            ),
        ),
    },
    gives="training process",
    forms=True,
)
@adapter(
    "tff.learning.build_federated_averaging_process",
    releases=">=0.20,<0.28",
    replacement=_averaging_now(_WEIGHTING, building.DISTRIBUTOR, building.METRICS, building.LOOP),
    cases={
        AS_VALUE: _OF_ANY_CALL,
        **_by_factory(_WEIGHTING, building.DISTRIBUTOR, building.METRICS, building.LOOP),
        OTHERWISE: _averaging_otherwise(building.FACTORY, weight="client_weighting"),
    },
    gives="training process",
    forms=True,
)
def build_federated_averaging_process(
    model_fn,
    client_optimizer_fn=None,
    server_optimizer_fn=building.server_sgd_1_0,
    client_weight_fn=None,
    client_weighting=None,
    stateful_delta_aggregate_fn=None,
    stateful_model_broadcast_fn=None,
    broadcast_process=None,
    aggregation_process=None,
    model_update_aggregation_factory=None,
    metrics_aggregator=None,
    use_experimental_simulation_loop=False,
    *,
    as_of: AsOf,
):
    """Federated averaging, as of TFF 0.1 to 0.27.

    The metrics always have names from 0.2 on, are under ``train`` from 0.15 on, and have
    ``metrics['stat']`` in 0.18 and 0.19.

    Args:
      model_fn: A function without arguments that returns a `tff.learning.Model`; one that trains
        itself, a `tff.learning.TrainableModel`, without `client_optimizer_fn`.
      client_optimizer_fn: A function without arguments that returns the clients' Keras optimizer;
        since 0.20 also a `tff.learning.optimizers.Optimizer`. Until 0.11 there was none, until
        0.13.0 it could be left out.
      server_optimizer_fn: The same for the server; None in 0.1 for gradient descent at the rate
        1.0, the default of all releases.
      client_weight_fn: Until 0.17: from the model's local outputs to the client's weight; None for
        the number of examples.
      client_weighting: Since 0.18: a `tff.learning.ClientWeighting`, or a function as
        `client_weight_fn`, in 0.20 and later of the model's unfinalized metrics; None for the
        number of examples.
      stateful_delta_aggregate_fn: From 0.6 to 0.16: a `tff.utils.StatefulAggregateFn`; None for the
        weighted mean.
      stateful_model_broadcast_fn: From 0.6 to 0.16: a `tff.utils.StatefulBroadcastFn`; None for a
        plain broadcast.
      broadcast_process: A `tff.templates.MeasuredProcess` from the server to the clients, since
        0.15; None for a plain broadcast.
      aggregation_process: A `tff.templates.MeasuredProcess` from clients to server, from 0.15 to
        0.19; None for the weighted mean.
      model_update_aggregation_factory: An aggregation factory of `tff.aggregators`, since 0.17;
        None for the weighted mean.
      metrics_aggregator: As `tff.learning.metrics.sum_then_finalize`, since 0.20; None for that.
      use_experimental_simulation_loop: A boolean, since 0.17. No effect: data sets are always
        iterated over here.

    Returns:
      A `tff.templates.IterativeProcess` whose `next` gives a state and the metrics.

    Raises:
      TypeError: An argument is not callable or of another type, or neither the model nor
        `client_optimizer_fn` trains.
      ValueError: Two ways to broadcast or to aggregate, or a weighting for an unweighted
        aggregation, are given.
    """
    release = as_of.release
    if as_of.is_none_by_default("server_optimizer_fn"):
        server_optimizer_fn = server_optimizer_fn or building.server_sgd_1_0
    if as_of.requires("client_optimizer_fn") and not as_of.takes("broadcast_process"):
        building.check_callable(
            "client_optimizer_fn",
            client_optimizer_fn,
            "a function without arguments that returns an optimizer",
        )
    arguments = locals()
    as_of.warn(arguments, case=building.case_of(as_of, arguments))
    if not as_of.takes("client_weighting"):
        client_weight = building.weight_from_fn(client_weight_fn)
    else:
        client_weight = building.client_weight_of(
            building.weighting_of(model_update_aggregation_factory, client_weighting)
        )
    broadcast = building.broadcast_of(stateful_model_broadcast_fn, broadcast_process)
    aggregation = building.aggregation_of(
        release, stateful_delta_aggregate_fn, aggregation_process, model_update_aggregation_factory
    )
    building.check_builder(model_fn, server_optimizer_fn)
    client_optimizer_fn = building.optimizer_in_era(client_optimizer_fn, release)
    count_dtype = building.count_dtype(release)

    def local_training(model: Any) -> training.LocalTraining:
        if client_optimizer_fn is not None:
            return training.OptimizerTraining(model, client_optimizer_fn, count_dtype=count_dtype)
        if not hasattr(model, "train_on_batch"):
            raise TypeError(
                f"{as_of.adapter.path} as of TFF {release} needs a tff.learning.TrainableModel, "
                f"found {type(model).__name__}. Pass an optimizer to the function that makes the "
                "model"
                + (", or `client_optimizer_fn`." if release >= FIRST_WITH_CLIENT_OPTIMIZER else ".")
            )
        return training.OwnTraining(model, count_dtype=count_dtype)

    def statistics(count: Any, weight: Any, not_finite: Any) -> dict[str, Any]:
        return {"num_examples": count}

    plan = training.TrainingRound(
        release,
        in_era(model_fn, release),
        building.optimizer_in_era(server_optimizer_fn, release),
        broadcast,
        aggregation,
        metrics_aggregator,
        local_training=local_training,
        client_weight=client_weight,
        statistics=statistics
        if FIRST_WITH_SUMMED_OUTPUTS <= release < FIRST_WITHOUT_SUMMED_OUTPUTS
        else None,
    )
    return building.with_model_weights(training.build_process(plan), release)


@adapter(
    "tff.learning.build_federated_sgd_process",
    releases=">=0.2,<0.6",
    replacement=_gradient_descent_now(),
    cases={
        **_BATCH_WEIGHTS,
        AS_VALUE: Replacement(
            "{!build_federated_sgd_process}", "it does not take `client_weight_fn`"
        ),
    },
    gives="training process",
    forms=True,
)
@adapter(
    "tff.learning.build_federated_sgd_process",
    releases=">=0.6,<0.12",
    replacement=_gradient_descent_now(building.STATEFUL_BY_NAME),
    cases=_BATCH_WEIGHTS,
    gives="training process",
    forms=True,
)
@adapter(
    "tff.learning.build_federated_sgd_process",
    releases=">=0.12,<0.15",
    replacement=_gradient_descent_now(building.STATEFUL),
    cases=_BATCH_WEIGHTS,
    gives="training process",
    forms=True,
)
@adapter(
    "tff.learning.build_federated_sgd_process",
    releases=">=0.15,<0.17",
    replacement=_gradient_descent_now(building.DISTRIBUTOR),
    cases={
        **_BATCH_WEIGHTS,
        **building.with_stateful(_gradient_descent_now(building.STATEFUL)),
        **building.by_process(
            _gradient_descent_now(building.DISTRIBUTOR, building.AGGREGATION_PROCESS),
        ),
    },
    gives="training process",
    forms=True,
)
@adapter(
    "tff.learning.build_federated_sgd_process",
    releases=">=0.17,<0.19",
    replacement=_gradient_descent_now(building.DISTRIBUTOR, building.FACTORY, building.LOOP),
    cases={
        **_BATCH_WEIGHTS,
        **building.by_process(
            _gradient_descent_now(
                building.DISTRIBUTOR, building.AGGREGATION_PROCESS, building.LOOP
            ),
        ),
    },
    gives="training process",
    forms=True,
)
@adapter(
    "tff.learning.build_federated_sgd_process",
    releases=">=0.19,<0.20",
    replacement=_gradient_descent_now(building.DISTRIBUTOR, building.FACTORY, building.LOOP),
    cases={
        **_CLIENT_WEIGHTS,
        **building.by_process(
            _gradient_descent_now(
                building.DISTRIBUTOR, building.AGGREGATION_PROCESS, building.LOOP
            ),
        ),
    },
    gives="training process",
    forms=True,
)
def build_federated_sgd_process(
    model_fn,
    server_optimizer_fn=_server_sgd_0_1,
    client_weight_fn=None,
    client_weighting=None,
    stateful_delta_aggregate_fn=None,
    stateful_model_broadcast_fn=None,
    broadcast_process=None,
    aggregation_process=None,
    model_update_aggregation_factory=None,
    use_experimental_simulation_loop=False,
    *,
    as_of: AsOf,
):
    """Federated gradient descent, as of TFF 0.2 to 0.19; metrics are under ``train`` since 0.15.

    Args:
      model_fn: A function without arguments that returns a `tff.learning.Model`.
      server_optimizer_fn: A function without arguments that returns a Keras optimizer.
      client_weight_fn: Until 0.18: from a batch to its weight; None for its number of examples.
      client_weighting: In 0.19: a `tff.learning.ClientWeighting`, or a function from the model's
        local outputs to the client's weight; None for the number of examples.
      stateful_delta_aggregate_fn: From 0.6 to 0.16: a `tff.utils.StatefulAggregateFn`; None for the
        weighted mean.
      stateful_model_broadcast_fn: From 0.6 to 0.16: a `tff.utils.StatefulBroadcastFn`; None for a
        plain broadcast.
      broadcast_process: A `tff.templates.MeasuredProcess` from the server to the clients, since
        0.15; None for a plain broadcast.
      aggregation_process: A `tff.templates.MeasuredProcess` from clients to server, from 0.15 to
        0.19; None for the weighted mean.
      model_update_aggregation_factory: An aggregation factory of `tff.aggregators`, since 0.17;
        None for the weighted mean.
      use_experimental_simulation_loop: A boolean, since 0.17. No effect: data sets are always
        iterated over here.

    Returns:
      A `tff.templates.IterativeProcess` whose `next` gives a state and the metrics.

    Raises:
      TypeError: An argument has the wrong type.
      ValueError: Up to 0.13, the model is a `tff.learning.TrainableModel`. Or two ways to broadcast
        or to aggregate, or a weighting for an unweighted aggregation, are given.
    """
    release = as_of.release
    arguments = locals()
    as_of.warn(arguments, case=building.case_of(as_of, arguments))
    client_weight = None
    if as_of.takes("client_weighting"):
        client_weight = building.client_weight_of(
            building.weighting_of(model_update_aggregation_factory, client_weighting)
        )
    broadcast = building.broadcast_of(stateful_model_broadcast_fn, broadcast_process)
    aggregation = building.aggregation_of(
        release, stateful_delta_aggregate_fn, aggregation_process, model_update_aggregation_factory
    )
    building.check_builder(model_fn, server_optimizer_fn)

    def local_training(model: Any) -> training.LocalTraining:
        if hasattr(model, "train_on_batch"):
            raise ValueError(
                f"{as_of.adapter.path} would ignore how the model trains itself: pass a "
                "tff.learning.Model that is no TrainableModel (no optimizer)."
            )
        return training.GradientTraining(
            model, client_weight_fn, count_dtype=building.count_dtype(release)
        )

    def statistics(count: Any, weight: Any, not_finite: Any) -> dict[str, Any]:
        return {"client_weight": weight, "has_non_finite_delta": not_finite}

    plan = training.TrainingRound(
        release,
        in_era(model_fn, release),
        building.optimizer_in_era(server_optimizer_fn, release),
        broadcast,
        aggregation,
        None,
        local_training=local_training,
        client_weight=client_weight,
        statistics=statistics if release >= FIRST_WITH_SUMMED_OUTPUTS else None,
    )
    return building.with_model_weights(training.build_process(plan), release)
