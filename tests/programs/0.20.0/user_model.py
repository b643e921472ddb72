"""A hand-written `tff.learning.Model` of 0.20, which asked for both generations of metrics."""
import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


class SoftmaxModel(tff.learning.Model):

  def __init__(self):
    self._weights = tf.Variable(tf.zeros([2, 3]), name='weights')
    self._bias = tf.Variable(tf.zeros([3]), name='bias')
    self._num_examples = tf.Variable(0, name='num_examples', trainable=False)
    self._loss_sum = tf.Variable(0.0, name='loss_sum', trainable=False)
    self._accuracy_sum = tf.Variable(0.0, name='accuracy_sum', trainable=False)

  @property
  def trainable_variables(self):
    return [self._weights, self._bias]

  @property
  def non_trainable_variables(self):
    return []

  @property
  def local_variables(self):
    return [self._num_examples, self._loss_sum, self._accuracy_sum]

  @property
  def input_spec(self):
    return collections.OrderedDict(
        x=tf.TensorSpec([None, 2], tf.float32), y=tf.TensorSpec([None, 1], tf.int32))

  @tf.function
  def predict_on_batch(self, x, training=True):
    del training
    return tf.nn.softmax(tf.matmul(x, self._weights) + self._bias)

  @tf.function
  def forward_pass(self, batch, training=True):
    y = self.predict_on_batch(batch['x'], training)
    predictions = tf.cast(tf.argmax(y, 1), tf.int32)
    flat_labels = tf.reshape(batch['y'], [-1])
    loss = -tf.reduce_mean(tf.reduce_sum(tf.one_hot(flat_labels, 3) * tf.math.log(y), axis=[1]))
    accuracy = tf.reduce_mean(tf.cast(tf.equal(predictions, flat_labels), tf.float32))
    num_examples = tf.shape(batch['x'])[0]
    self._num_examples.assign_add(num_examples)
    self._loss_sum.assign_add(loss * tf.cast(num_examples, tf.float32))
    self._accuracy_sum.assign_add(accuracy * tf.cast(num_examples, tf.float32))
    return tff.learning.BatchOutput(
        loss=loss, predictions=predictions, num_examples=num_examples)

  @tf.function
  def report_local_unfinalized_metrics(self):
    return collections.OrderedDict(
        num_examples=self._num_examples.read_value(),
        loss=[self._loss_sum.read_value(), tf.cast(self._num_examples, tf.float32)],
        accuracy=[self._accuracy_sum.read_value(), tf.cast(self._num_examples, tf.float32)])

  def metric_finalizers(self):
    return collections.OrderedDict(
        num_examples=tf.function(func=lambda x: x),
        loss=tf.function(func=lambda x: tf.math.divide_no_nan(x[0], x[1])),
        accuracy=tf.function(func=lambda x: tf.math.divide_no_nan(x[0], x[1])))

  @tf.function
  def report_local_outputs(self):
    """This is the legacy method to report training metrics."""
    raise NotImplementedError('Use `report_local_unfinalized_metrics` instead.')

  @property
  def federated_output_computation(self):
    """This is the legacy method to aggregate training metrics."""
    raise NotImplementedError('Use `metric_finalizers` instead.')


def client_dataset(num_examples, offset):
  x = ((np.arange(num_examples * 2) * 3 + offset) % 8).astype(np.float32).reshape([-1, 2]) / 8.0
  y = ((np.arange(num_examples) * 2 + offset) % 3).astype(np.int32).reshape([-1, 1])
  return tf.data.Dataset.from_tensor_slices(collections.OrderedDict(x=x, y=y)).batch(4)


train_data = [client_dataset(5, 0), client_dataset(0, 1), client_dataset(9, 2)]
process = tff.learning.build_federated_averaging_process(
    SoftmaxModel,
    lambda: tf.keras.optimizers.RMSprop(0.05, epsilon=0.01),
    client_weighting=lambda metrics: metrics['loss'][1])
evaluation = tff.learning.build_federated_evaluation(SoftmaxModel)
state = process.initialize()
rounds = []
for _ in range(3):
  state, metrics = process.next(state, train_data)
  rounds.append({name: float(value) for name, value in metrics['train'].items()})
test = evaluation(process.get_model_weights(state), train_data[1:])

print(json.dumps({
    'initialize': str(process.initialize.type_signature),
    'next': str(process.next.type_signature),
    'evaluation': str(evaluation.type_signature),
    'rounds': rounds,
    'test': {name: float(value) for name, value in test['eval'].items()},
    'trainable': [np.ravel(v).tolist() for v in state.model.trainable],
}))
