"""Personalization with a context, and Vizier with a manager for each model."""
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
        variable.assign_sub(context['rate'] * gradient)
    return evaluate_fn(model, test_data)

  return personalize_fn


evaluation = tff.learning.algorithms.build_personalization_eval_computation(
    model_fn, collections.OrderedDict(descent=personalize_fn_builder), evaluate_fn,
    context_tff_type=tff.to_type(collections.OrderedDict(rate=tf.float32)))
weights = tff.learning.models.ModelWeights(
    [np.ones([1, 1], np.float32), np.zeros(1, np.float32)], [])
personalized = evaluation(weights, [
    collections.OrderedDict(
        train_data=data(n).unbatch(), test_data=data(4).unbatch(),
        context=collections.OrderedDict(rate=rate))
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
    'evaluation': str(evaluation.type_signature),
    'personalized': {
        name: sorted(float(v) for v in metrics['loss'])
        for name, metrics in personalized.items()
    },
    'vizier': logged,
    'study': study.clients,
}))
