"""Computations on two worker processes: how they are divided, and what happens when one ends."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import grpc
import numpy as np
import pytest
import tff_compat

pytestmark = pytest.mark.tff

tf = pytest.importorskip("tensorflow")
tff = pytest.importorskip("tensorflow_federated")

from tff_compat.adapters.framework import composing, remote, runtimes  # noqa: E402

AT_CLIENTS = tff.FederatedType(np.int32, tff.CLIENTS)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("localhost", 0))
        return int(listener.getsockname()[1])


def listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("localhost", port)) == 0


def wait_until(condition, seconds: float = 30.0) -> None:
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.05)


class Worker:
    """A process of `tff-compat worker`."""

    def __init__(self) -> None:
        self.port = free_port()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tff_compat", "worker", "--port", str(self.port)],
            stderr=subprocess.DEVNULL,
        )
        self.channel = grpc.insecure_channel(f"localhost:{self.port}")

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self.channel.close()


@pytest.fixture
def workers() -> Iterator[list[Worker]]:
    started = [Worker(), Worker()]
    yield started
    for worker in started:
        worker.end()


@pytest.fixture
def context(workers):
    factory = remote.factory_from_channels(
        [worker.channel for worker in workers], default_num_clients=3
    )
    made = runtimes.context(factory)
    with tff.framework.get_context_stack().install(made):
        yield made


@tff.tensorflow.computation(np.int32)
def add_one(x):
    return x + 1


@tff.federated_computation(AT_CLIENTS)
def add_one_to_each(x):
    return tff.federated_map(add_one, x)


@tff.federated_computation()
def number_of_clients():
    return tff.federated_sum(tff.federated_value(np.int32(1), tff.CLIENTS))


@tff.tensorflow.computation(np.int32)
def wait_long(x):
    # For 1 minutes, if nobody ends it; for 0 not at all.
    def multiply(number, product):
        return number + 1, tf.sin(tf.matmul(product, product))

    start = (0, tf.fill([700, 700], tf.cast(x, tf.float32)))
    _, product = tf.while_loop(lambda number, _: number < 100_000 * x, multiply, start)
    return x + tf.cast(product[0, 0], tf.int32)


@tff.federated_computation(AT_CLIENTS)
def sum_after_long(x):
    return tff.federated_sum(tff.federated_map(wait_long, x))


def test_each_worker_has_a_part_of_the_clients(context):
    assert add_one_to_each([1, 2, 3]) == [2, 3, 4]
    executor = context.executor_factory.create_executor({tff.CLIENTS: 3})
    assert [worker.num_clients for worker in executor._workers] == [2, 1]
    assert number_of_clients() == 3


@pytest.mark.parametrize(
    ("total", "parts", "shares"),
    [(5, 2, [3, 2]), (1, 3, [1, 0, 0]), (0, 2, [0, 0]), (6, 3, [2, 2, 2])],
)
def test_shares(total, parts, shares):
    assert composing._shares(total, parts) == shares


def test_what_the_server_draws_is_drawn_once(context):
    @tff.tensorflow.computation
    def draw():
        return tf.random.uniform([], maxval=2**30, dtype=tf.int32)

    @tff.federated_computation(AT_CLIENTS)
    def drawn(x):
        number = tff.federated_eval(draw, tff.SERVER)
        at_clients = tff.federated_broadcast(number)
        each = tff.federated_map(
            tff.tensorflow.computation(lambda given, x: given + x), (at_clients, x)
        )
        return number, each, tff.federated_max(each)

    number, each, largest = drawn([0, 0, 0, 0])
    assert set(each) == {number} == {largest}


@pytest.mark.parametrize("clients", [[0, 0, 1, 1], [1, 1, 1, 1]], ids=["other_done", "other_busy"])
def test_a_worker_that_ends_in_a_round_is_an_error(workers, context, clients):
    add_one_to_each([1, 2])
    killer = threading.Timer(3.0, workers[1].process.kill)
    killer.start()
    started = time.monotonic()
    with pytest.raises(ConnectionError, match=r"channels\[1\]"):
        sum_after_long(clients)
    assert 3.0 <= time.monotonic() - started < 30.0
    assert workers[1].process.wait(timeout=10) == -signal.SIGKILL
    if clients[0] == 0:
        # Else the other one is busy for minutes with what was given up.
        assert add_one_to_each([1, 2, 3]) == [2, 3, 4]


def test_no_worker_is_an_error(workers, context, monkeypatch):
    for worker in workers:
        worker.process.terminate()
        worker.process.wait()
    monkeypatch.setattr(composing, "_SECONDS_FOR_ONE", 1.0)
    with pytest.raises(ConnectionError, match="tff-compat worker --port"):
        add_one_to_each([1, 2])


def test_a_worker_that_came_back_is_used_again(workers, context):
    assert add_one_to_each([1, 2]) == [2, 3]
    workers[1].process.terminate()
    workers[1].process.wait()
    again = subprocess.Popen(workers[1].process.args, stderr=subprocess.DEVNULL)
    workers[1].process = again
    wait_until(lambda: listens(workers[1].port))
    grpc.channel_ready_future(workers[1].channel).result(timeout=30)
    assert add_one_to_each([1, 2, 3]) == [2, 3, 4]


def test_a_number_of_clients_that_nobody_tells_is_an_error(workers):
    factory = remote.factory_from_channels([worker.channel for worker in workers])
    with tff.framework.get_context_stack().install(runtimes.context(factory)):
        assert add_one_to_each([1, 2]) == [2, 3]
        with pytest.raises(ValueError, match="do not tell"):
            number_of_clients()


def test_secure_sums_do_not_run_and_say_so(context):
    @tff.federated_computation(AT_CLIENTS)
    def secure(x):
        return tff.federated_secure_sum_bitwidth(x, 8)

    with pytest.raises(NotImplementedError, match="federated_secure_sum_bitwidth"):
        secure([1, 2, 3])


def test_workers_end_with_their_process(workers):
    for worker in workers:
        wait_until(lambda worker=worker: listens(worker.port))
        worker.process.terminate()
        assert worker.process.wait(timeout=10) == -signal.SIGTERM
        assert not listens(worker.port)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel ends the worker")
def test_the_worker_of_run_server_ends_with_it():
    port = free_port()
    program = (
        "import tff_compat; tff = tff_compat.as_of('0.33.0'); tff.simulation.run_server("
        f"tff.framework.local_executor_factory(), num_threads=1, port={port})"
    )
    server = subprocess.Popen([sys.executable, "-W", "ignore", "-c", program])
    try:
        wait_until(lambda: listens(port), seconds=120)
    finally:
        server.kill()
        server.wait()
    wait_until(lambda: not listens(port))


def test_run_server_refuses_what_the_worker_cannot_do():
    early = tff_compat.as_of("0.33.0")
    factory = early.framework.local_executor_factory()
    credentials = grpc.ssl_server_credentials([(b"key", b"certificate")])
    with pytest.raises(tff_compat.LegacyAPIError, match="encrypt"):
        early.simulation.run_server(factory, 1, free_port(), credentials)
    with pytest.raises(tff_compat.LegacyAPIError, match="its own local runtime"):
        early.simulation.run_server(object(), 1, free_port())
    with socket.socket() as taken:
        taken.bind(("", 0))
        taken.listen()
        with pytest.raises(RuntimeError, match="cannot be listened on"):
            early.simulation.run_server(factory, 1, taken.getsockname()[1])
