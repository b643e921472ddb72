"""`FunctionalModel` without `forward_pass_fn`, as in 0.64, trained by several algorithms."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

input_spec = (tf.TensorSpec([None, 2], tf.float32), tf.TensorSpec([None, 1], tf.float32))


@tf.function
def predict_on_batch(model_weights, x, training=True):
  del training
  trainable, _ = model_weights
  return tf.matmul(x, trainable['kernel']) + trainable['bias']


def loss_fn(output, label, sample_weight=None):
  del sample_weight
  return tf.math.reduce_mean(tf.math.abs(output - label)) + 0.5 * tf.math.reduce_mean(
      tf.math.square(output - label))


def client_dataset(num_examples, offset):
  x = ((np.arange(num_examples * 2) * 3 + offset) % 10).astype(np.float32).reshape([-1, 2]) / 10.0
  y = 3.0 * x[:, :1] + x[:, 1:] + 1.0
  return tf.data.Dataset.from_tensor_slices((x, y)).batch(2)


train_data = [client_dataset(3, 0), client_dataset(6, 2), client_dataset(1, 7)]


@tf.function
def predict_from_tuple(model_weights, x, training=True):
  del training
  (kernel, bias), _ = model_weights
  return tf.matmul(x, kernel) + bias


tuple_model = tff.learning.models.FunctionalModel(
    initial_weights=((np.zeros([2, 1], np.float32), np.zeros([1], np.float32)), ()),
    predict_on_batch_fn=predict_from_tuple,
    loss_fn=loss_fn,
    metrics_fns=tff.learning.metrics.create_functional_metric_fns(
        lambda: collections.OrderedDict(mae=tf.keras.metrics.MeanAbsoluteError())),
    input_spec=input_spec)
dict_model = tff.learning.models.FunctionalModel(
    initial_weights=(
        collections.OrderedDict(
            kernel=np.full([2, 1], 0.5, np.float32), bias=np.zeros([1], np.float32)),
        ()),
    predict_on_batch_fn=predict_on_batch,
    loss_fn=loss_fn,
    input_spec=input_spec)
keras_model = tf.keras.Sequential([
    tf.keras.layers.InputLayer(input_shape=(2,)),
    tf.keras.layers.Dense(1, kernel_initializer='ones'),
])
from_keras = tff.learning.models.functional_model_from_keras(
    keras_model,
    loss_fn=tf.keras.losses.MeanSquaredError(),
    input_spec=input_spec,
    metrics_constructor=lambda: collections.OrderedDict(mse=tf.keras.metrics.MeanSquaredError()))


def train(process):
  state = process.initialize()
  rounds = []
  for _ in range(2):
    state, metrics = process.next(state, train_data)
    rounds.append({name: float(value)
                   for name, value in metrics['client_work']['train'].items()})
  weights = process.get_model_weights(state)
  return {
      'initialize': str(process.initialize.type_signature),
      'next': str(process.next.type_signature),
      'rounds': rounds,
      'trainable': [np.ravel(v).tolist() for v in weights.trainable],
  }


def model_fn():
  return tff.learning.models.model_from_functional(
      tuple_model, metric_constructors=[tf.keras.metrics.MeanAbsoluteError])


optimizers = tff.learning.optimizers
algorithms = tff.learning.algorithms
x, y = next(iter(client_dataset(2, 3)))
predictions = dict_model.predict_on_batch(dict_model.initial_weights, x, training=False)

print(json.dumps({
    'fed_avg': train(algorithms.build_weighted_fed_avg(
        tuple_model, optimizers.build_sgdm(0.1), optimizers.build_sgdm(1.0))),
    'fed_avg_from_keras': train(algorithms.build_unweighted_fed_avg(
        from_keras, optimizers.build_adagrad(0.2), optimizers.build_sgdm(1.0, 0.5))),
    'fed_prox': train(algorithms.build_weighted_fed_prox(
        tuple_model, 0.5, optimizers.build_sgdm(0.1), optimizers.build_sgdm(1.0))),
    'fed_sgd': train(algorithms.build_fed_sgd(tuple_model, optimizers.build_yogi(0.1))),
    'mime_lite': train(algorithms.build_weighted_mime_lite(
        tuple_model, optimizers.build_sgdm(0.1, 0.5))),
    'wrapped': train(algorithms.build_weighted_fed_avg(
        model_fn, lambda: tf.keras.optimizers.SGD(0.1), lambda: tf.keras.optimizers.SGD(1.0))),
    'predictions': np.ravel(predictions).tolist(),
    'loss': float(dict_model.loss(predictions, y)),
    'keywords': float(dict_model.loss(output=predictions, label=y, sample_weight=None)),
}))
