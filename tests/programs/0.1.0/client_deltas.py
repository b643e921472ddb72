"""A client update of one's own in 0.1, on a server with the optimizer by default and another."""

from __future__ import absolute_import
from __future__ import division
from __future__ import print_function

import collections
import json

import numpy as np
import tensorflow as tf
from tensorflow_federated import python as tff

tf.enable_resource_variables()
tf.compat.v1.enable_v2_behavior()

nest = tf.contrib.framework.nest

BATCH = collections.OrderedDict([
    ('x', np.zeros([2, 3], np.float32)),
    ('y', np.zeros([2, 1], np.float32)),
])


def examples(num_examples, offset):
  x = ((np.arange(num_examples * 3) + offset) % 7).astype(np.float32).reshape([-1, 3]) / 7.0
  return collections.OrderedDict([('x', x), ('y', x.sum(axis=1, keepdims=True))])


def model_fn():
  keras_model = tf.keras.Sequential([
      tf.keras.layers.Dense(1, kernel_initializer='zeros', input_shape=(3,), name='only')
  ])
  return tff.learning.from_keras_model(
      keras_model, BATCH, lambda y_true, y_pred: tf.reduce_mean(tf.square(y_true - y_pred)))


class ClientUpdate(tff.learning.framework.ClientDeltaFn):
  """The gradient of each batch, once."""

  def __init__(self, model):
    self._model = model

  @property
  def variables(self):
    return []

  @tf.contrib.eager.defun(autograph=False)
  def __call__(self, dataset, initial_weights):
    model = self._model
    weights = tff.learning.framework.ModelWeights.from_model(model)
    nest.map_structure(lambda a, b: a.assign(b), weights, initial_weights)

    @tf.contrib.eager.defun(autograph=False)
    def reduce_fn(count, batch):
      with tf.GradientTape() as tape:
        output = model.forward_pass(batch)
      variables = list(weights.trainable.values())
      for variable, gradient in zip(variables, tape.gradient(output.loss, variables)):
        variable.assign_sub(0.1 * gradient)
      return count + tf.shape(output.predictions)[0]

    num_examples = dataset.reduce(tf.constant(0), reduce_fn)
    return tff.learning.framework.ClientOutput(
        weights_delta=nest.map_structure(
            tf.subtract, weights.trainable, initial_weights.trainable),
        weights_delta_weight=tf.cast(num_examples, tf.float32),
        model_output=model.report_local_outputs(),
        optimizer_output={'num_examples': num_examples})


def client_dataset(num_examples, offset):
  return tf.data.Dataset.from_tensor_slices(examples(num_examples, offset)).batch(2)


def run(*args):
  process = tff.learning.framework.build_model_delta_optimizer_process(
      model_fn, lambda model_fn: ClientUpdate(model_fn()), *args)
  state = process.initialize()
  rounds = []
  for _ in range(2):
    state, metrics = process.next(state, [client_dataset(4, 0), client_dataset(6, 1)])
    rounds.append(float(metrics))
  return {
      'initialize': str(process.initialize.type_signature),
      'next': str(process.next.type_signature),
      'rounds': rounds,
      'weights': [np.ravel(state.model.trainable[i]).tolist() for i in range(2)],
  }


print(json.dumps({
    'default': run(),
    'half': run(lambda: tf.keras.optimizers.SGD(lr=0.5)),
}))
