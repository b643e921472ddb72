"""The image classification tutorial of 0.64 in small, with Keras optimizers and fed_eval."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

NUM_CLIENTS = 3
NUM_EPOCHS = 2
BATCH_SIZE = 4


def make_source(client):
  num_examples = 2 + 3 * client
  pixels = (np.arange(num_examples * 4) * 7 + client) % 11
  return collections.OrderedDict(
      pixels=pixels.astype(np.float32).reshape([num_examples, 2, 2]) / 11.0,
      label=((np.arange(num_examples) * 2 + client) % 3).astype(np.int32))


client_data = tff.simulation.datasets.TestClientData(
    {'client_{}'.format(i): make_source(i) for i in range(NUM_CLIENTS)})


def preprocess(dataset):

  def batch_format_fn(element):
    """Flatten a batch `pixels` and return the features as an `OrderedDict`."""
    return collections.OrderedDict(
        x=tf.reshape(element['pixels'], [-1, 4]),
        y=tf.reshape(element['label'], [-1, 1]))

  return dataset.repeat(NUM_EPOCHS).batch(BATCH_SIZE).map(batch_format_fn)


def make_federated_data(client_data, client_ids):
  return [preprocess(client_data.create_tf_dataset_for_client(x)) for x in client_ids]


federated_train_data = make_federated_data(client_data, client_data.client_ids)


def create_keras_model():
  return tf.keras.models.Sequential([
      tf.keras.layers.InputLayer(input_shape=(4,)),
      tf.keras.layers.Dense(3, kernel_initializer='zeros'),
      tf.keras.layers.Softmax(),
  ])


def model_fn():
  # We _must_ create a new model here, and _not_ capture it from an external
  # scope. TFF will call this within different graph contexts.
  keras_model = create_keras_model()
  return tff.learning.models.from_keras_model(
      keras_model,
      input_spec=federated_train_data[0].element_spec,
      loss=tf.keras.losses.SparseCategoricalCrossentropy(),
      metrics=[tf.keras.metrics.SparseCategoricalAccuracy()])


def train(client_optimizer_fn, server_optimizer_fn, **kwargs):
  training_process = tff.learning.algorithms.build_weighted_fed_avg(
      model_fn,
      client_optimizer_fn=client_optimizer_fn,
      server_optimizer_fn=server_optimizer_fn,
      **kwargs)
  train_state = training_process.initialize()
  rounds = []
  for _ in range(3):
    result = training_process.next(train_state, federated_train_data)
    train_state = result.state
    train_metrics = result.metrics['client_work']['train']
    rounds.append({name: float(value) for name, value in train_metrics.items()})
  weights = training_process.get_model_weights(train_state)

  evaluation_process = tff.learning.algorithms.build_fed_eval(model_fn)
  evaluation_state = evaluation_process.initialize()
  evaluation_state = evaluation_process.set_model_weights(evaluation_state, weights)
  output = evaluation_process.next(evaluation_state, federated_train_data[1:])
  test = output.metrics['client_work']['eval']['current_round_metrics']
  deprecated = tff.learning.build_federated_evaluation(model_fn)(
      weights, federated_train_data[1:])
  return {
      'initialize': str(training_process.initialize.type_signature),
      'next': str(training_process.next.type_signature),
      'evaluation_next': str(evaluation_process.next.type_signature),
      'rounds': rounds,
      'test': {name: float(value) for name, value in test.items()},
      'deprecated': {name: float(value) for name, value in deprecated['eval'].items()},
      'trainable': [np.ravel(v).tolist() for v in weights.trainable],
      'finalizer': [np.ravel(v).tolist() for v in tf.nest.flatten(train_state.finalizer)],
  }


print(json.dumps({
    'sgd': train(
        lambda: tf.keras.optimizers.SGD(learning_rate=0.1),
        lambda: tf.keras.optimizers.SGD(learning_rate=1.0)),
    'momentum_and_adam': train(
        lambda: tf.keras.optimizers.SGD(learning_rate=0.1, momentum=0.9),
        lambda: tf.keras.optimizers.Adam(0.1, epsilon=1e-2)),
    'adam_and_legacy': train(
        lambda: tf.keras.optimizers.Adam(0.05, epsilon=1e-2),
        lambda: tf.keras.optimizers.legacy.SGD(lr=0.5, momentum=0.5),
        use_experimental_simulation_loop=True),
}))
