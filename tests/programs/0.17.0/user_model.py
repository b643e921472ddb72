"""A hand-written `tff.learning.Model` of 0.17; datasets made on clients; weights saved and restored."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


class LinearModel(tff.learning.Model):

  def __init__(self):
    self._kernel = tf.Variable([[0.1], [0.2]], name='kernel', trainable=True)
    self._bias = tf.Variable([0.0], name='bias', trainable=True)
    self._scale = tf.Variable([2.0], name='scale', trainable=False)
    self._squares = tf.Variable(0.0, name='squares', trainable=False)
    self._count = tf.Variable(0, name='count', trainable=False)

  @property
  def trainable_variables(self):
    return [self._kernel, self._bias]

  @property
  def non_trainable_variables(self):
    return [self._scale]

  @property
  def local_variables(self):
    return [self._squares, self._count]

  @property
  def input_spec(self):
    return (tf.TensorSpec([None, 2], tf.float32), tf.TensorSpec([None, 1], tf.float32))

  @tf.function
  def forward_pass(self, batch_input, training=True):
    x, y = batch_input
    predictions = self._scale * (tf.matmul(x, self._kernel) + self._bias)
    squares = tf.reduce_sum(tf.square(predictions - y))
    num_examples = tf.shape(x)[0]
    self._squares.assign_add(squares)
    self._count.assign_add(num_examples)
    return tff.learning.BatchOutput(
        loss=squares / tf.cast(num_examples, tf.float32),
        predictions=predictions,
        num_examples=num_examples)

  @tf.function
  def report_local_outputs(self):
    return collections.OrderedDict(
        squares=self._squares.read_value(), count=self._count.read_value())

  @property
  def federated_output_computation(self):

    @tff.tf_computation(tf.float32, tf.int32)
    def mean(squares, count):
      return tf.sqrt(tf.math.divide_no_nan(squares, tf.cast(count, tf.float32)))

    @tff.federated_computation(
        tff.type_at_clients(collections.OrderedDict(squares=tf.float32, count=tf.int32)))
    def fed_output(local_outputs):
      squares = tff.federated_sum(local_outputs.squares)
      count = tff.federated_sum(local_outputs.count)
      return collections.OrderedDict(
          rmse=tff.federated_map(mean, (squares, count)), count=count)

    return fed_output


@tff.tf_computation(tf.string)
def dataset_computation(client_id):
  num_examples = tf.strings.length(client_id) * 2
  index = tf.cast(tf.range(num_examples), tf.float32)
  x = tf.stack([index / 4.0, 1.0 - index / 8.0], axis=1)
  y = tf.reshape(index / 2.0 - 1.0, [-1, 1])
  return tf.data.Dataset.from_tensor_slices((x, y)).batch(3)


process = tff.learning.build_federated_averaging_process(
    LinearModel, lambda: tf.keras.optimizers.SGD(0.02), use_experimental_simulation_loop=True)
on_clients = tff.simulation.compose_dataset_computation_with_iterative_process(
    dataset_computation, process)
evaluation = tff.learning.build_federated_evaluation(
    LinearModel, use_experimental_simulation_loop=True)
evaluation_on_clients = tff.simulation.compose_dataset_computation_with_computation(
    dataset_computation, evaluation)

state = on_clients.initialize()
clients = ['a', 'abc', 'ab']
rounds = []
for _ in range(3):
  state, metrics = on_clients.next(state, clients)
  rounds.append([float(metrics['train']['rmse']), int(metrics['train']['count'])])
test = evaluation_on_clients(state.model, ['abcd'])

empty = tff.learning.build_federated_evaluation(LinearModel)(
    state.model, [dataset_computation('abc'), dataset_computation('')])

restarted = tff.learning.state_with_new_model_weights(
    on_clients.initialize(),
    trainable_weights=state.model.trainable,
    non_trainable_weights=[np.array([1.0], np.float32)])
restarted, metrics = on_clients.next(restarted, clients)

print(json.dumps({
    'dataset_computation': str(dataset_computation.type_signature),
    'initialize': str(on_clients.initialize.type_signature),
    'process_next': str(process.next.type_signature),
    'next': str(on_clients.next.type_signature),
    'evaluation': str(evaluation.type_signature),
    'evaluation_on_clients': str(evaluation_on_clients.type_signature),
    'rounds': rounds,
    'test': [float(test['rmse']), int(test['count'])],
    'with_empty_client': [float(empty['rmse']), int(empty['count'])],
    'trainable': [np.ravel(v).tolist() for v in state.model.trainable],
    'non_trainable': [np.ravel(v).tolist() for v in state.model.non_trainable],
    'restarted': [np.ravel(v).tolist() for v in restarted.model.trainable],
    'restarted_rmse': float(metrics['train']['rmse']),
}))
