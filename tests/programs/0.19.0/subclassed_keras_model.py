"""A subclassed Keras model as a tff.learning.Model in 0.19, its own methods, and its evaluation."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


class TwoLayers(tf.keras.Model):

  def __init__(self):
    super().__init__()
    self.hidden = tf.keras.layers.Dense(
        2, activation='relu', kernel_initializer=tf.keras.initializers.Constant(0.25))
    self.logits = tf.keras.layers.Dense(
        1, kernel_initializer=tf.keras.initializers.Constant(0.5))

  def call(self, inputs, training=None):
    return self.logits(self.hidden(inputs))


INPUT_SPEC = (tf.TensorSpec([None, 2], tf.float32), tf.TensorSpec([None, 1], tf.float32))


def create_keras_model():
  keras_model = TwoLayers()
  keras_model.build(input_shape=(None, 2))
  return keras_model


def model_fn():
  return tff.learning.from_keras_model(
      create_keras_model(),
      tf.keras.losses.BinaryCrossentropy(from_logits=True),
      INPUT_SPEC,
      metrics=[tf.keras.metrics.BinaryAccuracy(threshold=0.0)])


def client_dataset(num_examples, offset):
  x = ((np.arange(num_examples * 2) * 3 + offset) % 8).astype(np.float32).reshape([-1, 2]) / 8.0
  y = (x[:, :1] > x[:, 1:]).astype(np.float32)
  return tf.data.Dataset.from_tensor_slices((x, y)).batch(3)


process = tff.learning.build_federated_averaging_process(
    model_fn, lambda: tf.keras.optimizers.Adam(0.1, epsilon=0.01))
state = process.initialize()
rounds = []
train_data = [client_dataset(6, 0), client_dataset(1, 3), client_dataset(4, 2)]
for _ in range(3):
  state, metrics = process.next(state, train_data)
  rounds.append({name: float(value) for name, value in metrics['train'].items()})

evaluation = tff.learning.build_federated_evaluation(model_fn)
test_metrics = evaluation(process.get_model_weights(state), [client_dataset(5, 1)])

model = model_fn()
state.model.assign_weights_to(model)
x, y = next(iter(client_dataset(3, 0)))
output = model.forward_pass((x, y), training=False)
again = model.forward_pass((x[:1], y[:1]), training=False)
local_outputs = model.report_local_outputs()
keras_model = create_keras_model()
state.model.assign_weights_to(keras_model)

print(json.dumps({
    'initialize': str(process.initialize.type_signature),
    'next': str(process.next.type_signature),
    'evaluation': str(evaluation.type_signature),
    'federated_output_computation': str(model.federated_output_computation.type_signature),
    'rounds': rounds,
    'test': {name: float(value) for name, value in test_metrics.items()},
    'trainable': [np.ravel(v).tolist() for v in state.model.trainable],
    'forward_pass': [float(output.loss), np.ravel(output.predictions).tolist(),
                     int(output.num_examples), float(again.loss)],
    'local_outputs': {name: [float(v) for v in values]
                      for name, values in local_outputs.items()},
    'local_variables': len(model.local_variables),
    'keras_predictions': np.ravel(keras_model(x)).tolist(),
}))
