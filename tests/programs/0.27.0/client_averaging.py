"""Federated averaging on clients by its own class, with TFF optimizers and an encoded broadcast."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff
from tensorflow_model_optimization.python.core.internal import tensor_encoding as te


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


def encoder_fn(value):
  return te.encoders.as_simple_encoder(
      te.core.EncoderComposer(
          te.stages.UniformQuantizationEncodingStage(8, stochastic=False)).make(),
      tf.TensorSpec(value.shape, value.dtype))


def client_dataset(num_examples, offset):
  x = ((np.arange(num_examples * 4) + offset) % 9).astype(np.float32).reshape([-1, 4]) / 9.0
  y = ((np.arange(num_examples) + offset) % 3).astype(np.int32).reshape([-1, 1])
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict(x=x, y=y)).batch(3)


federated_train_data = [client_dataset(4, 0), client_dataset(7, 1), client_dataset(2, 5)]


def run(server_optimizer_fn, *args, broadcast_process=None, **kwargs):
  process = tff.learning.framework.build_model_delta_optimizer_process(
      model_fn, lambda model_fn: tff.learning.ClientFedAvg(model_fn(), *args, **kwargs),
      server_optimizer_fn, broadcast_process=broadcast_process)
  state = process.initialize()
  rounds = []
  for _ in range(2):
    state, metrics = process.next(state, federated_train_data)
    rounds.append({name: float(value) for name, value in metrics['train'].items()})
  return {
      'initialize': str(process.initialize.type_signature),
      'next': str(process.next.type_signature),
      'metrics': list(metrics),
      'rounds': rounds,
      'trainable': [np.ravel(v).tolist() for v in state.model.trainable],
  }


encoded_broadcast = tff.learning.framework.build_encoded_broadcast_process_from_model(
    model_fn, encoder_fn)
client = tff.learning.ClientFedAvg(model_fn(), tff.learning.optimizers.build_sgdm(0.1))

print(json.dumps({
    'keras': run(
        lambda: tf.keras.optimizers.SGD(1.0, momentum=0.5),
        lambda: tf.keras.optimizers.SGD(0.5)),
    'tff': run(
        tff.learning.optimizers.build_sgdm(1.0, momentum=0.5),
        tff.learning.optimizers.build_sgdm(0.5, momentum=0.9),
        client_weighting=tff.learning.ClientWeighting.UNIFORM,
        use_experimental_simulation_loop=True,
        broadcast_process=encoded_broadcast),
    'encoded broadcast': str(encoded_broadcast.next.type_signature),
    'parameters': tff.learning.framework.parameter_count_from_model(model_fn),
    'is client delta': isinstance(client, tff.learning.framework.ClientDeltaFn),
}))
