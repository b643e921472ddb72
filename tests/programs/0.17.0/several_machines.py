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
      tff.framework.local_executor_factory(), num_threads=4, port=port)


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

tff.backends.native.set_remote_execution_context(CHANNELS, 'STREAMING', max_fanout=2)


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


output = collections.OrderedDict()
ones, summed = add_one_to_each([1, 2, 3, 4, 5])
output['add_one_to_each'] = [[int(x) for x in ones], int(summed)]
ones, summed = add_one_to_each([7])
output['a_single_client'] = [[int(x) for x in ones], int(summed)]
output['means'] = {k: float(v) for k, v in means([1., 2., 6.], [1., 2., 5.]).items()}
output['sum_of_sums'] = int(sum_of_sums([1, 2, 3]))
output['totals'] = [
    int(x) for x in totals([tf.data.Dataset.range(n, output_type=tf.int32) for n in (2, 3, 4)])
]
served, zipped, mapped = served_and_placed(10, [1, 2, 3])
output['served_and_placed'] = [int(served), [[int(a) for a in each] for each in zipped], int(mapped)]
output['unplaced'] = [int(x) for x in unplaced(4)]


context = tff.backends.native.create_remote_execution_context(
    CHANNELS, rpc_mode='REQUEST_REPLY', thread_pool_executor=None, dispose_batch_size=5)
with tff.framework.get_context_stack().install(context):
  output['another_context'] = int(sum_of_sums([4, 5]))

factory = tff.framework.remote_executor_factory(CHANNELS[:1], dispose_batch_size=1)
context = tff.framework.ExecutionContext(
    executor_fn=factory, compiler_fn=tff.backends.native.transform_to_native_form)
with tff.framework.get_context_stack().install(context):
  output['one_worker'] = [int(sum_of_sums([4, 5, 6])), isinstance(factory, tff.framework.ExecutorFactory)]

output['errors'] = []
for make in (
    lambda: tff.backends.native.create_remote_execution_context([]),
    lambda: tff.backends.native.set_remote_execution_context(3),
    lambda: tff.framework.remote_executor_factory(CHANNELS, rpc_mode='OTHER').create_executor({}),
    lambda: tff.framework.remote_executor_factory(CHANNELS, max_fanout='2')):
  try:
    make()
    output['errors'].append('made')
  except Exception as e:  # pylint: disable=broad-except
    output['errors'].append(type(e).__name__)

for server in SERVERS:
  server.terminate()
  server.join()

print(json.dumps(output))
