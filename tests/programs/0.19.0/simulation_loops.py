"""Simulations of 0.19: training loops with checkpoints, metrics and validation, and callbacks."""
import collections
import json
import os
import tempfile

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

folder = tempfile.mkdtemp()
FIXED = ('loss', 'round_num', 'validation/distance', 'validation/round')


def client_dataset(offset):
  x = ((np.arange(8) * 3 + offset) % 5).astype(np.float32).reshape([-1, 2]) / 5.0
  y = x.sum(axis=1, keepdims=True)
  return tf.data.Dataset.from_tensor_slices(collections.OrderedDict(x=x, y=y)).batch(2)


clients = [client_dataset(i) for i in range(3)]


def model_fn():
  return tff.learning.from_keras_model(
      tf.keras.Sequential([
          tf.keras.layers.Dense(1, kernel_initializer='zeros', input_shape=(2,))]),
      loss=tf.keras.losses.MeanSquaredError(),
      input_spec=clients[0].element_spec)


averaging = tff.learning.build_federated_averaging_process(
    model_fn, client_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.1))


@tff.federated_computation
def initialize():
  return tff.federated_value(0.0, tff.SERVER)


@tff.tf_computation(tff.SequenceType(tf.float32))
def total(ds):
  return ds.reduce(0.0, lambda a, b: a + b)


@tff.tf_computation(tf.float32, tf.float32)
def move(state, target):
  return state + 0.5 * (target - state)


@tff.tf_computation(tf.float32, tf.float32)
def measure(state, target):
  return collections.OrderedDict(loss=tf.square(target - state))


@tff.federated_computation(
    tff.type_at_server(tf.float32), tff.type_at_clients(tff.SequenceType(tf.float32)))
def next_fn(state, data):
  target = tff.federated_mean(tff.federated_map(total, data))
  return (tff.federated_map(move, (state, target)), tff.federated_map(measure, (state, target)))


process = tff.templates.IterativeProcess(initialize, next_fn)
asked = []


def select(round_num):
  asked.append(round_num)
  return [tf.data.Dataset.from_tensor_slices(np.arange(n + round_num, dtype=np.float32))
          for n in range(1, 3)]


def validate(state, round_num):
  return {'distance': float(10.0 - state), 'round': round_num}


def rows(manager):
  names, found = manager.get_metrics()
  return [sorted(names),
          [{k: row[k] for k in sorted(row) if k in FIXED} for row in found]]


csv = tff.simulation.CSVMetricsManager(os.path.join(folder, 'm', 'metrics.csv'))
board = tff.simulation.TensorBoardManager(os.path.join(folder, 'board'))
checkpoints = tff.simulation.FileCheckpointManager(os.path.join(folder, 'c'), step=2)
state = tff.simulation.run_simulation(
    process, select, 3, checkpoints, [csv, board], validate)
first_rows = rows(csv)
saved = sorted(os.listdir(os.path.join(folder, 'c')))
# The simulation was stopped after round 3; the last checkpoint is of round 2.
csv_again = tff.simulation.CSVMetricsManager(os.path.join(folder, 'm', 'metrics.csv'))
resumed = tff.simulation.run_simulation(
    process, select, total_rounds=4,
    file_checkpoint_manager=tff.simulation.FileCheckpointManager(
        os.path.join(folder, 'c'), step=2),
    metrics_managers=[csv_again])
plain_state = tff.simulation.run_simulation(process, select, 2)

calls = []


def on_loop_start(initial):
  calls.append(['start', float(initial)])
  return initial + 1.0, 2


def on_round_end(state, round_num, metrics):
  calls.append(['end', float(state), round_num, sorted(metrics), float(metrics['loss'])])
  return state + 0.25, metrics


with_callbacks = tff.simulation.run_simulation_with_callbacks(
    process, select, 3, on_loop_start, on_round_end)
without = tff.simulation.run_simulation_with_callbacks(process, select, 1)

server_state = averaging.initialize()
server_state, _ = averaging.next(server_state, clients)
keeper = tff.simulation.FileCheckpointManager(os.path.join(folder, 'averaging'), keep_first=False)
keeper.save_checkpoint(server_state, 4)
loaded, loaded_round = keeper.load_latest_checkpoint(averaging.initialize())
on_from_loaded, _ = averaging.next(loaded, clients)
on_from_kept, _ = averaging.next(server_state, clients)


class Incomplete(tff.simulation.MetricsManager):
  pass


class Counting(tff.simulation.MetricsManager):
  saved = []

  def save_metrics(self, metrics, round_num):
    self.saved.append([round_num, sorted(metrics)])


counting = Counting()
tff.simulation.run_simulation(process, select, 1, metrics_managers=[counting])


def error(fn):
  try:
    fn()
  except Exception as e:
    return type(e).__name__
  return None


latest = csv_again.latest_round_num
csv_again.clear_metrics(3)
cleared = [row['round_num'] for row in csv_again.get_metrics()[1]]
csv_again.clear_metrics(0)

print(json.dumps({
    'state': float(state),
    'rows': first_rows,
    'saved': saved,
    'resumed': [float(resumed), asked],
    'resumed_rows': rows(tff.simulation.CSVMetricsManager(
        os.path.join(folder, 'm', 'metrics.csv'))),
    'latest': [latest, cleared, csv_again.latest_round_num],
    'plain_state': float(plain_state),
    'callbacks': [float(with_callbacks), calls],
    'without': float(without),
    'loaded': [loaded_round, type(loaded).__name__,
               [np.ravel(w).tolist() for w in loaded.model.trainable]],
    'goes_on': [[np.ravel(w).tolist() for w in s.model.trainable]
                for s in (on_from_loaded, on_from_kept)],
    'counting': counting.saved,
    'keys': [tff.simulation.TRAIN_STEP_TIME_KEY, tff.simulation.TRAIN_STEPS_PER_HOUR_KEY,
             tff.simulation.VALIDATION_METRICS_PREFIX, tff.simulation.VALIDATION_TIME_KEY],
    'board': [board.save_metrics({'a': 'text', 'b': 1.5}, 9)['b'],
              list(board.save_metrics({'z': [True]}, 10))],
    'errors': {
        'incomplete': error(Incomplete),
        'csv_negative': error(lambda: csv_again.save_metrics({}, -1)),
        'csv_clear': error(lambda: csv_again.clear_metrics(-1)),
        'board_again': error(lambda: board.save_metrics({}, 3)),
    },
}))
