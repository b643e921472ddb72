"""A remote executor in a factory of one's own, in 0.34."""

import json
import multiprocessing
import socket

import grpc
import tensorflow as tf
import tensorflow_federated as tff
from tensorflow_federated.python.core.impl.executors import remote_executor_grpc_stub


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


def make_executor(cardinalities):
  executor = tff.framework.RemoteExecutor(
      remote_executor_grpc_stub.RemoteExecutorGrpcStub(channel), dispose_batch_size=2)
  executor.set_cardinalities(cardinalities)
  return executor


@tff.tf_computation(tf.int32)
def add_one(x):
  return x + 1


@tff.federated_computation(tff.type_at_clients(tf.int32), tff.type_at_server(tf.int32))
def added(x, y):
  both = tff.federated_zip((x, tff.federated_broadcast(y)))
  added = tff.federated_map(tff.tf_computation(lambda a, b: a + b), both)
  return added, tff.federated_sum(added)


def error(function, *args):
  try:
    function(*args)
    return 'made'
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


tff.framework.set_default_context(tff.framework.ExecutionContext(
    executor_fn=tff.framework.ResourceManagingExecutorFactory(make_executor),
    compiler_fn=tff.backends.native.transform_to_native_form))
at_clients, total = added([1, 2, 3], 10)
output = {
    'types': [str(each.type_signature) for each in (added, add_one)],
    'added': [[int(v) for v in at_clients], int(total)],
    'local': int(add_one(4)),
    'errors': [error(tff.framework.RemoteExecutor, None, None, '20')],
}
server.terminate()
server.join()
print(json.dumps(output))
