"""A learning process of 0.27 behind a computation of data sets, and a task with synthetic data."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

x = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], np.float32)
data = tff.simulation.datasets.TestClientData({
    'a': collections.OrderedDict(x=tf.constant(x), y=tf.constant([[1.0], [2.0], [3.0]])),
    'b': collections.OrderedDict(x=tf.constant(x[:2]), y=tf.constant([[0.0], [1.0]])),
}).preprocess(lambda ds: ds.batch(2))


def model_fn():
  return tff.learning.from_keras_model(
      tf.keras.Sequential([
          tf.keras.layers.Dense(1, kernel_initializer='zeros', input_shape=(2,))]),
      loss=tf.keras.losses.MeanSquaredError(),
      input_spec=data.element_type_structure)


process = tff.learning.algorithms.build_weighted_fed_avg(
    model_fn, client_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.1))
composed = tff.simulation.compose_dataset_computation_with_learning_process(
    data.dataset_computation, process)
state = composed.initialize()
losses = []
for _ in range(2):
  output = composed.next(state, ['a', 'b'])
  state = output.state
  losses.append(float(output.metrics['client_work']['train']['loss']))

task = tff.simulation.baselines.emnist.create_character_recognition_task(
    tff.simulation.baselines.ClientSpec(1, 5), model_id='2nn', only_digits=True,
    use_synthetic_data=True, debug_seed=1)
cifar = tff.simulation.baselines.cifar100.create_image_classification_task(
    tff.simulation.baselines.ClientSpec(1, 5, shuffle_buffer_size=1), crop_height=24,
    crop_width=24, distort_train_images=False, use_synthetic_data=True)
labels = [b[1].numpy().tolist() for b in cifar.datasets.train_preprocess_fn(
    cifar.datasets.train_data.create_tf_dataset_for_client('synthetic'))]
sampled = task.datasets.sample_train_clients(1, random_seed=3)

print(json.dumps({
    'weights': [np.ravel(w).tolist() for w in composed.get_model_weights(state).trainable],
    'losses': losses,
    'task': [task.datasets.train_data.client_ids,
             isinstance(task.datasets, tff.simulation.baselines.BaselineTaskDatasets),
             [list(v.shape) for v in task.model_fn().trainable_variables],
             [len(b[1]) for b in sampled[0]]],
    'cifar': [cifar.datasets.train_data.client_ids, labels],
}))
