"""A hand-written `VariableModel` of 0.86, its evaluation, and datasets that are made on clients."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


class TwoTowerModel(tff.learning.models.VariableModel):

  def __init__(self):
    self._left = tf.Variable([[0.2], [0.1]], name='left')
    self._right = tf.Variable([[0.3], [-0.1]], name='right')
    self._temperature = tf.Variable(2.0, name='temperature', trainable=False)
    self._loss_sum = tf.Variable(0.0, trainable=False)
    self._count = tf.Variable(0, trainable=False)

  @property
  def trainable_variables(self):
    return [self._left, self._right]

  @property
  def non_trainable_variables(self):
    return [self._temperature]

  @property
  def local_variables(self):
    return [self._loss_sum, self._count]

  @property
  def input_spec(self):
    pair = collections.OrderedDict(
        left=tf.TensorSpec([None, 2], tf.float32), right=tf.TensorSpec([None, 2], tf.float32))
    return collections.OrderedDict(x=pair, y=tf.TensorSpec([None, 1], tf.float32))

  @tf.function
  def predict_on_batch(self, x, training=True):
    left = tf.matmul(x['left'], self._left)
    right = tf.matmul(x['right'], self._right)
    return self._temperature * (left - right)

  @tf.function
  def forward_pass(self, batch_input, training=True):
    predictions = self.predict_on_batch(batch_input['x'], training)
    losses = tf.nn.sigmoid_cross_entropy_with_logits(batch_input['y'], predictions)
    count = tf.shape(predictions)[0]
    self._loss_sum.assign_add(tf.reduce_sum(losses))
    self._count.assign_add(count)
    return tff.learning.models.BatchOutput(
        loss=tf.reduce_mean(losses), predictions=predictions, num_examples=count)

  @tf.function
  def report_local_unfinalized_metrics(self):
    return collections.OrderedDict(
        loss=[self._loss_sum.read_value(), tf.cast(self._count, tf.float32)],
        count=self._count.read_value())

  def metric_finalizers(self):
    return collections.OrderedDict(
        loss=tf.function(lambda x: tf.math.divide_no_nan(x[0], x[1])),
        count=tf.function(lambda x: x))

  @tf.function
  def reset_metrics(self):
    self._loss_sum.assign(0.0)
    self._count.assign(0)


@tff.tensorflow.computation(np.int32)
def dataset_computation(seed):
  index = tf.cast(tf.range(seed * 2), tf.float32)
  left = tf.stack([index / 4.0, 1.0 - index / 8.0], axis=1)
  right = tf.stack([tf.sin(index), tf.cos(index)], axis=1)
  y = tf.reshape(tf.cast(tf.cast(index, tf.int32) % 3 > 0, tf.float32), [-1, 1])
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict(x=collections.OrderedDict(left=left, right=right), y=y)).batch(3)


process = tff.learning.algorithms.build_weighted_fed_avg(
    TwoTowerModel,
    client_optimizer_fn=lambda: tf.keras.optimizers.SGD(0.3),
    server_optimizer_fn=lambda: tf.keras.optimizers.SGD(1.0, momentum=0.3))
composed = tff.simulation.compose_dataset_computation_with_learning_process(
    dataset_computation, process)
evaluation = tff.learning.algorithms.build_fed_eval(TwoTowerModel)
state = composed.initialize()
evaluation_state = evaluation.initialize()
rounds = []
for _ in range(3):
  state, metrics = composed.next(state, [2, 0, 4])
  evaluation_state = evaluation.set_model_weights(
      evaluation_state, composed.get_model_weights(state))
  evaluation_state, evaluation_metrics = evaluation.next(
      evaluation_state, [dataset_computation(3), dataset_computation(1)])
  evaluated = evaluation_metrics['client_work']['eval']
  rounds.append({
      'train': {name: float(value)
                for name, value in metrics['client_work']['train'].items()},
      'current': float(evaluated['current_round_metrics']['loss']),
      'total': float(evaluated['total_rounds_metrics']['loss']),
  })

weights = composed.get_model_weights(state)
print(json.dumps({
    'dataset_computation': str(dataset_computation.type_signature),
    'initialize': str(process.initialize.type_signature),
    'next': str(composed.next.type_signature),
    'evaluation_next': str(evaluation.next.type_signature),
    'rounds': rounds,
    'trainable': [np.ravel(v).tolist() for v in weights.trainable],
    'non_trainable': [float(v) for v in weights.non_trainable],
    'types': [type(state).__name__, type(weights).__name__, type(metrics).__name__],
}))
