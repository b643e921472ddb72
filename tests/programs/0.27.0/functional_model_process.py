"""A `FunctionalModel` of 0.27 given to `build_weighted_fed_avg` as `model`, and made from Keras."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

input_spec = collections.OrderedDict(
    x=tf.TensorSpec([None, 2], tf.float32), y=tf.TensorSpec([None, 1], tf.float32))


@tf.function
def predict_on_batch(model_weights, x, training):
  (kernel, bias), (scale,) = model_weights
  return scale * (tf.matmul(x, kernel) + bias)


@tf.function
def forward_pass(model_weights, batch_input, training):
  predictions = predict_on_batch(model_weights, batch_input['x'], training)
  loss = tf.reduce_mean(tf.math.squared_difference(predictions, batch_input['y']))
  return tff.learning.BatchOutput(
      loss=loss, predictions=predictions, num_examples=tf.shape(predictions)[0])


def functional_model():
  return tff.learning.models.FunctionalModel(
      ((np.array([[0.1], [0.2]], np.float32), np.zeros([1], np.float32)),
       (np.array(2.0, np.float32),)),
      forward_pass,
      predict_on_batch,
      input_spec)


def client_dataset(num_examples, offset):
  x = ((np.arange(num_examples * 2) * 3 + offset) % 5).astype(np.float32).reshape([-1, 2]) / 5.0
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict(x=x, y=x[:, :1] + 0.5)).batch(2)


train_data = [client_dataset(3, 0), client_dataset(6, 1)]

process = tff.learning.algorithms.build_weighted_fed_avg(
    model_fn=None,
    client_optimizer_fn=tff.learning.optimizers.build_sgdm(0.05),
    server_optimizer_fn=tff.learning.optimizers.build_sgdm(1.0),
    model=functional_model())
state = process.initialize()
for _ in range(2):
  output = process.next(state, train_data)
  state = output.state
weights = process.get_model_weights(state)


def wrapped_model_fn():
  return tff.learning.models.model_from_functional(
      functional_model(), [tf.keras.metrics.MeanAbsoluteError])


wrapped = tff.learning.algorithms.build_weighted_fed_avg(
    wrapped_model_fn, lambda: tf.keras.optimizers.SGD(0.05))
wrapped_state = wrapped.initialize()
for _ in range(2):
  wrapped_output = wrapped.next(wrapped_state, train_data)
  wrapped_state = wrapped_output.state
wrapped_weights = wrapped.get_model_weights(wrapped_state)

keras_model = tf.keras.Sequential([
    tf.keras.layers.Dense(1, kernel_initializer='ones', input_shape=(2,))])
from_keras = tff.learning.models.functional_model_from_keras(
    keras_model, tf.keras.losses.MeanSquaredError(), input_spec)


@tff.tf_computation(tf.TensorSpec([None, 2], tf.float32), tf.TensorSpec([None, 1], tf.float32))
def keras_loss(x, y):
  output = from_keras.forward_pass(
      from_keras.initial_weights, collections.OrderedDict(x=x, y=y), training=False)
  return output.loss, output.num_examples


loss, num_examples = keras_loss(np.ones([3, 2], np.float32), np.zeros([3, 1], np.float32))

try:
  tff.learning.algorithms.build_weighted_fed_avg(
      wrapped_model_fn, lambda: tf.keras.optimizers.SGD(0.05), model=functional_model())
  both = 'accepted'
except ValueError as e:
  both = type(e).__name__

print(json.dumps({
    'initialize': str(process.initialize.type_signature),
    'next': str(process.next.type_signature),
    'metrics': list(output.metrics),
    'trainable': [np.ravel(v).tolist() for v in weights.trainable],
    'non_trainable': [np.ravel(v).tolist() for v in weights.non_trainable],
    'wrapped_next': str(wrapped.next.type_signature),
    'wrapped_train': {name: float(value) for name, value in
                      wrapped_output.metrics['client_work']['train'].items()},
    'wrapped_trainable': [np.ravel(v).tolist() for v in wrapped_weights.trainable],
    'keras_loss': [float(loss), int(num_examples)],
    'keras_loss_type': str(keras_loss.type_signature),
    'both': both,
}))
