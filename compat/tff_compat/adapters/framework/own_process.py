"""Computations that run in the program's own process, as TFF's worker does not do what they did.

Releases up to 0.40 ran TensorFlow in that process, where `tf.numpy_function` and `tf.py_function`
find their functions. Up to 0.12 each call had a session of its own, so that operations with a seed
began anew. Here what does either runs in that process, the rest of the computation in the worker.
"""

from __future__ import annotations

import contextlib
import functools
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import tensorflow as tf
from packaging.version import Version

from tff_compat import deprecation, installation, modern, places
from tff_compat.adapters.framework import composing, runtimes, seeds
from tff_compat.catalog.boundaries import FIRST_WITH_RUNTIME_IN_CPP, FIRST_WITH_SESSIONS_KEPT

tff = modern.package()

_OPS = (b"PyFunc", b"PyFuncStateless", b"EagerPyFunc")
# How a serialized node names its op.
_NAMED = tuple(b"\x12" + bytes([len(op)]) + op for op in _OPS)

_FOR_EACH = frozenset({"federated_map", "federated_map_all_equal", "federated_apply"})

_NO_ARGUMENT = frozenset({"federated_eval_at_clients", "federated_eval_at_server"})

_SEED = b"\x04seed"
"""How a serialized node names its seed."""


def contexts_for(proto: Any, release: Version) -> Any:
    """What makes the contexts in which a serialized computation runs as it did as of a release.

    Where operations with a seed may give other values than then, it is told, once a release.
    """
    if _calls_python(proto):
        return lambda: _beside_worker(release)
    if release < FIRST_WITH_SESSIONS_KEPT and _goes_on(proto):
        return lambda: _beside_worker(release)
    if release < FIRST_WITH_RUNTIME_IN_CPP and proto.WhichOneof("computation") != "tensorflow":
        if _goes_on(proto, initial_values=False):
            _tell(release)
    return contextlib.nullcontext


@functools.cache
def _tell(release: Version) -> None:
    then = "began anew with each call" if release < FIRST_WITH_SESSIONS_KEPT else "went on"
    place = places.user_place()
    warnings.warn_explicit(
        f"As of TFF {release} operations with a seed, such as `tf.random.uniform([], seed=1)`, "
        f"{then} at each client; in the runtime of TFF {installation.version()} it is open which "
        "client gets which of their values. Operations of `tf.random.stateless_uniform` and the "
        "like get the same ones everywhere.",
        UserWarning,
        place.filename,
        place.lineno,
    )


def _calls_python(proto: Any) -> bool:
    serialized = proto.SerializeToString()
    return any(name in serialized for name in _NAMED)


def _goes_on(proto: Any, *, initial_values: bool = True) -> bool:
    """Whether operations go on from their seed, in the worker, from call to call."""
    return _SEED in proto.SerializeToString() and any(
        seeds.are_outside_data_sets(graph, initial_values=initial_values)
        for graph in _graphs(proto)
    )


def _graphs(message: Any) -> Iterator[Any]:
    """The graphs of all TensorFlow code in a serialized computation."""
    if message.DESCRIPTOR.name == "TensorFlow":
        graph = tf.compat.v1.GraphDef()
        message.graph_def.Unpack(graph)
        yield graph
        return
    for field, value in message.ListFields():
        if field.message_type is not None:
            for each in value if field.label == field.LABEL_REPEATED else [value]:
                yield from _graphs(each)


def _has_data_sets(type_spec: Any) -> bool:
    return isinstance(type_spec, tff.SequenceType) or any(
        _has_data_sets(each) for each in type_spec.children()
    )


@contextlib.contextmanager
def _beside_worker(release: Version) -> Iterator[None]:
    stack = tff.framework.get_context_stack()
    if not isinstance(stack.current, tff.framework.SyncExecutionContext):
        # One that traces, or runs computations in a way of its own.
        yield
        return
    with stack.install(runtimes.context(_Factory(stack.current.executor_factory, release))):
        yield


class _Factory(runtimes.Factory):
    """Makes the executors of another factory, with this process beside them."""

    def __init__(self, factory: Any, release: Version):
        self._factory = factory
        self._release = release

    def create_executor(self, cardinalities: Mapping[Any, int]) -> Any:
        executor = self._factory.create_executor(cardinalities)
        number = cardinalities.get(tff.CLIENTS)
        worker = composing.Worker("the local runtime", executor, number or 0)
        return _Executor(worker, self._release, known=number is not None)

    def clean_up_executor(self, cardinalities: Any) -> None:
        self._factory.clean_up_executor(cardinalities)


class _Executor(composing.ComposingExecutor):
    """Runs computations in one worker, but for what it would not do as of the release."""

    def __init__(self, worker: composing.Worker, release: Version, *, known: bool):
        super().__init__([worker], known=known)
        self._release = release

    def _is_ours(self, function: Any) -> bool:
        proto = function.block.proto
        if _calls_python(proto):
            return True
        if self._release >= FIRST_WITH_SESSIONS_KEPT or not _goes_on(proto):
            return False
        if not _has_data_sets(function.type_signature):
            return True
        if _goes_on(proto, initial_values=False):
            _tell(self._release)
        return False

    async def _call_at_server(self, function: Any, argument: Any) -> Any:
        if not self._is_ours(function):
            return await super()._call_at_server(function, argument)
        given = None if argument is None else await argument.compute()
        result = _run(function.block.proto, function.type_signature, given)
        return await self._at_server(result, function.type_signature.result)

    async def _intrinsic(self, block: Any, argument: Any) -> Any:
        functions = _functions(argument)
        if not any(self._is_ours(each) for each in functions):
            return await super()._intrinsic(block, argument)
        if block.uri in _NO_ARGUMENT:
            at_clients = block.type_signature.result.placement is tff.CLIENTS
            number = self._server.num_clients if at_clients else 1
            results = [await self._called(argument, None) for _ in range(number)]
            given = results if at_clients else results[0]
            return await self.create_value(given, block.type_signature.result)
        if block.uri not in _FOR_EACH:
            if any(_calls_python(each.block.proto) for each in functions):
                raise _unable(f"`{block.uri}`")
            _tell(self._release)
            return await super()._intrinsic(block, argument)
        function, values = (value for _, value in argument.elements)
        value_type = values.type_signature
        result_type = block.type_signature.result
        given = await values.compute()
        each_differs = value_type.placement is tff.CLIENTS and not value_type.all_equal
        results = []
        for value in given if each_differs else [given]:
            at_server = await self._at_server(value, value_type.member)
            results.append(await self._called(function, at_server))
        return await self.create_value(results if each_differs else results[0], result_type)

    async def _called(self, function: Any, argument: Any) -> Any:
        called = await self.create_call(function, argument)
        return await called.compute()


def _functions(value: Any) -> list[Any]:
    if isinstance(value, composing._Struct):
        return [each for _, element in value.elements for each in _functions(element)]
    return [value] if isinstance(value, composing._Function) else []


def _unable(what: str) -> deprecation.LegacyAPIError:
    return deprecation.LegacyAPIError(
        f"{what} cannot call `tf.numpy_function` or `tf.py_function`: it runs in the worker of TFF "
        f"{installation.version()}, which has no Python. Call them in a `tff.tf_computation` that "
        "is called directly, by `tff.federated_map` or `tff.federated_eval`, compute their values "
        "before and pass these as arguments, or write them with operations of TensorFlow."
    )


def _run(proto: Any, type_signature: Any, argument: Any) -> Any:
    """The result of a serialized computation of TensorFlow code, run in this process."""
    embed = modern.internal_module(
        "core.impl.utils.tensorflow_utils"
    ).deserialize_and_call_tf_computation
    argument = _read(argument)
    with tf.Graph().as_default() as graph:
        given = None
        if type_signature.parameter is not None:
            given = _as_tensors(argument, type_signature.parameter)
        initialize, result = embed(proto, given, graph, "", tf.constant(""))
        tensors = tff.structure.flatten(result)
        if not all(tf.is_tensor(each) for each in tensors):
            raise _unable("What returns a data set")
        with tf.compat.v1.Session(graph=graph) as session:
            if initialize is not None:
                session.run(initialize)
            values = session.run(tensors)
    return tff.structure.pack_sequence_as(result, values)


def _read(value: Any) -> Any:
    """The value with the elements of data sets, which cannot be read in a graph."""
    if isinstance(value, tff.structure.Struct):
        elements = tff.structure.iter_elements(value)
        return tff.structure.Struct((name, _read(each)) for name, each in elements)
    return list(value.as_numpy_iterator()) if isinstance(value, tf.data.Dataset) else value


def _as_tensors(value: Any, type_spec: Any) -> Any:
    if isinstance(type_spec, tff.StructType):
        types = tff.structure.to_elements(type_spec)
        values = tff.structure.from_container(value)
        return tff.structure.Struct(
            (name, _as_tensors(each, of)) for (name, of), each in zip(types, values)
        )
    if isinstance(type_spec, tff.SequenceType):
        return _as_data_set(value, type_spec.element)
    return tf.constant(value, type_spec.dtype)


def _as_data_set(elements: Any, element_type: Any) -> tf.data.Dataset:
    # Begun by an element that is dropped again, since there may be no other.
    made = tf.data.Dataset.from_tensors(_as_python(_empty(element_type))).take(0)
    for element in elements:
        tensors = _as_python(_as_tensors(element, element_type))
        made = made.concatenate(tf.data.Dataset.from_tensors(tensors))
    return made


def _as_python(tensors: Any) -> Any:
    if isinstance(tensors, tff.structure.Struct):
        return tff.structure.to_odict_or_tuple(tensors)
    return tensors


def _empty(type_spec: Any) -> Any:
    if isinstance(type_spec, tff.StructType):
        elements = tff.structure.to_elements(type_spec)
        return tff.structure.Struct((name, _empty(each)) for name, each in elements)
    return tf.zeros([size or 0 for size in type_spec.shape], type_spec.dtype)
