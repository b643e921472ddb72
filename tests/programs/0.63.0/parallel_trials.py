"""Vizier with trials in parallel."""
import asyncio
import collections
import datetime
import json
import types

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


def data(num_examples):
  x = ((np.arange(num_examples) + 1) % 5).astype(np.float32).reshape([-1, 1])
  return tf.data.Dataset.from_tensor_slices((x, 2.0 * x)).batch(2)


def model_fn():
  keras_model = tf.keras.models.Sequential([
      tf.keras.layers.Dense(1, kernel_initializer='zeros', input_shape=(1,)),
  ])
  return tff.learning.models.from_keras_model(
      keras_model, loss=tf.keras.losses.MeanSquaredError(),
      input_spec=(tf.TensorSpec([None, 1], tf.float32), tf.TensorSpec([None, 1], tf.float32)))


class Study:
  """As much of a study as training asks for."""

  def __init__(self, suggestions):
    self._suggestions = suggestions
    self.clients = []
    self.completed = []

  def trials(self):
    return types.SimpleNamespace(get=lambda: list(self.completed))

  def suggest(self, *, count=None, client_id=''):
    self.clients.append([count, client_id])
    learning_rate = self._suggestions[len(self.completed)]
    return [types.SimpleNamespace(
        parameters={'learning_rate': np.float32(learning_rate)},
        materialize=lambda: types.SimpleNamespace(
            creation_time=datetime.datetime.now().astimezone()),
        check_early_stopping=lambda: True)]


process = tff.learning.algorithms.build_weighted_fed_avg(
    model_fn, client_optimizer_fn=tff.learning.optimizers.build_sgdm(0.5),
    server_optimizer_fn=tff.learning.optimizers.build_sgdm(1.0))
hparams_type = process.get_hparams.type_signature.result


@tff.tf_computation(hparams_type, collections.OrderedDict(learning_rate=tf.float32))
def update_hparams(hparams, parameters):
  updated = tf.nest.map_structure(tf.identity, hparams)
  updated['client_work']['learning_rate'] += parameters['learning_rate']
  return updated


logged = []
study = Study([0.125, 0.25])


async def program_logic(**kwargs):
  process = kwargs['train_process']
  state = kwargs['initial_train_state']
  output = process.next(state, [data(4)])
  hparams = process.get_hparams(state)
  logged.append({
      'arguments': sorted(kwargs),
      'manager': kwargs['model_output_manager'],
      'rate': float(hparams['client_work']['learning_rate']),
      'trainable': [np.ravel(v).tolist()
                    for v in process.get_model_weights(output.state).trainable],
  })
  study.completed.append(None)


asyncio.run(tff.learning.programs.train_model_with_vizier(
    study=study,
    total_trials=2,
    num_parallel_trials=1,
    update_hparams=update_hparams,
    train_model_program_logic=program_logic,
    train_process=process,
    train_data_source=tff.program.DatasetDataSource([data(4)]),
    total_rounds=2,
    num_clients=1,
    program_state_manager_factory=lambda trial: 'states',
    model_output_manager_factory=lambda trial: 'models at %.3f' % (
        trial.parameters['learning_rate']),
    evaluation_manager_factory=lambda trial: tff.learning.programs.EvaluationManager(
        tff.program.DatasetDataSource([data(4)]), None, lambda name: None,
        lambda name: (None, None), 1),
    evaluation_periodicity=1))

print(json.dumps({
    'vizier': logged,
    'study': study.clients,
}))
