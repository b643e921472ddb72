"""`FunctionalModel` of 0.33: named arguments, metrics functions, its methods, and `model=`."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

initial_weights = (
    (np.zeros([3, 1], np.float32), np.zeros([1], np.float32)),  # Trainable.
    (),  # Non-trainable.
)
input_spec = (tf.TensorSpec([None, 3], tf.float32), tf.TensorSpec([None, 1], tf.float32))


@tf.function
def predict_on_batch(model_weights, x, training):
  del training  # Unused.
  (kernel, bias), _ = model_weights
  return tf.matmul(x, kernel) + bias


@tf.function
def forward_pass(model_weights, batch_input, training):
  x, y = batch_input
  predictions = predict_on_batch(model_weights, x, training)
  return tff.learning.BatchOutput(
      loss=tf.reduce_mean(tf.pow(predictions - y, 2.0)),
      predictions=predictions,
      num_examples=tf.shape(predictions)[0])


@tf.function
def initialize_metrics_state():
  return collections.OrderedDict(total_error=0.0, num_examples=0.0)


@tf.function
def update_metrics_state(state, y_true, y_pred, sample_weight=None):
  del sample_weight  # Unused.
  return collections.OrderedDict(
      total_error=state['total_error'] + tf.reduce_sum(tf.abs(y_true - y_pred)),
      num_examples=state['num_examples'] + tf.cast(tf.shape(y_true)[0], tf.float32))


@tf.function
def finalize_metrics(state):
  return collections.OrderedDict(
      mean_error=tf.math.divide_no_nan(state['total_error'], state['num_examples']))


def client_dataset(num_examples, offset):
  x = ((np.arange(num_examples * 3) * 5 + offset) % 8).astype(np.float32).reshape([-1, 3]) / 8.0
  y = x[:, :1] * 2.0 - x[:, 2:] + 0.75
  return tf.data.Dataset.from_tensor_slices((x, y)).batch(3)


train_data = [client_dataset(4, 0), client_dataset(7, 3), client_dataset(1, 1)]
without_metrics = tff.learning.models.FunctionalModel(
    initial_weights=initial_weights,
    forward_pass_fn=forward_pass,
    predict_on_batch_fn=predict_on_batch,
    input_spec=input_spec)
with_metrics = tff.learning.models.FunctionalModel(
    initial_weights=initial_weights,
    forward_pass_fn=forward_pass,
    predict_on_batch_fn=predict_on_batch,
    metrics_fns=(initialize_metrics_state, update_metrics_state, finalize_metrics),
    input_spec=input_spec)


def train(functional_model):
  process = tff.learning.algorithms.build_weighted_fed_avg(
      model_fn=None,
      client_optimizer_fn=tff.learning.optimizers.build_sgdm(0.2),
      server_optimizer_fn=tff.learning.optimizers.build_adagrad(0.5),
      model=functional_model)
  state = process.initialize()
  rounds = []
  for _ in range(2):
    output = process.next(state, train_data)
    state = output.state
    rounds.append({name: float(value)
                   for name, value in output.metrics['client_work']['train'].items()})
  weights = process.get_model_weights(state)
  return {
      'initialize': str(process.initialize.type_signature),
      'next': str(process.next.type_signature),
      'rounds': rounds,
      'trainable': [np.ravel(v).tolist() for v in weights.trainable],
  }


x, y = next(iter(client_dataset(3, 2)))
weights = ((np.array([[1.0], [0.0], [2.0]], np.float32), np.array([0.5], np.float32)), ())
output = with_metrics.forward_pass(weights, (x, y), training=False)
metrics_state = with_metrics.initialize_metrics_state()
metrics_state = with_metrics.update_metrics_state(metrics_state, y, output.predictions)
metrics_state = with_metrics.update_metrics_state(
    metrics_state, y_true=y[:1], y_pred=output.predictions[:1])

try:
  tff.learning.models.FunctionalModel(
      initial_weights, forward_pass, predict_on_batch, input_spec)
  by_position = 'accepted'
except TypeError as e:
  by_position = type(e).__name__

print(json.dumps({
    'without_metrics': train(without_metrics),
    'with_metrics': train(with_metrics),
    'forward_pass': [float(output.loss), np.ravel(output.predictions).tolist(),
                     int(output.num_examples)],
    'unpacked': float(tuple(output)[0]),
    'predict_on_batch': np.ravel(with_metrics.predict_on_batch(weights, x, False)).tolist(),
    'metrics_state': {name: float(value) for name, value in metrics_state.items()},
    'metrics': {name: float(value)
                for name, value in with_metrics.finalize_metrics(metrics_state).items()},
    'no_metrics': len(without_metrics.finalize_metrics(
        without_metrics.initialize_metrics_state())),
    'by_position': by_position,
}))
