"""The last of the framework, personalization, and updates under an entropy code."""
import collections
import json
import warnings

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


def model_fn():
  keras_model = tf.keras.models.Sequential([
      tf.keras.layers.Dense(
          3, kernel_initializer='zeros', activation='softmax', input_shape=(4,)),
  ])
  return tff.learning.from_keras_model(
      keras_model,
      input_spec=collections.OrderedDict(
          x=tf.TensorSpec([None, 4], tf.float32),
          y=tf.TensorSpec([None, 1], tf.int32)),
      loss=tf.keras.losses.SparseCategoricalCrossentropy(),
      metrics=[tf.keras.metrics.SparseCategoricalAccuracy()])


def examples(num_examples, offset):
  x = ((np.arange(num_examples * 4) + offset) % 9).astype(np.float32).reshape([-1, 4]) / 9.0
  y = ((np.arange(num_examples) + offset) % 3).astype(np.int32).reshape([-1, 1])
  return tf.data.Dataset.from_tensor_slices(collections.OrderedDict(x=x, y=y))


federated_train_data = [examples(4, 0).batch(3), examples(7, 1).batch(3)]


class SignUpdate(tff.learning.framework.ClientDeltaFn):
  """Sends the sign of one gradient."""

  def __init__(self, model):
    self._model = model
    self._weights = tff.learning.ModelWeights.from_model(model)

  @property
  def variables(self):
    return []

  @tf.function
  def __call__(self, dataset, initial_weights):
    tf.nest.map_structure(lambda a, b: a.assign(b), self._weights, initial_weights)

    def reduce_fn(_, batch):
      with tf.GradientTape() as tape:
        output = self._model.forward_pass(batch)
      gradients = tape.gradient(output.loss, self._weights.trainable)
      return tuple(-tf.sign(gradient) * 0.1 for gradient in gradients)

    delta = dataset.take(1).reduce(
        tuple(tf.zeros_like(v) for v in self._weights.trainable), reduce_fn)
    return tff.learning.framework.ClientOutput(
        list(delta), tf.constant(1.0), self._model.report_local_unfinalized_metrics(),
        optimizer_output=())


process = tff.learning.framework.build_model_delta_optimizer_process(
    model_fn, lambda model_fn: SignUpdate(model_fn()),
    lambda: tf.keras.optimizers.SGD(1.0),
    broadcast_process=tff.learning.framework.build_stateless_broadcaster(
        model_weights_type=tff.learning.framework.weights_type_from_model(model_fn)),
    metrics_aggregator=tff.learning.metrics.sum_then_finalize)
state = process.initialize()
rounds = []
for _ in range(2):
  state, metrics = process.next(state, federated_train_data)
  rounds.append({name: float(value) for name, value in metrics['train'].items()})


@tf.function
def evaluate_fn(model, dataset):
  loss, count = tf.constant(0.0), tf.constant(0.0)
  for batch in dataset.batch(2):
    output = model.forward_pass(batch, training=False)
    size = tf.cast(output.num_examples, tf.float32)
    loss += output.loss * size
    count += size
  return collections.OrderedDict(loss=loss / count)


def personalize_fn_builder():
  optimizer = tf.keras.optimizers.SGD(0.5)

  @tf.function
  def personalize_fn(model, train_data, test_data, context):
    del context
    for batch in train_data.batch(3):
      with tf.GradientTape() as tape:
        output = model.forward_pass(batch)
      gradients = tape.gradient(output.loss, model.trainable_variables)
      optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    return evaluate_fn(model, test_data)

  return personalize_fn


evaluation = tff.learning.build_personalization_eval(
    model_fn, collections.OrderedDict(sgd=personalize_fn_builder), evaluate_fn,
    max_num_clients=5)
personalized = evaluation(state.model, [
    collections.OrderedDict(train_data=examples(4, offset), test_data=examples(3, offset + 1))
    for offset in (0, 2)
])


def aggregate(factory, values, weights=None):
  value_type = tff.to_type([(tf.float32, [2, 3]), (tf.float32, [4])])
  if weights is None:
    process = factory.create(value_type)
    output = process.next(process.initialize(), values)
  else:
    process = factory.create(value_type, tff.TensorType(tf.float32))
    output = process.next(process.initialize(), values, weights)
  return {
      'type': str(process.next.type_signature.result),
      'result': [np.ravel(value).tolist() for value in output.result],
      'measurements': [float(value) for value in tf.nest.flatten(output.measurements)],
  }


# Multiples of the step, which are coded as they are.
values = [
    [np.array([[0.5, 0.0, -1.5], [0.0, 0.0, 2.0]], np.float32), np.zeros([4], np.float32)],
    [np.array([[0.0, 8.0, 0.0], [1.0, 0.0, 0.0]], np.float32),
     np.array([0.5, 0.5, 0.0, -4.0], np.float32)],
    [np.array([[0.0, 0.0, 0.0], [0.0, 1.0, 0.0]], np.float32),
     np.array([64.0, 0.0, 0.0, 0.0], np.float32)],
]
entropy = tff.learning.entropy_compression_aggregator


def double(x):
  return 2 * x


deprecated = tff.learning.deprecation.deprecated(double, 'Use addition.')
also_deprecated = tff.learning.framework.deprecation.deprecated(double, 'Use addition too.')
with warnings.catch_warnings(record=True) as caught:
  warnings.simplefilter('always')
  doubled = deprecated(2) + also_deprecated(3)
messages = [str(w.message) for w in caught if 'Use addition' in str(w.message)]


def error(function):
  try:
    function()
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


print(json.dumps({
    'next': str(process.next.type_signature),
    'rounds': rounds,
    'trainable': [np.ravel(v).tolist() for v in state.model.trainable],
    'evaluation': str(evaluation.type_signature),
    'personalized': {
        name: sorted(float(v) for v in metrics['loss'])
        for name, metrics in personalized.items()
    },
    'unweighted': aggregate(
        entropy(zeroing=False, clipping=False, weighted=False), values),
    'weighted': aggregate(
        entropy(step_size=0.25, zeroing=False, clipping=False), values, [1.0, 2.0, 1.0]),
    'robust': aggregate(
        entropy(weighted=False, debug_measurements_fn=tff.learning.add_debug_measurements),
        [[np.zeros([2, 3], np.float32), np.zeros([4], np.float32)]]),
    'step size': error(lambda: entropy(step_size=0.0)),
    'deprecated': [doubled, messages, deprecated.__name__, tff.learning.deprecation.R.__name__],
}))
