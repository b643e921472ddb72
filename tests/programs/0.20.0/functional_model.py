"""`FunctionalModel` of 0.20: its constructor by position, its methods, and the models made of it."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

w = np.array([[0.1, -0.2, 0.3]], np.float32)
b = np.array([0.05], np.float32)
initial_weights = ((w, b), ())
input_spec = (tf.TensorSpec([None, 3], tf.float32), tf.TensorSpec([None, 1], tf.float32))


@tf.function
def predict_on_batch(model_weights, x, training):
  del training  # Unused.
  trainable, _ = model_weights
  w, b = trainable
  return tf.matmul(x, w, transpose_b=True) + b


@tf.function
def forward_pass(model_weights, batch_input, training):
  x, y = batch_input
  predictions = predict_on_batch(model_weights, x, training)
  residuals = predictions - y
  total_loss = tf.reduce_sum(tf.pow(residuals, 2.))
  num_examples = tf.shape(predictions)[0]
  average_loss = total_loss / tf.cast(num_examples, tf.float32)
  return tff.learning.BatchOutput(
      loss=average_loss, predictions=predictions, num_examples=num_examples)


def client_dataset(num_examples, offset):
  x = ((np.arange(num_examples * 3) * 2 + offset) % 5).astype(np.float32).reshape([-1, 3]) / 5.0
  y = x[:, :1] - x[:, 1:2] + 2.0 * x[:, 2:]
  return tf.data.Dataset.from_tensor_slices((x, y)).batch(2)


functional_model = tff.learning.models.FunctionalModel(
    initial_weights, forward_pass, predict_on_batch, input_spec)
by_keyword = tff.learning.models.FunctionalModel(
    initial_weights=initial_weights,
    forward_pass_fn=forward_pass,
    predict_on_batch_fn=predict_on_batch,
    input_spec=input_spec)

batch = next(iter(client_dataset(2, 1)))
output = functional_model.forward_pass(functional_model.initial_weights, batch, training=True)
predictions = by_keyword.predict_on_batch(by_keyword.initial_weights, batch[0])

keras_model = tf.keras.Sequential([
    tf.keras.layers.Dense(
        1, kernel_initializer=tf.keras.initializers.Constant(0.25), input_shape=(3,))])
from_keras = tff.learning.models.functional_model_from_keras(
    keras_model, tf.keras.losses.MeanSquaredError(), input_spec)


@tff.tf_computation
def keras_predictions():
  return from_keras.predict_on_batch(from_keras.initial_weights, batch[0].numpy())


def train(functional_model, metric_constructors=None):

  def model_fn():
    return tff.learning.models.model_from_functional(functional_model, metric_constructors)

  process = tff.learning.algorithms.build_weighted_fed_avg(
      model_fn, client_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.1))
  state = process.initialize()
  rounds = []
  for _ in range(2):
    result = process.next(state, [client_dataset(5, 0), client_dataset(2, 3)])
    state = result.state
    rounds.append({name: float(value)
                   for name, value in result.metrics['client_work']['train'].items()})
  weights = process.get_model_weights(state)
  return {
      'initialize': str(process.initialize.type_signature),
      'next': str(process.next.type_signature),
      'rounds': rounds,
      'trainable': [np.ravel(v).tolist() for v in weights.trainable],
  }


def error_of(**kwargs):
  arguments = dict(
      initial_weights=initial_weights, forward_pass_fn=forward_pass,
      predict_on_batch_fn=predict_on_batch, input_spec=input_spec)
  arguments.update(kwargs)
  try:
    tff.learning.models.FunctionalModel(**arguments)
    return 'accepted'
  except Exception as e:  # pylint: disable=broad-except
    return type(e).__name__


print(json.dumps({
    'forward_pass': [float(output.loss), np.ravel(output.predictions).tolist(),
                     int(output.num_examples)],
    'predict_on_batch': np.ravel(predictions).tolist(),
    'initial_weights': [np.ravel(v).tolist() for v in functional_model.initial_weights[0]],
    'input_spec': str(tff.to_type(functional_model.input_spec)),
    'keras_predictions': np.ravel(keras_predictions()).tolist(),
    'trained': train(functional_model),
    'trained_with_metrics': train(
        functional_model, [tf.keras.metrics.MeanAbsoluteError,
                           lambda: tf.keras.metrics.RootMeanSquaredError(name='rmse')]),
    'trained_from_keras': train(from_keras),
    'tensors_as_weights': error_of(initial_weights=((tf.constant(w), tf.constant(b)), ())),
    'not_a_tf_function': error_of(predict_on_batch_fn=lambda weights, x, training: x),
}))
