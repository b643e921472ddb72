"""A user's own model, enhanced by the names of `tff.learning.framework` in 0.11."""

import collections
import json

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

tf.compat.v1.enable_v2_behavior()

Variables = collections.namedtuple(
    'Variables', 'weights bias num_examples loss_sum')


class LogisticRegression(tff.learning.Model):

  def __init__(self):
    self._variables = Variables(
        weights=tf.Variable(
            lambda: tf.zeros(dtype=tf.float32, shape=(2, 1)),
            name='weights',
            trainable=True),
        bias=tf.Variable(
            lambda: tf.ones(dtype=tf.float32, shape=(1,)),
            name='bias',
            trainable=True),
        num_examples=tf.Variable(0.0, name='num_examples', trainable=False),
        loss_sum=tf.Variable(0.0, name='loss_sum', trainable=False))

  @property
  def trainable_variables(self):
    return [self._variables.weights, self._variables.bias]

  @property
  def non_trainable_variables(self):
    return []

  @property
  def local_variables(self):
    return [self._variables.num_examples, self._variables.loss_sum]

  @property
  def input_spec(self):
    return collections.OrderedDict(
        x=tf.TensorSpec([None, 2], tf.float32),
        y=tf.TensorSpec([None, 1], tf.float32))

  @tf.function
  def forward_pass(self, batch, training=True):
    del training
    v = self._variables
    logits = tf.matmul(batch['x'], v.weights) + v.bias
    loss = tf.reduce_mean(
        tf.nn.sigmoid_cross_entropy_with_logits(batch['y'], logits))
    num_examples = tf.shape(batch['x'])[0]
    v.num_examples.assign_add(tf.cast(num_examples, tf.float32))
    v.loss_sum.assign_add(loss * tf.cast(num_examples, tf.float32))
    return tff.learning.BatchOutput(
        loss=loss, predictions=tf.sigmoid(logits), num_examples=num_examples)

  @tf.function
  def report_local_outputs(self):
    return collections.OrderedDict(
        num_examples=self._variables.num_examples,
        loss=self._variables.loss_sum / self._variables.num_examples)

  @property
  def federated_output_computation(self):

    @tff.federated_computation
    def aggregate(outputs):
      return collections.OrderedDict(
          num_examples=tff.federated_sum(outputs.num_examples),
          loss=tff.federated_mean(outputs.loss, outputs.num_examples))

    return aggregate


class TrainableLogisticRegression(LogisticRegression,
                                  tff.learning.TrainableModel):

  def __init__(self):
    super().__init__()
    self._optimizer = tf.keras.optimizers.SGD(learning_rate=0.5)

  @tf.function
  def train_on_batch(self, batch):
    with tf.GradientTape() as tape:
      output = self.forward_pass(batch)
    gradients = tape.gradient(output.loss, self.trainable_variables)
    self._optimizer.apply_gradients(zip(gradients, self.trainable_variables))
    return output


batch = collections.OrderedDict(
    x=np.array([[1.0, 0.5], [0.0, 1.0]], np.float32),
    y=np.array([[1.0], [0.0]], np.float32))


def outcome(fn, *args):
  try:
    return type(fn(*args)).__name__
  except (TypeError, ValueError) as e:
    return type(e).__name__


enhanced = tff.learning.framework.EnhancedTrainableModel(TrainableLogisticRegression())
before = enhanced.weights
losses = [float(enhanced.train_on_batch(batch).loss) for _ in range(2)]
output = enhanced.forward_pass(batch, training=False)

weights = tff.learning.framework.ModelWeights(
    trainable=collections.OrderedDict([('kernel', np.ones([3, 2], np.float32))]),
    non_trainable=collections.OrderedDict())

print(json.dumps({
    'losses': losses,
    'loss': float(output.loss),
    'predictions': np.array(output.predictions).flatten().tolist(),
    'local_outputs': {name: float(value.numpy())
                      for name, value in enhanced.report_local_outputs().items()},
    'trainable': {name: value.numpy().flatten().tolist()
                  for name, value in enhanced.weights.trainable.items()},
    'kind': [type(before).__name__, type(weights).__name__],
    'is_model': [isinstance(enhanced, kind)
                 for kind in (tff.learning.Model, tff.learning.TrainableModel)],
    'made': [list(weights.trainable.keys()), len(weights.non_trainable)],
    'errors': [
        outcome(tff.learning.framework.EnhancedTrainableModel, enhanced),
        outcome(tff.learning.framework.EnhancedTrainableModel, 3),
    ],
}))
