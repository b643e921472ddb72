"""Functional models of 0.48 in place of `model_fn`: with metrics of their own, and made from Keras."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

input_spec = (tf.TensorSpec([None, 2], tf.float32), tf.TensorSpec([None, 1], tf.int32))


@tf.function
def predict_on_batch(model_weights, x, training=True):
  del training
  (kernel, bias), () = model_weights
  return tf.matmul(x, kernel) + bias


@tf.function
def forward_pass(model_weights, batch_input, training=True):
  x, y = batch_input
  logits = predict_on_batch(model_weights, x, training)
  loss = tf.reduce_mean(
      tf.nn.sparse_softmax_cross_entropy_with_logits(tf.reshape(y, [-1]), logits))
  return tff.learning.BatchOutput(
      loss=loss, predictions=logits, num_examples=tf.shape(logits)[0])


@tf.function
def initialize_metrics():
  return collections.OrderedDict(
      loss=(0.0, 0.0), num_examples=tf.constant(0, tf.int64))


@tf.function
def update_metrics(state, labels, batch_output, sample_weight=None):
  del labels, sample_weight
  num_examples = tf.cast(batch_output.num_examples, tf.float32)
  loss_sum, count = state['loss']
  return collections.OrderedDict(
      loss=(loss_sum + batch_output.loss * num_examples, count + num_examples),
      num_examples=state['num_examples'] + tf.cast(batch_output.num_examples, tf.int64))


@tf.function
def finalize_metrics(state):
  return collections.OrderedDict(
      loss=state['loss'][0] / state['loss'][1], num_examples=state['num_examples'])


def client_dataset(num_examples, offset):
  x = ((np.arange(num_examples * 2) * 5 + offset) % 7).astype(np.float32).reshape([-1, 2]) / 7.0
  y = ((np.arange(num_examples) + offset) % 2).astype(np.int32).reshape([-1, 1])
  return tf.data.Dataset.from_tensor_slices((x, y)).batch(2)


train_data = [client_dataset(5, 0), client_dataset(3, 1)]


def train(model, client_optimizer=None, server_optimizer=None):
  process = tff.learning.algorithms.build_weighted_fed_avg(
      model,
      client_optimizer_fn=client_optimizer or tff.learning.optimizers.build_sgdm(0.3),
      server_optimizer_fn=server_optimizer or tff.learning.optimizers.build_sgdm(1.0))
  state = process.initialize()
  rounds = []
  for _ in range(2):
    output = process.next(state, train_data)
    state = output.state
    rounds.append({name: float(value)
                   for name, value in output.metrics['client_work']['train'].items()})
  return {
      'initialize': str(process.initialize.type_signature),
      'next': str(process.next.type_signature),
      'rounds': rounds,
      'trainable': [np.ravel(v).tolist()
                    for v in process.get_model_weights(state).trainable],
  }


model = tff.learning.models.FunctionalModel(
    initial_weights=((np.zeros([2, 2], np.float32), np.zeros([2], np.float32)), ()),
    forward_pass_fn=forward_pass,
    predict_on_batch_fn=predict_on_batch,
    metrics_fns=(initialize_metrics, update_metrics, finalize_metrics),
    input_spec=input_spec)

keras_model = tf.keras.Sequential([
    tf.keras.layers.InputLayer(input_shape=(2,)),
    tf.keras.layers.Dense(2, kernel_initializer=tf.keras.initializers.Constant(0.1)),
])
from_keras = tff.learning.models.functional_model_from_keras(
    keras_model,
    tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    input_spec,
    metrics_constructor=collections.OrderedDict(
        loss=lambda: tf.keras.metrics.SparseCategoricalCrossentropy(from_logits=True),
        accuracy=tf.keras.metrics.SparseCategoricalAccuracy))

x, y = next(iter(client_dataset(3, 4)))
weights = ((np.array([[1.0, -1.0], [0.5, 0.25]], np.float32), np.zeros([2], np.float32)), ())
output = model.forward_pass(weights, (x, y), training=False)
metrics_state = model.update_metrics_state(
    model.initialize_metrics_state(), labels=y, batch_output=output)
metrics = model.finalize_metrics(metrics_state)


def keras_optimizer_error():
  try:
    train(model, lambda: tf.keras.optimizers.SGD(0.1))
    return 'accepted'
  except TypeError as e:
    return type(e).__name__


print(json.dumps({
    'own_metrics': train(model),
    'adam': train(
        model, tff.learning.optimizers.build_adam(0.1, epsilon=0.01),
        tff.learning.optimizers.build_rmsprop(0.1, epsilon=0.01)),
    'from_keras': train(from_keras),
    'wrapped': train(lambda: tff.learning.models.model_from_functional(from_keras),
                     lambda: tf.keras.optimizers.SGD(0.3)),
    'forward_pass': [float(output.loss), np.ravel(output.predictions).tolist(),
                     int(output.num_examples)],
    'metrics': {name: float(value) for name, value in metrics.items()},
    'keras_optimizer': keras_optimizer_error(),
}))
