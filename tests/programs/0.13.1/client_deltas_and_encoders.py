"""A client update of one's own, with model weights and updates that travel through encoders."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff
from tensorflow_model_optimization.python.core.internal import tensor_encoding as te

tf.compat.v1.enable_v2_behavior()


def model_fn():
  keras_model = tf.keras.Sequential([
      tf.keras.layers.Dense(
          3, activation='softmax', kernel_initializer='zeros', input_shape=(4,))
  ])
  return tff.learning.from_keras_model(
      keras_model,
      input_spec=collections.OrderedDict([
          ('x', tf.TensorSpec([None, 4], tf.float32)),
          ('y', tf.TensorSpec([None, 1], tf.int32)),
      ]),
      loss=tf.keras.losses.SparseCategoricalCrossentropy(),
      metrics=[tf.keras.metrics.SparseCategoricalAccuracy()])


class ClientGradientDescent(tff.learning.framework.ClientDeltaFn):
  """Follows the gradient, and weighs each client by the batches that it has."""

  def __init__(self, model):
    self._model = tff.learning.framework.enhance(model)
    self._num_batches = tf.Variable(0, name='num_batches')

  @property
  def variables(self):
    return [self._num_batches]

  @tf.function
  def __call__(self, dataset, initial_weights):
    model = self._model
    tf.nest.map_structure(lambda a, b: a.assign(b), model.weights, initial_weights)

    def reduce_fn(count, batch):
      with tf.GradientTape() as tape:
        output = model.forward_pass(batch)
      gradients = tape.gradient(output.loss, model.weights.trainable)
      for variable, gradient in zip(model.weights.trainable, gradients):
        variable.assign_sub(0.5 * gradient)
      return count + 1

    num_batches = dataset.reduce(tf.constant(0), reduce_fn)
    self._num_batches.assign(num_batches)
    weights_delta = tf.nest.map_structure(
        tf.subtract, model.weights.trainable, initial_weights.trainable)
    return tff.learning.framework.ClientOutput(
        weights_delta,
        weights_delta_weight=num_batches,
        model_output=model.report_local_outputs(),
        optimizer_output=collections.OrderedDict(
            [('num_batches', self._num_batches.read_value())]))


def quantization(bits):
  return te.core.EncoderComposer(
      te.stages.UniformQuantizationEncodingStage(bits, stochastic=False)).make()


def as_gather_encoder(value):
  spec = tf.TensorSpec(value.shape, value.dtype)
  if value.shape.num_elements() > 4:
    return te.encoders.as_gather_encoder(
        quantization(4), spec)
  return te.encoders.as_gather_encoder(te.encoders.identity(), spec)


def as_simple_encoder(value):
  spec = tf.TensorSpec(value.shape, value.dtype)
  return te.encoders.as_simple_encoder(
      quantization(8), spec)


def client_dataset(num_examples, offset):
  x = ((np.arange(num_examples * 4) + offset) % 9).astype(np.float32).reshape([-1, 4]) / 9.0
  y = ((np.arange(num_examples) + offset) % 3).astype(np.int32).reshape([-1, 1])
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict([('x', x), ('y', y)])).batch(3)


federated_train_data = [client_dataset(4, 0), client_dataset(7, 1), client_dataset(2, 5)]


def run(process):
  state = process.initialize()
  rounds = []
  for _ in range(2):
    state, metrics = process.next(state, federated_train_data)
    rounds.append({name: float(value) for name, value in metrics._asdict().items()
                   if 'time' not in name})
  weights = tff.learning.framework.ModelWeights.from_tff_result(anon_tuple=state.model)
  keras_model = tf.keras.Sequential([tf.keras.layers.Dense(3, input_shape=(4,))])
  weights.assign_weights_to(keras_model=keras_model)
  return {
      'initialize': str(process.initialize.type_signature),
      'next': str(process.next.type_signature),
      'rounds': rounds,
      'trainable': [np.ravel(v).tolist() for v in keras_model.get_weights()],
  }


def build(**kwargs):
  return tff.learning.framework.build_model_delta_optimizer_process(
      model_fn,
      model_to_client_delta_fn=lambda model_fn: ClientGradientDescent(model_fn()),
      server_optimizer_fn=lambda: tf.keras.optimizers.SGD(1.0, momentum=0.9),
      **kwargs)


results = {
    'plain': run(build()),
    'mean': run(build(
        stateful_delta_aggregate_fn=tff.learning.framework.build_encoded_mean_from_model(
            model_fn, as_gather_encoder),
        stateful_model_broadcast_fn=tff.learning.framework.build_stateless_broadcaster())),
    'sum': run(build(
        stateful_delta_aggregate_fn=tff.learning.framework.build_encoded_sum_from_model(
            model_fn, as_gather_encoder),
        stateful_model_broadcast_fn=tff.learning.framework.build_encoded_broadcast_from_model(
            model_fn, as_simple_encoder))),
}


class Incomplete(tff.learning.framework.ClientDeltaFn):
  pass


def error(function):
  try:
    function()
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


results['errors'] = {
    'incomplete': error(Incomplete),
    'encoder': error(lambda: tff.learning.framework.build_encoded_mean_from_model(
        model_fn, as_simple_encoder)),
    'not callable': error(lambda: tff.learning.framework.build_encoded_sum_from_model(
        model_fn, None)),
}
print(json.dumps(results))
