"""Evaluation of federated reconstruction in 0.80, with and without splits of the data."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

INPUT_SPEC = collections.OrderedDict(
    x=tf.TensorSpec([None, 2], tf.float32), y=tf.TensorSpec([None, 1], tf.float32))


def client_dataset(num_examples, offset, shift):
  x = ((np.arange(num_examples * 2) * 3 + offset) % 7).astype(np.float32).reshape([-1, 2]) / 7.0
  y = 2.0 * x[:, :1] + x[:, 1:] + shift
  return tf.data.Dataset.from_tensor_slices(collections.OrderedDict(x=x, y=y)).batch(2)


data = [client_dataset(4, 0, 1.0), client_dataset(3, 2, -1.0)]


def model_fn():
  inputs = tf.keras.layers.Input(shape=(2,))
  shared = tf.keras.layers.Dense(1, use_bias=False, kernel_initializer='ones')
  shift = tf.keras.layers.Dense(1, kernel_initializer='ones', bias_initializer='zeros')
  return tff.learning.models.ReconstructionModel.from_keras_model_and_layers(
      tf.keras.Model(inputs=inputs, outputs=shift(shared(inputs))),
      global_layers=[shared],
      local_layers=[shift],
      input_spec=INPUT_SPEC)


def evaluate(**kwargs):
  process = tff.learning.algorithms.build_fed_recon_eval(
      model_fn,
      loss_fn=tf.keras.losses.MeanSquaredError,
      metrics_fn=lambda: [tf.keras.metrics.MeanAbsoluteError()],
      **kwargs)
  state = process.initialize()
  output = process.next(state, data)
  return {
      'next': str(process.next.type_signature),
      'metrics': json.loads(json.dumps(output.metrics, default=float)),
  }


split = tff.learning.models.ReconstructionModel.build_dataset_split_fn
print(json.dumps({
    'defaults': evaluate(),
    'optimizer': evaluate(
        reconstruction_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.3, momentum=0.5)),
    'split': evaluate(
        reconstruction_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.2),
        dataset_split_fn=split(recon_epochs=2, split_dataset=False)),
}))
