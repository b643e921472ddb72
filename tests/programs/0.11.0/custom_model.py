"""A user's own `TrainableModel` with a Keras optimizer, and the types of its parts."""

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


def client_dataset(client, num_examples):
  x = (np.arange(num_examples * 2).reshape(-1, 2) % (3 + client)) / 2.0
  y = (np.arange(num_examples).reshape(-1, 1) * (client + 1)) % 2
  return tf.data.Dataset.from_tensor_slices(
      collections.OrderedDict(
          x=x.astype(np.float32), y=y.astype(np.float32))).batch(2)


data = [client_dataset(0, 4), client_dataset(1, 3)]
process = tff.learning.build_federated_averaging_process(
    TrainableLogisticRegression)
sgd_process = tff.learning.build_federated_sgd_process(LogisticRegression)
evaluate = tff.learning.build_federated_evaluation(LogisticRegression)

state = process.initialize()
losses = []
for _ in range(2):
  state, metrics = process.next(state, data)
  losses.append(float(metrics.loss))
sgd_state = sgd_process.initialize()
sgd_state = tff.learning.state_with_new_model_weights(
    sgd_state,
    trainable_weights=[np.asarray(w) for w in state.model.trainable],
    non_trainable_weights=[])
sgd_state, sgd_metrics = sgd_process.next(sgd_state, data)
evaluation = evaluate(sgd_state.model, data)

print(json.dumps({
    'initialize': str(process.initialize.type_signature),
    'next': str(process.next.type_signature),
    'sgd_next': str(sgd_process.next.type_signature),
    'evaluate': str(evaluate.type_signature),
    'losses': losses,
    'sgd_loss': float(sgd_metrics.loss),
    'weights': np.asarray(state.model.trainable.weights).flatten().tolist(),
    'bias': np.asarray(sgd_state.model.trainable.bias).flatten().tolist(),
    'evaluation': [float(evaluation.num_examples), float(evaluation.loss)],
}))
