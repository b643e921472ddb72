"""Two workers, each a process with two clients of its own, in a pool."""

import collections
import json
import multiprocessing
import socket

import grpc
import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()


def serve(port):
  executor = tff.framework.local_executor_factory(num_clients=2).create_executor({})
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
    tff.framework.worker_pool_executor_factory(
        [tff.framework.RemoteExecutor(channel) for channel in CHANNELS]))


@tff.tf_computation(tf.int32)
def add_one(x):
  return x + 1


@tff.federated_computation(tff.FederatedType(tf.int32, tff.CLIENTS))
def add_one_to_each(x):
  return [tff.federated_map(add_one, x), tff.federated_sum(x)]


@tff.federated_computation(tff.FederatedType(tf.float32, tff.CLIENTS))
def mean(x):
  return tff.federated_mean(x)


def client_data(client, num_examples):
  x = (np.arange(num_examples * 2).reshape(-1, 2) % (3 + client)) / 3.0
  y = x[:, :1] + client
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict([('x', x.astype(np.float32)),
                               ('y', y.astype(np.float32))])).batch(2)


def model_fn():
  keras_model = tf.keras.models.Sequential([
      tf.keras.layers.Dense(1, kernel_initializer='ones', input_shape=(2,))
  ])
  return tff.learning.from_keras_model(
      keras_model,
      input_spec=client_data(0, 2).element_spec,
      loss=tf.keras.losses.MeanSquaredError(),
      metrics=[tf.keras.metrics.MeanAbsoluteError()])


output = collections.OrderedDict()
ones, summed = add_one_to_each([1, 2, 3, 4])
output['add_one_to_each'] = [[int(x) for x in ones], int(summed)]
output['mean'] = float(mean([1., 2., 6., 7.]))

process = tff.learning.build_federated_averaging_process(
    model_fn, client_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.1))
state = process.initialize()
output['rounds'] = []
for _ in range(2):
  state, metrics = process.next(state, [client_data(n, 2 * n + 1) for n in range(4)])
  output['rounds'].append({k: float(v) for k, v in metrics._asdict().items()})
output['weights'] = [np.array(w).flatten().tolist() for w in state.model.trainable]

for server in SERVERS:
  server.terminate()
  server.join()

print(json.dumps(output))
