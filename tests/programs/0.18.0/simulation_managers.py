"""Checkpoints and metrics of 0.18, written and read back, and the clients of each round."""
import collections
import json
import os
import tempfile

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

folder = tempfile.mkdtemp()


def error(fn):
  try:
    fn()
  except Exception as e:
    return type(e).__name__
  return None


def plain(state):
  return tf.nest.map_structure(lambda t: t.numpy().tolist(), state)


State = collections.namedtuple('State', ['weights', 'round'])


def state_of(n):
  return State([np.full([2], n, np.float32), {'b': tf.constant(n)}], n)


checkpoints = tff.simulation.FileCheckpointManager(
    os.path.join(folder, 'checkpoints'), prefix='state_', keep_total=3, keep_first=True)
before = checkpoints.load_latest_checkpoint(state_of(0))
state, number = checkpoints.load_latest_checkpoint_or_default(state_of(0))
for n in range(1, 12):
  checkpoints.save_checkpoint(state_of(n), n)
again = tff.simulation.FileCheckpointManager(os.path.join(folder, 'checkpoints'), 'state_')
latest, latest_number = again.load_latest_checkpoint(state_of(0))
first = again.load_checkpoint(state_of(0), 0)

path = os.path.join(folder, 'metrics', 'run.csv')
csv = tff.simulation.CSVMetricsManager(path)
given = {'loss': tf.constant(0.5), 'nested': {'a': [1, 2], 'name': 'x'}}
returned = csv.update_metrics(0, given)
csv.update_metrics(2, collections.OrderedDict(loss=0.25, vector=np.ones([2, 2])))
csv.update_metrics(5, {'loss': 0.125})
names, rows = csv.get_metrics()
reopened = tff.simulation.CSVMetricsManager(path)
errors = {
    'csv_twice': error(lambda: reopened.update_metrics(5, {'loss': 0.0})),
    'csv_negative': error(lambda: reopened.update_metrics(-1, {'loss': 0.0})),
    'csv_float': error(lambda: reopened.update_metrics(6.0, {'loss': 0.0})),
    'csv_clear_negative': error(lambda: reopened.clear_rounds_after(-1)),
    'csv_path': error(lambda: tff.simulation.CSVMetricsManager('')),
}
reopened.clear_rounds_after(3)
after_clearing = reopened.get_metrics()[1]
reopened.update_metrics(4, {'loss': 7.0})
after_update = reopened.get_metrics()[1]
reopened.clear_all_rounds()
other = os.path.join(folder, 'other.csv')
with open(other, 'w') as f:
  f.write('"a","b"\r\n1,2\r\n')
errors['csv_other'] = error(lambda: tff.simulation.CSVMetricsManager(other))
errors['csv_nothing_to_clear'] = error(lambda: reopened.clear_rounds_after(1))

logdir = os.path.join(folder, 'logdir')
board = tff.simulation.TensorBoardManager(logdir)
board_returned = board.update_metrics(0, {'loss': 0.5, 'nested': {'v': [1.0, 3.0]}})
board.update_metrics(3, {'loss': 0.25})
errors['board_twice'] = error(lambda: board.update_metrics(3, {'loss': 0.0}))
errors['board_path'] = error(lambda: tff.simulation.TensorBoardManager(''))
del board
events = []
for name in os.listdir(logdir):
  for event in tf.compat.v1.train.summary_iterator(os.path.join(logdir, name)):
    for value in event.summary.value:
      array = tf.make_ndarray(value.tensor)
      events.append([event.step, value.tag, value.metadata.plugin_data.plugin_name,
                     float(array) if array.shape == () else list(array.shape)[1:]])


class Printing(tff.simulation.MetricsManager):

  def update_metrics(self, round_num, metrics_to_append):
    return round_num, sorted(metrics_to_append)


class Incomplete(tff.simulation.MetricsManager):
  pass


errors['incomplete'] = error(Incomplete)
errors['no_checkpoint'] = error(lambda: again.load_checkpoint(state_of(0), 3))

clients = tff.simulation.FromTensorSlicesClientData({'c%02d' % i: [i] for i in range(20)})
sample = tff.simulation.build_uniform_client_sampling_fn(clients, 3, random_seed=42)
any_sample = tff.simulation.build_uniform_client_sampling_fn(clients, 20)
too_many = tff.simulation.build_uniform_client_sampling_fn(clients, 21, 1)
errors['too_many'] = error(lambda: too_many(0))

print(json.dumps({
    'before': before,
    'default': [float(state.weights[0][0]), number],
    'kept': sorted(os.listdir(os.path.join(folder, 'checkpoints'))),
    'latest': [type(latest).__name__, plain(latest), latest_number],
    'first': plain(first),
    'given': sorted(given),
    'returned': {k: str(np.array(v)) for k, v in returned.items()},
    'names': sorted(names),
    'rows': [dict(row) for row in rows],
    'filename': csv.metrics_filename == path,
    'after_clearing': [row['round_num'] for row in after_clearing],
    'after_update': [[row['round_num'], row['loss']] for row in after_update],
    'cleared': [list(each) for each in reopened.get_metrics()],
    'board_returned': {k: str(v) for k, v in board_returned.items()},
    'events': sorted(events, key=str),
    'printing': Printing().update_metrics(3, {'b': 1, 'a': 2}),
    'are_managers': [isinstance(m, tff.simulation.MetricsManager) for m in (csv, Printing())],
    'sample': [sample(n) for n in (0, 1, 2, 1)],
    'any_sample': sorted(any_sample(0)) == clients.client_ids,
    'errors': errors,
}))
