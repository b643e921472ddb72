"""Runs one computation on several workers, each with a part of the clients.

TFF has workers and the executor that talks to one of them. What joined them, the composing
executor, is only in its C++ sources and not in what is published. This one asks of each worker what
its clients do, and of the first one also what the server does.
"""

from __future__ import annotations

import abc
import asyncio
import itertools
import threading
import time
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, Callable, TypeVar

import grpc
from packaging.version import Version

from tff_compat import installation, modern
from tff_compat.adapters.framework import runtimes

tff = modern.package()

_T = TypeVar("_T")

_SECONDS_FOR_ALL = 5.0
"""How long the first computation waits for all workers; they are often started just before."""

_SECONDS_FOR_ONE = 60.0
"""How long a computation waits for at least one worker."""

_SECONDS_BETWEEN_LOOKS = 1.0
"""How often a request that is not answered yet has the other workers looked after."""

_FIRST_WITH_EXECUTORS_APART = Version("0.21")
"""An earlier worker has one number of clients alone, the one that it was told last."""

_AT_EACH_WORKER = frozenset(
    {
        "federated_eval_at_clients",
        "federated_map",
        "federated_map_all_equal",
        "federated_select",
        "federated_value_at_clients",
        "federated_zip_at_clients",
    }
)
"""Intrinsics whose result for a client depends on nothing of another client."""

_AT_THE_SERVER = frozenset(
    {
        "federated_apply",
        "federated_eval_at_server",
        "federated_value_at_server",
        "federated_zip_at_server",
        "sequence_map",
        "sequence_reduce",
        "sequence_sum",
    }
)

_CREATE_CLIENTS = frozenset(
    {"federated_broadcast", "federated_eval_at_clients", "federated_value_at_clients"}
)
"""Intrinsics whose result is at clients while no argument tells how many there are."""


async def _in_a_thread(coroutine: Coroutine[Any, Any, _T]) -> _T:
    """The result of a coroutine that blocks, as requests of TFF to a worker do.

    The thread is not waited for where the computation is given up: another worker may be busy with
    it for long.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[_T] = loop.create_future()

    def give(setter: Callable[[Any], None], value: Any) -> None:
        if not future.done():
            setter(value)

    def run() -> None:
        try:
            result = asyncio.run(coroutine)
        except BaseException as error:
            loop.call_soon_threadsafe(give, future.set_exception, error)
        else:
            loop.call_soon_threadsafe(give, future.set_result, result)

    threading.Thread(target=run, daemon=True).start()
    return await future


class Worker:
    """One worker: its executor, with the clients that it stands for.

    Attributes:
      name: What messages call it, such as ``"channels[1]"``.
      num_clients: How many clients it has in this computation.
      others: The workers that have the other clients of the computation; they are the ones whose
        connections, by their stubs, are looked after.
    """

    def __init__(self, name: str, executor: Any, num_clients: int, stub: Any = None):
        self.name = name
        self.num_clients = num_clients
        self.others: Sequence[Worker] = ()
        self._stub = stub
        self._executor = executor

    async def _ask(self, request: Coroutine[Any, Any, _T]) -> _T:
        answer = asyncio.ensure_future(self._answer(request))
        try:
            while not (await asyncio.wait({answer}, timeout=_SECONDS_BETWEEN_LOOKS))[0]:
                # A busy worker may answer after long, and what it is asked for is of no use
                # without the others, of which nothing may be asked in the meantime.
                for other in self.others:
                    await other.look_after()
            return answer.result()
        finally:
            answer.cancel()

    async def look_after(self) -> None:
        """Asks a worker whose connection was lost for next to nothing.

        Raises:
          ConnectionError: The worker ended.
        """
        if not self._stub.is_ready:
            await self._answer(self._executor.create_struct(tff.structure.Struct([])))

    async def _answer(self, request: Coroutine[Any, Any, _T]) -> _T:
        try:
            return await _in_a_thread(request)
        except grpc.RpcError as error:
            if not isinstance(error, grpc.Call) or error.code() != grpc.StatusCode.UNAVAILABLE:
                raise
            # TFF would try again for ever.
            raise ConnectionError(
                f"The worker behind {self.name} ended, or cannot be reached any more, during a "
                f"computation: {error.details()}. Called again, the computation runs on the "
                "workers that are left."
            ) from error

    async def value(self, value: Any, type_spec: Any) -> Any:
        """Hands this worker a value, which is a Python object or a computation."""
        return await self._ask(self._executor.create_value(value, type_spec))

    async def call(self, function: Any, argument: Any) -> Any:
        """The result of a call of what is at this worker, at this worker."""
        return await self._ask(self._executor.create_call(function, argument))

    async def struct(self, elements: Any) -> Any:
        """A structure of what is at this worker, at this worker."""
        return await self._ask(self._executor.create_struct(elements))

    async def select(self, source: Any, index: int) -> Any:
        """An element of a structure that is at this worker."""
        return await self._ask(self._executor.create_selection(source, index))

    async def compute(self, value: Any) -> Any:
        """The Python object of a value at this worker."""
        return await self._ask(value.compute())

    def close(self) -> None:
        """Lets the worker forget this computation's values."""
        self._executor.close()


class _Value(runtimes.ExecutorValue):  # type: ignore[misc]
    """A value that is at one worker, at each, or a structure or function of such."""

    def __init__(self, type_signature: Any):
        self._type_signature = type_signature

    @property
    def type_signature(self) -> Any:
        return self._type_signature

    @property
    def reference(self) -> Any:
        """What the value refers to in this process: nothing but itself."""
        return self

    @abc.abstractmethod
    async def at(self, worker: Worker) -> Any:
        """The value as that worker has it; brought there where it was not."""


class _AtServer(_Value):
    """A value at the first worker: placed at the server, or nowhere."""

    def __init__(self, server: Worker, value: Any, type_signature: Any):
        super().__init__(type_signature)
        self._server = server
        self._values = {server: value}

    async def compute(self) -> Any:
        return await self._server.compute(self._values[self._server])

    async def at(self, worker: Worker) -> Any:
        if worker not in self._values:
            self._values[worker] = await worker.value(await self.compute(), self.type_signature)
        return self._values[worker]


class _AtClients(_Value):
    """A value placed at clients: each worker has those of its own."""

    def __init__(self, values: Mapping[Worker, Any], type_signature: Any):
        super().__init__(type_signature)
        self._values = values

    async def compute(self) -> Any:
        if self.type_signature.all_equal:
            worker, value = next(iter(self._values.items()))
            return await worker.compute(value)
        parts = await asyncio.gather(
            *(worker.compute(value) for worker, value in self._values.items())
        )
        return [each for part in parts for each in part]

    async def at(self, worker: Worker) -> Any:
        return self._values[worker]


class _Struct(_Value):
    """A structure; its elements may be anywhere."""

    def __init__(self, elements: Sequence[tuple[str | None, _Value]]):
        self.elements = elements
        super().__init__(tff.StructType([(name, value.type_signature) for name, value in elements]))

    async def compute(self) -> Any:
        values = await asyncio.gather(*(value.compute() for _, value in self.elements))
        return tff.structure.Struct(
            (name, value) for (name, _), value in zip(self.elements, values)
        )

    async def at(self, worker: Worker) -> Any:
        found = [(name, await value.at(worker)) for name, value in self.elements]
        return await worker.struct(tff.structure.Struct(found))


class _Function(_Value):
    """A computation, as a building block with the values of what it refers to."""

    def __init__(self, block: Any, scope: Mapping[str, _Value]):
        super().__init__(block.type_signature)
        self.block = block
        self.scope = scope

    async def compute(self) -> Any:
        raise TypeError(f"A computation cannot return a function, found {self.type_signature}.")

    async def at(self, worker: Worker) -> Any:
        return await worker.value(self.block.proto, self.type_signature)


class ComposingExecutor(runtimes.Executor):  # type: ignore[misc]
    """Runs computations, compiled to TFF's call-dominant form, on some workers together.

    Args:
      workers: The workers, at least one; the first one also has what is at the server.
      known: Whether their numbers of clients are those of the computation. Else there is an error
        where a computation needs clients and its arguments do not tell how many.
    """

    def __init__(self, workers: Sequence[Worker], *, known: bool):
        self._workers = workers
        for worker in workers:
            worker.others = [each for each in workers if each is not worker]
        self._server = workers[0]
        self._known = known

    def close(self) -> None:
        """Ends the executors on all workers."""
        for worker in self._workers:
            worker.close()

    async def create_value(self, value: Any, type_spec: Any = None) -> _Value:
        """Hands a value or a computation over: clients' values are divided among the workers."""
        if type_spec is None:
            type_spec = value.type_signature
        if isinstance(type_spec, tff.FunctionType):
            return await self._evaluate(value.to_building_block(), {})
        if isinstance(type_spec, tff.StructType):
            types = tff.structure.to_elements(type_spec)
            values = tff.structure.from_container(value)
            return _Struct(
                [
                    (name, await self.create_value(each, of))
                    for (name, of), each in zip(types, values)
                ]
            )
        if isinstance(type_spec, tff.FederatedType) and type_spec.placement is tff.CLIENTS:
            return await self._create_at_clients(value, type_spec)
        return await self._at_server(value, type_spec)

    async def _at_server(self, value: Any, type_spec: Any) -> _Value:
        return _AtServer(self._server, await self._server.value(value, type_spec), type_spec)

    async def _create_at_clients(self, value: Any, type_spec: Any) -> _Value:
        if type_spec.all_equal:
            return await self._at_all_clients(value, type_spec)
        total = sum(worker.num_clients for worker in self._workers)
        if len(value) != total:
            raise ValueError(f"Expected the values of {total} clients, found {len(value)}.")
        remaining = iter(value)
        parts = [list(itertools.islice(remaining, each.num_clients)) for each in self._workers]
        values = await asyncio.gather(
            *(worker.value(part, type_spec) for worker, part in zip(self._workers, parts))
        )
        return _AtClients(dict(zip(self._workers, values)), type_spec)

    async def _at_all_clients(self, value: Any, type_spec: Any) -> _Value:
        values = await asyncio.gather(*(each.value(value, type_spec) for each in self._workers))
        return _AtClients(dict(zip(self._workers, values)), type_spec)

    async def create_struct(self, elements: Any) -> _Value:
        """A structure of values, which stays in this process."""
        return _Struct(tff.structure.to_elements(tff.structure.from_container(elements)))

    async def create_selection(self, source: _Value, index: int) -> _Value:
        """An element of a structure, by its position."""
        if isinstance(source, _Struct):
            return source.elements[index][1]
        selected = await self._server.select(await source.at(self._server), index)
        return _AtServer(self._server, selected, selected.type_signature)

    async def create_call(self, comp: _Value, arg: _Value | None = None) -> _Value:
        """Calls a computation; what is at clients is done by the workers that have them."""
        if not isinstance(comp, _Function):
            raise TypeError(f"Expected a computation, found {comp.type_signature}.")
        block = comp.block
        if isinstance(block, tff.framework.Lambda):
            if block.parameter_name is None or arg is None:
                return await self._evaluate(block.result, comp.scope)
            return await self._evaluate(block.result, {**comp.scope, block.parameter_name: arg})
        if isinstance(block, tff.framework.Intrinsic):
            return await self._intrinsic(block, arg)
        return await self._call_at_server(comp, arg)

    async def _evaluate(self, block: Any, scope: Mapping[str, _Value]) -> _Value:
        framework = tff.framework
        if isinstance(block, framework.Reference):
            return scope[block.name]
        if isinstance(block, framework.Selection):
            source = await self._evaluate(block.source, scope)
            index = block.index
            if index is None:
                index = tff.structure.name_list_with_nones(source.type_signature).index(block.name)
            return await self.create_selection(source, index)
        if isinstance(block, framework.Struct):
            return _Struct(
                [
                    (name, await self._evaluate(each, scope))
                    for name, each in tff.structure.iter_elements(block)
                ]
            )
        if isinstance(block, framework.Block):
            for name, each in block.locals:
                scope = {**scope, name: await self._evaluate(each, scope)}
            return await self._evaluate(block.result, scope)
        if isinstance(block, framework.Call):
            function = await self._evaluate(block.function, scope)
            argument = None
            if block.argument is not None:
                argument = await self._evaluate(block.argument, scope)
            return await self.create_call(function, argument)
        if isinstance(block.type_signature, tff.FunctionType):
            return _Function(block, scope)
        return await self._at_server(block.proto, block.type_signature)

    async def _call_at_server(self, function: _Value, argument: _Value | None) -> _Value:
        given = None if argument is None else await argument.at(self._server)
        result = await self._server.call(await function.at(self._server), given)
        return _AtServer(self._server, result, function.type_signature.result)

    async def _intrinsic(self, block: Any, argument: Any) -> _Value:
        if block.uri in _CREATE_CLIENTS and not self._known:
            raise ValueError(
                f"`{block.uri}` needs clients, and the arguments of the computation do not tell "
                "how many there are. Before, each worker had a number of its own; a worker of TFF "
                f"{installation.version()} is told with each computation. Use "
                "`tff.backends.native.set_sync_local_cpp_execution_context(default_num_clients=…)`"
                " or give the computation a value at clients."
            )
        if block.uri == "federated_broadcast":
            return await self._at_all_clients(await argument.compute(), block.type_signature.result)
        if block.uri == "federated_aggregate":
            return await self._aggregate(block, argument)
        function = _Function(block, {})
        if block.uri in _AT_EACH_WORKER:
            called = await self._call_each(function, argument)
            return _AtClients(called, block.type_signature.result)
        if block.uri in _AT_THE_SERVER or len(self._workers) == 1:
            return await self._call_at_server(function, argument)
        raise NotImplementedError(
            f"`{block.uri}` does not run on several workers; on a single one, or on the local "
            "runtime, it does what TFF does there."
        )

    async def _call_each(self, function: _Value, argument: Any) -> dict[Worker, Any]:
        async def call(worker: Worker) -> Any:
            given = await argument.at(worker)
            return await worker.call(await function.at(worker), given)

        called = await asyncio.gather(*(call(worker) for worker in self._workers))
        return dict(zip(self._workers, called))

    async def _aggregate(self, block: Any, argument: Any) -> _Value:
        """Each worker aggregates over its clients; the first one merges, in the workers' order."""
        if len(self._workers) == 1:
            return await self._call_at_server(_Function(block, {}), argument)
        *parts, report = [value for _, value in argument.elements]
        merge = parts[-1]
        partial = merge.type_signature.result
        unreported = tff.framework.Lambda(
            "value", partial, tff.framework.Reference("value", partial)
        )
        at_server = tff.FederatedType(partial, tff.SERVER)
        elements = _Struct([(None, each) for each in (*parts, _Function(unreported, {}))])
        given = [each for _, each in tff.structure.iter_elements(block.type_signature.parameter)]
        parameter = tff.StructType([*given[:-1], unreported.type_signature])
        aggregate = _intrinsic(block.uri, parameter, at_server)
        called = await self._call_each(aggregate, elements)
        computed = await asyncio.gather(
            *(worker.compute(value) for worker, value in called.items() if worker != self._server)
        )
        merged: _Value = _AtServer(self._server, called[self._server], at_server)
        for value in computed:
            merged = await self._apply(merge, merged, await self._at_server(value, at_server))
        return await self._apply(report, merged)

    async def _apply(self, function: _Value, *arguments: _Value) -> _Value:
        """A function of values at the server, its result there too."""
        argument = arguments[0]
        if len(arguments) > 1:
            pair = _Struct([(None, each) for each in arguments])
            members = tff.StructType([each.type_signature.member for each in arguments])
            zipped = tff.FederatedType(members, tff.SERVER)
            zip_them = _intrinsic("federated_zip_at_server", pair.type_signature, zipped)
            argument = await self._call_at_server(zip_them, pair)
        given = _Struct([(None, function), (None, argument)])
        result = tff.FederatedType(function.type_signature.result, tff.SERVER)
        apply = _intrinsic("federated_apply", given.type_signature, result)
        return await self._call_at_server(apply, given)


def _intrinsic(uri: str, parameter: Any, result: Any) -> _Function:
    return _Function(tff.framework.Intrinsic(uri, tff.FunctionType(parameter, result)), {})


class WorkersFactory(runtimes.Factory):
    """Makes the executors of computations on those workers that are ready.

    Args:
      stubs: What talks to the workers, by the name that messages give them.
      default_num_clients: The number of clients where the arguments of a computation do not tell
        it; None for an error there.
      options: Keyword arguments of `tff.framework.RemoteExecutor`.
    """

    def __init__(
        self,
        stubs: Mapping[str, Any],
        default_num_clients: int | None,
        options: Mapping[str, Any],
    ):
        self._stubs = stubs
        self._default_num_clients = default_num_clients
        self._options = options
        self._waited = False
        self._ready: Sequence[str] = ()
        self._factory: Any = None

    def create_executor(self, cardinalities: Any) -> Any:
        """The executor for so many clients, on the workers that are ready now.

        Raises:
          ConnectionError: No worker becomes ready.
        """
        ready = self._await_ready()
        if ready != self._ready:
            # What runs on the workers that were ready before keeps its executor.
            self._ready = ready
            self._factory = tff.framework.ResourceManagingExecutorFactory(
                lambda cardinalities: self._compose(ready, cardinalities)
            )
        if installation.version() < _FIRST_WITH_EXECUTORS_APART:
            return self._compose(ready, cardinalities)
        return self._factory.create_executor(cardinalities)

    def clean_up_executor(self, cardinalities: Any) -> None:
        """Forgets the executor for so many clients."""
        if self._factory is not None:
            self._factory.clean_up_executor(cardinalities)

    def clean_up_executors(self) -> None:
        """Forgets all executors."""
        self._ready, self._factory = (), None

    def _await_ready(self) -> list[str]:
        started = time.monotonic()
        while True:
            ready = [name for name, stub in self._stubs.items() if stub.is_ready]
            waited = time.monotonic() - started
            enough = self._waited or waited > _SECONDS_FOR_ALL
            if len(ready) == len(self._stubs) or (ready and enough):
                self._waited = True
                return ready
            if waited > _SECONDS_FOR_ONE:
                raise ConnectionError(
                    f"None of {len(self._stubs)} workers ({', '.join(self._stubs)}) is ready after "
                    f"{_SECONDS_FOR_ONE:.0f} seconds. `tff-compat worker --port PORT` starts one."
                )
            time.sleep(0.05)

    def _compose(self, ready: Sequence[str], cardinalities: Mapping[Any, int]) -> Any:
        num_clients = cardinalities.get(tff.CLIENTS, self._default_num_clients)
        workers: list[Worker] = []
        for name, number in zip(ready, _shares(num_clients or 0, len(ready))):
            if number or not workers:
                stub = self._stubs[name]
                executor = tff.framework.RemoteExecutor(stub, **self._options)
                executor.set_cardinalities({tff.CLIENTS: number})
                workers.append(Worker(name, executor, number, stub))
        return ComposingExecutor(workers, known=num_clients is not None)


def _shares(total: int, parts: int) -> list[int]:
    """How many clients each worker has: as evenly as can be, the first ones the most."""
    least, more = divmod(total, parts)
    return [least + 1] * more + [least] * (parts - more)
