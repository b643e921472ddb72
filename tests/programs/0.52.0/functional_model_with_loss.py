"""`FunctionalModel` of 0.51 and 0.52: `loss_fn` beside `forward_pass_fn`, trained and called."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

input_spec = collections.OrderedDict(
    x=tf.TensorSpec([None, 3], tf.float32), y=tf.TensorSpec([None, 1], tf.float32))
initial_weights = (
    (np.full([3, 1], 0.1, np.float32), np.zeros([1], np.float32)),
    (),
)


@tf.function
def predict_on_batch(model_weights, x, training=True):
  del training  # Unused.
  (kernel, bias), _ = model_weights
  return tf.matmul(x, kernel) + bias


@tf.function
def loss_fn(output, label, sample_weight=None):
  del sample_weight  # Unused.
  return tf.math.reduce_mean(tf.math.pow(output - label, 2.0))


@tf.function
def forward_pass(model_weights, batch_input, training=True):
  predictions = predict_on_batch(model_weights, batch_input['x'], training)
  return tff.learning.models.BatchOutput(
      loss=loss_fn(predictions, batch_input['y']),
      predictions=predictions,
      num_examples=tf.shape(predictions)[0])


def client_dataset(num_examples, offset):
  x = ((np.arange(num_examples * 3) * 2 + offset) % 7).astype(np.float32).reshape([-1, 3]) / 7.0
  y = x[:, :1] + 2.0 * x[:, 1:2] - 0.5
  return tf.data.Dataset.from_tensor_slices(collections.OrderedDict(x=x, y=y)).batch(2)


metrics_fns = tff.learning.metrics.create_functional_metric_fns(
    lambda: collections.OrderedDict(
        mse=tf.keras.metrics.MeanSquaredError(), mae=tf.keras.metrics.MeanAbsoluteError()))
model = tff.learning.models.FunctionalModel(
    initial_weights=initial_weights,
    forward_pass_fn=forward_pass,
    predict_on_batch_fn=predict_on_batch,
    loss_fn=loss_fn,
    metrics_fns=metrics_fns,
    input_spec=input_spec)

train_data = [client_dataset(5, 0), client_dataset(2, 4)]
test_data = [client_dataset(4, 1)]


def train(process):
  state = process.initialize()
  rounds = []
  for _ in range(2):
    state, metrics = process.next(state, train_data)
    rounds.append({name: float(value)
                   for name, value in metrics['client_work']['train'].items()})
  return process.get_model_weights(state), {
      'initialize': str(process.initialize.type_signature),
      'next': str(process.next.type_signature),
      'rounds': rounds,
      'trainable': [np.ravel(v).tolist() for v in process.get_model_weights(state).trainable],
  }


optimizers = tff.learning.optimizers
_, fed_avg = train(tff.learning.algorithms.build_weighted_fed_avg(
    model, optimizers.build_sgdm(0.1), optimizers.build_sgdm(1.0, momentum=0.5)))
_, fed_sgd = train(tff.learning.algorithms.build_fed_sgd(model, optimizers.build_adam(0.2)))
_, fed_prox = train(tff.learning.algorithms.build_unweighted_fed_prox(
    model, 0.5, optimizers.build_sgdm(0.1), optimizers.build_sgdm(1.0)))
weights, wrapped = train(tff.learning.algorithms.build_weighted_fed_avg(
    lambda: tff.learning.models.model_from_functional(
        model, [lambda: tf.keras.metrics.MeanSquaredError(name='error')]),
    lambda: tf.keras.optimizers.SGD(0.1)))

batch = next(iter(test_data[0]))
output = model.forward_pass(initial_weights, batch, training=False)

try:
  tff.learning.models.FunctionalModel(
      initial_weights=initial_weights, forward_pass_fn=forward_pass,
      predict_on_batch_fn=predict_on_batch, input_spec=input_spec)
  without_loss = 'accepted'
except TypeError as e:
  without_loss = type(e).__name__

print(json.dumps({
    'fed_avg': fed_avg,
    'fed_sgd': fed_sgd,
    'fed_prox': fed_prox,
    'wrapped': wrapped,
    'forward_pass': [float(output.loss), np.ravel(output.predictions).tolist(),
                     int(output.num_examples)],
    'loss': float(model.loss(output.predictions, batch['y'])),
    'predict_on_batch': np.ravel(
        model.predict_on_batch(initial_weights, batch['x'], training=False)).tolist(),
    'without_loss': without_loss,
}))
