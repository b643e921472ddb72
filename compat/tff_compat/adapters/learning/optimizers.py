"""Keras and TF1 optimizers, which the installed TFF no longer takes, on clients and server."""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from tff_compat import modern, tensorflow_names
from tff_compat.adapters.registry import helper
from tff_compat.tracing import recorder

tff = modern.package()

Optimizer: Any = tff.learning.optimizers.Optimizer

_LegacyKeras: Any = tensorflow_names.legacy_optimizers().Optimizer
# The class itself, also while `tf.keras.optimizers.Optimizer` means the legacy one; TensorFlow has
# it since 2.9.
_NewKeras: Any = (
    tf.keras.optimizers.experimental.Optimizer
    if hasattr(tf.keras.optimizers, "experimental")
    else ()
)
_TF1: Any = tf.compat.v1.train.Optimizer


def _is_optimizer(value: Any) -> bool:
    if isinstance(value, (_LegacyKeras, _TF1)) or isinstance(value, _NewKeras):
        return True
    # TensorFlow ships copies of Keras, and add-on packages wrap optimizers.
    return (
        not isinstance(value, type)
        and hasattr(value, "apply_gradients")
        and hasattr(value, "variables")
    )


def _check(optimizer_fn: Any) -> None:
    if _is_optimizer(optimizer_fn):
        raise TypeError(
            f"Expected a function without arguments that makes an optimizer, found the optimizer "
            f"{type(optimizer_fn).__name__} itself. Write `lambda: …`: each computation makes its "
            "own, whose variables belong to it."
        )
    if not callable(optimizer_fn):
        raise TypeError(
            "Expected a function without arguments that makes an optimizer, found "
            f"{type(optimizer_fn).__name__}."
        )


def _without_order(create: Callable[..., Any], **arguments: Any) -> Any:
    """Creates a variable of an optimizer so that its initial value needs no other variable.

    With a schedule, new Keras optimizers begin their present learning rate with the value that
    the schedule has for their variable of iterations, and graphs initialize variables in any
    order. Each step sets this learning rate before it uses it.
    """
    if arguments.get("name") == "current_learning_rate" and not tf.executing_eagerly():
        arguments["initial_value"] = tf.zeros((), arguments.get("dtype") or tf.float32)
    return create(**arguments)


def _made(optimizer_fn: Any) -> Any:
    _check(optimizer_fn)
    with contextlib.ExitStack() as stack:
        with tf.init_scope():
            # Keras makes its variables in this scope's graph, which is not always the present one.
            stack.enter_context(tf.variable_creator_scope(_without_order))
        made = optimizer_fn()
    if not _is_optimizer(made):
        raise TypeError(
            "Expected a function that makes a tf.keras.optimizers.Optimizer, found one that "
            "returns "
            f"{type(made).__name__}."
        )
    traced = recorder.active()
    if traced is not None:
        traced.optimizer(getattr(optimizer_fn, "__wrapped__", optimizer_fn), made)
    return made


class KerasOptimizer:
    """An optimizer made by a user's function, with its variables, inside one computation.

    Args:
      optimizer_fn: A function without arguments that returns an optimizer of Keras (legacy or new)
        or of `tf.compat.v1.train`, or a user's subclass of one.

    Raises:
      TypeError: It is no function, or returns no optimizer.
    """

    def __init__(self, optimizer_fn: Any):
        self._optimizer = _made(optimizer_fn)
        self._variables: list[tf.Variable] = []

    def create_variables(self, weights: Sequence[tf.Variable]) -> None:
        """Creates the optimizer's variables for the weights, without a step."""
        if isinstance(self._optimizer, _NewKeras):
            self._optimizer.build(weights)
        elif weights:
            self._trace_step(weights)
        # Asked for once, here: optimizers of TF1 tell only the variables of the present graph.
        variables = self._optimizer.variables
        self._variables = list(variables() if callable(variables) else variables)

    def _trace_step(self, weights: Sequence[tf.Variable]) -> None:
        pairs = [(tf.zeros_like(weight), weight) for weight in weights]

        def step() -> tf.Tensor:
            self._optimizer.apply_gradients(pairs)
            return tf.constant(0)

        # Tracing creates the variables, and runs nothing.
        tf.function(step).get_concrete_function()

    @property
    def variables(self) -> list[tf.Variable]:
        """The optimizer's state, in the order in which TFF carried it from round to round."""
        return self._variables

    def apply_gradients(self, grads_and_vars: Sequence[tuple[Any, tf.Variable]]) -> None:
        """Does one step."""
        self._optimizer.apply_gradients(grads_and_vars)


def keras_optimizer(optimizer_fn: Any) -> KerasOptimizer:
    """The optimizer that a user's function makes; see `KerasOptimizer`."""
    return KerasOptimizer(optimizer_fn)


class KerasAsTFF(Optimizer):
    """A Keras or TF1 optimizer as a `tff.learning.optimizers.Optimizer`.

    Its state is the tuple of the optimizer's variables.

    Args:
      optimizer_fn: See `KerasOptimizer`.
    """

    def __init__(self, optimizer_fn: Any):
        _check(optimizer_fn)
        self._optimizer_fn = optimizer_fn
        self._parts: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()

    def _part(self, specs: Sequence[Any]) -> tuple[KerasOptimizer, list[tf.Variable]]:
        """The optimizer and the variables that it updates, once for each outermost graph."""
        with tf.init_scope():
            graph = tf.compat.v1.get_default_graph()
            by_specs = self._parts.setdefault(graph, {})
            key = tuple((tuple(spec.shape), spec.dtype) for spec in specs)
            if key not in by_specs:
                variables = [tf.Variable(tf.zeros(spec.shape, spec.dtype)) for spec in specs]
                optimizer = KerasOptimizer(self._optimizer_fn)
                optimizer.create_variables(variables)
                by_specs[key] = optimizer, variables
        return by_specs[key]

    def initialize(self, specs: Any) -> Any:
        """The initial values of the optimizer's variables, for weights of these specs."""
        # Not from the cache: variables of steps may have changed.
        with tf.init_scope():
            variables = [
                tf.Variable(tf.zeros(spec.shape, spec.dtype)) for spec in tf.nest.flatten(specs)
            ]
            optimizer = KerasOptimizer(self._optimizer_fn)
            optimizer.create_variables(variables)
        return tuple(variable.read_value() for variable in optimizer.variables)

    def next(self, state: Any, weights: Any, gradients: Any) -> Any:
        """The state and the weights after one step."""
        if tf.executing_eagerly() or tf.compat.v1.get_default_graph().building_function:
            return self._next(state, weights, gradients)
        # A plain graph would not keep reads and writes of the variables in order.
        return tf.function(self._next)(state, weights, gradients)

    def _next(self, state: Any, weights: Any, gradients: Any) -> Any:
        flat = tf.nest.flatten(weights)
        optimizer, variables = self._part(flat)
        for variable, value in zip(optimizer.variables, state):
            variable.assign(value)
        for variable, value in zip(variables, flat):
            variable.assign(value)
        optimizer.apply_gradients(list(zip(tf.nest.flatten(gradients), variables)))
        new_state = tuple(variable.read_value() for variable in optimizer.variables)
        updated = [variable.read_value() for variable in variables]
        return new_state, tf.nest.pack_sequence_as(weights, updated)


def as_tff_optimizer(optimizer: Any) -> Any:
    """The optimizer as the installed TFF takes it.

    Args:
      optimizer: A `tff.learning.optimizers.Optimizer`, returned as it is, or a function that makes
        a Keras or TF1 optimizer.

    Raises:
      TypeError: It is neither.
    """
    if isinstance(optimizer, Optimizer):
        return optimizer
    return KerasAsTFF(optimizer)


class WithoutHparams(Optimizer):
    """A TFF optimizer that shows no hyperparameters, as none did up to TFF 0.35.

    Args:
      optimizer: A `tff.learning.optimizers.Optimizer`.
    """

    def __init__(self, optimizer: Any):
        self._optimizer = optimizer

    def initialize(self, specs: Any) -> Any:
        """The first state, for weights of these specs."""
        return self._optimizer.initialize(specs)

    def next(self, state: Any, weights: Any, gradients: Any) -> Any:
        """The next state and the new weights."""
        return self._optimizer.next(state, weights, gradients)


helper(
    "keras_optimizer",
    '''\
def keras_optimizer(optimizer_fn):
  """The optimizer of Keras that a function makes, as one of `tff.learning.optimizers`.

  Its state is the tuple of the optimizer's variables.
  """
  if isinstance(optimizer_fn, tff.learning.optimizers.Optimizer):
    return optimizer_fn
  parts = weakref.WeakKeyDictionary()

  def create(specs):
    variables = [tf.Variable(tf.zeros(spec.shape, spec.dtype)) for spec in specs]
    with tf.variable_creator_scope(with_rate_of_zero):
      optimizer = optimizer_fn()
    if hasattr(optimizer, 'build'):
      optimizer.build(variables)
    elif variables:
      pairs = [(tf.zeros_like(variable), variable) for variable in variables]
      # Only traced: this creates the optimizer's variables without a step.
      tf.function(lambda: [optimizer.apply_gradients(pairs), tf.constant(0)][1]
                 ).get_concrete_function()
    state = optimizer.variables
    return optimizer, list(state() if callable(state) else state), variables

  def with_rate_of_zero(next_creator, **options):
    # Graphs initialize variables in any order, and each step sets this one before it is read.
    if options.get('name') == 'current_learning_rate' and not tf.executing_eagerly():
      options['initial_value'] = tf.zeros((), options.get('dtype') or tf.float32)
    return next_creator(**options)

  def step(state, weights, gradients):
    flat = tf.nest.flatten(weights)
    with tf.init_scope():
      # A graph has its own variables, which functions that are traced in it share.
      by_specs = parts.setdefault(tf.compat.v1.get_default_graph(), {})
      key = tuple((tuple(value.shape), value.dtype) for value in flat)
      if key not in by_specs:
        by_specs[key] = create(flat)
    optimizer, state_variables, variables = by_specs[key]
    for variable, value in zip(state_variables + variables, list(state) + flat):
      variable.assign(value)
    optimizer.apply_gradients(list(zip(tf.nest.flatten(gradients), variables)))
    return (tuple(variable.read_value() for variable in state_variables),
            tf.nest.pack_sequence_as(weights, [v.read_value() for v in variables]))

  class KerasOptimizer(tff.learning.optimizers.Optimizer):

    def initialize(self, specs):
      with tf.init_scope():
        _, state_variables, _ = create(tf.nest.flatten(specs))
      return tuple(variable.read_value() for variable in state_variables)

    def next(self, state, weights, gradients):
      if tf.executing_eagerly() or tf.compat.v1.get_default_graph().building_function:
        return step(state, weights, gradients)
      # A plain graph would not keep reads and writes of the variables in order.
      return tf.function(step)(state, weights, gradients)

  return KerasOptimizer()
''',
)
helper(
    "optimizer_of_then",
    '''\
def optimizer_of_then(optimizer_fn):
  """The optimizer that a function makes, as Keras had it then; one of TFF stays as it is."""
  if isinstance(optimizer_fn, tff.learning.optimizers.Optimizer):
    return optimizer_fn
  optimizer = optimizer_fn()
  kind, config = type(optimizer), optimizer.get_config()
  legacy = getattr(tf.keras.optimizers.legacy, kind.__name__, None)
  if legacy is not None and isinstance(optimizer, tf.keras.optimizers.Optimizer):
    kind, config = legacy, {key: config[key] for key in legacy().get_config() if key in config}
  return keras_optimizer(lambda: kind.from_config(dict(config)))
''',
)
