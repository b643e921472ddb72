"""Reconstruction models by their class, personalization among the algorithms, and Vizier."""
import asyncio
import collections
import datetime
import json
import types
from typing import Any, get_origin

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

ReconstructionModel = tff.learning.models.ReconstructionModel


def reconstruction_model_fn():
  inputs = tf.keras.layers.Input(shape=(3,))
  hidden = tf.keras.layers.Dense(2, kernel_initializer='ones', name='global')
  local = tf.keras.layers.Dense(1, kernel_initializer='ones', name='local')
  keras_model = tf.keras.Model(inputs=inputs, outputs=local(hidden(inputs)))
  return ReconstructionModel.from_keras_model(
      keras_model,
      global_layers=[hidden],
      local_layers=[local],
      input_spec=collections.OrderedDict(
          x=tf.TensorSpec([None, 3], tf.float32), y=tf.TensorSpec([None, 1], tf.float32)))


class SlopeModel(ReconstructionModel):
  """Predicts `slope * x`, all of it global."""

  def __init__(self):
    self._slope = tf.Variable(0.0)

  @property
  def global_trainable_variables(self):
    return [self._slope]

  @property
  def global_non_trainable_variables(self):
    return []

  @property
  def local_trainable_variables(self):
    return []

  @property
  def local_non_trainable_variables(self):
    return []

  @property
  def input_spec(self):
    return (tf.TensorSpec([None, 1], tf.float32), tf.TensorSpec([None, 1], tf.float32))

  @tf.function
  def forward_pass(self, batch_input, training=True):
    x, y = batch_input
    return collections.namedtuple('Output', 'predictions labels num_examples')(
        self._slope * x, y, tf.shape(x)[0])


def reconstruction_data(num_examples, offset):
  x = ((np.arange(num_examples * 3) + offset) % 7).astype(np.float32).reshape([-1, 3]) / 7.0
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict(x=x, y=x.sum(axis=1, keepdims=True) + offset)).batch(2)


def slope_data(num_examples):
  x = ((np.arange(num_examples) + 1) % 5).astype(np.float32).reshape([-1, 1])
  return tf.data.Dataset.from_tensor_slices((x, 2.0 * x)).batch(2)


def reconstruct(model_fn, data, **kwargs):
  process = tff.learning.algorithms.build_fed_recon(
      model_fn, loss_fn=tf.keras.losses.MeanSquaredError,
      server_optimizer_fn=tff.learning.optimizers.build_sgdm(1.0),
      client_optimizer_fn=tff.learning.optimizers.build_sgdm(0.01),
      reconstruction_optimizer_fn=tff.learning.optimizers.build_sgdm(0.01), **kwargs)
  state = process.initialize()
  rounds = []
  for _ in range(2):
    state, metrics = process.next(state, data)
    rounds.append(float(metrics['client_work']['train']['loss']))
  return {
      'rounds': rounds,
      'weights': [np.ravel(v).tolist() for v in process.get_model_weights(state).trainable],
  }


def model_fn():
  keras_model = tf.keras.models.Sequential([
      tf.keras.layers.Dense(1, kernel_initializer='zeros', input_shape=(1,)),
  ])
  return tff.learning.models.from_keras_model(
      keras_model, loss=tf.keras.losses.MeanSquaredError(),
      input_spec=(tf.TensorSpec([None, 1], tf.float32), tf.TensorSpec([None, 1], tf.float32)))


@tf.function
def evaluate_fn(model, dataset):
  loss = tf.constant(0.0)
  for batch in dataset.batch(10):
    loss += model.forward_pass(batch, training=False).loss
  return collections.OrderedDict(loss=loss)


def personalize_fn_builder():

  @tf.function
  def personalize_fn(model, train_data, test_data, context):
    for batch in train_data.batch(3):
      with tf.GradientTape() as tape:
        output = model.forward_pass(batch)
      variables = model.trainable_variables
      for variable, gradient in zip(variables, tape.gradient(output.loss, variables)):
        variable.assign_sub(context * gradient)
    return evaluate_fn(model, test_data)

  return personalize_fn


evaluation = tff.learning.algorithms.build_personalization_eval(
    model_fn, collections.OrderedDict(descent=personalize_fn_builder), evaluate_fn,
    context_tff_type=tff.TensorType(tf.float32))
weights = tff.learning.models.ModelWeights([np.ones([1, 1], np.float32), np.zeros(1, np.float32)], [])
personalized = evaluation(weights, [
    collections.OrderedDict(
        train_data=slope_data(n).unbatch(), test_data=slope_data(4).unbatch(), context=rate)
    for n, rate in ((4, 0.01), (7, 0.02))
])


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
    return [Trial(self, {'learning_rate': learning_rate})]


class Trial:

  def __init__(self, study, parameters):
    self._study = study
    self.parameters = parameters
    self.measured = []

  def materialize(self):
    return types.SimpleNamespace(creation_time=datetime.datetime.now().astimezone())

  def check_early_stopping(self):
    return False

  def add_measurement(self, measurement):
    self.measured.append(
        [measurement.steps, sorted(measurement.metrics)])

  def finish(self):
    self._study.completed.append(self)


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
trials = []


def factory(trial):
  trials.append(trial)
  return 'states'


async def program_logic(**kwargs):
  process = kwargs['train_process']
  state = process.initialize()
  output = process.next(state, [slope_data(4)])
  hparams = process.get_hparams(state)
  await kwargs['train_metrics_manager'].release(
      collections.OrderedDict(loss=1.0), tff.to_type(
          collections.OrderedDict(loss=tf.float32)), 3)
  logged.append({
      'arguments': sorted(kwargs),
      'manager': kwargs['model_output_manager'],
      'rate': float(hparams['client_work']['learning_rate']),
      'trainable': [np.ravel(v).tolist()
                    for v in process.get_model_weights(output.state).trainable],
      'clients': kwargs['train_per_round_clients'],
  })
  trials[-1].finish()


asyncio.run(tff.learning.programs.train_model_with_vizier(
    study=study,
    total_trials=2,
    update_hparams=update_hparams,
    train_model_program_logic=program_logic,
    train_process=process,
    train_data_source=tff.program.DatasetDataSource([slope_data(4)]),
    total_rounds=2,
    num_clients=1,
    program_state_manager_factory=factory,
    model_output_manager='models',
    evaluation_manager_factory=lambda trial: tff.learning.programs.EvaluationManager(
        tff.program.DatasetDataSource([slope_data(4)]), None, lambda name: None,
        lambda name: (None, None), 1),
    evaluation_periodicity=1))


def error(function):
  try:
    function()
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


def aggregator(
    finalizers: Any, unfinalized_type: Any) -> tff.learning.metrics.MetricsAggregatorType:
  return tff.learning.metrics.sum_then_finalize(finalizers, unfinalized_type)


print(json.dumps({
    'keras': reconstruct(
        reconstruction_model_fn, [reconstruction_data(6, 0), reconstruction_data(8, 1)]),
    'own': reconstruct(
        SlopeModel, [slope_data(4), slope_data(8)],
        dataset_split_fn=ReconstructionModel.simple_dataset_split_fn),
    'is model': isinstance(reconstruction_model_fn(), ReconstructionModel),
    'split': str(get_origin(ReconstructionModel.DatasetSplitFn)),
    'no model': error(lambda: ReconstructionModel.from_keras_model(
        None, global_layers=[], local_layers=[], input_spec=())),
    'evaluation': str(evaluation.type_signature),
    'personalized': {
        name: sorted(float(v) for v in metrics['loss'])
        for name, metrics in personalized.items()
    },
    'vizier': logged,
    'study': study.clients,
    'measured': [trial.measured for trial in trials],
}))
