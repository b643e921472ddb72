"""A remote executor that is used by itself, in 0.17: setting its cardinalities is awaited."""

import asyncio
import inspect
import json
import multiprocessing
import socket

import grpc
import tensorflow as tf
import tensorflow_federated as tff


def serve(port):
  tff.simulation.run_server(
      tff.framework.local_executor_factory(), num_threads=4, port=port)


with socket.socket() as s:
  s.bind(('localhost', 0))
  PORT = s.getsockname()[1]
server = multiprocessing.get_context('fork').Process(target=serve, args=(PORT,), daemon=True)
server.start()
channel = grpc.insecure_channel('localhost:{}'.format(PORT))
grpc.channel_ready_future(channel).result(timeout=120)


@tff.tf_computation(tf.int32)
def add_one(x):
  return x + 1


async def run(executor):
  setting = executor.set_cardinalities({tff.CLIENTS: 3})
  awaited = inspect.iscoroutine(setting) or inspect.isawaitable(setting)
  if awaited:
    await setting
  function = await executor.create_value(add_one, add_one.type_signature)
  argument = await executor.create_value(4, tff.TensorType(tf.int32))
  called = await executor.create_call(function, argument)
  at_clients = await executor.create_value(
      [1, 2, 3], tff.FederatedType(tf.int32, tff.CLIENTS))
  return [
      awaited,
      int(await called.compute()),
      [int(each) for each in await at_clients.compute()],
      str(at_clients.type_signature),
  ]


output = {
    'run': asyncio.new_event_loop().run_until_complete(
        run(tff.framework.RemoteExecutor(channel))),
    'is_coroutine_function': inspect.iscoroutinefunction(
        inspect.unwrap(tff.framework.RemoteExecutor.set_cardinalities)),
}
server.terminate()
server.join()
print(json.dumps(output))
