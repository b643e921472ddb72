"""Transformed clients, structures by themselves and a client update of one's own in 0.2."""

from __future__ import absolute_import
from __future__ import division
from __future__ import print_function

import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff
from tensorflow_federated.python.common_libs import anonymous_tuple
from tensorflow_federated.python.common_libs import py_typecheck

tf.compat.v1.enable_v2_behavior()

BATCH = collections.OrderedDict([
    ('x', np.zeros([2, 3], np.float32)),
    ('y', np.zeros([2, 1], np.float32)),
])


def examples(num_examples, offset):
  x = ((np.arange(num_examples * 3) + offset) % 7).astype(np.float32).reshape([-1, 3]) / 7.0
  return collections.OrderedDict([('x', x), ('y', x.sum(axis=1, keepdims=True))])


class InMemoryClientData(tff.simulation.ClientData):
  """Clients whose examples are in a dictionary."""

  def __init__(self, examples_of):
    self._examples_of = examples_of

  @property
  def client_ids(self):
    return sorted(self._examples_of)

  def create_tf_dataset_for_client(self, client_id):
    return tf.data.Dataset.from_tensor_slices(self._examples_of[client_id])

  @property
  def output_types(self):
    return collections.OrderedDict([('x', tf.float32), ('y', tf.float32)])

  @property
  def output_shapes(self):
    return collections.OrderedDict(
        [('x', tf.TensorShape([3])), ('y', tf.TensorShape([1]))])


raw = InMemoryClientData({'ann': examples(4, 0), 'bob': examples(6, 1)})


def shifted(example, index):
  return collections.OrderedDict(
      [('x', example['x'] + 0.5 * index), ('y', example['y'] * (index + 1))])


transformed = tff.simulation.TransformingClientData(raw, shifted, 5)


@tff.tf_computation(tf.int32)
def double(x):
  return x * 2


@tff.federated_computation(tff.FederatedType(tf.int32, tff.SERVER, True))
def doubled(x):
  return tff.federated_apply(double, x), tff.federated_apply(double, tff.federated_apply(double, x))


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

  @tf.function(autograph=False)
  def __call__(self, dataset, initial_weights):
    model = self._model
    weights = tff.learning.framework.ModelWeights.from_model(model)
    tf.nest.map_structure(lambda a, b: a.assign(b), weights, initial_weights)

    @tf.function(autograph=False)
    def reduce_fn(count, batch):
      with tf.GradientTape() as tape:
        output = model.forward_pass(batch)
      variables = list(weights.trainable.values())
      for variable, gradient in zip(variables, tape.gradient(output.loss, variables)):
        variable.assign_sub(0.1 * gradient)
      return count + tf.shape(output.predictions)[0]

    num_examples = dataset.reduce(tf.constant(0), reduce_fn)
    return tff.learning.framework.ClientOutput(
        weights_delta=tf.nest.map_structure(
            tf.subtract, weights.trainable, initial_weights.trainable),
        weights_delta_weight=tf.cast(num_examples, tf.float32),
        model_output=model.report_local_outputs(),
        optimizer_output={'num_examples': num_examples})


def error(function, *args):
  try:
    function(*args)
    return 'none'
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


def values(dataset):
  return [[np.ravel(each['x']).tolist(), float(each['y'][0])] for each in dataset]


process = tff.learning.framework.build_model_delta_optimizer_process(
    model_fn, lambda model_fn: ClientUpdate(model_fn()),
    lambda: tf.keras.optimizers.SGD(learning_rate=1.0))
state = process.initialize()
rounds = []
for _ in range(2):
  state, metrics = process.next(
      state, [raw.create_tf_dataset_for_client(each).batch(2) for each in raw.client_ids])
  rounds.append(float(metrics.loss))

AT = anonymous_tuple.AnonymousTuple
first = AT([('a', 1), (None, AT([('b', 2), ('c', 3)]))])
second = AT([('a', 10), (None, AT([('b', 20), ('c', 30)]))])
applied = doubled(5)
Point = collections.namedtuple('Point', 'x y')
print(json.dumps({
    'clients': transformed.client_ids,
    'data': [values(transformed.create_tf_dataset_for_client(each))
             for each in transformed.client_ids[:3]],
    'no client': error(transformed.create_tf_dataset_for_client, 'ann'),
    'number': error(tff.simulation.TransformingClientData, raw, shifted, 0),
    'applied': [str(doubled.type_signature), [int(v) for v in applied]],
    'mapped': [
        str(anonymous_tuple.map_structure(lambda v: v + 1, first)),
        str(anonymous_tuple.map_structure(lambda a, b: a * b, first, second)),
        error(anonymous_tuple.map_structure, lambda v: v),
        error(anonymous_tuple.map_structure, lambda v: v, [1]),
        error(anonymous_tuple.map_structure, lambda a, b: a, first, AT([('a', 1)]))],
    'named': [py_typecheck.is_named_tuple(each) for each in (
        Point(1, 2), Point, (1, 2), first, collections.OrderedDict(x=1))],
    'process': [str(process.initialize.type_signature), str(process.next.type_signature)],
    'rounds': rounds,
    'weights': [np.ravel(state.model.trainable[i]).tolist() for i in range(2)],
}))
