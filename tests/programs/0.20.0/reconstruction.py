"""Federated reconstruction of a Keras model and of a model of one's own, trained and evaluated."""
import collections
import functools
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

reconstruction = tff.learning.reconstruction


def keras_model_fn():
  inputs = tf.keras.layers.Input(shape=(3,))
  hidden = tf.keras.layers.Dense(2, kernel_initializer='ones', name='global')
  local = tf.keras.layers.Dense(1, kernel_initializer='ones', name='local')
  keras_model = tf.keras.Model(inputs=inputs, outputs=local(hidden(inputs)))
  return reconstruction.from_keras_model(
      keras_model,
      global_layers=[hidden],
      local_layers=[local],
      input_spec=collections.OrderedDict(
          x=tf.TensorSpec([None, 3], tf.float32), y=tf.TensorSpec([None, 1], tf.float32)))


class OffsetModel(reconstruction.Model):
  """Predicts `slope * x + offset`, where the offset stays on the client."""

  def __init__(self):
    self._slope = tf.Variable(0.0, trainable=True)
    self._scale = tf.Variable(1.0, trainable=False)
    self._offset = tf.Variable(0.0, trainable=True)

  @property
  def global_trainable_variables(self):
    return [self._slope]

  @property
  def global_non_trainable_variables(self):
    return [self._scale]

  @property
  def local_trainable_variables(self):
    return [self._offset]

  @property
  def local_non_trainable_variables(self):
    return []

  @property
  def input_spec(self):
    return (tf.TensorSpec([None, 1], tf.float32), tf.TensorSpec([None, 1], tf.float32))

  @tf.function
  def forward_pass(self, batch_input, training=True):
    del training
    x, y = batch_input
    return reconstruction.BatchOutput(
        predictions=self._scale * (self._slope * x + self._offset), labels=y,
        num_examples=tf.shape(x)[0])


def keras_data(num_examples, offset):
  x = ((np.arange(num_examples * 3) + offset) % 7).astype(np.float32).reshape([-1, 3]) / 7.0
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict(x=x, y=x.sum(axis=1, keepdims=True) + offset)).batch(2)


def offset_data(num_examples, offset):
  x = ((np.arange(num_examples) + 1) % 5).astype(np.float32).reshape([-1, 1])
  return tf.data.Dataset.from_tensor_slices((x, 2.0 * x + offset)).batch(2)


def metric_values(metrics):
  return {name: float(value) for name, value in metrics.items()}


def run(model_fn, train_data, test_data, **kwargs):
  eval_kwargs = {
      name: value for name, value in kwargs.items()
      if name in ('metrics_fn', 'dataset_split_fn')
  }
  process = reconstruction.build_training_process(
      model_fn, loss_fn=tf.keras.losses.MeanSquaredError, **kwargs)
  evaluation = reconstruction.build_federated_evaluation(
      model_fn, loss_fn=tf.keras.losses.MeanSquaredError, **eval_kwargs)
  state = process.initialize()
  rounds = []
  for _ in range(2):
    state, metrics = process.next(state, train_data)
    rounds.append(metric_values(metrics['train']))
  evaluated = evaluation(process.get_model_weights(state), test_data)
  return {
      'initialize': str(process.initialize.type_signature),
      'next': str(process.next.type_signature),
      'evaluation': str(evaluation.type_signature),
      'metrics': list(metrics),
      'rounds': rounds,
      'test': metric_values(evaluated['eval']),
      'weights': [np.ravel(v).tolist() for v in state.model.trainable],
  }


def errors():

  def error(function):
    try:
      function()
    except Exception as e:  # pylint: disable=broad-except
      return type(e).__name__

  layer = tf.keras.layers.Dense(1, input_shape=(1,))
  keras_model = tf.keras.Sequential([layer])
  spec = (tf.TensorSpec([None, 1]), tf.TensorSpec([None, 1]))

  class Incomplete(reconstruction.Model):
    pass

  return {
      'no keras model': error(lambda: reconstruction.from_keras_model(
          'model', global_layers=[], local_layers=[], input_spec=spec)),
      'layers missing': error(lambda: reconstruction.from_keras_model(
          keras_model, global_layers=[], local_layers=[], input_spec=spec)),
      'unweighted': error(lambda: reconstruction.build_training_process(
          keras_model_fn, loss_fn=tf.keras.losses.MeanSquaredError,
          aggregation_factory=tff.aggregators.UnweightedMeanFactory())),
      'incomplete': error(Incomplete),
  }


keras_train = [keras_data(6, 0), keras_data(8, 1)]
offset_train = [offset_data(4, 1.0), offset_data(8, -1.0)]
weights = reconstruction.get_global_variables(OffsetModel())
first, second = reconstruction.simple_dataset_split_fn(offset_data(4, 0.0))
third, fourth = reconstruction.build_dataset_split_fn(
    recon_epochs=3, recon_steps_max=4, post_recon_epochs=2, post_recon_steps_max=3)(
        offset_data(4, 0.0))
fifth, sixth = reconstruction.build_dataset_split_fn(split_dataset=True)(offset_data(6, 0.0))

print(json.dumps({
    'default': run(keras_model_fn, keras_train, [keras_data(4, 3)]),
    'metrics': run(
        keras_model_fn, keras_train, [keras_data(4, 3), keras_data(8, 2)],
        metrics_fn=lambda: [tf.keras.metrics.MeanAbsoluteError()],
        server_optimizer_fn=functools.partial(tf.keras.optimizers.SGD, 1.0, momentum=0.5),
        client_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.05),
        reconstruction_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.02),
        client_weighting=lambda outputs: tf.constant(2.0),
        dataset_split_fn=reconstruction.build_dataset_split_fn(recon_epochs=2)),
    'own': run(
        OffsetModel, offset_train, [offset_data(6, 3.0)],
        server_optimizer_fn=tff.learning.optimizers.build_sgdm(1.0),
        client_optimizer_fn=tff.learning.optimizers.build_sgdm(0.01),
        reconstruction_optimizer_fn=tff.learning.optimizers.build_sgdm(0.1, 0.9),
        client_weighting=tff.learning.ClientWeighting.UNIFORM,
        dataset_split_fn=reconstruction.simple_dataset_split_fn,
        aggregation_factory=tff.aggregators.UnweightedMeanFactory()),
    'weights': [[float(v) for v in weights.trainable], [float(v) for v in weights.non_trainable]],
    'local': len(reconstruction.get_local_variables(OffsetModel()).trainable),
    'splits': [len(list(d)) for d in (first, second, third, fourth, fifth, sixth)],
    'output': reconstruction.ClientOutput(1, 2, 3).client_weight,
    'batch output': reconstruction.BatchOutput(1, 2, num_examples=3).num_examples,
    'errors': errors(),
}))
