"""A notebook of early 2020 as a script: client data from slices, sampling, training, evaluation."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()
tff.framework.set_default_executor(tff.framework.local_executor_factory())

NUM_CLIENTS = 4
NUM_EPOCHS = 3
BATCH_SIZE = 5


def make_client(client):
  num_examples = 3 + client
  pixels = (np.arange(num_examples * 4) * (3 + client)) % 10
  return collections.OrderedDict([
      ('label', ((np.arange(num_examples) ** 2 + client) % 3).astype(np.int32)),
      ('pixels', pixels.reshape([num_examples, 2, 2]).astype(np.float32) / 10.0),
  ])


emnist_train = tff.simulation.FromTensorSlicesClientData(
    {'f{:04d}'.format(i): make_client(i) for i in range(NUM_CLIENTS)})
example_dataset = emnist_train.create_tf_dataset_for_client(emnist_train.client_ids[0])
example_element = next(iter(example_dataset))


def preprocess(dataset):

  def batch_format_fn(element):
    return collections.OrderedDict(
        x=tf.reshape(element['pixels'], [-1, 4]),
        y=tf.reshape(element['label'], [-1, 1]))

  return dataset.repeat(NUM_EPOCHS).batch(BATCH_SIZE).map(batch_format_fn)


preprocessed_example_dataset = preprocess(example_dataset)
sample_batch = tf.nest.map_structure(
    lambda x: x.numpy(), next(iter(preprocessed_example_dataset)))


def make_federated_data(client_data, client_ids):
  return [preprocess(client_data.create_tf_dataset_for_client(x)) for x in client_ids]


sample_clients = emnist_train.client_ids[0:3]
federated_train_data = make_federated_data(emnist_train, sample_clients)


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
      input_spec=preprocessed_example_dataset.element_spec,
      loss=tf.keras.losses.SparseCategoricalCrossentropy(),
      metrics=[tf.keras.metrics.SparseCategoricalAccuracy()])


iterative_process = tff.learning.build_federated_averaging_process(
    model_fn,
    client_optimizer_fn=lambda: tf.keras.optimizers.SGD(learning_rate=0.02),
    server_optimizer_fn=lambda: tf.keras.optimizers.SGD(learning_rate=1.0))
state = iterative_process.initialize()
history = []
for round_num in range(1, 4):
  state, metrics = iterative_process.next(state, federated_train_data)
  history.append('round {:2d}, accuracy={:.3f}'.format(
      round_num, float(metrics.sparse_categorical_accuracy)))
losses = float(metrics.loss)

evaluation = tff.learning.build_federated_evaluation(model_fn)
federated_test_data = make_federated_data(emnist_train, emnist_train.client_ids[3:])
test_metrics = evaluation(state.model, federated_test_data)

print(json.dumps({
    'element': sorted((name, list(value.shape)) for name, value in example_element.items()),
    'sample_batch': {name: np.ravel(value).tolist() for name, value in sample_batch.items()},
    'client_ids': emnist_train.client_ids,
    'next': str(iterative_process.next.type_signature),
    'evaluation': str(evaluation.type_signature),
    'history': history,
    'loss': losses,
    'test': {name: float(value) for name, value in test_metrics._asdict().items()},
    'trainable': [np.ravel(v).tolist() for v in state.model.trainable],
}))
