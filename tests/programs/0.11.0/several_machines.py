"""Two workers, each a process with two clients of its own, in a pool."""

import collections
import json
import multiprocessing
import socket

import grpc
import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()


def serve(port):
  executor = tff.framework.create_local_executor(2)({})
  tff.simulation.run_server(executor, num_threads=10, port=port)


def free_port():
  with socket.socket() as s:
    s.bind(('localhost', 0))
    return s.getsockname()[1]


PORTS = [free_port(), free_port()]
SERVERS = [
    multiprocessing.get_context('fork').Process(target=serve, args=(port,), daemon=True)
    for port in PORTS
]
for server in SERVERS:
  server.start()

CHANNELS = [grpc.insecure_channel('localhost:{}'.format(port)) for port in PORTS]
for channel in CHANNELS:
  grpc.channel_ready_future(channel).result(timeout=120)

tff.framework.set_default_executor(
    tff.framework.create_worker_pool_executor(
        [tff.framework.RemoteExecutor(channel, rpc_mode=mode)
         for channel, mode in zip(CHANNELS, ['REQUEST_REPLY', 'STREAMING'])]))


@tff.tf_computation(tf.int32)
def add_one(x):
  return x + 1


@tff.federated_computation(tff.FederatedType(tf.int32, tff.CLIENTS))
def add_one_to_each(x):
  return tff.federated_map(add_one, x)


@tff.federated_computation(tff.FederatedType(tf.int32, tff.CLIENTS))
def total(x):
  return tff.federated_sum(x)


@tff.federated_computation(tff.FederatedType(tf.float32, tff.CLIENTS))
def mean(x):
  return tff.federated_mean(x)


output = collections.OrderedDict()
output['add_one_to_each'] = [int(x) for x in add_one_to_each([1, 2, 3, 4])]
output['total'] = int(total([1, 2, 3, 4]))
output['mean'] = float(mean([1., 2., 6., 7.]))

for server in SERVERS:
  server.terminate()
  server.join()

print(json.dumps(output))
