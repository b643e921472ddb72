"""The image classification tutorial of 0.16 in small: `metrics["train"]`, evaluation, Keras weights."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

NUM_CLIENTS = 3
NUM_EPOCHS = 2
BATCH_SIZE = 3


def make_source(client):
  num_examples = 3 + 2 * client
  pixels = (np.arange(num_examples * 4) * (client + 2) % 9).astype(np.float32)
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict([
          ('pixels', pixels.reshape([num_examples, 2, 2]) / 9.0),
          ('label', ((np.arange(num_examples) + client) % 3).astype(np.int32)),
      ]))


def preprocess(dataset):

  def batch_format_fn(element):
    """Flatten a batch `pixels` and return the features as an `OrderedDict`."""
    return collections.OrderedDict(
        x=tf.reshape(element['pixels'], [-1, 4]),
        y=tf.reshape(element['label'], [-1, 1]))

  return dataset.repeat(NUM_EPOCHS).batch(BATCH_SIZE).map(batch_format_fn)


federated_train_data = [preprocess(make_source(i)) for i in range(NUM_CLIENTS)]


def create_keras_model():
  return tf.keras.models.Sequential([
      tf.keras.layers.Input(shape=(4,)),
      tf.keras.layers.Dense(3, kernel_initializer='zeros'),
      tf.keras.layers.Softmax(),
  ])


def model_fn():
  keras_model = create_keras_model()
  return tff.learning.from_keras_model(
      keras_model,
      input_spec=federated_train_data[0].element_spec,
      loss=tf.keras.losses.SparseCategoricalCrossentropy(),
      metrics=[tf.keras.metrics.SparseCategoricalAccuracy()])


iterative_process = tff.learning.build_federated_averaging_process(
    model_fn,
    client_optimizer_fn=lambda: tf.keras.optimizers.SGD(learning_rate=0.02, momentum=0.9),
    server_optimizer_fn=lambda: tf.keras.optimizers.Adam(learning_rate=0.1, epsilon=1e-3))

state = iterative_process.initialize()
rounds = []
for round_num in range(1, 4):
  state, metrics = iterative_process.next(state, federated_train_data)
  rounds.append({name: float(value) for name, value in metrics['train'].items()})

evaluation = tff.learning.build_federated_evaluation(model_fn)
test_metrics = evaluation(state.model, federated_train_data[1:])

keras_model = create_keras_model()
tff.learning.assign_weights_to_keras_model(keras_model, state.model)
by_method = create_keras_model()
state.model.assign_weights_to(by_method)
state = tff.learning.state_with_new_model_weights(
    state,
    trainable_weights=[2.0 * w for w in keras_model.get_weights()],
    non_trainable_weights=[])

print(json.dumps({
    'containers': [type(state).__name__, type(state.model).__name__, type(metrics).__name__],
    'initialize': str(iterative_process.initialize.type_signature),
    'next': str(iterative_process.next.type_signature),
    'evaluation': str(evaluation.type_signature),
    'rounds': rounds,
    'metric_groups': list(metrics),
    'loss': float(metrics['train']['loss']),
    'test': {name: float(value) for name, value in test_metrics.items()},
    'trainable': [np.ravel(v).tolist() for v in state.model.trainable],
    'optimizer_state': [np.ravel(v).tolist() for v in state.optimizer_state],
    'keras_weights': [np.ravel(w).tolist() for w in keras_model.get_weights()],
    'by_method': [np.ravel(w).tolist() for w in by_method.get_weights()],
}))
