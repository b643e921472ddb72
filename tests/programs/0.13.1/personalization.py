"""Evaluation of personalization strategies, with a context that each client brings."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()


def model_fn():
  keras_model = tf.keras.models.Sequential([
      tf.keras.layers.Dense(
          3, kernel_initializer='zeros', activation='softmax', input_shape=(4,)),
  ])
  return tff.learning.from_keras_model(
      keras_model,
      input_spec=collections.OrderedDict([
          ('x', tf.TensorSpec([None, 4], tf.float32)),
          ('y', tf.TensorSpec([None, 1], tf.int32)),
      ]),
      loss=tf.keras.losses.SparseCategoricalCrossentropy())


@tf.function
def evaluate_fn(model, dataset):
  dataset = dataset.batch(2)
  accuracy = tf.constant(0.0)
  loss = tf.constant(0.0)
  count = tf.constant(0.0)
  for batch in dataset:
    output = model.forward_pass(batch, training=False)
    size = tf.cast(tf.shape(batch['y'])[0], tf.float32)
    predicted = tf.cast(tf.argmax(output.predictions, axis=1), tf.int32)
    accuracy += tf.reduce_sum(
        tf.cast(tf.equal(predicted, tf.reshape(batch['y'], [-1])), tf.float32))
    loss += output.loss * size
    count += size
  return collections.OrderedDict([('loss', loss / count), ('accuracy', accuracy / count)])


def build_personalize_fn(learning_rate):

  def personalize_fn_builder():
    optimizer = tf.keras.optimizers.SGD(learning_rate)

    @tf.function
    def personalize_fn(model, train_data, test_data, context=None):

      def train_fn(num_examples, batch):
        with tf.GradientTape() as tape:
          output = model.forward_pass(batch)
        gradients = tape.gradient(output.loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))
        return num_examples + output.num_examples

      num_examples = train_data.repeat(2).batch(3).reduce(0, train_fn)
      metrics = evaluate_fn(model, test_data)
      metrics['num_train'] = num_examples
      if context is not None:
        metrics['context'] = context * 2.0
      return metrics

    return personalize_fn

  return personalize_fn_builder


def examples(num_examples, offset):
  x = ((np.arange(num_examples * 4) + offset) % 9).astype(np.float32).reshape([-1, 4]) / 9.0
  y = ((np.arange(num_examples) + offset) % 3).astype(np.int32).reshape([-1, 1])
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict([('x', x), ('y', y)]))


def client_input(num_examples, offset, context=None):
  data = collections.OrderedDict([
      ('train_data', examples(num_examples, offset)),
      ('test_data', examples(3, offset + 1)),
  ])
  if context is not None:
    data['context'] = context
  return data


strategies = collections.OrderedDict([
    ('slow', build_personalize_fn(0.1)),
    ('fast', build_personalize_fn(1.0)),
])
process = tff.learning.build_federated_averaging_process(
    model_fn, client_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.1))
weights = process.initialize().model


def by_client(metrics):
  """The metrics of each client, in the order of their values: samples come in any order."""
  flat = {
      '%s/%s' % (strategy, name): np.ravel(value)
      for strategy, values in metrics._asdict().items()
      for name, value in values._asdict().items()
  }
  clients = len(flat['baseline_metrics/loss'])
  return sorted(
      ({name: float(values[i]) for name, values in flat.items()} for i in range(clients)),
      key=lambda client: sorted(client.items()))


plain = tff.learning.build_personalization_eval(model_fn, strategies, evaluate_fn)
with_context = tff.learning.build_personalization_eval(
    model_fn, strategies, evaluate_fn, max_num_samples=2,
    context_tff_type=tff.to_type(tf.float32))


def error(function):
  try:
    function()
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


print(json.dumps({
    'plain type': str(plain.type_signature),
    'plain': by_client(plain(weights, [client_input(4, 0), client_input(6, 2)])),
    'context type': str(with_context.type_signature),
    'context': by_client(
        with_context(weights, [client_input(4, 0, 1.5), client_input(6, 2, -1.0)])),
    'sampled': len(by_client(with_context(
        weights, [client_input(4, 0, 1.5), client_input(6, 2, -1.0), client_input(5, 1, 0.0)]))),
    'errors': {
        'negative': error(lambda: tff.learning.build_personalization_eval(
            model_fn, strategies, evaluate_fn, -1)),
        'not an int': error(lambda: tff.learning.build_personalization_eval(
            model_fn, strategies, evaluate_fn, 1.0)),
        'name taken': error(lambda: tff.learning.build_personalization_eval(
            model_fn,
            collections.OrderedDict([('baseline_metrics', build_personalize_fn(0.1))]),
            evaluate_fn)),
        'not ordered': error(lambda: tff.learning.build_personalization_eval(
            model_fn, [1, 2], evaluate_fn)),
        'no type': error(lambda: tff.learning.build_personalization_eval(
            model_fn, strategies, evaluate_fn, context_tff_type=tf.float32)),
    },
}))
