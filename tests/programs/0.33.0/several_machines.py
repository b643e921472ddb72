"""Two workers, each a process of its own, do the work of the clients between them."""

import collections
import json
import multiprocessing
import socket

import grpc
import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


def serve(port):
  tff.simulation.run_server(
      tff.framework.local_executor_factory(default_num_clients=1), num_threads=4, port=port)


def free_port():
  with socket.socket() as s:
    s.bind(('localhost', 0))
    return s.getsockname()[1]


PORTS = [free_port(), free_port()]
SERVERS = [multiprocessing.get_context('fork').Process(target=serve, args=(port,), daemon=True)
           for port in PORTS]
for server in SERVERS:
  server.start()

CHANNELS = [grpc.insecure_channel('localhost:{}'.format(port)) for port in PORTS]
for channel in CHANNELS:
  grpc.channel_ready_future(channel).result(timeout=120)

tff.backends.native.set_remote_python_execution_context(CHANNELS, default_num_clients=5)


@tff.tf_computation(tf.int32)
def add_one(x):
  return x + 1


@tff.tf_computation(tf.int32, tf.int32)
def add(x, y):
  return x + y


@tff.federated_computation(tff.type_at_clients(tf.int32))
def add_one_to_each(x):
  return tff.federated_map(add_one, x), tff.federated_sum(x)


@tff.federated_computation(tff.type_at_clients(tf.float32), tff.type_at_clients(tf.float32))
def means(x, weight):
  return collections.OrderedDict(
      plain=tff.federated_mean(x), weighted=tff.federated_mean(x, weight))


@tff.federated_computation(tff.type_at_clients(tf.int32))
def sum_of_sums(x):
  """The second aggregation depends on the first one."""
  total = tff.federated_broadcast(tff.federated_sum(x))
  return tff.federated_sum(tff.federated_map(add, (x, total)))


@tff.federated_computation
def number_of_clients():
  return tff.federated_sum(tff.federated_value(1, tff.CLIENTS))


@tff.tf_computation(tff.SequenceType(tf.int32))
def total(dataset):
  return dataset.reduce(0, lambda x, y: x + y)


@tff.federated_computation(tff.type_at_clients(tff.SequenceType(tf.int32)))
def totals(x):
  return tff.federated_map(total, x)


@tff.federated_computation(tff.type_at_server(tf.int32), tff.type_at_clients(tf.int32))
def served_and_placed(x, y):
  at_clients = tff.federated_broadcast(x)
  return x, tff.federated_zip((y, at_clients)), tff.federated_map(add_one, x)


@tff.federated_computation(tf.int32)
def unplaced(x):
  return add_one(x), x


def client_data(client, num_examples):
  x = (np.arange(num_examples * 2).reshape(-1, 2) % (3 + client)) / 3.0
  y = x[:, :1] + client
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict(x=x.astype(np.float32), y=y.astype(np.float32))).batch(2)


def model_fn():
  keras_model = tf.keras.Sequential([
      tf.keras.layers.Dense(1, kernel_initializer='ones', input_shape=(2,))
  ])
  return tff.learning.from_keras_model(
      keras_model,
      loss=tf.keras.losses.MeanSquaredError(),
      input_spec=client_data(0, 2).element_spec,
      metrics=[tf.keras.metrics.MeanAbsoluteError()])


output = collections.OrderedDict()
ones, summed = add_one_to_each([1, 2, 3, 4, 5])
output['add_one_to_each'] = [[int(x) for x in ones], int(summed)]
ones, summed = add_one_to_each([7])
output['a_single_client'] = [[int(x) for x in ones], int(summed)]
output['means'] = {k: float(v) for k, v in means([1., 2., 6.], [1., 2., 5.]).items()}
output['sum_of_sums'] = int(sum_of_sums([1, 2, 3]))
output['number_of_clients'] = int(number_of_clients())
output['totals'] = [
    int(x) for x in totals([tf.data.Dataset.range(n, output_type=tf.int32) for n in (2, 3, 4)])
]
served, zipped, mapped = served_and_placed(10, [1, 2, 3])
output['served_and_placed'] = [int(served), [[int(a) for a in each] for each in zipped], int(mapped)]
output['unplaced'] = [int(x) for x in unplaced(4)]

process = tff.learning.algorithms.build_weighted_fed_avg(
    model_fn,
    client_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.1),
    server_optimizer_fn=lambda: tf.keras.optimizers.SGD(1.0, momentum=0.5))
state = process.initialize()
output['rounds'] = []
for _ in range(2):
  result = process.next(state, [client_data(n, 2 * n + 1) for n in range(4)])
  state = result.state
  output['rounds'].append(
      {k: float(v) for k, v in result.metrics['client_work']['train'].items()})
output['weights'] = [
    w.flatten().tolist() for w in process.get_model_weights(state).trainable
]

for server in SERVERS:
  server.terminate()
  server.join()

print(json.dumps(output))
