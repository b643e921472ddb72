"""Federated averaging of models in JAX, which TFF had under `tff.experimental` in 0.19 to 0.24."""

from __future__ import annotations

import numbers
from typing import Any

import tensorflow as tf

from tff_compat import modern
from tff_compat.adapters.language import structures, types
from tff_compat.adapters.learning import building
from tff_compat.adapters.registry import AsOf, adapter, helper
from tff_compat.adapters.templates import processes

tff = modern.package()


def _as_tensorflow(function: Any) -> Any:
    """A JAX function as one of TensorFlow, which the runtime of TFF can run.

    Raises:
      ImportError: JAX is not installed.
    """
    try:
        from jax.experimental import jax2tf
    except ImportError as error:
        raise ImportError(
            "build_jax_federated_averaging_process needs JAX: install the package jax beside TFF."
        ) from error
    # TFF's workers know the operations of TensorFlow, not those of XLA.
    converted = jax2tf.convert(
        function, with_gradient=False, native_serialization=False, enable_xla=False
    )
    return tf.autograph.experimental.do_not_convert(converted)


helper(
    "averaging_of_jax_model",
    '''\
def averaging_of_jax_model(batch_type, model_type, loss_fn, step_size):
  """Federated averaging of a model in JAX by gradient descent; each client counts once."""
  from jax.experimental import jax2tf

  if not callable(loss_fn):
    raise TypeError('The loss has to be a function of a model and a batch.')
  if not isinstance(step_size, float):
    raise TypeError('The step size has to be a float.')
  batch_type, model_type = tff.to_type(batch_type), tff.to_type(model_type)

  def train(model, batch):
    gradients = jax.grad(loss_fn)(model, batch)
    return jax.tree_util.tree_map(lambda p, g: p - step_size * g, model, gradients)

  # The runtime knows the operations of TensorFlow, not those of XLA.
  step = tf.autograph.experimental.do_not_convert(jax2tf.convert(
      train, with_gradient=False, native_serialization=False, enable_xla=False))

  def zeros(type_spec):
    if isinstance(type_spec, tff.TensorType):
      return tf.zeros(type_spec.shape, type_spec.dtype)
    elements = tff.structure.to_elements(type_spec)
    if all(name is None for name, _ in elements):
      return [zeros(element) for _, element in elements]
    return collections.OrderedDict((name, zeros(element)) for name, element in elements)

  @tff.tensorflow.computation
  def zero_model():
    return zeros(model_type)

  @tff.tensorflow.computation(model_type, tff.SequenceType(batch_type))
  def train_on_client(model, batches):
    return batches.reduce(model, lambda trained, batch: step(trained, batch))

  @tff.federated_computation
  def initialize():
    return tff.federated_eval(zero_model, tff.SERVER)

  @tff.federated_computation(
      tff.FederatedType(model_type, tff.SERVER),
      tff.FederatedType(tff.SequenceType(batch_type), tff.CLIENTS))
  def train_one_round(model, federated_data):
    at_clients = tff.federated_broadcast(model)
    return tff.federated_mean(tff.federated_map(train_on_client, (at_clients, federated_data)))

  return tff.templates.IterativeProcess(initialize, train_one_round)
''',
)


@adapter(
    "tff.experimental.learning.build_jax_federated_averaging_process",
    releases=">=0.19,<0.25",
    replacement=(
        "{!averaging_of_jax_model}({batch_type:type}, {model_type:type}, {loss_fn}, {step_size})"
    ),
)
def build_jax_federated_averaging_process(
    batch_type, model_type, loss_fn, step_size, *, as_of: AsOf
):
    """Federated averaging of a model in JAX by gradient descent, as of TFF 0.19 to 0.24.

    Args:
      batch_type: The type of a batch.
      model_type: The type of the model.
      loss_fn: A JAX function from a model and a batch to its loss.
      step_size: The learning rate, a float.

    Returns:
      A `tff.templates.IterativeProcess` whose state is the model, at first all zeros, and whose
      `next` gives the mean of the models that the clients trained, each client counting once.

    Raises:
      ImportError: JAX is not installed.
      TypeError: An argument has the wrong type.
    """
    as_of.warn(locals())
    batch_type = types.to_type(batch_type, as_of.release)
    model_type = types.to_type(model_type, as_of.release)
    building.check_callable("loss_fn", loss_fn, "a function from a model and a batch to a loss")
    if not isinstance(step_size, numbers.Real) or isinstance(step_size, numbers.Integral):
        raise TypeError(f"`step_size` must be a float, found {type(step_size).__name__}.")

    def train(model: Any, batch: Any) -> Any:
        import jax

        gradients = jax.grad(loss_fn)(model, batch)
        return jax.tree_util.tree_map(lambda p, g: p - step_size * g, model, gradients)

    step = _as_tensorflow(train)

    @tff.tensorflow.computation
    def zero_model():
        return structures.zeros(model_type)

    @tff.tensorflow.computation(model_type, tff.SequenceType(batch_type))
    def train_on_client(model, batches):
        return batches.reduce(model, lambda trained, batch: step(trained, batch))

    initialize = processes.initialize_of(zero_model)

    @tff.federated_computation(
        tff.FederatedType(model_type, tff.SERVER),
        tff.FederatedType(tff.SequenceType(batch_type), tff.CLIENTS),
    )
    def train_one_round(model, federated_data):
        at_clients = tff.federated_broadcast(model)
        return tff.federated_mean(tff.federated_map(train_on_client, (at_clients, federated_data)))

    return tff.templates.IterativeProcess(
        structures.with_results_of(initialize, as_of.release),
        structures.with_results_of(train_one_round, as_of.release),
    )
