"""How weights and updates travel, `tff.learning.framework`: plain, or compressed by encoders."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import tensorflow as tf
import tree

from tff_compat import modern
from tff_compat.adapters.learning import building, state, training
from tff_compat.adapters.registry import AsOf, adapter, helper
from tff_compat.adapters.templates import processes
from tff_compat.adapters.utils import encoding, stateful
from tff_compat.catalog.boundaries import FIRST_WITH_PARAMETER_NAMES
from tff_compat.tensorflow_names import in_era

tff = modern.package()


_BROADCASTER_NOW = "tff.learning.templates.build_broadcast_process({model_weights_type:type})"
_SUM_NOW = "tff.aggregators.EncodedSumFactory({encoder_fn})"
_MEAN_NOW = f"tff.aggregators.MeanFactory({_SUM_NOW})"
_FOR_MODEL = "{!encoded_for_model}({!%s}, {model_fn}, {encoder_fn}, 'trainable')"
_ENCODED_NOTE = (
    "This is a factory for `model_aggregator`, which is told the type of the updates and needs no "
    "`model_fn`; `encoder_fn` is given specs of tensors."
)


helper(
    "stateless_broadcaster",
    '''\
def stateless_broadcaster():
  """A broadcast that has no state."""
  return StatefulBroadcast(tuple, lambda state, value: (state, tff.federated_broadcast(value)))
''',
)


def _nothing() -> Any:
    return tff.federated_value((), tff.SERVER)


def _measured(
    as_of: AsOf, initialize: Any, next_fn: Callable[..., Any], *parameter_types: Any
) -> Any:
    """A `tff.templates.MeasuredProcess` of its computation and its Python function.

    Args:
      as_of: Of the historical builder.
      initialize: The computation of the initial state, placed at the server.
      next_fn: From the state and the values to a `tff.templates.MeasuredProcessOutput`.
      *parameter_types: The types of the values.
    """
    state_type = initialize.type_signature.result
    typed = training.federated_computation(as_of.release, state_type, *parameter_types)(next_fn)
    return tff.templates.MeasuredProcess(initialize, typed)


def _output(new_state: Any, result: Any) -> Any:
    return tff.templates.MeasuredProcessOutput(new_state, result, _nothing())


@adapter(
    "tff.learning.framework.build_stateless_broadcaster",
    releases=">=0.9,<0.15",
    replacement="{!stateless_broadcaster}",
    note="without `model_distributor`, builders do this themselves",
)
def build_stateless_broadcaster_0_9(*, as_of: AsOf):
    """A `tff.utils.StatefulBroadcastFn` that only broadcasts, as of TFF 0.9 to 0.14."""
    as_of.warn(locals())
    return stateful.stateful_fn(
        "StatefulBroadcastFn",
        lambda: (),
        lambda state, value: (state, tff.federated_broadcast(value)),
        as_of.release,
    )


@adapter(
    "tff.learning.framework.build_stateless_broadcaster",
    releases=">=0.15,<0.75",
    replacement=_BROADCASTER_NOW,
    changed=(FIRST_WITH_PARAMETER_NAMES,),
)
def build_stateless_broadcaster_0_15(*, model_weights_type, as_of: AsOf):
    """A `tff.templates.MeasuredProcess` that only broadcasts, as of TFF 0.15 to 0.74.

    Args:
      model_weights_type: The type of what the server sends.
    """
    as_of.warn(locals())

    def stateless_broadcast(state, value):
        return _output(state, tff.federated_broadcast(value))

    return _measured(
        as_of,
        tff.federated_computation(_nothing),
        stateless_broadcast,
        tff.FederatedType(model_weights_type, tff.SERVER),
    )


@adapter(
    "tff.learning.framework.build_stateless_mean",
    releases=">=0.15,<0.20",
    replacement=(
        "tff.aggregators.MeanFactory().create({model_delta_type:type}, tff.TensorType(np.float32))"
    ),
    note="It measures what a MeanFactory measures; builders take the factory itself.",
)
def build_stateless_mean(*, model_delta_type, as_of: AsOf):
    """A `tff.templates.MeasuredProcess` that is a weighted mean, as of TFF 0.15 to 0.19.

    Args:
      model_delta_type: The type of what the clients send.
    """
    as_of.warn(locals())

    def stateless_mean(state, value, weight):
        return _output(state, tff.federated_mean(value, weight))

    return _measured(
        as_of,
        tff.federated_computation(_nothing),
        stateless_mean,
        tff.FederatedType(model_delta_type, tff.CLIENTS),
        tff.FederatedType(tff.TensorType(np.float32), tff.CLIENTS),
    )


class _Encoded:
    """The weights of a model and an encoder for each of them.

    Args:
      model_fn: A function without arguments that returns a `tff.learning.Model`.
      encoder_fn: From a variable of the model to its encoder.
      as_of: Of the historical builder.
      method: What the kind of encoder that is wanted can do.
      trainable: Whether only the trainable weights travel.

    Raises:
      TypeError: An argument is not callable, or an encoder is of the wrong kind, or for other
        values.
    """

    def __init__(
        self, model_fn: Any, encoder_fn: Any, as_of: AsOf, method: str, *, trainable: bool
    ):
        building.check_callable("model_fn", model_fn, "a function that returns a model")
        building.check_callable("encoder_fn", encoder_fn, "a function from a tensor to an encoder")
        model_fn = in_era(model_fn, as_of.release)
        # Its variables must not reach the caller's graph.
        with tf.Graph().as_default():
            weights = state.weights_of(model_fn(), as_of.release)
            values = weights.trainable if trainable else weights
            self.encoders = tf.nest.map_structure(encoder_fn, values)
            specs = tf.nest.map_structure(lambda v: tf.TensorSpec(v.shape, v.dtype), values)
        for encoder, spec in zip(tf.nest.flatten(self.encoders), tf.nest.flatten(specs)):
            _check_encoder(encoder, spec, method)
        self.value_type = tff.types.tensorflow_to_type(specs)
        self.initial_state = encoding.initial_state(self.encoders)

    def initialize(self) -> Any:
        """The computation of the initial state, placed at the server."""
        return processes.initialize_of(self.initial_state)

    def broadcast(self) -> Callable[..., tuple[Any, Any]]:
        """From state and value at the server to the new state and the value at the clients."""
        encoders = self.encoders

        @tff.tensorflow.computation(self.initial_state.type_signature.result, self.value_type)
        def encode(states, values):
            pairs = tree.map_structure_up_to(
                encoders,
                lambda encoder, state, value: encoder.encode(value, state),
                encoders,
                states,
                values,
            )
            encoded = tree.map_structure_up_to(encoders, lambda pair: pair[0], pairs)
            return tree.map_structure_up_to(encoders, lambda pair: pair[1], pairs), encoded

        @tff.tensorflow.computation(encode.type_signature.result[1])
        def decode(encoded):
            return tree.map_structure_up_to(
                encoders, lambda encoder, value: encoder.decode(value), encoders, encoded
            )

        def send(states: Any, values: Any) -> tuple[Any, Any]:
            new_states, encoded = tff.federated_map(encode, (states, values))
            return new_states, tff.federated_map(decode, tff.federated_broadcast(encoded))

        return send

    def sum(self) -> Callable[..., tuple[Any, Any]]:
        """From state and the clients' values to the new state and their sum."""
        ready: Iterator[Any] = iter(tf.nest.flatten(self.encoders))
        process = tff.aggregators.EncodedSumFactory(lambda spec: next(ready)).create(
            self.value_type
        )

        def add(states: Any, values: Any, weight: Any = None) -> tuple[Any, Any]:
            output = process.next(states, values)
            return output.state, output.result

        return add

    def mean(self) -> Callable[..., tuple[Any, Any]]:
        """From state, the clients' values and weights to the new state and the weighted mean."""
        add = self.sum()

        @tff.tensorflow.computation(self.value_type, np.float32)
        def multiply(values, weight):
            return tf.nest.map_structure(lambda v: v * tf.cast(weight, v.dtype), values)

        @tff.tensorflow.computation(self.value_type, np.float32)
        def divide(values, total):
            return tf.nest.map_structure(lambda v: v / tf.cast(total, v.dtype), values)

        def average(states: Any, values: Any, weight: Any) -> tuple[Any, Any]:
            new_states, total = add(states, tff.federated_map(multiply, (values, weight)))
            weights = tff.federated_sum(weight)
            return new_states, tff.federated_map(divide, (total, weights))

        return average


def _check_encoder(encoder: Any, spec: tf.TensorSpec, method: str) -> None:
    if not hasattr(encoder, method):
        kind = "GatherEncoder" if method == "decode_before_sum" else "SimpleEncoder"
        raise TypeError(f"Expected a {kind} for {spec}, found {type(encoder).__name__}.")
    if not encoder.input_tensorspec.is_compatible_with(spec):
        raise TypeError(f"An encoder for {encoder.input_tensorspec} does not take {spec}.")


def _for_broadcast(model_fn: Any, encoder_fn: Any, as_of: AsOf) -> _Encoded:
    return _Encoded(model_fn, encoder_fn, as_of, "decode", trainable=False)


def _for_aggregation(model_fn: Any, encoder_fn: Any, as_of: AsOf) -> _Encoded:
    return _Encoded(model_fn, encoder_fn, as_of, "decode_before_sum", trainable=True)


@adapter(
    "tff.learning.framework.build_encoded_broadcast_from_model",
    releases=">=0.9,<0.17",
    replacement="{!encoded_for_model}({!encoded_broadcast}, {model_fn}, {encoder_fn})",
    note=encoding.BROADCAST_NOTE,
)
def build_encoded_broadcast_from_model(model_fn, encoder_fn, *, as_of: AsOf):
    """A `tff.utils.StatefulBroadcastFn` of encoded model weights, as of TFF 0.9 to 0.16.

    Args:
      model_fn: A function without arguments that returns a `tff.learning.Model`.
      encoder_fn: From a variable of the model to a `SimpleEncoder` for it.

    Raises:
      TypeError: An argument is not callable, or an encoder does not fit.
    """
    as_of.warn(locals())
    encoded = _for_broadcast(model_fn, encoder_fn, as_of)
    return stateful.stateful_fn(
        "StatefulBroadcastFn", encoded.initial_state, encoded.broadcast(), as_of.release
    )


@adapter(
    "tff.learning.framework.build_encoded_broadcast_process_from_model",
    releases=">=0.15,<0.38",
    replacement="{!encoded_for_model}({!encoded_broadcast_process}, {model_fn}, {encoder_fn})",
    note=encoding.BROADCAST_NOTE,
    changed=(FIRST_WITH_PARAMETER_NAMES,),
    gives="measured process",
)
def build_encoded_broadcast_process_from_model(model_fn, encoder_fn, *, as_of: AsOf):
    """A `tff.templates.MeasuredProcess` that broadcasts encoded weights, as of 0.15 to 0.37.

    Args:
      model_fn: A function without arguments that returns a `tff.learning.Model`.
      encoder_fn: From a variable of the model to a `SimpleEncoder` for it.

    Raises:
      TypeError: An argument is not callable, or an encoder does not fit.
    """
    as_of.warn(locals())
    encoded = _for_broadcast(model_fn, encoder_fn, as_of)
    send = encoded.broadcast()

    def encoded_broadcast(state, value):
        return _output(*send(state, value))

    return _measured(
        as_of,
        encoded.initialize(),
        encoded_broadcast,
        tff.FederatedType(encoded.value_type, tff.SERVER),
    )


@adapter(
    "tff.learning.framework.build_encoded_sum_from_model",
    releases=">=0.9,<0.12",
    replacement=_SUM_NOW,
    note=_ENCODED_NOTE,
)
@adapter(
    "tff.learning.framework.build_encoded_sum_from_model",
    releases=">=0.12,<0.17",
    replacement=_FOR_MODEL % "encoded_sum",
    note=encoding.ENCODED_NOTE,
)
def build_encoded_sum_from_model(model_fn, encoder_fn, *, as_of: AsOf):
    """A `tff.utils.StatefulAggregateFn` that sums encoded updates, as of TFF 0.9 to 0.16.

    Args:
      model_fn: A function without arguments that returns a `tff.learning.Model`.
      encoder_fn: From a trainable variable of the model to a `GatherEncoder` for it.

    Raises:
      TypeError: An argument is not callable, or an encoder does not fit.
    """
    as_of.warn(locals())
    encoded = _for_aggregation(model_fn, encoder_fn, as_of)
    return stateful.stateful_fn(
        "StatefulAggregateFn", encoded.initial_state, encoded.sum(), as_of.release
    )


@adapter(
    "tff.learning.framework.build_encoded_sum_process_from_model",
    releases=">=0.15,<0.19",
    replacement=_FOR_MODEL % "encoded_sum_process",
    note=encoding.ENCODED_NOTE,
    gives="measured process",
)
def build_encoded_sum_process_from_model(model_fn, encoder_fn, *, as_of: AsOf):
    """A `tff.templates.MeasuredProcess` that sums encoded updates, as of TFF 0.15 to 0.18.

    Args:
      model_fn: A function without arguments that returns a `tff.learning.Model`.
      encoder_fn: From a trainable variable of the model to a `GatherEncoder` for it.

    Raises:
      TypeError: An argument is not callable, or an encoder does not fit.
    """
    as_of.warn(locals())
    encoded = _for_aggregation(model_fn, encoder_fn, as_of)
    add = encoded.sum()

    def encoded_sum(state, values):
        return _output(*add(state, values))

    return _measured(
        as_of,
        encoded.initialize(),
        encoded_sum,
        tff.FederatedType(encoded.value_type, tff.CLIENTS),
    )


@adapter(
    "tff.learning.framework.build_encoded_mean_from_model",
    releases=">=0.9,<0.12",
    replacement=_MEAN_NOW,
    note=_ENCODED_NOTE,
)
@adapter(
    "tff.learning.framework.build_encoded_mean_from_model",
    releases=">=0.12,<0.17",
    replacement=_FOR_MODEL % "encoded_mean",
    note=encoding.ENCODED_NOTE,
)
def build_encoded_mean_from_model(model_fn, encoder_fn, *, as_of: AsOf):
    """A `tff.utils.StatefulAggregateFn`, the mean of encoded updates, as of TFF 0.9 to 0.16.

    Args:
      model_fn: A function without arguments that returns a `tff.learning.Model`.
      encoder_fn: From a trainable variable of the model to a `GatherEncoder` for it.

    Raises:
      TypeError: An argument is not callable, or an encoder does not fit.
    """
    as_of.warn(locals())
    encoded = _for_aggregation(model_fn, encoder_fn, as_of)
    return stateful.stateful_fn(
        "StatefulAggregateFn", encoded.initial_state, encoded.mean(), as_of.release
    )


@adapter(
    "tff.learning.framework.build_encoded_mean_process_from_model",
    releases=">=0.15,<0.19",
    replacement=_FOR_MODEL % "encoded_mean_process",
    note=encoding.ENCODED_NOTE,
    gives="measured process",
)
def build_encoded_mean_process_from_model(model_fn, encoder_fn, *, as_of: AsOf):
    """A `tff.templates.MeasuredProcess`, the mean of encoded updates, as of TFF 0.15 to 0.18.

    Args:
      model_fn: A function without arguments that returns a `tff.learning.Model`.
      encoder_fn: From a trainable variable of the model to a `GatherEncoder` for it.

    Raises:
      TypeError: An argument is not callable, or an encoder does not fit.
    """
    as_of.warn(locals())
    encoded = _for_aggregation(model_fn, encoder_fn, as_of)
    average = encoded.mean()

    def encoded_mean(state, values, weight):
        return _output(*average(state, values, weight))

    return _measured(
        as_of,
        encoded.initialize(),
        encoded_mean,
        tff.FederatedType(encoded.value_type, tff.CLIENTS),
        tff.FederatedType(tff.TensorType(np.float32), tff.CLIENTS),
    )
