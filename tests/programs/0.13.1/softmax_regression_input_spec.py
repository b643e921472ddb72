"""Softmax regression on ordered batches, as in the image classification tutorial of 0.13."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()

NUM_FEATURES = 4
NUM_CLASSES = 3
CLIENT_SIZES = [5, 3, 7]


def make_client_dataset(client, num_examples):
  pixels = np.arange(num_examples * NUM_FEATURES, dtype=np.float32)
  pixels = ((pixels * 3 + client * 5) % 11).reshape([num_examples, NUM_FEATURES])
  labels = (np.arange(num_examples, dtype=np.int32) * 2 + client) % NUM_CLASSES
  dataset = tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict([('pixels', pixels / 10.0), ('label', labels)]))

  def element_fn(element):
    return collections.OrderedDict([
        ('x', tf.reshape(element['pixels'], [-1])),
        ('y', tf.reshape(element['label'], [1])),
    ])

  return dataset.map(element_fn).repeat(2).batch(4)


federated_train_data = [
    make_client_dataset(i, size) for i, size in enumerate(CLIENT_SIZES)
]
federated_test_data = [make_client_dataset(5, 6), make_client_dataset(6, 2)]
example_dataset = federated_train_data[0]


def create_keras_model():
  return tf.keras.models.Sequential([
      tf.keras.layers.Input(shape=(NUM_FEATURES,)),
      tf.keras.layers.Dense(NUM_CLASSES, kernel_initializer='zeros'),
      tf.keras.layers.Softmax(),
  ])


def model_fn():
  # We _must_ create a new model here, and _not_ capture it from an external
  # scope.
  keras_model = create_keras_model()
  return tff.learning.from_keras_model(
      keras_model,
      input_spec=example_dataset.element_spec,
      loss=tf.keras.losses.SparseCategoricalCrossentropy(),
      metrics=[tf.keras.metrics.SparseCategoricalAccuracy()])


iterative_process = tff.learning.build_federated_averaging_process(
    model_fn,
    client_optimizer_fn=lambda: tf.keras.optimizers.SGD(learning_rate=0.3),
    server_optimizer_fn=lambda: tf.keras.optimizers.SGD(learning_rate=1.0))

state = iterative_process.initialize()
rounds = []
for round_num in range(1, 4):
  state, metrics = iterative_process.next(state, federated_train_data)
  rounds.append([float(metrics.loss), float(metrics.sparse_categorical_accuracy)])

evaluation = tff.learning.build_federated_evaluation(model_fn)
test_metrics = evaluation(state.model, federated_test_data)

keras_model = create_keras_model()
keras_model.compile(
    loss=tf.keras.losses.SparseCategoricalCrossentropy(),
    metrics=[tf.keras.metrics.SparseCategoricalAccuracy()])
tff.learning.assign_weights_to_keras_model(keras_model, state.model)
test_pixels = np.eye(NUM_FEATURES, dtype=np.float32)

print(json.dumps({
    'initialize': str(iterative_process.initialize.type_signature),
    'next': str(iterative_process.next.type_signature),
    'evaluation': str(evaluation.type_signature),
    'metric_names': sorted(metrics._asdict()),
    'rounds': rounds,
    'test_loss': float(test_metrics.loss),
    'test_accuracy': float(test_metrics.sparse_categorical_accuracy),
    'kernel': np.ravel(state.model.trainable[0]).tolist(),
    'bias': np.ravel(state.model.trainable[1]).tolist(),
    'num_non_trainable': len(state.model.non_trainable),
    'optimizer_state': [np.ravel(v).tolist() for v in state.optimizer_state],
    'keras_weights': [np.ravel(w).tolist() for w in keras_model.get_weights()],
    'predictions': np.ravel(keras_model.predict(test_pixels)).tolist(),
}))
