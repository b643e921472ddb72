"""A model written against the 0.13 interface, with stateful aggregation and broadcast."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()

MnistVariables = collections.namedtuple(
    'MnistVariables', 'weights bias num_examples loss_sum accuracy_sum')


def create_variables():
  return MnistVariables(
      weights=tf.Variable(
          lambda: tf.zeros(dtype=tf.float32, shape=(4, 3)), name='weights', trainable=True),
      bias=tf.Variable(
          lambda: tf.zeros(dtype=tf.float32, shape=(3)), name='bias', trainable=True),
      num_examples=tf.Variable(0.0, name='num_examples', trainable=False),
      loss_sum=tf.Variable(0.0, name='loss_sum', trainable=False),
      accuracy_sum=tf.Variable(0.0, name='accuracy_sum', trainable=False))


def forward_pass(variables, batch):
  y = tf.nn.softmax(tf.matmul(batch['x'], variables.weights) + variables.bias)
  predictions = tf.cast(tf.argmax(y, 1), tf.int32)

  flat_labels = tf.reshape(batch['y'], [-1])
  loss = -tf.reduce_mean(
      tf.reduce_sum(tf.one_hot(flat_labels, 3) * tf.math.log(y), axis=[1]))
  accuracy = tf.reduce_mean(
      tf.cast(tf.equal(predictions, flat_labels), tf.float32))

  num_examples = tf.cast(tf.size(batch['y']), tf.float32)
  variables.num_examples.assign_add(num_examples)
  variables.loss_sum.assign_add(loss * num_examples)
  variables.accuracy_sum.assign_add(accuracy * num_examples)
  return loss, predictions


def get_local_metrics(variables):
  return collections.OrderedDict([
      ('num_examples', variables.num_examples),
      ('loss', variables.loss_sum / variables.num_examples),
      ('accuracy', variables.accuracy_sum / variables.num_examples),
  ])


@tff.federated_computation
def aggregate_metrics_across_clients(metrics):
  return {
      'num_examples': tff.federated_sum(metrics.num_examples),
      'loss': tff.federated_mean(metrics.loss, metrics.num_examples),
      'accuracy': tff.federated_mean(metrics.accuracy, metrics.num_examples),
  }


class MnistModel(tff.learning.Model):

  def __init__(self):
    self._variables = create_variables()

  @property
  def trainable_variables(self):
    return [self._variables.weights, self._variables.bias]

  @property
  def non_trainable_variables(self):
    return []

  @property
  def local_variables(self):
    return [
        self._variables.num_examples, self._variables.loss_sum,
        self._variables.accuracy_sum
    ]

  @property
  def input_spec(self):
    return collections.OrderedDict([
        ('x', tf.TensorSpec([None, 4], tf.float32)),
        ('y', tf.TensorSpec([None, 1], tf.int32)),
    ])

  @tf.function
  def forward_pass(self, batch, training=True):
    del training
    loss, predictions = forward_pass(self._variables, batch)
    num_examples = tf.shape(batch['x'])[0]
    return tff.learning.BatchOutput(
        loss=loss, predictions=predictions, num_examples=num_examples)

  @tf.function
  def report_local_outputs(self):
    return get_local_metrics(self._variables)

  @property
  def federated_output_computation(self):
    return aggregate_metrics_across_clients


def client_dataset(num_examples, offset):
  x = ((np.arange(num_examples * 4) + offset) % 9).astype(np.float32).reshape([-1, 4]) / 9.0
  y = ((np.arange(num_examples) + offset) % 3).astype(np.int32).reshape([-1, 1])
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict([('x', x), ('y', y)])).batch(3)


# Counts rounds at the server, and halves the update of every round after the first.
@tff.tf_computation
def initial_round():
  return tf.constant(0, tf.int32)


def next_aggregate(state, value, weight=None):
  mean = tff.federated_mean(value, weight)

  @tff.tf_computation(tf.int32, mean.type_signature.member)
  def dampen(round_num, value):
    scale = tf.cond(round_num > 0, lambda: 0.5, lambda: 1.0)
    return [v * scale for v in value]

  @tff.tf_computation(tf.int32)
  def add_one(round_num):
    return round_num + 1

  return (tff.federated_map(add_one, state), tff.federated_map(dampen, (state, mean)))


@tff.tf_computation
def initial_broadcasts():
  return collections.OrderedDict([('broadcasts', tf.constant(10.0))])


def next_broadcast(state, value):

  @tff.tf_computation(state.type_signature.member)
  def add_one(state):
    return collections.OrderedDict([('broadcasts', state['broadcasts'] + 1.0)])

  return tff.federated_map(add_one, state), tff.federated_broadcast(value)


process = tff.learning.build_federated_averaging_process(
    MnistModel,
    client_optimizer_fn=lambda: tf.keras.optimizers.SGD(learning_rate=0.4),
    client_weight_fn=lambda local_outputs: tf.sqrt(local_outputs['num_examples']),
    stateful_delta_aggregate_fn=tff.utils.StatefulAggregateFn(
        initialize_fn=initial_round, next_fn=next_aggregate),
    stateful_model_broadcast_fn=tff.utils.StatefulBroadcastFn(
        initialize_fn=initial_broadcasts, next_fn=next_broadcast))
federated_train_data = [client_dataset(4, 0), client_dataset(7, 1), client_dataset(2, 5)]

state = process.initialize()
rounds = []
for _ in range(3):
  state, metrics = process.next(state, federated_train_data)
  rounds.append({name: float(value) for name, value in metrics._asdict().items()})

evaluation = tff.learning.build_federated_evaluation(MnistModel)
test_metrics = evaluation(state.model, [client_dataset(3, 2)])

print(json.dumps({
    'initialize': str(process.initialize.type_signature),
    'next': str(process.next.type_signature),
    'evaluation': str(evaluation.type_signature),
    'rounds': rounds,
    'test': {name: float(value) for name, value in test_metrics._asdict().items()},
    'trainable': [np.ravel(v).tolist() for v in state.model.trainable],
    'delta_aggregate_state': int(state.delta_aggregate_state),
    'model_broadcast_state': float(state.model_broadcast_state.broadcasts),
}))
