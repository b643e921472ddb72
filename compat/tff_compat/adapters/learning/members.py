"""What replaces the members of training processes, their states and metrics, and of evaluations.

Nothing here runs: the objects themselves have these members as of their release. `tff-compat check`
and `upgrade` read it.
"""

from __future__ import annotations

from tff_compat.adapters.registry import Legacy, helper, member

# What a process gives, step by step. On the installed TFF these members are the same.
member("training process", ".initialize", gives="training initialize")
member("training process", ".next", gives="training next")
member("maker of models", "()", gives="model")
member("training initialize", "()", gives="training state")
member("training next", "()", gives="training output")
member("training output", "[0]", gives="training state")
member("training output", "[1]", gives="training metrics")
member("training output", ".state", gives="training state")
member("training output", ".metrics", gives="training metrics")

member(
    "training state",
    ".model",
    releases="<0.39",
    replacement="{self}.global_model_weights",
    gives="model weights",
)
member(
    "training state",
    ".optimizer_state",
    releases=">=0.12,<0.39",
    replacement="{self}.finalizer",
    note="the state of an optimizer of TFF has its own form, where Keras had a list of variables",
)
# Up to 0.11 the variables that an optimizer keeps for each weight stood by the weights' names.
helper(
    "names_of_variables",
    '''\
def names_of_variables(model_fn, kind):
  """The names of the variables of a model; `kind` is what these are."""
  with tf.Graph().as_default():
    names = [variable.name.split(':')[0] for variable in getattr(model_fn(), kind)]
  # In a graph Keras gives its classes other bases; models outside of it need theirs back.
  tf.keras.Sequential()
  tf.keras.Model()
  return names
''',
)
helper(
    "optimizer_state_by_name",
    '''\
def optimizer_state_by_name(model_fn, state):
  """The state of an optimizer of Keras, for each weight in the order of the weights' names."""
  names = names_of_variables(model_fn, 'trainable_variables')
  order = sorted(range(len(names)), key=names.__getitem__)
  state = list(state)
  slots = (len(state) - 1) // len(names)  # Before these stand counts, for the whole model.
  first = len(state) - slots * len(names)
  return state[:first] + [
      state[start + position]
      for start in range(first, len(state), len(names)) for position in order]
''',
)
member(
    "training state",
    ".optimizer_state",
    releases="<0.12",
    replacement="{!optimizer_state_by_name}({model_fn:there}, {self}.finalizer)",
    note="the server's optimizer has to be one of Keras",
)
member(
    "training state",
    ".delta_aggregate_state",
    releases="<0.39",
    replacement="{self}.aggregator",
    note="the state of the aggregation has the form of tff.aggregators",
    gives="result of a computation",
)
member(
    "training state",
    ".model_broadcast_state",
    releases="<0.39",
    replacement="{self}.distributor",
    note="the state of the broadcast has the form of tff.learning.templates",
    gives="result of a computation",
)

_TRAIN = "{self}['client_work']['train']"
helper(
    "metrics_of_then",
    '''\
def metrics_of_then(metrics, *zeros):
  """Metrics without the counts that models of Keras have now, and with those that were zero."""
  names = list(metrics)
  if names[-3:] != ['loss', 'num_examples', 'num_batches']:
    return metrics
  kept = collections.OrderedDict((name, metrics[name]) for name in names[:-2])
  return collections.OrderedDict(kept, **dict.fromkeys(zeros, 0.0))
''',
)
# One metric alone stood for itself.
member(
    "training metrics",
    "float()",
    releases="<0.2",
    replacement=f"float(list({{!metrics_of_then}}({_TRAIN}).values())[0])",
)
# Models of Keras measured how long they trained, by a metric that stayed zero.
_TIME = ", 'keras_training_time_client_sum_sec'"
for _releases, _zeros in {"<0.12": "", ">=0.12,<0.14": _TIME, ">=0.14,<0.15": ""}.items():
    _code = f"{{!metrics_of_then}}({_TRAIN}{_zeros})"
    member("training metrics", "._asdict()", releases=_releases, replacement=_code)
    _item = f"list({_code}.values())[{{key}}]"
    member("training metrics", "[*]", releases=_releases, replacement=_item)
    member("training metrics", "len()", releases=_releases, replacement=f"len({_code})")
member("training metrics", ".*", releases="<0.15", replacement=f"{_TRAIN}[{{key}}]")
# Tutorials went on to use attributes in 0.16, which took items alone.
_AS_ATTRIBUTES = ">=0.15,<0.17"
for _name, _now in {
    "broadcast": "distributor",
    "aggregation": "aggregator",
}.items():
    _code = f"{{self}}['{_now}']"
    _note = f"the measurements of the {_now} have the form of the installed TFF"
    member("training metrics", f".{_name}", releases=_AS_ATTRIBUTES, replacement=_code, note=_note)
    member("training metrics", f"[{_name}]", releases=">=0.16,<0.39", replacement=_code, note=_note)
member(
    "training metrics",
    ".train",
    releases=_AS_ATTRIBUTES,
    replacement=_TRAIN,
    gives="metrics of training",
)
member(
    "training metrics",
    "[train]",
    releases=">=0.16,<0.39",
    replacement=_TRAIN,
    gives="metrics of training",
)
helper(
    "statistics_of_clients",
    '''\
def statistics_of_clients(metrics):
  """What was summed over the clients besides the metrics of their models."""
  work = metrics['client_work']
  if 'stat' in work:
    return work['stat']
  return collections.OrderedDict(num_examples=work['train']['num_examples'])
''',
)
member(
    "training metrics",
    "[stat]",
    releases=">=0.18,<0.20",
    replacement="{!statistics_of_clients}({self})",
    note="a model of the program's own has to report its num_examples",
)
member("metrics of training", "._asdict()", releases="<0.17", replacement="{self}")
member("metrics of training", ".*", releases="<0.17", replacement="{self}[{key}]")

# What a function of the program gets may be the metrics of either.
_EITHER = "evaluation metrics or training metrics"
helper(
    "metrics_of_clients",
    '''\
def metrics_of_clients(metrics):
  """The metrics that clients report: in training they are a part of all metrics."""
  return metrics['client_work']['train'] if 'client_work' in metrics else metrics
''',
)
for _releases, _zeros in {"<0.12": "", ">=0.12,<0.14": _TIME, ">=0.14,<0.15": ""}.items():
    _code = f"{{!metrics_of_then}}({{!metrics_of_clients}}({{self}}){_zeros})"
    member(_EITHER, "._asdict()", releases=_releases, replacement=_code)
member(_EITHER, ".*", releases="<0.15", replacement="{!metrics_of_clients}({self})[{key}]")

helper(
    "evaluate",
    '''\
def evaluate(process, model_weights, federated_dataset):
  """Evaluates model weights on the data sets of clients, and returns the metrics."""
  state = process.set_model_weights(process.initialize(), model_weights)
  output = process.next(state, federated_dataset)
  return output.metrics['client_work']['eval']['current_round_metrics']
''',
)
member(
    "evaluation",
    "()",
    releases="<0.80",
    replacement="{!evaluate}({self}, {server_model_weights}, {federated_dataset})",
    parameters="(server_model_weights, federated_dataset)",
    gives="evaluation metrics",
)
for _releases, _zeros in {"<0.12": "", ">=0.12,<0.14": _TIME, ">=0.14,<0.16": ""}.items():
    _code = f"{{!metrics_of_then}}({{self}}{_zeros})"
    member("evaluation metrics", "._asdict()", releases=_releases, replacement=_code)
    # Anonymous tuples also gave their elements by position.
    _item = f"list({_code}.values())[{{key}}]"
    member("evaluation metrics", "[*]", releases=_releases, replacement=_item)
    member("evaluation metrics", "len()", releases=_releases, replacement=f"len({_code})")
member(
    "evaluation metrics",
    "._asdict()",
    releases="==0.16.*",
    replacement="{!metrics_of_then}({self})",
)
member("evaluation metrics", ".*", releases="<0.17", replacement="{self}[{key}]")
member("evaluation metrics", "[eval]", releases=">=0.20,<0.80", replacement="{self}")
member(
    "evaluation",
    ".type_signature",
    releases="<0.80",
    replacement="{self}.next.type_signature",
    note="it is the type of the process's `next`, which takes its state too",
)

helper(
    "local_variables_of_then",
    '''\
def local_variables_of_then(model):
  """The variables of a model's metrics, without the counts that models of Keras have now."""
  counts = ['loss', 'num_examples', 'num_batches']
  is_keras = list(model.metric_finalizers())[-3:] == counts
  return model.local_variables[:-2] if is_keras else model.local_variables
''',
)
for _releases in ("<0.12", ">=0.14,<0.20"):
    member(
        "model",
        ".local_variables",
        releases=_releases,
        replacement="{!local_variables_of_then}({self})",
    )
member(
    "model",
    ".local_variables",
    releases=">=0.12,<0.14",
    note="Models of Keras count other things now than the time of training.",
)
# Models of Keras have such a member too.
member(
    "model",
    ".weights",
    releases="<0.20",
    replacement="tff.learning.models.ModelWeights.from_model({self})",
    legacy=Legacy(values={"self": "any"}),
)
member(
    "model",
    ".report_local_outputs",
    releases="<0.21",
    replacement="{self}.report_local_unfinalized_metrics",
    note="it gives the state of each metric, which metric_finalizers turns into its value",
)
helper(
    "output_computation",
    '''\
def output_computation(model):
  """The computation that aggregates the metrics which a model reports.

  The counts that models of Keras have besides are no part of them.
  """
  finalizers = model.metric_finalizers()
  brought = getattr(finalizers, 'federated_output_computation', None)
  if brought is not None:
    return brought
  names = [name for name in finalizers if name not in ('num_examples', 'num_batches')]
  reported = model.report_local_unfinalized_metrics()
  specs = tf.nest.map_structure(
      lambda value: tf.TensorSpec(value.shape, value.dtype),
      collections.OrderedDict((name, reported[name]) for name in names))
  aggregate = tff.learning.metrics.sum_then_finalize(
      collections.OrderedDict((name, finalizers[name]) for name in names))
  member = tff.types.tensorflow_to_type(specs)
  return tff.federated_computation(
      lambda outputs: aggregate(outputs), tff.FederatedType(member, tff.CLIENTS))
''',
)
member(
    "model",
    ".federated_output_computation",
    releases="<0.21",
    replacement="{!output_computation}({self})",
    note="give it the metrics without the counts that models report now: num_examples, num_batches",
)
member(
    "model",
    ".train_on_batch",
    releases="<0.14",
    note="Models do not train themselves any more: the builders take client_optimizer_fn.",
)

# Numbers of hyperparameters come as those of NumPy, and what one computes of them may be wider.
member(
    "learning process",
    ".set_hparams()",
    releases=">=0.36,<0.87",
    replacement="{!called_with_numbers}({self}.set_hparams, {state}, {hparams})",
    parameters="(state, hparams)",
    legacy=Legacy(values={"hparams": "call"}),
)

# The weights had names, in the order of the variables, up to 0.11.
helper(
    "named_weights",
    '''\
def named_weights(model_fn, kind, weights):
  """The weights of a model by the names of its variables; `kind` is what these are."""
  return collections.OrderedDict(zip(names_of_variables(model_fn, kind), weights))
''',
)
for _kind in ("trainable", "non_trainable"):
    _role = f"named {_kind} weights"
    _named = f"{{!named_weights}}({{model_fn:there}}, '{_kind}_variables', {{self}})"
    for _owner in ("model weights", "tff.learning.framework.ModelWeights.from_model"):
        member(_owner, f".{_kind}", releases="<0.12", gives=_role)
    member(_role, "._asdict()", releases="<0.12", replacement=_named)
    for _name in (".items()", ".keys()"):
        member(_role, _name, releases="<0.12", replacement=f"{_named}{_name}")
    member(_role, ".values()", releases="<0.12", replacement="list({self})")
    member(_role, ".*", releases="<0.12", replacement=f"{_named}[{{key}}]")
# What TFF made a type of up to 0.69.
member("model", ".input_spec", gives="tensorflow.TensorSpec")
member("functional model", ".input_spec", gives="tensorflow.TensorSpec")
helper(
    "output_of_batch",
    '''\
def output_of_batch(model, model_weights, batch_input, training=True):
  """The loss of a functional model for a batch, its predictions, and their number."""
  if hasattr(model, 'forward_pass'):
    return model.forward_pass(model_weights, batch_input, training)
  is_mapping = isinstance(batch_input, collections.abc.Mapping)
  x, y = (batch_input['x'], batch_input['y']) if is_mapping else batch_input
  predictions = model.predict_on_batch(model_weights, x, training)
  return tff.learning.models.BatchOutput(
      loss=model.loss(predictions, y),
      predictions=predictions,
      num_examples=tf.shape(tf.nest.flatten(batch_input)[0])[0])
''',
)
_PASSED = "{!output_of_batch}({self}, {model_weights}, {batch_input}[?, {training}?])"
for _releases, _note in {
    "<0.51": "",
    ">=0.51,<0.53": "the loss is that of `loss_fn`, and the number that of the examples in a batch",
}.items():
    member(
        "functional model",
        ".forward_pass()",
        releases=_releases,
        replacement=_PASSED,
        note=_note,
        parameters="(model_weights, batch_input, training=True)",
    )
    member(
        "functional model",
        ".forward_pass",
        releases=_releases,
        replacement="functools.partial({!output_of_batch}, {self})",
        note=_note,
    )
member(
    "functional model",
    ".update_metrics_state()",
    releases=">=0.30,<0.44",
    replacement=(
        "{self}.update_metrics_state({state}, {y_true}, "
        "tff.learning.models.BatchOutput(predictions={y_pred})[?, {sample_weight}?])"
    ),
    parameters="(state, y_true, y_pred, sample_weight=None)",
)
