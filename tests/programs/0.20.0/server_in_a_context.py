"""A server within a `with` statement, and a computation on it, in 0.20."""
import json
import socket

import grpc
import tensorflow as tf
import tensorflow_federated as tff

with socket.socket() as s:
  s.bind(('localhost', 0))
  PORT = s.getsockname()[1]


@tff.federated_computation(tff.type_at_clients(tf.int32))
def total(values):
  return tff.federated_sum(values)


def outcome(fn):
  try:
    with fn():
      return 'served'
  except (TypeError, ValueError) as e:
    return type(e).__name__


factory = tff.framework.local_executor_factory(default_num_clients=1)
with tff.simulation.server_context(factory, num_threads=2, port=PORT) as server:
  channel = grpc.insecure_channel('localhost:{}'.format(PORT))
  grpc.channel_ready_future(channel).result(timeout=120)
  tff.backends.native.set_remote_python_execution_context([channel], default_num_clients=2)
  result = int(total([1, 2, 3]))
  can_stop = callable(server.stop)

print(json.dumps({
    'result': result,
    'can_stop': can_stop,
    'errors': [
        outcome(lambda: tff.simulation.server_context(factory, 0, PORT)),
        outcome(lambda: tff.simulation.server_context(factory, 1, -1)),
        outcome(lambda: tff.simulation.server_context(factory, 1, 'port')),
    ],
}))
